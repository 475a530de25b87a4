package validate

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
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

// step is a value of a record that statistics are kept of.
type step struct {
	node  *fieldNode
	tok   int
	kind  record.Kind
	count int64 // elements of an array; of an object the tokens
}

// mostWalks is of how many shapes the steps are kept; then it begins anew.
const mostWalks = 128

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

type numbers struct {
	n        int64
	min, max float64
	sum      exactSum
}

func (p *Plan) newFieldSet() *fieldSet {
	f := &fieldSet{root: &fieldNode{}, hash: valueHash}
	if p.isCSV() {
		f.hash = fieldHash
	}
	return f
}

// record adds one JSON record. Those of one shape have the same steps. block is
// where it lies, at a place, if others may follow there: then flush must be called
// when they have come.
func (f *fieldSet) record(j *record.JSON, block []byte, place uint32) {
	if r := &f.series; block != nil && r.takes(j) {
		if r.rows == r.most {
			f.flush(block)
		}
		r.take(j, place)
		return
	}
	if j.Shape == nil {
		f.steps = f.members(f.steps[:0], j, f.root, 0)
		f.add(j, f.steps)
		return
	}
	steps, known := f.walks[j.Shape]
	if !known {
		steps = f.members(nil, j, f.root, 0)
		if f.walks == nil || len(f.walks) == mostWalks {
			f.walks = map[*record.Shape][]step{}
		}
		f.walks[j.Shape] = steps
	}
	f.add(j, steps)
	if block != nil && j.Shape != f.series.shape {
		f.flush(block)
		f.series.begin(j.Shape, steps)
	}
}

// members lists the values in the object at obj.
func (f *fieldSet) members(steps []step, j *record.JSON, n *fieldNode, obj int) []step {
	n.guess = 0
	for k, end := obj+1, j.Next(obj); k < end; k = j.Next(k + 1) {
		name := j.Text(k)
		if j.Tok[k].Flags&record.Escaped != 0 {
			f.scratch = j.Decode(f.scratch[:0], k)
			name = f.scratch
		}
		if c := f.child(n, name); c != nil {
			steps = f.value(steps, j, c, k+1)
		}
	}
	return steps
}

func (f *fieldSet) value(steps []step, j *record.JSON, n *fieldNode, tok int) []step {
	at := len(steps)
	t := &j.Tok[tok]
	steps = append(steps, step{node: n, tok: tok, kind: t.Kind})
	switch t.Kind {
	case record.Object:
		steps[at].count = int64(t.N) - int64(tok) - 1
		steps = f.members(steps, j, n, tok)
	case record.Array:
		count := int64(0)
		var elem *fieldNode
		for e, end := tok+1, int(t.N); e < end; e = j.Next(e) {
			if count++; elem == nil {
				if elem = f.element(n); elem == nil {
					count += f.rest(j, e, end)
					break
				}
			}
			steps = f.value(steps, j, elem, e)
		}
		steps[at].count = count
	}
	return steps
}

// add counts the values of a record.
func (f *fieldSet) add(j *record.JSON, steps []step) {
	for i := range steps {
		s := &steps[i]
		n, t := s.node, &j.Tok[s.tok]
		n.present++
		n.types[t.Kind]++
		switch t.Kind {
		case record.Null:
			n.null++
		case record.Object, record.Array:
			if s.count == 0 {
				n.empty++
			}
			if t.Kind == record.Array {
				n.lengths().add(s.count)
			}
		case record.String:
			if t.N == 0 {
				n.empty++
			}
			n.lengths().add(int64(t.N))
			text := j.Text(s.tok)
			if t.Flags&record.Escaped != 0 && t.N <= topBytes {
				f.scratch = j.Decode(f.scratch[:0], s.tok)
				text = f.scratch
			}
			n.values.add(text)
		case record.Number:
			n.number(j.Float(s.tok))
			n.values.add(j.Text(s.tok))
		case record.Bool:
			n.bools[(t.End-t.Start)&1]++ // of four letters, or of five
		}
	}
}

// rest counts the elements after the one at e.
func (f *fieldSet) rest(j *record.JSON, e, end int) (n int64) {
	for e = j.Next(e); e < end; e = j.Next(e) {
		n++
	}
	return n
}

// settle puts the truth values among the others.
func (n *fieldNode) settle() {
	for i, v := range [][]byte{[]byte("true"), []byte("false")} {
		if c := n.bools[i]; c > 0 {
			if n.bools[i] = 0; n.values.sketch != nil {
				n.values.add(v)
			} else {
				n.values.count(valueHash(v), v, c)
			}
		}
	}
}

