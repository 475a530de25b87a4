// Package blob is the seam for bytes: where files lie, on a disk or in a bucket.
//
// An object is written in parts and appears under its key only when it is
// completed, whole. Drivers keep no state between calls: what a call needs is
// in its arguments, so that any process may go on with what another began.
// blobtest is the suite that every driver passes.
package blob

import (
	"context"
	"fmt"
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
	// Needs says what the store asks of whoever writes to it.
	Needs() Needs
	// Begin opens an upload that will become the object at key and returns its
	// handle. size is how large it will be, as far as known, 0 if it is not;
	// space for it may be reserved.
	Begin(ctx context.Context, key string, size int64) (handle string, err error)
	// WritePart adds what r gives to a part, and returns the part as it is then.
	// Once it returns without an error the bytes survive a power cut. A stretch may
	// be written again in place of itself; parts may be written side by side; they
	// do not overlap. From a reader that can Seek a store sends again what did not
	// get through.
	WritePart(ctx context.Context, key, handle string, part Part, add Stretch, r io.Reader) (Part, error)
	// Settle is told that a part, as WritePart returned it, is a fact: what it took
	// the place of is not needed any more.
	Settle(ctx context.Context, key, handle string, part Part) error
	// Holds tells whether an upload was begun and is neither completed nor aborted.
	Holds(ctx context.Context, key, handle string) (bool, error)
	// ReadBack gives n bytes from an offset of what was written under a handle and
	// is no object yet. A store that cannot says NotFound.
	ReadBack(ctx context.Context, key, handle string, offset, n int64) (io.ReadCloser, error)
	// Release gives back the space of the first n bytes written under a handle,
	// where the store can: nobody reads them again.
	Release(ctx context.Context, key, handle string, n int64) error
	// Complete makes the object of size bytes appear at key, durably, and ends
	// the upload. Called again after it took effect it succeeds. Parts that are not as
	// they were written are refused by PartsReplaced.
	Complete(ctx context.Context, key, handle string, size int64, parts []Part) error
	// Abort removes all that was written under the handle. One that is not there is fine.
	Abort(ctx context.Context, key, handle string) error
	// Put makes the first size bytes of r an object, durably, over what was there.
	Put(ctx context.Context, key string, r io.ReaderAt, size int64) error

	// Stat tells an object's size.
	Stat(ctx context.Context, key string) (Info, error)
	// Read gives n bytes from an offset; n < 0 for all that follow.
	Read(ctx context.Context, key string, offset, n int64) (io.ReadCloser, error)
	// List gives the objects whose keys start with prefix, in order of their keys.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
	// Handles gives the uploads that were begun and neither completed nor aborted, as
	// far as the store lists them. That one is not given does not say that it is gone.
	Handles(ctx context.Context) iter.Seq2[Handle, error]

	// Move gives the object at from the key to, without its bytes passing through
	// this process. A store that can only copy leaves the one at from, for the caller
	// to Delete once the new place is a fact. Done already (nothing at from, an
	// object at to) it succeeds.
	Move(ctx context.Context, from, to string) error
	// Delete removes an object. One that is not there is fine.
	Delete(ctx context.Context, key string) error
	// Free is how many bytes may still be written before uploads are refused;
	// negative where there is no telling.
	Free(ctx context.Context) (int64, error)
	// URL is the object's address for other programs (s3://…), empty on a disk.
	URL(key string) string
}

// Needs is what a store asks of whoever writes to it.
type Needs struct {
	// Whole: WritePart must be told how long a stretch is and whether it ends its
	// part, since it is one request to the store.
	Whole bool
	// Tags: WritePart must be told the tag of what is there of a part that it goes on with.
	Tags    bool
	MinPart int64 // bytes that every part but the last must have
	Parts   int   // how many parts an object may have, 0 for any number
	MaxSize int64 // bytes of an object at most, 0 for any number
}

// Part is a part of an upload, as far as it is written. Numbers count from 1.
type Part struct {
	Number int
	Offset int64  // of its first byte in the object
	Size   int64  // bytes of it that are there
	Tag    string // what the store knows them by
}

// Stretch is what is added to a part.
type Stretch struct {
	Size int64 // -1 while it is not known
	Last bool  // it ends the part
}

// Info is what a store knows of an object.
type Info struct {
	Key  string
	Size int64
	Time time.Time
}

// Handle is an open upload.
type Handle struct {
	Key    string // where it is known
	Handle string
	Time   time.Time
}

// Altered is the code of a refusal to read bytes that are not as they were stored,
// where a store can tell.
const Altered = "sealed-bytes-altered"

// Short is the refusal of a stretch that has fewer bytes than was said.
func Short(got, want int64) error {
	return errs.E(errs.Malformed, "short-part", "the part has %d bytes instead of %d", got, want)
}

// Replaced is the cause of a refusal: parts that others wrote over, or that the
// store has lost. They have to be sent again.
type Replaced struct {
	Numbers []int
	Cause   error
}

func (r *Replaced) Error() string {
	s := fmt.Sprintf("parts %v are not as they were written", r.Numbers)
	if r.Cause != nil {
		s += ": " + r.Cause.Error()
	}
	return s
}

func (r *Replaced) Unwrap() error { return r.Cause }

// PartsReplaced is the refusal to go on with parts that are not as they were written.
func PartsReplaced(cause error, numbers ...int) error {
	return errs.E(errs.Conflict, "part-replaced", "the store does not have the parts %v as they were sent", numbers).
		WithHint("send them again, then complete again").Because(&Replaced{Numbers: numbers, Cause: cause})
}

// CheckKey refuses keys that could mean another place than they say.
func CheckKey(key string) error {
	if key == "" || len(key) > 1024 || !utf8.ValidString(key) || path.Clean(key) != key || strings.HasPrefix(key, "/") ||
		key == "." || key == ".." || strings.HasPrefix(key, "../") || strings.ContainsAny(key, "\x00\\") {
		return errs.E(errs.Invalid, "bad-key", "%q is not a key", key)
	}
	return nil
}
