package record

import (
	"bytes"
	"slices"
)

// Block is a stretch of whole lines that begins with a record, scanned as one.
type Block struct {
	p     []byte
	index index
	next  int  // entry of the index
	at    int  // where the next record begins
	esc   int  // escape of the index
	view  view // JSON: of the record that was taken last
	table Table
	start uint32 // where the row begins that was taken last
}

// Table is the rows of a block that were kept, as many fields each.
type Table struct {
	Rows   []uint32 // where each begins in the block
	Fields []Field  // of all rows
}

// ScanJSON takes a stretch of JSON Lines. It is false when anything in it is
// amiss, so that each record is to be read alone.
func (b *Block) ScanJSON(p []byte) bool {
	b.p, b.next, b.at, b.esc = p, 0, 0, 0
	if wide.json == nil {
		return false
	}
	ok, high := wide.json(p, true, &b.index)
	return ok && (!high || wide.utf8(p))
}

// JSON takes the next line into raw (but for its place in the file), for
// JSON.ParseLine. It is false when the block has no more.
func (b *Block) JSON(raw *Raw) bool {
	x, from := &b.index, b.next
	n := bytes.IndexByte(x.kind[from:x.n], '\n')
	if n < 0 {
		return false
	}
	begin, esc := b.at, b.esc
	end := x.pos[from+n]
	for b.esc < x.escs && x.esc[b.esc] < end {
		b.esc++
	}
	v := &b.view
	v.pos, v.kind, v.esc, v.base = x.pos[from:from+n], x.kind[from:from+n], x.esc[esc:b.esc], uint32(begin)
	b.at, b.next = int(end)+1, from+n+1
	line := b.p[begin:end]
	crlf := len(line) > 0 && line[len(line)-1] == '\r'
	if crlf {
		line = line[:len(line)-1]
	}
	raw.set(line, 1, crlf)
	return true
}

// ScanRows takes a stretch of CSV. Plain tells that it is UTF-8 without a NUL.
func (b *Block) ScanRows(p []byte, delim byte) (plain bool) {
	b.p, b.next, b.at = p, 0, 0
	b.table.Rows, b.table.Fields = b.table.Rows[:0], b.table.Fields[:0]
	ok, high := wide.rows(p, delim, &b.index)
	return ok && (!high || wide.utf8(p))
}

// ScanLines takes a stretch of text.
func (b *Block) ScanLines(p []byte) (plain bool) {
	b.p, b.next, b.at = p, 0, 0
	ok, high := wide.ends(p, &b.index)
	return ok && (!high || wide.utf8(p))
}

// Empty passes over the empty lines at the front, and tells how many they are.
func (b *Block) Empty() (n int64) {
	for b.next < b.index.n && int(b.index.pos[b.next]) == b.at && b.p[b.at] == '\n' {
		b.at, b.next = b.at+1, b.next+1
		n++
	}
	return n
}

// Bytes are those of the block.
func (b *Block) Bytes() []byte { return b.p }

// Place is where the record of JSON begins in them that was taken last.
func (b *Block) Place() uint32 { return b.view.base }

// Rest is what no record was taken of.
func (b *Block) Rest() []byte { return b.p[b.at:] }

// Skip passes over bytes that were read in another way, up to the end of a record.
func (b *Block) Skip(n int) {
	b.at += n
	for b.next < b.index.n && int(b.index.pos[b.next]) < b.at {
		b.next++
	}
}

// Lines are lines of text that follow each other in a block, without their endings.
type Lines struct {
	N      int
	Starts [MostLines + 1]uint32 // in the block; of the line after the last, too
	Sizes  [MostLines]uint32
	CRLF   int // how many end so
}

// MostLines is how many there may be.
const MostLines = 256

// Line is line i, of the block that gave it.
func (l *Lines) Line(b *Block, i int) []byte { return b.p[l.Starts[i]:][:l.Sizes[i]] }

// Lines takes the next whole lines into l, up to one that is blank or longer than most.
func (b *Block) Lines(l *Lines, most int) {
	l.N, l.CRLF = 0, 0
	start := uint32(b.at)
	for b.next < b.index.n && l.N < MostLines {
		end := b.index.pos[b.next]
		line := b.p[start:end]
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		if len(line) == 0 || len(line) > most || line[0] <= ' ' && len(bytes.TrimLeft(line, " \t\r")) == 0 {
			break
		}
		if uint32(len(line)) < end-start {
			l.CRLF++
		}
		l.Starts[l.N], l.Sizes[l.N] = start, uint32(len(line))
		l.N++
		b.next++
		start = end + 1
	}
	l.Starts[l.N] = start
	b.at = int(start)
}

// Row takes the next record into c and raw (but for its place in the file) when
// it is whole and its quoting as RFC 4180 has it. Else it is false, and the
// record is there to be read by Splitter and CSV.Parse.
func (b *Block) Row(c *CSV, raw *Raw) bool {
	x := &b.index
	pos, kind := x.pos[:x.n], x.kind[:x.n]
	from, start, lines := uint32(b.at), uint32(b.at), int64(1)
	kept := len(b.table.Fields)
	fields := b.table.Fields
	for i := b.next; i < len(kind); i++ {
		at, first, doubled := pos[i], start, uint32(0)
		end, quoted := at, kind[i] == '"'
		if quoted {
			if at != start {
				return false // a stray one
			}
			first++
			for {
				for i++; i < len(kind) && kind[i] == '\n'; i++ {
					lines++
				}
				if i+1 >= len(kind) {
					return false
				}
				end = pos[i]
				i++
				if pos[i] != end+1 {
					return false // text after it
				}
				if kind[i] != '"' {
					break
				}
				doubled++
			}
			at = pos[i]
		}
		if len(fields) == cap(fields) {
			fields = slices.Grow(fields, 64)
		}
		// each part by itself: whole structs are stored in halves, and loaded whole before that is done
		fields = fields[:len(fields)+1]
		f := &fields[len(fields)-1]
		f.Start, f.End, f.Doubled, f.Quoted = first-from, end-from, doubled, quoted
		if kind[i] == c.Delim {
			start = at + 1
			continue
		}
		if kind[i] == '\r' {
			if i++; i == len(kind) || kind[i] != '\n' || pos[i] != at+1 {
				return false // it stands alone
			}
		}
		end = pos[i]
		b.table.Fields, b.start = fields[:kept], from
		c.Fields, c.N, c.Raw = fields[kept:], len(fields)-kept, b.p[from:at]
		raw.set(c.Raw, lines, at != end)
		b.at, b.next = int(end)+1, i+1
		return true
	}
	return false
}

// Keep keeps the row that was taken last, which has n fields, in the table.
func (b *Block) Keep(n int) {
	b.table.Fields = b.table.Fields[:len(b.table.Fields)+n]
	b.table.Rows = append(b.table.Rows, b.start)
}

// Table gives the rows that were kept.
func (b *Block) Table() *Table { return &b.table }
