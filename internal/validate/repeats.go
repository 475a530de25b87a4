package validate

import (
	"math/bits"
	"runtime"
)

// repeats calls found with every entry whose key was there before, by key, and
// the line of the first.
//
// Sorting tells which keys are equal. Most are not, so a long log goes through a
// filter first: only entries whose key shares some bits with another's are sorted.
func repeats(l *recordLog, found func(e entry, first int64) error) error {
	s := &sorter{scratch: l.scratch}
	defer s.close()
	wanted := func(uint64) bool { return true }
	if l.n > filterFrom && l.n <= 2*filterMost {
		filterSlots <- struct{}{}
		defer func() { <-filterSlots }()
		f, err := newFilter(l)
		if err != nil {
			return err
		}
		wanted = f.twice
	}
	for e, err := range l.entries() {
		if err != nil {
			return err
		}
		if !wanted(e.key) {
			continue
		}
		if err := s.add(e); err != nil {
			return err
		}
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

var (
	filterFrom = int64(1 << 18) // entries; fewer are sorted as quickly
	filterMost = int64(1 << 27) // bits: 16 MiB; beyond twice as many entries it lets most through
	// filterSlots bounds how many filters there are at a time.
	filterSlots = make(chan struct{}, runtime.NumCPU())
)

// filter has a bit for each of the first bits of keys: whether a key has them,
// and whether more than one has.
type filter struct {
	shift     uint
	one, more []uint64
}

// newFilter reads the log once.
func newFilter(l *recordLog) (*filter, error) {
	width := min(bits.Len64(uint64(l.n))+3, bits.Len64(uint64(filterMost))-1) // 8 to 16 bits an entry
	f := &filter{shift: uint(64 - width), one: make([]uint64, 1<<width/64), more: make([]uint64, 1<<width/64)}
	for e, err := range l.entries() {
		if err != nil {
			return nil, err
		}
		i := e.key >> f.shift
		if bit := uint64(1) << (i & 63); f.one[i>>6]&bit == 0 {
			f.one[i>>6] |= bit
		} else {
			f.more[i>>6] |= bit
		}
	}
	f.one = nil
	return f, nil
}

// twice tells whether more than one key has the first bits of this one.
func (f *filter) twice(key uint64) bool {
	i := key >> f.shift
	return f.more[i>>6]>>(i&63)&1 != 0
}
