package local_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"freshet/internal/blob"
	"freshet/internal/blob/local"
	"freshet/internal/errs"
	"freshet/internal/seal"

	"pgregory.net/rapid"
)

// masterKey makes a file with a master key, and gives it as a setting does.
func masterKey(t testing.TB, n byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master")
	if err := os.WriteFile(path, []byte(hex.EncodeToString(bytes.Repeat([]byte{n}, 32))+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file:" + path
}

func ring(t testing.TB, keys ...string) *seal.Ring {
	t.Helper()
	r, err := seal.Parse(keys)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func openSealed(t *testing.T, root string, keys ...string) *local.Store {
	t.Helper()
	s, err := local.Open(t.Context(), root, 0, ring(t, keys...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestWithoutTheKey: a directory with sealed files is refused without their key, or
// with another; one without is not.
func TestWithoutTheKey(t *testing.T) {
	root, mine, other := t.TempDir(), masterKey(t, 1), masterKey(t, 2)
	open := func(r *seal.Ring) error {
		_, err := local.Open(t.Context(), root, 0, r)
		return err
	}
	if err := open(ring(t, other)); err != nil {
		t.Fatal(err)
	}
	if err := open(nil); err != nil {
		t.Fatalf("nothing is sealed yet: %v", err)
	}
	s := openSealed(t, root, mine)
	put(t, s, keyA, []byte("abc"))
	if err := open(nil); !errs.HasCode(err, seal.NoMaster) {
		t.Errorf("Open without a key = %v, want %s", err, seal.NoMaster)
	}
	if err := open(ring(t, other)); !errs.HasCode(err, seal.NoMaster) {
		t.Errorf("Open with another key = %v, want %s", err, seal.NoMaster)
	}
	if err := open(ring(t, other, mine)); err != nil {
		t.Errorf("Open with both keys: %v", err)
	}
}

// TestSealedBesidePlain: what was written before sealing stays readable, is listed
// in order with the rest, and gives way to what is put over it.
func TestSealedBesidePlain(t *testing.T) {
	root := t.TempDir()
	plain, err := local.Open(t.Context(), root, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	put(t, plain, "a/b/1", []byte("before"))
	put(t, plain, "a/c", []byte("plain"))
	put(t, plain, "z", []byte("plain"))
	old, err := plain.Begin(t.Context(), "a/old", 0)
	if err != nil {
		t.Fatal(err)
	}
	s := openSealed(t, root, masterKey(t, 1))
	put(t, s, "a/b/1", []byte("after, and sealed"))
	put(t, s, "a/b/2", []byte("sealed"))
	put(t, s, "m", []byte("sealed"))
	p, err := s.WritePart(t.Context(), "a/old", old, blob.Part{Number: 1}, blob.Stretch{Size: 3, Last: true}, strings.NewReader("old"))
	if err == nil {
		err = s.Complete(t.Context(), "a/old", old, 3, []blob.Part{p})
	}
	if err == nil {
		err = s.Move(t.Context(), "a/c", "a/moved")
	}
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a/b/1": "after, and sealed", "a/b/2": "sealed", "a/moved": "plain", "a/old": "old", "m": "sealed", "z": "plain"}
	var keys []string
	for info, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, info.Key)
		if int(info.Size) != len(want[info.Key]) {
			t.Errorf("List: %s has %d bytes", info.Key, info.Size)
		}
	}
	if !slices.Equal(keys, slices.Sorted(maps.Keys(want))) {
		t.Errorf("List gives %q", keys)
	}
	for key, text := range want {
		if got, err := readAll(t, s, key, 0, -1); string(got) != text || err != nil {
			t.Errorf("%s: %q, %v", key, got, err)
		}
		if err := s.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Stat(t.Context(), key); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s after Delete: %v", key, err)
		}
	}
}

// TestAnyStretches: parts that begin and end anywhere, in stretches of any length,
// some of which were lost or written twice, come to what was written. At each step
// what is acknowledged can be read, and a block that was acknowledged in pieces is
// never written over.
func TestAnyStretches(t *testing.T) {
	root := t.TempDir()
	s := openSealed(t, root, masterKey(t, 1))
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.OneOf(rapid.IntRange(1, 2000), rapid.IntRange(1, 4*seal.Block), rapid.Just(3*seal.Block)).Draw(rt, "size")
		data := text(byte(size), size)
		h, err := s.Begin(t.Context(), keyA, int64(size))
		if err != nil {
			rt.Fatal(err)
		}
		var parts []blob.Part
		for at := 0; at < size; {
			n := min(size-at, max(size/4, rapid.OneOf(rapid.IntRange(1, 1000), rapid.IntRange(1, 3*seal.Block), rapid.Just(seal.Block)).Draw(rt, "part")))
			p := blob.Part{Number: len(parts) + 1, Offset: int64(at)}
			for from := at; from < at+n; {
				k := min(at+n-from, max(n/3, rapid.OneOf(rapid.IntRange(1, 1000), rapid.IntRange(1, 2*seal.Block)).Draw(rt, "stretch")))
				write := func(p blob.Part, b []byte) blob.Part {
					got, err := s.WritePart(t.Context(), keyA, h, p, blob.Stretch{Size: int64(len(b))}, bytes.NewReader(b))
					if err != nil {
						rt.Fatal(err)
					}
					return got
				}
				if rapid.Bool().Draw(rt, "lost") {
					write(p, data[from:from+k])
				}
				p = write(p, data[from:from+k])
				if rapid.Bool().Draw(rt, "settled") {
					if err := s.Settle(t.Context(), keyA, h, p); err != nil {
						rt.Fatal(err)
					}
				}
				from += k
				back := int64(rapid.IntRange(0, from-1).Draw(rt, "back"))
				r, err := s.ReadBack(t.Context(), keyA, h, back, int64(from)-back)
				if err != nil {
					rt.Fatal(err)
				}
				got, err := io.ReadAll(r)
				if r.Close(); err != nil || !bytes.Equal(got, data[back:from]) {
					rt.Fatalf("ReadBack(%d, %d) = %d bytes, %v", back, int64(from)-back, len(got), err)
				}
			}
			parts, at = append(parts, p), at+n
		}
		for range 2 {
			if err := s.Complete(t.Context(), keyA, h, int64(size), parts); err != nil {
				rt.Fatal(err)
			}
		}
		if got, err := readAll(t, s, keyA, 0, -1); err != nil || !bytes.Equal(got, data) {
			rt.Fatalf("read %d bytes, %v", len(got), err)
		}
		from := rapid.IntRange(0, size).Draw(rt, "from")
		n := rapid.IntRange(0, size-from).Draw(rt, "n")
		if got, err := readAll(t, s, keyA, int64(from), int64(n)); err != nil || !bytes.Equal(got, data[from:from+n]) {
			rt.Fatalf("Read(%d, %d) = %d bytes, %v", from, n, len(got), err)
		}
	})
}

// TestGhosts: where two writers say different things of bytes, and the store cannot
// tell whose are a fact, nothing is read back; the object has what the tags say.
func TestGhosts(t *testing.T) {
	s := openSealed(t, t.TempDir(), masterKey(t, 1))
	h, err := s.Begin(t.Context(), keyA, 0)
	if err != nil {
		t.Fatal(err)
	}
	write := func(b string) blob.Part {
		t.Helper()
		p, err := s.WritePart(t.Context(), keyA, h, blob.Part{Number: 1}, blob.Stretch{Size: -1}, strings.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	mine := write("mine")
	write("other")
	if _, err := s.ReadBack(t.Context(), keyA, h, 0, 4); !errs.Is(err, errs.NotFound) {
		t.Errorf("ReadBack of what is not clear = %v, want NotFound", err)
	}
	if err := s.Complete(t.Context(), keyA, h, 4, []blob.Part{mine}); err != nil {
		t.Fatal(err)
	}
	if got, err := readAll(t, s, keyA, 0, -1); string(got) != "mine" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	var left []string
	for h, err := range s.Handles(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, h.Handle)
		if err := s.Abort(t.Context(), h.Key, h.Handle); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(left, []string{h}) {
		t.Errorf("Handles = %q, want %q, for what the other writer left", left, h)
	}
	for h := range s.Handles(t.Context()) {
		t.Errorf("%v is left after Abort", h)
	}
}

// TestTagsMatter: an object is not made of parts whose tags are not told.
func TestTagsMatter(t *testing.T) {
	s := openSealed(t, t.TempDir(), masterKey(t, 1))
	h, err := s.Begin(t.Context(), keyA, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.WritePart(t.Context(), keyA, h, blob.Part{Number: 1}, blob.Stretch{Size: 3}, strings.NewReader("abc"))
	if err != nil {
		t.Fatal(err)
	}
	for name, parts := range map[string][]blob.Part{"none": nil, "no tag": {{Number: 1, Size: 3}}, "no such tag": {{Number: 1, Size: 3, Tag: "x"}}, "too short": {{Number: 1, Size: 2, Tag: p.Tag}}} {
		if err := s.Complete(t.Context(), keyA, h, 3, parts); !errs.HasCode(err, "storage-misused") {
			t.Errorf("%s: Complete = %v", name, err)
		}
	}
	if _, err := s.WritePart(t.Context(), keyA, h, blob.Part{Number: 1, Size: 3}, blob.Stretch{Size: 1}, strings.NewReader("d")); !errs.HasCode(err, "storage-misused") {
		t.Errorf("WritePart without the tag = %v", err)
	}
	if err := s.Complete(t.Context(), keyA, h, 3, []blob.Part{p}); err != nil {
		t.Error(err)
	}
}

// TestNothingInTheClear: what is stored occurs nowhere in the directory, at any stage.
func TestNothingInTheClear(t *testing.T) {
	root := t.TempDir()
	s := openSealed(t, root, masterKey(t, 1))
	secret := []byte("the quick brown fox is known to nobody")
	data := bytes.Repeat(secret, 5000)
	look := func(when string) {
		t.Helper()
		n := 0
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if n += len(b); bytes.Contains(b, secret[:12]) {
				t.Errorf("%s: %s holds it", when, path)
			}
			return err
		})
		if err != nil || n < len(data)/2 {
			t.Errorf("%s: looked at %d bytes, %v", when, n, err)
		}
	}
	h, err := s.Begin(t.Context(), keyA, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.WritePart(t.Context(), keyA, h, blob.Part{Number: 1}, blob.Stretch{Size: -1}, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	look("an upload under way")
	if err := s.Complete(t.Context(), keyA, h, int64(len(data)), []blob.Part{p}); err != nil {
		t.Fatal(err)
	}
	put(t, s, "checks/x.part", data)
	look("objects")
}

// TestAcknowledgedStays: no byte of what is acknowledged is written again: neither a
// block in its place nor a piece changes while more is written, whatever comes of that.
func TestAcknowledgedStays(t *testing.T) {
	root := t.TempDir()
	s := openSealed(t, root, masterKey(t, 1))
	data := text(7, 8*seal.Block)
	h, err := s.Begin(t.Context(), keyA, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(root, ".parts", h)
	kept := func(p blob.Part) map[string]string {
		t.Helper()
		out := map[string]string{}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for n := range p.Size / seal.Block {
			at := front + n*seal.Package
			out[fmt.Sprintf("block %d", n)] = string(b[at : at+seal.Package])
		}
		names, _, _ := strings.Cut(p.Tag, "|")
		for name := range strings.SplitSeq(names, ",") {
			if name == "" {
				continue
			}
			b, err := os.ReadFile(file + "." + name)
			if err != nil {
				t.Fatal(err)
			}
			out["piece "+name] = string(b)
		}
		return out
	}
	p := blob.Part{Number: 1}
	for _, n := range []int{1, 5, 1000, seal.Block, seal.Block - 1006, 3, seal.Block - 3, 70_000, 2 * seal.Block, 9} {
		before := kept(p)
		write := func() blob.Part {
			got, err := s.WritePart(t.Context(), keyA, h, p, blob.Stretch{Size: int64(n)}, bytes.NewReader(data[p.Size:p.Size+int64(n)]))
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		write() // it never gets to be a fact
		next := write()
		if after := kept(p); !maps.Equal(before, after) {
			t.Fatalf("what was acknowledged of %d bytes changed while %d more were written", p.Size, n)
		}
		p = next
		if err := s.Settle(t.Context(), keyA, h, p); err != nil {
			t.Fatal(err)
		}
	}
	pieces, err := filepath.Glob(file + ".*")
	if err != nil {
		t.Fatal(err)
	}
	if len(pieces) > 11 { // one that counts, and those of writes that never became facts
		t.Errorf("%d pieces are kept", len(pieces))
	}
}
