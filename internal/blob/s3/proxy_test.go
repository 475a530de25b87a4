package s3_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"freshet/internal/servers"
)

// proxy stands before a store and does to requests what is planned for them.
type proxy struct {
	server *httptest.Server
	to     *httputil.ReverseProxy
	mu     sync.Mutex
	plan   map[string][]fault // by operation, each used once
	seen   map[string]int
}

// fault is done to a request instead of passing it on, or with the answer.
type fault func(p *proxy, w http.ResponseWriter, r *http.Request)

func startProxy(t *testing.T, server servers.S3) (*proxy, servers.S3) {
	t.Helper()
	target, err := url.Parse(server.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{plan: map[string][]fault{}, seen: map[string]int{}}
	p.to = &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host }, // the host is signed
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	p.server = httptest.NewServer(p)
	t.Cleanup(p.server.Close)
	server.Endpoint = p.server.URL
	return p, server
}

// operation names a request as S3 does.
func operation(r *http.Request) string {
	q := r.URL.Query()
	switch {
	case r.Method == http.MethodPut && q.Has("partNumber") && r.Header.Get("X-Amz-Copy-Source") != "":
		return "UploadPartCopy"
	case r.Method == http.MethodPut && q.Has("partNumber"):
		return "UploadPart"
	case r.Method == http.MethodPut && r.Header.Get("X-Amz-Copy-Source") != "":
		return "CopyObject"
	case r.Method == http.MethodPut:
		return "PutObject"
	case r.Method == http.MethodPost && q.Has("uploads"):
		return "CreateMultipartUpload"
	case r.Method == http.MethodPost && q.Has("uploadId"):
		return "CompleteMultipartUpload"
	case r.Method == http.MethodGet && q.Has("uploadId"):
		return "ListParts"
	case r.Method == http.MethodGet && q.Has("uploads"):
		return "ListMultipartUploads"
	case r.Method == http.MethodGet && q.Has("list-type"):
		return "ListObjectsV2"
	case r.Method == http.MethodGet:
		return "GetObject"
	case r.Method == http.MethodHead:
		return "HeadObject"
	case r.Method == http.MethodDelete && q.Has("uploadId"):
		return "AbortMultipartUpload"
	case r.Method == http.MethodDelete:
		return "DeleteObject"
	}
	return r.Method
}

func (p *proxy) will(op string, f ...fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan[op] = append(p.plan[op], f...)
}

// left is what was planned and has not happened.
func (p *proxy) left() (ops []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for op, f := range p.plan {
		if len(f) > 0 {
			ops = append(ops, op)
		}
	}
	clear(p.plan)
	return ops
}

func (p *proxy) count(op string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen[op]
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op := operation(r)
	p.mu.Lock()
	p.seen[op]++
	f := fault(pass)
	if list := p.plan[op]; len(list) > 0 {
		f, p.plan[op] = list[0], list[1:]
	}
	p.mu.Unlock()
	f(p, w, r)
}

func pass(p *proxy, w http.ResponseWriter, r *http.Request) { p.to.ServeHTTP(w, r) }

// answer answers itself, once the request was read.
func answer(status int, code string) fault {
	return func(_ *proxy, w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			fmt.Fprintf(w, "<?xml version=\"1.0\"?>\n<Error><Code>%s</Code><Message>planned</Message></Error>", code)
		}
	}
}

// refuse answers before it has read anything.
func refuse(p *proxy, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Connection", "close")
	w.WriteHeader(http.StatusServiceUnavailable)
}

// cutRequest closes the connection in the middle of the request.
func cutRequest(_ *proxy, _ http.ResponseWriter, r *http.Request) {
	io.CopyN(io.Discard, r.Body, r.ContentLength/2)
	panic(http.ErrAbortHandler)
}

// dropAnswer has the store take the request, and closes the connection.
func dropAnswer(p *proxy, _ http.ResponseWriter, r *http.Request) {
	p.to.ServeHTTP(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler)
}

// cutAnswer closes the connection in the middle of the answer's body.
func cutAnswer(p *proxy, w http.ResponseWriter, r *http.Request) { halfAnswer(p, w, r, func() {}) }

// stallAnswer gives half of the answer's body, and then nothing.
func stallAnswer(p *proxy, w http.ResponseWriter, r *http.Request) {
	halfAnswer(p, w, r, func() { <-r.Context().Done() })
}

func halfAnswer(p *proxy, w http.ResponseWriter, r *http.Request, then func()) {
	rec := httptest.NewRecorder()
	p.to.ServeHTTP(rec, r)
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", fmt.Sprint(rec.Body.Len()))
	w.WriteHeader(rec.Code)
	w.Write(rec.Body.Bytes()[:rec.Body.Len()/2])
	w.(http.Flusher).Flush()
	then()
	panic(http.ErrAbortHandler)
}

// flip changes the first byte of the payload on its way; before it is its length.
func flip(p *proxy, w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	b[bytes.IndexByte(b, '\n')+1] ^= 1
	r.Body = io.NopCloser(bytes.NewReader(b))
	p.to.ServeHTTP(w, r)
}

// then does something once the store has answered, before the answer goes on.
func then(do func()) fault {
	return func(p *proxy, w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		p.to.ServeHTTP(rec, r)
		do()
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		w.Write(rec.Body.Bytes())
	}
}
