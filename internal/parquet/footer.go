// Package parquet reads what a Parquet file says of itself, and walks over its
// pages: whether all that the footer promises is there, and undamaged where
// there are checksums. It decodes no values. It is pure: it is handed readers,
// and whatever the bytes claim, its memory is bounded by the size of the footer.
package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Magic begins and ends every file.
const Magic = "PAR1"

// TailSize is how many bytes at the end tell where the footer begins.
const TailSize = 8

// Limits of what is read.
const (
	MaxFooter  = 16 << 20
	MaxColumns = 10_000
	maxDepth   = 100 // of nested columns
)

// Type is how values are stored.
type Type int8

// Types of columns.
const (
	Boolean Type = iota
	Int32
	Int64
	Int96
	Float
	Double
	ByteArray
	FixedByteArray
	numTypes
)

// Column is a leaf of the schema, and what its chunks say of it together.
type Column struct {
	Path           []string
	Type           Type
	optional, list bool // it may be null; there may be more or fewer values than rows

	Values, Nulls int64
	Min, Max      *float64 // of numbers, where each chunk with values tells them
	unknown       bool     // a chunk with values tells no range
}

// Repeated tells that a record may hold more than one value of the column, or none.
func (c *Column) Repeated() bool { return c.list }

// Footer is what the end of a file says.
type Footer struct {
	Rows      int64
	RowGroups int64
	Columns   []*Column
	At        int64 // where it begins in the file: pages lie before it
	groups    []byte
}

// FooterAt tells where the footer of a file lies, by its last TailSize bytes.
func FooterAt(tail []byte, size int64) (at, n int64, err error) {
	n = int64(binary.LittleEndian.Uint32(tail))
	switch {
	case string(tail[4:]) == "PARE":
		return 0, 0, errors.New("the file is encrypted")
	case string(tail[4:]) != Magic:
		return 0, 0, errors.New("the file does not end with PAR1: it was cut off, or is not whole")
	case n > size-TailSize-int64(len(Magic)):
		return 0, 0, fmt.Errorf("the footer has %d bytes by its own word, the file only %d", n, size)
	case n > MaxFooter:
		return 0, 0, fmt.Errorf("the footer has %d bytes; at most %d are read", n, MaxFooter)
	}
	return size - TailSize - n, n, nil
}

// ParseFooter reads the footer that begins at a place of the file.
func ParseFooter(b []byte, at int64) (*Footer, error) {
	f := &Footer{At: at}
	t := &thrift{b: b}
	rows, schema := false, false
	var err error
	t.fields(func(id int64, kind byte) {
		switch {
		case id == 2 && kind == typeList && !schema:
			schema = true
			err = f.schema(t)
		case id == 3 && integer(kind):
			f.Rows, rows = t.int(), true
		case id == 4 && kind == typeList:
			from := t.b
			t.list(func(kind byte) {
				f.RowGroups++
				t.skipElement(kind)
			})
			f.groups = from[:len(from)-len(t.b)]
		default:
			t.skip(kind)
		}
	})
	switch {
	case t.err != nil:
		return nil, t.err
	case err != nil:
		return nil, err
	case !schema || !rows || f.Rows < 0:
		return nil, errors.New("the footer tells no schema or no number of rows")
	}
	return f, nil
}

// integer tells that a value is a whole number.
func integer(kind byte) bool { return kind >= 4 && kind <= 6 }

// element is a node of the schema, which lies there in depth-first order.
type element struct {
	kind, repetition, children int64
	name                       string
}

// level is a group whose children are being read.
type level struct {
	left           int64
	name           string
	optional, list bool
}

// schema collects the leaves.
func (f *Footer) schema(t *thrift) error {
	var open []level
	var err error
	n := 0
	t.list(func(kind byte) {
		e := element{kind: -1}
		if kind != typeStruct {
			t.fail(errBad)
			return
		}
		t.fields(func(id int64, kind byte) { e.field(t, id, kind) })
		if err != nil || t.err != nil {
			return
		}
		root := n == 0
		if n++; n > 4*MaxColumns {
			err = fmt.Errorf("the schema has more than %d elements", 4*MaxColumns)
			return
		}
		open, err = f.add(open, &e, root)
	})
	for len(open) > 0 && open[len(open)-1].left == 0 {
		open = open[:len(open)-1]
	}
	switch {
	case err != nil || t.err != nil:
		return err
	case len(open) > 0:
		return errors.New("the schema ends in the middle of a group")
	}
	return nil
}

func (e *element) field(t *thrift, id int64, kind byte) {
	switch {
	case id == 1 && integer(kind):
		e.kind = t.int()
	case id == 3 && integer(kind):
		e.repetition = t.int()
	case id == 4 && kind == typeBinary:
		e.name = string(t.bytes())
	case id == 5 && integer(kind):
		e.children = t.int()
	default:
		t.skip(kind)
	}
}

// add places an element below the groups that are open.
func (f *Footer) add(open []level, e *element, root bool) ([]level, error) {
	for len(open) > 0 && open[len(open)-1].left == 0 {
		open = open[:len(open)-1]
	}
	l := level{left: e.children, name: e.name}
	if !root {
		if len(open) == 0 {
			return nil, errors.New("the schema has elements behind its end")
		}
		above := &open[len(open)-1]
		above.left--
		l.optional, l.list = above.optional || e.repetition == 1, above.list || e.repetition == 2
	}
	if e.children > 0 || root {
		if len(open) == maxDepth {
			return nil, fmt.Errorf("columns nest deeper than %d", maxDepth)
		}
		return append(open, l), nil
	}
	if e.kind < 0 || e.kind >= int64(numTypes) || e.children < 0 {
		return nil, fmt.Errorf("the column %q has no known type", e.name)
	}
	if len(f.Columns) == MaxColumns {
		return nil, fmt.Errorf("the file has more than %d columns", MaxColumns)
	}
	c := &Column{Type: Type(e.kind), optional: l.optional, list: l.list}
	for _, g := range open[1:] {
		c.Path = append(c.Path, g.name)
	}
	c.Path = append(c.Path, e.name)
	f.Columns = append(f.Columns, c)
	return open, nil
}

// tell adds what a chunk says of its column.
func (c *Column) tell(k *Chunk) {
	c.Values += k.Values
	c.Nulls += k.nulls
	low, ok := c.number(k.low)
	high, also := c.number(k.high)
	switch {
	case c.unknown || k.Values == k.nulls:
	case !ok || !also:
		c.unknown, c.Min, c.Max = true, nil, nil
	default:
		if c.Min == nil || low < *c.Min {
			c.Min = &low
		}
		if c.Max == nil || high > *c.Max {
			c.Max = &high
		}
	}
}

func (c *Column) number(b []byte) (v float64, ok bool) {
	switch {
	case c.Type == Int32 && len(b) == 4:
		v = float64(int32(binary.LittleEndian.Uint32(b)))
	case c.Type == Int64 && len(b) == 8:
		v = float64(int64(binary.LittleEndian.Uint64(b)))
	case c.Type == Float && len(b) == 4:
		v = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case c.Type == Double && len(b) == 8:
		v = math.Float64frombits(binary.LittleEndian.Uint64(b))
	default:
		return 0, false
	}
	return v, !math.IsNaN(v) && !math.IsInf(v, 0)
}
