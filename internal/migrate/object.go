package migrate

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"sync/atomic"

	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/digest"
	"freshet/internal/errs"
	"freshet/internal/upload"

	"golang.org/x/sync/errgroup"
)

// sideBySide is how many files are copied at once, and how many parts of all of them.
const sideBySide = 4

// errDamaged says that the source does not have the bytes that its catalog tells of.
var errDamaged = errors.New("its bytes are missing or damaged")

// bytes copies the objects of all files.
func (m *Migration) bytes(ctx context.Context, r *Result) error {
	if err := m.strays(ctx); err != nil {
		return err
	}
	c := &copier{from: m.From.Blobs, to: m.To.Blobs, slots: make(chan struct{}, sideBySide), copied: new(atomic.Int64), arrived: func(n int64) { m.Progress.Bytes.Add(n) }}
	var files, bytes, left, damaged atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(sideBySide)
	err := m.eachFile(ctx, func(f catalog.File) error {
		g.Go(func() error {
			if err := m.list(ctx, c, f.ID); err != nil || !hasBytes(&f) {
				return err
			}
			err := c.copy(ctx, f.ObjectKey, f.Size, f.Hash)
			switch {
			case errors.Is(err, errDamaged) && f.Status == catalog.Failed:
				m.Warn("%s: %s; the file has failed, and only its facts are copied", f.ID, errDamaged)
				left.Add(1)
			case errors.Is(err, errDamaged):
				m.Warn("%s: %s (%s)", f.ID, errDamaged, f.ObjectKey)
				damaged.Add(1)
			case err != nil:
				return err
			default:
				files.Add(1)
				bytes.Add(f.Size)
			}
			m.Progress.Files.Add(1)
			return nil
		})
		return ctx.Err()
	})
	if e := g.Wait(); e != nil {
		return e
	}
	r.Files, r.Bytes, r.Left, r.Copied = files.Load(), bytes.Load(), left.Load(), c.copied.Load()
	if n := damaged.Load(); err == nil && n > 0 {
		err = errs.E(errs.Conflict, "source-damaged", "%d files of the source are damaged or missing", n).
			WithHint("put them back from a backup, or mark them as failed with freshet fsck --repair --read-data-subset 100%%; then run it again")
	}
	return err
}

// list copies the object with all findings of a file. The archive's own
// checksums say whether it is whole.
func (m *Migration) list(ctx context.Context, c *copier, id string) error {
	key, err := m.findings(ctx, id)
	if err != nil || key == "" {
		return err
	}
	hash, size, err := hashGzip(ctx, m.From.Blobs, key)
	if errs.Is(err, errs.NotFound) || errors.Is(err, errDamaged) {
		m.Warn("%s: the list of all findings is missing or damaged; freshet process %s makes it anew", id, id)
		return nil
	}
	if err != nil {
		return err
	}
	quiet := *c // not among the bytes of files
	quiet.arrived = func(int64) {}
	return quiet.copy(ctx, key, size, hash)
}

func hashGzip(ctx context.Context, s blob.Store, key string) (hash string, size int64, err error) {
	r, err := s.Read(ctx, key, 0, -1)
	if errs.HasCode(err, blob.Altered) {
		err = errDamaged
	}
	if err != nil {
		return "", 0, err
	}
	defer r.Close()
	t := digest.New(0)
	count := &counter{r: io.TeeReader(r, t)}
	z, err := gzip.NewReader(count)
	if err == nil {
		_, err = io.Copy(io.Discard, z)
	}
	if errs.HasCode(err, blob.Altered) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errDamaged
	}
	return t.Sum(), count.n, err
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// strays takes back what a run that was killed had begun to write, where the
// store tells of which file it is. A disk does not: its server removes them.
func (m *Migration) strays(ctx context.Context) error {
	for h, err := range m.To.Blobs.Handles(ctx) {
		if err != nil {
			return err
		}
		id, ok := upload.OwnerOf(h.Key)
		if !ok {
			continue
		}
		if _, err := m.From.Catalog.File(ctx, id); errs.Is(err, errs.NotFound) {
			continue
		} else if err != nil {
			return err
		}
		if err := m.To.Blobs.Abort(ctx, h.Key, h.Handle); err != nil {
			return err
		}
	}
	return nil
}

