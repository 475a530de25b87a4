package httpapi

import (
	"context"
	"slices"
	"strings"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/upload"
)

// named tells which names are taken, so that a page can ask before it sends many files.
func (s *Server) named(ctx context.Context, in *struct{ Body api.FileNames }) (*body[api.NamedFiles], error) {
	files, err := s.Catalog.Named(ctx, in.Body.Names)
	if err != nil {
		return nil, err
	}
	out := api.NamedFiles{Files: make([]api.File, 0, len(files))}
	for i := range files {
		out.Files = append(out.Files, s.file(&files[i]))
	}
	return &body[api.NamedFiles]{out}, nil
}

type listInput struct {
	Status   string `query:"status" maxLength:"200" doc:"Only files of this status, or of one of several: failed,uploaded"`
	Verdict  string `query:"verdict" enum:"none,in_progress,passed,failed" doc:"With status=uploaded, passed: what waits to be promoted"`
	DataType string `query:"data_type"`
	Search   string `query:"q" maxLength:"200" doc:"Part of the name, whatever its case; or an id, of which file_ and 6 digits do"`
	Sort     string `query:"sort" doc:"-upload_time (default), upload_time, -updated_time, updated_time, original_name, -original_name, file_size, -file_size"`
	Limit    int    `query:"limit" default:"100" minimum:"1" maximum:"1000"`
	Cursor   string `query:"cursor" maxLength:"4000" doc:"next_cursor of the page before: nothing is missed or told twice, whatever happens meanwhile"`
	Offset   int64  `query:"offset" minimum:"0" maximum:"1000000000000" doc:"Rows to pass over instead, to jump into a long list"`
}

func (s *Server) list(ctx context.Context, in *listInput) (*body[api.FileList], error) {
	q := catalog.Query{DataType: in.DataType, Verdict: catalog.Verdict(in.Verdict), Search: in.Search, Sort: in.Sort, Limit: in.Limit, Cursor: in.Cursor, Offset: in.Offset}
	if in.Status != "" {
		for name := range strings.SplitSeq(in.Status, ",") {
			st, err := catalog.ParseStatus(name)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(q.Statuses, st) {
				q.Statuses = append(q.Statuses, st)
			}
		}
	}
	if in.DataType != "" {
		if err := upload.CheckDataType(in.DataType); err != nil {
			return nil, err
		}
	}
	p, err := s.Catalog.List(ctx, q)
	if err != nil {
		return nil, err
	}
	out := api.FileList{Files: make([]api.File, 0, len(p.Files)), TotalCount: p.Total, ByStatus: map[string]int64{}, NextCursor: optional(p.Next)}
	for i := range p.Files {
		out.Files = append(out.Files, s.file(&p.Files[i]))
	}
	for st, n := range p.ByStatus {
		out.ByStatus[string(st)] = n
	}
	return &body[api.FileList]{out}, nil
}

type activityInput struct {
	Limit  int   `query:"limit" default:"100" minimum:"1" maximum:"1000"`
	Before int64 `query:"before" minimum:"1" doc:"next_before of the page before"`
}

func (s *Server) activity(ctx context.Context, in *activityInput) (*body[api.Activity], error) {
	deeds, err := s.Catalog.Activity(ctx, in.Before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := api.Activity{Events: []api.ActivityEvent{}}
	if len(deeds) > in.Limit {
		deeds = deeds[:in.Limit]
		out.NextBefore = &deeds[in.Limit-1].ID
	}
	for i := range deeds {
		d := &deeds[i]
		out.Events = append(out.Events, api.ActivityEvent{Event: event(&d.Event), OriginalName: optional(d.Name)})
	}
	return &body[api.Activity]{out}, nil
}
