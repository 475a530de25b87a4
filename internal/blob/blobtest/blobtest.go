// Package blobtest is the suite that every blob driver passes.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"freshet/internal/blob"
	"freshet/internal/durable"
	"freshet/internal/errs"
)

// Run runs the suite; open gives a new, empty store.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	tests := map[string]func(*testing.T, blob.Store){
		"WriteCompleteRead": writeCompleteRead, "PartsInAnyOrder": partsInAnyOrder, "InvisibleUntilComplete": invisible,
		"CompleteAgain": completeAgain, "Abort": abort, "BrokenReader": brokenReader, "ShortPart": shortPart, "CanceledPart": canceledPart,
		"Empty": empty, "Put": put, "ReadRanges": readRanges, "Move": move, "MoveAgain": moveAgain, "Delete": del, "List": list,
		"NotThere": notThere, "HostileKeys": hostileKeys, "Handles": handles, "PartAgain": partAgain,
		"ReadBack": readBack, "Release": release, "Holds": holds, "PartThatGrows": partThatGrows, "GrowsByBytes": growsByBytes,
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) { f(t, open(t)) })
	}
}

const key = "training-data/uploads/file_1/näme 😀.jsonl"

func randomBytes(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	r.Read(b)
	return b
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func noErr(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s blob.Store, key string, off, n int64) []byte {
	t.Helper()
	r := must(s.Read(t.Context(), key, off, n))(t)
	b := must(io.ReadAll(r))(t)
	noErr(t, r.Close())
	return b
}

func store(t *testing.T, s blob.Store, key string, data []byte) {
	t.Helper()
	h := must(s.Begin(t.Context(), key, int64(len(data))))(t)
	p := whole(t, s, key, h, blob.Part{Number: 1}, data)
	noErr(t, s.Complete(t.Context(), key, h, int64(len(data)), []blob.Part{p}))
}

// whole writes a part in one stretch.
func whole(t *testing.T, s blob.Store, key, h string, p blob.Part, data []byte) blob.Part {
	t.Helper()
	return must(s.WritePart(t.Context(), key, h, p, blob.Stretch{Size: int64(len(data)), Last: true}, bytes.NewReader(data)))(t)
}

// chunked is a reader that cannot seek. It hands its bytes over by Read, or by
// WriteTo in aligned buffers, as receiving does.
type chunked struct{ data []byte }

func (c *chunked) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.data)
	c.data = c.data[n:]
	return n, nil
}

