package httpapi

import (
	"context"
	"fmt"
	"net/http"

	"freshet/api"
	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/errs"

	"github.com/danielgtaylor/huma/v2"
)

// retainedShown is how many files an answer names.
const retainedShown = 1000

// retentionRoutes apply a project's rules now, and keep files from them.
func (s *Server) retentionRoutes() {
	tag := []string{"retention"}
	handle(s, huma.Operation{OperationID: "apply-retention", Method: http.MethodPost, Path: "/apply-retention", Summary: "Delete what the project's rules do not keep any longer", Tags: tag,
		Description: "The server does so by itself, once an hour; with dry_run it only says what would go, and takes other rules than the project's to try."}, s.applyRetention)
	handle(s, huma.Operation{OperationID: "hold-file", Method: http.MethodPost, Path: "/hold-file/{file_id}", Summary: "Keep a file from being deleted, by whomever or whatever", Tags: tag, Errors: []int{404, 409}},
		func(ctx context.Context, in *struct {
			FileParam
			Body api.Hold
		}) (*body[api.File], error) {
			return s.hold(ctx, in.FileID, in.Body.Reason)
		})
	handle(s, huma.Operation{OperationID: "release-file", Method: http.MethodDelete, Path: "/hold-file/{file_id}", Summary: "End a hold", Tags: tag, Errors: []int{404, 409}},
		func(ctx context.Context, in *FileParam) (*body[api.File], error) {
			return s.hold(ctx, in.FileID, "")
		})
}

func (s *Server) hold(ctx context.Context, id, reason string) (*body[api.File], error) {
	f, err := s.Catalog.SetHold(ctx, id, reason, actor(ctx))
	if err != nil {
		return nil, err
	}
	return &body[api.File]{s.file(&f)}, nil
}

type retentionInput struct {
	DryRun bool          `query:"dry_run"`
	Body   *api.TryRules `required:"false"`
}

func (s *Server) applyRetention(ctx context.Context, in *retentionInput) (*body[api.Retained], error) {
	p, err := s.Catalog.Project(ctx, access.Project(ctx))
	if err != nil {
		return nil, err
	}
	if in.Body != nil && in.Body.Retention != nil {
		if !in.DryRun {
			return nil, errs.E(errs.Invalid, "not-a-dry-run", "other rules than the project's are only tried").WithHint("add ?dry_run=true, or give the project these rules")
		}
		p.Settings.Retention = retentionFrom(in.Body.Retention)
		if err := p.Settings.Check(); err != nil {
			return nil, err
		}
	}
	out, err := s.retain(ctx, &p, in.DryRun)
	return &body[api.Retained]{out}, err
}

func (s *Server) retain(ctx context.Context, p *catalog.Project, dry bool) (api.Retained, error) {
	out := api.Retained{Status: "success", Files: []api.RetainedFile{}}
	if !dry {
		if err := s.remember(ctx, catalog.Act{Action: "apply-retention", Project: p.Name}); err != nil {
			return out, err
		}
	}
	err := s.Promoter.RetainIn(ctx, p, s.Settings.DeprecatedAfter, actor(ctx), dry, func(f catalog.File, why string) {
		out.DeletedCount++
		out.BytesFreed += f.Size
		if len(out.Files) == retainedShown {
			out.Truncated = true
			return
		}
		out.Files = append(out.Files, api.RetainedFile{FileID: f.ID, OriginalName: f.Name, DataType: f.DataType, FileStatus: string(f.Status), FileSize: f.Size, Reason: why})
	})
	done := "deleted"
	if dry {
		done = "would be deleted"
	}
	out.Message = fmt.Sprintf("%d files, %d bytes %s", out.DeletedCount, out.BytesFreed, done)
	return out, err
}
