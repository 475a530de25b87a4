package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What happened to all files, newest first, page by page; who, what, to which.
func TestActivity(t *testing.T) {
	s := start(t)
	if a := s.get("/activity").ok(200); !strings.Contains(string(a.body), `"events":[]`) || a.json()["next_before"] != nil {
		t.Errorf("of nothing: %s", a.body)
	}
	kept := s.upload(file("kept <b>.jsonl", good(2, "kept"))).ok(200).json().str("file_id")
	gone := s.upload(file("gone.jsonl", good(2, "gone"))).ok(200).json().str("file_id")
	s.settled(gone)
	s.do("DELETE", api+"/file/"+gone, "").ok(200)
	all := s.get("/activity?limit=1000").ok(200).json()
	events := all.list("events")
	if len(events) < 8 || all["next_before"] != nil {
		t.Fatalf("%d events, next_before %v", len(events), all["next_before"])
	}
	events[0].want(t, obj{"file_id": gone, "action": "erase"})
	events[1].want(t, obj{"file_id": gone, "from_status": "fresh", "to_status": "", "original_name": nil, "actor": "local"})
	var want []string
	for _, id := range []string{kept, gone} {
		for _, e := range s.get("/history/" + id).ok(200).json().list("events") {
			want = append(want, fmt.Sprintf("%012.0f %s %s %s", e.num("id"), e.str("file_id"), e.str("action"), e.str("at")))
		}
	}
	slices.Sort(want)
	slices.Reverse(want)
	lines := func(events []obj) (out []string) {
		for _, e := range events {
			name := any("kept <b>.jsonl")
			if e.str("file_id") == gone {
				name = nil
			}
			if e["original_name"] != name || e.str("actor") == "" {
				t.Errorf("an event is %v", e)
			}
			out = append(out, fmt.Sprintf("%012.0f %s %s %s", e.num("id"), e.str("file_id"), e.str("action"), e.str("at")))
		}
		return out
	}
	if got := lines(events); !slices.Equal(got, want) {
		t.Errorf("the events are\n%s\nthe histories\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var paged []string
	for path := "/activity?limit=3"; ; {
		p := s.get(path).ok(200).json()
		paged = append(paged, lines(p.list("events"))...)
		if p["next_before"] == nil {
			break
		}
		path = fmt.Sprintf("/activity?limit=3&before=%.0f", p.num("next_before"))
	}
	if !slices.Equal(paged, want) {
		t.Errorf("page by page the events are\n%s", strings.Join(paged, "\n"))
	}
	for _, q := range []string{"limit=0", "limit=1001", "before=0", "before=x"} {
		s.get("/activity?"+q).problem(422, "")
	}
}

// The rules are those of docs/rules.md, each with a few words and the whole story.
func TestRuleList(t *testing.T) {
	s := start(t)
	rules := s.get("/rules").ok(200).json().list("rules")
	if len(rules) < 70 {
		t.Fatalf("%d rules", len(rules))
	}
	for _, r := range rules {
		switch r.str("rule") {
		case "json-syntax":
			r.want(t, obj{"title": "Not valid JSON", "severity": "error", "fixed": true, "scope": "jsonl, json"})
		case "chat-role":
			r.want(t, obj{"severity": "error", "fixed": false, "hint": "roles are system, developer, user, assistant, tool, function"})
		case "secret":
			r.want(t, obj{"severity": "off"})
		}
		if r.str("rule") == "" || r.str("title") == "" || r.str("description") == "" {
			t.Errorf("a rule is %v", r)
		}
	}
}
