package durable

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// ErrLocked says that another process holds the lock.
var ErrLocked = errors.New("locked by another process")

// Lock takes the file at path for this process until it ends or the file is
// closed; what is written to it tells others who holds it.
func Lock(path string) (*os.File, error) { return lock(path, windows.LOCKFILE_EXCLUSIVE_LOCK) }

// LockShared takes it as one of many, with whom nobody can Lock it.
func LockShared(path string) (*os.File, error) { return lock(path, 0) }

// past is one byte far past what files hold, so that others can still read them.
func past() *windows.Overlapped { return &windows.Overlapped{OffsetHigh: 1 << 30} }

func lock(path string, how uint32) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, err
	}
	err = windows.LockFileEx(windows.Handle(f.Fd()), how|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, past())
	if err != nil {
		f.Close()
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
			return nil, ErrLocked
		}
		return nil, err
	}
	return f, nil
}

// lockWait takes an open file, and waits for whoever holds it.
func lockWait(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, past())
}
