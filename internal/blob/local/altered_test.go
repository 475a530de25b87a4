package local_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"freshet/internal/blob"
	"freshet/internal/blob/local"
	"freshet/internal/errs"
	"freshet/internal/seal"
)

const (
	front = 5 * 4096 // bytes before a sealed file's blocks
	keyA  = "training-data/fresh/file_a/a.jsonl"
	keyB  = "training-data/fresh/file_b/b.jsonl"
)

// text is bytes that no two places of which are the same.
func text(seed byte, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

func put(t *testing.T, s *local.Store, key string, data []byte) {
	t.Helper()
	if err := s.Put(t.Context(), key, bytes.NewReader(data), int64(len(data))); err != nil {
		t.Fatal(err)
	}
}

func fileOf(root, key string) string { return filepath.Join(root, ".sealed", filepath.FromSlash(key)) }

func readAll(t *testing.T, s blob.Store, key string, offset, n int64) ([]byte, error) {
	t.Helper()
	r, err := s.Read(t.Context(), key, offset, n)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// TestAltered: whatever is done to a sealed file, nothing is served that is not
// what was stored there, and reading ends by a refusal.
func TestAltered(t *testing.T) {
	const size = 5*seal.Block + 1234
	full := int64(seal.Package)
	a, b := text(1, size), text(2, size)
	change := func(f func([]byte) []byte) func(string, string) error {
		return func(path, _ string) error {
			old, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(path, f(old), 0o600)
		}
	}
	splice := func(n int64, from func(mine, other []byte) []byte) func(string, string) error {
		return func(path, other string) error {
			mine, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			theirs, err := os.ReadFile(other)
			if err != nil {
				return err
			}
			copy(mine[n:], from(mine, theirs))
			return os.WriteFile(path, mine, 0o600)
		}
	}
	for name, alter := range map[string]func(path, other string) error{
		"cut inside a block":       change(func(b []byte) []byte { return b[:len(b)-100] }),
		"cut between blocks":       change(func(b []byte) []byte { return b[:front+3*full] }),
		"cut of the last block":    change(func(b []byte) []byte { return b[:front+5*full] }),
		"cut to its head":          change(func(b []byte) []byte { return b[:front] }),
		"cut inside its head":      change(func(b []byte) []byte { return b[:3000] }),
		"emptied":                  change(func(b []byte) []byte { return nil }),
		"longer by a byte":         change(func(b []byte) []byte { return append(b, 0) }),
		"longer by a block of its": change(func(b []byte) []byte { return append(b, b[front:front+full]...) }),
		"blocks exchanged": change(func(b []byte) []byte {
			one := bytes.Clone(b[front : front+full])
			copy(b[front:], b[front+full:front+2*full])
			copy(b[front+full:], one)
			return b
		}),
		"a block twice":     change(func(b []byte) []byte { copy(b[front+full:], b[front:front+full]); return b }),
		"a block zeroed":    change(func(b []byte) []byte { clear(b[front+full : front+2*full]); return b }),
		"a bit of a block":  change(func(b []byte) []byte { b[front+full+500] ^= 4; return b }),
		"a bit of a tag":    change(func(b []byte) []byte { b[front+full-1] ^= 1; return b }),
		"a bit of a header": change(func(b []byte) []byte { b[front+5] ^= 1; return b }),
		"its key zeroed":    change(func(b []byte) []byte { clear(b[:2*4096]); return b }),
		"its size zeroed":   change(func(b []byte) []byte { clear(b[2*4096 : front]); return b }),
		"another's block":   splice(front, func(_, o []byte) []byte { return o[front : front+full] }),
		"another's key":     splice(0, func(_, o []byte) []byte { return o[:2*4096] }),
		"another's size":    splice(2*4096, func(_, o []byte) []byte { return o[2*4096 : front] }),
		"another's head":    splice(0, func(_, o []byte) []byte { return o[:front] }),
		"another's blocks":  splice(front, func(_, o []byte) []byte { return o[front:] }),
		"another's file":    splice(0, func(_, o []byte) []byte { return o }),
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			s := openSealed(t, root, masterKey(t, 1))
			put(t, s, keyA, a)
			put(t, s, keyB, b)
			if err := alter(fileOf(root, keyA), fileOf(root, keyB)); err != nil {
				t.Fatal(err)
			}
			got, err := readAll(t, s, keyA, 0, -1)
			if !errs.HasCode(err, seal.Altered) {
				t.Errorf("Read of all = %d bytes and %v, want %s", len(got), err, seal.Altered)
			}
			if !bytes.HasPrefix(a, got) {
				t.Error("bytes were served that are not the object's")
			}
			for _, r := range [][2]int64{{0, 10}, {seal.Block, seal.Block}, {seal.Block - 5, 10}, {size - 3, 3}, {2 * seal.Block, 1}} {
				got, err := readAll(t, s, keyA, r[0], r[1])
				if err == nil && !bytes.Equal(got, a[r[0]:r[0]+r[1]]) || !bytes.HasPrefix(a[r[0]:], got) {
					t.Errorf("Read(%d, %d) gave other bytes", r[0], r[1])
				}
			}
			if got, err := readAll(t, s, keyB, 0, -1); err != nil || !bytes.Equal(got, b) {
				t.Errorf("the other object: %v", err)
			}
		})
	}
}

