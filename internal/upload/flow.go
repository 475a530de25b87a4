package upload

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"freshet/internal/blob"
	"freshet/internal/errs"

	"golang.org/x/sync/errgroup"
)

// Source gives the bytes of a file that arrives.
type Source interface {
	// Fill reads until p is full or the bytes end, which it tells with io.EOF, with
	// or without bytes. Bytes are reported to progress as they come.
	Fill(p []byte, progress func(int)) (int, error)
}

// Interrupter is a Source whose Fill can be made to return from outside.
type Interrupter interface {
	Source
	Interrupt()
}

// ErrStopped says that the checks ended the upload under fail_fast.
var ErrStopped = errors.New("the checks stopped the upload")

// piece is a stretch of a part: what its bytes came to, once they are stored,
// hashed and checked. A part that comes in several pieces is told as a whole each time.
type piece struct {
	number   int
	at, size int64 // of the part so far
	last     bool  // the part is full, or the file ends here
	eof      bool  // the file ends here
	crc      uint64
	tree     *tree
	etag     string
	found    found // what the checks say
}

// flow takes the bytes of one request to the store. On the way they are hashed
// and checked: one pass, all readers of each chunk side by side. What came is
// handed to commit piece by piece, in order, once all readers are done with it.
type flow struct {
	service *Service
	share   *stream
	key     string
	handle  string               // empty: the bytes lie in the store already
	at      int64                // offset in the file of the first byte
	part    part                 // that it falls into
	end     func(at int64) int64 // of the part that begins there
	most    int64                // bytes at most, -1: no limit
	tooMany func() error
	steady  time.Duration // commit what came at least so often; 0: only whole parts
	broken  bool          // commit what came before a failure of the source
	digest  digest
	checks  *checker // nil: nothing is checked
	// admitted is called once the bytes have their turn.
	admitted func()
	commit   func(*piece) error
	arrived  func(int)
	stored   *atomic.Int64
	total    int64 // of the file, -1 if that is not known
	whole    bool  // the end of the source is the end of the file
}

// part is where a part begins and how much of it is there.
type part struct {
	number   int
	at, size int64
}

// mark goes through all readers and says that a piece ends here.
type mark struct {
	piece
	left  atomic.Int32 // readers that are not there yet
	lost  atomic.Bool  // a reader failed before it got here
	ready chan struct{}
}

func (m *mark) done() {
	if m.left.Add(-1) == 0 {
		close(m.ready)
	}
}

// item is what a reader takes from its queue: bytes, or a mark.
type item struct {
	b    []byte
	c    *Chunk
	mark *mark
}

// queue hands items to one reader.
type queue struct {
	in    chan item
	share *stream
}

// drop lets go of an item that a reader cannot deal with: a piece that ends
// there is never committed.
func (q *queue) drop(it item) {
	if it.mark != nil {
		it.mark.lost.Store(true)
		it.mark.done()
		return
	}
	q.share.release(it.c)
}

// run takes all bytes of src. Without an error all of them are committed. What
// was committed before an error stays so.
func (f *flow) run(ctx context.Context, src Source) (err error) {
	if f.share, err = f.service.Budget.admit(ctx); err != nil {
		return err
	}
	defer f.share.close()
	if f.admitted != nil {
		f.admitted()
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	var queues []*queue
	var wg sync.WaitGroup
	start := func(work func(context.Context, *queue) error) {
		q := &queue{make(chan item, mostChunks), f.share}
		queues = append(queues, q)
		wg.Go(func() {
			if err := safely(func() error { return work(ctx, q) }); err != nil {
				cancel(err)
			}
			for it := range q.in { // what a reader that failed leaves, so that the others get on
				q.drop(it)
			}
		})
	}
	if f.handle != "" {
		start(f.store)
	}
	start(f.hash)
	if f.checks != nil {
		start(f.check)
	}
	marks := make(chan *mark, mostChunks)
	committed := make(chan struct{})
	go func() {
		defer close(committed)
		if err := safely(func() error { return f.commits(marks) }); err != nil {
			cancel(err)
		}
		for range marks { // so that read gets on
		}
	}()
	if in, ok := src.(Interrupter); ok {
		defer context.AfterFunc(ctx, in.Interrupt)()
	}
	r := &reading{flow: f, queues: queues, marks: marks, at: f.at, part: f.part}
	err = r.run(ctx, src)
	for _, q := range queues {
		close(q.in)
	}
	wg.Wait()
	close(marks)
	<-committed
	if cause := context.Cause(ctx); cause != nil {
		return cause // it is why reading failed, if it did
	}
	return err
}

// safely makes an error of a panic: a fault of ours in one file's work must not
// end the uploads of everyone.
func safely(work func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return work()
}

// commits makes facts of pieces in their order: all that every reader got to the
// end of, whatever happened after.
func (f *flow) commits(marks chan *mark) error {
	for m := range marks {
		<-m.ready // readers let go of it even if they fail
		if m.lost.Load() {
			return nil
		}
		if err := f.commit(&m.piece); err != nil {
			return err
		}
	}
	return nil
}

// syncs is how many pieces are made durable at once: while one is synced the
// bytes of the next are written.
const syncs = 2

// store writes the parts.
func (f *flow) store(ctx context.Context, q *queue) (err error) {
	// bytes that came before a newer request took over are still written
	writes, ctx := errgroup.WithContext(untilFailure(ctx))
	writes.SetLimit(syncs)
	defer func() { err = cmp.Or(writes.Wait(), err) }()
	at, number := f.at, f.part.number
	for it := range q.in {
		if it.mark != nil {
			number = nextNumber(number, it.mark)
			it.mark.done()
			continue
		}
		p := blob.Part{Number: number, Offset: at, Size: -1}
		r := &partReader{queue: q, next: it, stored: f.stored, ended: make(chan struct{})}
		writes.Go(func() error {
			err := safely(func() error { _, err := f.service.Blobs.WritePart(ctx, f.key, f.handle, p, r); return err })
			if err != nil {
				r.drop()
				return lost(err)
			}
			if r.mark != nil {
				r.mark.done()
			}
			return nil
		})
		<-r.ended
		if r.mark == nil || ctx.Err() != nil {
			return nil // what follows the last mark is not kept
		}
		at += r.total
		number = nextNumber(number, r.mark)
	}
	return nil
}

func nextNumber(number int, m *mark) int {
	if m.last {
		return number + 1
	}
	return number
}

// untilFailure is ctx as long as it does not end because of a takeover.
func untilFailure(ctx context.Context) context.Context {
	free, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		if cause := context.Cause(ctx); !errors.Is(cause, errTakenOver) {
			cancel(cause)
		}
	})
	return free
}

