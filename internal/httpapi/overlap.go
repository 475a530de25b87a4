package httpapi

import (
	"context"

	"freshet/api"
	"freshet/internal/errs"
)

// recordOverlap tells what part of a file's records others hold. It is not in
// the report, which the same bytes give whatever else there is.
func (s *Server) recordOverlap(ctx context.Context, in *FileParam) (*body[api.RecordOverlap], error) {
	f, report, err := s.judged(ctx, in.FileID)
	if err != nil {
		return nil, err
	}
	if report.Stopped != "" {
		return nil, errs.E(errs.Conflict, "check-stopped", "the check stopped before the end of the file: %s", report.Stopped).WithHint("check the file without fail_fast")
	}
	out, err := s.Checks.Overlap(ctx, &f, report.Records)
	return &body[api.RecordOverlap]{out}, err
}
