package local_test

import (
	"errors"
	"io"
	"testing"

	"freshet/internal/blob"
	"freshet/internal/blob/blobtest"
	"freshet/internal/blob/local"
	"freshet/internal/durable"
	"freshet/internal/errs"
)

func TestStore(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store {
		s, err := local.Open(t.Context(), t.TempDir(), 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestSealedStore(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store { return openSealed(t, t.TempDir(), masterKey(t, 1)) })
}

// TestReserve: uploads are refused before the disk is full, not after.
func TestReserve(t *testing.T) {
	s, err := local.Open(t.Context(), t.TempDir(), 1<<60, nil)
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

// aligned gives its bytes by WriteTo only.
type aligned struct{ b []byte }

func (*aligned) Read([]byte) (int, error) { return 0, errors.New("these bytes are not to be copied") }

func (a *aligned) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(a.b)
	return int64(n), err
}

// TestWriteTo: buffers that are aligned already are written as they are.
func TestWriteTo(t *testing.T) {
	s, err := local.Open(t.Context(), t.TempDir(), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.Begin(t.Context(), "a/b", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.WritePart(t.Context(), "a/b", h, blob.Part{Number: 1}, blob.Stretch{Size: -1}, &aligned{durable.Buffer(1 << 20)})
	if err != nil || p.Size != 1<<20 {
		t.Errorf("WritePart = %+v, %v", p, err)
	}
}
