package upload

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"freshet/internal/errs"
)

// errTakenOver ends a request whose place a newer one takes.
var errTakenOver = errs.E(errs.Conflict, "taken-over", "a newer request goes on with this upload")

// errEnding ends the requests of an upload that is completed or deleted.
var errEnding = errs.E(errs.Conflict, "upload-ending", "the upload was completed or deleted meanwhile")

// takeoverWait is how long a request waits for the one before it to end. That
// one only has to commit what it has.
const takeoverWait = 15 * time.Second

// Places in an upload besides its parts, which are told by their numbers.
const (
	appending  = 0  // of the request that appends
	completing = -1 // of the one that completes it
	wholly     = -2 // of the one that all of it comes in, which nothing else ends
)

// claims knows the requests of this process that add to uploads: one for each
// part, or one that appends. The newest wins, once the older has let go.
type claims struct {
	mu sync.Mutex
	m  map[string]map[int]*claim
}

type claim struct {
	stop context.CancelCauseFunc
	done chan struct{}
}

// take makes the caller the one that writes there; whoever did is stopped, and
// waited for: bytes are never written by two. The context ends once another
// takes over, not when the client is gone: what came is still committed. The
// caller calls release.
func (c *claims) take(ctx context.Context, upload string, place int) (_ context.Context, release func(), err error) {
	return c.claim(ctx, upload, place, true)
}

// queue is take without stopping who writes there: for work that is as good when the other does it.
func (c *claims) queue(ctx context.Context, upload string, place int) (_ context.Context, release func(), err error) {
	return c.claim(ctx, upload, place, false)
}

func (c *claims) claim(ctx context.Context, upload string, place int, takeOver bool) (_ context.Context, release func(), err error) {
	mine, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	me := &claim{stop: stop, done: make(chan struct{})}
	for {
		c.mu.Lock()
		held := c.m[upload][place]
		ending := place != completing && held == nil && c.m[upload][completing] != nil
		if ending {
			held = c.m[upload][completing] // which is not stopped, only waited for
		}
		if held == nil {
			if c.m == nil {
				c.m = map[string]map[int]*claim{}
			}
			if c.m[upload] == nil {
				c.m[upload] = map[int]*claim{}
			}
			c.m[upload][place] = me
			c.mu.Unlock()
			return mine, func() { c.release(upload, place, me); stop(nil) }, nil
		}
		c.mu.Unlock()
		if takeOver && !ending {
			held.stop(errTakenOver)
		}
		if err := held.wait(ctx); err != nil {
			stop(nil)
			return nil, nil, err
		}
	}
}

func (h *claim) wait(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, takeoverWait)
	defer cancel()
	select {
	case <-h.done:
		return nil
	case <-wait.Done():
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return errs.E(errs.Unavailable, "upload-busy", "an older request on this upload does not end").After(2 * time.Second).WithHint("try again in a moment")
}

func (c *claims) release(upload string, place int, me *claim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.m[upload], place)
	if len(c.m[upload]) == 0 {
		delete(c.m, upload)
	}
	close(me.done)
}

// why is the reason for which a request lost its place, where err is only what
// came of it: the context was cancelled, the transaction is over.
func why(held context.Context, err error) error {
	if cause := context.Cause(held); cause != nil && err != nil && errs.KindOf(err) == errs.Internal && !errors.Is(err, ErrStopped) {
		return cause
	}
	return err
}

// end stops all requests that add to an upload and waits for them.
func (c *claims) end(ctx context.Context, upload string, cause error) error {
	c.mu.Lock()
	var held []*claim
	for place, h := range c.m[upload] {
		if place != completing && place != wholly {
			held = append(held, h)
		}
	}
	c.mu.Unlock()
	var err error
	for _, h := range held {
		h.stop(cause)
	}
	for _, h := range held {
		err = errors.Join(err, h.wait(ctx))
	}
	return err
}

// uploads lists those that requests of this process add to.
func (c *claims) uploads() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Keys(c.m))
}

// stop stops the request at one place, if there is one, and waits for it.
func (c *claims) stop(ctx context.Context, upload string, place int, cause error) error {
	c.mu.Lock()
	h := c.m[upload][place]
	c.mu.Unlock()
	if h == nil {
		return nil
	}
	h.stop(cause)
	return h.wait(ctx)
}

// busy tells whether any request adds to an upload now.
func (c *claims) busy(upload string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.m[upload]) > 0
}
