// Package listen opens the addresses that the server answers at: how they are
// secured, and how many connections they take.
package listen

import (
	"crypto/tls"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// Files is TLS by a certificate in PEM files, which may change while the server
// runs. It is an error if they are of no use at the start.
func Files(certFile, keyFile string, log *slog.Logger) (*tls.Config, error) {
	p, err := newPair(certFile, keyFile, log)
	if err != nil {
		return nil, err
	}
	c := settings()
	c.GetCertificate = p.get
	return c, nil
}

// Autocert is TLS by certificates for host names that are got, and renewed, from
// an authority that speaks ACME. It proves a name by a handshake at port 443
// (TLS-ALPN-01), which must lead to this server. directory is the authority's
// URL, empty for Let's Encrypt; cache is a directory for keys and certificates.
func Autocert(hosts []string, directory, cache string, log *slog.Logger) *tls.Config {
	m := &autocert.Manager{Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(cache), HostPolicy: autocert.HostWhitelist(hosts...)}
	if directory != "" {
		m.Client = &acme.Client{DirectoryURL: directory}
	}
	c := settings()
	var told sayOnce
	c.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		cert, err := m.GetCertificate(hello)
		if err != nil && slices.Contains(hosts, hello.ServerName) { // others are strangers' own fault
			told.say(err.Error(), func() { log.Error("no certificate", "name", hello.ServerName, "error", err.Error()) })
		}
		return cert, err
	}
	c.NextProtos = append(c.NextProtos, acme.ALPNProto)
	return c
}

// sayEvery is how often the log tells of the same fault.
const sayEvery = time.Minute

// sayOnce keeps what clients can cause again and again from filling the log.
type sayOnce struct {
	mu   sync.Mutex
	last string
	at   time.Time
}

func (o *sayOnce) say(what string, log func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if what != o.last || time.Since(o.at) > sayEvery {
		o.last, o.at = what, time.Now()
		log()
	}
}

// settings are those of every address. HTTP/1.1 alone is offered: over HTTP/2
// the parts of an upload share one connection, its windows and its frames, and
// are slower for it. Of TLS 1.2 only what has forward secrecy and seals: what
// Go's own default has beside these is there for clients of long ago.
func settings() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
	}
}
