package validate

import (
	"encoding/binary"
	"io"
	"math"
)

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
