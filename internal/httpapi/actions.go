package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"freshet/api"
	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/errs"

	"github.com/danielgtaylor/huma/v2"
)

// actionRoutes are those that change something.
func (s *Server) actionRoutes() {
	tag := []string{"actions"}
	process := huma.Operation{OperationID: "process-file", Method: http.MethodPost, Path: "/process-file/{file_id}", Summary: "Check a file, with other rules or those of before", Tags: tag,
		DefaultStatus: http.StatusAccepted, Errors: []int{404, 409},
		SkipValidateBody: true, // rules are parsed by the one who knows them, with the path of a fault
		RequestBody: &huma.RequestBody{Description: "Rules, or nothing", Content: map[string]*huma.MediaType{
			"application/json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(typeOf[api.Rules](), true, "Rules")}}}}
	handle(s, process, s.process)
	process.RequestBody.Required = false // huma takes a body for required where there is one
	handle(s, huma.Operation{OperationID: "retry-failed-file", Method: http.MethodPost, Path: "/retry-failed-file/{file_id}", Summary: "Check a failed file again, with its last rules", Tags: tag,
		DefaultStatus: http.StatusAccepted, Errors: []int{404, 409}},
		func(ctx context.Context, in *RetryParams) (*processOutput, error) {
			wait, err := parseWait(in.Wait)
			if err != nil {
				return nil, err
			}
			f, err := s.Checks.Retry(ctx, in.FileID, actor(ctx))
			if err != nil {
				return nil, err
			}
			return s.processed(ctx, f, wait)
		})
	handle(s, huma.Operation{OperationID: "cleanup-failed-uploads", Method: http.MethodDelete, Path: "/cleanup-failed-uploads", Summary: "Delete old failed files and abandoned uploads", Tags: tag}, s.cleanup)
	s.step("promote-file", http.MethodPost, "Make a file fresh that passed", func(ctx context.Context, id string) (catalog.File, error) {
		return s.Checks.Promote(ctx, id, actor(ctx))
	})
	handle(s, huma.Operation{OperationID: "mark-used", Method: http.MethodPost, Path: "/mark-used/{file_id}", Summary: "Note that a training job read a file", Tags: tag, Errors: []int{404, 409}},
		func(ctx context.Context, in *usedInput) (*body[api.File], error) {
			f, err := s.Promoter.MarkUsed(ctx, in.FileID, in.Body.TrainingJob, actor(ctx))
			if err != nil {
				return nil, err
			}
			return &body[api.File]{s.file(&f)}, nil
		})
	s.step("archive-file", http.MethodPost, "Move a file out of fresh, to keep", func(ctx context.Context, id string) (catalog.File, error) {
		return s.Promoter.Archive(ctx, id, actor(ctx))
	})
	s.step("deprecate-file", http.MethodPost, "Mark a file as not to be used", func(ctx context.Context, id string) (catalog.File, error) {
		return s.Promoter.Deprecate(ctx, id, actor(ctx))
	})
	handle(s, huma.Operation{OperationID: "delete-file", Method: http.MethodDelete, Path: "/file/{file_id}", Summary: "Delete a file; its history stays", Tags: tag, Errors: []int{404, 409}},
		func(ctx context.Context, in *FileParam) (*body[api.Deleted], error) {
			f, err := s.Promoter.DeleteOne(ctx, in.FileID, actor(ctx))
			if err != nil {
				return nil, err
			}
			return &body[api.Deleted]{api.Deleted{Status: "success", Message: "the file is deleted", FileID: f.ID}}, nil
		})
}

// step registers an action that takes a file and gives it as it is afterwards.
func (s *Server) step(name, method, summary string, do func(context.Context, string) (catalog.File, error)) {
	handle(s, huma.Operation{OperationID: name, Method: method, Path: "/" + name + "/{file_id}", Summary: summary, Tags: []string{"actions"}, Errors: []int{404, 409}},
		func(ctx context.Context, in *FileParam) (*body[api.File], error) {
			f, err := do(ctx, in.FileID)
			if err != nil {
				return nil, err
			}
			return &body[api.File]{s.file(&f)}, nil
		})
}

type usedInput struct {
	FileParam
	Body struct {
		TrainingJob string `json:"training_job,omitempty" maxLength:"1000" doc:"Name or number of the job"`
	}
}

// RetryParams are those of retry-failed-file.
type RetryParams struct {
	FileParam
	Wait string `query:"wait" example:"30s" doc:"Wait so long for the verdict"`
}

type processInput struct {
	RetryParams
	RawBody []byte
}

type processOutput struct {
	Status int
	Body   api.Processed
}

func (s *Server) process(ctx context.Context, in *processInput) (*processOutput, error) {
	wait, err := parseWait(in.Wait)
	if err != nil {
		return nil, err
	}
	f, err := s.Catalog.File(ctx, in.FileID)
	if err != nil {
		return nil, err
	}
	access.From(ctx).Project = f.Project // whose rule sets are meant
	var rules json.RawMessage
	options, err := s.rules(ctx, "", in.RawBody)
	if err != nil {
		return nil, err
	}
	if len(in.RawBody) > 0 {
		rules = options.Marshal()
	}
	f, err = s.Checks.Start(ctx, in.FileID, actor(ctx), rules)
	if err != nil {
		return nil, err
	}
	return s.processed(ctx, f, wait)
}

const longestWait = 10 * time.Minute

func parseWait(v string) (time.Duration, error) {
	if v == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 || d > longestWait {
		return 0, errs.E(errs.Invalid, "bad-wait", "wait %q is not a time such as 30s, at most %s", v, longestWait)
	}
	return d, nil
}

// processed answers at once, or once the verdict is there.
func (s *Server) processed(ctx context.Context, f catalog.File, wait time.Duration) (*processOutput, error) {
	out := &processOutput{Status: http.StatusAccepted, Body: api.Processed{Status: "processing", Message: "the file is being checked", FileID: f.ID}}
	if wait == 0 {
		return out, nil
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	f, settled, err := s.settled(ctx, f.ID)
	if err != nil || !settled {
		return out, err
	}
	out.Status = http.StatusOK
	out.Body.ErrorsFound, out.Body.ReportURL = &f.Errors, Prefix+"/validation-report/"+f.ID
	out.Body.Status, out.Body.Message = "success", "the file passed its checks"
	if f.Status == catalog.Failed || f.ProcessingError != "" {
		out.Body.Status, out.Body.Message = "error", f.ProcessingError
	}
	return out, nil
}

// settled waits until a file is not being checked any more, or ctx ends.
func (s *Server) settled(ctx context.Context, id string) (catalog.File, bool, error) {
	changes, stop := s.events.subscribe()
	defer stop()
	for {
		f, err := s.Catalog.File(context.WithoutCancel(ctx), id)
		if err != nil {
			return f, false, err
		}
		if f.Status != catalog.Processing && !f.Rechecking && f.MovingTo == "" {
			return f, true, nil
		}
		for mine := false; !mine; {
			select {
			case e, ok := <-changes:
				if !ok {
					return f, false, nil
				}
				mine = e.file.ID == f.ID
			case <-ctx.Done():
				return f, false, nil
			}
		}
	}
}

type cleanupInput struct {
	HoursOld float64 `query:"hours_old" default:"24" minimum:"0" maximum:"1000000" doc:"0: all that failed or was abandoned"`
	DryRun   bool    `query:"dry_run"`
}

func (s *Server) cleanup(ctx context.Context, in *cleanupInput) (*body[api.CleanedUp], error) {
	if !in.DryRun {
		if err := s.remember(ctx, catalog.Act{Action: "cleanup", Project: access.Project(ctx), Detail: fmt.Sprintf("what failed or was abandoned %g hours ago", in.HoursOld)}); err != nil {
			return nil, err
		}
	}
	n, err := s.Uploads.Sweep(ctx, time.Duration(in.HoursOld*float64(time.Hour)), actor(ctx), in.DryRun)
	if err != nil {
		return nil, err
	}
	what := "cleaned up"
	if in.DryRun {
		what = "would be cleaned up"
	}
	return &body[api.CleanedUp]{api.CleanedUp{Status: "success", Message: fmt.Sprintf("%d files, %d bytes %s", n.Files, n.Bytes, what), CleanedCount: n.Files, BytesFreed: n.Bytes}}, nil
}
