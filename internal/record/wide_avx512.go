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

// jsonState is what the scan of JSON carries from block to block.
type jsonState struct {
	escaped, inside, scalar uint64 // of the byte before
	bad                     uint64 // control characters inside strings
	high                    uint64 // bytes outside ASCII
	escapes                 int    // in the blocks scanned last
}

// fine tells that no string holds a control character, and all end.
func (st *jsonState) fine() bool { return st.bad|st.inside|st.escaped == 0 }

// jsonAVX512 indexes a record: brackets, commas, colons, both quotes of each
// string, and the first byte of everything else; of lines also the newlines. It
// is false when a string holds a control character or does not end, or there is
// too much structure. high tells that a byte lies outside ASCII.
func jsonAVX512(p []byte, lines bool, x *index) (ok, high bool) {
	x.n, x.escs = 0, 0
	var st jsonState
	newline := byte('{') // which is indexed in any case
	if lines {
		newline = '\n'
	}
	at, whole := 0, len(p)&^63
	for at < len(p) {
		n := min(whole-at, scanBatch)
		if !x.roomForEscapes(max(n, 64)) {
			return false, false
		}
		batch := p[at : at+n]
		if n == 0 {
			tail := blanks
			copy(tail[:], p[at:])
			batch, n = tail[:], 64
		}
		jsonBlocks512(batch, at, newline, x, &st)
		at += n
	}
	kinds512(x.kind[:(x.n+63)&^63])
	return st.fine(), st.high != 0
}

