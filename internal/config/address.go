package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"freshet/internal/errs"
)

// checkAddresses refuses what cannot be listened on, and what would carry keys
// and data over a network without TLS.
func (c *Config) checkAddresses() error {
	for flag, addr := range map[string]string{"--listen": c.Listen, "--admin-listen": c.AdminListen} {
		if addr == "" && flag == "--admin-listen" {
			continue
		}
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return bad("%s %q is not HOST:PORT", flag, addr)
		}
	}
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return bad("--tls-cert and --tls-key belong together")
	case c.TLSCert != "" && len(c.Autocert) > 0:
		return bad("certificates come from --tls-cert or from --autocert, not from both")
	case c.MaxConnections < 0 || c.MaxPerAddress < 0:
		return bad("--max-connections and --max-connections-per-address must not be negative")
	}
	for _, host := range c.Autocert {
		if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") || strings.ContainsAny(host, "*:/ ") {
			return bad("--autocert %q is not a host name such as freshet.example.com", host)
		}
	}
	if c.ACMEDirectory != "" {
		if u, err := url.Parse(c.ACMEDirectory); err != nil || u.Scheme != "https" || u.Host == "" {
			return bad("--acme-directory must be an https URL")
		}
	}
	if c.TLS() || len(c.BehindProxy) > 0 {
		return nil
	}
	for flag, addr := range map[string]string{"--listen": c.Listen, "--admin-listen": c.AdminListen} {
		if addr != "" && !IsLoopback(addr) {
			return errs.E(errs.Invalid, "plain-http", "%s %s is beyond this machine, where keys and data would go without TLS", flag, addr).
				WithHint("give --tls-cert FILE --tls-key FILE, or --autocert HOST, or, where a proxy ends TLS, --behind-proxy ITS-ADDRESS; or listen on 127.0.0.1")
		}
	}
	return nil
}

// TLS tells whether the server speaks TLS itself.
func (c *Config) TLS() bool { return c.TLSCert != "" || len(c.Autocert) > 0 }

// IsLoopback tells whether an address to listen on is reached from this machine only.
func IsLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	return loopback(host)
}

// loopback tells whether a host is this machine.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Proxy is the address or network of a proxy. The zero value, written "none",
// holds no address.
type Proxy netip.Prefix

// UnmarshalText reads an address, a network in CIDR notation, or none.
func (p *Proxy) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	if s == "none" {
		return nil
	}
	if a, err := netip.ParseAddr(s); err == nil {
		a = a.Unmap().WithZone("")
		*p = Proxy(netip.PrefixFrom(a, a.BitLen()))
		return nil
	}
	network, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return fmt.Errorf("%q is not an address or network such as 10.0.0.0/8", s)
	case network.Bits() == 0:
		return fmt.Errorf("%q is everybody: name the proxies", s)
	case network.Addr().Is4In6():
		return fmt.Errorf("%q: write it as an IPv4 network", s)
	}
	*p = Proxy(network.Masked())
	return nil
}

// Networks are those of the proxies.
func (c *Config) Networks() (all []netip.Prefix) {
	for _, p := range c.BehindProxy {
		if n := netip.Prefix(p); n.IsValid() {
			all = append(all, n)
		}
	}
	return all
}
