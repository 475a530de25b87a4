// Package upload receives files: it decides where bytes go, in which order
// bytes and facts are made durable, and what a client is told.
//
// Bytes first, facts second, then the answer: a crash leaves rubbish to sweep,
// never a fact without bytes. Create opens an upload; WritePart and Append add
// to it, in any order or from the front; Complete makes it a file; Abort takes
// it back. A form is received whole by Begin, Receive and Finish. All bytes
// pass through one pipeline, see flow.go.
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
	PartSize    int64         // fixed by the operator, or 0: by file size
	MaxFileSize int64         // 0: no limit
	MaxOpen     int64         // uploads at once
	Lifetime    time.Duration // of an upload that nobody adds to
	Stall       time.Duration // how long a request may be silent
	SHA256      bool          // always compute it
	Log         *slog.Logger

	claims claims
	heads  heads
	frees  frees
}

// New is what is known of a file before its bytes.
type New struct {
	ID       string // chosen by the client, or empty
	Name     string
	DataType string
	Metadata json.RawMessage
	Rules    rule.Options
	Actor    string
	Size     int64 // -1 if it is not known; of a form at most
	SHA256   bool  // compute it: the client will give one to compare

	// Of uploads that can be resumed.
	Protocol       catalog.Protocol
	Piece          bool  // of a later upload: no file yet
	PartSize       int64 // asked for, or 0
	WantSHA256     string
	WantHash       string // "blake3:" + hex
	TusMetadata    string
	Pieces         []string
	Concat         string
	IdempotencyKey string
	RequestHash    string
}

// Outcome is what a client is told at the end.
type Outcome struct {
	File      catalog.File
	Duplicate bool
	Report    *api.Report
}

var (
	idForm       = regexp.MustCompile(`^file_[0-9a-f]{32}$`)
	pieceForm    = regexp.MustCompile(`^up_[0-9a-f]{32}$`)
	dataTypeForm = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)
)

// NewID is a new file id.
func NewID() string { return newID("file_") }

// newID is a UUIDv7, so that ids rise with time.
func newID(prefix string) string {
	id, err := uuid.NewV7()
	if err != nil { // no clock or no randomness: all of it random still tells files apart
		var b [16]byte
		rand.Read(b[:])
		return prefix + hex.EncodeToString(b[:])
	}
	return prefix + strings.ReplaceAll(id.String(), "-", "")
}

// CheckDataType refuses a data type that is not a short plain word.
func CheckDataType(t string) error {
	if !dataTypeForm.MatchString(t) {
		return errs.E(errs.Invalid, "bad-data-type", "data_type %q is not a word of a to z, 0 to 9, _ and -, at most 64 long", t).
			WithHint("common ones are sample, red_team, combined, custom, model_specific")
	}
	return nil
}

// limit is how many bytes a file may have, -1 for any.
func (s *Service) limit(o *rule.Options) int64 {
	limit := int64(-1)
	if s.MaxFileSize > 0 {
		limit = s.MaxFileSize
	}
	if m := o.MaxFileSize; m != nil && (limit < 0 || *m < limit) {
		limit = *m
	}
	return limit
}

// check refuses what cannot become a file.
func (n *New) check() error {
	if n.ID == "" {
		n.ID = NewID()
	} else if !idForm.MatchString(n.ID) {
		return errs.E(errs.Invalid, "bad-file-id", "the file id %q is not file_ and 32 hexadecimal digits in lower case", n.ID)
	}
	n.Name = OriginalName(n.Name)
	return CheckDataType(n.DataType)
}

// open makes the place for an upload's bytes, and then its row and its file's.
func (s *Service) open(ctx context.Context, n *New, partSize int64) (catalog.Upload, catalog.File, bool, error) {
	id := newID("up_")
	key := StagingKey(n.ID, n.Name)
	var f *catalog.File
	if n.Piece {
		n.ID, key = "", StagingKey(id, "piece")
	} else {
		f = &catalog.File{ID: n.ID, Name: n.Name, DataType: n.DataType, Metadata: n.Metadata, ObjectKey: key, CreatedBy: n.Actor, Rules: n.Rules.Marshal()}
	}
	free, err := s.Blobs.Free(ctx)
	if err != nil {
		return catalog.Upload{}, catalog.File{}, false, err
	}
	room := int64(0) // the catalog keeps what is promised apart; preallocated space would count twice
	if n.Protocol == catalog.Form {
		room = max(n.Size, 0)
	}
	handle, err := s.Blobs.Begin(ctx, key, room)
	if err != nil {
		return catalog.Upload{}, catalog.File{}, false, err
	}
	u, again, err := s.Catalog.CreateUpload(ctx, catalog.Upload{
		ID: id, FileID: n.ID, Protocol: n.Protocol, Key: key, Handle: handle, Size: n.Size, PartSize: partSize, SHA256: n.WantSHA256, Metadata: n.TusMetadata, Pieces: n.Pieces, Concat: n.Concat,
		IdempotencyKey: n.IdempotencyKey, RequestHash: n.RequestHash, Actor: n.Actor, Expires: s.Catalog.Now().Add(s.Lifetime),
	}, f, catalog.Quota{Open: s.MaxOpen, Free: free})
	// after a failure in the middle the row may be there, for who asks again under its
	// key or with its pieces; if it is not, a sweep removes the place
	askable := n.IdempotencyKey != "" || len(n.Pieces) > 0
	if again || err != nil && (!askable || refused(err)) {
		err = errors.Join(err, s.Blobs.Abort(context.WithoutCancel(ctx), key, handle))
	}
	if f == nil || err != nil {
		return u, catalog.File{}, again, err
	}
	return u, *f, again, nil
}