// jsonBlocks512 indexes whole blocks that begin at a place; there is room. Where
// many blocks have escapes, no guess would be right which do: then there is no
// branch on it.
func jsonBlocks512(p []byte, place int, newline byte, x *index, st *jsonState) {
	quotes, slashes, spaces, newlines := simd.BroadcastUint8x64('"'), simd.BroadcastUint8x64('\\'), simd.BroadcastUint8x64(' '), simd.BroadcastUint8x64(newline)
	spaceSet, opSet := simd.LoadUint8x64(&spaceTable), simd.LoadUint8x64(&opTable)
	places := simd.LoadUint8x64(&ascending)
	seen := simd.BroadcastUint8x64(0)
	carry, inside, scalarBefore, bad := st.escaped, st.inside, st.scalar, st.bad
	pos, kind, escs := x.pos[x.n:], x.kind[x.n:], x.esc[x.escs:]
	n, e := 0, 0
	many := st.escapes > len(p)/512
	for at := uint32(place); len(p) >= 64; p, at = p[64:], at+64 {
		b := simd.LoadUint8x64((*[64]byte)(p))
		seen = seen.Or(b)
		quote := b.Equal(quotes).ToBits()
		slash := b.Equal(slashes).ToBits()
		base := simd.BroadcastUint32x16(at)
		if many || slash|carry != 0 {
			var esc uint64
			esc, carry = escaped(slash, carry)
			quote &^= esc
			begins := slash &^ esc
			q, count := places.Compress(simd.Mask8x64FromBits(begins)), bits.OnesCount64(begins)
			to := (*[64]uint32)(escs[e:])
			q.GetLo().GetLo().ExtendToUint32().Add(base).Store((*[16]uint32)(to[:]))
			if count > 16 {
				q.GetLo().GetHi().ExtendToUint32().Add(base).Store((*[16]uint32)(to[16:]))
				q.GetHi().GetLo().ExtendToUint32().Add(base).Store((*[16]uint32)(to[32:]))
				q.GetHi().GetHi().ExtendToUint32().Add(base).Store((*[16]uint32)(to[48:]))
			}
			e += count
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
		found := (op|b.Equal(newlines).ToBits()|scalar&^follows)&^in | quote
		m := simd.Mask8x64FromBits(found)
		q, count := places.Compress(m), bits.OnesCount64(found)
		b.Compress(m).Store((*[64]byte)(kind[n:]))
		to := (*[64]uint32)(pos[n:])
		q.GetLo().GetLo().ExtendToUint32().Add(base).Store((*[16]uint32)(to[:]))
		if count > 16 {
			q.GetLo().GetHi().ExtendToUint32().Add(base).Store((*[16]uint32)(to[16:]))
			if count > 32 {
				q.GetHi().GetLo().ExtendToUint32().Add(base).Store((*[16]uint32)(to[32:]))
				q.GetHi().GetHi().ExtendToUint32().Add(base).Store((*[16]uint32)(to[48:]))
			}
		}
		n += count
	}
	x.n += n
	x.escs += e
	st.escapes = e
	st.escaped, st.inside, st.scalar, st.bad = carry, inside, scalarBefore, bad
	st.high |= seen.GreaterEqual(simd.BroadcastUint8x64(0x80)).ToBits()
}

// kinds512 makes kinds alike as kindOf has it, in whole blocks of them.
func kinds512(kind []byte) {
	zeros, ten, minus, letterF, letterT := simd.BroadcastUint8x64('0'), simd.BroadcastUint8x64(10), simd.BroadcastUint8x64('-'), simd.BroadcastUint8x64('f'), simd.BroadcastUint8x64('t')
	for ; len(kind) >= 64; kind = kind[64:] {
		k := simd.LoadUint8x64((*[64]byte)(kind))
		k = zeros.Merge(k, k.Sub(zeros).Less(ten).Or(k.Equal(minus)))
		letterT.Merge(k, k.Equal(letterF)).Store((*[64]byte)(kind))
	}
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

// rowState is what the scan of CSV and text carries from block to block.
type rowState struct {
	inside      uint64 // quotes, at the byte before
	least, most simd.Uint8x64
}

// rowsAVX512 indexes the rows of CSV from the start of one: every quote, every
// newline, and outside quotes delimiters and carriage returns. Every quote
// toggles. It is false when there is a NUL.
func rowsAVX512(p []byte, delim byte, x *index) (ok, high bool) {
	return lines512(p, true, delim, x)
}

// endsAVX512 indexes the newlines of p. It is false when there is a NUL.
func endsAVX512(p []byte, x *index) (ok, high bool) {
	return lines512(p, false, 0, x)
}

// lines512 indexes rows, or the newlines of text.
func lines512(p []byte, rows bool, delim byte, x *index) (ok, high bool) {
	x.n = 0
	zero := simd.BroadcastUint8x64(0)
	st := rowState{least: simd.BroadcastUint8x64(0xff), most: zero}
	at, whole := 0, len(p)&^63
	for at < len(p) {
		n := min(whole-at, scanBatch)
		if !x.room(max(n, 64)) {
			return false, false
		}
		batch := p[at : at+n]
		if n == 0 {
			tail := blanks
			copy(tail[:], p[at:])
			batch, n = tail[:], 64
		}
		if rows {
			rowBlocks512(batch, at, delim, x, &st)
		} else {
			endBlocks512(batch, at, x, &st)
		}
		at += n
	}
	for x.n > 0 && int(x.pos[x.n-1]) >= len(p) {
		x.n-- // the blanks behind the end may be delimiters
	}
	return st.least.Equal(zero).ToBits() == 0, st.most.GreaterEqual(simd.BroadcastUint8x64(0x80)).ToBits() != 0
}

// rowBlocks512 indexes whole blocks that begin at a place; there is room.
func rowBlocks512(p []byte, place int, delim byte, x *index, st *rowState) {
	quotes, delims, newlines, returns := simd.BroadcastUint8x64('"'), simd.BroadcastUint8x64(delim), simd.BroadcastUint8x64('\n'), simd.BroadcastUint8x64('\r')
	places := simd.LoadUint8x64(&ascending)
	least, most, inside := st.least, st.most, st.inside
	pos, kind, n := x.pos[x.n:], x.kind[x.n:], 0
	for at := uint32(place); len(p) >= 64; p, at = p[64:], at+64 {
		b := simd.LoadUint8x64((*[64]byte)(p))
		least, most = least.Min(b), most.Max(b)
		quote := b.Equal(quotes).ToBits()
		in := prefixXor(quote) ^ inside
		inside = uint64(int64(in) >> 63)
		found := (b.Equal(delims).ToBits()|b.Equal(returns).ToBits())&^in | quote | b.Equal(newlines).ToBits()
		m := simd.Mask8x64FromBits(found)
		q, count := places.Compress(m), bits.OnesCount64(found)
		b.Compress(m).Store((*[64]byte)(kind[n:]))
		base := simd.BroadcastUint32x16(at)
		to := (*[64]uint32)(pos[n:])
		q.GetLo().GetLo().ExtendToUint32().Add(base).Store((*[16]uint32)(to[:]))
		if count > 16 {
			q.GetLo().GetHi().ExtendToUint32().Add(base).Store((*[16]uint32)(to[16:]))
			if count > 32 {
				q.GetHi().GetLo().ExtendToUint32().Add(base).Store((*[16]uint32)(to[32:]))
				q.GetHi().GetHi().ExtendToUint32().Add(base).Store((*[16]uint32)(to[48:]))
			}
		}
		n += count
	}
	x.n += n
	st.least, st.most, st.inside = least, most, inside
}

// endBlocks512 indexes the newlines of whole blocks that begin at a place; there
// is room. It has no branch on whether a line ends: no guess would be right.
func endBlocks512(p []byte, place int, x *index, st *rowState) {
	newlines, places := simd.BroadcastUint8x64('\n'), simd.LoadUint8x64(&ascending)
	least, most := st.least, st.most
	pos, n := x.pos[x.n:], 0
	for at := uint32(place); len(p) >= 64; p, at = p[64:], at+64 {
		b := simd.LoadUint8x64((*[64]byte)(p))
		least, most = least.Min(b), most.Max(b)
		m := b.Equal(newlines)
		q, count := places.Compress(m), bits.OnesCount64(m.ToBits())
		base := simd.BroadcastUint32x16(at)
		to := (*[64]uint32)(pos[n:])
		q.GetLo().GetLo().ExtendToUint32().Add(base).Store((*[16]uint32)(to[:]))
		if count > 16 {
			q.GetLo().GetHi().ExtendToUint32().Add(base).Store((*[16]uint32)(to[16:]))
			q.GetHi().GetLo().ExtendToUint32().Add(base).Store((*[16]uint32)(to[32:]))
			q.GetHi().GetHi().ExtendToUint32().Add(base).Store((*[16]uint32)(to[48:]))
		}
		n += count
	}
	x.n += n
	st.least, st.most = least, most
}
