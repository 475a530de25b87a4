package validate

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/zeebo/xxh3"
)

// shortValue is up to how many bytes a value is handled as one number.
const shortValue = 8

// valueHash is the hash of a value, or of a record.
func valueHash(v []byte) uint64 {
	n := len(v)
	switch {
	case n <= shortValue:
		return shortHash(wordOf(v), n)
	case n <= 16:
		return fold(binary.LittleEndian.Uint64(v), binary.LittleEndian.Uint64(v[n-8:]), n)
	}
	return xxh3.Hash(v)
}

// shortHash is the hash of a short value of n bytes.
func shortHash(word uint64, n int) uint64 { return fold(word, 0, n) }

// fold is two rounds of folded multiplication, as in wyhash.
func fold(a, b uint64, n int) uint64 {
	hi, lo := bits.Mul64(a^0xa0761d6478bd642f, b^uint64(n)^0xe7037ed1a0b428db)
	hi, lo = bits.Mul64(hi^0x8ebc6af09c88c6e3, lo^uint64(n)^0x589965cc75374cc3)
	return hi ^ lo
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

// wordAt is wordOf of n bytes, at most 8, in p, without a branch on how many they
// are where more bytes follow.
func wordAt(p []byte, at, n int) uint64 {
	if at+8 > len(p) {
		return wordOf(p[at : at+n])
	}
	return binary.LittleEndian.Uint64(p[at:]) & (1<<(8*n) - 1)
}