// TestAlteredBack: an object that was moved cannot be exchanged with what was there
// before it, and stays itself.
func TestAlteredBack(t *testing.T) {
	root := t.TempDir()
	s := openSealed(t, root, masterKey(t, 1))
	put(t, s, keyA, []byte("a"))
	put(t, s, keyB, []byte("b"))
	for i, to := range []string{"training-data/archived/file_a/a.jsonl", "x/y/z", keyA} {
		from := []string{keyA, "training-data/archived/file_a/a.jsonl", "x/y/z"}[i]
		for range 2 {
			if err := s.Move(t.Context(), from, to); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := readAll(t, s, to, 0, -1); string(got) != "a" || err != nil {
			t.Fatalf("at %s: %q, %v", to, got, err)
		}
	}
	if err := os.Rename(fileOf(root, keyA), fileOf(root, keyB)); err != nil {
		t.Fatal(err)
	}
	const elsewhere = "training-data/fresh/file_c/c"
	if err := s.Move(t.Context(), keyB, elsewhere); err != nil {
		t.Fatal(err)
	}
	if got, err := readAll(t, s, elsewhere, 0, -1); !errs.HasCode(err, seal.Altered) || len(got) > 0 {
		t.Errorf("an object that is another gives %q and %v after it was moved, want %s", got, err, seal.Altered)
	}
}

// TestUploadsExchanged: files and pieces of uploads under way cannot be exchanged either.
func TestUploadsExchanged(t *testing.T) {
	root := t.TempDir()
	s := openSealed(t, root, masterKey(t, 1))
	var handles [2]string
	var parts [2]blob.Part
	for i := range handles {
		var err error
		if handles[i], err = s.Begin(t.Context(), keyA, 0); err != nil {
			t.Fatal(err)
		}
		if parts[i], err = s.WritePart(t.Context(), keyA, handles[i], blob.Part{Number: 1}, blob.Stretch{Size: 100_000}, bytes.NewReader(text(byte(i), 100_000))); err != nil {
			t.Fatal(err)
		}
	}
	exchange := func(a, b string) {
		t.Helper()
		for _, r := range [][2]string{{a, a + "x"}, {b, a}, {a + "x", b}} {
			if err := os.Rename(r[0], r[1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	name := func(i int) string { return filepath.Join(root, ".parts", handles[i]) }
	refused := func(what string) {
		t.Helper()
		if _, err := s.WritePart(t.Context(), keyA, handles[0], parts[0], blob.Stretch{Size: 5}, strings.NewReader("12345")); !errs.HasCode(err, seal.Altered) {
			t.Errorf("%s: WritePart = %v, want %s", what, err, seal.Altered)
		}
		if err := s.Complete(t.Context(), keyA, handles[0], 100_000, parts[:1]); !errs.HasCode(err, seal.Altered) {
			t.Errorf("%s: Complete = %v, want %s", what, err, seal.Altered)
		}
		if r, err := s.ReadBack(t.Context(), keyA, handles[0], 0, 100_000); err == nil {
			got, err := io.ReadAll(r)
			if r.Close(); err == nil || len(got) > seal.Block {
				t.Errorf("%s: ReadBack gave %d bytes", what, len(got))
			}
		}
	}
	exchange(name(0), name(1))
	refused("files")
	exchange(name(0), name(1))
	exchange(name(0)+"."+parts[0].Tag, name(1)+"."+parts[1].Tag)
	refused("pieces")
	exchange(name(0)+"."+parts[0].Tag, name(1)+"."+parts[1].Tag)
	if err := s.Complete(t.Context(), keyA, handles[0], 100_000, parts[:1]); err != nil {
		t.Fatal(err)
	}
	if got, err := readAll(t, s, keyA, 0, -1); err != nil || !bytes.Equal(got, text(0, 100_000)) {
		t.Errorf("read %d bytes, %v", len(got), err)
	}
}
