package validate

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
		c.load(r, f.hash)
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
	hasSketch
)

func (n *fieldNode) save(w *writer) {
	n.settle()
	flags := uint64(0)
	for bit, there := range map[uint64]bool{hasNumbers: n.num != nil, hasLengths: n.length != nil, hasSketch: n.values.sketch != nil} {
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
	if n.values.sketch != nil {
		n.values.sketch.save(w)
	} else {
		n.values.save(w)
	}
}

func (n *fieldNode) load(r *reader, hash func([]byte) uint64) {
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
	if flags&hasSketch != 0 {
		n.values.sketch = &hll{}
		n.values.sketch.load(r)
	} else {
		n.values.load(r, hash)
	}
}
