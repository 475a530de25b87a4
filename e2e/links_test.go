package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// link is a connection between the nodes and a store, with faults on demand.
type link struct {
	t     *testing.T
	proxy *toxiproxy.Proxy
	toxic bool
}

// newLink leads to an address.
func newLink(t *testing.T, name, to string) *link {
	t.Helper()
	l := &link{t: t, proxy: toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop()), name, "127.0.0.1:0", to)}
	if err := l.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.proxy.Stop)
	return l
}

// through is a URL with the link in the place of its host.
func (l *link) through(raw string) string {
	l.t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		l.t.Fatal(err)
	}
	u.Host = l.proxy.Listen
	return u.String()
}

// ail gives the link a fault, such as {"type":"latency","attributes":{"latency":500}}.
func (l *link) ail(toxic string) {
	l.t.Helper()
	l.heal()
	if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		l.t.Fatal(err)
	}
	l.toxic = true
}

// refuse has nobody listen; what is open is cut.
func (l *link) refuse() { l.proxy.Stop() }

// heal takes all faults away.
func (l *link) heal() {
	l.t.Helper()
	if l.toxic {
		l.proxy.Toxics.ResetToxics(context.Background())
		l.toxic = false
	}
	if !l.proxy.Enabled {
		if err := l.proxy.Start(); err != nil {
			l.t.Fatal(err)
		}
	}
}

// crossing passes HTTP requests on, and answers as told where they say so.
type crossing struct {
	*httptest.Server
	mu   sync.Mutex
	rule func(r *http.Request) fault
	hits atomic.Int64 // requests that met a fault
}

// fault is what happens to one request.
type fault int

const (
	none     fault = 0
	unheard  fault = 1 // it takes effect, and its answer is lost
	refused5 fault = http.StatusInternalServerError
	slowDown fault = http.StatusServiceUnavailable
)

func newCrossing(t *testing.T, to string) *crossing {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	c := &crossing{}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
		r.Out.Host = r.In.Host // it is signed
	}, FlushInterval: -1}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		rule := c.rule
		c.mu.Unlock()
		f := none
		if rule != nil {
			f = rule(r)
		}
		if f != none {
			c.hits.Add(1)
		}
		switch f {
		case none:
			proxy.ServeHTTP(w, r)
		case unheard:
			proxy.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		default:
			code := map[fault]string{refused5: "InternalError", slowDown: "SlowDown"}[f]
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(int(f))
			fmt.Fprintf(w, "<Error><Code>%s</Code><Message>not now</Message></Error>", code)
		}
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *crossing) set(rule func(*http.Request) fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rule = rule
}
