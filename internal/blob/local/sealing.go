package local

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"sync"

	"freshet/internal/blob"
	"freshet/internal/durable"
	"freshet/internal/seal"
)

// writer seals what is written to it: blocks that are whole go to their places,
// what there is of others becomes pieces.
type writer struct {
	store  *Store
	ctx    context.Context
	handle string
	key    seal.Key // the upload's
	f      *durable.File

	at    int64  // of the next byte in the object
	from  int64  // of the first byte of part
	part  []byte // what there is of the block that at is in
	tag   tag    // of the part, as it will be
	made  []piece
	plain pending   // what enc reads
	enc   io.Reader // seals one block after another
	out   *output
}

// pending is the bytes that are about to be sealed.
type pending struct{ b []byte }

// Read implements io.Reader.
func (p *pending) Read(b []byte) (int, error) {
	if len(p.b) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.b)
	p.b = p.b[n:]
	return n, nil
}

// newWriter goes on with a part where it stands.
func (s *Store) newWriter(ctx context.Context, o *opened, handle string, part blob.Part, t tag) (*writer, error) {
	w := &writer{store: s, ctx: ctx, handle: handle, key: o.key, f: o.f, at: part.Offset + part.Size, tag: t}
	w.part = blockPool.Get().(*[seal.Block]byte)[:0]
	w.tag.replaced = nil
	w.from = max(w.at-w.at%seal.Block, part.Offset)
	if w.from == w.at {
		return w, nil
	}
	i := slices.IndexFunc(t.pieces, func(p piece) bool { return p.at == w.from && p.end() == w.at })
	if i < 0 {
		w.close()
		return nil, misuse("part %d goes on at %d, and its tag does not say with what", part.Number, w.at)
	}
	old, err := s.readPiece(o.key, handle, t.pieces[i])
	if errors.Is(err, fs.ErrNotExist) { // by another writer
		err = blob.PartsReplaced(err, part.Number)
	}
	if err != nil {
		w.close()
		return nil, err
	}
	w.part = append(w.part, old...)
	w.tag.replaced = []piece{t.pieces[i]}
	w.tag.pieces = slices.Delete(slices.Clone(t.pieces), i, i+1)
	return w, nil
}

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	if err := context.Cause(w.ctx); err != nil {
		return 0, err
	}
	if w.at > seal.MaxSize-int64(len(p)) {
		return 0, misuse("an object has %d bytes at most", seal.MaxSize)
	}
	n := len(p)
	for len(p) > 0 {
		if len(w.part) == 0 && w.at%seal.Block == 0 && len(p) >= seal.Block {
			whole := len(p) - len(p)%seal.Block
			if err := w.whole(w.at, p[:whole]); err != nil {
				return n - len(p), err
			}
			w.at += int64(whole)
			w.from, p = w.at, p[whole:]
			continue
		}
		some := p[:min(int64(len(p)), seal.Block-w.at%seal.Block)]
		w.part = append(w.part, some...)
		w.at += int64(len(some))
		p = p[len(some):]
		if w.at%seal.Block == 0 {
			if err := w.full(); err != nil {
				return n - len(p), err
			}
		}
	}
	return n, nil
}

// full deals with a block that was put together and is at its end.
func (w *writer) full() error {
	var err error
	if w.from%seal.Block == 0 {
		err = w.whole(w.from, w.part)
	} else { // its front is another part's
		err = w.piece()
	}
	w.from, w.part = w.at, w.part[:0]
	return err
}

func (w *writer) piece() error {
	p, err := w.store.writePiece(w.key, w.handle, w.from, w.part)
	w.made = append(w.made, p)
	w.tag.pieces = append(w.tag.pieces, p)
	return err
}

// whole seals blocks into their places, and is called for them in order.
func (w *writer) whole(at int64, p []byte) error {
	if err := w.begin(at); err != nil {
		return err
	}
	w.plain.b = p
	for len(w.plain.b) > 0 {
		to, err := w.out.room(int(seal.Size(int64(min(len(w.plain.b), seal.Block)))))
		if err == nil {
			_, err = io.ReadFull(w.enc, to)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// begin makes ready for the first block that is sealed.
func (w *writer) begin(at int64) (err error) {
	if w.enc != nil {
		return nil
	}
	w.out = newOutput(w.f, headSize+seal.Size(at))
	w.enc, err = seal.Seal(w.key.For("blocks"), at/seal.Block, &w.plain)
	return err
}

// finish makes all durable; what is left of a block becomes a piece.
func (w *writer) finish() error {
	if len(w.part) > 0 {
		if err := w.piece(); err != nil {
			return err
		}
	}
	if w.out != nil {
		if err := w.out.flush(); err != nil {
			return err
		}
		if err := w.f.Sync(); err != nil {
			return err
		}
	}
	if len(w.made) > 0 {
		return durable.SyncDir(w.store.partsDir())
	}
	return nil
}

// finishWhole seals what is left as the object's last block; the caller syncs.
func (w *writer) finishWhole() error {
	if len(w.part) > 0 {
		if err := w.whole(w.from, w.part); err != nil {
			return err
		}
	}
	if w.out == nil {
		return nil
	}
	return w.out.flush()
}

// close gives memory back.
func (w *writer) close() {
	if w.part != nil {
		blockPool.Put((*[seal.Block]byte)(w.part[:seal.Block]))
		w.part = nil
	}
	if w.out != nil {
		w.out.close()
		w.out = nil
	}
	if w.enc != nil {
		w.plain.b = nil
		var end [1]byte
		_, err := w.enc.Read(end[:]) // its end, at which it gives its buffer back
		w.enc = nil
		if !errors.Is(err, io.EOF) {
			panic("a sealed stretch has more than was given to it")
		}
	}
}

var blockPool = sync.Pool{New: func() any { return new([seal.Block]byte) }}
