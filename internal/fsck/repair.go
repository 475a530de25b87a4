package fsck

import (
	"context"
	"fmt"

	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/promote"
)

// actor is who repairs, in the history.
const actor = "fsck"

// What a file that is lost says of itself.
const (
	whyMissing = "the store has lost the file's bytes"
	whyDamaged = "the file's bytes are damaged in the store"
)

// damaged is an object that is not what was received.
func (c *Check) damaged(f catalog.File, kind Kind, detail, found string) (*Problem, func(context.Context) error, error) {
	p := &Problem{Kind: kind, FileID: f.ID, Key: f.ObjectKey, Detail: detail}
	if found != "" {
		p.Expected, p.Found = f.Hash, found
	}
	return p, c.failing(f, whyDamaged), nil
}

// failing has a file end as failed (system). Damaged bytes leave fresh/ and stay.
// The file has no hash any more: it does not hold its content, which can be sent
// again, and no other check brings it back. One in quarantine stays what it is.
func (c *Check) failing(f catalog.File, why string) func(context.Context) error {
	if promote.Quarantined(&f) {
		return nil // as failed it could be read
	}
	return func(ctx context.Context) (err error) {
		if f.MovingTo != "" && why != whyMissing {
			if err = c.Promoter.Forward(ctx, f.ID); err == nil {
				f, err = c.Catalog.File(ctx, f.ID)
			}
			if err != nil {
				return err
			}
		}
		step := catalog.Step{From: []catalog.Status{f.Status}, To: catalog.Failed, Action: "fail", Actor: actor, Detail: fmt.Sprintf("%s; its hash was %s", why, f.Hash),
			Change: func(now *catalog.File) error {
				if !now.Unchanged(&f) {
					return errs.E(errs.Conflict, "changed-meanwhile", "the file was changed by another request meanwhile")
				}
				staged := promote.Places(now)[0]
				if why == whyMissing {
					now.ObjectKey, now.MovingTo = staged, "" // there is nothing to be moved
				}
				now.Hash, now.SHA256 = "", ""
				now.Rechecking, now.FailureKind, now.Verdict = false, catalog.FailedSystem, catalog.VerdictNone
				now.ProcessingError = why + "; send it again"
				return nil
			}}
		if why == whyMissing {
			_, err = c.Catalog.Step(ctx, f.ID, step)
			return err
		}
		_, err = c.Promoter.Withdraw(ctx, f.ID, step)
		return err
	}
}
