// Package migrate copies a whole installation, which must not run, to another
// catalog and another store, of whatever kinds. Bytes come first and facts
// second, as in an upload: an object appears only once its hash was compared,
// so that one that is there need not be copied again, and whatever ends a
// migration, the same command goes on with it.
package migrate

import (
	"context"
	"fmt"
	"sync/atomic"

	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/errs"
	"freshet/internal/promote"
	"freshet/internal/upload"
)

// Side is an installation.
type Side struct {
	Catalog  *catalog.Store
	Blobs    blob.Store
	Promoter *promote.Promoter
	Uploads  *upload.Service
}

// Migration is one installation on its way from one side to the other.
type Migration struct {
	From, To   Side
	EndUploads bool // end uploads that are open, which cannot move
	// Jobs are queued at the target besides those that its files need.
	Jobs []catalog.Job
	// Warn tells of what ends differently than it began.
	Warn func(format string, args ...any)

	Progress Progress
}

// Progress is how far it is. All of it may be read at any time.
type Progress struct {
	Files, AllFiles atomic.Int64 // whose bytes are there
	Bytes, AllBytes atomic.Int64
	Rows, AllRows   atomic.Int64 // copied and, at the end, compared
}

// Result is what was done.
type Result struct {
	Files, Bytes int64            // objects of files that are at the target
	Copied       int64            // bytes that were copied by this run
	Left         int64            // failed files of which only the facts were copied
	Rows         map[string]int64 // by table
	Ended        int64            // open uploads that were ended
	Again        bool             // it had been complete before
}

// Survey is what there is to be moved.
type Survey struct {
	Files, Bytes, Findings int64
	Rows                   map[string]int64
	Moving                 int64 // files whose move broke off
	Open                   []catalog.Upload
}

// page is how many files are read at once.
const page = 200

// Survey looks at the source, and changes nothing.
func (m *Migration) Survey(ctx context.Context) (s Survey, err error) {
	if s.Rows, err = m.From.Catalog.Rows(ctx); err != nil {
		return s, err
	}
	moving, err := m.From.Catalog.Moving(ctx)
	if err != nil {
		return s, err
	}
	s.Moving = int64(len(moving))
	err = m.eachFile(ctx, func(f catalog.File) error {
		if hasBytes(&f) {
			s.Files++
			s.Bytes += f.Size
		}
		key, err := m.findings(ctx, f.ID)
		if key != "" {
			s.Findings++
		}
		return err
	})
	if err != nil {
		return s, err
	}
	var last catalog.Upload
	for {
		list, err := m.From.Catalog.Uploads(ctx, catalog.UploadOpen, last, page)
		if err != nil || len(list) == 0 {
			return s, err
		}
		s.Open, last = append(s.Open, list...), list[len(list)-1]
	}
}

// Run migrates, or goes on with a migration that broke off.
func (m *Migration) Run(ctx context.Context) (r Result, err error) {
	survey, err := m.Survey(ctx)
	if err != nil {
		return r, err
	}
	if len(survey.Open) > 0 && !m.EndUploads {
		return r, errs.E(errs.Conflict, "open-uploads", "%d uploads are open, which cannot move", len(survey.Open)).
			WithHint("start the server and let them finish, or end them with --end-uploads: their clients have to begin again")
	}
	source, err := m.From.Catalog.Identity(ctx)
	if err != nil {
		return r, err
	}
	if r.Again, err = m.To.Catalog.BeginMigration(ctx, source); err != nil || r.Again {
		return r, err
	}
	if r.Ended, err = m.settle(ctx, survey.Open); err != nil {
		return r, err
	}
	p := &m.Progress
	p.AllFiles.Store(survey.Files)
	p.AllBytes.Store(survey.Bytes)
	for _, n := range survey.Rows {
		p.AllRows.Add(2 * n)
	}
	if err := m.bytes(ctx, &r); err != nil {
		return r, err
	}
	rows := func(_ string, n int) { p.Rows.Add(int64(n)) }
	if err := m.From.Catalog.CopyTo(ctx, m.To.Catalog, rows); err != nil {
		return r, err
	}
	if err := m.From.Catalog.Compare(ctx, m.To.Catalog, rows); err != nil {
		return r, err
	}
	if err := m.jobs(ctx); err != nil {
		return r, err
	}
	if r.Rows, err = m.To.Catalog.Rows(ctx); err != nil {
		return r, err
	}
	return r, m.To.Catalog.EndMigration(ctx)
}

// whyEnded is what the client of an upload is told that could not move.
const whyEnded = "the server moved to another store while the file arrived; send it again"

// settle has every file of the source be where its row says: moves that broke
// off are finished, and uploads end.
func (m *Migration) settle(ctx context.Context, open []catalog.Upload) (ended int64, err error) {
	if err := m.From.Promoter.RollForward(ctx); err != nil {
		return 0, err
	}
	moving, err := m.From.Catalog.Moving(ctx)
	if err != nil {
		return 0, err
	}
	if len(moving) > 0 {
		return 0, errs.E(errs.Conflict, "unfinished-move", "%d files are half-way from one place to another, the first is %s", len(moving), moving[0].ID).
			WithHint("see what freshet fsck says of them")
	}
	for i := range open {
		if err := m.From.Uploads.GiveUp(ctx, &open[i], whyEnded); err != nil {
			return ended, fmt.Errorf("end upload %s: %w", open[i].ID, err)
		}
		ended++
	}
	return ended, m.eachFile(ctx, func(f catalog.File) error {
		if f.Status != catalog.Uploading {
			return nil
		}
		// an object that was being adopted: it is there still, and its file never was
		_, err := m.From.Catalog.Step(ctx, f.ID, catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Failed, Action: "fail", Actor: "system", Detail: whyEnded,
			Change: func(f *catalog.File) error {
				f.Verdict, f.FailureKind, f.ProcessingError = catalog.VerdictNone, catalog.FailedUpload, whyEnded
				return nil
			}})
		return err
	})
}

// eachFile hands every file of the source to f.
func (m *Migration) eachFile(ctx context.Context, f func(catalog.File) error) error {
	for id := ""; ; {
		list, err := m.From.Catalog.FilesAfter(ctx, id, page)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, file := range list {
			if err := f(file); err != nil {
				return err
			}
			id = file.ID
		}
	}
}

// findings is the key of the object with all findings of a file, or empty.
func (m *Migration) findings(ctx context.Context, id string) (string, error) {
	r, err := m.From.Catalog.Report(ctx, id)
	if errs.Is(err, errs.NotFound) {
		return "", nil
	}
	return r.FindingsKey, err
}

// hasBytes tells whether a file has an object.
func hasBytes(f *catalog.File) bool { return f.Hash != "" && f.FailureKind != catalog.FailedUpload }

// jobs has the target's servers go on with what the source's had still to do.
func (m *Migration) jobs(ctx context.Context) error {
	jobs := m.Jobs
	err := m.eachFile(ctx, func(f catalog.File) error {
		switch {
		case f.Status == catalog.Uploaded:
			jobs = append(jobs, catalog.Job{Kind: promote.SettleJob, FileID: f.ID})
		case check.WaitsForScan(&f):
			jobs = append(jobs, catalog.Job{Kind: check.ScanJob, FileID: f.ID})
		case f.Status == catalog.Processing, f.Rechecking:
			jobs = append(jobs, catalog.Job{Kind: check.ValidateJob, FileID: f.ID})
		}
		return nil
	})
	for _, j := range jobs {
		if err == nil {
			err = m.To.Catalog.Queue(ctx, j)
		}
	}
	return err
}
