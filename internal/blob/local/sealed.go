package local

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"freshet/internal/blob"
	"freshet/internal/durable"
	"freshet/internal/errs"
	"freshet/internal/seal"

	"github.com/google/uuid"
)

// sealedMark is what handles of sealed uploads begin with; no others do.
const sealedMark = "s"

// a compiler's error unless the code is the one that callers know
var _ = map[bool]struct{}{false: {}, seal.Altered == blob.Altered: {}}

func isSealed(handle string) bool { return strings.HasPrefix(handle, sealedMark) }

func newHandle() string { return strings.ReplaceAll(uuid.NewString(), "-", "") }

// opened is a sealed file that is open.
type opened struct {
	f    *durable.File
	head *head
	key  seal.Key
}

// blocks is the key of its blocks.
func (o *opened) blocks() seal.Key { return o.key.For("blocks") }

// beginSealed makes the file of an upload, with its key.
func (s *Store) beginSealed(ctx context.Context, key string, size int64) (handle string, _ *opened, err error) {
	if err := s.mark(ctx); err != nil {
		return "", nil, err
	}
	handle = sealedMark + newHandle()
	path, err := s.partPath(handle)
	if err != nil {
		return "", nil, err
	}
	k := seal.NewKey()
	w, err := s.ring.Wrap(ctx, k, handle)
	if err != nil {
		return "", nil, err
	}
	f, err := durable.Create(path, min(headSize+seal.Size(size), aheadMost))
	if err != nil {
		return "", nil, fault("begin", key, err)
	}
	if err := writePage(f, keyPages, keyPage{N: 1, Handle: handle, Wrapped: w}); err != nil {
		return "", nil, fault("begin", key, errors.Join(err, f.Close(), durable.Discard(path)))
	}
	return handle, &opened{f: f, head: &head{}, key: k}, nil
}

// openUpload opens a sealed upload.
func (s *Store) openUpload(ctx context.Context, handle string) (*opened, error) {
	path, err := s.partPath(handle)
	if err != nil {
		return nil, err
	}
	return s.openSealed(ctx, path, handle)
}

