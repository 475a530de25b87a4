package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/job"
	"freshet/internal/promote"
	"freshet/internal/scan"
	"freshet/internal/validate"
)

// ScanJob has a file looked at by the scanner.
const ScanJob = "scan"

// A file that passed is scanned before it is fresh: it is processing, and its
// verdict is passed, until the scanner has said what it found. The scanner may be
// away for as long as it is; the file waits.

// WaitsForScan tells whether a file passed its checks and is not scanned yet.
func WaitsForScan(f *catalog.File) bool {
	return (f.Status == catalog.Processing || f.Rechecking) && f.MovingTo == "" && f.Verdict == catalog.VerdictPassed
}

// Files up to these sizes are scanned in the request that brings them: at clamd's
// 0.1 GB/s for so long. A compressed one unpacks to more.
const (
	inlineSize   = 8 << 20
	inlinePacked = 256 << 10
	inlineTime   = 15 * time.Second
)

func scansInline(f *catalog.File) bool {
	if validate.NamedCompressed(f.Name) {
		return f.Size <= inlinePacked
	}
	return f.Size <= inlineSize
}

// Promote makes a file fresh that passed, by way of the scanner where there is one.
func (s *Service) Promote(ctx context.Context, id, actor string) (catalog.File, error) {
	if s.Scanner == nil {
		return s.Promoter.Promote(ctx, id, actor)
	}
	f, err := s.Catalog.File(ctx, id)
	if err != nil {
		return f, err
	}
	queued := catalog.Job{Kind: ScanJob, FileID: f.ID}
	inline := actor != "system" && scansInline(&f) // else nobody waits for the answer
	if inline {
		queued.After = catalog.Backstop
	}
	f, err = s.Catalog.Step(ctx, f.ID, catalog.Step{From: []catalog.Status{catalog.Uploaded}, To: catalog.Processing, Action: "scan", Actor: actor, Job: &queued,
		Change: func(f *catalog.File) error {
			if f.MovingTo != "" {
				return errs.E(errs.Conflict, "being-moved", "the file is being moved; try again")
			}
			return promote.Passed(f)
		}})
	if err != nil || !inline {
		return f, err
	}
	return s.scanInline(ctx, f, actor)
}

// scanInline does at once what the job behind it would do later, and gives the
// file as it is then. What does not work is left to a job.
func (s *Service) scanInline(ctx context.Context, f catalog.File, actor string) (catalog.File, error) {
	short, cancel := context.WithTimeout(ctx, inlineTime)
	defer cancel()
	err := s.scan(short, &f, actor)
	if err == nil {
		return s.Catalog.File(ctx, f.ID)
	}
	if down := (*scan.Down)(nil); errors.As(err, &down) {
		f, err = s.scanWaits(ctx, &f, down)
	} else {
		s.Log.Warn("a scan is left to the queue", "file_id", f.ID, "error", err.Error())
		err = nil
	}
	if err == nil {
		err = s.Catalog.Queue(ctx, catalog.Job{Kind: ScanJob, FileID: f.ID})
	}
	return f, err
}

// Scan does a scan job.
func (s *Service) Scan(ctx context.Context, id string, last bool) error {
	f, err := s.Catalog.File(ctx, id)
	if errs.Is(err, errs.NotFound) {
		return nil // deleted meanwhile
	}
	if err == nil && f.MovingTo != "" {
		return s.Promoter.Forward(ctx, f.ID)
	}
	if err != nil || !WaitsForScan(&f) {
		return err
	}
	err = s.scan(ctx, &f, "system")
	var down *scan.Down
	switch {
	case errors.As(err, &down):
		if f, err = s.scanWaits(ctx, &f, down); err != nil {
			return err
		}
		return job.Later{After: scanAgain(s.Catalog.Now().Sub(f.UpdatedTime)), Why: down.Reason}
	case err != nil && last:
		s.trouble(ctx, &f, err, last)
		return err
	case err != nil:
		return err
	}
	if f, err = s.Catalog.File(ctx, id); err != nil || f.Rechecking || f.Status != catalog.Fresh {
		return ignoreGone(err)
	}
	return s.recount(ctx, &f)
}