// partReader gives the bytes up to the next mark. Stores take them by WriteTo,
// without a copy.
type partReader struct {
	queue  *queue
	next   item // taken and not given yet
	at     int  // bytes of it that Read gave
	total  int64
	mark   *mark
	ended  chan struct{} // closed once it takes nothing more from the queue
	over   bool          // it is
	stored *atomic.Int64
}

// WriteTo implements io.WriterTo.
func (r *partReader) WriteTo(w io.Writer) (total int64, err error) {
	for r.advance() {
		n, err := w.Write(r.next.b[r.at:])
		total += int64(n)
		r.count(n)
		r.close()
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
	n := copy(p, r.next.b[r.at:])
	r.count(n)
	if r.at += n; r.at == len(r.next.b) {
		r.close()
	}
	return n, nil
}

func (r *partReader) count(n int) {
	r.total += int64(n)
	if r.stored != nil {
		r.stored.Add(int64(n))
	}
}

// advance makes next the bytes to give, false at the end of the piece.
func (r *partReader) advance() bool {
	if r.next.c == nil && !r.over {
		it := <-r.queue.in // empty once the source failed
		if r.next, r.mark = it, it.mark; it.c == nil {
			r.end()
		}
	}
	return r.next.c != nil
}

func (r *partReader) end() {
	if !r.over {
		r.over = true
		close(r.ended)
	}
}

// drop lets go of what a failure left.
func (r *partReader) drop() {
	r.close()
	if r.mark != nil {
		r.queue.drop(item{mark: r.mark})
	}
	r.end()
}

func (r *partReader) close() {
	if r.next.c != nil {
		r.queue.share.release(r.next.c)
	}
	r.next, r.at = item{}, 0
}

// hash computes the checksums of parts and of the file.
func (f *flow) hash(_ context.Context, q *queue) error {
	d := &f.digest
	for it := range q.in {
		m := it.mark
		if m == nil {
			d.add(it.b)
			q.share.release(it.c)
			continue
		}
		m.crc, m.tree = d.crc, d.tree
		if m.last {
			d.next(m.at + m.size)
		} else {
			m.tree = d.tree.clone()
		}
		m.done()
	}
	return nil
}

// saves is how many parts' checks are saved at once, beside those of the next.
const saves = 2

// check has the records looked at.
func (f *flow) check(ctx context.Context, q *queue) (err error) {
	saving, failed := errgroup.WithContext(context.WithoutCancel(ctx))
	saving.SetLimit(saves)
	defer func() { err = cmp.Or(saving.Wait(), err) }()
	for it := range q.in {
		if failed.Err() != nil {
			q.drop(it)
			return nil // saving says why
		}
		if it.mark != nil {
			later, err := f.checks.mark(context.WithoutCancel(ctx), &it.mark.piece)
			if err != nil {
				q.drop(it)
				return fmt.Errorf("check: %w", err)
			}
			if later == nil {
				it.mark.done()
				continue
			}
			saving.Go(func() error {
				if err := safely(later); err != nil {
					q.drop(it)
					return fmt.Errorf("save checks: %w", err)
				}
				it.mark.done()
				return nil
			})
			continue
		}
		err := f.checks.write(ctx, it.b)
		q.share.release(it.c)
		if err != nil {
			return fmt.Errorf("check: %w", err)
		}
		if f.checks.stopped() {
			return ErrStopped
		}
	}
	return nil
}

// TooLarge is the refusal of a file over a limit.
func TooLarge(limit int64) error {
	return errs.E(errs.TooLarge, "file-too-large", "the file is larger than %d bytes", limit).WithHint("split the file; GET /data/efficient/limits tells the server's limit")
}
