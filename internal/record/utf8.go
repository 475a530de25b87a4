package record

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// InvalidUTF8 is the offset of the first byte of p that does not belong to
// valid UTF-8, or -1.
func InvalidUTF8(p []byte) int {
	if ValidUTF8(p) {
		return -1
	}
	return firstInvalid(p)
}

// ValidUTF8 tells whether p is UTF-8 throughout.
func ValidUTF8(p []byte) bool { return wide.utf8(p) }

// validUTF8 is utf8.Valid, made for text of which a part is not ASCII: from
// each such character it goes on eight bytes at a stride, and a character is
// checked as one number.
func validUTF8(p []byte) bool {
	i := 0
words:
	for len(p)-i >= 8 {
		w := binary.LittleEndian.Uint64(p[i:]) & highs
		if w == 0 {
			for i += 8; len(p)-i >= 32; i += 32 {
				q := p[i : i+32]
				if (binary.LittleEndian.Uint64(q)|binary.LittleEndian.Uint64(q[8:])|binary.LittleEndian.Uint64(q[16:])|binary.LittleEndian.Uint64(q[24:]))&highs != 0 {
					break
				}
			}
			continue
		}
		i += bits.TrailingZeros64(w) >> 3
		for len(p)-i >= 4 {
			// the first byte is the lowest; a continuation is 10xxxxxx
			x := binary.LittleEndian.Uint32(p[i:])
			switch {
			case x&0x80 == 0:
				continue words
			case x&0xc0e0 == 0x80c0:
				if x&0x1e == 0 { // a longer form than needed
					return false
				}
				i += 2
			case x&0xc0c0f0 == 0x8080e0:
				if x&0x200f == 0 || x&0x200f == 0x200d { // longer than needed; half of a surrogate pair
					return false
				}
				i += 3
			case x&0xc0c0c0f8 == 0x808080f0:
				if y := x&7<<2 | x>>12&3; y == 0 || y > 16 { // longer than needed; beyond U+10FFFF
					return false
				}
				i += 4
			default:
				return false
			}
		}
		break
	}
	return utf8.Valid(p[i:])
}

// firstInvalid is the index of the first byte that does not belong to valid
// UTF-8, or -1.
func firstInvalid(p []byte) int {
	for i := 0; i < len(p); {
		if p[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(p[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return -1
}
