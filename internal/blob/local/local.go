// Package local keeps objects as files under one directory of a disk.
//
//	ROOT/training-data/…          objects, by key
//	ROOT/.sealed/training-data/…  those that are sealed
//	ROOT/.parts/HANDLE            uploads that are not completed
//	ROOT/.parts/HANDLE.PIECE      sealed ones' blocks that are not whole yet
//	ROOT/.master                  which master key opens what is sealed
//	ROOT/.sealing/                locks: which master keys processes seal by
//
// Parts are written in place into one preallocated file, past the page cache
// where the file system has direct I/O; completing is fsync, rename, fsync of
// the directory, and never a copy. With a master key all that is written is sealed
// on the way; what was written before stays as it is, and can be read.
package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"freshet/internal/blob"
	"freshet/internal/durable"
	"freshet/internal/errs"
	"freshet/internal/seal"
)

const (
	partsDir   = ".parts"
	sealedDir  = ".sealed"
	sealingDir = ".sealing"
	masterFile = ".master"
	aheadMost  = 1 << 30 // bytes reserved ahead of an upload
)

// Store is a directory.
type Store struct {
	root    string
	reserve int64
	ring    *seal.Ring // nil: nothing is sealed
	held    *os.File   // says that this process seals by the ring's first key
	marking sync.Mutex
	marked  bool
}

var _ blob.Store = (*Store)(nil)

