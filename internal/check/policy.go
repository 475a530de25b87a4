package check

import (
	"context"
	"encoding/json"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/rule"
)

// policyFor is the policy that a file is under.
func (s *Service) policyFor(f *catalog.File) rule.Policy {
	if s.PolicyFor == nil {
		return nil
	}
	return s.PolicyFor(f)
}

// Options are the rules that a file is checked by: its own, under the policy.
func (s *Service) Options(f *catalog.File) (rule.Options, error) {
	o, err := rule.ParseOptions(f.Rules)
	return s.Under(f, o), err
}

// Under is rules that are a file's own under the policy for it.
func (s *Service) Under(f *catalog.File, o rule.Options) rule.Options { return o.Under(s.policyFor(f)) }

// holds says why the policy keeps a file away whose report says passed, or is empty.
func (s *Service) holds(f *catalog.File, r *api.Report) string {
	return s.policyFor(f).Holds(func(yield func(string, int64) bool) {
		for _, n := range r.ByRule {
			if !yield(n.Rule, n.Count) {
				return
			}
		}
	})
}

// held is holds for the report that is stored.
func (s *Service) held(ctx context.Context, f *catalog.File) (string, error) {
	if len(s.policyFor(f)) == 0 || f.Errors+f.Warnings == 0 {
		return "", nil
	}
	stored, err := s.Catalog.Report(ctx, f.ID)
	if err != nil {
		return "", err
	}
	var r api.Report
	if err := json.Unmarshal(stored.JSON, &r); err != nil {
		return "", err
	}
	return s.holds(f, &r), nil
}
