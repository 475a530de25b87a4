package validate

import (
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"freshet/internal/durable"
)

// repeats calls found with every entry whose key was there before, by key, and
// the line of the first. Sorting tells which keys are equal.
func repeats(l *recordLog, found func(e entry, first int64) error) error {
	s := &sorter{scratch: l.scratch}
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
// Most keys of a long log are not, so it goes through a filter: only those are
// left whose first bits another has.
func candidates(l *recordLog, s *sorter) (err error) {
	var f *filter
	if l.n > filterFrom && l.n <= 2*filterMost {
		filterSlots <- struct{}{}
		defer func() { <-filterSlots }()
		if f, err = newFilter(l); err != nil {
			return err
		}
		defer f.close()
	}
	var mu sync.Mutex // of the sorter, which puts them in order
	return l.each(func(batch []entry) error {
		few := f.wanted(batch)
		mu.Lock()
		defer mu.Unlock()
		for _, e := range few {
			if err := s.add(e); err != nil {
				return err
			}
		}
		return nil
	})
}

var (
	filterFrom = int64(1 << 18) // entries; fewer are sorted as quickly
	filterMost = int64(1 << 27) // bits: 16 MiB; beyond twice as many entries it lets most through
	// filterSlots bounds how many filters there are at a time.
	filterSlots = make(chan struct{}, runtime.NumCPU())
)

// filter has a bit for each of the first bits of keys: whether more than one key
// has them. It lies beside the heap, which would grow by half as much again.
type filter struct {
	shift uint
	more  []uint64
	pages []byte
}

// newFilter reads the log once. The caller closes the filter.
func newFilter(l *recordLog) (*filter, error) {
	width := min(max(bits.Len64(uint64(l.n))+2, 6), bits.Len64(uint64(filterMost))-1) // 4 to 8 bits an entry, a word at least
	f := &filter{shift: uint(64 - width)}
	f.more, f.pages = words(1 << width / 64)
	one, pages := words(1 << width / 64) // whether a key has them
	defer durable.Free(pages)
	err := l.each(func(batch []entry) error {
		for i := range batch {
			at := batch[i].key >> f.shift
			if bit := uint64(1) << (at & 63); atomic.OrUint64(&one[at>>6], bit)&bit != 0 {
				atomic.OrUint64(&f.more[at>>6], bit)
			}
		}
		return nil
	})
	if err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// words are n zeros, and the memory that they lie in.
func words(n int) ([]uint64, []byte) {
	b := durable.Pages(n * 8)
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(b))), n), b
}

func (f *filter) close() {
	durable.Free(f.pages)
	f.more, f.pages = nil, nil
}

// wanted leaves those entries of a batch whose key shares its first bits with
// another; without a filter all.
func (f *filter) wanted(batch []entry) []entry {
	if f == nil {
		return batch
	}
	n := 0
	for i := range batch {
		at := batch[i].key >> f.shift
		batch[n] = batch[i]
		n += int(f.more[at>>6] >> (at & 63) & 1) // no branch, since no guess would be right
	}
	return batch[:n]
}
