package rule_test

import (
	"strings"
	"testing"

	"freshet/internal/rule"
)

// TestRulesTellOfThemselves: each has a name and a label of its own, fit for a
// list, and a title that is a sentence.
func TestRulesTellOfThemselves(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rule.All {
		if seen[r.Name] || seen[r.Label] {
			t.Errorf("%s: its name or label %q is another's", r.Name, r.Label)
		}
		seen[r.Name], seen[r.Label] = true, true
		if r.Label == "" || len(r.Label) > 32 || strings.HasSuffix(r.Label, ".") {
			t.Errorf("%s: the label %q is not a few words", r.Name, r.Label)
		}
		if !strings.HasSuffix(r.Title(), ".") {
			t.Errorf("%s: the title %q is not a sentence", r.Name, r.Title())
		}
	}
}