func (c *chunked) WriteTo(w io.Writer) (total int64, err error) {
	for len(c.data) > 0 {
		b := durable.Buffer(1 << 20)
		n := copy(b, c.data)
		c.data = c.data[n:]
		m, err := w.Write(b[:n])
		total += int64(m)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func writeCompleteRead(t *testing.T, s blob.Store) {
	for _, size := range []int{1, 4095, 4096, 4097, 1 << 20, 3<<20 + 17} {
		data := randomBytes(size)
		h := must(s.Begin(t.Context(), key, 0))(t)
		p := must(s.WritePart(t.Context(), key, h, blob.Part{Number: 1}, blob.Stretch{Size: int64(size), Last: true}, &chunked{data: data}))(t)
		if p.Size != int64(size) {
			t.Fatalf("WritePart = %d bytes, want %d", p.Size, size)
		}
		noErr(t, s.Complete(t.Context(), key, h, int64(size), []blob.Part{p}))
		if !bytes.Equal(read(t, s, key, 0, -1), data) {
			t.Fatalf("%d bytes: read differs from written", size)
		}
		if info := must(s.Stat(t.Context(), key))(t); info.Size != int64(size) {
			t.Fatalf("Stat = %d bytes, want %d", info.Size, size)
		}
	}
}

func partsInAnyOrder(t *testing.T, s blob.Store) {
	const part = 5 << 20
	data := randomBytes(2*part + 12345)
	h := must(s.Begin(t.Context(), key, int64(len(data))))(t)
	parts := []blob.Part{{Number: 1, Offset: 0}, {Number: 2, Offset: part}, {Number: 3, Offset: 2 * part}}
	for _, i := range []int{2, 0, 1} {
		at := parts[i].Offset
		parts[i] = whole(t, s, key, h, parts[i], data[at:min(at+part, int64(len(data)))])
	}
	noErr(t, s.Complete(t.Context(), key, h, int64(len(data)), parts))
	if !bytes.Equal(read(t, s, key, 0, -1), data) {
		t.Fatal("read differs from written")
	}
}

func partAgain(t *testing.T, s blob.Store) {
	data := randomBytes(1 << 20)
	h := must(s.Begin(t.Context(), key, 0))(t)
	whole(t, s, key, h, blob.Part{Number: 1}, randomBytes(2 << 20)[1<<20:])
	p := whole(t, s, key, h, blob.Part{Number: 1}, data)
	noErr(t, s.Complete(t.Context(), key, h, 1<<20, []blob.Part{p}))
	if !bytes.Equal(read(t, s, key, 0, -1), data) {
		t.Fatal("the part written last is not the one that is there")
	}
}

func invisible(t *testing.T, s blob.Store) {
	h := must(s.Begin(t.Context(), key, 0))(t)
	whole(t, s, key, h, blob.Part{Number: 1}, []byte("abc"))
	if _, err := s.Stat(t.Context(), key); !errs.Is(err, errs.NotFound) {
		t.Fatalf("Stat before Complete = %v, want NotFound", err)
	}
	for info, err := range s.List(t.Context(), "") {
		t.Fatalf("List before Complete gives %v, %v", info, err)
	}
}

func completeAgain(t *testing.T, s blob.Store) {
	h := must(s.Begin(t.Context(), key, 0))(t)
	p := []blob.Part{whole(t, s, key, h, blob.Part{Number: 1}, []byte("abc"))}
	for range 2 {
		noErr(t, s.Complete(t.Context(), key, h, 3, p))
	}
	if got := read(t, s, key, 0, -1); string(got) != "abc" {
		t.Fatalf("read %q", got)
	}
}

func abort(t *testing.T, s blob.Store) {
	h := must(s.Begin(t.Context(), key, 1<<20))(t)
	whole(t, s, key, h, blob.Part{Number: 1}, []byte("abc"))
	for range 2 {
		noErr(t, s.Abort(t.Context(), key, h))
	}
	if err := s.Complete(t.Context(), key, h, 3, nil); !errs.Is(err, errs.NotFound) {
		t.Fatalf("Complete after Abort = %v, want NotFound", err)
	}
	for h, err := range s.Handles(t.Context()) {
		t.Fatalf("Handles after Abort gives %v, %v", h, err)
	}
}

func brokenReader(t *testing.T, s blob.Store) {
	h := must(s.Begin(t.Context(), key, 0))(t)
	broken := errors.New("the client went away")
	r := io.MultiReader(strings.NewReader("abc"), &failing{broken})
	if _, err := s.WritePart(t.Context(), key, h, blob.Part{Number: 1}, blob.Stretch{Size: 7, Last: true}, r); !errors.Is(err, broken) {
		t.Fatalf("WritePart = %v, want the reader's error", err)
	}
	noErr(t, s.Abort(t.Context(), key, h))
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

func shortPart(t *testing.T, s blob.Store) {
	h := must(s.Begin(t.Context(), key, 0))(t)
	if _, err := s.WritePart(t.Context(), key, h, blob.Part{Number: 1}, blob.Stretch{Size: 4, Last: true}, strings.NewReader("abc")); err == nil {
		t.Fatal("a part shorter than declared was taken")
	}
}

func canceledPart(t *testing.T, s blob.Store) {
	h := must(s.Begin(t.Context(), key, 0))(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.WritePart(ctx, key, h, blob.Part{Number: 1}, blob.Stretch{Size: 3, Last: true}, strings.NewReader("abc")); !errors.Is(err, context.Canceled) {
		t.Fatalf("WritePart under a canceled context = %v", err)
	}
}

func empty(t *testing.T, s blob.Store) {
	h := must(s.Begin(t.Context(), key, 0))(t)
	noErr(t, s.Complete(t.Context(), key, h, 0, nil))
	if got := read(t, s, key, 0, -1); len(got) != 0 {
		t.Fatalf("read %q", got)
	}
}

func put(t *testing.T, s blob.Store) {
	for _, v := range []string{"one", "two, longer", ""} {
		noErr(t, s.Put(t.Context(), "checks/x.json", strings.NewReader(v), int64(len(v))))
		if got := read(t, s, "checks/x.json", 0, -1); string(got) != v {
			t.Fatalf("read %q, want %q", got, v)
		}
	}
}

func readRanges(t *testing.T, s blob.Store) {
	store(t, s, key, []byte("0123456789"))
	for _, c := range []struct {
		off, n int64
		want   string
	}{{0, -1, "0123456789"}, {3, 4, "3456"}, {8, 10, "89"}, {0, 0, ""}} {
		if got := read(t, s, key, c.off, c.n); string(got) != c.want {
			t.Errorf("Read(%d, %d) = %q, want %q", c.off, c.n, got, c.want)
		}
	}
}

func move(t *testing.T, s blob.Store) {
	store(t, s, key, []byte("abc"))
	to := "training-data/fresh/file_1/name.jsonl"
	noErr(t, s.Move(t.Context(), key, to))
	noErr(t, s.Delete(t.Context(), key)) // where the store could only copy
	if got := read(t, s, to, 0, -1); string(got) != "abc" {
		t.Fatalf("read %q", got)
	}
	if _, err := s.Stat(t.Context(), key); !errs.Is(err, errs.NotFound) {
		t.Fatalf("Stat of the old key = %v, want NotFound", err)
	}
}

func moveAgain(t *testing.T, s blob.Store) {
	store(t, s, key, []byte("abc"))
	for range 2 {
		noErr(t, s.Move(t.Context(), key, "fresh/name"))
	}
	if err := s.Move(t.Context(), "no/such", "no/where"); !errs.Is(err, errs.NotFound) {
		t.Fatalf("Move of nothing = %v, want NotFound", err)
	}
}

func del(t *testing.T, s blob.Store) {
	store(t, s, key, []byte("abc"))
	for range 2 {
		noErr(t, s.Delete(t.Context(), key))
	}
	if _, err := s.Stat(t.Context(), key); !errs.Is(err, errs.NotFound) {
		t.Fatalf("Stat = %v, want NotFound", err)
	}
}

func list(t *testing.T, s blob.Store) {
	want := []string{"a/1", "a/2/3", "a/20", "b"}
	for _, k := range want {
		store(t, s, k, []byte(k))
	}
	keys := func(prefix string) (got []string) {
		for info, err := range s.List(t.Context(), prefix) {
			noErr(t, err)
			if info.Size != int64(len(info.Key)) {
				t.Errorf("List: %s has %d bytes", info.Key, info.Size)
			}
			got = append(got, info.Key)
		}
		slices.Sort(got)
		return got
	}
	for prefix, want := range map[string][]string{"": want, "a/": want[:3], "a/2": {"a/2/3", "a/20"}, "b": {"b"}, "c/": nil} {
		if got := keys(prefix); !slices.Equal(got, want) {
			t.Errorf("List(%q) = %q, want %q", prefix, got, want)
		}
	}
}

func notThere(t *testing.T, s blob.Store) {
	if _, err := s.Read(t.Context(), "no/such", 0, -1); !errs.Is(err, errs.NotFound) {
		t.Errorf("Read = %v, want NotFound", err)
	}
	if _, err := s.WritePart(t.Context(), key, noHandle(t, s), blob.Part{Number: 1}, blob.Stretch{Size: 1, Last: true}, strings.NewReader("a")); !errs.Is(err, errs.NotFound) {
		t.Errorf("WritePart without Begin = %v, want NotFound", err)
	}
}

func hostileKeys(t *testing.T, s blob.Store) {
	for _, k := range []string{"", "/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "a\x00b", `a\b`, "a/", ".", "..", strings.Repeat("x", 2000), "a\xff"} {
		if _, err := s.Begin(t.Context(), k, 0); !errs.Is(err, errs.Invalid) {
			t.Errorf("Begin(%q) = %v, want Invalid", k, err)
		}
		if err := s.Delete(t.Context(), k); !errs.Is(err, errs.Invalid) {
			t.Errorf("Delete(%q) = %v, want Invalid", k, err)
		}
		if err := s.Move(t.Context(), "a", k); !errs.Is(err, errs.Invalid) {
			t.Errorf("Move(a, %q) = %v, want Invalid", k, err)
		}
	}
	for _, h := range []string{"", "../x", "a/b", `a\b`, "."} {
		if err := s.Abort(t.Context(), key, h); !errs.Is(err, errs.Invalid) {
			t.Errorf("Abort(%q) = %v, want Invalid", h, err)
		}
	}
}

func handles(t *testing.T, s blob.Store) {
	want := map[string]bool{}
	for range 3 {
		want[must(s.Begin(t.Context(), key, 0))(t)] = true
	}
	n := 0
	for h, err := range s.Handles(t.Context()) {
		noErr(t, err)
		if !want[h.Handle] || h.Time.IsZero() {
			t.Errorf("Handles gives %v", h)
		}
		n++
	}
	if n != len(want) {
		t.Errorf("Handles gave %d, want %d", n, len(want))
	}
}

func holds(t *testing.T, s blob.Store) {
	want := func(h string, want bool) {
		t.Helper()
		if got := must(s.Holds(t.Context(), key, h))(t); got != want {
			t.Errorf("Holds = %v, want %v", got, want)
		}
	}
	h := must(s.Begin(t.Context(), key, 0))(t)
	want(h, true)
	p := whole(t, s, key, h, blob.Part{Number: 1}, []byte("abc"))
	want(h, true)
	noErr(t, s.Complete(t.Context(), key, h, 3, []blob.Part{p}))
	want(h, false)
	want(noHandle(t, s), false)
}

// noHandle is a handle that was, and is no more.
func noHandle(t *testing.T, s blob.Store) string {
	t.Helper()
	h := must(s.Begin(t.Context(), key, 0))(t)
	noErr(t, s.Abort(t.Context(), key, h))
	return h
}

// readBack: what was written can be read before it is an object, or the store says that it cannot.
func readBack(t *testing.T, s blob.Store) {
	b := randomBytes(300_000)
	h := must(s.Begin(t.Context(), key, int64(len(b))))(t)
	whole(t, s, key, h, blob.Part{Number: 1}, b)
	r, err := s.ReadBack(t.Context(), key, h, 70_000, 100_000)
	if errs.Is(err, errs.NotFound) {
		t.Skip("the store cannot")
	}
	noErr(t, err)
	defer r.Close()
	if got := must(io.ReadAll(r))(t); !bytes.Equal(got, b[70_000:170_000]) {
		t.Errorf("ReadBack gave %d other bytes", len(got))
	}
	if _, err := s.ReadBack(t.Context(), key, noHandle(t, s), 0, 1); !errs.Is(err, errs.NotFound) {
		t.Errorf("ReadBack of nothing = %v, want NotFound", err)
	}
}

// release: what follows the released bytes is as it was, and can still become of use.
func release(t *testing.T, s blob.Store) {
	b := randomBytes(300_000)
	h := must(s.Begin(t.Context(), key, int64(len(b))))(t)
	whole(t, s, key, h, blob.Part{Number: 1}, b)
	for range 2 {
		noErr(t, s.Release(t.Context(), key, h, 131_072))
	}
	r, err := s.ReadBack(t.Context(), key, h, 131_072, int64(len(b))-131_072)
	if errs.Is(err, errs.NotFound) {
		t.Skip("the store cannot read back")
	}
	noErr(t, err)
	defer r.Close()
	if got := must(io.ReadAll(r))(t); !bytes.Equal(got, b[131_072:]) {
		t.Error("what follows the released bytes changed")
	}
	noErr(t, s.Abort(t.Context(), key, h))
}

// partThatGrows: a part may come in stretches, of which only the last ends it.
func partThatGrows(t *testing.T, s blob.Store) {
	const size = 5<<20 + 300
	data := randomBytes(2*size + 70)
	h := must(s.Begin(t.Context(), key, 0))(t)
	var parts []blob.Part
	for at := 0; at < len(data); at += size {
		end := min(at+size, len(data))
		p := blob.Part{Number: len(parts) + 1, Offset: int64(at)}
		for from, n := at, 1; from < end; n = n*7 + 1 {
			to := min(from+n, end)
			p = grow(t, s, h, p, data[from:to], to == end && to < len(data)) // the last part stays open
			from = to
			noErr(t, s.Settle(t.Context(), key, h, p))
		}
		parts = append(parts, p)
	}
	for range 2 {
		noErr(t, s.Complete(t.Context(), key, h, int64(len(data)), parts))
	}
	if !bytes.Equal(read(t, s, key, 0, -1), data) {
		t.Fatal("read differs from written")
	}
	for info, err := range s.List(t.Context(), "") {
		noErr(t, err)
		if info.Key != key {
			t.Errorf("%s is left besides the object", info.Key)
		}
	}
}

func grow(t *testing.T, s blob.Store, h string, p blob.Part, data []byte, last bool) blob.Part {
	t.Helper()
	got := must(s.WritePart(t.Context(), key, h, p, blob.Stretch{Size: int64(len(data)), Last: last}, bytes.NewReader(data)))(t)
	if got.Size != p.Size+int64(len(data)) || got.Number != p.Number || got.Offset != p.Offset {
		t.Fatalf("WritePart of %d bytes on %+v = %+v", len(data), p, got)
	}
	return got
}

// growsByBytes: many small stretches cost neither bytes nor ever longer tags, and one
// that was begun on a part and never told of does not show.
func growsByBytes(t *testing.T, s blob.Store) {
	data := randomBytes(70)
	h := must(s.Begin(t.Context(), key, 0))(t)
	p := blob.Part{Number: 1}
	for i := range data {
		grow(t, s, h, p, []byte("lost"), false)
		if p = grow(t, s, h, p, data[i:i+1], false); len(p.Tag) > 2000 {
			t.Fatalf("after %d stretches the tag has %d bytes", i+1, len(p.Tag))
		}
		noErr(t, s.Settle(t.Context(), key, h, p))
	}
	noErr(t, s.Complete(t.Context(), key, h, int64(len(data)), []blob.Part{p}))
	if !bytes.Equal(read(t, s, key, 0, -1), data) {
		t.Fatal("read differs from written")
	}
}