// column adds the values of a CSV column to n: the fields, each so many after the
// one before, of rows that begin at places in p, whose quoting is as RFC 4180 has
// it. The type of a value is told by its look.
func (f *fieldSet) column(n *fieldNode, p []byte, fields []record.Field, rows []uint32, each int) {
	l, b := n.lengths(), &f.shorts
	at := 0
	for _, row := range rows {
		c := &fields[at]
		at += each
		from, to := int(row+c.Start), int(row+c.End)
		if to-from <= shortValue && from+shortValue <= len(p) && c.Doubled == 0 {
			if b.Add(load(p[from:]), to-from); b.N == record.MostShorts {
				n.looks(b)
			}
			continue
		}
		v := p[from:to]
		l.add(int64(len(v)) - int64(c.Doubled))
		n.look(v)
		hash := valueHash(v) // what fieldHash is
		if c.Doubled > 0 && n.values.sketch == nil {
			f.scratch = record.Single(f.scratch[:0], v)
			v = f.scratch
		}
		n.values.addHash(hash, v)
	}
	n.looks(b)
}

// looks adds short values of a CSV column, and empties b.
func (n *fieldNode) looks(b *record.Shorts) {
	b.Look(true)
	n.present += int64(b.N)
	numbers := n.shortNumbers(b)
	n.types[record.Number] += int64(numbers)
	n.types[record.String] += int64(b.N - numbers)
	n.lengths().addShorts(b.Sizes[:b.N])
	n.values.addShorts(b)
	b.N = 0
}

// shortNumbers adds those of b that are numbers, and tells how many they are.
func (n *fieldNode) shortNumbers(b *record.Shorts) (count int) {
	all := uint64(1)<<b.N - 1
	if b.Numeric == all && n.num != nil {
		n.num.addAll(b.Numbers[:b.N])
		return b.N
	}
	for i := range b.N {
		x, ok := b.Numbers[i], b.Numeric>>i&1 == 1
		if !ok {
			if b.Sizes[i] == 0 {
				n.empty++
				continue
			}
			if c := byte(b.Words[i]); c != '-' && c-'0' > 9 {
				continue
			}
			var v [shortValue]byte
			binary.LittleEndian.PutUint64(v[:], b.Words[i])
			if x, ok = record.ParseNumber(v[:b.Sizes[i]]); !ok { // with an exponent, or none
				continue
			}
		}
		n.number(x)
		count++
	}
	return count
}

// field adds one value of a CSV column.
func (n *fieldNode) field(v []byte) { n.line(v, fieldHash(v)) }

// line adds a value with its hash, whose type is told by its look.
func (n *fieldNode) line(v []byte, hash uint64) {
	n.look(v)
	n.lengths().add(int64(len(v)))
	n.values.addHash(hash, v)
}

// lines adds lines of text with their hashes.
func (n *fieldNode) lines(b *record.Block, l *record.Lines, hashes []uint64) {
	n.lengths().addAll(l.Sizes[:l.N])
	for i := range l.N {
		n.look(l.Line(b, i))
	}
	i := 0
	for ; i < l.N && n.values.sketch == nil; i++ {
		n.values.addHash(hashes[i], l.Line(b, i))
	}
	for ; i < l.N; i++ {
		n.values.sketch.add(hashes[i])
	}
}

// look counts a value by the type that it looks like.
func (n *fieldNode) look(v []byte) {
	n.present++
	if len(v) == 0 {
		n.empty++
	}
	if x, ok := record.ParseNumber(v); ok {
		n.types[record.Number]++
		n.number(x)
	} else {
		n.types[record.String]++
	}
}

func (n *fieldNode) lengths() *lengths {
	if n.length == nil {
		n.length = &lengths{}
	}
	return n.length
}

func (n *fieldNode) number(x float64) {
	if math.IsInf(x, 0) {
		return // number-range tells of it
	}
	if n.num == nil {
		n.num = &numbers{min: math.Inf(1), max: math.Inf(-1)}
	}
	n.num.add(x)
}

// addAll adds numbers of up to eight characters, at most MostShorts. Their sum has
// less than 128 bits, so it is made apart from the others.
func (n *numbers) addAll(all []float64) {
	const least = 1023 - 24 // exponent of 1e-7
	n.n += int64(len(all))
	low, high, whole, lo, hi := n.min, n.max, int64(0), uint64(0), uint64(0)
	for _, x := range all {
		if x == 0 {
			x = 0 // not -0, as in add
		}
		if x < low {
			low = x
		}
		if x > high {
			high = x
		}
		if i := int64(x); float64(i) == x {
			whole += i
			continue
		}
		m, exp := parts(x)
		by := uint(exp-least) & 63
		var carry uint64
		lo, carry = bits.Add64(lo, uint64(m)<<by, 0)
		hi += uint64(m>>1>>(63-by)) + carry
	}
	n.min, n.max = low, high
	n.sum.addWhole(whole)
	n.sum.addAt(lo, hi, least-1)
}

func (n *numbers) add(x float64) {
	if x == 0 {
		x = 0 // not -0: which of the two is less would depend on their order
	}
	n.n++
	if x < n.min {
		n.min = x
	}
	if x > n.max {
		n.max = x
	}
	n.sum.add(x)
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
