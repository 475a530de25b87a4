package local

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"

	"freshet/internal/errs"
	"freshet/internal/seal"
)

// readAhead is how many sealed bytes are read at once.
const readAhead = 4 * seal.Package

// readSealed gives n bytes of a sealed object from an offset; n < 0 for all that follow.
func (s *Store) readSealed(ctx context.Context, path, key string, offset, n int64) (_ io.ReadCloser, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	h, err := readHead(f)
	if err != nil {
		return nil, err
	}
	k, err := h.unwrap(ctx, s.ring, "")
	if err != nil {
		return nil, err
	}
	size, _, ok := h.size(k, key)
	if !ok {
		return nil, seal.NotAsSealed("it is another object, or none that is whole")
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if got := info.Size() - headSize; got != seal.Size(size) {
		return nil, seal.NotAsSealed("it has %d sealed bytes instead of %d", got, seal.Size(size))
	}
	offset = min(offset, size)
	if n < 0 || n > size-offset {
		n = size - offset
	}
	first := offset / seal.Block
	from, to := headSize+seal.Size(first*seal.Block), headSize+seal.Size(min(size, (offset+n+seal.Block-1)/seal.Block*seal.Block))
	sealed := io.NewSectionReader(f, from, max(0, to-from))
	plain, err := seal.Open(k.For("blocks"), first, bufio.NewReaderSize(sealed, int(min(readAhead, max(seal.Over, to-from)))))
	if err != nil {
		return nil, err
	}
	return &sealedReader{f: f, plain: plain, skip: offset % seal.Block, left: n}, nil
}

// sealedReader gives bytes of a file, or says that they are not all there.
type sealedReader struct {
	f     *os.File
	plain io.Reader
	skip  int64 // bytes of the first block that nobody asked for
	left  int64
}

// Read implements io.Reader.
func (r *sealedReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	if r.skip > 0 {
		if _, err := io.CopyN(io.Discard, r.plain, r.skip); err != nil {
			return 0, cut(err)
		}
		r.skip = 0
	}
	n, err := r.plain.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	if r.left == 0 {
		return n, nil
	}
	return n, cut(err)
}

// cut makes a refusal of an end that comes too soon.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return seal.NotAsSealed("it was cut")
	}
	return err
}

// Close implements io.Closer.
func (r *sealedReader) Close() error { return r.f.Close() }

// readBack gives n bytes of a sealed upload from an offset.
func (s *Store) readBack(ctx context.Context, handle string, offset, n int64) (io.ReadCloser, error) {
	path, err := s.partPath(handle)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r := &backReader{store: s, handle: handle, f: f, at: offset, end: offset + n}
	if err := r.open(ctx); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return r, nil
}

// backReader reads an upload block by block: from its place, or from pieces. Of
// these some may be of writers that never got to say what they wrote; so all that
// there is of a byte must say the same of it, else nothing is given.
type backReader struct {
	store  *Store
	handle string
	f      *os.File
	key    seal.Key
	blocks seal.Key
	pieces map[int64][]piece // by block
	at     int64             // of the next byte
	end    int64
	plain  []byte // what is left of the block that was read last
}

func (r *backReader) open(ctx context.Context) error {
	h, err := readHead(r.f)
	if err != nil {
		return err
	}
	if r.key, err = h.unwrap(ctx, r.store.ring, r.handle); err != nil {
		return err
	}
	r.blocks, r.pieces = r.key.For("blocks"), map[int64][]piece{}
	list, err := r.store.piecesOf(r.handle)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.at < r.end && p.end() > r.at {
			r.pieces[p.block()] = append(r.pieces[p.block()], p)
		}
	}
	for n := range r.pieces { // what cannot be told is said now
		at := max(r.at, n*seal.Block)
		if _, err := r.read(at, min(r.end, (n+1)*seal.Block)); err != nil {
			return err
		}
	}
	return nil
}

// Read implements io.Reader.
func (r *backReader) Read(p []byte) (int, error) {
	if len(r.plain) == 0 {
		if r.at >= r.end {
			return 0, io.EOF
		}
		end := min(r.end, (r.at/seal.Block+1)*seal.Block)
		plain, err := r.read(r.at, end)
		if err != nil {
			return 0, err
		}
		r.plain, r.at = plain, end
	}
	n := copy(p, r.plain)
	r.plain = r.plain[n:]
	return n, nil
}

// Close implements io.Closer.
func (r *backReader) Close() error { return r.f.Close() }

// unclear says that the bytes cannot be given before they are an object.
func unclear() error {
	return errs.E(errs.NotFound, "no-object", "these bytes cannot be read before they are a file")
}

// read gives the bytes from at to end, which are of one block.
func (r *backReader) read(at, end int64) ([]byte, error) {
	n := at / seal.Block
	inPlace, err := r.inPlace(n)
	list := r.pieces[n]
	if len(list) == 0 {
		begin := n * seal.Block
		if err == nil && int64(len(inPlace)) < end-begin {
			err = seal.NotAsSealed("a block was cut, or never written")
		}
		if err != nil {
			return nil, err
		}
		return inPlace[at-begin : end-begin], nil
	}
	type source struct {
		at    int64
		plain []byte
	}
	var sources []source
	if err == nil && len(inPlace) > 0 { // a torn one was never acknowledged: there are pieces
		sources = append(sources, source{n * seal.Block, inPlace})
	}
	for _, p := range list {
		b, err := r.store.readPiece(r.key, r.handle, p)
		switch {
		case errors.Is(err, fs.ErrNotExist), errs.HasCode(err, seal.Altered):
			continue // replaced meanwhile, or torn
		case err != nil:
			return nil, err
		}
		sources = append(sources, source{p.at, b})
	}
	slices.SortStableFunc(sources, func(a, b source) int { return cmp.Compare(a.at, b.at) })
	out := make([]byte, 0, end-at)
	for _, s := range sources {
		from, to := max(at, s.at), min(end, s.at+int64(len(s.plain)))
		if from >= to {
			continue
		}
		have := at + int64(len(out))
		if from > have {
			return nil, unclear()
		}
		same := min(have, to)
		if from < same && !bytes.Equal(out[from-at:same-at], s.plain[from-s.at:same-s.at]) {
			return nil, unclear()
		}
		if to > have {
			out = append(out, s.plain[have-s.at:to-s.at]...)
		}
	}
	if int64(len(out)) < end-at {
		return nil, unclear()
	}
	return out, nil
}

// inPlace gives a block that lies in its place, nothing where there is none.
func (r *backReader) inPlace(n int64) ([]byte, error) {
	b := make([]byte, seal.Package)
	got, err := r.f.ReadAt(b, headSize+seal.Size(n*seal.Block))
	if err != nil && err != io.EOF {
		return nil, err
	}
	b = b[:got]
	size := seal.Length(b)
	if size == 0 {
		return nil, nil
	}
	if size+seal.Over > len(b) {
		return nil, seal.NotAsSealed("a block was cut")
	}
	return seal.OpenBlock(r.blocks, n, b[:size+seal.Over])
}
