package local

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"freshet/internal/blob"
	"freshet/internal/durable"
	"freshet/internal/errs"
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
	path, err := s.path(key)
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
	return blob.Info{Key: key, Size: info.Size(), Time: info.ModTime()}, nil
}

// Read implements blob.Store.
func (s *Store) Read(_ context.Context, key string, offset, n int64) (io.ReadCloser, error) {
	path, err := s.path(key)
	if err != nil {
		return nil, err
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
	return func(yield func(blob.Info, error) bool) {
		// walk from the deepest directory that the prefix names whole
		dir, _ := filepath.Split(filepath.FromSlash(prefix))
		start := filepath.Join(s.root, dir)
		if !strings.HasPrefix(start+string(filepath.Separator), s.root+string(filepath.Separator)) {
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
			rel, err := filepath.Rel(s.root, path)
			if err != nil {
				return err
			}
			key := filepath.ToSlash(rel)
			if d.IsDir() {
				if key == partsDir {
					return fs.SkipDir
				}
				return nil
			}
			if !d.Type().IsRegular() || !strings.HasPrefix(key, prefix) {
				return nil
			}
			info, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			if !yield(blob.Info{Key: key, Size: info.Size(), Time: info.ModTime()}, nil) {
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
		for _, d := range list {
			if _, err := s.partPath(d.Name()); err != nil {
				continue // not ours: what a file system or a person put there
			}
			info, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				yield(blob.Handle{}, fault("list", "uploads", err))
				return
			}
			if !yield(blob.Handle{Handle: d.Name(), Time: info.ModTime()}, nil) {
				return
			}
		}
	}
}
