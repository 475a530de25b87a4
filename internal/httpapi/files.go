package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"freshet/api"
	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/promote"

	"github.com/danielgtaylor/huma/v2"
)

// fileRoutes are those that read.
func (s *Server) fileRoutes() {
	tag := []string{"files"}
	handle(s, huma.Operation{OperationID: "upload-progress", Method: http.MethodGet, Path: "/upload-progress/{file_id}", Summary: "How far a file is", Tags: tag, Errors: []int{404}},
		func(ctx context.Context, in *FileParam) (*body[api.Progress], error) {
			f, err := s.Catalog.File(ctx, in.FileID)
			if err != nil {
				return nil, err
			}
			p, err := s.progress(ctx, &f, in.FileID)
			return &body[api.Progress]{p}, err
		})
	handle(s, huma.Operation{OperationID: "staged-files", Method: http.MethodGet, Path: "/staged-files", Summary: "List files, a page at a time", Tags: tag}, s.list)
	handle(s, huma.Operation{OperationID: "named-files", Method: http.MethodPost, Path: "/named-files", Summary: "Which of many names are taken",
		Description: "Of each the newest file whose bytes are here. A name is no key: files of the same name are kept side by side.", Tags: tag}, s.named)
	handle(s, huma.Operation{OperationID: "file-info", Method: http.MethodGet, Path: "/file-info/{file_id}", Summary: "What is known of a file", Tags: tag, Errors: []int{404}},
		func(ctx context.Context, in *FileParam) (*body[api.File], error) {
			f, err := s.Catalog.File(ctx, in.FileID)
			if err != nil {
				return nil, err
			}
			return &body[api.File]{s.file(&f)}, nil
		})
	handle(s, huma.Operation{OperationID: "validation-report", Method: http.MethodGet, Path: "/validation-report/{file_id}", Summary: "The report on a file's records",
		Description: "Also while the file is still arriving: the verdict is in_progress then.", Tags: tag, Errors: []int{404}}, s.report)
	handle(s, huma.Operation{OperationID: "findings-map", Method: http.MethodGet, Path: "/findings-map/{file_id}", Summary: "Where in a file its findings lie", Tags: tag, Errors: []int{404},
		Description: "Counts all findings that are kept, not only those that the report lists."}, s.findingsMap)
	handle(s, huma.Operation{OperationID: "activity", Method: http.MethodGet, Path: "/activity", Summary: "What happened to all files, newest first", Tags: tag}, s.activity)
	handle(s, huma.Operation{OperationID: "history", Method: http.MethodGet, Path: "/history/{file_id}", Summary: "Who did what to a file, when", Tags: tag, Errors: []int{404}},
		func(ctx context.Context, in *FileParam) (*body[api.History], error) {
			id := in.FileID
			if f, err := s.Catalog.File(ctx, id); err == nil {
				id = f.ID
			} else if !errs.Is(err, errs.NotFound) { // a deleted file has its history still
				return nil, err
			}
			events, err := s.Catalog.History(ctx, id)
			if err != nil {
				return nil, err
			}
			out := api.History{FileID: id, Events: []api.Event{}}
			for i := range events {
				out.Events = append(out.Events, event(&events[i]))
			}
			return &body[api.History]{out}, nil
		})
	handle(s, huma.Operation{OperationID: "records", Method: http.MethodGet, Path: "/records/{file_id}", Summary: "Records from a line on, for a preview", Description: "A compressed file is read from its front, up to 256 MiB of what it unpacks to.", Tags: tag, Errors: []int{403, 404, 409, 422}}, s.records)
	handle(s, huma.Operation{OperationID: "record-overlap", Method: http.MethodGet, Path: "/record-overlap/{file_id}", Summary: "Which of a file's records other fresh files hold already",
		Description: "Compares samples of records that checks keep: exact for files of up to 1,024 different records, else an estimate with its margin.", Tags: tag, Errors: []int{404, 409}}, s.recordOverlap)
}

// provisionalOnly tells that the report on a file is one on what of it is here
// and checked so far.
func (s *Server) provisionalOnly(f *catalog.File) bool {
	return f.Status == catalog.Uploading || f.Verdict == catalog.VerdictInProgress && s.Board.Get(f.ID) != nil
}

// provisional is the report on what of a file is here and checked, nil if that is nothing yet.
func (s *Server) provisional(ctx context.Context, f *catalog.File) (*api.Report, time.Time, error) {
	l := s.Board.Get(f.ID)
	if l != nil {
		if r, err := l.Report(); r != nil || err != nil {
			return r, l.Started, err
		}
	}
	u, err := s.Catalog.UploadOf(ctx, f.ID)
	if errs.Is(err, errs.NotFound) {
		return nil, f.UploadTime, nil
	}
	if err != nil || f.Status != catalog.Uploading {
		return nil, f.UploadTime, err
	}
	r, err := s.Uploads.Provisional(ctx, &u, f)
	return r, u.Created, err
}

func (s *Server) report(ctx context.Context, in *FileParam) (*body[api.Report], error) {
	f, err := s.Catalog.File(ctx, in.FileID)
	if err != nil {
		return nil, err
	}
	if s.provisionalOnly(&f) {
		r, started, err := s.provisional(ctx, &f)
		if err != nil {
			return nil, err
		}
		if r == nil { // fewer bytes than tell the format
			r = &api.Report{FileName: f.Name, Verdict: "in_progress", Encoding: "utf-8", Newline: "none", Schema: "none", ByRule: []api.RuleCount{}, Findings: []api.Finding{}, Fields: []api.Field{}, Rules: f.Rules}
		}
		out := *r
		out.FileID, out.Engine, out.Started = f.ID, s.Checks.Engine, started.UTC()
		withhold(ctx, &f, &out)
		return &body[api.Report]{out}, nil
	}
	stored, err := s.Catalog.Report(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	out := &body[api.Report]{}
	err = json.Unmarshal(stored.JSON, &out.Body)
	withhold(ctx, &f, &out.Body)
	return out, err
}

// quotable tells whether a caller may see what a report quotes of a file: of one
// in quarantine only who may have its bytes.
func quotable(ctx context.Context, f *catalog.File) bool {
	return !promote.Quarantined(f) || readable(ctx, f) == nil && access.From(ctx).May(f.Project, access.Download)
}

// withhold takes what is quoted of a file out of a report, unless the caller may
// see it: excerpts, and the values that stand there most often. What the report
// was made from may be another's and stays as it is.
func withhold(ctx context.Context, f *catalog.File, r *api.Report) {
	if quotable(ctx, f) {
		return
	}
	r.Findings, r.Fields = slices.Clone(r.Findings), slices.Clone(r.Fields)
	for i := range r.Findings {
		r.Findings[i].Excerpt, r.Findings[i].Mark = "", nil
	}
	for i := range r.Fields {
		r.Fields[i].Top, r.Fields[i].Min, r.Fields[i].Max = nil, nil, nil
	}
}
