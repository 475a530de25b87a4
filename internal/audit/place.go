package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"freshet/internal/durable"
)

// Place is where heads are kept besides the catalog, one object each: what is
// there is never written again.
type Place interface {
	// Create makes an object, durably. One that is there is os.ErrExist.
	Create(ctx context.Context, name string, b []byte) error
	// Read gives an object. One that is not there is os.ErrNotExist.
	Read(ctx context.Context, name string) ([]byte, error)
	// List gives the names from the first on, in order.
	List(ctx context.Context) ([]string, error)
}

// nameOf is the name of the head of so many rows: names are ordered as sizes.
func nameOf(size int64) string { return fmt.Sprintf("%019d.note", size) }

func sizeOf(name string) (int64, bool) {
	digits, ok := strings.CutSuffix(name, ".note")
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, ok && err == nil && nameOf(n) == name
}

// Dir is a place on a disk.
type Dir string

// Create implements Place.
func (d Dir) Create(_ context.Context, name string, b []byte) error {
	if err := durable.MkdirAll(string(d)); err != nil {
		return err
	}
	return durable.WriteNew(filepath.Join(string(d), name), b)
}

// Read implements Place.
func (d Dir) Read(_ context.Context, name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(d), name))
}

// List implements Place. A directory that is not there is empty.
func (d Dir) List(context.Context) ([]string, error) {
	entries, err := os.ReadDir(string(d))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		if _, ok := sizeOf(e.Name()); ok && !e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out, err
}
