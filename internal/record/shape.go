package record

import (
	"bytes"
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// Shape is what records have in common that consist of the same tokens under
// the same names, nested in the same way; their strings, numbers and truth
// values differ. Files mostly hold few shapes. A record of a known one needs no
// grammar, and who looks at records can keep what follows from the shape.
type Shape struct {
	// UniqueNames tells that no object has a name twice.
	UniqueNames bool

	kinds []byte  // of the index
	tok   []Token // with places in the index for Start, and for End of containers
	names []name
}

// name is a member's name. Its first eight bytes are compared as one number.
type name struct {
	tok, size  uint32
	word, mask uint64 // those bytes, the first the lowest, and the bits they take
	text       string
}

func newName(tok int, text []byte) name {
	var b [8]byte
	n := copy(b[:], text)
	return name{uint32(tok), uint32(len(text)), binary.LittleEndian.Uint64(b[:]), 1<<(8*n) - 1, string(text)}
}

// is tells whether the bytes of p from one place to another are the name.
func (n *name) is(p []byte, from, to uint32) bool {
	if to-from != n.size {
		return false
	}
	if int(from)+8 > len(p) {
		return string(p[from:to]) == n.text
	}
	return binary.LittleEndian.Uint64(p[from:])&n.mask == n.word && (n.size <= 8 || string(p[from+8:to]) == n.text[8:])
}

const (
	shapeSlots  = 64
	shapeTokens = 1 << 10 // a record of more is not worth remembering
	shapeNames  = 16 << 10
	shapePause  = 64 // in a file of all different records, only one in so many is learnt
)

// shapes are those of the records so far, by hash of their kinds.
type shapes struct {
	slot [shapeSlots]*Shape
	last *Shape
	vain int // records since one of a known shape
}

// of is the shape that consists of these kinds, or nil.
func (h *shapes) of(kinds []byte) *Shape {
	if s := h.last; s != nil && bytes.Equal(s.kinds, kinds) {
		return s
	}
	s := h.slot[slotOf(kinds)]
	if s == nil || !bytes.Equal(s.kinds, kinds) {
		return nil
	}
	h.last, h.vain = s, 0
	return s
}

func slotOf(kinds []byte) uint64 { return xxh3.Hash(kinds) % shapeSlots }

// learn remembers the shape of the record that was just parsed; nil when it does not.
func (h *shapes) learn(j *JSON) *Shape {
	h.vain++
	if len(j.Tok) > shapeTokens || h.vain > shapePause && h.vain%shapePause != 0 {
		return nil
	}
	s := &Shape{UniqueNames: true}
	size := 0
	for i := range j.Tok {
		if j.Tok[i].Flags&IsKey != 0 {
			n := newName(i, j.Text(i))
			if size += len(n.text); size > shapeNames {
				return nil
			}
			s.names = append(s.names, n)
		}
	}
	j.DuplicateNames(func(int) { s.UniqueNames = false })
	kinds := j.view.kind
	s.kinds = bytes.Clone(kinds)
	s.tok = make([]Token, 0, len(j.Tok))
	depth := 0
	for at := 0; at < len(kinds); at++ {
		t := Token{Start: uint32(at)}
		if n := len(s.tok); n < len(j.Tok) {
			t.Kind, t.N = j.Tok[n].Kind, j.Tok[n].N
			t.Flags = j.Tok[n].Flags & IsKey
		}
		switch kinds[at] {
		case ',', ':':
			continue
		case '}', ']':
			depth--
			s.tok[j.open[depth]].End = uint32(at)
			continue
		case '{', '[':
			j.open[depth] = uint32(len(s.tok))
			depth++
		case '"':
			at++
		}
		s.tok = append(s.tok, t)
	}
	h.slot[slotOf(kinds)], h.last = s, s
	return s
}

// fill makes the tokens of a record of this shape. It is false when a number or
// word is not right.
func (j *JSON) fill(s *Shape) bool {
	j.Tok = append(j.Tok[:0], s.tok...)
	pos, base, tok := j.view.pos, j.view.base, j.Tok
	if len(s.names) > 0 {
		j.Seen = IsKey
	}
	for i := range tok {
		switch t := &tok[i]; t.Kind {
		case String:
			at := t.Start
			t.Start, t.End = pos[at]-base+1, pos[at+1]-base
			t.N = t.End - t.Start
		case Object, Array:
			t.Start, t.End = pos[t.Start]-base, pos[t.End]-base+1
		default:
			i, from := t.Start, pos[t.Start]-base
			if int(i)+1 < len(pos) && j.shortScalar(t, from, pos[i+1]-base) {
				continue
			}
			if !j.scalar(t, int(from)) {
				return false
			}
		}
	}
	return true
}

// sameNames tells whether the members of the record have the shape's names. A
// shape whose names have gone out of use is forgotten.
func (h *shapes) sameNames(s *Shape, j *JSON) bool {
	for i := range s.names {
		n := &s.names[i]
		if t := &j.Tok[n.tok]; !n.is(j.Raw, t.Start, t.End) {
			if h.vain++; h.vain%shapePause == 0 {
				h.slot[slotOf(s.kinds)], h.last = nil, nil
			}
			return false
		}
	}
	h.vain = 0
	return true
}
