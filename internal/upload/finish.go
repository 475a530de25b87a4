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
	"freshet/internal/catalog"
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

// Finish makes a file of what was received and says what became of it.
func (u *Upload) Finish(ctx context.Context, late Late) (*Outcome, error) {
	s, r := u.service, &u.received
	if r.size == 0 {
		return nil, errs.E(errs.Invalid, "empty-file", "the file %q has no bytes", u.File.Name).WithHint("check the program that wrote it")
	}
	if err := CheckDataType(late.DataType); err != nil {
		return nil, err
	}
	// rules that came late may need another look at every record; that one is a job over the stored bytes
	again := !r.stream.Amend(late.Rules)
	if !again {
		o, err := s.Checks.Outcome(ctx, u.File.ID, r.stream, u.live.Started)
		if err != nil {
			s.Log.Error("the report could not be finished; the file is checked again", "file_id", u.File.ID, "error", err.Error())
			again = true
		} else {
			r.outcome = o
		}
	}
	if late.SHA256 != "" && r.sha256 != "" && late.SHA256 != r.sha256 {
		return nil, mismatch(late.SHA256, r.sha256)
	}
	if r.outcome != nil && r.outcome.Report.Stopped != "" {
		return nil, ErrStopped // a file too small to be stopped on its way
	}
	if out, err := u.heldAlready(ctx, late); out != nil || err != nil {
		return out, err
	}
	if u.adopted == "" {
		if err := s.Blobs.Complete(ctx, u.File.ObjectKey, u.File.Handle, r.size, r.blobs); err != nil {
			return nil, err
		}
	}
	if late.SHA256 != "" && r.sha256 == "" {
		if err := u.hashStored(ctx, u.key(), late.SHA256); err != nil {
			return nil, err
		}
	}
	f, err := s.Catalog.Step(ctx, u.File.ID, u.uploaded(late))
	if errs.HasCode(err, "same-content") { // another with the same bytes was faster
		if out, e := u.heldAlready(ctx, late); out != nil || e != nil {
			return out, e
		}
	}
	if err != nil {
		return nil, err
	}
	u.over.Do(u.end) // from here on it is a file: what fails is tried again, not taken back
	return u.conclude(ctx, f)
}

// key is where the received bytes lie as an object.
func (u *Upload) key() string {
	if u.adopted != "" {
		return u.adopted
	}
	return u.File.ObjectKey
}

// heldAlready ends the upload as a duplicate where its content is held. A holder
// that is deleted in the same moment does not count.
func (u *Upload) heldAlready(ctx context.Context, late Late) (*Outcome, error) {
	same, ok, err := u.service.Catalog.SameContent(ctx, u.received.hash, u.received.size)
	if err != nil || !ok {
		return nil, err
	}
	out, err := u.duplicate(ctx, same, late)
	if errs.HasCode(err, "content-gone") {
		return nil, nil
	}
	return out, err
}

// uploaded is the step that states that all bytes are here.
func (u *Upload) uploaded(late Late) catalog.Step {
	r := &u.received
	step := catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploaded, Action: "upload", Actor: u.new.Actor,
		Detail: fmt.Sprintf("%d bytes, %s", r.size, r.hash), Parts: r.parts,
		Change: func(f *catalog.File) error {
			f.Size, f.Hash, f.SHA256, f.Handle = r.size, r.hash, r.sha256, ""
			f.ChunkCount = ChunkCount(r.size, u.service.PartSize)
			f.DataType, f.Metadata, f.Rules = late.DataType, late.Metadata, late.Rules.Marshal()
			if u.adopted != "" { // the object is moved into staging once this is a fact, not before
				f.ObjectKey, f.MovingTo = u.adopted, f.ObjectKey
			}
			f.Verdict = catalog.VerdictNone
			if r.outcome != nil {
				r.outcome.Facts(f)
			}
			return nil
		},
		Job: settleJob(u.File.ID),
	}
	if r.outcome != nil {
		step.Report = &r.outcome.Stored
	}
	return step
}

// conclude does inline what the queue would do later. A failure of ours is not
// the client's: its bytes are safe.
func (u *Upload) conclude(ctx context.Context, f catalog.File) (*Outcome, error) {
	ctx = context.WithoutCancel(ctx)
	err := u.service.Checks.Promoter.Forward(ctx, f.ID)
	done := f
	if err == nil {
		done, err = u.service.Checks.Conclude(ctx, f.ID, u.new.Actor)
	}
	if err != nil {
		u.service.Log.Error("the verdict's consequence is left to the queue", "file_id", f.ID, "error", err.Error())
		done = f
	}
	return &Outcome{File: done, Report: u.report()}, nil
}

func (u *Upload) report() *api.Report {
	if u.received.outcome == nil {
		return nil
	}
	return u.received.outcome.Report
}

// duplicate ends an upload whose content is held already. If that file had
// failed, what was found now under today's rules is its new report.
func (u *Upload) duplicate(ctx context.Context, same catalog.File, late Late) (*Outcome, error) {
	s := u.service
	if late.SHA256 != "" && u.received.sha256 == "" {
		// it came after the bytes, and those that are held are the same
		if err := u.hashStored(ctx, same.ObjectKey, late.SHA256); err != nil {
			return nil, err
		}
	}
	if err := s.Catalog.BecomeAlias(ctx, u.File.ID, same.ID, u.new.Actor, u.adopted == ""); err != nil {
		return nil, err
	}
	u.over.Do(func() {
		bg := context.WithoutCancel(ctx)
		err := u.discard(bg)
		if o := u.received.outcome; o != nil && o.Stored.FindingsKey != "" {
			err = errors.Join(err, s.Blobs.Delete(bg, o.Stored.FindingsKey))
		}
		if err != nil {
			s.Log.Error("a duplicate left something behind", "file_id", u.File.ID, "error", err.Error())
		}
		u.end()
	})
	if same.Status == catalog.Failed {
		f, err := s.Checks.Start(ctx, same.ID, u.new.Actor, late.Rules.Marshal())
		if err != nil && !errs.Is(err, errs.Conflict) {
			return nil, err
		} else if err == nil {
			same = f
		}
	}
	return &Outcome{File: same, Duplicate: true}, nil
}

// hashStored reads the stored file once more, for a hash that was given after the bytes.
func (u *Upload) hashStored(ctx context.Context, key, want string) error {
	r, err := u.service.Blobs.Read(ctx, key, 0, -1)
	if err != nil {
		return err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{r}, make([]byte, 256<<10)); err != nil {
		return err
	}
	got := hex.EncodeToString(h.Sum(nil))
	if got != want {
		return mismatch(want, got)
	}
	u.received.sha256 = got
	return nil
}

func mismatch(want, got string) error {
	return errs.E(errs.Invalid, "sha256-mismatch", "the bytes that arrived have the SHA-256 %s, not %s", got, want).WithHint("the file changed on the way or on your side; send it again")
}

// Stop finishes the report of an upload that the checks ended: of what came so
// far. Fail stores it.
func (u *Upload) Stop(ctx context.Context) (*api.Report, error) {
	if err := u.live.Freeze(); err != nil {
		return nil, err
	}
	if o := u.received.outcome; o != nil {
		return o.Report, nil
	}
	o, err := u.service.Checks.Outcome(context.WithoutCancel(ctx), u.File.ID, u.received.stream, u.live.Started)
	if err != nil {
		return nil, err
	}
	u.received.outcome = o
	return o.Report, nil
}
