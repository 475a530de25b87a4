package record

import (
	"encoding/binary"
	"math/bits"
)

// Shorts are values of up to eight bytes, looked at together.
type Shorts struct {
	N int
	// Words are the bytes of each, the first the lowest; what lies above its size
	// may be anything.
	Words [MostShorts]uint64
	Sizes [MostShorts]uint64

	// Hashes and, of those that are whole JSON numbers as shortNumber reads them, a
	// bit in Numeric and the double nearest.
	Hashes  [MostShorts]uint64
	Numeric uint64
	Numbers [MostShorts]float64
}

// MostShorts is how many there may be.
const MostShorts = 64

// Add adds a value.
func (s *Shorts) Add(word uint64, size int) {
	s.Words[s.N], s.Sizes[s.N] = word, uint64(size)
	s.N++
}

// Look fills Hashes and, if numbers are asked for, Numeric and Numbers.
func (s *Shorts) Look(numbers bool) { wide.shorts(s, numbers) }

// Word is value i as a number.
func (s *Shorts) Word(i int) uint64 { return s.Words[i] & (1<<(8*s.Sizes[i]) - 1) }

func shortsPlain(s *Shorts, numbers bool) {
	s.Numeric = 0
	for i := range s.N {
		word, n := s.Words[i], int(s.Sizes[i])
		s.Hashes[i] = ShortHash(s.Word(i), n)
		if !numbers {
			continue
		}
		if f, ok := shortNumber(word, n); ok {
			s.Numbers[i] = f
			s.Numeric |= 1 << i
		}
	}
}

// ShortHash is the hash of n bytes, at most 8, as a number, the first byte the
// lowest. Different values of a size have different hashes: it is a permutation
// (Stafford's thirteenth mix of the finalizer of MurmurHash3).
func ShortHash(word uint64, n int) uint64 {
	h := word + uint64(n)*hashSize
	h = (h ^ h>>30) * hashMix1
	h = (h ^ h>>27) * hashMix2
	return h ^ h>>31
}

const (
	hashSize = 0x9e3779b97f4a7c15
	hashMix1 = 0xbf58476d1ce4e5b9
	hashMix2 = 0x94d049bb133111eb
)

// shortDigits takes apart a number of n characters, 0 to 8, without an exponent:
// those in the low bytes of x. The digits are in the highest bytes, zeros in the
// others. It is false for anything else.
func shortDigits(x uint64, n int) (digits uint64, decimals int, neg, ok bool) {
	if neg = x&0xff == '-'; neg {
		x >>= 8
		n--
	}
	x <<= 8 * max(8-n, 0) // the last character is the highest byte
	has := n
	if dot := zeroByte(x ^ lows*'.'); dot < 8 {
		decimals = 7 - dot
		before := x & (1<<(8*dot) - 1)
		x = x&^(1<<(8*dot+8)-1) | before<<8
		if has--; decimals == 0 {
			return 0, 0, false, false
		}
	}
	high := 8 * (8 - has) // bits before the first digit
	if has <= decimals || x>>high&0xff == '0' && has > decimals+1 {
		return 0, 0, false, false // no digit, or a zero, in front
	}
	x ^= lows * '0' >> high << high
	return x, decimals, neg, (x+lows*0x76|x)&highs == 0
}

// zeroByte is the number of the lowest byte of x that is zero; 8: none is.
func zeroByte(x uint64) int { return bits.TrailingZeros64((x-lows)&^x&highs) >> 3 }

// shortNumber is the double nearest to a number as shortDigits takes it.
func shortNumber(x uint64, n int) (f float64, ok bool) {
	x, decimals, neg, ok := shortDigits(x, n)
	if !ok {
		return 0, false
	}
	x = x*10 + x>>8 // pairs, in every other byte; then all eight (after W. Mula, D. Lemire)
	x = (x&everyFourth*digitsLow + x>>16&everyFourth*digitsHigh) >> 32
	f = float64(uint32(x))
	if decimals > 0 { // both are exact: it is rounded once
		f /= tens[decimals]
	}
	if neg {
		f = -f
	}
	return f, true
}

const (
	everyFourth = 0x000000ff000000ff
	digitsLow   = 0x000f424000000064 // a million, and a hundred
	digitsHigh  = 0x0000271000000001 // ten thousand, and one
)

// shortScalar reads a value of up to eight bytes that ends where the next byte of
// structure stands. It is false for others, which may be right, too.
func (j *JSON) shortScalar(t *Token, from, to uint32) bool {
	if to-from > 8 || int(from)+8 > len(j.Raw) {
		return false
	}
	x := binary.LittleEndian.Uint64(j.Raw[from:])
	if t.Kind == Number {
		if _, _, _, ok := shortDigits(x, int(to-from)); !ok {
			return false
		}
	} else {
		const four = 1<<32 - 1
		switch {
		case x&four == 't'|'r'<<8|'u'<<16|'e'<<24 && to-from == 4, x&four == 'f'|'a'<<8|'l'<<16|'s'<<24 && x>>32&0xff == 'e' && to-from == 5:
			t.Kind = Bool
		case x&four == 'n'|'u'<<8|'l'<<16|'l'<<24 && to-from == 4:
			t.Kind = Null
		default:
			return false
		}
	}
	t.Start, t.End = from, to
	return true
}
