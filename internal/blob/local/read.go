package local

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"freshet/internal/blob"
	"freshet/internal/durable"
	"freshet/internal/errs"
	"freshet/internal/seal"
)

// Free implements blob.Store.
func (s *Store) Free(context.Context) (int64, error) {
	free, err := durable.DiskFree(s.root)
	if err != nil || free < 0 {
		return free, err
	}
	return max(0, free-s.reserve), nil
}

// Stat implements blob.Store.
func (s *Store) Stat(_ context.Context, key string) (blob.Info, error) {
	path, sealed, err := s.locate(key)
	if err != nil {
		return blob.Info{}, err
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return blob.Info{}, fault("stat", key, err)
	}
	return blob.Info{Key: key, Size: sizeOf(info, sealed), Time: info.ModTime()}, nil
}

// sizeOf is how large an object is by its file; a sealed one says itself, too, which
// is compared when it is read.
func sizeOf(info fs.FileInfo, sealed bool) int64 {
	if !sealed {
		return info.Size()
	}
	size, _ := seal.Plain(max(0, info.Size()-headSize))
	return size
}

// Read implements blob.Store.
func (s *Store) Read(ctx context.Context, key string, offset, n int64) (io.ReadCloser, error) {
	path, sealed, err := s.locate(key)
	if err != nil {
		return nil, err
	}
	if sealed {
		r, err := s.readSealed(ctx, path, key, offset, n)
		return r, fault("read", key, err)
	}
	return readAt(path, key, offset, n)
}

func readAt(path, key string, offset, n int64) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault("read", key, err)
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, errors.Join(fault("read", key, err), f.Close())
	}
	if n < 0 {
		return f, nil
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(f, n), f}, nil
}

// List implements blob.Store.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[blob.Info, error] {
	if !s.seals() {
		return s.listIn(ctx, s.root, prefix, false)
	}
	return merged(s.listIn(ctx, filepath.Join(s.root, sealedDir), prefix, true), s.listIn(ctx, s.root, prefix, false))
}

// merged gives what two lists have, in their order. Of a key that both have it gives
// the first's: what the other has is about to go.
func merged(first, second iter.Seq2[blob.Info, error]) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		next, stop := iter.Pull2(second)
		defer stop()
		other, err, more := next()
		for info, e := range first {
			for e == nil && more && err == nil && before(other.Key, info.Key) {
				if !yield(other, nil) {
					return
				}
				other, err, more = next()
			}
			if e == nil && more && err == nil && other.Key == info.Key {
				other, err, more = next()
			}
			if !yield(info, e) || e != nil {
				return
			}
		}
		for more {
			if !yield(other, err) {
				return
			}
			other, err, more = next()
		}
	}
}

// before is the order in which a walk gives keys: directory by directory.
func before(a, b string) bool {
	return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/")) < 0
}

func (s *Store) listIn(ctx context.Context, tree, prefix string, sealed bool) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		// walk from the deepest directory that the prefix names whole
		dir, _ := filepath.Split(filepath.FromSlash(prefix))
		start := filepath.Join(tree, dir)
		if !strings.HasPrefix(start+string(filepath.Separator), tree+string(filepath.Separator)) {
			yield(blob.Info{}, errs.E(errs.Invalid, "bad-key", "%q is not a prefix", prefix))
			return
		}
		stopped := errors.New("stopped")
		err := filepath.WalkDir(start, func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // deleted meanwhile, or no such prefix
			}
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(tree, path)
			if err != nil {
				return err
			}
			key := filepath.ToSlash(rel)
			if d.IsDir() {
				if hidden(key) {
					return fs.SkipDir
				}
				return nil
			}
			if !d.Type().IsRegular() || hidden(key) || !strings.HasPrefix(key, prefix) {
				return nil
			}
			info, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			if !yield(blob.Info{Key: key, Size: sizeOf(info, sealed), Time: info.ModTime()}, nil) {
				return stopped
			}
			return nil
		})
		if err != nil && err != stopped {
			yield(blob.Info{}, fault("list", prefix, err))
		}
	}
}

// Holds implements blob.Store.
func (s *Store) Holds(_ context.Context, key, handle string) (bool, error) {
	path, err := s.partPath(handle)
	if err != nil {
		return false, err
	}
	_, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, fault("look for", key, err)
}

// Handles implements blob.Store.
func (s *Store) Handles(context.Context) iter.Seq2[blob.Handle, error] {
	return func(yield func(blob.Handle, error) bool) {
		list, err := os.ReadDir(filepath.Join(s.root, partsDir))
		if err != nil {
			yield(blob.Handle{}, fault("list", "uploads", err))
			return
		}
		last := ""
		for _, d := range list {
			handle, text, isPiece := strings.Cut(d.Name(), ".")
			_, ok := parsePiece(text)
			if _, err := s.partPath(handle); err != nil || isPiece && !ok {
				continue // not ours: what a file system or a person put there
			}
			if handle == last {
				continue
			}
			last = handle
			info, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				yield(blob.Handle{}, fault("list", "uploads", err))
				return
			}
			if !yield(blob.Handle{Handle: handle, Time: info.ModTime()}, nil) {
				return
			}
		}
	}
}
