package promote

import (
	"context"
	"fmt"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// Retain deletes what rules of all projects do not keep any longer, and files
// that have been deprecated for longer than a time (0: for ever).
func (p *Promoter) Retain(ctx context.Context, deprecated time.Duration) error {
	projects, err := p.Catalog.Projects(ctx)
	if err != nil {
		return err
	}
	n := 0
	for i := range projects {
		err := p.RetainIn(ctx, &projects[i], deprecated, "system", false, func(catalog.File, string) { n++ })
		if err != nil {
			return err
		}
	}
	if n > 0 {
		p.Log.Info("retention", "files", n)
	}
	return nil
}

// RetainIn deletes what the rules of a project do not keep, and tells of each
// file with the reason. With dry it only tells.
func (p *Promoter) RetainIn(ctx context.Context, of *catalog.Project, deprecated time.Duration, actor string, dry bool, tell func(catalog.File, string)) error {
	type rule struct {
		catalog.Retention
		keep time.Duration
		why  string
	}
	var rules []rule
	for _, r := range of.Settings.Retention {
		rules = append(rules, rule{r, r.Keep(), why(r)})
	}
	if deprecated > 0 {
		rules = append(rules, rule{catalog.Retention{Status: catalog.Deprecated}, deprecated, fmt.Sprintf("retention: deprecated files are kept %s", deprecated)})
	}
	seen := map[string]bool{} // a file that two rules match goes once, dry or not
	defer func() {
		if len(seen) > 0 && !dry {
			p.Scrub(ctx)
		}
	}()
	for _, r := range rules {
		var after catalog.File
		for before := p.Catalog.Now().Add(-r.keep); ; {
			page, err := p.Catalog.Expired(ctx, of.Name, r.Retention, before, after, 100)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				break
			}
			for _, f := range page {
				after = f
				if seen[f.ID] {
					continue
				}
				if !dry {
					_, err := p.Delete(ctx, f.ID, actor, r.why, []catalog.Status{f.Status}, f.UpdatedTime)
					if errs.Is(err, errs.Conflict) || errs.Is(err, errs.NotFound) {
						continue // it was used, held or deleted meanwhile
					}
					if err != nil {
						return err
					}
				}
				seen[f.ID] = true
				tell(f, r.why)
			}
		}
	}
	return nil
}

// why is the reason that the history tells of what a rule deleted.
func why(r catalog.Retention) string {
	s := fmt.Sprintf("retention: %s", r.Status)
	if r.DataType != "" {
		s += " " + r.DataType
	}
	switch {
	case r.KeepDays > 0 && r.KeepLast > 0:
		return fmt.Sprintf("%s files are kept %d days and the last %d", s, r.KeepDays, r.KeepLast)
	case r.KeepLast > 0:
		return fmt.Sprintf("%s files: the last %d are kept", s, r.KeepLast)
	}
	return fmt.Sprintf("%s files are kept %d days", s, r.KeepDays)
}
