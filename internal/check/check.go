// Package check brings a file whose bytes are here to its verdict, and on:
// it keeps the report of an upload, checks stored bytes again with the same
// engine, and says what follows from a verdict.
//
// Data failures are verdicts and wait for a person. Failures of ours are tried
// again by the job queue and end as failed (system) after the last try.
package check

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"freshet/api"
	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/job"
	"freshet/internal/live"
	"freshet/internal/promote"
	"freshet/internal/rule"
	"freshet/internal/scan"
	"freshet/internal/validate"
)

// Kinds of jobs.
const ValidateJob = "validate" // check a stored file

// FindingsPrefix is where the full lists of findings lie.
const FindingsPrefix = "checks/"

// Service checks files.
type Service struct {
	Catalog  *catalog.Store
	Blobs    blob.Store
	Promoter *promote.Promoter
	Scanner  *scan.Scanner // nil: files are not scanned
	Board    *live.Board
	Validate validate.Config
	// Policy is what is done about what content rules find in any file. nil: nothing.
	Policy rule.Policy
	Manual bool   // files that passed wait for a person to promote them
	Engine string // name and version, for reports
	Log    *slog.Logger

	counts counts
}

// Outcome is a report that is ready to be stored.
type Outcome struct {
	Report *api.Report
	Stored catalog.Report
}

// Finish makes the report of a file whose records were all looked at, and gives each finding.
type Finish func(each func(*api.Finding) error) (*validate.Result, error)

// Outcome finishes a check into a report, and writes the full list of findings
// to an object of its own where the report does not list them all.
func (s *Service) Outcome(ctx context.Context, fileID string, finish Finish, started time.Time) (*Outcome, error) {
	l := &findingsLog{service: s, fileID: fileID}
	defer l.close()
	res, err := finish(l.add)
	if err != nil {
		return nil, fmt.Errorf("finish the report: %w", err)
	}
	r := res.Report
	s.stamp(r, fileID, started)
	o := &Outcome{Report: r, Stored: catalog.Report{LineIndex: res.LineIndex, Sample: res.Sample}}
	if r.Truncated {
		if o.Stored.FindingsKey, err = l.store(ctx); err != nil {
			return nil, fmt.Errorf("store the findings: %w", err)
		}
	}
	o.Stored.JSON, err = json.Marshal(r)
	return o, err
}

// Early is the outcome of a file whose upload was ended by what is in r.
func (s *Service) Early(fileID string, r *api.Report, started time.Time) (*Outcome, error) {
	s.stamp(r, fileID, started)
	b, err := json.Marshal(r)
	return &Outcome{Report: r, Stored: catalog.Report{JSON: b, LineIndex: []byte{}}}, err
}

// stamp adds what the engine does not know: ids and times.
func (s *Service) stamp(r *api.Report, fileID string, started time.Time) {
	now := time.Now().UTC()
	r.FileID, r.Engine, r.Started, r.Finished = fileID, s.Engine, started.UTC(), &now
	if d := now.Sub(started).Seconds(); d > 0 {
		r.BytesPerSecond = int64(float64(r.Bytes) / d)
	}
}

// checkedProgress is that of a file whose records were all looked at.
const checkedProgress = 99

// Facts sets what a report says in a file's row.
func (o *Outcome) Facts(f *catalog.File) {
	r := o.Report
	f.Format, f.Records, f.Errors, f.Warnings, f.Rules = r.Format, r.Records, r.Errors, r.Warnings, r.Rules
	f.Verdict = catalog.Verdict(r.Verdict)
	f.FailureKind, f.ProcessingError = "", ""
	if r.Verdict == validate.Failed {
		f.FailureKind, f.ProcessingError = catalog.FailedData, Summary(r)
		f.Progress = max(f.Progress, checkedProgress)
	}
}

// Summary is a verdict of failed in a sentence.
func Summary(r *api.Report) string {
	s := fmt.Sprintf("%d errors in %d records", r.Errors, r.Records)
	for _, f := range r.Findings {
		if f.Severity == "error" {
			return s + fmt.Sprintf("; the first is on line %d: %s: %s", f.Line, f.Rule, f.Message)
		}
	}
	return s
}

