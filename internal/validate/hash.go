package validate

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"freshet/internal/record"

	"github.com/zeebo/xxh3"
)

// shortValue is up to how many bytes a value is handled as one number.
const shortValue = 8

// valueHash is the hash of a value, or of a record.
func valueHash(v []byte) uint64 {
	switch n := len(v); {
	case n <= shortValue:
		return record.ShortHash(wordOf(v), n)
	case n <= 16:
		return fold(fold(load(v)^key0, load(v[n-8:])^key1)^key2, uint64(n)^key3)
	case n <= longValue:
		return mediumHash(v)
	}
	return xxh3.Hash(v)
}

// Digits of no meaning, from wyhash.
const (
	key0 = 0xa0761d6478bd642f
	key1 = 0xe7037ed1a0b428db
	key2 = 0x8ebc6af09c88c6e3
	key3 = 0x589965cc75374cc3
)

func load(p []byte) uint64 { return binary.LittleEndian.Uint64(p) }

// fold is the product of two numbers, its halves together.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// longValue is from how many bytes on a hash made for long ones is quicker.
const longValue = 256

// mediumHash is the hash of more than 16 bytes: folded multiplication as in
// wyhash, in four lanes side by side. The last 64 bytes may have been taken
// already; what is shorter than that is taken from both ends.
func mediumHash(v []byte) uint64 {
	n := len(v)
	// A product does not tell its factors apart: what a lane begins with must not
	// make them alike, of whatever length.
	a, b, c, d := uint64(n)*key1, uint64(n)*key2, uint64(n)*key3, uint64(n)*key0
	for p := v; len(p) > 64; p = p[64:] {
		q := (*[64]byte)(p)
		a, b = fold(load(q[0:])^key0, load(q[8:])^a), fold(load(q[16:])^key1, load(q[24:])^b)
		c, d = fold(load(q[32:])^key2, load(q[40:])^c), fold(load(q[48:])^key3, load(q[56:])^d)
	}
	switch {
	case n >= 64:
		q := (*[64]byte)(v[n-64:])
		a, b = fold(load(q[0:])^key0, load(q[8:])^a), fold(load(q[16:])^key1, load(q[24:])^b)
		c, d = fold(load(q[32:])^key2, load(q[40:])^c), fold(load(q[48:])^key3, load(q[56:])^d)
	case n >= 32:
		q, r := (*[32]byte)(v), (*[32]byte)(v[n-32:])
		a, b = fold(load(q[0:])^key0, load(q[8:])^a), fold(load(q[16:])^key1, load(q[24:])^b)
		c, d = fold(load(r[0:])^key2, load(r[8:])^c), fold(load(r[16:])^key3, load(r[24:])^d)
	default:
		q, r := (*[16]byte)(v), (*[16]byte)(v[n-16:])
		a, c = fold(load(q[0:])^key0, load(q[8:])^a), fold(load(r[0:])^key2, load(r[8:])^c)
	}
	return fold(fold(a^key2, b^key3)^key1, fold(c^key0, d^key1)^key3)
}

// fieldHash is the hash of a CSV field: that of its bytes with quotes written
// twice, which is how they mostly come.
func fieldHash(v []byte) uint64 {
	if bytes.IndexByte(v, '"') < 0 {
		return valueHash(v)
	}
	return valueHash(bytes.ReplaceAll(v, []byte{'"'}, []byte{'"', '"'}))
}

// wordOf is a short value as a number, the first byte the lowest; zero of others.
func wordOf(v []byte) (word uint64) {
	switch n := len(v); {
	case n > shortValue:
	case n >= 4:
		word = uint64(binary.LittleEndian.Uint32(v)) | uint64(binary.LittleEndian.Uint32(v[n-4:]))<<(8*(n-4))
	case n > 0:
		word = uint64(v[0]) | uint64(v[n>>1])<<(8*(n>>1)) | uint64(v[n-1])<<(8*(n-1))
	}
	return word
}
