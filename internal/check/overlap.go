package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/validate"
)

const (
	shownOverlaps = 20
	samplesPage   = 100
	neverSeen     = 64 // above every level
)

// Overlap tells what part of a file's records is in other fresh or used files
// of its project.
// All it reads are the samples that checks kept, 8 KiB a file.
func (s *Service) Overlap(ctx context.Context, f *catalog.File, records int64) (api.RecordOverlap, error) {
	out := api.RecordOverlap{FileID: f.ID, Records: records, Overlaps: []api.Overlap{}}
	stored, err := s.Catalog.Sample(ctx, f.ID)
	if err != nil {
		return out, err
	}
	if len(stored) == 0 {
		return out, errs.E(errs.Conflict, "no-sample", "the file was checked before its records were sampled").WithHint("POST /data/efficient/process-file/%s checks it again", f.ID)
	}
	own, err := validate.OpenSample(stored)
	if errors.Is(err, validate.ErrOldSample) {
		return out, errs.E(errs.Conflict, "old-sample", "the file's records were sampled by another version").WithHint("POST /data/efficient/process-file/%s checks it again", f.ID)
	}
	if err != nil {
		return out, err
	}
	c := comparison{own: own, coarsest: own.Level, seenAt: slices.Repeat([]uint{neverSeen}, own.At(own.Level)), out: &out}
	for after := ""; ; {
		page, err := s.Catalog.Samples(ctx, f.Project, after, samplesPage)
		if err != nil {
			return out, err
		}
		if len(page) == 0 {
			break
		}
		for _, other := range page {
			if after = other.FileID; after == f.ID {
				continue
			}
			if err := c.compare(other.Bytes, api.Overlap{FileID: other.FileID, OriginalName: other.Name}); err != nil {
				return out, fmt.Errorf("compare with %s: %w", other.FileID, err)
			}
		}
		c.trim()
	}
	c.together()
	return out, nil
}

// comparison is of one file with all others.
type comparison struct {
	own      validate.Sample
	coarsest uint   // level that a comparison was made at
	seenAt   []uint // for each of its own records the least level at which a file has it
	out      *api.RecordOverlap
}

func (c *comparison) compare(stored []byte, o api.Overlap) error {
	if len(stored) == 0 {
		c.out.NotCompared++
		return nil
	}
	other, err := validate.OpenSample(stored)
	if errors.Is(err, validate.ErrOldSample) {
		c.out.NotCompared++
		return nil
	}
	if err != nil {
		return err
	}
	level, common := max(c.own.Level, other.Level), 0
	of := c.own.At(level)
	if of == 0 {
		if len(c.seenAt) > 0 {
			c.out.NotCompared++
		}
		return nil
	}
	c.coarsest = max(c.coarsest, level)
	c.own.Common(&other, func(i int) {
		common++
		c.seenAt[i] = min(c.seenAt[i], level)
	})
	if common == 0 {
		return nil
	}
	c.out.Files++
	o.Share, o.Margin = estimate(common, of, level)
	o.Exact = level == 0
	o.Records = int64(math.Round(o.Share * float64(c.out.Records)))
	c.out.Overlaps = append(c.out.Overlaps, o)
	return nil
}

// trim leaves the most. What is surest counts: one record of one is not half of a thousand.
func (c *comparison) trim() {
	o := c.out.Overlaps
	slices.SortFunc(o, func(a, b api.Overlap) int {
		return cmp.Or(cmp.Compare(b.Share-b.Margin, a.Share-a.Margin), cmp.Compare(b.Share, a.Share), cmp.Compare(a.FileID, b.FileID))
	})
	c.out.Overlaps = o[:min(len(o), shownOverlaps)]
}

// together counts the records that any file has. At each level this is an
// estimate for the files that are known that well; the one that is surely the
// most is the best.
func (c *comparison) together() {
	best := math.Inf(-1)
	for level := c.own.Level; level <= c.coarsest; level++ {
		n, of := 0, c.own.At(level)
		for _, seen := range c.seenAt[:of] {
			if seen <= level {
				n++
			}
		}
		if share, margin := estimate(n, of, level); share-margin > best {
			best, c.out.Share, c.out.Margin = share-margin, share, margin
		}
	}
	if c.out.Exact = c.coarsest == 0; len(c.out.Overlaps) == 0 {
		return
	}
	o := &c.out.Overlaps[0]
	c.out.Message = fmt.Sprintf("%s of these records are already in %s (%s)", percent(o.Share, o.Exact), o.FileID, o.OriginalName)
	if c.out.Files > 1 && c.out.Share > o.Share {
		c.out.Message += fmt.Sprintf(", %s in these %d files together", percent(c.out.Share, c.out.Exact), c.out.Files)
	}
}

// estimate is the share of the records of a sample, and about two standard
// errors of it, which are right for few records, too (Agresti and Coull 1998).
func estimate(common, of int, level uint) (share, margin float64) {
	if of > 0 {
		share = float64(common) / float64(of)
	}
	if level == 0 {
		return share, 0 // these are all
	}
	n := float64(of) + 4
	p := (float64(common) + 2) / n
	return share, 2 * math.Sqrt(p*(1-p)/n)
}

func percent(share float64, exact bool) string {
	switch {
	case share < 0.0005:
		return "less than 0.1 %"
	case share < 1 && share >= 0.9995:
		return "more than 99.9 %"
	case exact:
		return fmt.Sprintf("%.1f %%", 100*share)
	}
	return fmt.Sprintf("about %.1f %%", 100*share)
}
