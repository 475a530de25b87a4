package catalogtest

import (
	"fmt"
	"sync"
	"testing"

	"freshet/internal/catalog"
	"freshet/internal/errs"
)

func ruleSets(t *testing.T, s *catalog.Store) {
	ctx := t.Context()
	put := func(name, rules string, version int64, made bool) {
		t.Helper()
		r, m, err := s.PutRuleSet(ctx, name, []byte(rules), "me")
		if err != nil || r.Version != version || m != made || r.Name != name || string(r.Rules) != rules || r.CreatedBy != "me" || r.Created.IsZero() {
			t.Errorf("PutRuleSet = %+v, %v, %v, want version %d, %v", r, m, err, version, made)
		}
	}
	put("chat", `{"a":1}`, 1, true)
	put("chat", `{"a":1}`, 1, false)
	put("chat", `{"a":2}`, 2, true)
	put("chat", `{"a":1}`, 3, true)
	put("a-set", `{}`, 1, true)
	read := func(name string, version int64, want string) {
		t.Helper()
		if r, err := s.RuleSet(ctx, name, version); err != nil || string(r.Rules) != want {
			t.Errorf("RuleSet(%q, %d) = %+v, %v, want %s", name, version, r, err, want)
		}
	}
	unknown := func(err error) {
		t.Helper()
		if !errs.Is(err, errs.NotFound) || !errs.HasCode(err, "unknown-rule-set") {
			t.Errorf("%v, want an unknown rule set", err)
		}
	}
	read("chat", 0, `{"a":1}`)
	read("chat", 2, `{"a":2}`)
	_, err := s.RuleSet(ctx, "chat", 4)
	unknown(err)
	_, err = s.RuleSet(ctx, "cha", 0)
	unknown(err)
	list := func(want ...string) {
		t.Helper()
		all, err := s.RuleSets(ctx)
		var got []string
		for _, r := range all {
			got = append(got, fmt.Sprintf("%s@%d", r.Name, r.Version))
		}
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("RuleSets = %v, %v, want %v", got, err, want)
		}
	}
	list("a-set@1", "chat@3")

	// what was deleted is not in force, but stays readable, and no number is used twice
	if err := s.DeleteRuleSet(ctx, "chat"); err != nil {
		t.Fatal(err)
	}
	unknown(s.DeleteRuleSet(ctx, "chat"))
	_, err = s.RuleSet(ctx, "chat", 0)
	unknown(err)
	read("chat", 3, `{"a":1}`)
	list("a-set@1")
	put("chat", `{"a":1}`, 4, true)
	list("a-set@1", "chat@4")
	if v, err := s.RuleSetVersions(ctx, "chat"); err != nil || len(v) != 4 || v[0].Version != 4 || !v[0].Deleted.IsZero() || v[1].Deleted.IsZero() {
		t.Errorf("RuleSetVersions = %+v, %v", v, err)
	}

	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if _, _, err := s.PutRuleSet(ctx, "many", fmt.Appendf(nil, `{"a":%d}`, i), "me"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if r, err := s.RuleSet(ctx, "many", 0); err != nil || r.Version != 8 {
		t.Errorf("after 8 puts at once the version is %d, %v", r.Version, err)
	}
}
