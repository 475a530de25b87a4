package validate

import (
	"slices"
	"strings"

	"freshet/api"
)

// values counts the values of a field exactly while there are at most topMax of
// them, each at most topBytes long; then only how many different ones there
// are, by estimate. Nothing depends on the order in which they came.
type values struct {
	sketch *hll     // once there were too many; nothing is kept besides
	slot   []uint16 // 1 + index of the entry; 0 = free
	entry  []topEntry
	arena  []byte
	last   int // entry of the value before: fields repeat themselves
}

type topEntry struct {
	hash     uint64
	word     uint64 // the value, if it is short
	from, to uint32
	count    int64
}

const (
	topMax   = 1000
	topBytes = 256
	topShown = 20
)

func (t *values) add(v []byte) {
	if len(v) <= shortValue {
		t.addShort(wordOf(v), v)
		return
	}
	t.addLong(valueHash(v), v)
}

// addShort adds a short value, which is word.
func (t *values) addShort(word uint64, v []byte) {
	hash := shortHash(word, len(v))
	if t.sketch != nil {
		t.sketch.add(hash)
		return
	}
	if t.last < len(t.entry) {
		if e := &t.entry[t.last]; e.hash == hash && e.word == word && int(e.to-e.from) == len(v) {
			e.count++
			return
		}
	}
	t.count(hash, word, v, 1)
}

// addLong adds a value that is not short, by its hash.
func (t *values) addLong(hash uint64, v []byte) {
	if t.sketch != nil {
		t.sketch.add(hash)
		return
	}
	t.count(hash, 0, v, 1)
}

// count counts a value so many times. word is the value if it is short, else zero.
func (t *values) count(hash, word uint64, v []byte, count int64) {
	if len(t.entry)*2 >= len(t.slot) {
		t.grow()
	}
	mask := uint64(len(t.slot) - 1)
	s := hash & mask
	for ; t.slot[s] != 0; s = (s + 1) & mask {
		e := &t.entry[t.slot[s]-1]
		if e.hash == hash && e.word == word && int(e.to-e.from) == len(v) && (len(v) <= shortValue || string(t.arena[e.from:e.to]) == string(v)) {
			e.count += count
			t.last = int(t.slot[s]) - 1
			return
		}
	}
	if len(t.entry) == topMax || len(v) > topBytes {
		t.giveUp()
		t.sketch.add(hash)
		return
	}
	from := uint32(len(t.arena))
	t.arena = append(t.arena, v...)
	t.entry = append(t.entry, topEntry{hash, word, from, uint32(len(t.arena)), count})
	t.slot[s] = uint16(len(t.entry))
}

func (t *values) grow() {
	t.slot = make([]uint16, max(16, 2*len(t.slot)))
	mask := uint64(len(t.slot) - 1)
	for i, e := range t.entry {
		s := e.hash & mask
		for t.slot[s] != 0 {
			s = (s + 1) & mask
		}
		t.slot[s] = uint16(i + 1)
	}
}

func (t *values) giveUp() {
	h := &hll{}
	for i := range t.entry {
		h.add(t.entry[i].hash)
	}
	*t = values{sketch: h}
}

func (t *values) merge(u *values) {
	if u.sketch != nil {
		if t.sketch == nil {
			t.giveUp()
		}
		t.sketch.merge(u.sketch)
	}
	for i := range u.entry {
		if e := &u.entry[i]; t.sketch != nil {
			t.sketch.add(e.hash)
		} else {
			t.count(e.hash, e.word, u.arena[e.from:e.to], e.count)
		}
	}
}

// distinct is how many different values there are.
func (t *values) distinct() int64 {
	if t.sketch != nil {
		return t.sketch.estimate()
	}
	return int64(len(t.entry))
}

func (t *values) report() []api.TopValue {
	if t.sketch != nil {
		return nil
	}
	out := make([]api.TopValue, 0, len(t.entry))
	for _, e := range t.entry {
		out = append(out, api.TopValue{Value: string(t.arena[e.from:e.to]), Count: e.count})
	}
	slices.SortFunc(out, func(a, b api.TopValue) int {
		if a.Count != b.Count {
			return int(b.Count - a.Count)
		}
		return strings.Compare(a.Value, b.Value)
	})
	return out[:min(len(out), topShown)]
}
