package rule_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"freshet/internal/record"
	"freshet/internal/rule"
)

// FuzzContent: no text panics, and what is found lies in it, on whole characters.
func FuzzContent(f *testing.F) {
	for _, s := range []string{"", "AKIAIOSFODNN7EXAMPLE", "-----BEGIN PRIVATE KEY-----", "a@b.de", "password=\"x1y2z3a4b5c6d7e8\"", "4111 1111 1111 1111", "3782-822463-10005",
		"GB29 NWBK 6016 1331 9268 19", "536-90-4399", "\u200b\U000E0041", "\U0001F3F4\U000E0067\U000E0062\U000E007F", "<b onclick=x>", "<script", "javascript:", "=1", "é\n@\t<"} {
		f.Add(s)
	}
	var rules []*rule.Rule
	for _, r := range rule.All {
		if r.Scan != nil {
			rules = append(rules, r)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		raw, err := json.Marshal(map[string]any{"api_key": s, "\u00e9": []string{s}})
		if err != nil {
			t.Fatal(err)
		}
		c := rule.Context{JSON: &record.JSON{}, Options: &rule.Options{}}
		if err := c.JSON.Parse(raw); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		check := func(text []byte) func(r *rule.Rule, place int, message, hint string) {
			return func(r *rule.Rule, place int, message, hint string) {
				from, to := c.Span.From, c.Span.To
				if from < 0 || from >= to || to > len(text) || !utf8.RuneStart(text[from]) || to < len(text) && !utf8.RuneStart(text[to]) {
					t.Fatalf("%s in %q at %d to %d", r.Name, text, from, to)
				}
			}
		}
		c.Run(rules, check(raw))
		c.JSON = nil
		if c.Line = []byte(s); utf8.ValidString(s) {
			c.Run(rules, check(c.Line))
		}
		for _, h := range rule.Private(rules, nil, []byte(s)) {
			if h.From < 0 || h.From >= h.To || h.To > len(s) {
				t.Fatalf("private in %q: %v", s, h)
			}
		}
	})
}
