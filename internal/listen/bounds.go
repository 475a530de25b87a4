package listen

import (
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Bounds are how many connections are open at once, so that whoever opens many
// takes neither memory nor places from others. One that is over them is closed
// as it comes: clients try again, and whoever waited for a place instead would
// hold up all who come behind.
type Bounds struct {
	Total      int // 0: no limit
	PerAddress int // the same, of an IPv4 address, or of an IPv6 network of 64 bits, which is what one customer has
	Log        *slog.Logger

	// Exempt tells of addresses that only Total holds for: proxies, from which
	// everybody comes.
	Exempt func(netip.Addr) bool

	mu      sync.Mutex
	open    int
	of      map[netip.Prefix]int
	refused int64
	warned  time.Time
}

// Listener bounds the connections of a listener; several may share the bounds.
func (b *Bounds) Listener(l net.Listener) net.Listener { return &bounded{l, b} }

// Open is how many connections are open, Refused how many were not taken.
func (b *Bounds) Open() (open int, refused int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open, b.refused
}

// warnEvery is how often the log tells of refused connections.
const warnEvery = 10 * time.Second

// take counts a connection in, unless there are enough.
func (b *Bounds) take(from netip.Prefix, exempt bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if (b.Total == 0 || b.open < b.Total) && (exempt || b.PerAddress == 0 || b.of[from] < b.PerAddress) {
		if b.of == nil {
			b.of = map[netip.Prefix]int{}
		}
		b.open++
		b.of[from]++
		return true
	}
	b.refused++
	if time.Since(b.warned) > warnEvery {
		b.warned = time.Now()
		b.Log.Warn("connections are refused", "from", from.Addr().String(), "open", b.open, "of_address", b.of[from], "refused", b.refused)
	}
	return false
}

func (b *Bounds) give(from netip.Prefix) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open--
	if b.of[from]--; b.of[from] == 0 {
		delete(b.of, from)
	}
}

type bounded struct {
	net.Listener
	bounds *Bounds
}

// Accept implements net.Listener.
func (l *bounded) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		tcp := c.(*net.TCPConn)
		addr := c.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
		from := network(addr)
		if !l.bounds.take(from, l.bounds.Exempt(addr)) {
			tcp.SetLinger(0) // nothing was said, and nothing is to be kept of it
			tcp.Close()
			continue
		}
		return &conn{TCPConn: tcp, end: sync.OnceFunc(func() { l.bounds.give(from) })}, nil
	}
}

// network is what counts as one address.
func network(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.WithZone("").Prefix(bits)
	if err != nil {
		panic(err) // an address has so many bits
	}
	return p
}

// conn keeps what a TCP connection can do, sending files among it.
type conn struct {
	*net.TCPConn
	end func()
}

// Close implements net.Conn.
func (c *conn) Close() error {
	err := c.TCPConn.Close()
	c.end()
	return err
}
