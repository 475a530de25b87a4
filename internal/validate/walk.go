package validate

import "freshet/internal/record"

// step is a value of a record that statistics are kept of.
type step struct {
	node  *fieldNode
	tok   int
	kind  record.Kind
	count int64 // elements of an array; of an object the tokens
}

// mostWalks is of how many shapes the steps are kept; then it begins anew.
const mostWalks = 128

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
