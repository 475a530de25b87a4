//go:build goexperiment.simd && amd64

package record

import (
	"math/bits"
	simd "simd/archsimd"
)

// The forms for processors with AVX2: 64 bytes at a stride, in two halves.

// half is 32 bytes; block the two halves of a stride.
type half = simd.Uint8x32

func loadBlock(p []byte) (lo, hi half) {
	if len(p) >= 64 {
		b := (*[64]byte)(p)
		return simd.LoadUint8x32((*[32]byte)(b[:32])), simd.LoadUint8x32((*[32]byte)(b[32:]))
	}
	tail := blanks
	copy(tail[:], p)
	return simd.LoadUint8x32((*[32]byte)(tail[:32])), simd.LoadUint8x32((*[32]byte)(tail[32:]))
}

func equal(lo, hi, to half) uint64 {
	return uint64(lo.Equal(to).ToBits()) | uint64(hi.Equal(to).ToBits())<<32
}

// in tells which bytes the table has at their low four bits.
func in(lo, hi, bit, table half) uint64 {
	lo5, hi5 := lo.Or(bit), hi.Or(bit)
	return uint64(lo5.Equal(table.PermuteOrZeroGrouped(lo.AsInt8x32())).ToBits()) | uint64(hi5.Equal(table.PermuteOrZeroGrouped(hi.AsInt8x32())).ToBits())<<32
}

// put adds the bytes of p at the set bits, p beginning at i.
func (x *index) put(p []byte, i int, found uint64) {
	n := x.n
	for ; found != 0; found &= found - 1 {
		at := i + bits.TrailingZeros64(found)
		x.pos[n], x.kind[n] = uint32(at), kindOf[p[at]]
		n++
	}
	x.n = n
}

// jsonAVX2 is jsonAVX512 for less wide registers.
func jsonAVX2(p []byte, lines bool, x *index) (ok, high bool) {
	quotes, slashes, bit5 := simd.BroadcastUint8x32('"'), simd.BroadcastUint8x32('\\'), simd.BroadcastUint8x32(0x20)
	most, newlines := simd.BroadcastUint8x32(0x1f), simd.BroadcastUint8x32('{')
	if lines {
		newlines = simd.BroadcastUint8x32('\n')
	}
	spaceSet, opSet := simd.LoadUint8x32((*[32]byte)(spaceTable[:])), simd.LoadUint8x32((*[32]byte)(opTable[:]))
	zero := simd.BroadcastUint8x32(0)
	seen := zero
	var st jsonState
	x.n, x.escs = 0, 0
	for i := 0; i < len(p); i += 64 {
		if i%scanBatch == 0 && !x.roomForEscapes(min(len(p)-i, scanBatch)) {
			return false, false
		}
		lo, hi := loadBlock(p[i:])
		seen = seen.Or(lo).Or(hi)
		quote := equal(lo, hi, quotes)
		slash := equal(lo, hi, slashes)
		if slash|st.escaped != 0 {
			var esc uint64
			esc, st.escaped = escaped(slash, st.escaped)
			quote &^= esc
			for s := slash &^ esc; s != 0; s &= s - 1 {
				x.esc[x.escs] = uint32(i + bits.TrailingZeros64(s))
				x.escs++
			}
		}
		in1 := st.inside
		if quote != 0 {
			in1 ^= prefixXor(quote)
			st.inside = uint64(int64(in1) >> 63)
		}
		st.bad |= equal(lo.SubSaturated(most), hi.SubSaturated(most), zero) & in1
		if in1 == ^uint64(0) && quote == 0 {
			st.scalar = 0
			continue
		}
		space := in(lo, hi, zero, spaceSet)
		op := in(lo, hi, bit5, opSet)
		scalar := ^(op | space | quote)
		follows := scalar<<1 | st.scalar
		st.scalar = scalar >> 63
		x.put(p, i, (op|equal(lo, hi, newlines)|scalar&^follows)&^in1|quote)
	}
	return st.fine(), hasHigh(seen)
}

func hasHigh(seen half) bool {
	high := simd.BroadcastUint8x32(0x80)
	return seen.And(high).Equal(high).ToBits() != 0
}

