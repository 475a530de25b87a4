package upload

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"freshet/api"
	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/errs"
	"freshet/internal/rule"
)

// Late is what is known of a file only once its bytes are here: a form's fields
// may come in any order.
type Late struct {
	DataType string
	Metadata json.RawMessage
	Rules    rule.Options
	SHA256   string // hex, to compare; or empty
}

// ending makes a file of bytes that are all here, whatever way they came.
type ending struct {
	service *Service
	file    catalog.File
	key     string // where the bytes are an object, or will be
	handle  string // empty: they are one already
	actor   string
	size    int64
	hash    string
	sha256  string // hex, or empty if it was not computed on the way
	parts   []catalog.Part
	blobs   []blob.Part
	// readSHA256: have it computed from the stored bytes.
	readSHA256 bool
	outcome    *check.Outcome
	// checkStored, unless nil, gives the outcome once the bytes are an object.
	checkStored func(context.Context) (*check.Outcome, error)
	// count, unless nil, begins to count what the outcome leaves open.
	count func()
	// replaced, unless nil, is the refusal where the store has other parts than these.
	replaced  func(context.Context, []int) error
	committed bool   // the bytes are those that the upload's row counts
	decided   func() // called once it is a file: from then on nothing is taken back
}

func (e *ending) run(ctx context.Context, late Late) (*Outcome, error) {
	s := e.service
	if late.SHA256 != "" && e.sha256 != "" && late.SHA256 != e.sha256 {
		return nil, mismatch(late.SHA256, e.sha256)
	}
	if out, err := e.heldAlready(ctx, late); out != nil || err != nil {
		return out, err
	}
	if e.handle != "" {
		err := s.Blobs.Complete(ctx, e.key, e.handle, e.size, e.blobs)
		var r *blob.Replaced
		if errors.As(err, &r) && e.replaced != nil {
			return nil, e.replaced(ctx, r.Numbers)
		}
		if err != nil {
			return nil, lost(err)
		}
	}
	if e.sha256 == "" && (late.SHA256 != "" || e.readSHA256) {
		if err := e.hashStored(ctx, e.key, late.SHA256); err != nil {
			return nil, err
		}
	}
	if e.checkStored != nil {
		err := safely(func() (err error) { e.outcome, err = e.checkStored(ctx); return err })
		if err != nil {
			s.Log.Error("the report could not be finished; the file is checked again", "file_id", e.file.ID, "error", err.Error())
		} else if e.outcome.Report.Stopped != "" {
			return nil, ErrStopped
		}
	}
	f, err := s.Catalog.Step(ctx, e.file.ID, e.uploaded(late))
	if errs.HasCode(err, "same-content") { // another with the same bytes was faster
		if out, e := e.heldAlready(ctx, late); out != nil || e != nil {
			return out, e
		}
	}
	if err != nil {
		return nil, err
	}
	e.decide()
	return e.conclude(ctx, f)
}

func (e *ending) decide() {
	if e.decided != nil {
		e.decided()
	}
}

// uploaded is the step that states that all bytes are here.
func (e *ending) uploaded(late Late) catalog.Step {
	step := catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploaded, Action: "upload", Actor: e.actor,
		Detail: fmt.Sprintf("%d bytes, %s", e.size, e.hash), Parts: e.parts,
		Change: func(f *catalog.File) error {
			f.Size, f.Hash, f.SHA256 = e.size, e.hash, e.sha256
			f.ChunkCount = ChunkCount(e.size, e.service.PartSize)
			f.DataType, f.Metadata, f.Rules = late.DataType, late.Metadata, late.Rules.Marshal()
			if e.key != f.ObjectKey { // an object is moved into staging once this is a fact, not before
				f.ObjectKey, f.MovingTo = e.key, f.ObjectKey
			}
			f.Verdict = catalog.VerdictNone
			if e.outcome != nil {
				e.outcome.Facts(f)
			}
			return nil
		},
		Job: settleJob(e.file.ID),
	}
	if e.committed {
		step.Whole = &e.size
	}
	if e.outcome != nil {
		step.Report = &e.outcome.Stored
	}
	return step
}

