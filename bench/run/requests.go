package main

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"

	"freshet/client"
)

// requests counts what a node asks of the bucket, by a proxy in between, on a node
// of its own, since nothing is said of the proxy's time.
func (r *costRun) requests() error {
	p, err := newCountingProxy(r.st.s3.Endpoint)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- p.ListenAndServe() }()
	through := *r.st
	through.args = slices.Clone(r.st.args)
	through.s3.Endpoint = "http://" + p.addr
	through.args[3] = through.s3.URL(r.st.bucket)
	s, err := r.b.node(&through)
	if err != nil {
		return err
	}
	idle := r.node
	r.node = s
	defer func() { r.node = idle }()
	const n = 20
	p.take()
	err = r.small(r.b.ctx, n, 1, nil)
	r.out.Requests = each(p.take(), nil, n)
	var counts [2]map[string]float64
	var parts [2]float64
	for i, size := range []string{"24MiB", "8MiB"} {
		var file string
		if err == nil {
			file, err = r.b.data("chat", size)
		}
		if err == nil {
			var info os.FileInfo
			info, err = os.Stat(file)
			parts[i] = float64((info.Size()-1)/(8<<20) + 1)
		}
		if err == nil {
			_, _, err = sendParts(s.url, file, client.File{PartSize: 8 << 20}, client.Options{Parallel: 1})
		}
		counts[i] = p.take()
	}
	r.out.RequestsPerPart = each(counts[0], counts[1], parts[0]-parts[1])
	_, stopped := s.stop()
	err = firstOf(err, stopped, p.Close())
	if e := <-served; e != http.ErrServerClosed {
		err = firstOf(err, e)
	}
	return err
}

// each is the difference of two counts for one of n.
func each(a, b map[string]float64, n float64) map[string]float64 {
	out := map[string]float64{}
	for k, v := range a {
		if v -= b[k]; v != 0 {
			out[k] = v / n
		}
	}
	return out
}

// countingProxy passes requests on to a store and counts them by what they ask.
type countingProxy struct {
	*http.Server
	addr  string
	mu    sync.Mutex
	count map[string]float64
}

func newCountingProxy(target string) (*countingProxy, error) {
	u, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	p := &countingProxy{count: map[string]float64{}}
	if p.addr, err = freePort(); err != nil {
		return nil, err
	}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(u)
		r.Out.Host = r.In.Host // it is signed
	}}
	p.Server = &http.Server{Addr: p.addr, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.count[s3Request(r)]++
		p.mu.Unlock()
		pass.ServeHTTP(w, r)
	})}
	return p, nil
}

// take gives the counts since it was called last.
func (p *countingProxy) take() map[string]float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.count
	p.count = map[string]float64{}
	return c
}

// s3Request is the name that S3 has for a request.
func s3Request(r *http.Request) string {
	q := r.URL.Query()
	copies := r.Header.Get("X-Amz-Copy-Source") != ""
	object := strings.Count(strings.Trim(r.URL.Path, "/"), "/") > 0
	switch {
	case r.Method == http.MethodPost && q.Has("uploads"):
		return "CreateMultipartUpload"
	case r.Method == http.MethodPost && q.Has("uploadId"):
		return "CompleteMultipartUpload"
	case r.Method == http.MethodPut && q.Has("partNumber") && copies:
		return "UploadPartCopy"
	case r.Method == http.MethodPut && q.Has("partNumber"):
		return "UploadPart"
	case r.Method == http.MethodPut && copies:
		return "CopyObject"
	case r.Method == http.MethodGet && q.Has("uploadId"):
		return "ListParts"
	case r.Method == http.MethodGet && !object:
		return "ListObjects"
	case r.Method == http.MethodHead && !object:
		return "HeadBucket"
	}
	return map[string]string{http.MethodPut: "PutObject", http.MethodGet: "GetObject", http.MethodHead: "HeadObject", http.MethodDelete: "DeleteObject", http.MethodPost: "DeleteObjects"}[r.Method]
}
