package local_test

import (
	"testing"

	"freshet/internal/blob"
	"freshet/internal/blob/blobtest"
	"freshet/internal/blob/local"
	"freshet/internal/errs"
)

func TestStore(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store {
		s, err := local.Open(t.TempDir(), 0)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

// TestReserve: uploads are refused before the disk is full, not after.
func TestReserve(t *testing.T) {
	s, err := local.Open(t.TempDir(), 1<<60)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Begin(t.Context(), "a/b", 1); !errs.Is(err, errs.NoSpace) {
		t.Fatalf("Begin with less than the reserve free = %v, want NoSpace", err)
	}
	if free, err := s.Free(t.Context()); free != 0 || err != nil {
		t.Fatalf("Free = %d, %v, want 0", free, err)
	}
}
