package rule

import (
	"math/bits"

	"github.com/zeebo/xxh3"
)

// hashSet holds the hashes of a record's names or ids. It is emptied by counting
// up an epoch and keeps its memory, so that using it costs no allocation and
// looking up takes the same time however many there are.
type hashSet struct {
	slot  []hashSlot
	n     int
	epoch uint32
}

type hashSlot struct {
	hash  uint64
	epoch uint32
}

func (s *hashSet) reset() {
	s.n = 0
	s.epoch++
	if s.epoch == 0 || len(s.slot) > 1<<16 { // wrapped round, or one large record's
		s.slot, s.epoch = nil, 1
	}
}

func (s *hashSet) add(v []byte) {
	if 2*s.n >= len(s.slot) {
		s.grow()
	}
	if p := s.find(xxh3.Hash(v)); p.epoch != s.epoch {
		*p = hashSlot{xxh3.Hash(v), s.epoch}
		s.n++
	}
}

func (s *hashSet) has(v []byte) bool {
	return len(s.slot) > 0 && s.find(xxh3.Hash(v)).epoch == s.epoch
}

// find is the slot of a hash, or the free one where it belongs.
func (s *hashSet) find(h uint64) *hashSlot {
	shift := 64 - bits.TrailingZeros(uint(len(s.slot)))
	for i := h >> shift; ; i = (i + 1) & uint64(len(s.slot)-1) {
		if p := &s.slot[i]; p.epoch != s.epoch || p.hash == h {
			return p
		}
	}
}

func (s *hashSet) grow() {
	old := s.slot
	s.slot = make([]hashSlot, max(64, 2*len(old)))
	for _, o := range old {
		if o.epoch == s.epoch {
			*s.find(o.hash) = o
		}
	}
}
