package record

// index is what a wide scan finds in a stretch of bytes: where the bytes of
// structure stand, and which they are.
type index struct {
	pos  []uint32 // n are filled; room for a block more
	kind []byte   // the byte at each, made alike as kindOf has it
	n    int
	esc  []uint32 // JSON: where escapes begin inside strings; escs are filled
	escs int
}

// mostIndexed bounds the memory of an index. A record with more structure than
// that is read by the exact parser.
const mostIndexed = 1 << 18

// scanBatch is how many bytes are scanned before there is a look for room: a
// loop that calls nothing keeps all it needs in registers.
const scanBatch = 2 << 10

// room makes place for what so many bytes may hold, and for a block more. It is
// false when there is too much structure.
func (x *index) room(bytes int) bool {
	x.pos, x.kind = grown(x.pos, x.n, bytes), grown(x.kind, x.n, bytes)
	return x.n <= mostIndexed
}

// roomForEscapes is room for them, too.
func (x *index) roomForEscapes(bytes int) bool {
	x.esc = grown(x.esc, x.escs, bytes)
	return x.room(bytes) && x.escs <= mostIndexed
}

func grown[T any](s []T, used, more int) []T {
	if used+more+64 <= len(s) {
		return s
	}
	size := max(1<<10, 2*len(s), used+more+64)
	return append(make([]T, 0, size), s[:used]...)[:size]
}

// view is the part of an index that is one record's. Places count from base.
type view struct {
	pos  []uint32
	kind []byte
	esc  []uint32
	base uint32
}

// all is the index of a single record.
func (x *index) all() view { return view{pos: x.pos[:x.n], kind: x.kind[:x.n], esc: x.esc[:x.escs]} }

// kindOf makes the bytes alike by which values of one kind begin: digits and
// the minus are 0, the letters of true and false t.
var kindOf = func() (k [256]byte) {
	for i := range k {
		k[i] = byte(i)
	}
	for _, c := range "-0123456789" {
		k[c] = '0'
	}
	k['f'] = 't'
	return k
}()

// prefixXor gives each bit the parity of all up to it: from quotes, what lies
// between them, the opening one included.
func prefixXor(x uint64) uint64 {
	x ^= x << 1
	x ^= x << 2
	x ^= x << 4
	x ^= x << 8
	x ^= x << 16
	x ^= x << 32
	return x
}

// escaped gives the bytes that a backslash before them escapes, from the
// backslashes of a block; carry tells that the block before ended in one, and
// that this one does (after G. Langdale and D. Lemire, "Parsing gigabytes of
// JSON per second", 2019).
func escaped(slash, carry uint64) (esc, out uint64) {
	const even = 0x5555555555555555
	slash &^= carry
	follows := slash<<1 | carry
	odd := slash &^ even &^ follows
	sum := odd + slash
	if sum < slash {
		out = 1
	}
	return (even ^ sum<<1) & follows, out
}
