package validate

import (
	"math"
	"math/bits"
)

type numbers struct {
	n        int64
	min, max float64
	sum      exactSum
}

func (n *fieldNode) number(x float64) {
	if math.IsInf(x, 0) {
		return // number-range tells of it
	}
	if n.num == nil {
		n.num = &numbers{min: math.Inf(1), max: math.Inf(-1)}
	}
	n.num.add(x)
}

// addAll adds numbers of up to eight characters, at most MostShorts. Their sum has
// less than 128 bits, so it is made apart from the others.
func (n *numbers) addAll(all []float64) {
	const least = 1023 - 24 // exponent of 1e-7
	n.n += int64(len(all))
	low, high, whole, lo, hi := n.min, n.max, int64(0), uint64(0), uint64(0)
	for _, x := range all {
		if x == 0 {
			x = 0 // not -0, as in add
		}
		if x < low {
			low = x
		}
		if x > high {
			high = x
		}
		if i := int64(x); float64(i) == x {
			whole += i
			continue
		}
		m, exp := parts(x)
		by := uint(exp-least) & 63
		var carry uint64
		lo, carry = bits.Add64(lo, uint64(m)<<by, 0)
		hi += uint64(m>>1>>(63-by)) + carry
	}
	n.min, n.max = low, high
	n.sum.addWhole(whole)
	n.sum.addAt(lo, hi, least-1)
}

func (n *numbers) add(x float64) {
	if x == 0 {
		x = 0 // not -0: which of the two is less would depend on their order
	}
	n.n++
	if x < n.min {
		n.min = x
	}
	if x > n.max {
		n.max = x
	}
	n.sum.add(x)
}
