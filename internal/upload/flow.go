package upload

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"freshet/internal/digest"
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
	tree     *digest.Tree
	tag      string // what the store knows it by
	found    found  // what the checks say
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
	length  int64                // of the one part that comes, where it is known; 0 where it is not
	end     func(at int64) int64 // of the part that begins there
	most    int64                // bytes at most, -1: no limit
	tooMany func() error
	steady  time.Duration // commit what came at least so often; 0: only whole parts
	broken  bool          // commit what came before a failure of the source
	digest  digests
	checks  *checker // nil: nothing is checked
	// admitted is called once the bytes have their turn.
	admitted func()
	commit   func(*piece) error
	arrived  func(int)
	stored   *atomic.Int64
	total    int64 // of the file, -1 if that is not known
	whole    bool  // the end of the source is the end of the file
	about    int64 // bytes that come at most, as far as that is known; 0 where it is not
}

// part is where a part begins and how much of it is there.
type part struct {
	number   int
	at, size int64
	tag      string
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
	own, most := f.chunks()
	if f.share, err = f.service.Budget.admit(ctx, own, most); err != nil {
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
	switch {
	case f.handle == "":
	case f.held():
		start(f.storeHeld)
	default:
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
			m.tree = d.tree.Clone()
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
