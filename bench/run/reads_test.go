package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWatchReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte("some bytes"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, read := range []func(string) ([]byte, error){func(string) ([]byte, error) { return nil, nil }, os.ReadFile} {
		a, err := watchReads(filepath.Dir(path), 10)
		if err != nil {
			t.Fatal(err)
		}
		moved := path + "-moved"
		if err := os.Rename(path, moved); err != nil {
			t.Fatal(err)
		}
		if _, err := read(moved); err != nil {
			t.Fatal(err)
		}
		if n, err := a.count(); err != nil || n != want {
			t.Errorf("%d reads, %v; want %d", n, err, want)
		}
		if err := os.Rename(moved, path); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := watchReads(filepath.Dir(path), 11); err == nil {
		t.Error("nothing is watched, and nothing said")
	}
}
