// Package durable makes changes to a file system that survive a power cut.
//
// A new or renamed file is only sure to be found again once its directory is
// synced too, and a file's bytes only once the file is. The calls here do both,
// in that order; what they return without an error is on the disk.
package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// WriteFile puts data at path whole or not at all:
// create a temporary neighbour, write, fsync, close, rename, fsync the directory.
func WriteFile(path string, data []byte) error {
	return write(path, data, Rename)
}

// WriteNew is WriteFile where nothing may be there: os.ErrExist if it is.
func WriteNew(path string, data []byte) error {
	return write(path, data, func(from, to string) error {
		if err := step("link", func() error { return os.Link(from, to) }); err != nil {
			return err
		}
		return Remove(from)
	})
}

// write makes a synced neighbour of path, and has place give it its name.
func write(path string, data []byte, place func(from, to string) error) (err error) {
	var f *os.File
	err = step("create", func() (err error) {
		f, err = os.CreateTemp(filepath.Dir(path), ".tmp-*")
		return err
	})
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err == nil {
			return
		}
		if e := os.Remove(f.Name()); !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}()
	err = step("write", func() error {
		_, err := f.Write(data)
		return err
	})
	if err == nil {
		err = step("sync", f.Sync)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return place(f.Name(), path)
}

// Rename moves a file that is synced already, and syncs both directories.
func Rename(from, to string) error {
	if err := step("rename", func() error { return os.Rename(from, to) }); err != nil {
		return err
	}
	if err := SyncDir(filepath.Dir(to)); err != nil {
		return err
	}
	if filepath.Dir(from) == filepath.Dir(to) {
		return nil
	}
	return SyncDir(filepath.Dir(from))
}

// Remove deletes a file. One that is not there is fine.
func Remove(path string) error {
	if err := step("remove", func() error { return os.Remove(path) }); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// Discard deletes a file that may come back after a power cut: its directory is
// not synced. One that is not there is fine.
func Discard(path string) error {
	err := step("remove", func() error { return os.Remove(path) })
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// MkdirAll makes a directory and those above it, and syncs each new one's parent.
func MkdirAll(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := MkdirAll(parent); err != nil {
			return err
		}
	}
	if err := step("mkdir", func() error { return os.Mkdir(path, 0o750) }); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return SyncDir(parent)
}

// Commit commits a database's transaction: the one durable step that is not
// done here. With an error it may have taken effect or not; the caller rolls back.
func Commit(commit func() error) error { return step("commit", commit) }