// Told is an outcome as the history has it: without anything of the content, since
// the history stays when the file goes.
func (o *Outcome) Told() string { return told(o.Report.Verdict, o.Report.Errors, o.Report.Warnings) }

func told(verdict string, errors, warnings int64) string {
	return fmt.Sprintf("%s: %d errors, %d warnings", verdict, errors, warnings)
}

// Conclude does what follows from the verdict on a file that is uploaded.
func (s *Service) Conclude(ctx context.Context, id, actor string) (catalog.File, error) {
	f, err := s.Catalog.File(ctx, id)
	if err != nil || f.Status != catalog.Uploaded {
		return f, err
	}
	switch f.Verdict {
	case catalog.VerdictPassed:
		why, err := s.held(ctx, &f)
		if err != nil {
			return f, err
		}
		if why != "" {
			return s.quarantine(ctx, id, catalog.Step{From: []catalog.Status{catalog.Uploaded}, Actor: actor, Change: promote.Passed}, why)
		}
		if s.Manual {
			return f, nil
		}
		return s.Promote(ctx, id, actor)
	case catalog.VerdictFailed:
		return s.Catalog.Step(ctx, id, catalog.Step{From: []catalog.Status{catalog.Uploaded}, To: catalog.Failed, Action: "fail", Actor: actor, Detail: told(string(f.Verdict), f.Errors, f.Warnings)})
	}
	return s.begin(ctx, id, "validate", actor, f.Rules, checkable...)
}

// checkable are the statuses in which a file may be checked again.
var checkable = []catalog.Status{catalog.Uploaded, catalog.Failed, catalog.Fresh, catalog.Used}

// Start checks a file with rules; those of before when there are none. What
// runs is a job; the answer is the file as it is now. One in quarantine is let
// out by it: should it pass, and nothing be found again, it becomes fresh.
func (s *Service) Start(ctx context.Context, id, actor string, rules json.RawMessage) (catalog.File, error) {
	return s.begin(ctx, id, "process", actor, rules, append(slices.Clone(checkable), catalog.Quarantined)...)
}

// Retry checks a failed file again with the rules of before.
func (s *Service) Retry(ctx context.Context, id, actor string) (catalog.File, error) {
	f, err := s.Catalog.File(ctx, id)
	if err != nil {
		return f, err
	}
	if f.Status != catalog.Failed {
		return f, errs.E(errs.Conflict, "not-failed", "the file is %s, not failed", f.Status)
	}
	return s.begin(ctx, f.ID, "retry", actor, f.Rules, checkable...)
}

func (s *Service) begin(ctx context.Context, id, action, actor string, rules json.RawMessage, from ...catalog.Status) (catalog.File, error) {
	f, err := s.Catalog.File(ctx, id)
	if err != nil {
		return f, err
	}
	to := catalog.Processing
	if f.Status == catalog.Fresh || f.Status == catalog.Used {
		to = f.Status
	}
	return s.Catalog.Step(ctx, f.ID, catalog.Step{
		From: from, To: to, Action: action, Actor: actor,
		Change: func(f *catalog.File) error {
			switch {
			case f.Status == catalog.Failed && f.FailureKind == catalog.FailedUpload:
				return errs.E(errs.Conflict, "send-again", "the bytes of the file did not all arrive").WithHint("send the file again")
			case f.Status == catalog.Failed && f.Hash == "":
				return errs.E(errs.Conflict, "send-again", "the bytes of the file were lost").WithHint("send the file again")
			case f.Rechecking:
				return errs.E(errs.Conflict, "being-checked", "the file is being checked already")
			case f.MovingTo != "":
				return errs.E(errs.Conflict, "being-moved", "the file is being moved; try again")
			}
			f.Rechecking = to != catalog.Processing
			if len(rules) > 0 {
				f.Rules = rules
			}
			f.Verdict, f.FailureKind, f.ProcessingError = catalog.VerdictInProgress, "", ""
			return nil
		},
		Job: &catalog.Job{Kind: ValidateJob, FileID: f.ID},
	})
}

