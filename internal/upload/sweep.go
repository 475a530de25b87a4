package upload

import (
	"context"
	"strings"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/errs"
	"freshet/internal/promote"
)

// SweepJob is the periodic clean-up.
const SweepJob = "sweep"

func settleJob(id string) *catalog.Job {
	return &catalog.Job{Kind: promote.SettleJob, FileID: id, After: catalog.Backstop}
}

// Swept is what a clean-up removed, or would remove.
type Swept struct {
	Files int64
	Bytes int64
}

// grace is how young rubbish may be somebody's work in progress.
const grace = time.Hour

// Sweep deletes failed files and abandoned uploads older than age, on demand.
// With dry it only counts.
func (s *Service) Sweep(ctx context.Context, age time.Duration, actor string, dry bool) (Swept, error) {
	if !dry {
		defer s.Checks.Promoter.Scrub(ctx)
	}
	abandoned, err := s.sweepAbandoned(ctx, age, actor, dry, true)
	if err != nil {
		return abandoned, err
	}
	failed, err := s.sweepFailed(ctx, age, actor, dry)
	failed.Files += abandoned.Files
	failed.Bytes += abandoned.Bytes
	return failed, err
}

// SweepAll is the periodic clean-up, orphans and ended sessions included.
func (s *Service) SweepAll(ctx context.Context, failedAfter time.Duration) error {
	defer s.Checks.Promoter.Scrub(ctx)
	a, err := s.sweepAbandoned(ctx, s.Lifetime, "system", false, false)
	if err != nil {
		return err
	}
	f, err := s.sweepFailed(ctx, failedAfter, "system", false)
	if err != nil {
		return err
	}
	if err := s.Catalog.ForgetUploads(ctx, s.Catalog.Now().Add(-remembered)); err != nil {
		return err
	}
	if err := s.Catalog.ForgetSessions(ctx); err != nil {
		return err
	}
	freed, err := s.orphans(ctx)
	if n := a.Files + f.Files; n > 0 || freed > 0 {
		s.Log.Info("swept", "files", n, "bytes", a.Bytes+f.Bytes+freed)
	}
	return err
}

// remembered is how long an upload that has ended is told from one that never was.
const remembered = 7 * 24 * time.Hour

// sweepAbandoned removes uploads that nobody is sending any more. With forget
// their files' rows go too, which else stay for who polls.
func (s *Service) sweepAbandoned(ctx context.Context, age time.Duration, actor string, dry, forget bool) (n Swept, err error) {
	// a client may be silent for so long, on this node or another
	before := s.Catalog.Now().Add(-max(age, s.Stall))
	err = s.eachUpload(ctx, func(u *catalog.Upload) error {
		switch owner, err := s.owner(ctx, u); {
		case err != nil:
			return s.passing(u.ID, err)
		case s.busy(u) || owner:
			return nil
		case u.PartOf == "" && !u.Updated.Before(before): // nothing comes for a piece whose upload has ended
			return nil
		case whole(u):
			return s.Catalog.Queue(ctx, catalog.Job{Kind: CompleteJob, FileID: u.FileID})
		}
		n.Files++
		n.Bytes += u.Committed
		if dry {
			return nil
		}
		err := s.end(ctx, u, ended{how: catalog.UploadExpired, why: "the upload was abandoned", actor: "system", since: u.Updated})
		if err != nil || u.FileID == "" || !forget {
			return s.passing(u.ID, err)
		}
		_, err = s.Checks.Promoter.Delete(ctx, u.FileID, actor, "cleanup", []catalog.Status{catalog.Failed}, time.Time{})
		return s.passing(u.ID, err)
	})
	return n, err
}

// owner tells whether the upload that a piece has become part of is open still.
func (s *Service) owner(ctx context.Context, u *catalog.Upload) (bool, error) {
	if u.PartOf == "" {
		return false, nil
	}
	of, err := s.Catalog.Upload(ctx, u.PartOf)
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	return of.State == catalog.UploadOpen, err
}

// busy tells whether a request of this process adds to the upload.
func (s *Service) busy(u *catalog.Upload) bool {
	return s.claims.busy(u.ID) || u.FileID != "" && s.Board.Get(u.FileID) != nil
}

func (s *Service) sweepFailed(ctx context.Context, age time.Duration, actor string, dry bool) (n Swept, err error) {
	err = s.each(ctx, catalog.Failed, age, func(f *catalog.File) error {
		if f.Hold != "" {
			return nil
		}
		size := int64(0)
		if info, err := s.Blobs.Stat(ctx, f.ObjectKey); err == nil {
			size = info.Size
		} else if !errs.Is(err, errs.NotFound) {
			return err
		}
		if !dry {
			// one that went on meanwhile is not deleted
			if _, err := s.Checks.Promoter.Delete(ctx, f.ID, actor, "cleanup", []catalog.Status{catalog.Failed}, f.UpdatedTime); err != nil {
				return s.passing(f.ID, err)
			}
		}
		n.Files++
		n.Bytes += size
		return nil
	})
	return n, err
}

