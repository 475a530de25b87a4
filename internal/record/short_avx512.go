//go:build goexperiment.simd && amd64

package record

import simd "simd/archsimd"

// eight numbers in a register
type eight = simd.Uint64x8

func all(x uint64) eight { return simd.BroadcastUint64x8(x) }

var tensTable = [8]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7}

// shortsAVX512 is shortsPlain for eight values at a stride: the steps are those
// of ShortHash, shortDigits and shortNumber, and what is wrong is gathered in a
// mask instead of ending them.
func shortsAVX512(s *Shorts, numbers bool) {
	zero, one, three, eights, ten := all(0), all(1), all(3), all(8), all(10)
	tensAll := simd.LoadFloat64x8(&tensTable)
	s.Numeric = 0
	for i := 0; i < s.N; i += 8 {
		word, n := simd.LoadUint64x8((*[8]uint64)(s.Words[i:])), simd.LoadUint64x8((*[8]uint64)(s.Sizes[i:]))
		// the bytes of the value, at the top; then at the bottom
		free := eights.Sub(n).ShiftLeft(three)
		top := word.ShiftLeft(free)
		bottom := top.ShiftRight(free)

		h := bottom.Add(n.Mul(all(hashSize)))
		h = h.Xor(h.ShiftRight(all(30))).Mul(all(hashMix1))
		h = h.Xor(h.ShiftRight(all(27))).Mul(all(hashMix2))
		h.Xor(h.ShiftRight(all(31))).Store((*[8]uint64)(s.Hashes[i:]))

		head := bottom.And(all(0xff))
		neg := head.Equal(all('-'))
		if !numbers || head.Sub(all('0')).Less(ten).Or(neg).ToBits() == 0 {
			continue // words are mostly among words
		}
		n = n.Sub(one.Masked(neg))
		free = eights.Sub(n).ShiftLeft(three)
		x := bottom.ShiftRight(eights.Masked(neg)).ShiftLeft(free)
		d := x.Xor(all(lows * '.'))
		d = d.Sub(all(lows)).And(d.Not()).And(all(highs))
		hasDot := d.NotEqual(zero)
		d = d.And(zero.Sub(d)) // the highest bit of the byte of the dot
		decimals := d.LeadingZeros().ShiftRight(three).Masked(hasDot)
		upTo := d.ShiftLeft(one).Sub(one)
		before := x.And(d.ShiftRight(all(7)).Sub(one))
		x = x.And(upTo.Not()).Or(before.ShiftLeft(eights)).Merge(x, hasDot)
		has := n.Sub(one.Masked(hasDot))
		bad := hasDot.And(decimals.Equal(zero)).Or(has.LessEqual(decimals))

		high := eights.Sub(has).ShiftLeft(three)
		first := x.ShiftRight(high).And(all(0xff))
		bad = bad.Or(first.Equal(all('0')).And(has.Greater(decimals.Add(one))))
		x = x.Xor(all(lows * '0').ShiftRight(high).ShiftLeft(high))
		bad = bad.Or(x.Add(all(lows * 0x76)).Or(x).And(all(highs)).NotEqual(zero))

		x = x.Mul(ten).Add(x.ShiftRight(eights))
		x = x.And(all(everyFourth)).Mul(all(digitsLow)).Add(x.ShiftRight(all(16)).And(all(everyFourth)).Mul(all(digitsHigh))).ShiftRight(all(32))
		f := x.ConvertToFloat64().Div(tensAll.Permute(decimals))
		f.AsUint64x8().Xor(all(1 << 63).Masked(neg)).AsFloat64x8().Store((*[8]float64)(s.Numbers[i:]))
		s.Numeric |= uint64(^bad.ToBits()) << i
	}
	if s.N < MostShorts {
		s.Numeric &= 1<<s.N - 1
	}
}
