package app

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"time"

	"freshet/internal/config"
	"freshet/internal/errs"
	"freshet/internal/listen"
)

// secure makes ready what all addresses have in common: TLS, and their bounds.
func (a *App) secure() (err error) {
	c := &a.config
	proxies := c.Networks()
	a.bounds = &listen.Bounds{Total: c.MaxConnections, PerAddress: c.MaxPerAddress, Log: a.log, Exempt: func(ip netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(n netip.Prefix) bool { return n.Contains(ip) })
	}}
	switch {
	case c.TLSCert != "":
		a.tls, err = listen.Files(c.TLSCert, c.TLSKey, a.log)
	case len(c.Autocert) > 0:
		a.tls = listen.Autocert(c.Autocert, c.ACMEDirectory, filepath.Join(c.DataDir, "autocert"), a.log)
	}
	return err
}

// listen opens an address, by TLS where there is any.
func (a *App) listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, errs.E(errs.Unavailable, "cannot-listen", "cannot listen on %s: %s", address, rootCause(err)).WithHint("is another server running? choose another address with --listen").Because(err)
	}
	l = a.bounds.Listener(l)
	if a.tls != nil {
		l = tls.NewListener(l, a.tls)
	}
	return l, nil
}

// maxHeader is what net/http reads of a header at most. The edge refuses what is
// beyond half of it, and says why.
const maxHeader = 128 << 10

// server answers on an address. A header, or a handshake, must be there after 20 s.
func (a *App) server(h http.Handler) *http.Server {
	var only http.Protocols
	only.SetHTTP1(true)
	return &http.Server{Handler: h, Protocols: &only, ReadHeaderTimeout: 20 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: maxHeader, DisableGeneralOptionsHandler: true,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug)}
}

// serveAdmin answers on the admin address, if there is one.
func (a *App) serveAdmin() (*http.Server, error) {
	address := a.config.AdminListen
	server := a.server(a.edge.AdminHandler(!config.IsLoopback(address)))
	if address == "" {
		return server, nil
	}
	l, err := a.listen(address)
	if err != nil {
		return nil, err
	}
	a.log.Info("admin", "address", l.Addr().String())
	go func() {
		if err := server.Serve(l); ignoreClosed(err) != nil {
			a.log.Error("the admin address is gone", "error", err.Error())
		}
	}()
	return server, nil
}
