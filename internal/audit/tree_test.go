package audit

import (
	"fmt"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// The edge gives the roots that the whole tree has, also when it is stored and
// read again between any two leaves.
func TestEdge(t *testing.T) {
	var all []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, err error) {
		for _, i := range at {
			out = append(out, all[i])
		}
		return out, nil
	})
	e := &edge{}
	for n := range int64(130) {
		leaf := []byte(fmt.Sprint("row ", n))
		hashes, err := tlog.StoredHashes(n, leaf, read)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, hashes...)
		again, err := parseEdge(e.size, e.marshal())
		if err != nil || !slices.Equal(again.roots, e.roots) {
			t.Fatalf("parseEdge of %d leaves = %v, %v", n, again, err)
		}
		e = again
		e.add(leaf)
		want, err := tlog.TreeHash(n+1, read)
		if err != nil {
			t.Fatal(err)
		}
		if e.size != n+1 || e.root() != want {
			t.Fatalf("root of %d leaves = %v, want %v", n+1, e.root(), want)
		}
	}
	if _, err := parseEdge(3, make([]byte, 32)); err == nil {
		t.Error("an edge of another size is taken")
	}
}

func FuzzHead(f *testing.F) {
	h := Head{Size: 5, Last: make([]byte, 32)}
	f.Add(h.Text())
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parseHead(text)
		if err == nil && h.Text() != text {
			t.Errorf("%q is read as %q", text, h.Text())
		}
		unsigned([]byte(text))
	})
}
