package validate

import (
	"encoding/binary"
	"slices"
	"strings"

	"freshet/api"
	"freshet/internal/record"
)

// values counts the values of a field exactly while there are at most topMax of
// them, each at most topBytes long; then only how many different ones there
// are, by estimate. Nothing depends on the order in which they came.
type values struct {
	sketch *hll     // once there were too many; nothing is kept besides
	slot   []uint16 // 1 + index of the entry; 0 = free
	entry  []topEntry
	arena  []byte
}

type topEntry struct {
	hash     uint64
	from, to uint32
	count    int64
}

const (
	topMax   = 1000
	topBytes = 256
	topShown = 20
)

func (t *values) add(v []byte) { t.addHash(valueHash(v), v) }

// addHash adds a value by its hash.
func (t *values) addHash(hash uint64, v []byte) {
	if t.sketch != nil {
		t.sketch.add(hash)
	} else {
		t.count(hash, v, 1)
	}
}

// addShorts adds values that were looked at.
func (t *values) addShorts(b *record.Shorts) {
	i := 0
	for i < b.N && t.sketch == nil {
		i = t.countShorts(b, i)
		if i == b.N {
			return
		}
		var v [shortValue]byte // a new one
		binary.LittleEndian.PutUint64(v[:], b.Words[i])
		t.count(b.Hashes[i], v[:b.Sizes[i]], 1)
		i++
	}
	for ; i < b.N; i++ {
		t.sketch.add(b.Hashes[i])
	}
}

// countShorts counts values from i on while they are known, and tells how far it
// came. The hashes of short values of a size are all different, so that they need
// no look at bytes.
func (t *values) countShorts(b *record.Shorts, i int) int {
	slot, entry := t.slot, t.entry
	if len(slot) == 0 {
		return i
	}
	mask := uint64(len(slot) - 1)
	for ; i < b.N; i++ {
		hash, size := b.Hashes[i], b.Sizes[i]
		for s := hash; ; s++ {
			k := slot[s&mask]
			if k == 0 {
				return i
			}
			if e := &entry[k-1]; e.hash == hash && uint64(e.to-e.from) == size {
				e.count++
				break
			}
		}
	}
	return i
}

// find is the slot of the entry of a value, or the free one that is to have it.
func (t *values) find(hash uint64, v []byte) uint64 {
	if len(t.entry)*2 >= len(t.slot) {
		t.grow()
	}
	mask := uint64(len(t.slot) - 1)
	s := hash & mask
	for ; t.slot[s] != 0; s = (s + 1) & mask {
		if e := &t.entry[t.slot[s]-1]; e.hash == hash && string(t.arena[e.from:e.to]) == string(v) {
			break
		}
	}
	return s
}

// count counts a value so many times.
func (t *values) count(hash uint64, v []byte, count int64) {
	s := t.find(hash, v)
	if t.slot[s] == 0 {
		t.begin(s, hash, v, count)
		return
	}
	t.entry[t.slot[s]-1].count += count
}

// begin makes the entry of a value in a slot that is free, unless there are too many.
func (t *values) begin(s, hash uint64, v []byte, count int64) {
	if len(t.entry) == topMax || len(v) > topBytes {
		t.giveUp()
		t.sketch.add(hash)
		return
	}
	from := uint32(len(t.arena))
	t.arena = append(t.arena, v...)
	t.entry = append(t.entry, topEntry{hash, from, uint32(len(t.arena)), count})
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
			t.count(e.hash, u.arena[e.from:e.to], e.count)
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
