package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// accesses is what reads of some files the kernel tells of.
type accesses struct{ fd int }

// watchReads has the kernel tell of all reads of the files of at least that many
// bytes under a directory, wherever they move.
func watchReads(dir string, least int64) (*accesses, error) {
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return nil, err
	}
	watched := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil || info.Size() < least {
			return err
		}
		watched++
		_, err = unix.InotifyAddWatch(fd, path, unix.IN_ACCESS)
		return err
	})
	if err == nil && watched == 0 {
		err = fmt.Errorf("no file under %s has %d bytes", dir, least)
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &accesses{fd}, nil
}

// count is how many reads there were, equal ones that follow each other counted once.
func (a *accesses) count() (n int, err error) {
	defer unix.Close(a.fd)
	for buf := make([]byte, 64<<10); ; {
		got, err := unix.Read(a.fd, buf)
		if errors.Is(err, unix.EAGAIN) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		for b := buf[:got]; len(b) >= unix.SizeofInotifyEvent; {
			if binary.NativeEndian.Uint32(b[4:])&unix.IN_ACCESS != 0 {
				n++
			}
			b = b[unix.SizeofInotifyEvent+binary.NativeEndian.Uint32(b[12:]):]
		}
	}
}
