package validate

import (
	"math"
	"slices"

	"github.com/zeebo/xxh3"
)

// save writes the tree of paths, each node before those below it.
func (f *fieldSet) save(w *writer) {
	w.bool(f.dropped)
	w.int(int64(len(f.all)))
	f.root.saveBelow(w)
}

func (n *fieldNode) saveBelow(w *writer) {
	w.int(int64(len(n.kids)))
	for _, k := range n.kids {
		w.string(k.name)
		k.save(w)
		k.saveBelow(w)
	}
	if w.bool(n.elem != nil); n.elem != nil {
		n.elem.save(w)
		n.elem.saveBelow(w)
	}
}

func (f *fieldSet) load(r *reader) {
	f.dropped = r.bool()
	left := r.count(minNode)
	if left > maxFields {
		r.damaged()
		return
	}
	f.loadBelow(r, f.root, &left)
	if left != 0 {
		r.damaged()
	}
}

const minNode = 2 + 3 + 5 // fewest bytes of a node and its name

// loadBelow reads the nodes below n, of which at most so many are left.
func (f *fieldSet) loadBelow(r *reader, n *fieldNode, left *int) {
	add := func(c *fieldNode) {
		if *left--; c == nil || c.present > 0 || *left < 0 {
			r.damaged()
			return
		}
		c.load(r)
		f.loadBelow(r, c, left)
	}
	for range r.count(minNode) {
		if name := r.bytes(r.count(1)); r.err == nil {
			add(f.child(n, name))
		}
	}
	if r.bool() {
		add(f.element(n))
	}
}

// of a node, which of its statistics follow
const (
	hasNumbers = 1 << iota
	hasLengths
	hasDistinct
	topOver
)

func (n *fieldNode) save(w *writer) {
	flags := uint64(0)
	for bit, there := range map[uint64]bool{hasNumbers: n.num != nil, hasLengths: n.length != nil, hasDistinct: n.distinct != nil, topOver: n.top.over} {
		if there {
			flags |= bit
		}
	}
	w.uint(flags)
	w.int(n.present)
	w.int(n.null)
	w.int(n.empty)
	sparse(w, n.types[:], w.int)
	if n.num != nil {
		n.num.save(w)
	}
	if n.length != nil {
		n.length.save(w)
	}
	if n.distinct != nil {
		n.distinct.save(w)
	}
	n.top.save(w)
}

func (n *fieldNode) load(r *reader) {
	flags := r.uint()
	n.present, n.null, n.empty = r.int(), r.int(), r.int()
	loadSparse(r, n.types[:], r.int)
	if flags&hasNumbers != 0 {
		n.num = &numbers{}
		n.num.load(r)
	}
	if flags&hasLengths != 0 {
		n.lengths().load(r)
	}
	if flags&hasDistinct != 0 {
		n.distinct = &hll{}
		n.distinct.load(r)
	}
	n.top.over = flags&topOver != 0
	n.top.load(r)
}

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
	n.sum.since = 1
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

func (t *topValues) save(w *writer) {
	w.int(int64(len(t.entry)))
	for _, e := range t.entry {
		w.string(string(t.arena[e.from:e.to]))
		w.int(e.count)
	}
}

func (t *topValues) load(r *reader) {
	n := r.count(2)
	if n > topMax || n > 0 && t.over {
		r.damaged()
		return
	}
	for range n {
		v := r.bytes(r.count(1))
		if len(v) > topBytes {
			r.damaged()
			return
		}
		t.add(xxh3.Hash(v), v, r.int())
	}
	if len(t.entry) != n {
		r.damaged()
	}
}
