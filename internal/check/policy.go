package check

import (
	"context"
	"encoding/json"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/rule"
)

// PolicyOf is the policy for files of a project: the server's, and the project's
// own where that is stricter.
func (s *Service) PolicyOf(ctx context.Context, project string) (rule.Policy, error) {
	p, err := s.Catalog.Project(ctx, project)
	if err != nil {
		return nil, err
	}
	return s.Policy.Stricter(rule.PolicyFrom(p.Settings.ContentPolicy)), nil
}

// Options are the rules that a file is checked by: its own, under the policy.
func (s *Service) Options(ctx context.Context, f *catalog.File) (rule.Options, error) {
	o, err := rule.ParseOptions(f.Rules)
	if err != nil {
		return o, err
	}
	return s.Under(ctx, f, o)
}

// Under is rules that are a file's own under the policy for it.
func (s *Service) Under(ctx context.Context, f *catalog.File, o rule.Options) (rule.Options, error) {
	p, err := s.PolicyOf(ctx, f.Project)
	return o.Under(p), err
}

// holds says why a policy keeps a file away whose report says passed, or is empty.
func holds(p rule.Policy, r *api.Report) string {
	return p.Holds(func(yield func(string, int64) bool) {
		for _, n := range r.ByRule {
			if !yield(n.Rule, n.Count) {
				return
			}
		}
	})
}

// held is holds for the report that is stored.
func (s *Service) held(ctx context.Context, f *catalog.File) (string, error) {
	p, err := s.PolicyOf(ctx, f.Project)
	if err != nil || len(p) == 0 || f.Errors+f.Warnings == 0 {
		return "", err
	}
	stored, err := s.Catalog.Report(ctx, f.ID)
	if err != nil {
		return "", err
	}
	var r api.Report
	if err := json.Unmarshal(stored.JSON, &r); err != nil {
		return "", err
	}
	return holds(p, &r), nil
}
