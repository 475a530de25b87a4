package upload

import (
	"context"
	"errors"
	"io"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/rule"
	"freshet/internal/validate"
)

// Provisional is the report on the front of a file that arrives: all that is
// committed and checked up to the first gap. nil if that is nothing.
func (s *Service) Provisional(ctx context.Context, u *catalog.Upload, f *catalog.File) (*api.Report, error) {
	options, err := rule.ParseOptions(f.Rules)
	if err != nil || len(u.Plan) == 0 {
		return nil, err
	}
	plan, err := openPlan(u.Plan, options, s.config(func(offset, n int64) (io.ReadCloser, error) { return s.Blobs.ReadBack(ctx, u.Key, u.Handle, offset, n) }))
	if errors.Is(err, validate.ErrVersion) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	seg := plan.Segment(0, false)
	defer func() { seg.Summary().Close() }()
	for n, at := 1, int64(0); ; n++ {
		row, ok, err := s.Catalog.UploadPart(ctx, u.ID, n)
		if err != nil {
			return nil, err
		}
		if !ok || row.At != at {
			break
		}
		sum, err := s.load(ctx, plan, &row)
		if err != nil {
			return nil, err
		}
		if sum == nil {
			break
		}
		if err := seg.Append(sum); errors.Is(err, validate.ErrGuess) {
			sum.Close()
			break
		} else if err != nil {
			return nil, err
		}
		if at += row.Size; row.Checked != row.Size {
			break
		}
	}
	return seg.Provisional()
}
