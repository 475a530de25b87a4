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
// so many a second from then on.
type buckets struct {
	rate  rate.Limit
	burst int

	mu  sync.Mutex
	all map[string]*rate.Limiter
}

// bucketsKept is from how many on those that are full again are forgotten: they
// are as new ones would be.
const bucketsKept = 10_000

func newBuckets(r rate.Limit, burst int) *buckets {
	return &buckets{rate: r, burst: burst, all: map[string]*rate.Limiter{}}
}

// of is somebody's bucket.
func (b *buckets) of(who string) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.all[who]
	if l == nil {
		if len(b.all) >= bucketsKept {
			b.forget()
		}
		l = rate.NewLimiter(b.rate, b.burst)
		b.all[who] = l
	}
	return l
}

func (b *buckets) forget() {
	for who, l := range b.all {
		if l.Tokens() >= float64(b.burst) {
			delete(b.all, who)
		}
	}
	for who := range b.all { // as many attack at once: some of them begin anew
		if len(b.all) < bucketsKept {
			return
		}
		delete(b.all, who)
	}
}

// empty tells whether nothing is left in a bucket, and after how long there is again.
func (b *buckets) empty(who string) (time.Duration, bool) {
	b.mu.Lock()
	l := b.all[who]
	b.mu.Unlock()
	if l == nil || l.Tokens() >= 1 {
		return 0, false
	}
	return time.Duration((1 - l.Tokens()) / float64(b.rate) * float64(time.Second)), true
}

// Failed sign-ins: of a source, and by the id of a key. A key is 256 random bits,
// so that this guards the log and the catalog rather than the keys.
const (
	failuresAtOnce = 20
	failureEvery   = 6 * time.Second
)

// throttled refuses a source of which too many sign-ins failed, without looking at
// what it brings. It keeps nobody out who was let in by the same secret lately; nor
// whoever brings a key that is whole, since of these there are too many to try:
// else who knows a key's id, or is behind the same address, could lock it out.
func (s *Server) throttled(info *requestInfo, secret, as string) error {
	if _, whole := access.KeyID(secret); whole || s.admissions.knows(as) {
		return nil
	}
	return s.tooMany(info, secret)
}

func (s *Server) tooMany(info *requestInfo, secret string) error {
	for _, who := range failureNames(info, secret) {
		if wait, yes := s.failures.empty(who); yes {
			return errs.E(errs.TooMany, "too-many-failures", "too many sign-ins failed").After(max(time.Second, wait.Round(time.Second))).
				WithHint("wait, then try again with a key that works")
		}
	}
	return nil
}

// failed notes that a sign-in was refused. One too many is told to wait, rather
// than what was wrong.
func (s *Server) failed(info *requestInfo, secret string, refusal error) error {
	if err := s.tooMany(info, secret); err != nil {
		return err
	}
	for _, who := range failureNames(info, secret) {
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

// knows tells whether somebody was let in lately.
func (a *admissions) knows(as string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	was, ok := a.known[as]
	return ok && time.Since(was.at) < rememberedFor
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
