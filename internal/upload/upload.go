// Package upload receives files: it decides where bytes go, in which order
// bytes and facts are made durable, and what a client is told.
//
// Bytes first, facts second, then the answer: a crash leaves rubbish to sweep,
// never a fact without bytes. Begin opens a file, Receive takes its bytes,
// Finish makes it a file that is checked, Fail takes everything back.
package upload

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"freshet/api"
	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/errs"
	"freshet/internal/live"
	"freshet/internal/rule"

	"github.com/google/uuid"
)

// Service receives files.
type Service struct {
	Catalog     *catalog.Store
	Blobs       blob.Store
	Checks      *check.Service
	Board       *live.Board
	Budget      *Budget
	PartSize    int64 // fixed by the operator, or 0: by file size
	MaxFileSize int64 // 0: no limit
	SHA256      bool  // always compute it
	Log         *slog.Logger
}

// New is what is known of a file before its bytes.
type New struct {
	ID       string // chosen by the client, or empty
	Name     string
	DataType string
	Metadata json.RawMessage
	Rules    rule.Options
	Expected int64 // bytes to come at most, 0 if not known
	Actor    string
	SHA256   bool // compute it: the client will give one to compare
}

var (
	idForm       = regexp.MustCompile(`^file_[0-9a-f]{32}$`)
	dataTypeForm = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)
)

// NewID is a new file id: UUIDv7, so that ids rise with time.
func NewID() string {
	id, err := uuid.NewV7()
	if err != nil { // no clock or no randomness: all of it random still tells files apart
		var b [16]byte
		rand.Read(b[:])
		return "file_" + hex.EncodeToString(b[:])
	}
	return "file_" + strings.ReplaceAll(id.String(), "-", "")
}

// CheckDataType refuses a data type that is not a short plain word.
func CheckDataType(t string) error {
	if !dataTypeForm.MatchString(t) {
		return errs.E(errs.Invalid, "bad-data-type", "data_type %q is not a word of a to z, 0 to 9, _ and -, at most 64 long", t).
			WithHint("common ones are sample, red_team, combined, custom, model_specific")
	}
	return nil
}

// Upload is one file that arrives.
type Upload struct {
	File    catalog.File
	service *Service
	new     New
	live    *live.Live
	limit   int64  // bytes at most
	adopted string // key of an object that is there already, or empty

	received received
	over     sync.Once
}

// Begin makes the file's row and opens its place in the store.
func (s *Service) Begin(ctx context.Context, n New) (*Upload, error) {
	if n.ID == "" {
		n.ID = NewID()
	} else if !idForm.MatchString(n.ID) {
		return nil, errs.E(errs.Invalid, "bad-file-id", "the file id %q is not file_ and 32 hexadecimal digits in lower case", n.ID)
	}
	if err := CheckDataType(n.DataType); err != nil {
		return nil, err
	}
	n.Name = OriginalName(n.Name)
	u := &Upload{service: s, new: n, limit: s.MaxFileSize}
	if m := n.Rules.MaxFileSize; m != nil && (u.limit == 0 || *m < u.limit) {
		u.limit = *m
	}
	key := StagingKey(n.ID, n.Name)
	expected := n.Expected
	if u.limit > 0 {
		expected = min(expected, u.limit)
	}
	handle, err := s.Blobs.Begin(ctx, key, expected)
	if err != nil {
		return nil, err
	}
	u.live = s.Board.Start(n.ID, n.Expected) // before the row, which a sweep would take for abandoned
	u.File, err = s.Catalog.Create(ctx, n.file(key, handle), n.Actor)
	if err != nil {
		s.Board.End(u.live)
		return nil, errors.Join(err, s.Blobs.Abort(context.WithoutCancel(ctx), key, handle))
	}
	return u, nil
}

// file is the row of a file that begins to arrive.
func (n *New) file(key, handle string) catalog.File {
	return catalog.File{ID: n.ID, Name: n.Name, DataType: n.DataType, Metadata: n.Metadata, ObjectKey: key, Handle: handle, CreatedBy: n.Actor, Rules: n.Rules.Marshal()}
}

// Progress counts bytes as they come from the client.
func (u *Upload) Progress(n int) { u.live.Received.Add(int64(n)) }

// Fail takes back everything but the row, which tells whoever polls why. It
// does nothing after Finish.
func (u *Upload) Fail(ctx context.Context, cause error) {
	u.over.Do(func() {
		ctx = context.WithoutCancel(ctx)
		s := u.service
		why := "the upload failed; send the file again"
		var e *errs.Error
		if errors.As(cause, &e) && e.Kind != errs.Internal {
			why = e.Detail
		}
		var report *catalog.Report
		if o := u.received.outcome; o != nil {
			report = &o.Stored
		}
		_, err := s.Catalog.Step(ctx, u.File.ID, catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Failed, Action: "fail", Actor: u.new.Actor, Detail: why, Report: report,
			Change: func(f *catalog.File) error {
				if o := u.received.outcome; o != nil {
					o.Facts(f)
				}
				if f.Verdict != catalog.VerdictFailed {
					f.Verdict = catalog.VerdictNone // what passed is not here
				}
				f.FailureKind, f.ProcessingError, f.Handle, f.Progress = catalog.FailedUpload, why, "", u.live.Progress()
				return nil
			}})
		if err == nil { // else it may be a file after all; if it is not, a sweep finds it
			err = u.discard(ctx)
		}
		u.end()
		if err != nil {
			s.Log.Error("a failed upload left something behind", "file_id", u.File.ID, "error", err.Error())
		}
	})
}

// discard removes the bytes that were received. An object that was there
// already stays where it is.
func (u *Upload) discard(ctx context.Context) error {
	if u.adopted != "" {
		return nil
	}
	b := u.service.Blobs
	return errors.Join(b.Abort(ctx, u.File.ObjectKey, u.File.Handle), b.Delete(ctx, u.File.ObjectKey))
}

func (u *Upload) end() {
	u.service.Board.End(u.live)
	if u.received.stream != nil {
		u.received.stream.Close()
	}
}

// Outcome is what a client is told at the end.
type Outcome struct {
	File      catalog.File
	Duplicate bool
	Report    *api.Report
}

// Recover ends the uploads that a stopped process was receiving in one request:
// nothing of them was acknowledged. It runs before this process receives any.
func (s *Service) Recover(ctx context.Context) error {
	err := s.each(ctx, catalog.Uploading, 0, func(f *catalog.File) error {
		if s.Board.Get(f.ID) != nil {
			return nil
		}
		return s.passing(f, s.abandon(ctx, f, "the server stopped while the file arrived; send it again"))
	})
	if err != nil {
		return err
	}
	return s.strayHandles(ctx, time.Now().Add(time.Minute)) // those whose row was never made
}

// abandon fails an upload that nobody is receiving, and removes its bytes.
func (s *Service) abandon(ctx context.Context, f *catalog.File, why string) error {
	_, err := s.Catalog.Step(ctx, f.ID, catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Failed, Action: "abandon", Actor: "system", Detail: why,
		Change: func(f *catalog.File) error {
			f.FailureKind, f.ProcessingError, f.Verdict, f.Handle = catalog.FailedUpload, why, catalog.VerdictNone, ""
			return nil
		}})
	if err != nil {
		return err
	}
	if f.Handle != "" {
		if err := s.Blobs.Abort(ctx, f.ObjectKey, f.Handle); err != nil {
			return err
		}
	}
	return s.Blobs.Delete(ctx, f.ObjectKey)
}
