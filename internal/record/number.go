package record

import (
	"math"
	"strconv"
	"unsafe"
)

// number checks the JSON number at raw[i:]: the index after it, and -1 or the
// index of the byte at fault.
func number(raw []byte, i int) (end, bad int) {
	n := len(raw)
	if raw[i] == '-' {
		i++
	}
	digits := func() bool {
		from := i
		for i < n && raw[i]-'0' <= 9 {
			i++
		}
		return i > from
	}
	if i < n && raw[i] == '0' {
		i++
	} else if !digits() {
		return 0, i
	}
	if i < n && raw[i] == '.' {
		i++
		if !digits() {
			return 0, i
		}
	}
	if i < n && raw[i]|0x20 == 'e' {
		i++
		if i < n && (raw[i] == '+' || raw[i] == '-') {
			i++
		}
		if !digits() {
			return 0, i
		}
	}
	if i < n && !endsScalar(raw[i]) {
		return 0, i
	}
	return i, -1
}

// wideNumber tells whether a valid number lies outside the range of a double.
func wideNumber(p []byte) bool {
	if len(p) < 300 { // no exponent and fewer digits than that always fit
		exp := false
		for _, c := range p {
			if c|0x20 == 'e' {
				exp = true
				break
			}
		}
		if !exp {
			return false
		}
	}
	return math.IsInf(Float(p), 0)
}

// tens are the powers of ten that a number of 15 characters may be divided by.
var tens = [15]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14}

// Float is the double nearest to a valid number, an infinity where there is none.
func Float(p []byte) float64 {
	if len(p) <= 15 { // digits that are a whole number below 2^53, and the power of ten it is divided by
		i, neg, v, point := 0, false, int64(0), -1
		if p[0] == '-' {
			i, neg = 1, true
		}
		for ; i < len(p); i++ {
			if c := p[i] - '0'; c <= 9 {
				v = v*10 + int64(c)
			} else if p[i] == '.' && point < 0 {
				point = i
			} else {
				break
			}
		}
		switch {
		case i < len(p):
		case point < 0 && neg:
			return float64(-v)
		case point < 0:
			return float64(v)
		case neg:
			return -(float64(v) / tens[len(p)-1-point]) // both exact, so that it is rounded once
		default:
			return float64(v) / tens[len(p)-1-point]
		}
	}
	// The string does not outlive the call, so sharing its bytes is safe.
	f, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(p), len(p)), 64)
	if err != nil {
		return math.Inf(1)
	}
	return f
}

// IsNumber tells whether p as a whole is a JSON number.
func IsNumber(p []byte) bool {
	if len(p) == 0 || p[0] != '-' && p[0]-'0' > 9 {
		return false
	}
	end, bad := number(p, 0)
	return bad < 0 && end == len(p)
}
