package validate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"
)

// AtRest is a file whose bytes are all there: any stretch of it can be read,
// and several at a time.
type AtRest struct {
	Size int64
	Open func(offset, n int64) (io.ReadCloser, error)
}

// Watch is told of a stretch that is being checked.
type Watch interface {
	// Check has more bytes checked by f, which gives their segment.
	Check(f func() (*Segment, error)) error
	// Fold keeps the figures of the segment, which is done; End takes it away.
	Fold()
	End()
}

// stretch is how many bytes of a file at rest are looked at by one core at a time.
var stretch = int64(32 << 20)

// CheckAll checks a file at rest on all cores: stretches side by side, whose
// summaries are merged in order. It tells how many bytes were looked at. Each
// stretch is shown to a watch of its own, and what is merged to front.
func (s *Stream) CheckAll(ctx context.Context, file AtRest, front Watch, each func() Watch) (int64, error) {
	if s.config.Reread == nil {
		s.config.Reread = file.Open
	}
	if err := s.front(file); err != nil {
		return 0, err
	}
	if s.segment.plan.Serial() {
		return s.inOrder(ctx, file, front)
	}
	size := stretch
	if s.options.FailFast || s.segment.plan.opaque {
		size = max(file.Size, 1) // it ends where one pass would
	}
	cores := runtime.GOMAXPROCS(0)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(cores + 1)
	turns := make(chan chan *Summary, cores) // so many stretches are ahead of the merge
	g.Go(func() error { return s.merge(ctx, file, turns, front) })
	for at := int64(0); at < file.Size && ctx.Err() == nil; at += size {
		turn := make(chan *Summary, 1)
		select {
		case turns <- turn:
		case <-ctx.Done():
			continue
		}
		g.Go(func() error {
			defer close(turn)
			sum, err := s.stretch(ctx, file, at, min(size, file.Size-at), each())
			if err == nil {
				turn <- sum
			}
			return err
		})
	}
	close(turns)
	err := g.Wait()
	return s.segment.sum.Bytes, err
}

// inOrder checks a file that cannot be checked in stretches.
func (s *Stream) inOrder(ctx context.Context, file AtRest, front Watch) (int64, error) {
	err := eachChunk(ctx, file, 0, file.Size, func(p []byte) error {
		err := front.Check(func() (*Segment, error) {
			_, err := s.segment.Write(p)
			return s.segment, err
		})
		if err == nil && s.Stopped() != "" {
			return errEnough
		}
		return err
	})
	return s.segment.sum.stored(), err
}

// front makes the plan, and the segment that all others are added to.
func (s *Stream) front(file AtRest) error {
	n := min(file.Size, HeadSize)
	head := make([]byte, n)
	if n > 0 {
		if err := readStretch(file, 0, head); err != nil {
			return err
		}
	}
	plan := NewPlan(s.name, head, n == file.Size, s.options, s.config)
	plan.arena = &arena{scratch: s.config.Scratch} // so that stretches join without copies
	s.segment = plan.Segment(0, false)
	return nil
}

func readStretch(file AtRest, at int64, p []byte) error {
	r, err := file.Open(at, int64(len(p)))
	if err != nil {
		return err
	}
	if _, err := io.ReadFull(r, p); err != nil {
		return errors.Join(fmt.Errorf("read bytes %d to %d: %w", at, at+int64(len(p)), err), r.Close())
	}
	return r.Close()
}

// stretch checks n bytes of the file.
func (s *Stream) stretch(ctx context.Context, file AtRest, at, n int64, w Watch) (_ *Summary, err error) {
	plan := s.segment.plan
	defer w.End()
	var seg *Segment
	defer func() {
		if err != nil && seg != nil {
			seg.Summary().Close()
		}
	}()
	err = eachChunk(ctx, file, at, n, func(p []byte) error {
		err := w.Check(func() (*Segment, error) {
			if seg == nil {
				seg = plan.Segment(at, at > 0 && plan.GuessQuote(p))
			}
			_, err := seg.Write(p)
			return seg, err
		})
		if err == nil && seg.sum.stopped != "" {
			return errEnough
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	w.Fold()
	return seg.Summary(), nil
}

// chunkSize is how much of a file at rest is read at a time: little enough to
// be in the processor's cache still when it is looked at.
const chunkSize = 256 << 10

var chunks = sync.Pool{New: func() any { return new([chunkSize]byte) }}

// errEnough ends eachChunk early.
var errEnough = errors.New("no more is wanted")

// eachChunk reads n bytes of the file.
func eachChunk(ctx context.Context, file AtRest, at, n int64, f func([]byte) error) error {
	r, err := file.Open(at, n)
	if err != nil {
		return err
	}
	defer r.Close()
	buf := chunks.Get().(*[chunkSize]byte)[:]
	defer chunks.Put((*[chunkSize]byte)(buf))
	for n > 0 {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		p := buf[:min(n, int64(len(buf)))]
		if _, err := io.ReadFull(r, p); err != nil {
			return fmt.Errorf("read from byte %d: %w", at, err)
		}
		if err := f(p); err == errEnough {
			return nil
		} else if err != nil {
			return err
		}
		at, n = at+int64(len(p)), n-int64(len(p))
	}
	return nil
}

// merge adds up the stretches in order. One that was read under the wrong guess
// is read again. A stretch that could not be read gives none.
func (s *Stream) merge(ctx context.Context, file AtRest, turns <-chan chan *Summary, front Watch) (err error) {
	for turn := range turns {
		sum := <-turn
		switch {
		case sum == nil && err == nil:
			err = context.Cause(ctx)
		case sum == nil:
		case err != nil:
			sum.Close()
		default:
			err = s.append(ctx, file, sum, front)
		}
	}
	return err
}

func (s *Stream) append(ctx context.Context, file AtRest, sum *Summary, front Watch) error {
	from, n := sum.Offset, sum.Bytes
	err := front.Check(func() (*Segment, error) { return s.segment, s.segment.Append(sum) })
	if !errors.Is(err, ErrGuess) {
		return err
	}
	sum.Close()
	return eachChunk(ctx, file, from, n, func(p []byte) error {
		return front.Check(func() (*Segment, error) {
			_, err := s.segment.Write(p)
			return s.segment, err
		})
	})
}
