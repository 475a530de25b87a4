package validate

import (
	"encoding/binary"

	"freshet/internal/errs"
)

// lineIndex knows where some records begin, so that a reader finds a line of a
// large file after one short read: the first record of each stride.
type lineIndex struct {
	shift uint // stride is 1 << shift bytes
	mark  []Mark
}

// Mark is the beginning of a record: its offset, physical line and number, from 0.
type Mark struct {
	Offset, Line, Record int64
}

const (
	firstStride = 18 // 256 KiB
	mostMarks   = 16 << 10
)

// note is told of each record; it keeps the first that begins in a stride.
func (x *lineIndex) note(m Mark) {
	if x.shift == 0 {
		x.shift = firstStride
	}
	if n := len(x.mark); n > 0 && x.mark[n-1].Offset>>x.shift == m.Offset>>x.shift {
		return
	}
	x.mark = append(x.mark, m)
	for len(x.mark) > mostMarks {
		x.widen(x.shift + 1)
	}
}

// noteLines is note for lines that follow the one at first, each a record; starts
// are their places, as far apart as their offsets.
func (x *lineIndex) noteLines(starts []uint32, first Mark) {
	last := first.Offset + int64(starts[len(starts)-1]-starts[0])
	if n := len(x.mark); n > 0 && x.mark[n-1].Offset>>x.shift == last>>x.shift {
		return
	}
	for i, at := range starts {
		x.note(Mark{first.Offset + int64(at-starts[0]), first.Line + int64(i), first.Record + int64(i)})
	}
}

// widen thins the marks to a longer stride; what stays depends on offsets alone.
func (x *lineIndex) widen(shift uint) {
	x.shift = shift
	kept := x.mark[:0]
	for _, m := range x.mark {
		if n := len(kept); n == 0 || kept[n-1].Offset>>shift != m.Offset>>shift {
			kept = append(kept, m)
		}
	}
	x.mark = kept
}

func (x *lineIndex) absorb(y *lineIndex, line, recd int64) {
	if y.shift > x.shift {
		x.widen(y.shift)
	}
	for _, m := range y.mark {
		m.Line += line
		m.Record += recd
		x.note(m)
	}
}

// Marshal is the index as bytes: triples of little-endian 64-bit numbers.
func (x *lineIndex) marshal() []byte {
	b := make([]byte, 0, 24*len(x.mark))
	for _, m := range x.mark {
		b = binary.LittleEndian.AppendUint64(b, uint64(m.Offset))
		b = binary.LittleEndian.AppendUint64(b, uint64(m.Line))
		b = binary.LittleEndian.AppendUint64(b, uint64(m.Record))
	}
	return b
}

// FindLine gives the last mark at or before a line (from 0) of an index as a
// report's files hold it.
func FindLine(index []byte, line int64) (Mark, error) {
	marks, err := openIndex(index)
	var at Mark
	for _, m := range marks {
		if m.Line > line {
			break
		}
		at = m
	}
	return at, err
}

func openIndex(index []byte) ([]Mark, error) {
	if len(index)%24 != 0 {
		return nil, errs.E(errs.Internal, "bad-index", "the line index is damaged")
	}
	marks := make([]Mark, 0, len(index)/24)
	for ; len(index) > 0; index = index[24:] {
		marks = append(marks, Mark{int64(binary.LittleEndian.Uint64(index)), int64(binary.LittleEndian.Uint64(index[8:])), int64(binary.LittleEndian.Uint64(index[16:]))})
	}
	return marks, nil
}

func (x *lineIndex) save(w *writer) {
	w.int(int64(x.shift))
	w.int(int64(len(x.mark)))
	before := Mark{}
	for _, m := range x.mark {
		w.mark(Mark{m.Offset - before.Offset, m.Line - before.Line, m.Record - before.Record})
		before = m
	}
}

func (x *lineIndex) load(r *reader) {
	shift, n := r.int(), r.count(3)
	if n > mostMarks || shift > 62 || n > 0 && shift < firstStride {
		r.damaged()
		return
	}
	x.shift = uint(shift)
	at := Mark{}
	for range n {
		d := r.mark()
		at = Mark{at.Offset + d.Offset, at.Line + d.Line, at.Record + d.Record}
		x.mark = append(x.mark, at)
	}
}
