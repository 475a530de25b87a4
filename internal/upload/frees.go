package upload

import (
	"slices"
	"sync"
)

// frees knows who waits for other nodes to let go of uploads.
type frees struct {
	mu sync.Mutex
	m  map[string][]chan struct{}
}

// await gives a channel that is closed once another node says that it let go of
// the upload. The caller calls forget.
func (f *frees) await(upload string) (_ <-chan struct{}, forget func()) {
	c := make(chan struct{})
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.m == nil {
		f.m = map[string][]chan struct{}{}
	}
	f.m[upload] = append(f.m[upload], c)
	return c, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.m[upload] = slices.DeleteFunc(f.m[upload], func(o chan struct{}) bool { return o == c })
		if len(f.m[upload]) == 0 {
			delete(f.m, upload)
		}
	}
}

// tell has all who wait for the upload go on.
func (f *frees) tell(upload string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.m[upload] {
		close(c)
	}
	delete(f.m, upload)
}
