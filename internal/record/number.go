package record

import (
	"encoding/binary"
	"math"
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
		if f, ok = shortNumber(binary.LittleEndian.Uint64(p[from:]), to-from); ok {
			return f, true
		}
	}
	end, f, bad := number(p[:to], from)
	return f, bad < 0 && end == to
}
