package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func (s *server) putRules(name, rules string) answer {
	s.t.Helper()
	return s.do(http.MethodPut, api+"/rule-sets/"+name, rules, "Content-Type", "application/json")
}

// ruleOf is a key of the rules that a file was checked by.
func (s *server) ruleOf(id, key string) any {
	s.t.Helper()
	rules, _ := s.get("/validation-report/" + id).ok(200).json()["rules"].(map[string]any)
	return rules[key]
}

func TestRuleSets(t *testing.T) {
	s := start(t)
	s.putRules("chat", `{"min_records": 5}`).ok(201).json().want(t, obj{"name": "chat", "version": 1, "created_by": "local"})
	s.putRules("chat", `{ "min_records":5 , "schema":"auto"}`).ok(200).json().want(t, obj{"version": 1}) // the same
	s.putRules("chat", `{"min_records": 2}`).ok(201).json().want(t, obj{"version": 2})
	s.putRules("a", `{}`).ok(201)

	list := s.get("/rule-sets").ok(200).json().list("rule_sets")
	if len(list) != 2 {
		t.Fatalf("%d rule sets: %v", len(list), list)
	}
	list[0].want(t, obj{"name": "a", "version": 1})
	list[1].want(t, obj{"name": "chat", "version": 2})
	for query, want := range map[string]float64{"": 2, "?version=2": 2, "?version=1": 5} {
		set := s.get("/rule-sets/chat" + query).ok(200).json()
		if rules, _ := set["rules"].(map[string]any); rules["min_records"] != want || len(set.list("versions")) != 2 {
			t.Errorf("%q is %v", query, set)
		}
	}
	s.get("/rule-sets/chat?version=3").problem(404, "unknown-rule-set")
	s.get("/rule-sets/none").problem(404, "unknown-rule-set")
	s.putRules("Chat", `{}`).problem(422, "")
	s.putRules(strings.Repeat("a", 65), `{}`).problem(422, "")
	s.putRules("chat", `{"min_recs":1}`).problem(422, "invalid-rules")
	s.putRules("chat", `{"rule_set":"a"}`).problem(422, "invalid-rules")
	s.putRules("chat", ``).problem(400, "")

	// a file keeps the rules that it was checked by, whatever becomes of the set
	id := s.upload(text("rule_set", "chat"), file("a.jsonl", good(3, "sets"))).ok(200).json().str("file_id")
	s.restart()
	s.do(http.MethodDelete, api+"/rule-sets/chat", "").ok(204)
	s.do(http.MethodDelete, api+"/rule-sets/chat", "").problem(404, "unknown-rule-set")
	s.get("/rule-sets/chat").problem(404, "unknown-rule-set")
	s.get("/rule-sets/chat?version=1").ok(200)
	if got := s.ruleOf(id, "rule_set"); got != "chat@2" {
		t.Errorf("the file was checked by %v", got)
	}
	s.post("/process-file/"+id+"?wait=20s", "").ok(200).json().want(t, obj{"status": "success"})
	s.post("/process-file/"+id, `{"rule_set":"chat"}`).problem(422, "unknown-rule-set")
	s.post("/process-file/"+id+"?wait=20s", `{"rule_set":"chat@1"}`).ok(200).json().want(t, obj{"status": "error"}) // to repeat a check
	s.putRules("chat", `{"min_records": 2}`).ok(201).json().want(t, obj{"version": 3})
}

// A set holds in whatever way a file comes, and the rules sent beside it come
// before its own.
func TestRuleSetInEachProtocol(t *testing.T) {
	s := start(t)
	s.putRules("strict", `{"min_records": 100, "required_fields": ["id"]}`).ok(201)
	for name, send := range map[string]func(set, rules, data string) answer{
		"form": func(set, rules, data string) answer {
			return s.upload(text("rule_set", set), text("validation_rules", rules), file("a.jsonl", data))
		},
		"form, fields last": func(set, rules, data string) answer {
			return s.upload(file("a.jsonl", data), text("validation_rules", rules), text("rule_set", set))
		},
		"named in the rules": func(set, rules, data string) answer {
			return s.upload(text("validation_rules", fmt.Sprintf(`{"rule_set":%q, %s`, set, strings.TrimPrefix(rules, "{"))), file("a.jsonl", data))
		},
		"parts": func(set, rules, data string) answer {
			a := s.begin("a.jsonl", len(data), fmt.Sprintf(`, "rule_set":%q, "validation_rules":%s`, set, rules))
			if a.status != 201 {
				return a
			}
			s.put(a.json().str("upload_id"), 1, []byte(data)).ok(200)
			return s.post("/uploads/"+a.json().str("upload_id")+"/complete", "")
		},
		"tus": func(set, rules, data string) answer {
			a := s.do("POST", api+"/tus/", data, "Tus-Resumable", "1.0.0", "Upload-Length", fmt.Sprint(len(data)), "Content-Type", "application/offset+octet-stream",
				"Upload-Metadata", "filename "+in64("a.jsonl")+",rule_set "+in64(set)+",validation_rules "+in64(rules))
			if a.status != 201 {
				return a
			}
			return s.get("/file-info/" + a.header.Get("X-File-Id"))
		},
		"draft": func(set, rules, data string) answer {
			return s.do("POST", api+"/tus/", data, "Upload-Draft-Interop-Version", "8", "Upload-Complete", "?1",
				"Upload-Metadata", "filename "+in64("a.jsonl")+",rule_set "+in64(set)+",validation_rules "+in64(rules))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			data := good(3, name)
			id := send("strict", `{"min_records": 2}`, data)
			if id.status > 201 {
				t.Fatalf("%d: %s", id.status, id.body)
			}
			file := id.json().str("file_id")
			s.settled(file).want(t, obj{"verdict": "passed"})
			if set, fields := s.ruleOf(file, "rule_set"), s.ruleOf(file, "required_fields"); set != "strict@1" || fmt.Sprint(fields) != "[id]" || s.ruleOf(file, "min_records") != 2.0 {
				t.Errorf("checked by %v, %v, %v", set, fields, s.ruleOf(file, "min_records"))
			}
			file = send("strict@1", `{"fail_fast": false}`, good(3, name+" unmended")).json().str("file_id")
			s.settled(file).want(t, obj{"verdict": "failed"})
			for _, set := range []string{"none", "strict@2", "Bad Name"} {
				var p struct{ Detail string }
				if a := send(set, `{"min_records": 2}`, data); a.status != 422 || json.Unmarshal(a.body, &p) != nil || !strings.Contains(p.Detail, set) {
					t.Errorf("%q: %d %s", set, a.status, a.body)
				}
			}
		})
	}
}
