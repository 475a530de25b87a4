package upload

import (
	"context"
	"sync"
	"time"

	"freshet/internal/durable"
	"freshet/internal/errs"

	"golang.org/x/sync/semaphore"
)

// Budget is the memory that all uploads of the process share. A stream owns a
// few chunks for as long as it lasts, so that it always gets on, and takes more
// while there are some; beyond the budget new streams wait before their first
// byte is read, and their clients with them.
type Budget struct {
	chunks *semaphore.Weighted
	size   int64 // chunks
	mu     sync.Mutex
	free   []*Chunk // of ended streams, for the next
}

const (
	ownChunks = 2
	// besides is what its checks hold meanwhile, in chunks: logs and findings on
	// their way to a scratch file, statistics, the record at hand
	besides = 1
	// StreamMemory is what a request holds of the budget at least.
	StreamMemory = (ownChunks + besides) * ChunkSize
	// longestWait is how long a stream waits for its turn
	longestWait = 30 * time.Second
	mostChunks  = 3 // the share at most of a stream that is passed on: enough for the disk to lag behind the network
)

// NewBudget makes a budget of that many bytes.
func NewBudget(bytes int64) *Budget {
	n := max(bytes/ChunkSize, ownChunks+besides)
	return &Budget{chunks: semaphore.NewWeighted(n), size: n}
}

// Chunk is a buffer of ChunkSize bytes that several readers hold at once.
type Chunk struct {
	buf  []byte
	refs int // guarded by stream.mu
}

// stream is one upload's share of the budget.
type stream struct {
	budget *Budget
	mu     sync.Mutex
	back   *sync.Cond
	idle   []*Chunk
	own    int64 // chunks that it always has
	most   int64 // and has at most
	held   int64 // and has now
}

// admit waits until a stream may start that needs so many chunks of its own, and
// makes use of no more than most. The caller closes it.
func (b *Budget) admit(ctx context.Context, own, most int64) (*stream, error) {
	if own+besides > b.size {
		return nil, errs.E(errs.TooLarge, "part-over-budget", "parts of %d MiB do not fit into the server's memory budget of %d MiB", own-1, b.size*ChunkSize>>20).
			WithHint("send the file in parts of your own (freshet upload does), or raise --memory-budget")
	}
	wait, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	if err := b.chunks.Acquire(wait, own+besides); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, errs.E(errs.Unavailable, "busy", "too many files arrive at once").After(10 * time.Second).WithHint("send it again in a moment")
	}
	s := &stream{budget: b, own: own, most: most, held: own}
	s.back = sync.NewCond(&s.mu)
	for range own {
		s.idle = append(s.idle, b.take())
	}
	return s, nil
}

func (b *Budget) take() *Chunk {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.free); n > 0 {
		c := b.free[n-1]
		b.free = b.free[:n-1]
		return c
	}
	return &Chunk{buf: durable.Pages(ChunkSize)}
}

// next gives an empty chunk that the caller releases. It waits for one of the
// stream's own to come back when the budget has none left.
func (s *stream) next() *Chunk {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) == 0 && s.held < s.most && s.budget.chunks.TryAcquire(1) {
		s.held++
		s.idle = append(s.idle, s.budget.take())
	}
	for len(s.idle) == 0 {
		s.back.Wait()
	}
	c := s.idle[len(s.idle)-1]
	s.idle = s.idle[:len(s.idle)-1]
	c.refs = 1
	return c
}

// hold has a chunk released by that many readers more.
func (s *stream) hold(c *Chunk, readers int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.refs += readers
}

// release is called once by whoever took a chunk and by each of its readers.
func (s *stream) release(c *Chunk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.refs--; c.refs > 0 {
		return
	}
	if s.held > s.own && int64(len(s.idle)) >= s.own-1 {
		// a burst is over: what is not needed is there for others again
		s.held--
		s.budget.give(c)
		s.budget.chunks.Release(1)
		return
	}
	s.idle = append(s.idle, c)
	s.back.Signal()
}

// close gives the chunks back. All must have been released.
func (s *stream) close() {
	for _, c := range s.idle {
		s.budget.give(c)
	}
	s.budget.chunks.Release(s.held + besides)
}

// give keeps a few chunks for the next stream, and lets the memory of a rush go.
func (b *Budget) give(c *Chunk) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.free) < 2*ownChunks {
		b.free = append(b.free, c)
		return
	}
	durable.Free(c.buf)
	c.buf = nil
}
