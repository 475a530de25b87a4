package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/errs"
	"freshet/internal/validate"
)

// Source gives the bytes of a file that arrives.
type Source interface {
	// Fill reads until p is full or the file ends, which it tells with io.EOF, with
	// or without bytes. Bytes are reported to progress as they come.
	Fill(p []byte, progress func(int)) (int, error)
}

// received is what Receive found out.
type received struct {
	size    int64
	hash    string
	sha256  string
	parts   []catalog.Part
	blobs   []blob.Part
	stream  *validate.Stream
	outcome *check.Outcome
}

// ErrStopped says that the checks ended the upload under fail_fast.
var ErrStopped = errors.New("the checks stopped the upload")

// Receive takes the file's bytes from src to the store. On the way they are
// hashed and checked: one pass, all readers of each chunk side by side. When
// it returns without an error the bytes are stored durably, not yet a file.
func (u *Upload) Receive(ctx context.Context, src Source) error {
	s := u.service
	share, err := s.Budget.admit(ctx)
	if err != nil {
		return err
	}
	defer share.close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	r := &u.received
	r.stream = validate.NewStream(u.File.Name, u.new.Rules, s.Checks.Validate)
	partSize := PartSize(max(u.new.Expected, 1), s.PartSize)
	var queues []*queue
	var wg sync.WaitGroup
	start := func(work func(*queue) error) {
		q := newQueue(share)
		queues = append(queues, q)
		wg.Go(func() {
			if err := safely(q, work); err != nil {
				cancel(err)
			}
			q.drain()
		})
	}
	if u.adopted == "" {
		start(func(q *queue) error { return u.store(ctx, q, partSize) })
	}
	start(func(q *queue) error { return u.digest(q, partSize) })
	start(u.check)

	err = u.read(ctx, src, share, queues)
	for _, q := range queues {
		close(q.in)
	}
	wg.Wait()
	if cause := context.Cause(ctx); cause != nil && (err == nil || errors.Is(cause, ErrStopped)) {
		err = cause
	}
	return err
}

// safely makes an error of a panic: a fault of ours in one file's work must not
// end the uploads of everyone.
func safely(q *queue, work func(*queue) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return work(q)
}

// read is the loop that takes bytes from the client.
func (u *Upload) read(ctx context.Context, src Source, share *stream, queues []*queue) error {
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		c := share.next(len(queues))
		n, err := src.Fill(c.buf, u.Progress)
		c.n = n
		u.received.size += int64(n)
		if n == 0 || err != nil && err != io.EOF || u.tooLarge() {
			for range queues {
				share.release(c)
			}
		} else {
			for _, q := range queues {
				q.in <- c
			}
		}
		switch {
		case u.tooLarge():
			return TooLarge(u.limit)
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

func (u *Upload) tooLarge() bool { return u.limit > 0 && u.received.size > u.limit }

// TooLarge is the refusal of a file over a limit.
func TooLarge(limit int64) error {
	return errs.E(errs.TooLarge, "file-too-large", "the file is larger than %d bytes", limit).WithHint("split the file; GET /data/efficient/limits tells the server's limit")
}

// queue hands chunks to one reader.
type queue struct {
	in    chan *Chunk
	share *stream
}

func newQueue(share *stream) *queue { return &queue{make(chan *Chunk, mostChunks), share} }

// drain lets go of what a reader that failed leaves, so that the others get on.
func (q *queue) drain() {
	for c := range q.in {
		q.share.release(c)
	}
}

// store writes the chunks as parts.
func (u *Upload) store(ctx context.Context, q *queue, partSize int64) error {
	for number := 1; ; number++ {
		first, ok := <-q.in
		if !ok {
			return nil
		}
		p := blob.Part{Number: number, Offset: int64(number-1) * partSize, Size: -1}
		r := &partReader{queue: q, next: first, left: partSize, stored: &u.live.Stored}
		n, err := u.service.Blobs.WritePart(ctx, u.File.ObjectKey, u.File.Handle, p, r)
		if err != nil {
			r.close()
			return err
		}
		p.Size = n
		u.received.blobs = append(u.received.blobs, p)
	}
}

// partReader gives the chunks of one part. Stores take them by WriteTo,
// without a copy.
type partReader struct {
	queue  *queue
	next   *Chunk // taken and not given yet
	at     int    // bytes of it that Read gave
	left   int64  // of the part
	stored *atomic.Int64
}

// WriteTo implements io.WriterTo.
func (r *partReader) WriteTo(w io.Writer) (total int64, err error) {
	for r.advance() {
		n, err := w.Write(r.next.bytes()[r.at:])
		total += int64(n)
		r.stored.Add(int64(n))
		r.done()
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// Read implements io.Reader.
func (r *partReader) Read(p []byte) (int, error) {
	if !r.advance() {
		return 0, io.EOF
	}
	n := copy(p, r.next.bytes()[r.at:])
	r.stored.Add(int64(n))
	if r.at += n; r.at == r.next.n {
		r.done()
	}
	return n, nil
}

// advance makes next the chunk to give, false at the end of the part.
func (r *partReader) advance() bool {
	if r.next == nil && r.left > 0 {
		r.next = <-r.queue.in // nil once the file ended
	}
	return r.next != nil
}

func (r *partReader) done() {
	r.left -= int64(r.next.n)
	r.close()
}

func (r *partReader) close() {
	if r.next != nil {
		r.queue.share.release(r.next)
		r.next, r.at = nil, 0
	}
}

// digest computes the checksums of parts and of the file.
func (u *Upload) digest(q *queue, partSize int64) error {
	r := &u.received
	d := newDigest(u.new.SHA256 || u.service.SHA256)
	size := int64(0)
	end := func() {
		r.parts = append(r.parts, catalog.Part{Number: len(r.parts) + 1, Size: size, CRC64NVME: d.part()})
		size = 0
	}
	for c := range q.in {
		d.add(c.bytes())
		size += int64(c.n)
		q.share.release(c)
		if size == partSize {
			end()
		}
	}
	if size > 0 {
		end()
	}
	r.hash, r.sha256 = d.blake3(), d.sha256()
	return nil
}

// check feeds the checks.
func (u *Upload) check(q *queue) error {
	st := u.received.stream
	for c := range q.in {
		err := u.live.Check(st, c.bytes())
		q.share.release(c)
		if err != nil {
			return fmt.Errorf("check: %w", err)
		}
		if st.Stopped() != "" {
			return ErrStopped
		}
	}
	return u.live.Freeze()
}
