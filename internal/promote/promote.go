// Package promote is the only place that moves a file between prefixes, or
// removes one: staging, fresh, archived, quarantine, gone.
//
// A move writes down where to first, then moves the bytes, then states the
// fact. A crash in between is rolled forward at the next start; moving is
// idempotent. Removing states the fact first and queues the bytes' removal in
// the same transaction.
package promote

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// Prefixes of the places where files lie.
const (
	Staging  = "training-data/uploads/"
	Fresh    = "training-data/fresh/"
	Archived = "training-data/archived/"
	// Quarantine is where files lie in which something was found, apart from all
	// that anybody reads.
	Quarantine = "training-data/quarantine/"
)

// Prefixes are all of them.
var Prefixes = []string{Staging, Fresh, Archived, Quarantine}

// Kinds of jobs.
const (
	EraseJob  = "erase"  // remove the objects of a file that is gone
	SettleJob = "settle" // backstop: do what is left of a file, should the process die or the store fail
)

// Promoter moves files.
type Promoter struct {
	Catalog *catalog.Store
	Blobs   blob.Store
	Log     *slog.Logger
}

// keyUnder is the file's key with another prefix.
func keyUnder(prefix string, f *catalog.File) string {
	return prefix + f.ID + "/" + f.ObjectKey[strings.LastIndexByte(f.ObjectKey, '/')+1:]
}

// Promote takes a file whose checks passed to fresh.
func (p *Promoter) Promote(ctx context.Context, id, actor string) (catalog.File, error) {
	return p.move(ctx, id, Fresh, catalog.Step{
		From: []catalog.Status{catalog.Uploaded}, To: catalog.Processing, Action: "promote", Actor: actor,
		Change: Passed,
	})
}

// Passed refuses a file that did not pass.
func Passed(f *catalog.File) error {
	if f.Verdict != catalog.VerdictPassed {
		return errs.E(errs.Conflict, "not-passed", "the verdict on the file is %s, not passed", f.Verdict).WithHint("POST /data/efficient/process-file/%s checks it", f.ID)
	}
	return nil
}

// Checked takes a file that is processing and has just passed to fresh.
func (p *Promoter) Checked(ctx context.Context, id string, step catalog.Step) (catalog.File, error) {
	return p.move(ctx, id, Fresh, step)
}

// Withdraw takes a file out of fresh whose second check failed; step makes it failed.
func (p *Promoter) Withdraw(ctx context.Context, id string, step catalog.Step) (catalog.File, error) {
	return p.move(ctx, id, Staging, step)
}

// Quarantine takes a file away in which something was found; step makes it
// quarantined at once, before its bytes have moved.
func (p *Promoter) Quarantine(ctx context.Context, id string, step catalog.Step) (catalog.File, error) {
	step.To = catalog.Quarantined
	return p.move(ctx, id, Quarantine, step)
}

// Archive moves a file that is fresh or used out of the way.
func (p *Promoter) Archive(ctx context.Context, id, actor string) (catalog.File, error) {
	f, err := p.Catalog.File(ctx, id)
	if err != nil {
		return f, err
	}
	return p.move(ctx, id, Archived, catalog.Step{
		From: []catalog.Status{catalog.Fresh, catalog.Used}, To: f.Status, Action: "archive", Actor: actor, Change: settled,
	})
}

// move takes a step that ends in a move: where to is written down with it, and a
// job stands behind it. A file that is there already only takes the step.
func (p *Promoter) move(ctx context.Context, id, prefix string, step catalog.Step) (catalog.File, error) {
	change := step.Change
	step.Change = func(f *catalog.File) error {
		if err := change(f); err != nil {
			return err
		}
		if !strings.HasPrefix(f.ObjectKey, prefix) {
			f.MovingTo = keyUnder(prefix, f)
		}
		return nil
	}
	step.Job = &catalog.Job{Kind: SettleJob, FileID: id, After: catalog.Backstop}
	f, err := p.Catalog.Step(ctx, id, step)
	if err != nil {
		return f, err
	}
	return p.forward(ctx, f, step.Actor)
}

// forward does the move that is written down, and states where the bytes are.
func (p *Promoter) forward(ctx context.Context, f catalog.File, actor string) (catalog.File, error) {
	to := f.MovingTo
	if to == "" {
		return f, nil
	}
	if err := p.Blobs.Move(ctx, f.ObjectKey, to); err != nil {
		return f, err
	}
	next, action := f.Status, "moved"
	switch {
	case strings.HasPrefix(to, Fresh) && f.Status == catalog.Processing:
		next, action = catalog.Fresh, "fresh"
	case strings.HasPrefix(to, Archived):
		next, action = catalog.Archived, "archived"
	}
	done, err := p.Catalog.Step(ctx, f.ID, catalog.Step{
		From: []catalog.Status{f.Status}, To: next, Action: action, Actor: actor,
		Change: func(f *catalog.File) error {
			if f.MovingTo != to {
				return errs.E(errs.Conflict, "changed-meanwhile", "the file was moved by another request meanwhile")
			}
			f.ObjectKey, f.MovingTo = to, ""
			return nil
		},
	})
	if errs.Is(err, errs.Conflict) { // a ghost of ours was faster
		if now, e := p.Catalog.File(ctx, f.ID); e == nil && now.ObjectKey == to {
			return now, nil
		}
	}
	if err == nil {
		p.leave(ctx, &f, to)
	}
	return done, err
}

