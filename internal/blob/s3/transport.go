package s3

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// stallTime is how long a store may take no byte of a request, or give none of
// an answer's body.
const stallTime = 30 * time.Second

// transport is shared by all requests: HTTP/1.1, whose connections do not hold
// each other up. A CA of one's own is added to those of the system.
func transport(caFile string) (*http.Transport, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		b, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("read the CA of the storage: %w", err)
		}
		if config.RootCAs, err = x509.SystemCertPool(); err != nil {
			config.RootCAs = x509.NewCertPool()
		}
		if !config.RootCAs.AppendCertsFromPEM(b) {
			return nil, bad("ca-file has no certificate")
		}
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Transport{
		Proxy:           http.ProxyFromEnvironment,
		TLSClientConfig: config,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := dial(ctx, dialer, network, address)
			if tcp, ok := c.(*net.TCPConn); ok {
				return &conn{TCPConn: tcp}, nil
			}
			return c, err
		},
		// not as long as stores keep them: what comes once must not go into one that is being closed
		MaxIdleConns: 512, MaxIdleConnsPerHost: 256, IdleConnTimeout: 10 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: time.Minute,
		DisableCompression: true,
	}, nil
}

var dial = func(ctx context.Context, d *net.Dialer, network, address string) (net.Conn, error) {
	return d.DialContext(ctx, network, address)
}

// conn gives up a store that takes no more bytes, long before TCP does, and
// hands them over in large pieces.
type conn struct{ *net.TCPConn }

// Write implements net.Conn.
func (c *conn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(stallTime)); err != nil {
		return 0, err
	}
	return c.TCPConn.Write(p)
}

// ReadFrom implements io.ReaderFrom.
func (c *conn) ReadFrom(r io.Reader) (total int64, err error) {
	b := buffers.Get().(*[]byte)
	defer buffers.Put(b)
	for {
		n, readErr := r.Read(*b)
		if n > 0 {
			m, err := c.Write((*b)[:n])
			total += int64(m)
			if err != nil {
				return total, err
			}
		}
		if readErr == io.EOF {
			return total, nil
		}
		if readErr != nil {
			return total, readErr
		}
	}
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}
