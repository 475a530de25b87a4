//go:build goexperiment.simd && amd64

package record

import (
	"math/bits"
	simd "simd/archsimd"
)

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
		placesFrom(at, q, count, (*[64]uint32)(pos[n:]))
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
		placesFrom(at, q, count, (*[64]uint32)(pos[n:]))
		n += count
	}
	x.n += n
	st.least, st.most = least, most
}
