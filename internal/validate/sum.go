package validate

import (
	"math"
	"math/big"
	"math/bits"
)

// exactSum adds doubles without rounding, so that the mean does not depend on
// the order in which records were read. It is a fixed-point number of 32-bit
// limbs that covers the whole range of a double (after R. Neal, "Fast exact
// summation using small and large superaccumulators", 2015).
type exactSum struct {
	limb  [68]int64 // limb i is worth 2^(32i - 1074)
	since int       // additions since the last carry
	whole int64     // sum of whole numbers that is not among the limbs yet
}

const sumBias = 1074

func (s *exactSum) add(f float64) {
	if n := int64(f); float64(n) == f && n < 1<<53 && n > -1<<53 {
		s.addWhole(n)
		return
	}
	m, exp := parts(f)
	s.addAt(uint64(m), uint64(m>>63), exp-1)
}

// parts are the mantissa of a double, with its sign, and its exponent: it is worth m * 2^(exp - 1075).
func parts(f float64) (m int64, exp int) {
	b := math.Float64bits(f)
	m, exp = int64(b&(1<<52-1)), int(b>>52&0x7ff)
	if exp == 0 {
		exp = 1
	} else {
		m |= 1 << 52
	}
	if f < 0 {
		m = -m
	}
	return m, exp
}

// addAt adds a number of 128 bits, in two's complement, times 2^(shift - 1074).
func (s *exactSum) addAt(lo, hi uint64, shift int) {
	sign := int64(1)
	if int64(hi) < 0 {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
		sign = -1
	}
	i, bit := shift>>5, uint(shift&31)
	top := hi >> (64 - bit)
	hi = hi<<bit | lo>>(64-bit)
	lo <<= bit
	s.limb[i] += sign * int64(lo&0xffffffff)
	s.limb[i+1] += sign * int64(lo>>32)
	s.limb[i+2] += sign * int64(hi&0xffffffff)
	if hi>>32|top != 0 {
		s.limb[i+3] += sign * int64(hi>>32)
		s.limb[i+4] += sign * int64(top)
	}
	if s.since++; s.since >= 1<<28 {
		s.carry()
	}
}

// addWhole adds a whole number of less than 2^61 either way.
func (s *exactSum) addWhole(n int64) {
	if s.whole += n; s.whole >= 1<<62 || s.whole <= -1<<62 {
		s.carry()
	}
}

func (s *exactSum) carry() {
	if s.whole != 0 {
		const i, bit = sumBias >> 5, sumBias & 31
		s.limb[i] += s.whole & (1<<(32-bit) - 1) << bit
		s.limb[i+1] += s.whole >> (32 - bit) & 0xffffffff
		s.limb[i+2] += s.whole >> (64 - bit)
		s.whole = 0
	}
	for i := 0; i < len(s.limb)-1; i++ {
		c := s.limb[i] >> 32
		s.limb[i] -= c << 32
		s.limb[i+1] += c
	}
	s.since = 0
}

func (s *exactSum) merge(t *exactSum) {
	s.carry()
	t.carry()
	for i := range s.limb {
		s.limb[i] += t.limb[i]
	}
	s.since = 1
}

// over is the sum divided by n, rounded once.
func (s *exactSum) over(n int64) float64 {
	s.carry()
	total, limb := new(big.Int), new(big.Int)
	for i := len(s.limb) - 1; i >= 0; i-- {
		total.Lsh(total, 32)
		total.Add(total, limb.SetInt64(s.limb[i]))
	}
	den := new(big.Int).Lsh(big.NewInt(n), sumBias)
	f, _ := new(big.Rat).SetFrac(total, den).Float64()
	return f
}
