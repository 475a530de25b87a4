package local_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"freshet/internal/blob"
	"freshet/internal/blob/local"
	"freshet/internal/errs"
	"freshet/internal/seal"
)

func ignore(local.Rotated) {}

// blocksOf hashes what follows the heads of all sealed files, and all pieces.
func blocksOf(t *testing.T, root string) map[string][32]byte {
	t.Helper()
	out := map[string][32]byte{}
	for _, dir := range []string{".sealed", ".parts"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if err == nil && !strings.Contains(filepath.Base(path), "-") {
				b = b[front:]
			}
			out[path] = sha256.Sum256(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestRotate: all data keys are wrapped by the new master key, in place of the old
// one, and nothing else changes; cut off anywhere, the next run ends it.
func TestRotate(t *testing.T) {
	root, older, newer := t.TempDir(), masterKey(t, 1), masterKey(t, 2)
	s := openSealed(t, root, older)
	const objects = 5
	for i := range objects {
		put(t, s, fmt.Sprintf("training-data/fresh/file_%d/a", i), text(byte(i), 100_000+i))
	}
	h, err := s.Begin(t.Context(), keyA, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.WritePart(t.Context(), keyA, h, blob.Part{Number: 1}, blob.Stretch{Size: -1}, bytes.NewReader(text(9, 70_000)))
	if err != nil {
		t.Fatal(err)
	}
	before := blocksOf(t, root)

	if _, err := openSealed(t, t.TempDir(), newer, older).Rotate(t.Context(), ignore); err != nil {
		t.Fatalf("of an empty directory: %v", err)
	}
	rotating := openSealed(t, root, newer, older)
	if _, err := rotating.Rotate(t.Context(), ignore); !errs.HasCode(err, "master-key-in-use") {
		t.Fatalf("Rotate beside one that seals by the old key = %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	cut := errors.New("cut off")
	func() {
		defer func() {
			if recover() != cut {
				t.Fatal("it ended before it was cut off")
			}
		}()
		_, err = rotating.Rotate(t.Context(), func(r local.Rotated) {
			if r.Rewrapped == 3 {
				if _, err := local.Open(t.Context(), root, 0, ring(t, older)); !errs.HasCode(err, "master-key-retiring") {
					t.Errorf("Open with the old key alone while it is replaced = %v", err)
				}
				panic(cut)
			}
		})
	}()
	if _, err := local.Open(t.Context(), root, 0, ring(t, newer)); !errs.HasCode(err, seal.NoMaster) {
		t.Errorf("Open with the new key alone, halfway = %v, want %s", err, seal.NoMaster)
	}
	for _, want := range []local.Rotated{{Rewrapped: objects + 1 - 3, Already: 3}, {Already: objects + 1}} {
		if got, err := rotating.Rotate(t.Context(), ignore); err != nil || got != want {
			t.Errorf("Rotate = %+v, %v, want %+v", got, err, want)
		}
	}
	if after := blocksOf(t, root); !maps.Equal(before, after) {
		t.Error("a rotation changed blocks")
	}
	if _, err := local.Open(t.Context(), root, 0, ring(t, older)); !errs.HasCode(err, seal.NoMaster) {
		t.Errorf("Open with the old key = %v, want %s", err, seal.NoMaster)
	}
	s = openSealed(t, root, newer)
	for i := range objects {
		if got, err := readAll(t, s, fmt.Sprintf("training-data/fresh/file_%d/a", i), 0, -1); err != nil || !bytes.Equal(got, text(byte(i), 100_000+i)) {
			t.Errorf("object %d: %v", i, err)
		}
	}
	if err := s.Complete(t.Context(), keyA, h, p.Size, []blob.Part{p}); err != nil {
		t.Error(err)
	}
	if got, err := readAll(t, s, keyA, 0, -1); err != nil || !bytes.Equal(got, text(9, 70_000)) {
		t.Errorf("the upload: %v", err)
	}
	nothingBy(t, root, ring(t, older).Seals())
}

// nothingBy sees that no file has a key that a master key wrapped.
func nothingBy(t *testing.T, root, id string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(id)) {
			t.Errorf("%s still has a key that the old master key wrapped", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRotateTorn: a page that was written halfway when the power went counts for nothing.
func TestRotateTorn(t *testing.T) {
	root, older, newer := t.TempDir(), masterKey(t, 1), masterKey(t, 2)
	put(t, openSealed(t, root, older), keyA, []byte("abc"))
	intact, err := os.ReadFile(fileOf(root, keyA))
	if err != nil {
		t.Fatal(err)
	}
	s := openSealed(t, root, newer, older)
	put(t, s, keyB, []byte("b")) // the new key's own
	done, err := os.ReadFile(fileOf(root, keyB))
	if err != nil {
		t.Fatal(err)
	}
	torn := bytes.Clone(intact)
	copy(torn[4096:], done[:60]) // a page's beginning in the second place
	if err := os.WriteFile(fileOf(root, keyA), torn, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := readAll(t, s, keyA, 0, -1); string(got) != "abc" || err != nil {
		t.Fatalf("read %q, %v", got, err)
	}
	if err := s.Move(t.Context(), keyA, "moved/a"); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(fileOf(root, "moved/a")); err != nil || bytes.Contains(b, []byte(ring(t, older).Seals())) {
		t.Errorf("a move leaves the old key's wrapping: %v", err)
	}
	if got, err := readAll(t, openSealed(t, root, newer, older), "moved/a", 0, -1); string(got) != "abc" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}
