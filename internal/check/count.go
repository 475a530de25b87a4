package check

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/job"
	"freshet/internal/validate"
)

// counts are the counts of duplicates that are under way.
type counts struct {
	mu   sync.Mutex
	done map[string]chan struct{} // by file, closed at the end
}

// Verdict is the outcome of a file whose duplicates take long to count, while
// nothing depends on how many there are; Count must follow. It is nil where
// Outcome has to be waited for.
func (s *Service) Verdict(fileID string, plan *validate.Plan, sum *validate.Summary, started time.Time) (*Outcome, error) {
	res, err := plan.Verdict(sum)
	if err != nil || res == nil {
		return nil, err
	}
	s.stamp(res.Report, fileID, started)
	b, err := json.Marshal(res.Report)
	return &Outcome{Report: res.Report, Stored: catalog.Report{JSON: b, LineIndex: res.LineIndex, Sample: res.Sample}}, err
}

// Count finishes a report that Verdict began and stores it, unless the file
// went on to other rules or is gone. It returns at once; over is called at the end.
func (s *Service) Count(fileID string, finish Finish, started time.Time, over func()) {
	c, done := &s.counts, make(chan struct{})
	c.mu.Lock()
	if c.done == nil {
		c.done = map[string]chan struct{}{}
	}
	c.done[fileID] = done
	c.mu.Unlock()
	go func() { // should the process end, Backstop has the file read again
		defer func() {
			c.mu.Lock()
			delete(c.done, fileID)
			c.mu.Unlock()
			close(done)
		}()
		defer over()
		if err := s.count(context.Background(), fileID, finish, started); err != nil {
			s.Log.Error("duplicates could not be counted; the file is checked again", "file_id", fileID, "error", err.Error())
		}
	}()
}

func (s *Service) count(ctx context.Context, id string, finish Finish, started time.Time) error {
	out, err := s.Outcome(ctx, id, finish, started)
	if err != nil {
		return err
	}
	stored := false
	for range job.MaxAttempts { // others may change the file meanwhile, by marking it used
		f, e := s.Catalog.File(ctx, id)
		if err = e; err != nil || f.Rechecking || f.Verdict != catalog.VerdictPassed {
			break
		}
		_, err = s.Catalog.Step(ctx, id, catalog.Step{From: []catalog.Status{f.Status}, To: f.Status, Action: "count", Actor: "system", Report: &out.Stored,
			Change: func(now *catalog.File) error {
				if now.Rechecking || string(now.Rules) != string(f.Rules) {
					return errs.E(errs.Conflict, "checked-meanwhile", "the file was checked again meanwhile")
				}
				why := now.ProcessingError // what else is known of it
				out.Facts(now)
				now.ProcessingError = why
				return nil
			}})
		if stored = err == nil; stored || !errs.Is(err, errs.Conflict) {
			break
		}
	}
	if !stored && out.Stored.FindingsKey != "" {
		if e := s.Blobs.Delete(ctx, out.Stored.FindingsKey); err == nil {
			err = e
		}
	}
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Conflict) {
		return nil // it is gone, or on its way
	}
	return err
}

// recount has a file read again whose duplicates nobody counts.
func (s *Service) recount(ctx context.Context, f *catalog.File) error {
	s.counts.mu.Lock()
	done := s.counts.done[f.ID]
	s.counts.mu.Unlock()
	if done != nil {
		select {
		case <-done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	r, err := s.Catalog.Report(ctx, f.ID)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var report struct {
		Duplicates *int64 `json:"duplicate_records"`
	}
	if err := json.Unmarshal(r.JSON, &report); err != nil || report.Duplicates != nil {
		return err
	}
	_, err = s.begin(ctx, f.ID, "recount", "system", nil, checkable...)
	if errs.Is(err, errs.Conflict) || errs.Is(err, errs.NotFound) {
		return nil // it is checked again already, or gone
	}
	return err
}
