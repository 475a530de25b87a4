package validate

import (
	"math"
	"math/big"
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
	b := math.Float64bits(f)
	m, exp := int64(b&(1<<52-1)), int(b>>52&0x7ff) // worth m * 2^(exp - 1075)
	if exp == 0 {
		exp = 1
	} else {
		m |= 1 << 52
	}
	shift := exp - 1
	sign := int64(1)
	if f < 0 {
		sign = -1
	}
	i, bit := shift>>5, uint(shift&31)
	lo := uint64(m) << bit
	hi := uint64(0)
	if bit > 0 {
		hi = uint64(m) >> (64 - bit)
	}
	s.limb[i] += sign * int64(lo&0xffffffff)
	s.limb[i+1] += sign * int64(lo>>32)
	s.limb[i+2] += sign * int64(hi)
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