// utf8AVX2 is utf8AVX512 for less wide registers.
func utf8AVX2(p []byte) bool {
	zero := simd.BroadcastUint8x32(0)
	last, wrong, open := zero, zero, false
	for i := 0; i < len(p); i += 64 {
		lo, hi := loadBlock(p[i:])
		wide := hasHigh(lo.Or(hi))
		if wide || open {
			wrong = wrong.Or(utf8Errors(last, lo)).Or(utf8Errors(lo, hi))
		}
		last, open = hi, wide
	}
	if len(p)&63 == 0 && open && !endsWhole(p) {
		return false
	}
	return uint32(wrong.Equal(zero).ToBits()) == ^uint32(0)
}

// utf8Errors are the faults of b, which follows last.
func utf8Errors(last, b half) half {
	low4, high := simd.BroadcastUint8x32(0x0f), simd.BroadcastUint8x32(0x80)
	four := simd.BroadcastUint16x16(4)
	third, fourth := simd.BroadcastUint8x32(0xe0-0x80), simd.BroadcastUint8x32(0xf0-0x80)
	seam := last.Select128FromPair(1, 2, b)
	p1, p2, p3 := b.ConcatShiftBytesRightGrouped(15, seam), b.ConcatShiftBytesRightGrouped(14, seam), b.ConcatShiftBytesRightGrouped(13, seam)
	h1 := p1.AsUint16x16().ShiftRight(four).AsUint8x32().And(low4)
	h2 := b.AsUint16x16().ShiftRight(four).AsUint8x32().And(low4)
	special := simd.LoadUint8x32((*[32]byte)(firstHigh[:])).PermuteOrZeroGrouped(h1.AsInt8x32()).
		And(simd.LoadUint8x32((*[32]byte)(firstLow[:])).PermuteOrZeroGrouped(p1.And(low4).AsInt8x32())).
		And(simd.LoadUint8x32((*[32]byte)(secondHigh[:])).PermuteOrZeroGrouped(h2.AsInt8x32()))
	must := p2.SubSaturated(third).Or(p3.SubSaturated(fourth)).And(high)
	return must.Xor(special)
}

// rowsAVX2 is rowsAVX512 for less wide registers.
func rowsAVX2(p []byte, delim byte, x *index) (ok, high bool) {
	quotes, delims, newlines, returns := simd.BroadcastUint8x32('"'), simd.BroadcastUint8x32(delim), simd.BroadcastUint8x32('\n'), simd.BroadcastUint8x32('\r')
	zero := simd.BroadcastUint8x32(0)
	seen := zero
	var inside, nul uint64
	x.n = 0
	for i := 0; i < len(p); i += 64 {
		lo, hi := loadBlock(p[i:])
		seen = seen.Or(lo).Or(hi)
		nul |= equal(lo, hi, zero)
		quote := equal(lo, hi, quotes)
		in := inside
		if quote != 0 {
			in ^= prefixXor(quote)
			inside = uint64(int64(in) >> 63)
		}
		found := (equal(lo, hi, delims)|equal(lo, hi, returns))&^in | quote | equal(lo, hi, newlines)
		if i+64 > len(p) {
			found &= 1<<(len(p)-i) - 1
		}
		if !x.room(64) {
			return false, false
		}
		n := x.n
		for ; found != 0; found &= found - 1 {
			at := i + bits.TrailingZeros64(found)
			x.pos[n], x.kind[n] = uint32(at), p[at]
			n++
		}
		x.n = n
	}
	return nul == 0, hasHigh(seen)
}

// endsAVX2 is endsAVX512 for less wide registers.
func endsAVX2(p []byte, x *index) (ok, high bool) {
	newlines, zero := simd.BroadcastUint8x32('\n'), simd.BroadcastUint8x32(0)
	seen := zero
	nul := uint64(0)
	x.n = 0
	for i := 0; i < len(p); i += 64 {
		lo, hi := loadBlock(p[i:])
		seen = seen.Or(lo).Or(hi)
		nul |= equal(lo, hi, zero)
		found := equal(lo, hi, newlines)
		if !x.room(64) {
			return false, false
		}
		for ; found != 0; found &= found - 1 {
			x.pos[x.n] = uint32(i + bits.TrailingZeros64(found))
			x.n++
		}
	}
	return nul == 0, hasHigh(seen)
}
