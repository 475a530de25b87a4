// Package digest is the hash of a file, BLAKE3, of stretches that come in any
// order: what parts contribute is saved with them and joins into the file's.
package digest

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"

	"freshet/internal/errs"

	"lukechampine.com/blake3/guts"
)

// Tree is the BLAKE3 hash of a stretch of a file, as far as it is known before
// the rest: the chaining values of its whole subtrees, left to right, of falling
// size, and the bytes after its last whole chunk. Trees of neighbours join into
// the tree of the file whatever the order in which they were computed, and one
// that was saved goes on with the next bytes.
type Tree struct {
	first uint64 // number of the 1 KiB chunk where the stretch begins
	stack []subtree
	top   guts.Node // that the last of them came from: the root is a node, not a value
	tail  []byte    // less than a chunk
}

// subtree holds 1 << level chunks.
type subtree struct {
	cv    [8]uint32
	level uint8
}

// maxLevel is that of what is hashed at once: 16 KiB, all that one register
// holds. Of more the library makes a goroutine for each 16 KiB, and the last of
// them waits behind whoever has the processor.
const maxLevel = 4

// New begins at a file offset, a multiple of the part size.
func New(offset int64) *Tree { return &Tree{first: uint64(offset) / guts.ChunkSize} }

func (t *Tree) chunks() (n uint64) {
	for _, s := range t.stack {
		n += 1 << s.level
	}
	return n
}

// Add hashes the next bytes.
func (t *Tree) Add(p []byte) {
	if len(t.tail) > 0 {
		k := min(len(p), guts.ChunkSize-len(t.tail))
		t.tail = append(t.tail, p[:k]...)
		p = p[k:]
		if len(t.tail) < guts.ChunkSize {
			return
		}
		t.push(guts.CompressChunk(t.tail, &guts.IV, t.first+t.chunks(), 0), 0)
		t.tail = t.tail[:0]
	}
	for n := t.chunks(); len(p) >= guts.ChunkSize; {
		level := min(bits.Len(uint(len(p)/guts.ChunkSize))-1, maxLevel, bits.TrailingZeros64(n|1<<maxLevel))
		size := guts.ChunkSize << level
		if level == 0 {
			t.push(guts.CompressChunk(p[:size], &guts.IV, t.first+n, 0), 0)
		} else {
			t.push(guts.CompressEigentree(p[:size], &guts.IV, t.first+n, 0), uint8(level))
		}
		n += 1 << level
		p = p[size:]
	}
	t.tail = append(t.tail, p...)
}

// push adds a subtree at the right; pairs of one size become one of the next.
func (t *Tree) push(node guts.Node, level uint8) {
	t.pushValue(guts.ChainingValue(node), level)
	if t.stack[len(t.stack)-1].level == level { // else the pair's node is there already
		t.top = node
	}
}

func (t *Tree) pushValue(cv [8]uint32, level uint8) {
	for k := len(t.stack) - 1; k >= 0 && t.stack[k].level == level; k-- {
		t.top = guts.ParentNode(t.stack[k].cv, cv, &guts.IV, 0)
		cv = guts.ChainingValue(t.top)
		t.stack = t.stack[:k]
		level++
	}
	t.stack = append(t.stack, subtree{cv, level})
}

// Join adds the tree of the bytes that follow; t ends where u begins, at a
// multiple of the part size.
func (t *Tree) Join(u *Tree) {
	for _, s := range u.stack {
		n := len(t.stack)
		t.pushValue(s.cv, s.level)
		if len(t.stack) > n { // it stands alone: only the last needs its node, and u has that
			t.top = u.top
		}
	}
	t.tail = append(t.tail[:0], u.tail...)
}

// Clone is a tree that goes on by itself.
func (t *Tree) Clone() *Tree {
	c := *t
	c.stack = append([]subtree(nil), t.stack...)
	c.tail = append([]byte(nil), t.tail...)
	return &c
}

// Sum is the file's hash once all of it was added, as it is written everywhere.
func (t *Tree) Sum() string {
	node, left := t.top, len(t.stack)-1
	if len(t.tail) > 0 || len(t.stack) == 0 {
		node, left = guts.CompressChunk(t.tail, &guts.IV, t.first+t.chunks(), 0), len(t.stack)
	}
	for i := left - 1; i >= 0; i-- {
		node = guts.ParentNode(t.stack[i].cv, guts.ChainingValue(node), &guts.IV, 0)
	}
	node.Flags |= guts.FlagRoot
	var b [32]byte
	for i, w := range guts.CompressNode(node) {
		if i < 8 {
			binary.LittleEndian.PutUint32(b[4*i:], w)
		}
	}
	return "blake3:" + hex.EncodeToString(b[:])
}

const nodeSize = (8 + 16 + 2 + 1 + 1) * 4

// Marshal writes little-endian words: first; per subtree level and value; the top's node; then the tail.
func (t *Tree) Marshal() []byte {
	b := binary.LittleEndian.AppendUint64(nil, t.first)
	b = append(b, byte(len(t.stack)))
	for _, s := range t.stack {
		b = appendWords(append(b, s.level), s.cv[:])
	}
	b = appendWords(b, t.top.CV[:])
	b = appendWords(b, t.top.Block[:])
	b = binary.LittleEndian.AppendUint64(b, t.top.Counter)
	b = appendWords(b, []uint32{t.top.BlockLen, t.top.Flags})
	return append(b, t.tail...)
}

func appendWords(b []byte, words []uint32) []byte {
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

func takeWords(b []byte, words []uint32) []byte {
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return b[4*len(words):]
}

// Parse is the counterpart of Marshal.
func Parse(b []byte) (*Tree, error) {
	damaged := errs.E(errs.Internal, "damaged-tree", "the saved hash of a part is damaged")
	if len(b) < 9 {
		return nil, damaged
	}
	t := &Tree{first: binary.LittleEndian.Uint64(b)}
	n := int(b[8])
	b = b[9:]
	if rest := len(b) - n*33 - nodeSize; n > 64 || rest < 0 || rest >= guts.ChunkSize {
		return nil, damaged
	}
	for range n {
		s := subtree{level: b[0]}
		b = takeWords(b[1:], s.cv[:])
		if k := len(t.stack); s.level > 54 || k > 0 && t.stack[k-1].level <= s.level {
			return nil, damaged
		}
		t.stack = append(t.stack, s)
	}
	b = takeWords(b, t.top.CV[:])
	b = takeWords(b, t.top.Block[:])
	t.top.Counter = binary.LittleEndian.Uint64(b)
	var rest [2]uint32
	b = takeWords(b[8:], rest[:])
	t.top.BlockLen, t.top.Flags = rest[0], rest[1]
	t.tail = append(t.tail, b...)
	return t, nil
}
