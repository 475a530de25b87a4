package s3

import (
	"context"
	"net"
	"time"
)

// Copies sets above which size an object is copied in ranges, and how large these are.
func (s *Store) Copies(once, part int64) { s.copyOnce, s.copyPart = once, part }

// Hurry sets how long a request is tried again, and how long a body may stall, and
// has the second try come at once.
func (s *Store) Hurry(patience, stall time.Duration) {
	s.patience, s.stall, s.pause = patience, stall, time.Millisecond
}

// Dial has a test say where connections go that are to an address, or that there
// are none.
func Dial(where func(address string) (string, error)) (restore func()) {
	was := dial
	dial = func(ctx context.Context, d *net.Dialer, network, address string) (net.Conn, error) {
		address, err := where(address)
		if err != nil {
			return nil, err
		}
		return was(ctx, d, network, address)
	}
	return func() { dial = was }
}
