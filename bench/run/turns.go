package main

import (
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
)

// turns gives each request to the next of some servers.
type turns struct {
	url string
	l   net.Listener
}

func newTurns(to ...string) (*turns, error) {
	var targets []*url.URL
	for _, raw := range to {
		u, err := url.Parse(raw)
		if err != nil {
			return nil, err
		}
		targets = append(targets, u)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	var n atomic.Int64
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(targets[int(n.Add(1))%len(targets)]) }, FlushInterval: -1, BufferPool: large{},
		Transport: &http.Transport{WriteBufferSize: 256 << 10, MaxIdleConnsPerHost: 64}}
	go http.Serve(l, proxy)
	return &turns{"http://" + l.Addr().String(), l}, nil
}

func (t *turns) close() { t.l.Close() }

type large struct{}

func (large) Get() []byte { return make([]byte, 256<<10) }
func (large) Put([]byte)  {}
