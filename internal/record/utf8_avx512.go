//go:build goexperiment.simd && amd64

package record

import simd "simd/archsimd"

// The masks of lookup4 (J. Keiser and D. Lemire, "Validating UTF-8 in less than
// one instruction per byte", 2021): what two neighbours may not be.
const (
	tooShort = 1 << iota
	tooLong
	overlong3
	tooLarge
	surrogate
	overlong2
	tooLarge1000
	twoConts
	overlong4 = tooLarge1000
	carried   = tooShort | tooLong | twoConts
	beyond    = carried | tooLarge | tooLarge1000
)

var (
	firstHigh = repeat([16]byte{tooLong, tooLong, tooLong, tooLong, tooLong, tooLong, tooLong, tooLong,
		twoConts, twoConts, twoConts, twoConts, tooShort | overlong2, tooShort, tooShort | overlong3 | surrogate, tooShort | tooLarge | tooLarge1000 | overlong4})
	firstLow = repeat([16]byte{carried | overlong3 | overlong2 | overlong4, carried | overlong2, carried, carried,
		carried | tooLarge, beyond, beyond, beyond, beyond, beyond, beyond, beyond, beyond, beyond | surrogate, beyond, beyond})
	secondHigh = repeat([16]byte{tooShort, tooShort, tooShort, tooShort, tooShort, tooShort, tooShort, tooShort,
		tooLong | overlong2 | twoConts | overlong3 | tooLarge1000 | overlong4, tooLong | overlong2 | twoConts | overlong3 | tooLarge,
		tooLong | overlong2 | twoConts | surrogate | tooLarge, tooLong | overlong2 | twoConts | surrogate | tooLarge,
		tooShort, tooShort, tooShort, tooShort})
)

// utf8AVX512 tells whether p is UTF-8 throughout.
func utf8AVX512(p []byte) bool {
	var edge [128]byte // zeros, and the first block
	if n := copy(edge[64:], p); n < 64 {
		copy(edge[64+n:], blanks[:])
	}
	wrong := utf8Blocks512(edge[:])
	if len(p) > 64 {
		wrong |= utf8Blocks512(p)
		if rest := len(p) & 63; rest > 0 {
			n := copy(edge[:], p[len(p)-rest-64:])
			copy(edge[n:], blanks[:])
			wrong |= utf8Blocks512(edge[:])
		}
	}
	return wrong == 0 && (len(p)&63 != 0 || endsWhole(p))
}

// utf8Blocks512 has a bit for each fault in the whole blocks of p after its
// first. The bytes 1, 2 and 3 before are loaded from memory, too.
func utf8Blocks512(p []byte) uint64 {
	low4, high := simd.BroadcastUint8x64(0x0f), simd.BroadcastUint8x64(0x80)
	four := simd.BroadcastUint16x32(4)
	highs1, lows1, highs2 := simd.LoadUint8x64(&firstHigh), simd.LoadUint8x64(&firstLow), simd.LoadUint8x64(&secondHigh)
	third, fourth := simd.BroadcastUint8x64(0xe0-0x80), simd.BroadcastUint8x64(0xf0-0x80)
	zero := simd.BroadcastUint8x64(0)
	wrong := zero
	open := uint64(1) // the block before holds bytes outside ASCII
	for ; len(p) >= 128; p = p[64:] {
		q := (*[128]byte)(p)
		b := simd.LoadUint8x64((*[64]byte)(q[64:]))
		wide := b.GreaterEqual(high).ToBits()
		if wide|open != 0 {
			p1, p2, p3 := simd.LoadUint8x64((*[64]byte)(q[63:])), simd.LoadUint8x64((*[64]byte)(q[62:])), simd.LoadUint8x64((*[64]byte)(q[61:]))
			h1 := p1.AsUint16x32().ShiftRight(four).AsUint8x64().And(low4)
			h2 := b.AsUint16x32().ShiftRight(four).AsUint8x64().And(low4)
			special := highs1.PermuteOrZeroGrouped(h1.AsInt8x64()).And(lows1.PermuteOrZeroGrouped(p1.And(low4).AsInt8x64())).And(highs2.PermuteOrZeroGrouped(h2.AsInt8x64()))
			must := p2.SubSaturated(third).Or(p3.SubSaturated(fourth)).And(high)
			wrong = wrong.Or(must.Xor(special))
		}
		open = wide
	}
	return wrong.NotEqual(zero).ToBits()
}
