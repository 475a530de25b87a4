package rule

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/big"

	"freshet/internal/record"

	"github.com/zeebo/xxh3"
)

// decimal is a JSON number as it is written, exactly: 0.DIGITS times ten to the
// exp. Zero has no digits.
type decimal struct {
	neg    bool
	digits []byte // neither the first nor the last is 0
	exp    int64
}

const widest = 1 << 40 // of an exponent; there is nothing beyond

func newDecimal(p []byte) decimal {
	d := decimal{}
	if p[0] == '-' {
		d.neg, p = true, p[1:]
	}
	if i := bytes.IndexAny(p, "eE"); i >= 0 {
		d.exp = exponent(p[i+1:])
		p = p[:i]
	}
	whole, fraction, _ := bytes.Cut(p, []byte("."))
	d.exp += int64(len(whole))
	d.digits = whole
	if len(fraction) > 0 {
		d.digits = append(append(make([]byte, 0, len(p)), whole...), fraction...)
	}
	for len(d.digits) > 0 && d.digits[0] == '0' {
		d.digits = d.digits[1:]
		d.exp--
	}
	d.digits = bytes.TrimRight(d.digits, "0")
	if len(d.digits) == 0 {
		return decimal{}
	}
	return d
}

func exponent(p []byte) int64 {
	neg := p[0] == '-'
	if neg || p[0] == '+' {
		p = p[1:]
	}
	e := int64(0)
	for _, c := range p {
		e = min(widest, e*10+int64(c-'0'))
	}
	if neg {
		return -e
	}
	return e
}

func (d decimal) whole() bool { return d.exp >= int64(len(d.digits)) }

func isWhole(p []byte) bool {
	return !bytes.ContainsAny(p, ".eE") || newDecimal(p).whole()
}

func (d decimal) sign() int {
	switch {
	case len(d.digits) == 0:
		return 0
	case d.neg:
		return -1
	}
	return 1
}

func (d decimal) compare(e decimal) int {
	if s := cmp.Compare(d.sign(), e.sign()); s != 0 || d.sign() == 0 {
		return s
	}
	return d.sign() * cmp.Or(cmp.Compare(d.exp, e.exp), bytes.Compare(d.digits, e.digits))
}

func (d decimal) hash() xxh3.Uint128 {
	b := binary.LittleEndian.AppendUint64(nil, uint64(d.exp))
	if d.neg {
		b = append(b, '-')
	}
	return xxh3.Hash128(append(b, d.digits...))
}

// bound is a number that a schema names.
type bound struct {
	source string
	exact  decimal
	float  float64
	short  bool
}

func newBound(s string) *bound {
	p := []byte(s)
	f, _ := record.ParseNumber(p)
	return &bound{s, newDecimal(p), f, isShort(p)}
}

// isShort tells of a number that comparing as a double is exact for: of at most
// 15 digits, and not near zero or infinity.
func isShort(p []byte) bool { return len(p) <= 15 && !bytes.ContainsAny(p, "eE") }

// compare is that of the number with the bound.
func (b *bound) compare(p []byte) int {
	if b.short && isShort(p) {
		f, _ := record.ParseNumber(p)
		return cmp.Compare(f, b.float)
	}
	return newDecimal(p).compare(b.exact)
}

// maxDivisorDigits keeps dividing by a bound linear in the number.
const maxDivisorDigits = 30

// divides tells whether the number is a multiple of the bound.
func (b *bound) divides(p []byte) bool {
	d := newDecimal(p)
	if d.sign() == 0 {
		return true
	}
	// d is D times ten to the k in units of b's last digit; D does not end in 0
	k := (d.exp - int64(len(d.digits))) - (b.exact.exp - int64(len(b.exact.digits)))
	if k < 0 {
		return false
	}
	divisor, _ := new(big.Int).SetString(string(b.exact.digits), 10)
	chunk, rest, ten := new(big.Int), new(big.Int), big.NewInt(10)
	for q := d.digits; len(q) > 0; {
		n := min(len(q), 18)
		chunk.SetString(string(q[:n]), 10)
		rest.Mul(rest, new(big.Int).Exp(ten, big.NewInt(int64(n)), nil))
		rest.Mod(rest.Add(rest, chunk), divisor)
		q = q[n:]
	}
	rest.Mul(rest, chunk.Exp(ten, big.NewInt(k), divisor))
	return rest.Mod(rest, divisor).Sign() == 0
}
