// Package blob is the seam for bytes: where files lie, on a disk or in a bucket.
//
// An object is written in parts and appears under its key only when it is
// completed, whole. Drivers keep no state between calls: what a call needs is
// in its arguments, so that any process may go on with what another began.
// blobtest is the suite that every driver passes.
package blob

import (
	"context"
	"io"
	"iter"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"freshet/internal/errs"
)

// Store keeps objects under keys such as "training-data/fresh/ID/NAME".
//
// Errors: NotFound where a key or handle is not there, NoSpace before the disk
// is full, Unavailable when the store cannot be reached; else internal.
type Store interface {
	// Begin opens an upload that will become the object at key and returns its
	// handle. size is how large it will be, as far as known, 0 if it is not;
	// space for it may be reserved.
	Begin(ctx context.Context, key string, size int64) (handle string, err error)
	// WritePart stores what r gives as the part that starts at an offset of the
	// object, and returns how many bytes that was. Once it returns without an
	// error they survive a power cut. A part may be written again; parts may be
	// written side by side; they do not overlap.
	WritePart(ctx context.Context, key, handle string, part Part, r io.Reader) (int64, error)
	// ReadBack gives n bytes from an offset of what was written under a handle and
	// is no object yet. A store that cannot says NotFound.
	ReadBack(ctx context.Context, key, handle string, offset, n int64) (io.ReadCloser, error)
	// Release gives back the space of the first n bytes written under a handle,
	// where the store can: nobody reads them again.
	Release(ctx context.Context, key, handle string, n int64) error
	// Complete makes the object of size bytes appear at key, durably, and ends
	// the upload. Called again after it took effect it succeeds.
	Complete(ctx context.Context, key, handle string, size int64, parts []Part) error
	// Abort removes all that was written under the handle. One that is not there is fine.
	Abort(ctx context.Context, key, handle string) error
	// Put writes a small object at once, durably, over what was there.
	Put(ctx context.Context, key string, data []byte) error

	// Stat tells an object's size.
	Stat(ctx context.Context, key string) (Info, error)
	// Read gives n bytes from an offset; n < 0 for all that follow.
	Read(ctx context.Context, key string, offset, n int64) (io.ReadCloser, error)
	// List gives the objects whose keys start with prefix, in order of their keys.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
	// Handles gives the uploads that were begun and neither completed nor aborted.
	Handles(ctx context.Context) iter.Seq2[Handle, error]

	// Move gives the object at from the key to, without its bytes passing through
	// this process. Done already (nothing at from, an object at to) it succeeds.
	Move(ctx context.Context, from, to string) error
	// Delete removes an object. One that is not there is fine.
	Delete(ctx context.Context, key string) error
	// Free is how many bytes may still be written before uploads are refused;
	// negative where there is no telling.
	Free(ctx context.Context) (int64, error)
	// URL is the object's address for other programs (s3://…), empty on a disk.
	URL(key string) string
}

// Part is a stretch of an upload. Numbers count from 1.
type Part struct {
	Number int
	Offset int64
	Size   int64 // -1 while it is not known
	ETag   string
}

// Info is what a store knows of an object.
type Info struct {
	Key  string
	Size int64
	Time time.Time
}

// Handle is an open upload.
type Handle struct {
	Handle string
	Time   time.Time
}

// CheckKey refuses keys that could mean another place than they say.
func CheckKey(key string) error {
	if key == "" || len(key) > 1024 || !utf8.ValidString(key) || path.Clean(key) != key || strings.HasPrefix(key, "/") ||
		key == "." || key == ".." || strings.HasPrefix(key, "../") || strings.ContainsAny(key, "\x00\\") {
		return errs.E(errs.Invalid, "bad-key", "%q is not a key", key)
	}
	return nil
}
