package catalog_test

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"testing"
)

// proxy stands between a store and Postgres, and does what networks do.
type proxy struct {
	target string
	mu     sync.Mutex
	conns  []net.Conn
	// eat has an answer to COMMIT dropped, and the connection with it.
	eat bool
	// swallow has nothing pass any more, and nobody told.
	swallow bool
}

// through gives the URL of a database by way of a proxy.
func through(t *testing.T, address string) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{target: u.Host}
	u.Host = l.Addr().String()
	t.Cleanup(func() {
		l.Close()
		p.cut()
	})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p, u.String()
}

func (p *proxy) set(eat, swallow bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.eat, p.swallow = eat, swallow
}

// cut breaks all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

func (p *proxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		client.Close()
		return
	}
	p.mu.Lock()
	p.conns = append(p.conns, client, server)
	p.mu.Unlock()
	defer client.Close()
	defer server.Close()
	var mu sync.Mutex
	committing := false
	go func() {
		pipe(client, server, func(b []byte) (keep bool) {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.eat && bytes.Contains(bytes.ToLower(b), []byte("commit")) {
				mu.Lock()
				committing = true
				mu.Unlock()
			}
			return !p.swallow
		})
		server.Close()
	}()
	pipe(server, client, func([]byte) bool {
		mu.Lock()
		defer mu.Unlock()
		if committing { // it is done by now
			client.Close()
			return false
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		return !p.swallow
	})
}

func pipe(from, to net.Conn, look func([]byte) (keep bool)) {
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if n > 0 && look(b[:n]) {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
