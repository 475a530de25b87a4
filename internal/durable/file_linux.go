package durable

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

func openDirect(path string) *os.File {
	f, err := os.OpenFile(path, os.O_WRONLY|unix.O_DIRECT, 0)
	if err != nil {
		return nil // the file system has none
	}
	return f
}

func refusesDirect(err error) bool { return errors.Is(err, unix.EINVAL) }

// preallocate reserves blocks without changing the size. A file system that
// cannot is fine: the blocks come as they are written.
func preallocate(f *os.File, size int64) error {
	err := unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, size)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return nil
	}
	return err
}

// Punch gives back the blocks of n bytes of a file from off on, which read as
// zeros then. Its size stays. A file system that cannot keeps them.
func Punch(path string, off, n int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = step("punch", func() error {
		return unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE|unix.FALLOC_FL_PUNCH_HOLE, off, n)
	})
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		err = nil
	}
	return errors.Join(err, f.Close())
}