// Run does a validate job: reads the file from the store and settles it.
func (s *Service) Run(ctx context.Context, id string, last bool) error {
	f, err := s.Catalog.File(ctx, id)
	if errs.Is(err, errs.NotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	if f.MovingTo != "" {
		return s.Promoter.Forward(ctx, f.ID)
	}
	if !waits(&f) {
		return nil // settled by another
	}
	l := s.Board.StartCheck(f.ID, f.Size)
	defer s.Board.End(l) // once the verdict is stored: progress does not fall
	out, err := s.read(ctx, &f, l)
	if err != nil {
		s.trouble(ctx, &f, err, last)
		return err
	}
	for range job.MaxAttempts { // others may change the file meanwhile, by marking it used
		_, err = s.Settle(ctx, &f, out, "system")
		if !errs.Is(err, errs.Conflict) {
			return err
		}
		if f, err = s.Catalog.File(ctx, id); errs.Is(err, errs.NotFound) {
			return nil
		}
		if err != nil || !waits(&f) || f.MovingTo != "" {
			return err // a ghost of ours was faster
		}
	}
	return errs.E(errs.Conflict, "changed-meanwhile", "the file changed at each try to store its verdict")
}

// waits tells whether a file waits for the verdict of a check.
func waits(f *catalog.File) bool {
	return (f.Status == catalog.Processing || f.Rechecking) && f.MovingTo == "" && f.Verdict != catalog.VerdictPassed
}

// read checks the stored bytes.
func (s *Service) read(ctx context.Context, f *catalog.File, l *live.Live) (*Outcome, error) {
	options, err := s.Options(ctx, f)
	if err != nil {
		return nil, err
	}
	file := validate.AtRest{Size: f.Size, Open: func(offset, n int64) (io.ReadCloser, error) { return s.Blobs.Read(ctx, f.ObjectKey, offset, n) }}
	st := validate.NewStream(f.Name, options, s.Validate)
	defer st.Close()
	n, err := l.CheckAll(ctx, st, file)
	if err != nil {
		return nil, err
	}
	if st.Stopped() == "" && n != f.Size {
		return nil, fmt.Errorf("the store gave %d bytes of %d", n, f.Size)
	}
	return s.Outcome(ctx, f.ID, st.Finish, l.Started)
}

// trouble notes a failure of ours; after the last try the file is failed (system).
func (s *Service) trouble(ctx context.Context, f *catalog.File, cause error, last bool) {
	to, kind, verdict := f.Status, catalog.FailureKind(""), catalog.VerdictInProgress
	switch {
	case last && promote.Quarantined(f):
		to, verdict = catalog.Quarantined, catalog.VerdictNone // as failed it could be read
	case last && !f.Rechecking:
		to, kind, verdict = catalog.Failed, catalog.FailedSystem, catalog.VerdictNone
	}
	s.Log.Error("a check could not be done", "file_id", f.ID, "error", cause.Error(), "again", !last)
	if last && f.Rechecking {
		verdict = catalog.VerdictPassed // as before: nothing was found
	}
	_, err := s.Catalog.Step(context.WithoutCancel(ctx), f.ID, catalog.Step{From: []catalog.Status{f.Status}, To: to, Action: "trouble", Actor: "system", Detail: "the server could not check the file; its log says why",
		Change: func(f *catalog.File) error {
			f.FailureKind, f.Verdict = kind, verdict
			f.ProcessingError = "the server could not check the file; it tries again by itself"
			if last {
				f.ProcessingError = "the server could not check the file; the data is not at fault. POST /data/efficient/retry-failed-file tries again"
				if to == catalog.Quarantined {
					f.ProcessingError = "the file stays in quarantine, since the server could not check it; POST /data/efficient/process-file tries again"
				}
				f.Rechecking = false
			}
			return nil
		}})
	if err != nil {
		s.Log.Error("a failure could not be noted", "file_id", f.ID, "error", err.Error())
	}
}

// Settle stores the outcome of a second check and does what follows.
func (s *Service) Settle(ctx context.Context, f *catalog.File, out *Outcome, actor string) (catalog.File, error) {
	old, err := s.Catalog.Report(ctx, f.ID)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return *f, err
	}
	step := catalog.Step{From: []catalog.Status{f.Status}, To: f.Status, Actor: actor, Action: "checked", Report: &out.Stored,
		Detail: out.Told(),
		Change: func(f *catalog.File) error {
			out.Facts(f)
			f.Rechecking = false
			return nil
		}}
	held := ""
	if !promote.Quarantined(f) { // who let it out has looked at it
		p, err := s.PolicyOf(ctx, f.Project)
		if err != nil {
			return *f, err
		}
		held = holds(p, out.Report)
	}
	var done catalog.File
	switch {
	case out.Report.Verdict != validate.Passed && promote.Quarantined(f):
		step.To, step.Action = catalog.Quarantined, "quarantine"
		done, err = s.Catalog.Step(ctx, f.ID, keepsAway(step))
	case out.Report.Verdict != validate.Passed:
		step.To, step.Action = catalog.Failed, "fail"
		done, err = s.Promoter.Withdraw(ctx, f.ID, step)
	case held != "":
		done, err = s.quarantine(ctx, f.ID, step, held)
	case s.Scanner != nil && (f.Rechecking || !s.Manual || promote.Quarantined(f)):
		step.Job = &catalog.Job{Kind: ScanJob, FileID: f.ID}
		done, err = s.Catalog.Step(ctx, f.ID, pending(step))
	case f.Rechecking:
		done, err = s.Catalog.Step(ctx, f.ID, step)
	case s.Manual && !promote.Quarantined(f): // whoever lets a file out of quarantine promotes it
		step.To = catalog.Uploaded
		done, err = s.Catalog.Step(ctx, f.ID, step)
	default:
		done, err = s.Promoter.Checked(ctx, f.ID, step)
	}
	if err == nil && old.FindingsKey != "" {
		err = s.Blobs.Delete(ctx, old.FindingsKey)
	}
	return done, err
}

