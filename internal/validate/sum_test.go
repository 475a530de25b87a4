package validate

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"freshet/internal/record"
)

// TestSumIsExact: the mean is that of the numbers added without rounding,
// however large, small, many at once or cut in two they are.
func TestSumIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var a, b numbers
		a.min, a.max, b.min, b.max = math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
		exact, n := new(big.Rat), int64(0)
		low, high := math.Inf(1), math.Inf(-1)
		for range r.IntN(20) {
			to := &a
			if r.IntN(2) == 0 {
				to = &b
			}
			var all []float64
			switch r.IntN(3) {
			case 0: // of any size
				x := math.Float64frombits(r.Uint64())
				if math.IsNaN(x) || math.IsInf(x, 0) {
					continue
				}
				to.add(x)
				all = append(all, x)
			case 1: // whole
				x := float64(r.Int64N(1<<54) - 1<<53)
				to.add(x)
				all = append(all, x)
			default: // of eight characters
				for range r.IntN(record.MostShorts + 1) {
					x := float64(r.IntN(10_000_000)) / math.Pow10(r.IntN(7))
					if r.IntN(2) == 0 {
						x = -x
					}
					if r.IntN(9) == 0 {
						x = []float64{0, math.Copysign(0, -1), 0.000001, 999999.9, 99999999, -9999999}[r.IntN(6)]
					}
					all = append(all, x)
				}
				to.addAll(all)
			}
			for _, x := range all {
				exact.Add(exact, new(big.Rat).SetFloat64(x))
				low, high = min(low, x), max(high, x)
				n++
			}
		}
		if n == 0 {
			continue
		}
		a.sum.merge(&b.sum)
		want, _ := exact.Quo(exact, new(big.Rat).SetInt64(n)).Float64()
		if got := a.sum.over(n); got != want || a.n+b.n != n {
			t.Fatalf("the mean of %d is %v, want %v", n, got, want)
		}
		if min(a.min, b.min) != low || max(a.max, b.max) != high {
			t.Fatalf("from %v to %v, want %v to %v", min(a.min, b.min), max(a.max, b.max), low, high)
		}
	}
}
