package httpapi

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"freshet/internal/access"
	"freshet/internal/errs"

	"golang.org/x/time/rate"
)

// buckets bounds how often something may happen by somebody: so many at once, and
// so many a second from then on. Those of lately are kept: of two generations the
// older one is forgotten when the younger is full, so that a bucket lasts longer
// than bucketsKept others, and no look at one costs more for there being many.
type buckets struct {
	rate  rate.Limit
	burst int

	mu       sync.Mutex
	now, was map[string]*rate.Limiter
}

const bucketsKept = 10_000

func newBuckets(r rate.Limit, burst int) *buckets {
	return &buckets{rate: r, burst: burst, now: map[string]*rate.Limiter{}}
}

// of is somebody's bucket.
func (b *buckets) of(who string) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.now[who]
	if l == nil {
		if l = b.was[who]; l == nil {
			l = rate.NewLimiter(b.rate, b.burst)
		}
		if len(b.now) >= bucketsKept {
			b.now, b.was = map[string]*rate.Limiter{}, b.now
		}
		b.now[who] = l
	}
	return l
}

// wait is after how long there is something in a bucket again; 0: there is.
func (b *buckets) wait(who string) time.Duration {
	l := b.of(who)
	if n := l.Tokens(); n < 1 {
		return time.Duration((1 - n) / float64(b.rate) * float64(time.Second))
	}
	return 0
}

// Failed sign-ins: of a source, and by the id of a key. A key is 256 random bits,
// so that this guards the log and the catalog rather than the keys.
const (
	failuresAtOnce = 20
	failureEvery   = 6 * time.Second
)

// failed notes that a sign-in was refused. One too many is told to wait, rather
// than what was wrong. Whoever brings what is good is never kept out by others'
// failures: else who knows a key's id, or is behind the same address, could lock
// its owner out. Nor could a bound before looking guard what is 256 random bits.
func (s *Server) failed(info *requestInfo, secret string, refusal error) error {
	names := failureNames(info, secret)
	for _, who := range names {
		if wait := s.failures.wait(who); wait > 0 {
			return errs.E(errs.TooMany, "too-many-failures", "too many sign-ins failed").After(max(time.Second, wait.Round(time.Second))).
				WithHint("wait, then try again with a key that works")
		}
	}
	for _, who := range names {
		s.failures.of(who).Allow()
	}
	return refusal
}

// failureNames are who pays for a failure.
func failureNames(info *requestInfo, secret string) []string {
	names := []string{"source " + networkOf(info.remote)}
	if id, ok := access.KeyFront(secret); ok {
		names = append(names, "key "+id)
	}
	return names
}

// networkOf is what one client has to itself: an address of IPv4, 64 bits of IPv6.
func networkOf(ip netip.Addr) string {
	if ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

// limit refuses a request of somebody who makes too many.
func (s *Server) limit(info *requestInfo) error {
	if s.requests == nil || info.who == nil {
		return nil
	}
	l := s.requests.of(info.actor)
	if l.Allow() {
		return nil
	}
	return errs.E(errs.TooMany, "too-many-requests", "more than %d requests a second were made by this key", s.Settings.KeyRequests).After(time.Second).
		WithHint("wait as long as Retry-After says; events and ?wait= save polling")
}

// pace is how fast the bytes of a request and its answer may go; nil: as they come.
func (s *Server) pace(info *requestInfo) *rate.Limiter {
	if s.bytes == nil || info.who == nil {
		return nil
	}
	return s.bytes.of(info.actor)
}

// asClientsTakeIt gives refusals for being too many the status that clients of an
// upload protocol try again after: they give up on 429.
func asClientsTakeIt(path string, e *errs.Error) *errs.Error {
	if e.Kind == errs.TooMany && strings.HasPrefix(path, Prefix+"/tus") {
		again := *e
		again.Kind = errs.Unavailable
		return &again
	}
	return e
}
