// Package live knows what this process is busy with: the uploads that arrive
// and the files that are checked, with figures and findings that the catalog
// will have only at the end.
package live

import (
	"context"
	"io"
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
	Total   int64 // bytes expected, 0 if that is not known
	Started time.Time
	// Checking: the bytes are stored already and are checked again.
	Checking bool

	Received atomic.Int64 // bytes that came from the client
	Stored   atomic.Int64 // bytes that are on the disk

	mu      sync.Mutex // held while bytes are checked
	segment *validate.Segment
	tally   validate.Tally
	report  *api.Report // once the stream is being finished
}

// Tally is what the checks found so far.
func (l *Live) Tally() validate.Tally {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.segment != nil {
		l.tally = l.segment.Tally()
	}
	return l.tally
}

// Report is the provisional report, nil before the first bytes were checked.
func (l *Live) Report() (*api.Report, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.segment == nil {
		return l.report, nil
	}
	return l.segment.Provisional()
}

// Check has a stream check the next bytes, and shows its findings from then on.
func (l *Live) Check(st *validate.Stream, p []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := st.Write(p)
	l.segment = st.Segment()
	return err
}

// Freeze keeps figures and report as they are: the stream is about to be finished.
func (l *Live) Freeze() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.segment == nil {
		return nil
	}
	var err error
	l.tally = l.segment.Tally()
	l.report, err = l.segment.Provisional()
	l.segment = nil
	return err
}

// Feed has a stream check all that r gives, or what is needed of it, and tells how many bytes that was.
func (l *Live) Feed(ctx context.Context, st *validate.Stream, r io.Reader) (int64, error) {
	n, err := st.Feed(ctx, r, func(p []byte) error { return l.Check(st, p) })
	if err != nil {
		return n, err
	}
	return n, l.Freeze()
}

// Share of progress that receiving has; checking and promoting have the rest.
const receiving = 95

// Progress is how far the file is, from 0 to 99; fresh files have 100.
func (l *Live) Progress() float64 {
	if l.Total <= 0 {
		return 0
	}
	p := receiving * min(1, float64(l.Received.Load())/float64(l.Total))
	if l.Checking {
		p = receiving + (99-receiving)*min(1, float64(l.Tally().Bytes)/float64(l.Total))
	}
	return p
}

// Board knows what is live.
type Board struct {
	mu   sync.Mutex
	live map[string]*Live
}

// NewBoard makes an empty board.
func NewBoard() *Board { return &Board{live: map[string]*Live{}} }

// Start puts a file that arrives on the board.
func (b *Board) Start(fileID string, total int64) *Live {
	return b.put(&Live{FileID: fileID, Total: total, Started: time.Now()})
}

// StartCheck puts a stored file that is checked on the board.
func (b *Board) StartCheck(fileID string, size int64) *Live {
	l := &Live{FileID: fileID, Total: size, Started: time.Now(), Checking: true}
	l.Received.Store(size)
	l.Stored.Store(size)
	return b.put(l)
}

func (b *Board) put(l *Live) *Live {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.live[l.FileID] = l
	return l
}

// End takes it off, unless another took its place.
func (b *Board) End(l *Live) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.live[l.FileID] == l {
		delete(b.live, l.FileID)
	}
}

// Get is the live entry of a file, or nil.
func (b *Board) Get(fileID string) *Live {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.live[fileID]
}

// All is what is live now.
func (b *Board) All() []*Live {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]*Live, 0, len(b.live))
	for _, l := range b.live {
		out = append(out, l)
	}
	return out
}