// leave removes what a store that copies left at the old place. A file that has
// moved on meanwhile, perhaps back there, keeps it: a sweep knows what is whose.
func (p *Promoter) leave(ctx context.Context, was *catalog.File, to string) {
	now, err := p.Catalog.File(ctx, was.ID)
	if err == nil && (now.ObjectKey != to || now.MovingTo != "") {
		return
	}
	if err == nil {
		err = p.Blobs.Delete(ctx, was.ObjectKey)
	}
	if err != nil {
		p.Log.Warn("the bytes remain at the old place for now", "file_id", was.ID, "key", was.ObjectKey, "error", err.Error())
	}
}

// RollForward finishes the moves that broke off.
func (p *Promoter) RollForward(ctx context.Context) error {
	files, err := p.Catalog.Moving(ctx)
	if err != nil {
		return err
	}
	for _, f := range files {
		if _, err := p.forward(ctx, f, "system"); err != nil {
			p.Log.Error("a move could not be rolled forward", "file_id", f.ID, "to", f.MovingTo, "error", err.Error())
			continue
		}
		p.Log.Info("move rolled forward", "file_id", f.ID, "to", f.MovingTo)
	}
	return ctx.Err()
}

// Forward finishes the move of one file, if one is under way.
func (p *Promoter) Forward(ctx context.Context, id string) error {
	f, err := p.Catalog.File(ctx, id)
	if err == nil {
		_, err = p.forward(ctx, f, "system")
	}
	return err
}

// MarkUsed notes that a training job read the file. Its key does not move.
func (p *Promoter) MarkUsed(ctx context.Context, id, trainingJob, actor string) (catalog.File, error) {
	return p.Catalog.Step(ctx, id, catalog.Step{
		From: []catalog.Status{catalog.Fresh, catalog.Used}, To: catalog.Used, Action: "use", Actor: actor, Detail: trainingJob,
		Change: func(f *catalog.File) error {
			if f.MovingTo != "" {
				return moving()
			}
			f.UsedCount++
			f.LastUsed = p.Catalog.Now()
			if trainingJob != "" {
				f.TrainingJobs = append(f.TrainingJobs, trainingJob)
				const most = 100 // the history has them all
				f.TrainingJobs = f.TrainingJobs[max(0, len(f.TrainingJobs)-most):]
			}
			return nil
		},
	})
}

// Deprecate marks a file as not to be used; retention deletes it later.
func (p *Promoter) Deprecate(ctx context.Context, id, actor string) (catalog.File, error) {
	return p.Catalog.Step(ctx, id, catalog.Step{
		From: []catalog.Status{catalog.Fresh, catalog.Used, catalog.Archived}, To: catalog.Deprecated, Action: "deprecate", Actor: actor,
		Change: settled,
	})
}

// Deletable are the statuses from which a file may be deleted.
var Deletable = []catalog.Status{catalog.Uploaded, catalog.Fresh, catalog.Used, catalog.Failed, catalog.Archived, catalog.Deprecated, catalog.Quarantined}

// Delete removes a file: first the fact, then the bytes. what says why, for the
// history; from are the statuses in which it may be, and since is when it must
// not have changed any more (zero: whenever).
func (p *Promoter) Delete(ctx context.Context, id, actor, what string, from []catalog.Status, since time.Time) (catalog.File, error) {
	f, err := p.Catalog.File(ctx, id)
	if err != nil {
		return f, err
	}
	keys := map[string]string{}
	if r, err := p.Catalog.Report(ctx, f.ID); err == nil {
		keys["findings"] = r.FindingsKey
	} else if !errs.Is(err, errs.NotFound) {
		return f, err
	}
	f, err = p.Catalog.Step(ctx, f.ID, catalog.Step{From: from, To: catalog.Deleted, Action: "delete", Actor: actor, Detail: what,
		Change: func(f *catalog.File) error {
			if !since.IsZero() && f.UpdatedTime.After(since) {
				return errs.E(errs.Conflict, "changed-meanwhile", "the file was changed by another request meanwhile")
			}
			keys["object"] = f.ObjectKey
			return settled(f)
		}, Job: &catalog.Job{Kind: EraseJob, FileID: f.ID, Args: keys, After: catalog.Backstop}})
	if err != nil {
		return f, err
	}
	if err := p.Erase(ctx, f.ID, actor, keys); err != nil {
		p.Log.Warn("bytes of a deleted file remain for now", "file_id", f.ID, "error", err.Error())
	}
	return f, nil
}

// DeleteOne is Delete for a person who asked for it: what the catalog's own files
// still have of the rows goes at once.
func (p *Promoter) DeleteOne(ctx context.Context, id, actor string) (catalog.File, error) {
	f, err := p.Delete(ctx, id, actor, "", Deletable, time.Time{})
	if err == nil {
		p.Scrub(ctx)
	}
	return f, err
}

// Scrub has what was deleted leave the catalog's own files as well, once for all
// that a request or a sweep deleted.
func (p *Promoter) Scrub(ctx context.Context) {
	ctx = context.WithoutCancel(ctx) // who asked may be gone, and what is deleted is
	if err := p.Catalog.Scrub(ctx); err != nil {
		p.Log.Warn("the catalog's log could not be emptied of deleted rows yet", "error", err.Error())
	}
}

func settled(f *catalog.File) error {
	if f.Rechecking {
		return errs.E(errs.Conflict, "being-checked", "the file is being checked again; wait for the verdict")
	}
	if f.MovingTo != "" {
		return moving()
	}
	return nil
}

func moving() error {
	return errs.E(errs.Conflict, "being-moved", "the file is being moved; try again")
}

// Erase removes the objects of a file that is deleted, and notes that they are gone.
func (p *Promoter) Erase(ctx context.Context, id, actor string, keys map[string]string) error {
	for _, k := range []string{"object", "findings"} {
		if keys[k] == "" {
			continue
		}
		if err := p.Blobs.Delete(ctx, keys[k]); err != nil {
			return err
		}
	}
	return p.Catalog.Erased(ctx, id, actor)
}
