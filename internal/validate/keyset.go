package validate

// keySet is a set of keys that are hashes: each lies at the slot of its last
// bits, or at the next that is free.
type keySet struct {
	slot []uint64 // 0: free
	n    int
	zero bool // it is in the set
}

func (k *keySet) len() int {
	if k.zero {
		return k.n + 1
	}
	return k.n
}

func (k *keySet) add(key uint64) {
	if key == 0 {
		k.zero = true
		return
	}
	if 2*k.n >= len(k.slot) {
		grown := keySet{slot: make([]uint64, max(64, 2*len(k.slot))), zero: k.zero}
		for _, old := range k.slot {
			if old != 0 {
				grown.add(old)
			}
		}
		*k = grown
	}
	mask := uint64(len(k.slot) - 1)
	at := key & mask
	for ; k.slot[at] != 0; at = (at + 1) & mask {
		if k.slot[at] == key {
			return
		}
	}
	k.slot[at] = key
	k.n++
}

// upTo drops those that are larger.
func (k *keySet) upTo(most uint64) {
	var room [1 << 10]uint64 // for as many as mostly stay
	left := room[:0]
	for _, key := range k.slot {
		if key != 0 && key <= most {
			left = append(left, key)
		}
	}
	clear(k.slot)
	k.n = 0
	for _, key := range left {
		k.add(key)
	}
}

// all lists the keys.
func (k *keySet) all() []uint64 {
	out := make([]uint64, 0, k.len())
	if k.zero {
		out = append(out, 0)
	}
	for _, key := range k.slot {
		if key != 0 {
			out = append(out, key)
		}
	}
	return out
}
