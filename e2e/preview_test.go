package e2e_test

import (
	"fmt"
	"strings"
	"testing"
)

func (s *server) preview(id, more string) answer {
	s.t.Helper()
	return s.post("/rule-preview", fmt.Sprintf(`{"file_id":%q%s}`, id, more))
}

// Rules are tried at a stored file, of which nothing changes.
func TestRulePreview(t *testing.T) {
	s := start(t)
	var b strings.Builder
	offsets := []int{0}
	for i := 1; b.Len() < 12<<20; i++ {
		field := "v"
		if i%5 == 0 {
			field = "w"
		}
		fmt.Fprintf(&b, `{"id":%d,"%s":"%s"}`+"\n", i, field, strings.Repeat("words and more ", 5+i%7))
		offsets = append(offsets, b.Len())
	}
	lines := len(offsets) - 1
	id := s.upload(file("a.jsonl", b.String())).ok(200).json().str("file_id")
	events := func() int { return len(s.get("/history/" + id).ok(200).json().list("events")) }
	before, steps := s.info(id), events()
	const rules = `, "validation_rules": {"required_fields": ["v"], "min_records": 1000000}`

	// the first bytes: whole records, none beyond
	p := s.preview(id, rules+`, "first_bytes": 100000`).ok(200).json()
	at, _ := p["looked_at"].(map[string]any)
	report, _ := p["report"].(map[string]any)
	n := int(obj(at).num("records"))
	if n == 0 || offsets[n] > 100_000 || offsets[n+1] <= 100_000 {
		t.Errorf("%d records were looked at", n)
	}
	obj(at).want(t, obj{"bytes": offsets[n], "whole": false, "share": float64(offsets[n]) / float64(b.Len())})
	obj(report).want(t, obj{"file_id": id, "records": n, "records_with_errors": n / 5, "errors": n / 5, "verdict": "failed", "duplicate_records": nil})
	if !strings.Contains(fmt.Sprint(p["not_judged"]), "too-few-records") {
		t.Errorf("not judged: %v", p["not_judged"])
	}

	// a sample: spread, the same for its seed, with the lines of the file
	sample := func(seed int) obj {
		t.Helper()
		return s.preview(id, fmt.Sprintf(`%s, "sample": {"records": 1000, "seed": %d}`, rules, seed)).ok(200).json()
	}
	p = sample(7)
	report, _ = p["report"].(map[string]any)
	findings := obj(report).list("findings")
	if n := obj(report).num("records"); n < 950 || n > 1050 || len(findings) < 150 {
		t.Errorf("%v records and %d findings in the sample", n, len(findings))
	}
	for _, f := range findings {
		if line := int(f.num("line")); line%5 != 0 || int(f.num("record")) != line || int(f.num("byte_offset")) < offsets[line-1] || int(f.num("byte_offset")) >= offsets[line] {
			t.Fatalf("a finding in a wrong place: %v", f)
		}
	}
	if last := findings[len(findings)-1].num("line"); last < float64(lines)*0.7 {
		t.Errorf("the last finding is on line %v of %d", last, lines)
	}
	if first := func(p obj) string {
		r, _ := p["report"].(map[string]any)
		return fmt.Sprint(r["findings"])
	}; first(p) != first(sample(7)) || first(p) == first(sample(8)) {
		t.Error("samples do not follow their seeds")
	}

	// all of it is judged as a check would; without rules by those of the file
	p = s.preview(id, `, "first_bytes": 67108864, "validation_rules": {"min_records": 1000000}`).ok(200).json()
	report, _ = p["report"].(map[string]any)
	obj(report).want(t, obj{"records": lines, "verdict": "failed", "errors": 1})
	if left, _ := p["not_judged"].([]any); len(left) > 0 {
		t.Errorf("not judged: %v", left)
	}
	p = s.preview(id, "").ok(200).json()
	report, _ = p["report"].(map[string]any)
	obj(report).want(t, obj{"verdict": "passed"})

	s.putRules("needs-v", `{"required_fields": ["v"]}`).ok(201)
	p = s.preview(id, `, "rule_set": "needs-v", "first_bytes": 1000`).ok(200).json()
	report, _ = p["report"].(map[string]any)
	obj(report).want(t, obj{"verdict": "failed"})

	if after := s.info(id); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("the file changed: %v, was %v", after, before)
	}
	if n := events(); n != steps {
		t.Errorf("%d events in its history, before %d", n, steps)
	}
	if r := s.get("/validation-report/" + id).ok(200).json(); r.str("verdict") != "passed" {
		t.Errorf("its report says %v", r["verdict"])
	}
}

func TestRulePreviewRefused(t *testing.T) {
	s := start(t)
	id := s.upload(file("a.jsonl", good(3, "preview"))).ok(200).json().str("file_id")
	arriving := s.begin("arriving.jsonl", 100, "").ok(201).json().str("file_id")
	for _, c := range []struct {
		id, more, code, says string
		status               int
	}{
		{newID(), "", "unknown-file", "", 404},
		{arriving, "", "still-uploading", "", 409},
		{"", "", "no-file", "/file_id", 422},
		{id, `, "validation_rules": {"severity": {"no-such": "off"}}`, "invalid-rules", "/severity/no-such", 422},
		{id, `, "rule_set": "none"`, "unknown-rule-set", "none", 422},
		{id, `, "first_bytes": 0`, "bad-first-bytes", "/first_bytes", 422},
		{id, `, "first_bytes": 67108865`, "bad-first-bytes", "67108864", 422},
		{id, `, "sample": {"records": 100001}`, "bad-sample", "/sample/records", 422},
		{id, `, "sample": {}`, "bad-sample", "/sample/records", 422},
		{id, `, "sample": {"records": 1, "seed": -1}`, "bad-body", "/sample/seed", 422},
		{id, `, "sample": {"records": 1}, "first_bytes": 1`, "two-parts", "", 422},
		{id, `, "firstbytes": 1`, "unknown-field", "firstbytes", 422},
		{id, `,`, "bad-body", "", 400},
	} {
		if p := s.preview(c.id, c.more).problem(c.status, c.code); !strings.Contains(p.str("detail"), c.says) {
			t.Errorf("%s: %v", c.more, p)
		}
	}
}