// passing has a sweep go on after what changed meanwhile, or cannot be helped
// now; only a catalog that is down ends it.
func (s *Service) passing(id string, err error) error {
	switch {
	case err == nil, errs.Is(err, errs.Conflict), errs.Is(err, errs.NotFound):
		return nil
	case errs.HasCode(err, "catalog-down"):
		return err
	}
	s.Log.Error("it could not be cleaned up", "id", id, "error", err.Error())
	return nil
}

// orphans removes bytes that no file speaks of: what a crash left.
func (s *Service) orphans(ctx context.Context) (freed int64, err error) {
	old := s.Catalog.Now().Add(-grace)
	if err := s.strayHandles(ctx, old); err != nil {
		return 0, err
	}
	for _, prefix := range []string{promote.Staging, check.FindingsPrefix} {
		for o, err := range s.Blobs.List(ctx, prefix) {
			if err != nil {
				return freed, err
			}
			id, _, _ := strings.Cut(strings.TrimPrefix(o.Key, prefix), "/")
			if !idForm.MatchString(id) && !pieceForm.MatchString(id) || o.Time.After(old) {
				continue // not ours (freshet adopt takes it), or too young to tell
			}
			owned, err := s.owned(ctx, id, o.Key)
			if err != nil {
				return freed, err
			}
			if owned {
				continue
			}
			if err := s.Blobs.Delete(ctx, o.Key); err != nil {
				return freed, err
			}
			s.Log.Info("orphan removed", "key", o.Key, "bytes", o.Size)
			freed += o.Size
		}
	}
	return freed, nil
}

// strayHandles removes open uploads of the store that no row speaks of and that
// were last written to before a time; and ends rows whose bytes the store lost.
func (s *Service) strayHandles(ctx context.Context, old time.Time) error {
	known := map[string]*catalog.Upload{}
	if err := s.eachUpload(ctx, func(u *catalog.Upload) error { c := *u; known[u.Handle] = &c; return nil }); err != nil {
		return err
	}
	ours := false
	for h, err := range s.Blobs.Handles(ctx) {
		if err != nil {
			return err
		}
		if known[h.Handle] != nil {
			ours = true
			delete(known, h.Handle)
		} else if h.Time.Before(old) {
			if err := s.Blobs.Abort(ctx, h.Key, h.Handle); err != nil {
				return err
			}
		}
	}
	for _, err := range s.Blobs.List(ctx, rootPrefix) {
		ours = ours || err == nil
		break
	}
	if !ours {
		return nil // all is missing: it is the wrong disk, or none, rather than a loss
	}
	for _, u := range known {
		held, err := s.Blobs.Holds(ctx, u.Key, u.Handle)
		if err == nil && !held {
			err = s.endLost(ctx, u)
		}
		if err := s.passing(u.ID, err); err != nil {
			return err
		}
	}
	return nil
}

const whyLost = "the store has lost what was sent; begin the upload again"

// endLost ends an upload whose bytes are nowhere: neither under its handle nor,
// had it been about to be a file, under its key.
func (s *Service) endLost(ctx context.Context, u *catalog.Upload) error {
	now, err := s.Catalog.Upload(ctx, u.ID)
	if err != nil || now.State != catalog.UploadOpen || s.busy(u) {
		return err
	}
	if _, err := s.Blobs.Stat(ctx, u.Key); err == nil || !errs.Is(err, errs.NotFound) {
		return err
	}
	s.Log.Error("the store lost an upload", "upload_id", u.ID, "file_id", u.FileID, "bytes", now.Committed)
	return s.end(ctx, &now, ended{how: catalog.UploadFailed, why: whyLost, actor: "system", since: now.Updated})
}

// owned tells whether the file, or the piece, of that id speaks of the object.
func (s *Service) owned(ctx context.Context, id, key string) (bool, error) {
	if pieceForm.MatchString(id) {
		u, err := s.Catalog.Upload(ctx, id)
		if errs.Is(err, errs.NotFound) {
			return false, nil
		}
		return u.State == catalog.UploadOpen, err
	}
	f, err := s.Catalog.File(ctx, id)
	if errs.Is(err, errs.NotFound) || err == nil && f.ID != id {
		return false, nil
	}
	if err != nil || f.ObjectKey == key || f.MovingTo == key || f.Status == catalog.Uploading {
		return true, err
	}
	r, err := s.Catalog.Report(ctx, id)
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	return r.FindingsKey == key, err
}

// each calls f with every file of a status that has not changed for age.
func (s *Service) each(ctx context.Context, status catalog.Status, age time.Duration, f func(*catalog.File) error) error {
	before := s.Catalog.Now().Add(-age)
	if age == 0 {
		before = s.Catalog.Now().Add(time.Second) // all there are, this instant's included
	}
	var at time.Time
	var id string
	for {
		page, err := s.Catalog.Select(ctx, status, before, at, id, 100)
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			at, id = page[i].UpdatedTime, page[i].ID
			if err := f(&page[i]); err != nil {
				return err
			}
		}
	}
}

// eachUpload calls f with every open upload.
func (s *Service) eachUpload(ctx context.Context, f func(*catalog.Upload) error) error {
	var last catalog.Upload
	for {
		page, err := s.Catalog.Uploads(ctx, catalog.UploadOpen, last, 100)
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			last = page[i]
			if err := f(&page[i]); err != nil {
				return err
			}
		}
	}
}
