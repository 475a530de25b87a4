package record

import (
	"bytes"

	"github.com/zeebo/xxh3"
)

// Shape is what records have in common that consist of the same tokens under
// the same names, nested in the same way; their strings, numbers and truth
// values differ. Files mostly hold few shapes. A record of a known one needs no
// grammar, and who looks at records can keep what follows from the shape.
type Shape struct {
	// UniqueNames tells that no object has a name twice.
	UniqueNames bool

	kinds []byte   // of the index
	tok   []Token  // with places in the index for Start, and for End of containers
	names []byte   // of all members, one after the other
	ends  []uint32 // of each name in names
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
	for i := range j.Tok {
		if j.Tok[i].Flags&IsKey != 0 {
			s.names = append(s.names, j.Text(i)...)
			s.ends = append(s.ends, uint32(len(s.names)))
		}
	}
	if len(s.names) > shapeNames {
		return nil
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
	if len(s.ends) > 0 {
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
			if !j.scalar(t, int(pos[t.Start]-base)) {
				return false
			}
		}
	}
	return true
}

// sameNames tells whether the members of the record have the shape's names. A
// shape whose names have gone out of use is forgotten.
func (h *shapes) sameNames(s *Shape, j *JSON) bool {
	from, n := uint32(0), 0
	for i := range j.Tok {
		if t := &j.Tok[i]; t.Flags&IsKey != 0 {
			to := s.ends[n]
			if string(j.Raw[t.Start:t.End]) != string(s.names[from:to]) {
				if h.vain++; h.vain%shapePause == 0 {
					h.slot[slotOf(s.kinds)], h.last = nil, nil
				}
				return false
			}
			from = to
			n++
		}
	}
	h.vain = 0
	return true
}
