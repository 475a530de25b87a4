package record

import (
	"bytes"

	"github.com/zeebo/xxh3"
)

// keySet finds names that an object has twice. It is emptied by counting up an
// epoch, so that objects of a few names cost a few hashes.
type keySet struct {
	slot  []keySlot
	epoch uint16
	a, b  []byte // decoded names
}

type keySlot struct {
	epoch uint16
	tag   uint16 // first bits of the hash: names that differ are mostly not compared
	tok   uint32
}

// DuplicateNames calls f with every member name that its object had before.
func (j *JSON) DuplicateNames(f func(tok int)) {
	for i := range j.Tok {
		if t := &j.Tok[i]; t.Kind == Object && int(t.N) > i+3 {
			j.duplicates(i, f)
		}
	}
}

func (j *JSON) duplicates(obj int, f func(tok int)) {
	k := &j.keys
	end := int(j.Tok[obj].N)
	if need := end - obj; need > len(k.slot) { // at most every other is a name
		size := 64
		for size < need {
			size *= 2
		}
		k.slot = make([]keySlot, size)
		k.epoch = 0
	}
	k.epoch++
	if k.epoch == 0 {
		clear(k.slot)
		k.epoch = 1
	}
	mask := uint64(len(k.slot) - 1)
	if end-obj < 32 { // few members: stay within a few cache lines
		mask = 63
	}
	for name := obj + 1; name < end; name = j.Next(name + 1) {
		h := j.nameHash(name)
		for s := h & mask; ; s = (s + 1) & mask {
			if k.slot[s].epoch != k.epoch {
				k.slot[s] = keySlot{k.epoch, uint16(h >> 48), uint32(name)}
				break
			}
			if k.slot[s].tag == uint16(h>>48) && j.sameName(int(k.slot[s].tok), name) {
				f(name)
				break
			}
		}
	}
}

func (j *JSON) nameHash(tok int) uint64 {
	if j.Tok[tok].Flags&Escaped == 0 {
		return xxh3.Hash(j.Text(tok))
	}
	j.keys.a = j.Decode(j.keys.a[:0], tok)
	return xxh3.Hash(j.keys.a)
}

func (j *JSON) sameName(x, y int) bool {
	if j.Tok[x].N != j.Tok[y].N {
		return false
	}
	if (j.Tok[x].Flags|j.Tok[y].Flags)&Escaped == 0 {
		return bytes.Equal(j.Text(x), j.Text(y))
	}
	j.keys.a = j.Decode(j.keys.a[:0], x)
	j.keys.b = j.Decode(j.keys.b[:0], y)
	return bytes.Equal(j.keys.a, j.keys.b)
}
