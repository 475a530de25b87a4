package validate

import (
	"cmp"
	"slices"
	"strings"

	"freshet/api"
	"freshet/internal/record"

	"github.com/zeebo/xxh3"
)

// maxFields is for how many field paths statistics are kept: those of the
// least depth, and among them those of the smallest hash. A rule that depends
// on nothing but the paths keeps the choice the same in whatever order they come.
const (
	maxFields = 256
	maxPath   = 512 // bytes of a path; a name that is longer is data rather than a name
)

// fieldSet is the statistics of a file's fields, as a tree of paths.
type fieldSet struct {
	root    *fieldNode
	all     []*fieldNode
	worst   int // of all, once it is full
	dropped bool
	scratch []byte
	steps   []step // of a record that has no known shape
	walks   map[*record.Shape][]step
	hash    func([]byte) uint64 // of a value that is counted
	series  series
	shorts  record.Shorts
}

type fieldNode struct {
	name  string // member name; "[]" of an element
	path  string
	depth int
	rank  uint64
	up    *fieldNode

	kids  []*fieldNode
	index map[string]*fieldNode
	guess int // members mostly come in the same order
	elem  *fieldNode

	present, null, empty int64
	types                [record.NumKinds]int64
	num                  *numbers
	length               *lengths
	values               values
	bools                [2]int64 // true and false that are not among the values yet
}

func (p *Plan) newFieldSet() *fieldSet {
	f := &fieldSet{root: &fieldNode{}, hash: valueHash}
	if p.isCSV() {
		f.hash = fieldHash
	}
	return f
}

func (n *fieldNode) lengths() *lengths {
	if n.length == nil {
		n.length = &lengths{}
	}
	return n.length
}

// child is the node of a member, made when it is new and among those kept.
func (f *fieldSet) child(n *fieldNode, name []byte) *fieldNode {
	if g := n.guess; g < len(n.kids) && n.kids[g].name == string(name) {
		n.guess++
		return n.kids[g]
	}
	if f.beyond(n, name) {
		f.dropped = true
		return nil
	}
	if c, ok := n.index[string(name)]; ok {
		n.guess = slices.Index(n.kids, c) + 1
		return c
	}
	c := f.admit(n, name)
	if c == nil {
		return nil
	}
	c.path = c.name
	if n.path != "" {
		c.path = n.path + "." + c.name
	}
	if n.index == nil {
		n.index = map[string]*fieldNode{}
	}
	n.kids = append(n.kids, c)
	n.index[c.name] = c
	n.guess = len(n.kids)
	return c
}

// beyond tells that the set is full of nodes that are better than a member of n,
// so that it cannot be among them.
func (f *fieldSet) beyond(n *fieldNode, name []byte) bool {
	if len(f.all) < maxFields {
		return false
	}
	w := f.all[f.worst]
	return n.depth+1 > w.depth || n.depth+1 == w.depth && xxh3.HashSeed(name, n.rank) > w.rank
}

func (f *fieldSet) element(n *fieldNode) *fieldNode {
	if n.elem == nil {
		if n.elem = f.admit(n, []byte("[]")); n.elem != nil {
			n.elem.path = n.path + "[]"
		}
	}
	return n.elem
}

// admit makes a new node under n, unless the set is full of better ones. What
// is refused costs a hash and no memory: objects may have millions of names.
func (f *fieldSet) admit(n *fieldNode, name []byte) *fieldNode {
	if len(n.path)+len(name) > maxPath {
		f.dropped = true
		return nil
	}
	depth, rank := n.depth+1, xxh3.HashSeed(name, n.rank)
	full := len(f.all) == maxFields
	if full {
		f.dropped = true
		if !before(depth, rank, f.all[f.worst]) {
			return nil
		}
	}
	c := &fieldNode{name: string(name), depth: depth, rank: rank, up: n}
	if full {
		f.evict(f.all[f.worst])
		f.all[f.worst] = c
	} else {
		f.all = append(f.all, c)
	}
	if len(f.all) == maxFields {
		f.worst = 0
		for i, m := range f.all {
			if w := f.all[f.worst]; before(w.depth, w.rank, m) {
				f.worst = i
			}
		}
	}
	return c
}

func (f *fieldSet) evict(w *fieldNode) {
	f.walks, f.series.shape = nil, nil
	if w.up.elem == w {
		w.up.elem = nil
		return
	}
	delete(w.up.index, w.name)
	w.up.kids = slices.DeleteFunc(w.up.kids, func(k *fieldNode) bool { return k == w })
}

func before(depth int, rank uint64, m *fieldNode) bool {
	if depth != m.depth {
		return depth < m.depth
	}
	return rank < m.rank
}

// merge adds the statistics of g, which is not used again.
func (f *fieldSet) merge(g *fieldSet) {
	f.dropped = f.dropped || g.dropped
	f.mergeNode(f.root, g.root)
}

func (f *fieldSet) mergeNode(n, m *fieldNode) {
	n.present += m.present
	n.null += m.null
	n.empty += m.empty
	for i, c := range m.types {
		n.types[i] += c
	}
	if m.num != nil {
		if n.num == nil {
			n.num = m.num
		} else {
			n.num.n += m.num.n
			n.num.min, n.num.max = min(n.num.min, m.num.min), max(n.num.max, m.num.max)
			n.num.sum.merge(&m.num.sum)
		}
	}
	if m.length != nil {
		n.lengths().merge(m.length)
	}
	for i, c := range m.bools {
		n.bools[i] += c
	}
	n.values.merge(&m.values)
	for _, k := range m.kids {
		if c := f.child(n, []byte(k.name)); c != nil {
			f.mergeNode(c, k)
		}
	}
	if m.elem != nil {
		if c := f.element(n); c != nil {
			f.mergeNode(c, m.elem)
		}
	}
}

// report lists the fields by path.
func (f *fieldSet) report() []api.Field {
	out := make([]api.Field, 0, len(f.all))
	// different fields may be written alike: {"a.b": 1} and {"a": {"b": 1}}
	all := slices.Clone(f.all)
	slices.SortFunc(all, func(a, b *fieldNode) int {
		return cmp.Or(strings.Compare(a.path, b.path), cmp.Compare(a.depth, b.depth), cmp.Compare(a.rank, b.rank))
	})
	for _, n := range all {
		n.settle()
		r := api.Field{Path: n.path, Present: n.present, Null: n.null, Empty: n.empty, Types: map[string]int64{}, Length: n.length.report(), Distinct: n.values.distinct(), Top: n.values.report()}
		for k, c := range n.types {
			if c > 0 {
				r.Types[record.Kind(k).String()] = c
			}
		}
		if n.num != nil {
			mean := n.num.sum.over(n.num.n)
			r.Min, r.Max, r.Mean = &n.num.min, &n.num.max, &mean
		}
		out = append(out, r)
	}
	return out
}
