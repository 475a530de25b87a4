// Package live knows what this process is busy with: the uploads that arrive
// and the files that are checked, with figures and findings that the catalog
// will have only later.
package live

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"freshet/api"
	"freshet/internal/validate"
)

// Live is an upload, or a check, that this process is busy with: what progress
// tells while the catalog only knows that it began.
type Live struct {
	FileID  string
	Total   atomic.Int64 // bytes expected, 0 if that is not known
	Started time.Time
	// Checking: the bytes are stored already and are checked again.
	Checking bool
	// Elsewhere: another node is busy with it; there are figures but no findings.
	Elsewhere bool

	Received atomic.Int64 // bytes that came from the client
	Stored   atomic.Int64 // bytes that are on the disk
	Safe     atomic.Int64 // bytes that are acknowledged, of an upload that can be resumed

	requests  int // guarded by Board.mu
	resumable bool

	mu     sync.Mutex
	base   validate.Tally // of what is saved
	runs   []*Run
	front  *Run        // what a check in stretches has merged so far; its figures are theirs
	report *api.Report // once the file is being finished
}

// Run is one stretch of the file whose records are being looked at.
type Run struct {
	live    *Live
	whole   bool           // it is all of the file, so that its lines are the file's
	before  validate.Tally // what the segment had found when it was resumed: it is in the base
	mu      sync.Mutex     // held while bytes are checked
	segment *validate.Segment
}

// Run begins a stretch, or all of the file.
func (l *Live) Run(whole bool) *Run {
	r := &Run{live: l, whole: whole}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.runs = append(l.runs, r)
	return r
}

// Resume goes on with a segment whose figures until now are in the base.
func (r *Run) Resume(s *validate.Segment) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.before = s.Tally()
}

// Check has more bytes checked by f, and shows what its segment found from then on.
func (r *Run) Check(f func() (*validate.Segment, error)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	r.segment, err = f()
	return err
}

// Fold keeps the figures of the segment, which is done.
func (r *Run) Fold() { r.live.add(r.take()) }

// End takes the stretch away, and what it found with it unless that was folded.
func (r *Run) End() {
	r.take()
	r.live.mu.Lock()
	defer r.live.mu.Unlock()
	r.live.runs = slices.DeleteFunc(r.live.runs, func(o *Run) bool { return o == r })
}

// take ends the segment and gives its figures.
func (r *Run) take() validate.Tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.segment == nil {
		return validate.Tally{}
	}
	t := r.segment.Tally().Minus(r.before)
	r.segment, r.before = nil, validate.Tally{}
	return t
}

func (r *Run) tally() validate.Tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.segment == nil {
		return validate.Tally{}
	}
	return r.segment.Tally().Minus(r.before)
}

// OfFile is what the checks found so far in all of the file.
func (r *Run) OfFile() validate.Tally { return r.live.Tally() }

func (l *Live) add(t validate.Tally) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.base = l.base.Plus(t)
}

func (l *Live) running() []*Run {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.runs)
}

// Tally is what the checks found so far.
func (l *Live) Tally() validate.Tally {
	var t validate.Tally
	for _, r := range l.running() {
		t = t.Plus(r.tally())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.base.Plus(t)
}

// Report is the provisional report of a file that is read from its front by one
// stretch, nil before its first bytes were checked.
func (l *Live) Report() (*api.Report, error) {
	if r := l.reported(); r != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.segment != nil {
			return r.segment.Provisional()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.report, nil
}

// Each gives f every segment that is being checked, one after the other; none
// is written to meanwhile.
func (l *Live) Each(f func(*validate.Segment) error) error {
	for _, r := range l.running() {
		if err := r.look(f); err != nil {
			return err
		}
	}
	return nil
}

func (r *Run) look(f func(*validate.Segment) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.segment == nil {
		return nil
	}
	return f(r.segment)
}

// reported is the stretch whose lines are the file's, or nil.
func (l *Live) reported() *Run {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.front == nil && len(l.runs) == 1 && l.runs[0].whole {
		return l.runs[0]
	}
	return l.front
}

// Freeze keeps figures and report as they are: the file is about to be finished.
func (l *Live) Freeze() error {
	report, err := l.Report()
	if err != nil {
		return err
	}
	for _, r := range l.running() {
		r.Fold()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.report = report
	return nil
}

// CheckAll has a stream check a file at rest, and tells how many bytes that was.
func (l *Live) CheckAll(ctx context.Context, st *validate.Stream, file validate.AtRest) (int64, error) {
	front := &Run{live: l}
	l.mu.Lock()
	l.front = front
	l.mu.Unlock()
	n, err := st.CheckAll(ctx, file, front, func() validate.Watch { return l.Run(false) })
	if err == nil {
		err = l.Freeze()
	}
	front.take() // who closes the stream comes next
	return n, err
}

// Share of progress that receiving has; checking and promoting have the rest.
const receiving = 95

// Received is the progress of a file of which so many bytes are here.
func Received(bytes, total int64) float64 {
	if total <= 0 {
		return 0
	}
	return receiving * min(1, float64(bytes)/float64(total))
}

// Progress is how far the file is, from 0 to 99; fresh files have 100. It never
// falls: of an upload that can be resumed only what is acknowledged counts.
func (l *Live) Progress() float64 {
	total := l.Total.Load()
	switch {
	case total <= 0:
		return 0
	case l.Checking:
		return receiving + (99-receiving)*min(1, float64(l.Tally().Bytes)/float64(total))
	case l.resumable:
		return Received(l.Safe.Load(), total)
	}
	return Received(l.Received.Load(), total)
}
