//go:build goexperiment.simd && amd64

package record

import (
	"math/bits"
	simd "simd/archsimd"
)

// The forms for processors with AVX-512 VBMI2: 64 bytes at a stride.

// repeat fills a register with a table of 16 bytes.
func repeat(t [16]byte) (out [64]byte) {
	for i := range out {
		out[i] = t[i&15]
	}
	return out
}

var (
	// a byte is white space, or structure, when the table at its low four bits
	// has just this byte; of structure, bit 5 is set first
	spaceTable = repeat([16]byte{' ', 100, 100, 100, 17, 100, 113, 2, 100, '\t', '\n', 112, 100, '\r', 100, 100})
	opTable    = repeat([16]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0})
	ascending  = func() (out [64]byte) {
		for i := range out {
			out[i] = byte(i)
		}
		return out
	}()
)

// load512 gives the first 64 bytes of p, blanks behind its end.
func load512(p []byte) simd.Uint8x64 {
	if len(p) >= 64 {
		return simd.LoadUint8x64((*[64]byte)(p))
	}
	return loadTail512(p)
}

func loadTail512(p []byte) simd.Uint8x64 {
	tail := blanks
	copy(tail[:], p)
	return simd.LoadUint8x64(&tail)
}

// jsonAVX512 indexes a record: brackets, commas, colons, both quotes of each
// string, and the first byte of everything else. It is false when a string
// holds a control character or does not end, or there is too much structure.
// high tells that a byte lies outside ASCII.
func jsonAVX512(p []byte, x *index) (ok, high bool) {
	quotes, slashes, spaces := simd.BroadcastUint8x64('"'), simd.BroadcastUint8x64('\\'), simd.BroadcastUint8x64(' ')
	spaceSet, opSet := simd.LoadUint8x64(&spaceTable), simd.LoadUint8x64(&opTable)
	zeros, ten, minus, letterF, letterT := simd.BroadcastUint8x64('0'), simd.BroadcastUint8x64(10), simd.BroadcastUint8x64('-'), simd.BroadcastUint8x64('f'), simd.BroadcastUint8x64('t')
	places := simd.LoadUint8x64(&ascending)
	stride := simd.BroadcastUint32x16(64)
	base := simd.BroadcastUint32x16(0).Sub(stride)
	seen := simd.BroadcastUint8x64(0)
	var carry, inside, scalarBefore, bad uint64
	x.n, x.esc = 0, x.esc[:0]
	for i := 0; i < len(p); i += 64 {
		b := load512(p[i:])
		seen = seen.Or(b)
		base = base.Add(stride)
		quote := b.Equal(quotes).ToBits()
		slash := b.Equal(slashes).ToBits()
		if slash|carry != 0 {
			var esc uint64
			esc, carry = escaped(slash, carry)
			quote &^= esc
			for s := slash &^ esc; s != 0; s &= s - 1 {
				x.esc = append(x.esc, uint32(i+bits.TrailingZeros64(s)))
			}
		}
		in := inside
		if quote != 0 {
			in ^= prefixXor(quote)
			inside = uint64(int64(in) >> 63)
		}
		bad |= b.Less(spaces).ToBits() & in
		if in == ^uint64(0) && quote == 0 { // nothing but the inside of a string
			scalarBefore = 0
			continue
		}
		space := b.Equal(spaceSet.PermuteOrZeroGrouped(b.AsInt8x64())).ToBits()
		op := b.Or(spaces).Equal(opSet.PermuteOrZeroGrouped(b.AsInt8x64())).ToBits()
		scalar := ^(op | space | quote)
		follows := scalar<<1 | scalarBefore
		scalarBefore = scalar >> 63
		found := (op|scalar&^follows)&^in | quote
		if !x.room() {
			return false, false
		}
		m := simd.Mask8x64FromBits(found)
		at := places.Compress(m)
		kind := b.Compress(m)
		kind = zeros.Merge(kind, kind.Sub(zeros).Less(ten).Or(kind.Equal(minus)))
		letterT.Merge(kind, kind.Equal(letterF)).Store((*[64]byte)(x.kind[x.n:]))
		to := x.pos[x.n : x.n+64]
		count := bits.OnesCount64(found)
		at.GetLo().GetLo().ExtendToUint32().Add(base).Store((*[16]uint32)(to))
		if count > 16 {
			at.GetLo().GetHi().ExtendToUint32().Add(base).Store((*[16]uint32)(to[16:]))
			if count > 32 {
				at.GetHi().GetLo().ExtendToUint32().Add(base).Store((*[16]uint32)(to[32:]))
				at.GetHi().GetHi().ExtendToUint32().Add(base).Store((*[16]uint32)(to[48:]))
			}
		}
		x.n += count
	}
	return bad|inside|carry == 0, seen.GreaterEqual(simd.BroadcastUint8x64(0x80)).ToBits() != 0
}

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
	// places of the bytes 1, 2 and 3 before, in a block behind the one before it
	before = func() (out [3][64]byte) {
		for k := range out {
			for i := range out[k] {
				out[k][i] = byte(63 - k + i)
			}
		}
		return out
	}()
)

