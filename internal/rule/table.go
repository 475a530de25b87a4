package rule

import (
	"cmp"
	"slices"

	"freshet/internal/record"
)

// table shows a CSV record as an object of strings, so that what looks at
// objects need not know of columns: its tokens are the object, then a name and
// a value for each column.
type table struct {
	record.JSON
	columns []column
	named   bool // the columns are known
	filled  bool // the tokens are those of the record at hand
}

type column struct {
	name  []byte
	index int // of the field
}

// size of the record in bytes.
func (c *Context) size() int {
	if c.JSON != nil {
		return len(c.JSON.Raw)
	}
	return len(c.CSV.Raw)
}

// fields is the record as an object, whatever the format.
func (c *Context) fields() *record.JSON {
	if c.JSON != nil {
		return c.JSON
	}
	t := &c.table
	if t.filled {
		return &t.JSON
	}
	t.filled = true
	if !t.named {
		t.named = true
		for name, i := range c.Columns {
			t.columns = append(t.columns, column{[]byte(name), i})
		}
		slices.SortFunc(t.columns, func(a, b column) int { return cmp.Compare(a.index, b.index) })
	}
	t.Raw, t.Tok = t.Raw[:0], append(t.Tok[:0], record.Token{Kind: record.Object})
	for _, col := range t.columns {
		t.add(col.name, record.IsKey)
		t.add(c.CSV.Value(col.index), 0)
	}
	t.Tok[0].N, t.Tok[0].End = uint32(len(t.Tok)), uint32(len(t.Raw))
	return &t.JSON
}

func (t *table) add(s []byte, flags uint8) {
	from := uint32(len(t.Raw))
	t.Raw = append(t.Raw, s...)
	t.Tok = append(t.Tok, record.Token{Kind: record.String, Flags: flags, Start: from, End: uint32(len(t.Raw)), N: uint32(len(s))})
}

// placeOf is where to report what is wrong with a token of fields.
func (c *Context) placeOf(tok int) int {
	switch {
	case c.JSON != nil:
		return tok
	case tok == 0:
		return NoPlace
	}
	return c.table.columns[(tok-1)/2].index
}
