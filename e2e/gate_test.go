package e2e_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"testing"
)

// gate is a connection to the server that stops in the middle: it lets so many
// bytes of uploads through, and holds what follows until it is cut.
type gate struct {
	*httptest.Server
	mu      sync.Mutex
	created int
	upload  string // the path of the last one that bytes were sent to
	offset  int64  // of the first bytes sent since it was asked
	passed  int64  // bytes of uploads, likewise
	left    int64  // that pass before it holds; below 0: all
	held    chan struct{}
	cut     context.CancelFunc
	end     context.Context
}

func newGate(t *testing.T, s *server, bytes int64) *gate {
	t.Helper()
	g := &gate{left: bytes, offset: -1, held: make(chan struct{})}
	g.end, g.cut = context.WithCancel(t.Context())
	to := &url.URL{Scheme: "http", Host: s.addr}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, ErrorLog: log.New(io.Discard, "", 0)}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.note(r)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(g.Close)
	t.Cleanup(g.cut)
	return g
}

func (g *gate) note(r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch r.Method {
	case http.MethodPost:
		g.created++
	case http.MethodPatch:
		g.upload = r.URL.Path
		if at, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64); err == nil && g.offset < 0 {
			g.offset = at
		}
		r.Body = &gated{r.Body, g}
	}
}

// since gives what was noted since it was asked the last time.
func (g *gate) since() (upload string, created int, offset, passed int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	upload, created, offset, passed = g.upload, g.created, g.offset, g.passed
	g.created, g.offset, g.passed = 0, -1, 0
	return
}

// gated is a body on its way through a gate.
type gated struct {
	io.ReadCloser
	gate *gate
}

func (b *gated) Read(p []byte) (int, error) {
	g := b.gate
	g.mu.Lock()
	if g.left == 0 {
		g.left = -1
		g.mu.Unlock()
		close(g.held)
		<-g.end.Done()
		return 0, errors.New("the connection was cut")
	}
	if g.left > 0 && int64(len(p)) > g.left {
		p = p[:g.left]
	}
	g.mu.Unlock()
	n, err := b.ReadCloser.Read(p)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.passed += int64(n)
	if g.left > 0 {
		g.left -= int64(n)
	}
	return n, err
}
