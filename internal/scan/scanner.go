package scan

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"
)

// Times of the watch over the scanner.
const (
	firstWait = time.Second // until it is tried again where it is down, twice as long each time,
	mostWait  = 30 * time.Second
	trustFor  = 10 * time.Minute // how long a probe is proof: clamd may be started anew with other limits
	probeWait = 3 * time.Second  // how long a scan waits for a probe
)

// Scanner is a clamd that is watched: what it says counts only while it is up
// and a probe proved it.
type Scanner struct {
	client Client
	log    *slog.Logger
	again  chan struct{} // it is to be tried at once

	mu      sync.Mutex
	state   State
	tried   chan struct{} // closed once it is known how it is
	suspect bool          // a scan failed, and it is not proved anew yet
	was     bool          // it was up when a probe told last
	up      func()
}

// State is how the scanner is.
type State struct {
	Up      bool
	Version string    // as clamd tells it, with that of its signatures
	Reason  string    // why it is not up
	Hint    string    // and what to do
	Since   time.Time // it is as it is
}

// New is the scanner of a client, which Run watches.
func New(c *Client, log *slog.Logger) *Scanner {
	return &Scanner{client: *c, log: log, again: make(chan struct{}, 1), tried: make(chan struct{}),
		state: State{Reason: "the scanner was not tried yet", Hint: hintUnreachable, Since: time.Now()}}
}

// OnUp has f called each time the scanner comes up, also at first. It is set before Run.
func (s *Scanner) OnUp(f func()) { s.up = f }

// State tells how the scanner is.
func (s *Scanner) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// Run watches the scanner until ctx ends: it is proved at start, when a scan
// failed, and every while. Where it is down it is tried again and again, since
// nothing tells when it comes.
func (s *Scanner) Run(ctx context.Context) {
	wait := firstWait
	for ctx.Err() == nil {
		version, err := s.prove(ctx)
		if ctx.Err() != nil {
			return
		}
		s.note(version, err)
		next := trustFor
		if err != nil {
			next, wait = wait, min(2*wait, mostWait)
		} else {
			wait = firstWait
		}
		timer := time.NewTimer(next)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-s.again:
		}
		timer.Stop()
	}
}

func (s *Scanner) prove(ctx context.Context) (version string, err error) {
	if version, err = s.client.Version(ctx); err == nil {
		err = s.client.probe(ctx)
	}
	return version, err
}

// note states what a probe told, and has those told that wait for it.
func (s *Scanner) note(version string, err error) {
	s.mu.Lock()
	was, wasUp := s.state, s.was
	now := State{Up: err == nil, Version: version, Since: was.Since}
	if err != nil {
		now.Reason, now.Hint = reason(err)
	}
	if now.Up != was.Up || now.Reason != was.Reason {
		now.Since = time.Now()
	}
	s.state, s.was, s.suspect = now, now.Up, false
	select {
	case <-s.tried:
	default:
		close(s.tried)
	}
	s.mu.Unlock()
	switch {
	case now.Up && !wasUp: // not where one scan alone had failed: that file is tried again by itself
		s.log.Info("the scanner is up", "version", version)
		if s.up != nil {
			s.up()
		}
	case !now.Up && now.Reason != was.Reason:
		s.log.Warn("the scanner is not used", "error", err.Error(), "hint", now.Hint)
	}
}

func reason(err error) (string, string) {
	var d *Down
	if errors.As(err, &d) {
		return d.Reason, d.Hint
	}
	return "the scanner cannot be used", hintUnreachable
}

// Result is what a scan came to.
type Result struct {
	Found   string // the signature's name; empty: nothing
	Version string
	Bytes   int64
}

// Scan has all that r gives looked at. A *Down says that the scanner cannot be
// used now; it comes back by itself. Another error is that of r.
func (s *Scanner) Scan(ctx context.Context, r io.Reader) (Result, error) { return s.scan(ctx, r, true) }

// ScanPacked is Scan for the bytes of a compressed file, whose content is scanned
// by itself: that clamd did not unpack all of it is no find.
func (s *Scanner) ScanPacked(ctx context.Context, r io.Reader) (Result, error) {
	return s.scan(ctx, r, false)
}

func (s *Scanner) scan(ctx context.Context, r io.Reader, strict bool) (Result, error) {
	state, err := s.trusted(ctx)
	if err != nil {
		return Result{}, err
	}
	found, n, err := s.client.windows(ctx, r, strict)
	var d *Down
	switch {
	case err != nil && ctx.Err() != nil: // nobody wants it any more
		err = context.Cause(ctx)
	case errors.As(err, &d):
		s.lost(err)
	}
	return Result{found, state.Version, n}, err
}

// trusted is the state of a scanner that is up.
func (s *Scanner) trusted(ctx context.Context) (State, error) {
	timer := time.NewTimer(probeWait)
	defer timer.Stop()
	s.mu.Lock()
	tried := s.tried
	s.mu.Unlock()
	select {
	case <-tried:
	case <-timer.C:
	case <-ctx.Done():
		return State{}, context.Cause(ctx)
	}
	state := s.State()
	if !state.Up {
		return state, &Down{state.Reason, state.Hint, nil}
	}
	return state, nil
}

// lost has the scanner proved anew, since a scan failed.
func (s *Scanner) lost(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.suspect || !s.state.Up {
		return
	}
	s.suspect, s.tried = true, make(chan struct{})
	s.state = State{Since: time.Now()}
	s.state.Reason, s.state.Hint = reason(err)
	s.log.Warn("a scan failed; the scanner is tried anew", "error", err.Error())
	select {
	case s.again <- struct{}{}:
	default:
	}
}
