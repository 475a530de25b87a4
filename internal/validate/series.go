package validate

import "freshet/internal/record"

// series is records of one shape that follow each other in a block. Their values are
// counted together, a field at a time: what is known of a field stays near, and
// all its values are of one type.
type series struct {
	shape *record.Shape
	steps []step
	most  int // rows that there is room for
	rows  int
	cells []cell // of each step, most
}

// cell is a value of a record: its bytes in the block.
type cell struct{ from, to uint32 }

const (
	seriesRows  = 60      // not a power of two, whose cells would share few sets of the cache
	seriesCells = 2 << 10 // 16 KiB
	seriesLeast = 4       // rows for which it is worth the while
)

// begin makes the series one of records of this shape; there are no rows.
func (r *series) begin(shape *record.Shape, steps []step) {
	r.shape, r.steps = shape, steps
	r.most = min(seriesRows, seriesCells/max(len(steps), 1))
	if r.most < seriesLeast {
		r.shape = nil
	} else if r.cells == nil {
		r.cells = make([]cell, seriesCells)
	}
}

// takes tells whether the record can be part of the series. Strings with escapes are
// decoded one by one.
func (r *series) takes(j *record.JSON) bool {
	return j.Shape != nil && j.Shape == r.shape && j.Seen&record.Escaped == 0
}

// take adds a record that begins at a place in the block.
func (r *series) take(j *record.JSON, place uint32) {
	at := r.rows
	for i := range r.steps {
		s := &r.steps[i]
		t, c := &j.Tok[s.tok], &r.cells[at]
		c.from, c.to = place+t.Start, place+t.End
		at += r.most
	}
	r.rows++
}

// flush counts the values of the series, which lies in p.
func (f *fieldSet) flush(p []byte) {
	r := &f.series
	if r.rows == 0 {
		return
	}
	for i := range r.steps {
		s := &r.steps[i]
		cells := r.cells[i*r.most:][:r.rows]
		n, rows := s.node, int64(r.rows)
		n.present += rows
		n.types[s.kind] += rows
		switch s.kind {
		case record.Null:
			n.null += rows
		case record.Object, record.Array:
			if s.count == 0 {
				n.empty += rows
			}
			if s.kind == record.Array {
				n.lengths().addTimes(s.count, rows)
			}
		case record.Bool:
			for k := range cells {
				n.bools[(cells[k].to-cells[k].from)&1]++
			}
		case record.Number, record.String:
			f.cells(n, s.kind, p, cells)
		}
	}
	r.rows = 0
}

// cells adds values of one type, numbers or strings without escapes, to n.
func (f *fieldSet) cells(n *fieldNode, kind record.Kind, p []byte, cells []cell) {
	b := &f.shorts
	for _, c := range cells {
		size := int(c.to - c.from)
		if size <= shortValue && int(c.from)+shortValue <= len(p) {
			b.Add(load(p[c.from:]), size)
			continue
		}
		v := p[c.from:c.to]
		if kind == record.Number {
			x, _ := record.ParseNumber(v)
			n.number(x)
		} else {
			n.lengths().add(int64(size))
			if size == 0 {
				n.empty++
			}
		}
		n.values.add(v)
	}
	b.Look(kind == record.Number)
	if kind == record.Number {
		n.shortNumbers(b)
	} else {
		n.lengths().addShorts(b.Sizes[:b.N])
		for _, size := range b.Sizes[:b.N] {
			if size == 0 {
				n.empty++
			}
		}
	}
	n.values.addShorts(b)
	b.N = 0
}
