package validate

import (
	"math"
	"slices"
)

// sparse writes the elements that are not zero, each after its distance from the one before.
func sparse[T ~int64 | ~uint8](w *writer, all []T, one func(T)) {
	n := 0
	for _, v := range all {
		if v != 0 {
			n++
		}
	}
	w.int(int64(n))
	before := 0
	for i, v := range all {
		if v != 0 {
			w.int(int64(i - before))
			one(v)
			before = i
		}
	}
}

func loadSparse[T ~int64 | ~uint8](r *reader, all []T, one func() T) {
	i := int64(0)
	for range r.count(2) {
		if i += r.int(); i >= int64(len(all)) {
			r.damaged()
			return
		}
		all[i] = one()
	}
}

func (n *numbers) save(w *writer) {
	w.int(n.n)
	w.fixed(math.Float64bits(n.min))
	w.fixed(math.Float64bits(n.max))
	n.sum.carry()
	sparse(w, n.sum.limb[:], w.signed)
}

func (n *numbers) load(r *reader) {
	n.n = r.int()
	n.min, n.max = math.Float64frombits(r.fixed()), math.Float64frombits(r.fixed())
	if n.n == 0 || !(n.min <= n.max) || math.IsInf(n.min, 0) || math.IsInf(n.max, 0) {
		r.damaged()
	}
	loadSparse(r, n.sum.limb[:], r.signed)
}

func (l *lengths) save(w *writer) {
	w.int(l.n)
	w.int(l.sum)
	w.int(l.min)
	w.int(l.max)
	sparse(w, l.bucket[:], w.int)
}

func (l *lengths) load(r *reader) {
	l.n, l.sum, l.min, l.max = r.int(), r.int(), r.int(), r.int()
	loadSparse(r, l.bucket[:], r.int)
}

// save writes few registers one by one, many by four bits each: they lie close
// together, so that most fit above the least of them.
func (h *hll) save(w *writer) {
	used := 0
	for _, v := range h {
		if v != 0 {
			used++
		}
	}
	dense := used > hllSize/4
	if w.bool(dense); !dense {
		sparse(w, h[:], func(v uint8) { w.b = append(w.b, v) })
		return
	}
	least := slices.Min(h[:])
	w.b = append(w.b, least)
	for i := 0; i < hllSize; i += 2 {
		w.b = append(w.b, min(h[i]-least, 15)|min(h[i+1]-least, 15)<<4)
	}
	for _, v := range h {
		if v-least >= 15 {
			w.b = append(w.b, v)
		}
	}
}

func (h *hll) load(r *reader) {
	if !r.bool() {
		loadSparse(r, h[:], r.byte)
	} else {
		least := r.byte()
		for i, b := range r.bytes(hllSize / 2) {
			h[2*i], h[2*i+1] = b&15, b>>4
		}
		for i, v := range h {
			if h[i] = v + least; v == 15 {
				h[i] = r.byte()
			}
		}
	}
	if slices.Max(h[:]) > 64 {
		r.damaged()
	}
}

func (t *values) save(w *writer) {
	w.int(int64(len(t.entry)))
	for _, e := range t.entry {
		w.string(string(t.arena[e.from:e.to]))
		w.int(e.count)
	}
}

func (t *values) load(r *reader, hash func([]byte) uint64) {
	n := r.count(2)
	if n > topMax {
		r.damaged()
		return
	}
	for range n {
		v := r.bytes(r.count(1))
		if len(v) > topBytes {
			r.damaged()
			return
		}
		t.count(hash(v), v, r.int())
	}
	if len(t.entry) != n { // one was there twice
		r.damaged()
	}
}
