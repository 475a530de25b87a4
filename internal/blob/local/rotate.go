package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"freshet/internal/durable"
	"freshet/internal/errs"
)

// Rotated is what a rotation came to.
type Rotated struct {
	Rewrapped int64 `json:"rewrapped"` // data keys that it had the first master key wrap
	Already   int64 `json:"already"`   // that were so before
}

// Rotate has the ring's first master key wrap all data keys. No block is touched.
// It works beside servers that seal by that key already and have the older ones,
// too; others are refused, and cannot start meanwhile. Cut off anywhere, it goes on when it
// is run again. progress is told after each file.
func (s *Store) Rotate(ctx context.Context, progress func(Rotated)) (r Rotated, err error) {
	if s.ring == nil {
		return r, noKey()
	}
	locks, err := s.retire()
	defer func() {
		for _, f := range locks {
			err = errors.Join(err, f.Close())
		}
	}()
	if err != nil {
		return r, err
	}
	one := func(path string) error {
		done, err := s.rewrapFile(ctx, path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // it was moved, with its key wrapped anew, or deleted
		case err != nil:
			return err
		case done:
			r.Rewrapped++
		default:
			r.Already++
		}
		progress(r)
		return nil
	}
	// uploads first: one that becomes an object meanwhile is met again
	for h, err := range s.Handles(ctx) {
		if err != nil {
			return r, err
		}
		if !isSealed(h.Handle) {
			continue
		}
		path, err := s.partPath(h.Handle)
		if err == nil {
			err = one(path)
		}
		if err != nil {
			return r, fault("rewrap the key of", "an upload", err)
		}
	}
	tree := filepath.Join(s.root, sealedDir)
	for info, err := range s.listIn(ctx, tree, "", true) {
		if err == nil {
			err = fault("rewrap the key of", info.Key, one(filepath.Join(tree, filepath.FromSlash(info.Key))))
		}
		if err != nil {
			return r, err
		}
	}
	// last, so that no server starts without the older key before
	return r, s.masterByFirst(ctx)
}

func (s *Store) rewrapFile(ctx context.Context, path string) (done bool, err error) {
	f, err := durable.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.Lock(); err != nil {
		return false, err
	}
	return rewrap(ctx, f, s.ring)
}

// retire sees that nobody seals by another key than the first, nor begins to until
// the locks are closed.
func (s *Store) retire() (locks []*os.File, err error) {
	mine := s.sealingPath(s.ring.Seals())
	for _, id := range s.ring.IDs()[1:] { // also one that nobody has used yet
		f, err := s.retireOne(s.sealingPath(id))
		if err != nil {
			return locks, err
		}
		locks = append(locks, f)
	}
	list, err := os.ReadDir(filepath.Join(s.root, sealingDir))
	if err != nil {
		return locks, err
	}
	for _, d := range list {
		path := filepath.Join(s.root, sealingDir, d.Name())
		if path == mine || strings.Contains(d.Name(), ".") || holds(locks, path) {
			continue
		}
		f, err := s.retireOne(path)
		if err != nil {
			return locks, err
		}
		locks = append(locks, f)
	}
	return locks, nil
}

func holds(locks []*os.File, path string) bool {
	for _, f := range locks {
		if f.Name() == path {
			return true
		}
	}
	return false
}

func (s *Store) retireOne(path string) (*os.File, error) {
	f, err := durable.Lock(path)
	if errors.Is(err, durable.ErrLocked) {
		return nil, errs.E(errs.Conflict, "master-key-in-use", "a server or command seals by another master key than %s", s.ring.Seals()).
			WithHint("start it again with the new key as the first --master-key and the old one as the second, then rotate")
	}
	return f, err
}

// masterByFirst has .master say that the first key opens all.
func (s *Store) masterByFirst(ctx context.Context) error {
	w, there, err := s.readMaster()
	if err != nil || !there || w.Master == s.ring.Seals() {
		return err
	}
	return s.writeMaster(ctx)
}