func ignoreGone(err error) error {
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	return err
}

// scanAgain is how long a file waits for a scanner that has been away for so
// long. One that comes back has all woken; this is for what no event tells of.
func scanAgain(waited time.Duration) time.Duration {
	return min(max(waited, time.Second), 2*time.Minute)
}

// waitsPrefix begins what a file that waits for the scanner says.
const waitsPrefix = "the file waits for the scanner, and is scanned by itself: "

// scanWaits notes once why a file waits.
func (s *Service) scanWaits(ctx context.Context, was *catalog.File, down *scan.Down) (catalog.File, error) {
	why := waitsPrefix + down.Reason
	if was.ProcessingError == why {
		return *was, nil
	}
	f, err := s.Catalog.Step(context.WithoutCancel(ctx), was.ID, catalog.Step{From: []catalog.Status{was.Status}, To: was.Status, Action: "scan-waits", Actor: "system", Detail: down.Reason,
		Change: func(f *catalog.File) error {
			if !WaitsForScan(f) {
				return errScanned
			}
			f.ProcessingError = why
			return nil
		}})
	if errs.HasCode(err, "scanned-meanwhile") {
		return s.Catalog.File(ctx, was.ID)
	}
	return f, err
}

var errScanned = errs.E(errs.Conflict, "scanned-meanwhile", "the file was scanned by another meanwhile")

// scan has the file looked at and does what follows.
func (s *Service) scan(ctx context.Context, f *catalog.File, actor string) error {
	step := catalog.Step{From: []catalog.Status{f.Status}, To: f.Status, Actor: actor, Action: "scanned", Detail: "the scanner is off",
		Change: func(f *catalog.File) error {
			if !WaitsForScan(f) {
				return errScanned
			}
			f.ProcessingError, f.Rechecking = "", false
			return nil
		}}
	var found string
	if s.Scanner != nil {
		r, err := s.look(ctx, f)
		if err != nil {
			return err
		}
		found, step.Detail = r.Found, "nothing was found, by "+r.Version
	}
	ctx = context.WithoutCancel(ctx)
	var err error
	switch {
	case found != "":
		_, err = s.quarantine(ctx, f.ID, step, fmt.Sprintf("the scanner found %s", found))
	case f.Rechecking:
		_, err = s.Catalog.Step(ctx, f.ID, step)
	default:
		_, err = s.Promoter.Checked(ctx, f.ID, step)
	}
	if errs.HasCode(err, "scanned-meanwhile") {
		return nil
	}
	return err
}

// quarantine takes a file away, for a reason that its row and its history tell.
func (s *Service) quarantine(ctx context.Context, id string, step catalog.Step, why string) (catalog.File, error) {
	change := step.Change
	step.Action, step.Detail = "quarantine", strings.TrimSuffix(why+"; "+step.Detail, "; ")
	step.Change = func(f *catalog.File) error {
		if err := change(f); err != nil {
			return err
		}
		f.ProcessingError = why
		return nil
	}
	return s.Promoter.Quarantine(ctx, id, step)
}

// look has the stored bytes scanned; of a compressed file what it unpacks to as
// well, since clamd unpacks within limits of its own.
func (s *Service) look(ctx context.Context, f *catalog.File) (scan.Result, error) {
	stored, err := s.Blobs.Read(ctx, f.ObjectKey, 0, -1)
	if err != nil {
		return scan.Result{}, err
	}
	defer stored.Close()
	content, compressed, err := validate.Unpack(stored)
	if err != nil {
		return scan.Result{}, err
	}
	r, err := s.Scanner.Scan(ctx, content)
	if err != nil || r.Found != "" {
		return r, err
	}
	if compressed {
		var packed io.ReadCloser
		if packed, err = s.Blobs.Read(ctx, f.ObjectKey, 0, -1); err != nil {
			return r, err
		}
		defer packed.Close()
		r, err = s.Scanner.ScanPacked(ctx, packed)
	}
	if err == nil && r.Found == "" && r.Bytes != f.Size {
		err = fmt.Errorf("the store gave %d bytes of %d", r.Bytes, f.Size)
	}
	return r, err
}
