package upload

import (
	"context"
	"sync"
	"time"
)

// frontWait is how long a part waits for the front of its file to begin to
// arrive: clients that send parts side by side send that one first, but nobody
// says in which order requests get here.
const frontWait = 250 * time.Millisecond

// head is the plan of an upload whose front is arriving in one request while
// others, of later parts, wait for it to be told how to read theirs.
type head struct {
	begun     chan struct{} // closed once the request with the front is here, or on another node
	done      chan struct{} // closed once there is a plan, or that request ended
	start     sync.Once
	once      sync.Once
	plan      *planned // valid once done is closed; nil if there is none
	elsewhere bool     // valid once done is closed: another node has put it into the row

	users int  // guarded by heads.mu
	here  bool // the request with the front is one of this node; guarded by heads.mu
}

func newHead() *head { return &head{begun: make(chan struct{}), done: make(chan struct{})} }

func (h *head) set(p *planned) {
	if h != nil {
		h.once.Do(func() { h.plan = p; close(h.done) })
	}
}

func (h *head) begin() { h.start.Do(func() { close(h.begun) }) }

// get waits for the plan: it is given, or is elsewhere, or there is none.
func (h *head) get(ctx context.Context, patience time.Duration) (_ *planned, elsewhere bool) {
	if h == nil {
		return nil, false
	}
	late := time.NewTimer(frontWait)
	defer late.Stop()
	select {
	case <-h.begun:
	case <-late.C:
		return nil, false
	case <-ctx.Done():
		return nil, false
	}
	late.Reset(patience) // a request that is silent for so long ends anyway
	select {
	case <-h.done:
		return h.plan, h.elsewhere
	case <-late.C:
		return nil, false
	case <-ctx.Done():
		return nil, false
	}
}

// heads knows the uploads whose front is arriving in this process, or waited for.
type heads struct {
	mu sync.Mutex
	m  map[string]*head
}

// await is the head of an upload. The caller calls leave once its request ended.
func (h *heads) await(upload string) (_ *head, leave func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.join(upload, h.m[upload])
}

// start announces the front of an upload.
func (h *heads) start(upload string) (*head, func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	old := h.m[upload]
	if old != nil {
		select {
		case <-old.begun: // by a request before this one, which has ended
			old = nil
		default:
		}
	}
	n, leave := h.join(upload, old)
	n.here = true
	n.begin()
	return n, func() { n.set(nil); leave() }
}

// hear takes what another node tells of the front of a file; it asks: true if
// that arrives here.
func (h *heads) hear(upload string, what frontWord) (here bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := h.m[upload]
	if n == nil {
		return false
	}
	switch what {
	case frontAsked:
		return n.here
	case frontBegun:
		n.begin()
	case frontPlanned:
		n.begin()
		n.once.Do(func() { n.elsewhere = true; close(n.done) })
	case frontOver:
		n.set(nil)
	}
	return false
}

func (h *heads) join(upload string, n *head) (*head, func()) {
	if h.m == nil {
		h.m = map[string]*head{}
	}
	if n == nil {
		n = newHead()
		h.m[upload] = n
	}
	n.users++
	return n, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if n.users--; n.users == 0 && h.m[upload] == n {
			delete(h.m, upload)
		}
	}
}