func (s *Store) openSealed(ctx context.Context, path, handle string) (*opened, error) {
	f, err := durable.Open(path)
	if err != nil {
		return nil, err
	}
	o := &opened{f: f}
	if o.head, err = readHead(f); err == nil {
		o.key, err = o.head.unwrap(ctx, s.ring, handle)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return o, nil
}

// writeSealed is WritePart of a sealed upload.
func (s *Store) writeSealed(ctx context.Context, key, handle string, part blob.Part, add blob.Stretch, r io.Reader) (_ blob.Part, err error) {
	t, err := parseTag(part.Tag)
	if err != nil {
		return part, err
	}
	if part.Size == 0 {
		t = tag{} // written again, from the front
	}
	o, err := s.openUpload(ctx, handle)
	if err != nil {
		return part, fault("write part of", key, err)
	}
	defer func() { err = errors.Join(err, o.f.Close()) }()
	w, err := s.newWriter(ctx, o, handle, part, t)
	if err != nil {
		return part, fault("write part of", key, err)
	}
	defer w.close()
	n, err := copyTo(w, r)
	if err == nil && add.Size >= 0 && n != add.Size {
		err = blob.Short(n, add.Size)
	}
	if err == nil && n > 0 {
		err = w.finish()
	}
	if err != nil {
		return part, fault("write part of", key, errors.Join(err, s.drop(handle, w.made)))
	}
	if n > 0 {
		part.Size += n
		part.Tag = w.tag.String()
	}
	return part, nil
}

// completeSealed makes the object: it puts together the blocks that several
// stretches have to do with, says which object the file is, and moves it.
func (s *Store) completeSealed(ctx context.Context, key, handle string, size int64, parts []blob.Part) error {
	to, err := s.sealedPath(key)
	if err != nil {
		return err
	}
	o, err := s.openUpload(ctx, handle)
	if errors.Is(err, fs.ErrNotExist) {
		if info, err := os.Stat(to); err == nil && info.Size() == headSize+seal.Size(size) {
			return s.completed(key, handle, parts) // a repeat
		}
	}
	if err != nil {
		return fault("complete", key, err)
	}
	err = s.assemble(o, handle, size, parts)
	if err == nil {
		err = o.end(key, size)
	}
	if err = errors.Join(err, o.f.Close()); err != nil {
		return fault("complete", key, err)
	}
	return fault("complete", key, s.appear(key, handle, parts))
}

// end says which object the file is, and makes all of it durable.
func (o *opened) end(key string, size int64) error {
	grown, err := o.f.Size()
	if err != nil {
		return err
	}
	sealed := headSize + seal.Size(size)
	if size > 0 && grown < sealed {
		return misuse("an object of %d bytes has %d of %d sealed ones", size, grown, sealed)
	}
	// also where it has that size: what was reserved beyond is given back
	if err := o.f.Truncate(sealed); err != nil {
		return err
	}
	if err := o.head.bind(o.f, o.key, key, size, -1); err != nil {
		return err
	}
	return o.f.Sync()
}

// appear moves a file that is whole and durable to its place.
func (s *Store) appear(key, handle string, parts []blob.Part) error {
	from, err := s.partPath(handle)
	if err != nil {
		return err
	}
	to, err := s.sealedPath(key)
	if err != nil {
		return err
	}
	if err := durable.MkdirAll(filepath.Dir(to)); err != nil {
		return err
	}
	if err := durable.Rename(from, to); err != nil {
		return err
	}
	return s.completed(key, handle, parts)
}

// completed removes what the object took the place of.
func (s *Store) completed(key, handle string, parts []blob.Part) (err error) {
	for _, p := range parts {
		t, e := parseTag(p.Tag)
		err = errors.Join(err, e, s.drop(handle, t.pieces), s.drop(handle, t.replaced))
	}
	return errors.Join(err, s.deleteIn(s.root, key)) // an older one that is not sealed
}

// putSealed is Put: nothing of it is acknowledged before it is whole, so that all
// blocks are written in their places at once.
func (s *Store) putSealed(ctx context.Context, key string, r io.ReaderAt, size int64) (err error) {
	handle, o, err := s.beginSealed(ctx, key, size)
	if err != nil {
		return err
	}
	err = s.fill(ctx, o, handle, io.NewSectionReader(r, 0, size), size)
	if err == nil {
		err = o.end(key, size)
	}
	if err = errors.Join(err, o.f.Close()); err == nil {
		err = s.appear(key, handle, nil)
	}
	if err != nil {
		return fault("put", key, errors.Join(err, s.Abort(context.WithoutCancel(ctx), key, handle)))
	}
	return nil
}

// fill writes all blocks of an object, the last one as short as it is.
func (s *Store) fill(ctx context.Context, o *opened, handle string, r io.Reader, size int64) error {
	w, err := s.newWriter(ctx, o, handle, blob.Part{Number: 1}, tag{})
	if err != nil {
		return err
	}
	defer w.close()
	n, err := copyTo(w, r)
	if err == nil && n != size {
		err = blob.Short(n, size)
	}
	if err == nil {
		err = w.finishWhole()
	}
	return err
}

// moveSealed is Move of a sealed object: the file says that it is the object at to,
// too, before it goes there.
func (s *Store) moveSealed(ctx context.Context, from, to, src string) (err error) {
	dst, err := s.sealedPath(to)
	if err != nil {
		return err
	}
	defer func() {
		if err = fault("move", from, err); err == nil {
			s.prune(filepath.Dir(src))
		}
	}()
	// one that is not as it was sealed goes, too, and is refused there as it is here
	if err := s.rebind(ctx, from, to, src); err != nil && !errs.HasCode(err, seal.Altered) {
		return err
	}
	if err := durable.MkdirAll(filepath.Dir(dst)); err != nil {
		return err
	}
	return durable.Rename(src, dst)
}

// rebind has a file say that it is the object at to, too.
func (s *Store) rebind(ctx context.Context, from, to, src string) error {
	o, err := s.openSealed(ctx, src, "")
	if err != nil {
		return err
	}
	return errors.Join(o.rebind(ctx, s.ring, from, to), o.f.Close())
}

func (o *opened) rebind(ctx context.Context, ring *seal.Ring, from, to string) (err error) {
	if err := o.f.Lock(); err != nil {
		return err
	}
	if _, err := rewrap(ctx, o.f, ring); err != nil { // so that none slips past a rotation
		return err
	}
	if o.head, err = readHead(o.f); err != nil {
		return err
	}
	if _, _, done := o.head.size(o.key, to); done {
		return nil
	}
	size, page, ok := o.head.size(o.key, from)
	if !ok {
		return seal.NotAsSealed("it is another object")
	}
	if err := o.head.bind(o.f, o.key, to, size, page); err != nil {
		return err
	}
	return o.f.Sync()
}

// noKey is the refusal of sealed bytes where no master key is given.
func noKey() error {
	return errs.E(errs.Invalid, seal.NoMaster, "the stored files are sealed, and no master key is given").
		WithHint("give --master-key (FRESHET_MASTER_KEY) as the server has it")
}