// utf8AVX512 tells whether p is UTF-8 throughout.
func utf8AVX512(p []byte) bool {
	low4, high := simd.BroadcastUint8x64(0x0f), simd.BroadcastUint8x64(0x80)
	four := simd.BroadcastUint16x32(4)
	highs1, lows1, highs2 := simd.LoadUint8x64(&firstHigh), simd.LoadUint8x64(&firstLow), simd.LoadUint8x64(&secondHigh)
	third, fourth := simd.BroadcastUint8x64(0xe0-0x80), simd.BroadcastUint8x64(0xf0-0x80)
	back1, back2, back3 := simd.LoadUint8x64(&before[0]), simd.LoadUint8x64(&before[1]), simd.LoadUint8x64(&before[2])
	zero := simd.BroadcastUint8x64(0)
	last, wrong := zero, zero
	open := uint64(0) // the block before holds bytes outside ASCII
	for i := 0; i < len(p); i += 64 {
		b := load512(p[i:])
		wide := b.GreaterEqual(high).ToBits()
		if wide|open != 0 {
			p1, p2, p3 := last.ConcatPermute(b, back1), last.ConcatPermute(b, back2), last.ConcatPermute(b, back3)
			h1 := p1.AsUint16x32().ShiftRight(four).AsUint8x64().And(low4)
			h2 := b.AsUint16x32().ShiftRight(four).AsUint8x64().And(low4)
			special := highs1.PermuteOrZeroGrouped(h1.AsInt8x64()).And(lows1.PermuteOrZeroGrouped(p1.And(low4).AsInt8x64())).And(highs2.PermuteOrZeroGrouped(h2.AsInt8x64()))
			must := p2.SubSaturated(third).Or(p3.SubSaturated(fourth)).And(high)
			wrong = wrong.Or(must.Xor(special))
		}
		last, open = b, wide
	}
	if len(p)&63 == 0 && open != 0 && !endsWhole(p) {
		return false
	}
	return wrong.NotEqual(zero).ToBits() == 0
}

// rowsAVX512 indexes the rows of CSV from the start of one: every quote, every
// newline, and outside quotes delimiters and carriage returns. Every quote
// toggles. It is false when there is a NUL.
func rowsAVX512(p []byte, delim byte, x *index) (ok, high bool) {
	quotes, delims, newlines, returns := simd.BroadcastUint8x64('"'), simd.BroadcastUint8x64(delim), simd.BroadcastUint8x64('\n'), simd.BroadcastUint8x64('\r')
	places := simd.LoadUint8x64(&ascending)
	stride := simd.BroadcastUint32x16(64)
	base := simd.BroadcastUint32x16(0).Sub(stride)
	zero := simd.BroadcastUint8x64(0)
	seen := zero
	var inside, nul uint64
	x.n = 0
	for i := 0; i < len(p); i += 64 {
		b := load512(p[i:])
		seen = seen.Or(b)
		base = base.Add(stride)
		nul |= b.Equal(zero).ToBits()
		quote := b.Equal(quotes).ToBits()
		in := inside
		if quote != 0 {
			in ^= prefixXor(quote)
			inside = uint64(int64(in) >> 63)
		}
		found := b.Equal(delims).Or(b.Equal(returns)).ToBits()&^in | quote | b.Equal(newlines).ToBits()
		count := bits.OnesCount64(found)
		if i+64 > len(p) { // blanks may be delimiters of nothing
			found &= 1<<(len(p)-i) - 1
			count = bits.OnesCount64(found)
		}
		if count == 0 {
			continue
		}
		if !x.room() {
			return false, false
		}
		m := simd.Mask8x64FromBits(found)
		at := places.Compress(m)
		b.Compress(m).Store((*[64]byte)(x.kind[x.n:]))
		to := x.pos[x.n : x.n+64]
		at.GetLo().GetLo().ExtendToUint32().Add(base).Store((*[16]uint32)(to))
		if count > 16 {
			at.GetLo().GetHi().ExtendToUint32().Add(base).Store((*[16]uint32)(to[16:]))
			if count > 32 {
				at.GetHi().GetLo().ExtendToUint32().Add(base).Store((*[16]uint32)(to[32:]))
				at.GetHi().GetHi().ExtendToUint32().Add(base).Store((*[16]uint32)(to[48:]))
			}
		}
		x.n += count
	}
	return nul == 0, seen.GreaterEqual(simd.BroadcastUint8x64(0x80)).ToBits() != 0
}

// endsAVX512 indexes the newlines of p. It is false when there is a NUL.
func endsAVX512(p []byte, x *index) (ok, high bool) {
	newlines, zero := simd.BroadcastUint8x64('\n'), simd.BroadcastUint8x64(0)
	seen := zero
	nul := uint64(0)
	x.n = 0
	for i := 0; i < len(p); i += 64 {
		b := load512(p[i:])
		seen = seen.Or(b)
		nul |= b.Equal(zero).ToBits()
		found := b.Equal(newlines).ToBits()
		if found == 0 {
			continue
		}
		if !x.room() {
			return false, false
		}
		for ; found != 0; found &= found - 1 {
			x.pos[x.n] = uint32(i + bits.TrailingZeros64(found))
			x.n++
		}
	}
	return nul == 0, seen.GreaterEqual(simd.BroadcastUint8x64(0x80)).ToBits() != 0
}