// refused tells that the catalog said no, and not that it failed in the middle.
func refused(err error) bool {
	switch errs.KindOf(err) {
	case errs.Conflict, errs.Invalid, errs.NoSpace, errs.NotFound:
		return err != nil
	}
	return errs.HasCode(err, "too-many-uploads")
}

// ended is why and how an upload ends before its end.
type ended struct {
	how     catalog.UploadState
	why     string
	actor   string
	outcome *check.Outcome // what its checks found, or nil
	since   time.Time      // refuse if bytes came after it, unless zero
}

// end takes an open upload back: its row says why, its bytes go.
func (s *Service) end(ctx context.Context, u *catalog.Upload, e ended) error {
	parts, err := s.Catalog.UploadParts(ctx, u.ID)
	if err != nil {
		return err
	}
	if u.FileID == "" {
		err = s.Catalog.EndPiece(ctx, u.ID, e.how, e.why, e.since)
	} else {
		err = s.fail(ctx, u.FileID, e)
	}
	if err != nil {
		return err
	}
	return s.discard(ctx, u, parts)
}

// discard removes the bytes of an upload that has ended, once nobody writes any
// more. What it cannot remove a sweep does.
func (s *Service) discard(ctx context.Context, u *catalog.Upload, parts []catalog.UploadPart) error {
	s.letGo(ctx, u, true)
	if err := s.claims.end(ctx, u.ID, errEnding); err != nil {
		return err
	}
	return errors.Join(s.Blobs.Abort(ctx, u.Key, u.Handle), s.Blobs.Delete(ctx, u.Key), s.dropBulk(ctx, parts), s.discardPieces(ctx, u))
}

// discardPieces removes the bytes of the pieces that ended with an upload. Those
// of one that was gathered went when it was.
func (s *Service) discardPieces(ctx context.Context, of *catalog.Upload) (err error) {
	for _, id := range of.Pieces {
		p, e := s.Catalog.Upload(ctx, id)
		if e == nil && p.PartOf == of.ID && p.State != catalog.UploadOpen && p.State != catalog.UploadComplete {
			e = s.discard(ctx, &p, nil)
		}
		if !errs.Is(e, errs.NotFound) {
			err = errors.Join(err, e)
		}
	}
	return err
}

var actionOf = map[catalog.UploadState]string{catalog.UploadFailed: "fail", catalog.UploadAborted: "abort", catalog.UploadExpired: "expire"}

// fail is the step of a file whose upload ended before its end.
func (s *Service) fail(ctx context.Context, fileID string, e ended) error {
	step := catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Failed, Action: actionOf[e.how], Actor: e.actor, Detail: e.why, Upload: e.how, Since: e.since,
		Change: func(f *catalog.File) error {
			if e.outcome != nil {
				e.outcome.Facts(f)
			}
			if f.Verdict != catalog.VerdictFailed {
				f.Verdict = catalog.VerdictNone // what passed is not here
			}
			f.FailureKind, f.ProcessingError = catalog.FailedUpload, e.why
			if l := s.Board.Get(f.ID); l != nil {
				f.Progress = max(f.Progress, l.Progress())
			}
			return nil
		}}
	if e.outcome != nil {
		step.Report = &e.outcome.Stored
	}
	if e.outcome != nil && e.outcome.Report.Stopped != "" {
		step.Detail = "the checks ended the upload; " + e.outcome.Told()
	}
	_, err := s.Catalog.Step(ctx, fileID, step)
	return err
}

// dropBulk removes what the checks kept besides the rows of parts.
func (s *Service) dropBulk(ctx context.Context, parts []catalog.UploadPart) (err error) {
	for i := range parts {
		if k := parts[i].BulkKey; k != "" {
			err = errors.Join(err, s.Blobs.Delete(ctx, k))
		}
	}
	return err
}
