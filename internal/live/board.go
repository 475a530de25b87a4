package live

import (
	"sync"
	"time"

	"freshet/internal/validate"
)

// Board knows what is live: here, and as far as they tell on other nodes.
type Board struct {
	mu        sync.Mutex
	live      map[string]*Live
	elsewhere map[string]heard
}

// NewBoard makes an empty board.
func NewBoard() *Board { return &Board{live: map[string]*Live{}, elsewhere: map[string]heard{}} }

// Start puts a file that arrives in one request on the board, unless it is there.
func (b *Board) Start(fileID string, total int64) (*Live, bool) {
	l := &Live{FileID: fileID, Started: time.Now(), requests: 1}
	l.Total.Store(total)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.live[fileID] != nil {
		return nil, false
	}
	b.live[fileID] = l
	return l, true
}

// StartCheck puts a stored file that is checked on the board.
func (b *Board) StartCheck(fileID string, size int64) *Live {
	l := &Live{FileID: fileID, Started: time.Now(), Checking: true}
	l.Total.Store(size)
	l.Received.Store(size)
	l.Stored.Store(size)
	return b.put(l)
}

// Join adds a request to a file that arrives in several. The first puts it on
// the board with what is acknowledged and was found so far; the last to End
// takes it off.
func (b *Board) Join(fileID string, total, safe int64, found validate.Tally) *Live {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.live[fileID]
	if l == nil {
		l = &Live{FileID: fileID, Started: time.Now(), resumable: true, base: found}
		l.Received.Store(safe)
		l.Stored.Store(safe)
		l.Safe.Store(safe)
		b.live[fileID] = l
	}
	l.Total.Store(total)
	l.requests++
	return l
}

func (b *Board) put(l *Live) *Live {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.requests = 1
	b.live[l.FileID] = l
	return l
}

// End takes a request off, and with the last one the file, unless another took its place.
func (b *Board) End(l *Live) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l.requests--; l.requests <= 0 && b.live[l.FileID] == l {
		delete(b.live, l.FileID)
	}
}

// Get is the live entry of a file: this node's, else another's, else nil.
func (b *Board) Get(fileID string) *Live {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.live[fileID]; l != nil {
		return l
	}
	return b.elsewhere[fileID].now()
}

// Other is what another node tells of a file, or nil.
func (b *Board) Other(fileID string) *Live {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.elsewhere[fileID].now()
}

// Here is what is live on this node.
func (b *Board) Here() []*Live {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]*Live, 0, len(b.live))
	for _, l := range b.live {
		out = append(out, l)
	}
	return out
}

// All is what is live anywhere, each file once.
func (b *Board) All() []*Live {
	out := b.Here()
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, h := range b.elsewhere {
		if l := h.now(); l != nil && b.live[id] == nil {
			out = append(out, l)
		}
	}
	return out
}
