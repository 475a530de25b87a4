package local_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"freshet/internal/blob/local"
	"freshet/internal/seal"
)

// masterKey makes a file with a master key, and gives it as a setting does.
func masterKey(t *testing.T, n byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master")
	if err := os.WriteFile(path, []byte(hex.EncodeToString(bytes.Repeat([]byte{n}, 32))+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file:" + path
}

func ring(t *testing.T, keys ...string) *seal.Ring {
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
