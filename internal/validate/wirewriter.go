package validate

import (
	"encoding/binary"
	"io"

	"github.com/zeebo/xxh3"
)

// writer builds a body. What is too long for a row goes to the bulk.
type writer struct {
	b    []byte
	bulk io.Writer
	at   int64 // bytes in the bulk
	err  error // first fault of the bulk
}

func (w *writer) uint(v uint64)   { w.b = binary.AppendUvarint(w.b, v) }
func (w *writer) int(v int64)     { w.uint(uint64(v)) }
func (w *writer) signed(v int64)  { w.b = binary.AppendVarint(w.b, v) }
func (w *writer) fixed(v uint64)  { w.b = binary.LittleEndian.AppendUint64(w.b, v) }
func (w *writer) string(s string) { w.int(int64(len(s))); w.b = append(w.b, s...) }

func (w *writer) bool(v bool) {
	w.b = append(w.b, 0)
	if v {
		w.b[len(w.b)-1] = 1
	}
}

func (w *writer) mark(m Mark) {
	w.int(m.Offset)
	w.int(m.Line)
	w.int(m.Record)
}

// Write adds to the bulk.
func (w *writer) Write(p []byte) (int, error) {
	if w.err == nil {
		var n int
		n, w.err = w.bulk.Write(p)
		w.at += int64(n)
	}
	return len(p), w.err
}

// section writes what make writes as a part of its own, in the body or in the bulk.
func (w *writer) section(make func(*writer)) {
	part := writer{bulk: w.bulk, at: w.at, err: w.err}
	make(&part)
	w.at, w.err = part.at, part.err
	inline := len(part.b) <= inlined
	w.bool(inline)
	if inline {
		w.string(string(part.b))
		return
	}
	packed := pack(part.b)
	w.int(w.at)
	w.int(int64(len(packed)))
	w.fixed(xxh3.Hash(packed))
	w.Write(packed)
}
