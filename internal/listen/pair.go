package listen

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"freshet/internal/errs"
)

// lookEvery is how often the files of a certificate are looked at, at most.
const lookEvery = time.Second

// pair is a certificate and its key in files, read again when they change.
//
// They are read at a handshake, rather than upon events of the file system:
// there is nothing to be told between handshakes, a directory that is swapped
// for another by a link (as Kubernetes does) or lies on a network tells nobody,
// and two small files a second cost nothing. What they hold is compared, not
// their times: a file may be looked at while it is half written.
type pair struct {
	certFile, keyFile string
	log               *slog.Logger

	shown   atomic.Pointer[tls.Certificate]
	looking sync.Mutex
	looked  time.Time
	cert    []byte // as they were read last, be they good or not
	key     []byte
	bad     error // what is wrong with these
	fault   error // what was said last
}

// newPair reads them for the first time: without them there is nothing to show.
func newPair(certFile, keyFile string, log *slog.Logger) (*pair, error) {
	p := &pair{certFile: certFile, keyFile: keyFile, log: log}
	if err := p.read(); err != nil {
		return nil, errs.E(errs.Invalid, "bad-certificate", "the certificate cannot be used: %s", err).
			WithHint("--tls-cert is a PEM file of the certificate and those that lead to its authority, --tls-key that of its key")
	}
	return p, nil
}

// get is what a handshake shows. Of many at once one looks, the others do not wait for it.
func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	if p.looking.TryLock() {
		defer p.looking.Unlock()
		if time.Since(p.looked) >= lookEvery {
			before := p.fault
			if p.fault = p.read(); p.fault != nil && (before == nil || before.Error() != p.fault.Error()) {
				p.log.Error("the new certificate cannot be used, the old one is shown", "error", p.fault.Error())
			}
		}
	}
	return p.shown.Load(), nil
}

// read takes over what the files hold if it is new and fits together.
func (p *pair) read() error {
	p.looked = time.Now()
	cert, err := os.ReadFile(p.certFile)
	if err != nil {
		return fmt.Errorf("read --tls-cert: %w", err)
	}
	key, err := os.ReadFile(p.keyFile)
	if err != nil {
		return fmt.Errorf("read --tls-key: %w", err)
	}
	if p.shown.Load() != nil && bytes.Equal(cert, p.cert) && bytes.Equal(key, p.key) {
		return p.bad
	}
	p.cert, p.key = cert, key
	c, err := tls.X509KeyPair(cert, key)
	if p.bad = err; err != nil {
		return err // it says what is wrong, and nothing of what they hold
	}
	p.shown.Store(&c)
	level := slog.LevelInfo
	if time.Now().After(c.Leaf.NotAfter) {
		level = slog.LevelWarn
	}
	p.log.Log(context.Background(), level, "certificate", "names", c.Leaf.DNSNames, "serial", c.Leaf.SerialNumber.Text(16), "expires", c.Leaf.NotAfter.UTC().Format(time.RFC3339))
	return nil
}
