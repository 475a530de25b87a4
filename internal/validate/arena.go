package validate

import (
	"os"
	"slices"
	"sync"
	"sync/atomic"
)

// lent is a file that extents of several piles lie in; the last to let go closes it.
type lent struct {
	Bulk
	users atomic.Int64
}

func newLent(b Bulk) *lent {
	l := &lent{Bulk: b}
	l.users.Store(1)
	return l
}

// join is false once the file is closed.
func (l *lent) join() bool {
	for n := l.users.Load(); n > 0; n = l.users.Load() {
		if l.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
	return false
}

// release gives the file up. One that does not close costs nothing but its descriptor.
func (l *lent) release() {
	if l.users.Add(-1) == 0 {
		l.Close()
	}
}

// arena is the scratch file of some piles, made when the first has something to
// put there and closed when the last has let go.
type arena struct {
	scratch Scratch

	mu   sync.Mutex
	file *os.File
	lent *lent // the file
	end  int64
}

// room is a place for n bytes in the file, which p holds from then on.
func (a *arena) room(p *pile, n int) (file *os.File, l *lent, at int64, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lent == nil || !slices.Contains(p.lent, a.lent) {
		if a.lent == nil || !a.lent.join() {
			if a.file, err = a.scratch(); err != nil {
				return nil, nil, 0, err
			}
			a.lent, a.end = newLent(a.file), 0
		}
		p.lent = append(p.lent, a.lent)
	}
	at = a.end
	a.end += int64(n)
	return a.file, a.lent, at, nil
}

// owns tells whether l is the arena's own file.
func (a *arena) owns(l *lent) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lent == l
}
