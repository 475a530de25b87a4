package httpapi

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// client tells from which address a request comes, and whether it left there by
// TLS. What the header says of it is believed only of the proxies that the
// server was told of: anybody can write a header. The address is the zero one
// where the connection has none.
//
// A proxy appends what it sees to what it was told, so the list is read from its
// end, from one known proxy to the next: the first that is none is the client,
// and what is before it is what the client claims.
func (s *Server) client(r *http.Request) (addr netip.Addr, secure bool) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, r.TLS != nil
	}
	addr, proto := origin(r.Header, peer.Addr().Unmap().WithZone(""), s.isProxy)
	if proto == "" {
		return addr, r.TLS != nil
	}
	return addr, strings.EqualFold(proto, "https")
}

func (s *Server) isProxy(a netip.Addr) bool {
	return slices.ContainsFunc(s.Settings.Proxies, func(n netip.Prefix) bool { return n.Contains(a) })
}

// hop is what a proxy says of who asked it.
type hop struct{ from, proto string }

// origin follows the hops back from the peer to the first that is no proxy. proto
// is empty where nobody who is believed told of it.
func origin(h http.Header, peer netip.Addr, isProxy func(netip.Addr) bool) (at netip.Addr, proto string) {
	at = peer
	hops := hopsOf(h)
	for i := len(hops) - 1; i >= 0 && isProxy(at); i-- {
		if hops[i].proto != "" {
			proto = hops[i].proto
		}
		from, ok := node(hops[i].from)
		if !ok {
			break // what is before it was said by nobody that is known
		}
		at = from
	}
	return at, proto
}

// hopsOf reads X-Forwarded-For and X-Forwarded-Proto, which are what proxies
// write. Forwarded counts where neither is there: a proxy that does not know it
// passes on what its client wrote.
func hopsOf(h http.Header) (hops []hop) {
	addrs, protos := list(h.Values("X-Forwarded-For")), list(h.Values("X-Forwarded-Proto"))
	if len(addrs)+len(protos) > 0 {
		for _, a := range addrs {
			hops = append(hops, hop{from: a})
		}
		switch {
		case len(hops) == 0:
			hops = []hop{{}}
			fallthrough
		case len(protos) != len(hops): // only the last was surely said by the proxy next to us
			if len(protos) > 0 {
				hops[len(hops)-1].proto = protos[len(protos)-1]
			}
		default:
			for i := range hops {
				hops[i].proto = protos[i]
			}
		}
		return hops
	}
	for _, element := range quoted(strings.Join(h.Values("Forwarded"), ", "), ',') {
		var o hop
		for _, pair := range quoted(element, ';') {
			name, value, _ := strings.Cut(pair, "=")
			switch value = unquote(value); strings.ToLower(name) {
			case "for":
				o.from = value
			case "proto":
				o.proto = value
			}
		}
		hops = append(hops, o)
	}
	return hops
}

// list splits header values at commas, and quoted splits one at a separator that
// is outside quotes. Both keep to the end: what a proxy appended is whole
// whatever its client wrote before, a quote that is never closed among it.
func list(values []string) (items []string) {
	for _, v := range values {
		for item := range strings.SplitSeq(v, ",") {
			if item = strings.Trim(item, " \t"); item != "" {
				items = append(items, item)
			}
		}
	}
	return items
}

func quoted(v string, sep byte) (items []string) {
	end, inside := len(v), false
	for i := len(v) - 1; i >= -1; i-- {
		switch {
		case i == -1 || v[i] == sep && !inside:
			if item := strings.Trim(v[i+1:end], " \t"); item != "" {
				items = append(items, item)
			}
			end = i
		case v[i] == '"':
			inside = !inside
		}
	}
	slices.Reverse(items)
	return items
}

// unquote takes the quotes off. Nothing that counts here needs an escape.
func unquote(v string) string {
	if len(v) >= 2 && v[0] == '"' && v[len(v)-1] == '"' {
		return v[1 : len(v)-1]
	}
	return v
}

// node reads an address with or without a port; an IPv6 one may be in brackets.
func node(v string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(v, "["), "]"))
	if err != nil {
		ap, e := netip.ParseAddrPort(v)
		if e != nil {
			return netip.Addr{}, false
		}
		a = ap.Addr()
	}
	return a.Unmap().WithZone(""), true
}

// forwarded tells whether a proxy passed a request on, or says so: whoever it is
// from, it is not surely from this machine.
func forwarded(r *http.Request) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return true
		}
	}
	return false
}
