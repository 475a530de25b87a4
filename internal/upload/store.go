package upload

import (
	"cmp"
	"context"
	"errors"
	"io"
	"sort"
	"sync/atomic"

	"freshet/internal/blob"

	"golang.org/x/sync/errgroup"
)

// syncs is how many stretches are made durable at once: while one is synced the
// bytes of the next are written. A store at the end of a network takes more.
const (
	syncs     = 2
	heldSyncs = 4
)

// held tells that stretches wait in memory until they are whole, for a store
// that must know their length and be able to ask for them again. What a client
// sends as a part of its own is passed on as it comes: it can send it again.
func (f *flow) held() bool { return f.service.Blobs.Needs().Whole && f.length == 0 }

// chunks is how much of the budget the flow must have, and makes use of at most.
func (f *flow) chunks() (own, most int64) {
	if f.handle == "" || !f.held() {
		return ownChunks, mostChunks
	}
	bytes := f.end(f.part.at) - f.part.at
	if f.about > 0 {
		bytes = min(bytes, f.about)
	}
	stretch := (bytes-1)/ChunkSize + 2 // it may begin inside a chunk
	return stretch + 1, heldSyncs*stretch + 1
}

// store passes bytes on as they come.
func (f *flow) store(ctx context.Context, q *queue) (err error) {
	// bytes that came before a newer request took over are still written
	writes, ctx := errgroup.WithContext(untilFailure(ctx))
	writes.SetLimit(syncs)
	defer func() { err = cmp.Or(writes.Wait(), err) }()
	p := blob.Part{Number: f.part.number, Offset: f.part.at, Size: f.part.size, Tag: f.part.tag}
	tags := f.service.Blobs.Needs().Tags
	add := blob.Stretch{Size: -1}
	if f.length > 0 {
		add = blob.Stretch{Size: f.length, Last: true}
	}
	for it := range q.in {
		if it.mark != nil {
			it.mark.tag = p.Tag
			p = nextPart(p, it.mark)
			it.mark.done()
			continue
		}
		to, r := p, &partReader{queue: q, next: it, stored: f.stored, ended: make(chan struct{})}
		written := make(chan string, 1)
		writes.Go(func() error {
			defer close(written)
			var got blob.Part
			err := safely(func() (err error) {
				got, err = f.service.Blobs.WritePart(ctx, f.key, f.handle, to, add, r)
				return err
			})
			if err != nil {
				broken := r.over && r.mark == nil // the source failed, and says why
				r.drop()
				if broken {
					return nil
				}
				return lost(err)
			}
			if r.mark != nil {
				written <- got.Tag
				r.mark.tag = got.Tag
				r.mark.done()
			}
			return nil
		})
		<-r.ended
		if r.mark == nil || ctx.Err() != nil {
			return nil // what follows the last mark is not kept
		}
		if tags && !r.mark.last { // the next stretch goes on with it
			var ok bool
			if p.Tag, ok = <-written; !ok {
				return nil // writing says why
			}
		}
		p.Size += r.total
		p = nextPart(p, r.mark)
	}
	return nil
}

func nextPart(p blob.Part, m *mark) blob.Part {
	if m.last {
		return blob.Part{Number: p.Number + 1, Offset: m.at + m.size}
	}
	return p
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

// storeHeld collects the bytes of a stretch, then has the store take them, as
// often as that needs. Parts that are whole are written side by side; one that
// grows is written stretch after stretch.
func (f *flow) storeHeld(ctx context.Context, q *queue) (err error) {
	writes, ctx := errgroup.WithContext(untilFailure(ctx))
	writes.SetLimit(heldSyncs)
	defer func() { err = cmp.Or(writes.Wait(), err) }()
	p := blob.Part{Number: f.part.number, Offset: f.part.at, Size: f.part.size, Tag: f.part.tag}
	h := &heldBytes{share: q.share}
	defer func() { h.release() }()
	for it := range q.in {
		if it.mark == nil {
			h.add(it)
			continue
		}
		m, to, bytes := it.mark, p, h
		h = &heldBytes{share: q.share}
		write := func() (err error) {
			defer func() {
				bytes.release()
				if err != nil {
					q.drop(it)
				}
			}()
			if bytes.size > 0 {
				r := io.NewSectionReader(bytes, 0, bytes.size)
				err = safely(func() (err error) {
					to, err = f.service.Blobs.WritePart(ctx, f.key, f.handle, to, blob.Stretch{Size: bytes.size, Last: m.last}, r)
					return err
				})
			}
			if err != nil {
				return lost(err)
			}
			if f.stored != nil {
				f.stored.Add(bytes.size)
			}
			m.tag = to.Tag
			m.done()
			return nil
		}
		if m.last {
			p = nextPart(p, m)
			writes.Go(write)
		} else {
			if err := write(); err != nil {
				return err
			}
			p = to
		}
		if ctx.Err() != nil {
			return nil
		}
	}
	return nil
}

// heldBytes is a stretch in memory, in the chunks that it came in.
type heldBytes struct {
	share *stream
	items []item
	ends  []int64 // offset at which each item ends
	size  int64
}

func (h *heldBytes) add(it item) {
	h.size += int64(len(it.b))
	h.items, h.ends = append(h.items, it), append(h.ends, h.size)
}

// ReadAt implements io.ReaderAt.
func (h *heldBytes) ReadAt(p []byte, off int64) (n int, err error) {
	i := sort.Search(len(h.ends), func(i int) bool { return h.ends[i] > off })
	for ; i < len(h.items) && n < len(p); i++ {
		b := h.items[i].b
		n += copy(p[n:], b[off+int64(n)-(h.ends[i]-int64(len(b))):])
	}
	if n < len(p) {
		err = io.EOF
	}
	return n, err
}

// release gives the chunks back.
func (h *heldBytes) release() {
	for _, it := range h.items {
		h.share.release(it.c)
	}
	h.items, h.ends, h.size = nil, nil, 0
}
