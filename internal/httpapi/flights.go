package httpapi

import "sync"

// flights counts the requests under way, so that the server can stop once the
// last is answered and tell whoever asks meanwhile that it is stopping.
type flights struct {
	mu     sync.Mutex
	n      int
	landed chan struct{} // not nil once the server stops; closed at zero
}

// enter counts a request in; false: the server is stopping.
func (f *flights) enter() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.landed != nil {
		return false
	}
	f.n++
	return true
}

func (f *flights) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.n--; f.n == 0 && f.landed != nil {
		close(f.landed)
	}
}

// drain lets no more in. The channel is closed once all have left.
func (f *flights) drain() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.landed == nil {
		f.landed = make(chan struct{})
		if f.n == 0 {
			close(f.landed)
		}
	}
	return f.landed
}
