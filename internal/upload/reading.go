package upload

import (
	"context"
	"io"
	"sync/atomic"
	"time"
)

// reading is the loop of a flow that takes bytes from the client, hands them to
// the readers, and says where pieces end.
type reading struct {
	*flow
	queues  []*queue
	marks   chan<- *mark
	at      int64 // of the next byte in the file
	part    part
	pending int64 // bytes since the last mark
	since   time.Time
}

func (r *reading) run(ctx context.Context, src Source) error {
	r.since = time.Now()
	for {
		if err := context.Cause(ctx); err != nil {
			return r.stop(err)
		}
		end := r.end(r.part.at)
		c := r.share.next()
		err := r.fill(ctx, src, c, int(min(int64(len(c.buf))-r.at%ChunkSize, end-r.at)))
		r.share.release(c)
		switch {
		case r.excess():
			return r.tooMany()
		case r.at == end:
			r.mark(true, r.at == r.total || r.whole && err == io.EOF)
		case err == io.EOF && r.pending > 0:
			r.mark(r.whole || r.at == r.total, r.whole || r.at == r.total)
		case err == nil && r.steady > 0 && r.pending > 0 && time.Since(r.since) >= r.steady:
			r.mark(false, false)
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return r.stop(err)
		}
	}
}

// stop ends a piece where the source failed, if what came is worth keeping.
func (r *reading) stop(err error) error {
	if r.pending > 0 && r.broken && !r.excess() {
		r.mark(r.at == r.total, r.at == r.total)
	}
	return err
}

func (r *reading) excess() bool { return r.most >= 0 && r.at-r.flow.at > r.most }

// showEvery is how long bytes of a slow client wait at most until they are
// looked at, so that what is wrong with them is known while the rest comes.
const showEvery = 500 * time.Millisecond

// fill reads up to room bytes into a chunk and hands them on: when they are all
// there, and before that at short intervals, so that pieces can be committed.
func (r *reading) fill(ctx context.Context, src Source, c *Chunk, room int) error {
	var came atomic.Int64
	type result struct {
		n   int
		err error
	}
	filled := make(chan result, 1)
	go func() {
		n, err := src.Fill(c.buf[:room], func(n int) {
			came.Add(int64(n))
			r.arrived(n)
		})
		filled <- result{n, err}
	}()
	tick := time.NewTicker(showEvery)
	defer tick.Stop()
	for given := 0; ; {
		select {
		case got := <-filled:
			r.emit(c, c.buf[given:got.n])
			return got.err
		case <-tick.C:
			n := int(came.Load())
			r.emit(c, c.buf[given:n])
			given = n
			if r.steady > 0 && time.Since(r.since) >= r.steady {
				if r.pending > 0 && n < room { // a full chunk is about to be told
					r.mark(false, false)
				}
				r.since = time.Now()
			}
		}
	}
}

// emit hands bytes of a chunk to all readers.
func (r *reading) emit(c *Chunk, b []byte) {
	if len(b) == 0 {
		return
	}
	r.at += int64(len(b))
	r.pending += int64(len(b))
	if r.excess() {
		return // it is refused
	}
	r.share.hold(c, len(r.queues))
	for _, q := range r.queues {
		q.in <- item{b: b, c: c}
	}
}

// mark ends a piece here.
func (r *reading) mark(last, eof bool) {
	r.part.size += r.pending
	r.pending, r.since = 0, time.Now()
	m := &mark{ready: make(chan struct{})}
	m.number, m.at, m.size, m.last, m.eof = r.part.number, r.part.at, r.part.size, last, eof
	m.left.Store(int32(len(r.queues)))
	for _, q := range r.queues {
		q.in <- item{mark: m}
	}
	r.marks <- m
	if last {
		r.part = part{number: r.part.number + 1, at: r.at}
	}
}
