package validate

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"sync"

	"freshet/internal/errs"

	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/xxh3"
)

// wireVersion is what saved plans and summaries begin with. It changes with
// what they hold, and with what the checks find in the same bytes.
const wireVersion = 1

// ErrVersion says that another version of the program saved this: the bytes must be checked again.
var ErrVersion = errs.E(errs.Internal, "saved-by-another-version", "the result of a check was saved by another version")

var errDamaged = errors.New("a saved summary is damaged")

const (
	mostSmall   = 4 << 20   // of a summary's row, unpacked
	mostSection = 128 << 20 // of a part of it that lies in the bulk, unpacked
)

// inlined is the longest part that stays in the row.
var inlined = 64 << 10

var packer = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(err) // the options are fixed
	}
	return e
})

var unpacker = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(mostSection), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic(err) // the options are fixed
	}
	return d
})

// seal makes a body fit for a row: a version, a checksum, and the body packed.
func seal(body []byte) []byte {
	packed := pack(body)
	out := append(make([]byte, 0, 9+len(packed)), wireVersion)
	out = binary.LittleEndian.AppendUint64(out, xxh3.Hash(packed))
	return append(out, packed...)
}

func unseal(data []byte) ([]byte, error) {
	if len(data) < 9 {
		return nil, errDamaged
	}
	if data[0] != wireVersion {
		return nil, ErrVersion
	}
	return unpack(data[9:], binary.LittleEndian.Uint64(data[1:]), mostSmall)
}

// pack makes bytes smaller; their length goes before them.
func pack(p []byte) []byte {
	return packer().EncodeAll(p, binary.AppendUvarint(nil, uint64(len(p))))
}

// unpack checks before it unpacks, so that damage cannot make much of little.
func unpack(packed []byte, sum uint64, most uint64) ([]byte, error) {
	size, n := binary.Uvarint(packed)
	if n <= 0 || size > most || xxh3.Hash(packed) != sum {
		return nil, errDamaged
	}
	out, err := unpacker().DecodeAll(packed[n:], make([]byte, 0, size))
	if err != nil || uint64(len(out)) != size {
		return nil, errDamaged
	}
	return out, nil
}

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

// reader takes a body apart. After the first fault all it gives is zero.
type reader struct {
	b    []byte
	bulk *lent
	err  error
}

func (r *reader) damaged() {
	if r.err == nil {
		r.err = errDamaged
	}
	r.b = nil
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.damaged()
		return 0
	}
	r.b = r.b[n:]
	return v
}

// int is a count or place: never negative, and far enough from overflowing.
func (r *reader) int() int64 {
	v := r.uint()
	if v > math.MaxInt64/4 {
		r.damaged()
		return 0
	}
	return int64(v)
}

// count is a number of things that take up at least so many bytes each.
func (r *reader) count(each int) int {
	n := r.int()
	if n > int64(len(r.b)/each) {
		r.damaged()
		return 0
	}
	return int(n)
}

func (r *reader) signed() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.damaged()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.damaged()
		return nil
	}
	p := r.b[:n:n]
	r.b = r.b[n:]
	return p
}

func (r *reader) fixed() uint64 {
	if p := r.bytes(8); p != nil {
		return binary.LittleEndian.Uint64(p)
	}
	return 0
}

func (r *reader) byte() byte {
	if p := r.bytes(1); p != nil {
		return p[0]
	}
	return 0
}

func (r *reader) bool() bool {
	b := r.byte()
	if b > 1 {
		r.damaged()
	}
	return b == 1
}

func (r *reader) string() string { return string(r.bytes(r.count(1))) }

func (r *reader) mark() Mark { return Mark{r.int(), r.int(), r.int()} }

// section has read take a part that section wrote; it must take all of it.
func (r *reader) section(read func(*reader)) {
	part := reader{bulk: r.bulk}
	if r.bool() {
		part.b = r.bytes(r.count(1))
	} else {
		at, n, sum := r.int(), r.int(), r.fixed()
		packed := r.bulkBytes(at, n)
		if r.err == nil {
			part.b, r.err = unpack(packed, sum, mostSection)
		}
	}
	if r.err != nil {
		return
	}
	read(&part)
	if r.err = part.err; r.err == nil && len(part.b) > 0 {
		r.damaged()
	}
}

// bulkBytes reads a stretch of the bulk. Memory grows with what is there, not with what is asked for.
func (r *reader) bulkBytes(at, n int64) []byte {
	if r.err != nil {
		return nil
	}
	if r.bulk == nil {
		r.damaged()
		return nil
	}
	p, err := io.ReadAll(io.NewSectionReader(r.bulk, at, n))
	if err != nil {
		r.err = err
		return nil
	}
	if int64(len(p)) != n {
		r.damaged()
	}
	return p
}