// pending is a step after which the file waits for the scanner.
func pending(step catalog.Step) catalog.Step {
	change := step.Change
	step.Change = func(f *catalog.File) error {
		again := f.Rechecking
		err := change(f)
		f.Rechecking = again
		return err
	}
	return step
}

// keepsAway is a step by which a file that was let out of quarantine goes back.
func keepsAway(step catalog.Step) catalog.Step {
	step.Detail = "the file stays in quarantine; " + step.Detail
	change := step.Change
	step.Change = func(f *catalog.File) error {
		err := change(f)
		f.FailureKind, f.ProcessingError = "", "the file stays in quarantine, since it failed its checks: "+f.ProcessingError
		return err
	}
	return step
}

// Backstop does what is left of a file some time after its upload, should the
// process have died in between.
func (s *Service) Backstop(ctx context.Context, id string) error {
	f, err := s.Catalog.File(ctx, id)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if f.MovingTo != "" { // an adopted file has its verdict's consequence still before it
		if err := s.Promoter.Forward(ctx, f.ID); err != nil {
			return err
		}
	}
	if f.Verdict == catalog.VerdictPassed && !f.Rechecking && f.Status != catalog.Quarantined {
		if err := s.recount(ctx, &f); err != nil {
			return err
		}
	}
	if f.Status != catalog.Uploaded || s.Manual && f.Verdict == catalog.VerdictPassed {
		return nil
	}
	_, err = s.Conclude(ctx, f.ID, "system")
	if errs.Is(err, errs.Conflict) {
		return nil
	}
	return err
}

// Recover takes up what a stopped process left: moves that broke off, and files
// whose verdict has no consequence yet. Checks that broke off are jobs, which
// run again. A file that cannot be helped is logged and does not stop the rest.
func (s *Service) Recover(ctx context.Context) error {
	if s.Catalog.Shared() {
		return nil // other nodes are at it, or the queue is
	}
	if err := s.Promoter.RollForward(ctx); err != nil {
		return err
	}
	var at time.Time
	var id string
	for before := time.Now(); ; {
		page, err := s.Catalog.Select(ctx, catalog.Uploaded, before, at, id, 100)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, f := range page {
			at, id = f.UpdatedTime, f.ID
			if _, err := s.Conclude(ctx, f.ID, "system"); err != nil {
				s.Log.Error("a file could not be taken up", "file_id", f.ID, "error", err.Error())
			}
		}
	}
}
