package validate

import (
	"runtime"
	"sync"
)

// repeats calls found with every entry whose key was there before, by key, and
// the line of the first. Sorting tells which keys are equal.
func repeats(l *recordLog, found func(e entry, first int64) error) error {
	s := &sorter{scratch: l.arena.scratch}
	defer s.close()
	if err := candidates(l, s); err != nil {
		return err
	}
	m, err := s.sorted()
	if err != nil {
		return err
	}
	var head entry
	started := false
	for e := range m.entries() {
		if !started || head.key != e.key {
			head, started = e, true
			continue
		}
		if err := found(e, head.line&^badRecord); err != nil {
			return err
		}
	}
	return m.err
}

// candidates gives the sorter the entries whose keys may be equal to another's.
// Most keys of a long log are not, and a filter leaves few of those.
func candidates(l *recordLog, s *sorter) (err error) {
	var f *filter
	if n := l.count(); n > filterFrom && n <= 2*filterMost {
		filterBusy <- struct{}{}
		defer func() { <-filterBusy }()
		if f, err = newFilter(l); err != nil {
			return err
		}
		defer f.close()
	}
	cores := runtime.GOMAXPROCS(0)
	var mu sync.Mutex // of the sorter, which puts them in order
	few := make([]struct {
		which   []int32
		entries []entry
	}, cores)
	return l.each(cores, func(core int, b *block) (err error) {
		c := &few[core]
		if c.which = f.wanted(b.keys, c.which); len(c.which) == 0 {
			return nil
		}
		if c.entries, err = b.entries(c.which, c.entries[:0]); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for _, e := range c.entries {
			if err := s.add(e); err != nil {
				return err
			}
		}
		return nil
	})
}
