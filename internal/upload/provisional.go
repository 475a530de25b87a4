package upload

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/validate"
)

// Provisional is the report on the bytes of a file that are here: all that was
// checked, committed or not, before and behind gaps. nil if that is nothing.
func (s *Service) Provisional(ctx context.Context, u *catalog.Upload, f *catalog.File) (*api.Report, error) {
	options, err := s.Checks.Options(ctx, f)
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
	rows, err := s.Catalog.UploadParts(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	p := &provisional{plan: plan, front: plan.Segment(0, false)}
	defer func() { p.front.Summary().Close() }()
	growing := s.growing(f.ID)
	for i := range rows {
		if slices.Contains(growing, rows[i].At) { // whoever adds to it knows more
			continue
		}
		row, ok, err := s.Catalog.UploadPart(ctx, u.ID, rows[i].Number)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		sum, err := s.load(ctx, plan, &row)
		if err == nil && sum != nil {
			err = p.add(sum)
		}
		if errs.Is(err, errs.NotFound) {
			return nil, nil // a record that is needed again cannot be read before all is an object
		}
		if err != nil {
			return nil, err
		}
	}
	if l := s.Board.Get(f.ID); l != nil {
		if err := l.Each(p.partial); err != nil {
			return nil, err
		}
	}
	return p.report()
}

// growing is where the stretches begin that are being checked.
func (s *Service) growing(fileID string) (at []int64) {
	if l := s.Board.Get(fileID); l != nil {
		_ = l.Each(func(seg *validate.Segment) error {
			at = append(at, seg.Summary().Offset)
			return nil
		})
	}
	return at
}

// provisional puts a report together from stretches.
type provisional struct {
	plan   *planned
	front  *validate.Segment
	others []stretch
}

type stretch struct {
	at     int64
	report *api.Report
}

// add takes a summary: to the front if it follows, else by itself.
func (p *provisional) add(sum *validate.Summary) error {
	if sum.Offset == p.front.Summary().Bytes {
		err := p.front.Append(sum)
		if !errors.Is(err, validate.ErrGuess) {
			return err
		}
	}
	defer sum.Close()
	return p.partial(p.plan.Resume(sum))
}

func (p *provisional) partial(seg *validate.Segment) error {
	r, err := seg.Partial(p.front.Front())
	if err == nil {
		p.others = append(p.others, stretch{seg.Summary().Offset, r})
	}
	return err
}

func (p *provisional) report() (*api.Report, error) {
	r, err := p.front.Provisional()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(p.others, func(a, b stretch) int { return cmp.Compare(a.at, b.at) })
	for _, o := range p.others {
		validate.Join(r, o.report)
	}
	return r, nil
}
