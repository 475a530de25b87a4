package scan

import (
	"context"
	"errors"
	"io"
	"strings"
)

// Window is how many bytes clamd is given at once: within its limits, as the
// probe proves. Overlap is how many of them the next window begins with again,
// so that what lies across the edge is whole in one of them.
const (
	Window  = 64 << 20
	Overlap = 64 << 10
)

// limitsExceeded begins the names under which clamd reports that it did not look
// at everything (AlertExceedsMax).
const limitsExceeded = "Heuristics.Limits.Exceeded"

// windows has all that r gives looked at, and stops at what is found first.
// Unless strict, that clamd could not look at everything is no find: the bytes
// are those of a compressed file, whose content is looked at by itself.
func (c *Client) windows(ctx context.Context, r io.Reader, strict bool) (found string, bytes int64, err error) {
	s := &slider{r: r}
	for more := true; more; {
		found, err = c.window(ctx, s.fill)
		if s.failed != nil {
			return "", s.total, s.failed
		}
		if !strict && strings.HasPrefix(found, limitsExceeded) {
			found = ""
			if err = s.skip(); err != nil { // clamd may have said so before it had all
				return "", s.total, err
			}
		}
		if err != nil || found != "" {
			return found, s.total, err
		}
		if more, err = s.more(); err != nil {
			return "", s.total, err
		}
	}
	return "", s.total, nil
}

// slider cuts a stream into windows.
type slider struct {
	r      io.Reader
	total  int64 // bytes that r gave
	left   int   // of the window at hand
	tail   []byte
	next   []byte // read ahead
	failed error  // of r
	over   bool
	buf    []byte
}

// fill writes a window: the end of the one before, and what follows.
func (s *slider) fill(w io.Writer) error {
	s.left = Window - len(s.tail)
	if _, err := w.Write(s.tail); err != nil {
		return err
	}
	return s.pass(w)
}

// skip passes over what is left of a window that was not taken whole.
func (s *slider) skip() error { return s.pass(io.Discard) }

func (s *slider) pass(w io.Writer) error {
	for s.left > 0 {
		p, err := s.read(s.left)
		if err != nil || len(p) == 0 {
			return err
		}
		s.left -= len(p)
		s.keep(p)
		if _, err := w.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// read gives up to n bytes, none at the end.
func (s *slider) read(n int) ([]byte, error) {
	if len(s.next) == 0 && !s.over {
		if s.buf == nil {
			s.buf = make([]byte, pieceSize)
		}
		k, err := io.ReadFull(s.r, s.buf)
		s.total += int64(k)
		s.next = s.buf[:k]
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			s.over = true
		case err != nil:
			s.failed = err
			return nil, err
		}
	}
	p := s.next[:min(n, len(s.next))]
	s.next = s.next[len(p):]
	return p, nil
}

// keep remembers the last bytes of the window.
func (s *slider) keep(p []byte) {
	if len(p) >= Overlap {
		s.tail = append(s.tail[:0], p[len(p)-Overlap:]...)
		return
	}
	s.tail = append(s.tail, p...)
	if n := len(s.tail) - Overlap; n > 0 {
		s.tail = s.tail[:copy(s.tail, s.tail[n:])]
	}
}

// more tells whether anything follows the window.
func (s *slider) more() (bool, error) {
	if len(s.next) > 0 {
		return true, nil
	}
	p, err := s.read(pieceSize)
	s.next = p
	return len(p) > 0, err
}