// conclude does inline what the queue would do later. A failure of ours is not
// the client's: its bytes are safe.
func (e *ending) conclude(ctx context.Context, f catalog.File) (*Outcome, error) {
	ctx = context.WithoutCancel(ctx)
	err := e.service.Checks.Promoter.Forward(ctx, f.ID)
	done := f
	if err == nil {
		done, err = e.service.Checks.Conclude(ctx, f.ID, e.actor)
	}
	if err != nil {
		e.service.Log.Error("the verdict's consequence is left to the queue", "file_id", f.ID, "error", err.Error())
		done = f
	}
	if e.count != nil {
		e.count()
	}
	return &Outcome{File: done, Report: e.report()}, nil
}

func (e *ending) report() *api.Report {
	if e.outcome == nil {
		return nil
	}
	return e.outcome.Report
}

// heldAlready ends the upload as a duplicate where its content is held. A holder
// that is deleted in the same moment does not count.
func (e *ending) heldAlready(ctx context.Context, late Late) (*Outcome, error) {
	same, ok, err := e.service.Catalog.SameContent(ctx, e.file.Project, e.hash, e.size)
	if err != nil || !ok {
		return nil, err
	}
	out, err := e.duplicate(ctx, same, late)
	if errs.HasCode(err, "content-gone") {
		return nil, nil
	}
	return out, err
}

// duplicate ends an upload whose content is held already.
func (e *ending) duplicate(ctx context.Context, same catalog.File, late Late) (*Outcome, error) {
	s := e.service
	if late.SHA256 != "" && e.sha256 == "" {
		// it came after the bytes, and those that are held are the same
		err := e.hashStored(ctx, same.ObjectKey, late.SHA256)
		if errs.HasCode(err, "no-object") { // it is being moved: where to is known by now
			if same, err = s.Catalog.File(ctx, same.ID); err == nil {
				err = e.hashStored(ctx, same.ObjectKey, late.SHA256)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if err := s.Catalog.BecomeAlias(ctx, e.file.ID, same.ID, e.actor, e.key == e.file.ObjectKey); err != nil {
		return nil, err
	}
	bg := context.WithoutCancel(ctx)
	err := e.discard(bg)
	if o := e.outcome; o != nil && o.Stored.FindingsKey != "" && err == nil {
		err = s.Blobs.Delete(bg, o.Stored.FindingsKey)
	}
	if err != nil {
		s.Log.Error("a duplicate left something behind", "file_id", e.file.ID, "error", err.Error())
	}
	e.decide()
	return s.again(ctx, same, e.actor, late.Rules.Marshal())
}

// again is the outcome of sending content that is held. If that file had failed,
// it is checked again with the rules of now.
func (s *Service) again(ctx context.Context, same catalog.File, actor string, rules json.RawMessage) (*Outcome, error) {
	if same.Status == catalog.Failed {
		f, err := s.Checks.Start(ctx, same.ID, actor, rules)
		if err != nil && !errs.Is(err, errs.Conflict) {
			return nil, err
		} else if err == nil {
			same = f
		}
	}
	return &Outcome{File: same, Duplicate: true}, nil
}

// discard removes the bytes that were received. An object that was there
// already stays where it is.
func (e *ending) discard(ctx context.Context) error {
	if e.handle == "" {
		return nil
	}
	if err := e.service.Blobs.Abort(ctx, e.key, e.handle); err != nil {
		return err
	}
	return e.service.Blobs.Delete(ctx, e.key)
}

// hashStored reads the stored file once more, for its SHA-256.
func (e *ending) hashStored(ctx context.Context, key, want string) error {
	r, err := e.service.Blobs.Read(ctx, key, 0, -1)
	if err != nil {
		return err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{r}, make([]byte, 256<<10)); err != nil {
		return err
	}
	got := hex.EncodeToString(h.Sum(nil))
	if want != "" && got != want {
		return mismatch(want, got)
	}
	e.sha256 = got
	return nil
}

func mismatch(want, got string) error {
	return errs.E(errs.Invalid, "sha256-mismatch", "the bytes that arrived have the SHA-256 %s, not %s", got, want).WithHint("the file changed on the way or on your side; send it again")
}
