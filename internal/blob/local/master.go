package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"freshet/internal/durable"
	"freshet/internal/errs"
	"freshet/internal/seal"
)

// masterBound is what the key of .master is bound to; no handle looks like it.
const masterBound = "the store"

// openMaster sees that sealed files can be read, and says by which key this process
// seals for as long as it runs.
func (s *Store) openMaster(ctx context.Context) error {
	w, there, err := s.readMaster()
	switch {
	case err != nil:
		return err
	case s.ring == nil && there:
		return noKey()
	case s.ring == nil:
		return nil
	}
	if there {
		if _, err := s.ring.Unwrap(ctx, w, masterBound); err != nil {
			return err
		}
	}
	s.marked = there
	if err := durable.MkdirAll(filepath.Join(s.root, sealingDir)); err != nil {
		return err
	}
	s.held, err = durable.LockShared(s.sealingPath(s.ring.Seals()))
	if errors.Is(err, durable.ErrLocked) {
		return errs.E(errs.Conflict, "master-key-retiring", "the master key %s is being replaced, and nothing may be sealed by it any more", s.ring.Seals()).
			WithHint("give the new key to --master-key first, then this one")
	}
	return err
}

// Close says that this process seals no more; nothing may be written after it.
func (s *Store) Close() error {
	if s.held == nil {
		return nil
	}
	return s.held.Close()
}

// sealingPath is the file that those hold who seal by a key.
func (s *Store) sealingPath(id string) string {
	sum := sha256.Sum256([]byte(id))
	return filepath.Join(s.root, sealingDir, hex.EncodeToString(sum[:8]))
}

// seals tells whether there may be sealed objects.
func (s *Store) seals() bool { return s.ring != nil }

// readMaster reads .master: a key of no use but that it can be unwrapped.
func (s *Store) readMaster() (w seal.Wrapped, there bool, err error) {
	b, err := os.ReadFile(filepath.Join(s.root, masterFile))
	if errors.Is(err, fs.ErrNotExist) {
		return w, false, nil
	}
	if err == nil && json.Unmarshal(b, &w) != nil {
		err = seal.NotAsSealed("the record of the master key")
	}
	return w, err == nil, err
}

// mark makes .master before the first file is sealed, so that nobody takes the
// directory for one without sealed files.
func (s *Store) mark(ctx context.Context) error {
	s.marking.Lock()
	defer s.marking.Unlock()
	if s.marked {
		return nil
	}
	err := s.writeMaster(ctx)
	s.marked = err == nil
	return err
}

func (s *Store) writeMaster(ctx context.Context) error {
	w, err := s.ring.Wrap(ctx, seal.NewKey(), masterBound)
	if err != nil {
		return err
	}
	b, err := json.Marshal(w)
	if err != nil {
		return err
	}
	return durable.WriteFile(filepath.Join(s.root, masterFile), b)
}
