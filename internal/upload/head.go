package upload

import (
	"context"
	"sync"
)

// head is the plan of an upload whose front is arriving in one request while
// others, of later parts, wait for it to be told how to read theirs.
type head struct {
	once sync.Once
	done chan struct{}
	plan *planned // valid once done is closed; nil if the request ended before
}

func newHead() *head { return &head{done: make(chan struct{})} }

func (h *head) set(p *planned) {
	if h != nil {
		h.once.Do(func() { h.plan = p; close(h.done) })
	}
}

// get waits for the plan.
func (h *head) get(ctx context.Context) *planned {
	if h == nil {
		return nil
	}
	select {
	case <-h.done:
		return h.plan
	case <-ctx.Done():
		return nil
	}
}

// heads knows the uploads whose front is arriving in this process.
type heads struct {
	mu sync.Mutex
	m  map[string]*head
}

// start announces the front of an upload. The caller calls the function it gets
// once its request ended.
func (h *heads) start(upload string) (*head, func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.m == nil {
		h.m = map[string]*head{}
	}
	n := newHead()
	h.m[upload] = n
	return n, func() {
		n.set(nil)
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.m[upload] == n {
			delete(h.m, upload)
		}
	}
}

// of is the head of an upload, nil where its front is not on its way.
func (h *heads) of(upload string) *head {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.m[upload]
}
