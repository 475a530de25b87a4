package record

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
	"unsafe"
)

// number reads the JSON number at raw[i:]: the index after it, the double
// nearest to it (an infinity where there is none), and -1 or the index of the
// byte at fault.
func number(raw []byte, i int) (end int, f float64, bad int) {
	from, n := i, len(raw)
	neg := raw[i] == '-'
	if neg {
		i++
	}
	v := uint64(0) // of the digits, while there are few
	if i < n && raw[i] == '0' {
		i++
	} else {
		first := i
		for ; i < n && raw[i]-'0' <= 9; i++ {
			v = v*10 + uint64(raw[i]-'0')
		}
		if i == first {
			return 0, 0, i
		}
	}
	decimals := 0
	if i < n && raw[i] == '.' {
		i++
		first := i
		for ; i < n && raw[i]-'0' <= 9; i++ {
			v = v*10 + uint64(raw[i]-'0')
		}
		if decimals = i - first; decimals == 0 {
			return 0, 0, i
		}
	}
	few := i-from <= 15
	if i < n && raw[i]|0x20 == 'e' {
		few = false
		i++
		if i < n && (raw[i] == '+' || raw[i] == '-') {
			i++
		}
		first := i
		for i < n && raw[i]-'0' <= 9 {
			i++
		}
		if i == first {
			return 0, 0, i
		}
	}
	if i < n && !scalarEnd[raw[i]] {
		return 0, 0, i
	}
	switch {
	case !few:
		f = float(raw[from:i])
	case neg: // the digits, a whole number below 2^53, and the power of ten are both exact: it is rounded once
		f = -(float64(v) / tens[decimals])
	default:
		f = float64(v) / tens[decimals]
	}
	return i, f, -1
}

// tens are the powers of ten that a number of 15 characters may be divided by.
var tens = [15]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14}

func float(p []byte) float64 {
	// The string does not outlive the call, so sharing its bytes is safe.
	f, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(p), len(p)), 64)
	if err != nil {
		return math.Inf(1)
	}
	return f
}

// ParseNumber gives the double nearest to p (an infinity where there is none), if p as a
// whole is a JSON number.
func ParseNumber(p []byte) (f float64, ok bool) { return NumberIn(p, 0, len(p)) }

// NumberIn is ParseNumber of p[from:to], quicker when more bytes follow.
func NumberIn(p []byte, from, to int) (f float64, ok bool) {
	if from == to || p[from] != '-' && p[from]-'0' > 9 {
		return 0, false
	}
	if to-from <= 8 && from+8 <= len(p) {
		if f, ok = short(binary.LittleEndian.Uint64(p[from:]), to-from); ok {
			return f, true
		}
	}
	end, f, bad := number(p[:to], from)
	return f, bad < 0 && end == to
}

// short reads a number of n characters, 1 to 8, without an exponent: those in the
// low bytes of x, the first the lowest. It has no loop and hardly a branch. It is
// false for anything else.
func short(x uint64, n int) (f float64, ok bool) {
	neg := x&0xff == '-'
	if neg {
		x >>= 8
		n--
	}
	if n == 0 {
		return 0, false
	}
	first := 8 - n
	x <<= 8 * first // the last character is the highest byte
	digits := n
	decimals := 0
	if dot := zeroByte(x ^ lows*'.'); dot < 8 {
		if decimals = 7 - dot; decimals == 0 || dot == first {
			return 0, false
		}
		before := x & (1<<(8*dot) - 1)
		x = x&^(1<<(8*dot+8)-1) | before<<8
		digits--
	}
	high := 8 * (8 - digits) // bits before the first digit
	if x>>high&0xff == '0' && digits > decimals+1 {
		return 0, false // a zero in front
	}
	x ^= lows * '0' >> high << high
	if (x+lows*0x76|x)&highs != 0 {
		return 0, false // not all are digits
	}
	x = x*10 + x>>8 // pairs, in every other byte; then all eight (after W. Mula, D. Lemire)
	x = (x&0x000000ff000000ff*0x000f424000000064 + x>>16&0x000000ff000000ff*0x0000271000000001) >> 32
	f = float64(uint32(x))
	if decimals > 0 { // both are exact: it is rounded once
		f /= tens[decimals]
	}
	if neg {
		f = -f
	}
	return f, true
}

// zeroByte is the number of the lowest byte of x that is zero; 8: none is.
func zeroByte(x uint64) int { return bits.TrailingZeros64((x-lows)&^x&highs) >> 3 }
