package catalog

import (
	"context"
	"fmt"
	"slices"
	"time"

	"freshet/internal/errs"
)

// Retention is how long files of a project are kept. A file that matches goes
// once it is older than KeepDays and not among the KeepLast newest; of the two
// at least one is said.
type Retention struct {
	Status   Status `json:"status"`
	DataType string `json:"data_type,omitempty"` // empty: any
	KeepDays int64  `json:"keep_days,omitempty"` // since it last changed
	KeepLast int64  `json:"keep_last,omitempty"` // by when they were sent
}

// retained are the statuses that files may be deleted from by retention.
var retained = []Status{Uploaded, Failed, Fresh, Used, Archived, Deprecated, Quarantined}

const mostDays = 100 * 366

func (r *Retention) check() error {
	switch {
	case !slices.Contains(retained, r.Status):
		return errs.E(errs.Invalid, "bad-retention", "/retention: files that are %q are not deleted by retention", r.Status).WithHint("statuses are %v", retained)
	case r.KeepDays < 0 || r.KeepLast < 0 || r.KeepDays > mostDays || r.KeepLast > 1_000_000_000:
		return errs.E(errs.Invalid, "bad-retention", "/retention: keep_days must be from 0 to %d, keep_last not negative", mostDays)
	case r.KeepDays == 0 && r.KeepLast == 0:
		return errs.E(errs.Invalid, "bad-retention", "/retention: a rule lacks keep_days and keep_last: it would delete everything").WithHint("say how many days, or how many of the newest files, are kept")
	}
	return nil
}

// Keep is how long a rule keeps files whatever their number.
func (r *Retention) Keep() time.Duration { return time.Duration(r.KeepDays) * 24 * time.Hour }

// Expired gives up to limit files of a project that a rule does not keep any
// longer, if they have not changed since a time, the longest unchanged first and
// after the one given. Those on hold are kept whatever rules say.
func (s *Store) Expired(ctx context.Context, project string, r Retention, before time.Time, after File, limit int) ([]File, error) {
	w := where{from: "files"}
	w.and("project = ", project)
	w.and("status = ", string(r.Status))
	if r.DataType != "" {
		w.and("data_type = ", r.DataType)
	}
	matching := w.String()
	if r.KeepLast > 0 {
		w.args = append(w.args, r.KeepLast)
		w.conds = append(w.conds, fmt.Sprintf("id NOT IN (SELECT id FROM files%s ORDER BY upload_time DESC, id DESC LIMIT $%d)", matching, len(w.args)))
	}
	w.conds = append(w.conds, "hold = ''")
	w.and("updated_time < ", micros(before))
	w.args = append(w.args, micros(after.UpdatedTime), after.ID, limit)
	n := len(w.args)
	w.conds = append(w.conds, fmt.Sprintf("(updated_time, id) > ($%d, $%d)", n-2, n-1))
	return s.files(ctx, fmt.Sprintf("SELECT %s FROM files%s ORDER BY updated_time, id LIMIT $%d", fileColumns, &w, n), w.args...)
}

// SetHold keeps a file from being deleted for a reason, or with an empty one no
// longer. What is still arriving cannot be held: its client may end it, or its
// bytes turn out to be another file's. The step is from the status that was seen,
// and no file becomes uploading again, so that none is held that is.
func (s *Store) SetHold(ctx context.Context, id, reason, actor string) (File, error) {
	f, err := s.File(ctx, id)
	if err != nil {
		return f, err
	}
	if f.Status == Uploading && reason != "" {
		return f, errs.E(errs.Conflict, "not-whole", "the file is still being uploaded; what is not whole cannot be kept").WithHint("hold it once it is whole; GET /data/efficient/upload-progress/%s tells", f.ID)
	}
	action := "hold"
	if reason == "" {
		action = "release"
	}
	return s.Step(ctx, f.ID, Step{From: []Status{f.Status}, To: f.Status, Action: action, Actor: actor, Detail: reason, Change: func(f *File) error {
		if f.Hold == "" && reason == "" {
			return errs.E(errs.Conflict, "not-on-hold", "the file is not on hold")
		}
		f.Hold = reason
		return nil
	}})
}
