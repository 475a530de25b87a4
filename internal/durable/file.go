package durable

import (
	"errors"
	"io"
	"os"
	"unsafe"
)

// Align is what the memory, the offset and the length of a write must be a
// multiple of to go to the disk directly.
const Align = 4096

// File is written at many places and made durable as a whole by Sync.
//
// Aligned writes go past the page cache where the file system allows it: they
// overlap with receiving, so that Sync has little left to wait for. The rest
// goes the plain way; no block is written both ways at once as long as callers
// write at aligned offsets and only the file's last write is ragged.
type File struct {
	plain  *os.File
	direct *os.File // nil where the file system has no direct I/O
}

// Create makes a new file, of size bytes preallocated where the system can; 0 for none.
// It fails if the file is there.
func Create(path string, size int64) (*File, error) {
	var f *os.File
	err := step("create", func() (err error) {
		f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o640)
		return err
	})
	if err != nil {
		return nil, err
	}
	if size > 0 {
		if err := preallocate(f, size); err != nil {
			return nil, errors.Join(err, f.Close(), os.Remove(path))
		}
	}
	return &File{plain: f, direct: openDirect(path)}, nil
}

// Open opens an existing file for more writing.
func Open(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return &File{plain: f, direct: openDirect(path)}, nil
}

// WriteAt writes p at off.
func (f *File) WriteAt(p []byte, off int64) (n int, err error) {
	err = step("write", func() error {
		n, err = f.writeAt(p, off)
		return err
	})
	return n, err
}

func (f *File) writeAt(p []byte, off int64) (int, error) {
	n := 0
	if f.direct != nil && off%Align == 0 && len(p) >= Align && uintptr(unsafe.Pointer(unsafe.SliceData(p)))%Align == 0 {
		whole := len(p) &^ (Align - 1)
		var err error
		if n, err = f.direct.WriteAt(p[:whole], off); err != nil {
			if !refusesDirect(err) {
				return n, err
			}
			// the file system took the flag and now refuses: the plain way from here on
			f.direct.Close()
			f.direct, n = nil, 0
		}
	}
	if n == len(p) {
		return n, nil
	}
	m, err := f.plain.WriteAt(p[n:], off+int64(n))
	return n + m, err
}

// ReadAt reads what was written, the plain way.
func (f *File) ReadAt(p []byte, off int64) (int, error) { return f.plain.ReadAt(p, off) }

// Lock waits until no other process, and nobody else in this one, holds the
// file; it is let go of with Close.
func (f *File) Lock() error { return lockWait(f.plain) }

// Sync makes all that was written durable.
func (f *File) Sync() error { return step("sync", f.plain.Sync) }

// Size is how large the file is.
func (f *File) Size() (int64, error) {
	info, err := f.plain.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Truncate sets the size; what was preallocated beyond it is given back.
func (f *File) Truncate(size int64) error {
	return step("truncate", func() error { return f.plain.Truncate(size) })
}

// Close closes the file without syncing it.
func (f *File) Close() error {
	err := f.plain.Close()
	if f.direct != nil {
		err = errors.Join(err, f.direct.Close())
	}
	return err
}

var _ io.WriterAt = (*File)(nil)

// Buffer makes n bytes of memory that direct writes accept.
func Buffer(n int) []byte {
	b := make([]byte, n+Align)
	skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (Align - 1))
	return b[skip : skip+n : skip+n]
}
