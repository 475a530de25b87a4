package validate

import (
	"encoding/binary"

	"freshet/internal/record"
)

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