// copier copies objects under their keys.
type copier struct {
	from, to blob.Store
	slots    chan struct{} // as many parts are on their way
	arrived  func(int64)
	copied   *atomic.Int64
}

// copy makes an object at the target, once its bytes have the hash. One that is
// there was compared before it appeared.
func (c *copier) copy(ctx context.Context, key string, size int64, hash string) error {
	switch info, err := c.to.Stat(ctx, key); {
	case err == nil && info.Size == size:
		c.arrived(size)
		return nil
	case err == nil:
		return errs.E(errs.Conflict, "object-in-the-way", "the target store has another object at %s, of %d bytes", key, info.Size).WithHint("choose an empty store, or remove it")
	case !errs.Is(err, errs.NotFound):
		return err
	}
	// rather than after gigabytes
	if info, err := c.from.Stat(ctx, key); errs.Is(err, errs.NotFound) || err == nil && info.Size != size {
		return errDamaged
	} else if err != nil {
		return err
	}
	handle, err := c.to.Begin(ctx, key, size)
	if err != nil {
		return err
	}
	parts, found, err := c.parts(ctx, key, handle, size)
	if errs.HasCode(err, blob.Altered) || err == nil && found != hash {
		err = errDamaged
	}
	if err == nil {
		return c.to.Complete(ctx, key, handle, size, parts)
	}
	return errors.Join(err, c.to.Abort(context.WithoutCancel(ctx), key, handle))
}

// parts copies all parts, some side by side, and gives the hash of what went through.
func (c *copier) parts(ctx context.Context, key, handle string, size int64) ([]blob.Part, string, error) {
	partSize := upload.PartSize(size, 0)
	parts := make([]blob.Part, upload.CountParts(size, partSize))
	trees := make([]*digest.Tree, len(parts))
	g, ctx := errgroup.WithContext(ctx)
	for i := range parts {
		select {
		case c.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, "", errors.Join(g.Wait(), ctx.Err())
		}
		g.Go(func() error {
			defer func() { <-c.slots }()
			p := blob.Part{Number: i + 1, Offset: int64(i) * partSize}
			s := &stretch{ctx: ctx, store: c.from, key: key, at: p.Offset, size: min(partSize, size-p.Offset)}
			defer s.close()
			var err error
			parts[i], err = c.to.WritePart(ctx, key, handle, p, blob.Stretch{Size: s.size, Last: true}, s)
			if err == nil {
				err = c.to.Settle(ctx, key, handle, parts[i])
			}
			trees[i] = s.tree
			c.arrived(s.size)
			c.copied.Add(s.size)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, "", err
	}
	all := digest.New(0)
	for _, t := range trees {
		all.Join(t)
	}
	return parts, all.Sum(), nil
}

// stretch reads a part of an object and hashes what it gives. It can go back to
// its front, for a store that sends again what did not get through.
type stretch struct {
	ctx      context.Context
	store    blob.Store
	key      string
	at, size int64
	pos      int64
	from     io.ReadCloser
	tree     *digest.Tree
}

func (s *stretch) Read(p []byte) (int, error) {
	if s.pos == s.size {
		return 0, io.EOF
	}
	if s.from == nil {
		r, err := s.store.Read(s.ctx, s.key, s.at, s.size)
		if err != nil {
			return 0, err
		}
		s.from, s.tree = r, digest.New(s.at)
	}
	n, err := s.from.Read(p[:min(int64(len(p)), s.size-s.pos)])
	s.tree.Add(p[:n])
	s.pos += int64(n)
	if err == io.EOF && s.pos < s.size {
		return n, errDamaged // it became shorter
	}
	return n, err
}

// Seek implements io.Seeker, as far as to the front and to where it is.
func (s *stretch) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekCurrent {
		offset += s.pos
	}
	switch {
	case whence == io.SeekEnd:
		return s.pos, errors.ErrUnsupported
	case offset == s.pos:
		return s.pos, nil
	case offset != 0:
		return s.pos, errors.ErrUnsupported
	}
	s.close()
	s.pos = 0
	return 0, nil
}

func (s *stretch) close() {
	if s.from != nil {
		s.from.Close() // it was only read
		s.from = nil
	}
}
