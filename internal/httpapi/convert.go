package httpapi

import (
	"context"
	"encoding/json"
	"time"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/errs"
)

// file is a file as clients see it.
func (s *Server) file(f *catalog.File) api.File {
	out := api.File{
		FileID: f.ID, Project: f.Project, OriginalName: f.Name, ObjectKey: f.ObjectKey, MinioPath: f.ObjectKey, DataType: f.DataType, Status: string(f.Status),
		UploadTime: f.UploadTime, FileSize: f.Size, FileHash: f.Hash, SHA256: optional(f.SHA256), Format: f.Format, RecordCount: f.Records,
		ErrorsFound: f.Errors, WarningsFound: f.Warnings, UsedCount: f.UsedCount, TrainingJobs: f.TrainingJobs, Metadata: f.Metadata,
		Verdict: string(f.Verdict), FailureKind: string(f.FailureKind), ProcessingProgress: s.progressOf(f), ProcessingError: f.ProcessingError,
		ChunkCount: f.ChunkCount, CreatedBy: f.CreatedBy, UpdatedTime: f.UpdatedTime, Rechecking: f.Rechecking, Hold: optional(f.Hold), DuplicateOf: f.DuplicateOf,
	}
	if url := s.Blobs.URL(f.ObjectKey); url != "" {
		out.S3URL = &url
	}
	if !f.LastUsed.IsZero() {
		out.LastUsed = &f.LastUsed
	}
	if out.TrainingJobs == nil {
		out.TrainingJobs = []string{}
	}
	if len(out.Metadata) == 0 {
		out.Metadata = json.RawMessage("{}")
	}
	return out
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (s *Server) progressOf(f *catalog.File) float64 {
	if l := s.Board.Get(f.ID); l != nil && !f.Rechecking {
		return max(f.Progress, l.Progress())
	}
	return f.Progress
}

// progress is what a poller gets.
func (s *Server) progress(ctx context.Context, f *catalog.File, asked string) (api.Progress, error) {
	p := api.Progress{
		FileID: asked, FileIDCamel: asked, Status: string(f.Status), Progress: s.progressOf(f), FileSize: f.Size, ChunkCount: f.ChunkCount,
		Error: optional(f.ProcessingError), Stage: "done", BytesReceived: f.Size, BytesChecked: f.Size, RecordsChecked: f.Records,
		ErrorsFound: f.Errors, WarningsFound: f.Warnings, OriginalName: f.Name, DuplicateOf: f.DuplicateOf,
	}
	switch f.Status {
	case catalog.Uploading:
		p.Stage = "receiving"
	case catalog.Processing:
		p.Stage = "checking"
		switch {
		case check.WaitsForScan(f):
			p.Stage = "scanning"
		case f.Verdict == catalog.VerdictPassed:
			p.Stage = "promoting"
		}
	}
	l := s.Board.Get(f.ID)
	if l != nil && l.Elsewhere && f.Verdict != catalog.VerdictInProgress {
		l = nil // what that node tells is behind the facts
	}
	var u catalog.Upload
	if f.Status == catalog.Uploading {
		var err error
		if u, err = s.Catalog.UploadOf(ctx, f.ID); err != nil && !errs.Is(err, errs.NotFound) {
			return p, err
		}
		if u.State == catalog.UploadOpen {
			p.UploadID = &u.ID
		}
	}
	if f.Status == catalog.Uploading && l == nil {
		p.FileSize, p.BytesReceived, p.BytesChecked = max(u.Size, 0), u.Committed, u.Committed
		p.RecordsChecked, p.ErrorsFound, p.WarningsFound = u.Records, u.Errors, u.Warnings
	}
	if l != nil {
		t, total := l.Tally(), l.Total.Load()
		p.BytesReceived, p.BytesChecked, p.RecordsChecked, p.ErrorsFound, p.WarningsFound = l.Received.Load(), t.Bytes, t.Records, t.Errors, t.Warnings
		if o := s.Board.Other(f.ID); o != nil && o != l { // parts arrive on several nodes, of which each knows its own
			t = t.AtLeast(o.Tally())
			p.BytesReceived, p.BytesChecked, p.RecordsChecked, p.ErrorsFound, p.WarningsFound = max(p.BytesReceived, o.Received.Load()), t.Bytes, t.Records, t.Errors, t.Warnings
		}
		done := p.BytesReceived
		if l.Checking {
			done = t.Bytes
		}
		if p.FileSize == 0 {
			p.FileSize = max(total, p.BytesReceived)
		}
		if d := time.Since(l.Started).Seconds(); d > 0 {
			p.BytesPerSecond = int64(float64(done) / d)
		}
		if p.BytesPerSecond > 0 && total > 0 {
			eta := max(0, (total-done)/p.BytesPerSecond)
			p.ETASeconds = &eta
		}
	}
	p.FileSizeCamel, p.ChunkCamel = p.FileSize, p.ChunkCount
	return p, nil
}

func event(e *catalog.Event) api.Event {
	return api.Event{ID: e.ID, FileID: e.FileID, At: e.At, Actor: e.Actor, Action: e.Action, FromStatus: string(e.From), ToStatus: string(e.To), Detail: e.Detail, Source: e.Source}
}
