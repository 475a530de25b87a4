package parquet

import (
	"encoding/binary"
	"errors"
)

// Types of values in Thrift's compact protocol.
const (
	typeTrue   = 1
	typeFalse  = 2
	typeByte   = 3
	typeDouble = 7
	typeBinary = 8
	typeList   = 9
	typeSet    = 10
	typeMap    = 11
	typeStruct = 12
)

// mostNested is how deep structures may nest; Parquet's own nest less than ten deep.
const mostNested = 32

var (
	errShort = errors.New("the metadata ends in the middle")
	errBad   = errors.New("the metadata is not Thrift")
)

// thrift reads Thrift's compact protocol from bytes in memory. It allocates
// nothing, whatever lengths the bytes claim: what a list holds is there, or is
// an error. After an error it gives zeros.
type thrift struct {
	b     []byte
	depth int
	err   error
}

func (t *thrift) fail(err error) {
	if t.err == nil {
		t.err = err
	}
	t.b = nil
}

func (t *thrift) byte() byte {
	if len(t.b) == 0 {
		t.fail(errShort)
		return 0
	}
	c := t.b[0]
	t.b = t.b[1:]
	return c
}

func (t *thrift) uvarint() uint64 {
	v, n := binary.Uvarint(t.b)
	switch {
	case n == 0:
		t.fail(errShort)
		return 0
	case n < 0:
		t.fail(errBad)
		return 0
	}
	t.b = t.b[n:]
	return v
}

// int reads a whole number of any width.
func (t *thrift) int() int64 {
	v := t.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// bytes gives a string as a part of what is read.
func (t *thrift) bytes() []byte {
	n := t.uvarint()
	if n > uint64(len(t.b)) {
		t.fail(errShort)
		return nil
	}
	b := t.b[:n]
	t.b = t.b[n:]
	return b
}

// fields calls f with each field of a structure; f reads its value, or skips it.
func (t *thrift) fields(f func(id int64, kind byte)) {
	if t.depth == mostNested {
		t.fail(errBad)
		return
	}
	t.depth++
	defer func() { t.depth-- }()
	id := int64(0)
	for t.err == nil {
		head := t.byte()
		if head == 0 {
			return
		}
		if delta := int64(head >> 4); delta != 0 {
			id += delta
		} else {
			id = t.int()
		}
		if t.err == nil {
			f(id, head&15)
		}
	}
}

// list calls f for each element, which reads it. Each has a byte at least.
func (t *thrift) list(f func(kind byte)) {
	head := t.byte()
	n, kind := uint64(head>>4), head&15
	if n == 15 {
		n = t.uvarint()
	}
	if n > uint64(len(t.b)) {
		t.fail(errShort)
	}
	for ; n > 0 && t.err == nil; n-- {
		f(kind)
	}
}

// skip passes over the value of a field.
func (t *thrift) skip(kind byte) {
	if kind != typeTrue && kind != typeFalse { // which are all in the field's head
		t.skipElement(kind)
	}
}

func (t *thrift) skipElement(kind byte) {
	switch kind {
	case typeTrue, typeFalse, typeByte:
		t.byte()
	case 4, 5, 6: // i16, i32, i64
		t.uvarint()
	case typeDouble:
		for range 8 {
			t.byte()
		}
	case typeBinary:
		t.bytes()
	case typeList, typeSet:
		if t.depth == mostNested {
			t.fail(errBad)
			return
		}
		t.depth++
		t.list(t.skipElement)
		t.depth--
	case typeMap:
		t.skipMap()
	case typeStruct:
		t.fields(func(_ int64, kind byte) { t.skip(kind) })
	default:
		t.fail(errBad)
	}
}

func (t *thrift) skipMap() {
	n := t.uvarint()
	if n == 0 {
		return
	}
	kinds := t.byte()
	if n > uint64(len(t.b)) || t.depth == mostNested {
		t.fail(errBad)
		return
	}
	t.depth++
	for ; n > 0 && t.err == nil; n-- {
		t.skipElement(kinds >> 4)
		t.skipElement(kinds & 15)
	}
	t.depth--
}