// Open uses the directory root and makes it when it is not there. At least
// reserve bytes of its disk are left free. With a ring of master keys all that is
// written is sealed; a directory with sealed files is refused without theirs.
func Open(ctx context.Context, root string, reserve int64, ring *seal.Ring) (*Store, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	if err := durable.MkdirAll(filepath.Join(root, partsDir)); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	s := &Store{root: root, reserve: reserve, ring: ring}
	if err := s.openMaster(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Store) partsDir() string { return filepath.Join(s.root, partsDir) }

// sealedPath is where an object lies if it is sealed.
func (s *Store) sealedPath(key string) (string, error) {
	if _, err := s.path(key); err != nil {
		return "", err
	}
	return filepath.Join(s.root, sealedDir, filepath.FromSlash(key)), nil
}

// locate is where an object lies, and whether it is sealed.
func (s *Store) locate(key string) (path string, sealed bool, err error) {
	path, err = s.path(key)
	if err != nil || !s.seals() {
		return path, false, err
	}
	there, err := s.sealedPath(key)
	if err != nil {
		return "", false, err
	}
	if info, err := os.Stat(there); err == nil && info.Mode().IsRegular() {
		return there, true, nil
	}
	return path, false, nil
}

func (s *Store) path(key string) (string, error) {
	if err := blob.CheckKey(key); err != nil {
		return "", err
	}
	if hidden(key) {
		return "", errs.E(errs.Invalid, "bad-key", "%q is not a key", key)
	}
	return filepath.Join(s.root, filepath.FromSlash(key)), nil
}

// hidden are the names in the directory that are no keys.
func hidden(key string) bool {
	first, _, _ := strings.Cut(key, "/")
	return first == partsDir || first == sealedDir || first == sealingDir || first == masterFile
}

func (s *Store) partPath(handle string) (string, error) {
	if handle == "" || strings.ContainsAny(handle, `/\.`) {
		return "", errs.E(errs.Invalid, "bad-handle", "%q is not an upload", handle)
	}
	return filepath.Join(s.root, partsDir, handle), nil
}

// fault gives an error of the disk its kind.
func fault(op, what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return errs.E(errs.NotFound, "no-object", "%s %q: not there", op, what).Because(err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return noSpace().Because(err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, syscall.EIO):
		return errs.E(errs.Unavailable, "storage-down", "the storage does not take writes").Because(err)
	}
	var e *errs.Error
	if errors.As(err, &e) {
		return err
	}
	return fmt.Errorf("%s %q: %w", op, what, err)
}

func noSpace() *errs.Error {
	return errs.E(errs.NoSpace, "no-space", "the storage is almost full").WithHint("free space or delete files, then send it again")
}

// Begin implements blob.Store.
func (s *Store) Begin(ctx context.Context, key string, size int64) (string, error) {
	if _, err := s.path(key); err != nil {
		return "", err
	}
	if err := s.room(size); err != nil {
		return "", err
	}
	if s.ring != nil {
		handle, o, err := s.beginSealed(ctx, key, size)
		if err != nil {
			return "", err
		}
		return handle, fault("begin", key, errors.Join(o.f.Sync(), o.f.Close(), durable.SyncDir(s.partsDir())))
	}
	handle := newHandle()
	path, err := s.partPath(handle)
	if err != nil {
		return "", err
	}
	// what a client says it will send is not reserved whole: it may never come
	f, err := durable.Create(path, min(size, aheadMost))
	if err != nil {
		return "", fault("begin", key, err)
	}
	if err := errors.Join(f.Close(), durable.SyncDir(filepath.Dir(path))); err != nil {
		return "", fault("begin", key, err)
	}
	return handle, nil
}

// room refuses to go below the reserve.
func (s *Store) room(size int64) error {
	free, err := durable.DiskFree(s.root)
	if err != nil || free < 0 {
		return err
	}
	if free-size < s.reserve {
		return noSpace()
	}
	return nil
}

// Needs implements blob.Store: a file takes bytes as they come. Sealed ones have to
// go on with what there is of a block.
func (s *Store) Needs() blob.Needs { return blob.Needs{Tags: s.ring != nil} }

// WritePart implements blob.Store.
func (s *Store) WritePart(ctx context.Context, key, handle string, part blob.Part, add blob.Stretch, r io.Reader) (_ blob.Part, err error) {
	path, err := s.partPath(handle)
	if err != nil {
		return part, err
	}
	if err := s.room(0); err != nil {
		return part, err
	}
	if isSealed(handle) {
		return s.writeSealed(ctx, key, handle, part, add, r)
	}
	f, err := durable.Open(path)
	if err != nil {
		return part, fault("write part of", key, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	n, err := copyTo(&offsetWriter{f: f, at: part.Offset + part.Size, ctx: ctx}, r)
	if err != nil {
		return part, fault("write part of", key, err)
	}
	if add.Size >= 0 && n != add.Size {
		return part, blob.Short(n, add.Size)
	}
	part.Size += n
	return part, fault("sync part of", key, f.Sync())
}

// Settle implements blob.Store: bytes are written in their place, but for those of
// sealed blocks that are not whole.
func (s *Store) Settle(_ context.Context, key, handle string, part blob.Part) error {
	if !isSealed(handle) {
		return nil
	}
	return fault("settle part of", key, s.settle(handle, part))
}

// copyTo takes buffers uncopied from readers that hold aligned ones.
func copyTo(w io.Writer, r io.Reader) (int64, error) {
	if from, ok := r.(io.WriterTo); ok {
		return from.WriteTo(w)
	}
	return io.CopyBuffer(w, r, durable.Buffer(256<<10))
}

type offsetWriter struct {
	f   *durable.File
	at  int64
	ctx context.Context
}

func (w *offsetWriter) Write(p []byte) (int, error) {
	if err := context.Cause(w.ctx); err != nil {
		return 0, err
	}
	n, err := w.f.WriteAt(p, w.at)
	w.at += int64(n)
	return n, err
}

// ReadBack implements blob.Store.
func (s *Store) ReadBack(ctx context.Context, key, handle string, offset, n int64) (io.ReadCloser, error) {
	path, err := s.partPath(handle)
	if err != nil {
		return nil, err
	}
	if isSealed(handle) {
		r, err := s.readBack(ctx, handle, offset, n)
		return r, fault("read", key, err)
	}
	return readAt(path, key, offset, n)
}

// Release implements blob.Store.
func (s *Store) Release(_ context.Context, key, handle string, n int64) error {
	path, err := s.partPath(handle)
	if err != nil {
		return err
	}
	if isSealed(handle) { // its head is needed still
		return fault("release", key, durable.Punch(path, headSize, seal.Size(n-n%seal.Block)))
	}
	return fault("release", key, durable.Punch(path, 0, n))
}

// Complete implements blob.Store.
func (s *Store) Complete(ctx context.Context, key, handle string, size int64, parts []blob.Part) error {
	if isSealed(handle) {
		return s.completeSealed(ctx, key, handle, size, parts)
	}
	to, err := s.path(key)
	if err != nil {
		return err
	}
	from, err := s.partPath(handle)
	if err != nil {
		return err
	}
	f, err := durable.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		if info, err := os.Stat(to); err == nil && info.Size() == size {
			return nil // a repeat
		}
	}
	if err != nil {
		return fault("complete", key, err)
	}
	// parts were synced as they came; to cut off what was only reserved is no loss if it is lost
	grown, err := f.Size()
	if err == nil {
		err = f.Truncate(size)
	}
	if err == nil && grown != size {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fault("complete", key, err)
	}
	if err := durable.MkdirAll(filepath.Dir(to)); err != nil {
		return fault("complete", key, err)
	}
	return fault("complete", key, durable.Rename(from, to))
}

// Abort implements blob.Store.
func (s *Store) Abort(_ context.Context, _, handle string) error {
	path, err := s.partPath(handle)
	if err != nil {
		return err
	}
	if isSealed(handle) {
		list, err := s.piecesOf(handle)
		if err = errors.Join(err, s.drop(handle, list)); err != nil {
			return fault("abort", handle, err)
		}
	}
	return fault("abort", handle, durable.Remove(path))
}

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, key string, r io.ReaderAt, size int64) error {
	if s.ring != nil {
		if err := s.room(size); err != nil {
			return err
		}
		return s.putSealed(ctx, key, r, size)
	}
	h, err := s.Begin(ctx, key, size)
	if err != nil {
		return err
	}
	_, err = s.WritePart(ctx, key, h, blob.Part{Number: 1}, blob.Stretch{Size: size, Last: true}, io.NewSectionReader(r, 0, size))
	if err != nil {
		return errors.Join(err, s.Abort(context.WithoutCancel(ctx), key, h))
	}
	return s.Complete(ctx, key, h, size, nil)
}

// Move implements blob.Store.
func (s *Store) Move(ctx context.Context, from, to string) error {
	src, sealed, err := s.locate(from)
	if err != nil {
		return err
	}
	if sealed {
		return s.moveSealed(ctx, from, to, src)
	}
	dst, err := s.path(to)
	if err != nil {
		return err
	}
	if err := durable.MkdirAll(filepath.Dir(dst)); err != nil {
		return fault("move", from, err)
	}
	err = durable.Rename(src, dst)
	if errors.Is(err, fs.ErrNotExist) {
		if dst, _, err = s.locate(to); err != nil {
			return err
		}
		if _, err := os.Stat(dst); err == nil {
			return nil // a repeat
		}
		err = fs.ErrNotExist
	}
	if err != nil {
		return fault("move", from, err)
	}
	s.prune(filepath.Dir(src))
	return nil
}

// Delete implements blob.Store.
func (s *Store) Delete(_ context.Context, key string) error {
	if s.seals() {
		if err := s.deleteIn(filepath.Join(s.root, sealedDir), key); err != nil {
			return err
		}
	}
	return s.deleteIn(s.root, key)
}

// deleteIn removes an object from one of the trees.
func (s *Store) deleteIn(tree, key string) error {
	if _, err := s.path(key); err != nil {
		return err
	}
	path := filepath.Join(tree, filepath.FromSlash(key))
	if err := durable.Remove(path); err != nil {
		return fault("delete", key, err)
	}
	s.prune(filepath.Dir(path))
	return nil
}

// prune removes an object's directory if it became empty; one that is not
// stays, which is all that a failure here can mean. Directories above stay:
// another upload may be about to use them.
func (s *Store) prune(dir string) {
	if dir != s.root && dir != filepath.Join(s.root, sealedDir) {
		os.Remove(dir)
	}
}

// URL implements blob.Store: other programs do not read this disk by address.
func (s *Store) URL(string) string { return "" }
