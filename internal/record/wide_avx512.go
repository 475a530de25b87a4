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
		if many || slash|carry != 0 {
			var esc uint64
			esc, carry = escaped(slash, carry)
			quote &^= esc
			begins := slash &^ esc
			q, count := places.Compress(simd.Mask8x64FromBits(begins)), bits.OnesCount64(begins)
			placesFrom(at, q, count, (*[64]uint32)(escs[e:]))
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
		placesFrom(at, q, count, (*[64]uint32)(pos[n:]))
		n += count
	}
	x.n += n
	x.escs += e
	st.escapes = e
	st.escaped, st.inside, st.scalar, st.bad = carry, inside, scalarBefore, bad
	st.high |= seen.GreaterEqual(simd.BroadcastUint8x64(0x80)).ToBits()
}

// placesFrom stores so many numbers of q, as places that count from at, and
// what follows them. Mostly there are up to sixteen.
func placesFrom(at uint32, q simd.Uint8x64, count int, to *[64]uint32) {
	base := simd.BroadcastUint32x16(at)
	q.GetLo().GetLo().ExtendToUint32().Add(base).Store((*[16]uint32)(to[:]))
	if count > 16 {
		q.GetLo().GetHi().ExtendToUint32().Add(base).Store((*[16]uint32)(to[16:]))
		if count > 32 {
			q.GetHi().GetLo().ExtendToUint32().Add(base).Store((*[16]uint32)(to[32:]))
			q.GetHi().GetHi().ExtendToUint32().Add(base).Store((*[16]uint32)(to[48:]))
		}
	}
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
