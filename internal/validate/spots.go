package validate

import (
	"maps"
	"slices"

	"freshet/api"
)

// spots counts errors by where in the file they lie, so that a map of a file that
// still arrives needs no list of them. Places are as fine as leaves at most
// mostSpots of them; how fine that is depends on the errors alone, not on the
// order in which stretches were joined.
type spots struct {
	shift uint // a spot is so many bytes: 1 << shift
	n     map[int64]int64
}

const (
	finestSpot = 16 // 64 KiB
	mostSpots  = 4096
)

func (s *spots) add(offset, errors int64) {
	if s.n == nil {
		s.shift, s.n = max(s.shift, finestSpot), map[int64]int64{}
	}
	s.n[offset>>s.shift] += errors
	for len(s.n) > mostSpots {
		s.coarsen()
	}
}

func (s *spots) coarsen() {
	coarser := make(map[int64]int64, len(s.n))
	for at, errors := range s.n {
		coarser[at>>1] += errors
	}
	s.shift, s.n = s.shift+1, coarser
}

func (s *spots) merge(o *spots) {
	for len(s.n) > 0 && s.shift < o.shift {
		s.coarsen()
	}
	s.shift = max(s.shift, o.shift)
	for at, errors := range o.n {
		s.add(at<<o.shift, errors)
	}
}

// report gives them in file order.
func (s *spots) report() []api.Spot {
	out := make([]api.Spot, 0, len(s.n))
	for _, at := range slices.Sorted(maps.Keys(s.n)) {
		out = append(out, api.Spot{ByteOffset: at << s.shift, Bytes: 1 << s.shift, Errors: s.n[at]})
	}
	return out
}

func (s *spots) save(w *writer) {
	w.int(int64(s.shift))
	w.int(int64(len(s.n)))
	last := int64(0)
	for _, at := range slices.Sorted(maps.Keys(s.n)) {
		w.int(at - last)
		w.int(s.n[at])
		last = at
	}
}

func (s *spots) load(r *reader) {
	shift, n := r.int(), r.count(2)
	if shift > 62 || n > mostSpots || n > 0 && shift < finestSpot {
		r.damaged()
		return
	}
	*s = spots{shift: uint(shift)}
	for at := int64(0); n > 0 && r.err == nil; n-- {
		at += r.int()
		s.add(at<<s.shift, r.int())
	}
}
