package local

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"freshet/internal/durable"
	"freshet/internal/seal"
)

// FuzzHead: whatever a file begins with, its head is read or refused.
func FuzzHead(f *testing.F) {
	path := filepath.Join(f.TempDir(), "head")
	file, err := durable.Create(path, 0)
	if err != nil {
		f.Fatal(err)
	}
	k := seal.NewKey()
	h := &head{}
	for i, err := range []error{
		writePage(file, keyPages, keyPage{N: 1, Handle: "s1", Wrapped: seal.Wrapped{Master: "m", Key: k[:]}}),
		h.bind(file, k, "a/b", 7, -1), file.Truncate(headSize), file.Close(),
	} {
		if err != nil {
			f.Fatal(i, err)
		}
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:pageSize])
	f.Add([]byte(pageMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := readHead(bytes.NewReader(b))
		if err != nil {
			return
		}
		if _, err := h.unwrap(context.Background(), nil, ""); err == nil {
			t.Error("a key came of nothing")
		}
		h.size(k, "a/b")
	})
}

// FuzzTag: a tag is read as it was written, or refused.
func FuzzTag(f *testing.F) {
	for _, s := range []string{"", "0-3-0102030405060708", "5-7-00,65536-1-ff|0-5-aa", "|", "1-2", "65535-2-00", "-1-2-00", "1--2-00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := parseTag(s)
		if err != nil {
			return
		}
		b, err := parseTag(a.String())
		if err != nil || a.String() != b.String() || len(a.pieces) != len(b.pieces) || len(a.replaced) != len(b.replaced) {
			t.Errorf("%q is read as %v, then as %v, %v", s, a, b, err)
		}
		for _, p := range append(a.pieces, a.replaced...) {
			if filepath.Base("h."+p.String()) != "h."+p.String() {
				t.Errorf("%q is no name of a file", p)
			}
		}
	})
}
