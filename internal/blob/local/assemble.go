package local

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"slices"

	"freshet/internal/blob"
	"freshet/internal/seal"
)

// assemble seals the blocks of an upload that are in pieces into their places.
// Nothing acknowledged lies there, and the pieces stay until the object is one, so
// that this may be cut off anywhere and done again.
func (s *Store) assemble(o *opened, handle string, size int64, parts []blob.Part) error {
	blocks, err := inPieces(size, parts)
	if err != nil {
		return err
	}
	for _, n := range slices.Sorted(maps.Keys(blocks)) {
		plain := make([]byte, 0, seal.Block)
		at := n * seal.Block
		for _, p := range blocks[n] {
			if p.at != at+int64(len(plain)) {
				return misuse("the pieces of block %d do not follow each other", n)
			}
			b, err := s.readPiece(o.key, handle, p.piece)
			if errors.Is(err, fs.ErrNotExist) {
				err = blob.PartsReplaced(err, p.part)
			}
			if err != nil {
				return err
			}
			plain = append(plain, b...)
		}
		if int64(len(plain)) != min(seal.Block, size-at) {
			return misuse("the pieces of block %d have %d bytes", n, len(plain))
		}
		sealed, err := seal.SealBlock(o.blocks(), n, plain)
		if err != nil {
			return err
		}
		if _, err := o.f.WriteAt(sealed, headSize+seal.Size(at)); err != nil {
			return err
		}
	}
	return nil
}

// owned is a piece, and the number of its part.
type owned struct {
	piece
	part int
}

// inPieces gives the blocks that are in pieces, and sees that these are all of
// those that no single part has whole.
func inPieces(size int64, parts []blob.Part) (map[int64][]owned, error) {
	blocks := map[int64][]owned{}
	total := int64(0)
	for _, p := range parts {
		t, err := parseTag(p.Tag)
		if err != nil {
			return nil, err
		}
		if p.Size == 0 {
			continue
		}
		total += p.Size
		for _, q := range t.pieces {
			if q.at < p.Offset || q.end() > p.Offset+p.Size {
				return nil, misuse("a piece of part %d lies beside it", p.Number)
			}
			blocks[q.block()] = append(blocks[q.block()], owned{q, p.Number})
		}
	}
	if total != size {
		return nil, misuse("parts of %d bytes cannot become an object of %d", total, size)
	}
	for _, p := range parts {
		for _, edge := range []int64{p.Offset, p.Offset + p.Size} {
			if p.Size > 0 && edge%seal.Block != 0 && blocks[edge/seal.Block] == nil {
				return nil, misuse("part %d ends at %d, and its tag does not say with what", p.Number, edge)
			}
		}
	}
	for _, list := range blocks {
		slices.SortFunc(list, func(a, b owned) int { return cmp.Compare(a.at, b.at) })
	}
	return blocks, nil
}
