package rule_test

import (
	"maps"
	"strings"
	"testing"

	"freshet/internal/errs"
	"freshet/internal/rule"
)

func TestParsePolicy(t *testing.T) {
	p, err := rule.ParsePolicy([]string{"secret=refuse", "email=warn", "html-script=off", "card-number=quarantine", "email=warn"})
	if err != nil || p["secret"] != rule.PolicyRefuse || p["email"] != rule.PolicyWarn || p["html-script"] != rule.PolicyOff || p["card-number"] != rule.PolicyQuarantine || len(p) != 4 {
		t.Errorf("ParsePolicy = %v, %v", p, err)
	}
	for _, e := range []string{"", "secret", "secret=", "secret=error", "=refuse", "nonsense=warn", "json-syntax=off", "duplicate-record=refuse", "expression:x=warn"} {
		if p, err := rule.ParsePolicy([]string{e}); !errs.HasCode(err, "bad-policy") {
			t.Errorf("%q gives %v, %v", e, p, err)
		}
	}
	if _, err := rule.ParsePolicy([]string{"secret=warn", "secret=refuse"}); err == nil || !strings.Contains(err.Error(), "both") {
		t.Errorf("two actions of a rule: %v", err)
	}
}

// TestUnder: a policy makes rules stricter, never laxer.
func TestUnder(t *testing.T) {
	order := map[string]int{"": 0, "off": 0, "warning": 1, "error": 2}
	least := map[rule.Action]int{rule.PolicyOff: 0, rule.PolicyWarn: 1, rule.PolicyQuarantine: 1, rule.PolicyRefuse: 2}
	r := rule.ByName("secret")
	for own := range order {
		for action, n := range least {
			o := rule.Defaults()
			if own != "" {
				o.Severity = map[string]string{"secret": own, "email": "off"}
			}
			before := maps.Clone(o.Severity)
			under := o.Under(rule.Policy{"secret": action})
			if got := order[under.SeverityOf(r).String()]; got != max(order[own], n) {
				t.Errorf("%q under %s is %s", own, action, under.SeverityOf(r))
			}
			if !maps.Equal(o.Severity, before) {
				t.Errorf("the file's own rules were changed to %v", o.Severity)
			}
			if under.Refused(r) != (action == rule.PolicyRefuse) || o.Refused(r) {
				t.Errorf("Refused = %v under %s", under.Refused(r), action)
			}
		}
	}
	if o := rule.Defaults(); string(o.Under(nil).Marshal()) != string(o.Marshal()) {
		t.Error("no policy is one")
	}
}

func TestHolds(t *testing.T) {
	p := rule.Policy{"secret": rule.PolicyQuarantine, "email": rule.PolicyWarn}
	for _, c := range []struct {
		policy rule.Policy
		counts map[string]int64
		why    string
	}{
		{p, map[string]int64{}, ""}, {p, map[string]int64{"email": 3, "duplicate-record": 2, "expression:x": 1}, ""}, {p, map[string]int64{"secret": 0}, ""},
		{p, map[string]int64{"secret": 2}, "secret: 2 findings"}, {p, map[string]int64{"json-syntax": 1}, "json-syntax: 1 records"},
		{rule.Policy{"email": rule.PolicyWarn}, map[string]int64{"json-syntax": 1, "email": 1}, ""}, {nil, map[string]int64{"secret": 2}, ""},
		{rule.Policy{"secret": rule.PolicyRefuse}, map[string]int64{"record-too-long": 1}, "record-too-long"},
	} {
		if why := c.policy.Holds(maps.All(c.counts)); (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%v with %v: %q, want %q", c.policy, c.counts, why, c.why)
		}
	}
}
