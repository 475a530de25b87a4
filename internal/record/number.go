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

// Float is the double nearest to a valid number, an infinity where there is none.
func Float(p []byte) float64 {
	if len(p) <= 15 { // whole numbers, exact below 2^53
		i, neg := 0, false
		if p[0] == '-' {
			i, neg = 1, true
		}
		v := int64(0)
		for ; i < len(p) && p[i]-'0' <= 9; i++ {
			v = v*10 + int64(p[i]-'0')
		}
		if i == len(p) {
			if neg {
				v = -v
			}
			return float64(v)
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
