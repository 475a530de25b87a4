package upload

import (
	"context"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/errs"
)

const whyStopped = "the server stopped while the file arrived; send it again"

// Recover takes up what a stopped process left, before this one receives
// anything: what came in one request was not acknowledged and ends; uploads that
// can be resumed wait for their clients, and those that have all their bytes
// are completed by the queue.
func (s *Service) Recover(ctx context.Context) error {
	if s.Catalog.Shared() {
		return s.RecoverShared(ctx)
	}
	stopped := ended{how: catalog.UploadFailed, why: whyStopped, actor: "system"}
	err := s.eachUpload(ctx, func(u *catalog.Upload) error {
		switch {
		case u.Protocol == catalog.Form:
			return s.passing(u.ID, s.end(ctx, u, stopped))
		case whole(u):
			return s.Catalog.Queue(ctx, catalog.Job{Kind: CompleteJob, FileID: u.FileID})
		}
		return nil
	})
	if err != nil {
		return err
	}
	// files that were taken from the store have no upload
	err = s.each(ctx, catalog.Uploading, 0, func(f *catalog.File) error {
		if u, err := s.Catalog.UploadOf(ctx, f.ID); err == nil && u.State == catalog.UploadOpen {
			return nil
		} else if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		return s.passing(f.ID, s.fail(ctx, f.ID, stopped))
	})
	if err != nil {
		return err
	}
	return s.strayHandles(ctx, time.Now().Add(time.Minute)) // those whose row was never made
}

// RunComplete does a complete job: it finishes what a process that died could not.
func (s *Service) RunComplete(ctx context.Context, fileID string) error {
	u, err := s.Catalog.UploadOf(ctx, fileID)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil || u.State != catalog.UploadOpen {
		return err
	}
	if len(u.Pieces) > 0 {
		if err := s.gather(ctx, &u); err != nil {
			return err
		}
	}
	_, err = s.Complete(ctx, u.ID)
	if err != nil && !passing(err) {
		return nil // a verdict on the upload: its row says so
	}
	return err
}
