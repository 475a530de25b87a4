package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const ownRules = `{"schema":"none","severity":{"secret":"warning"},
	"json_schema":{"required":["id"],"properties":{"id":{"type":"integer"},"text":{"maxLength":1000}}},
	"custom_validation":{"expressions":[{"name":"short-enough","expr":"size(record.text) < 900","severity":"warning","message":"the text is long"},{"name":"small","expr":"bytes < 5000"}]}}`

// ownFile breaks each of the rules in some records.
func ownFile() string {
	var b strings.Builder
	for i := range 9000 {
		id, text := fmt.Sprint(i), strings.Repeat("x", 1+i%500)
		switch i % 1500 {
		case 3:
			id = `"` + id + `"`
		case 5:
			text = strings.Repeat("long ", 190) // for the expression, not for the schema
		case 7:
			text = `\u0041KIAIOSFODNN7EXAMPLE`
		case 9:
			text = strings.Repeat("long ", 1100) // for all of them
		}
		fmt.Fprintf(&b, `{"id":%s,"text":"%s"}`+"\n", id, text)
	}
	return b.String()
}

// TestOwnRules: a schema and expressions sent along are rules by their names,
// whichever way the file comes.
func TestOwnRules(t *testing.T) {
	s, data := start(t), ownFile()
	id := s.upload(text("validation_rules", ownRules), file("own.jsonl", data)).ok(200).json().str("file_id")
	r := s.get("/validation-report/" + id).ok(200).json()
	r.want(t, obj{"verdict": "failed", "errors": 6 + 6 + 6, "warnings": 12 + 6, "records_with_errors": 12})
	counts := map[string]string{}
	for _, c := range r.list("by_rule") {
		counts[c.str("rule")] = fmt.Sprint(c["severity"], " ", c["count"])
	}
	if got, want := fmt.Sprint(counts), "map[expression:short-enough:warning 12 expression:small:error 6 json-schema:error 12 secret:warning 6]"; got != want {
		t.Errorf("by_rule is %s, want %s", got, want)
	}
	rules, _ := r["rules"].(map[string]any)
	if len(obj(rules).list("expressions")) != 2 || rules["json_schema"] == nil {
		t.Errorf("the report shows the rules %v", rules)
	}
	found := string(s.get("/validation-findings/" + id + "?rule=expression:short-enough").ok(200).body)
	if n := strings.Count(found, `"message":"the text is long"`); n != 12 || strings.Count(found, "\n") != 12 {
		t.Errorf("%d findings by name: %.300s", n, found)
	}
	s.get("/validation-findings/"+id+"?rule=expression:no-such").problem(422, "unknown-rule")
	if all := string(s.get("/validation-findings/" + id).ok(200).body); strings.Contains(all, "IOSFODNN7EXAMPLE") {
		t.Error("a finding repeats the secret")
	}
	want := reportOf(s, id)

	// in parts, out of order, on a server that has not seen it
	s = start(t)
	b := []byte(data)
	u := s.begin("own.jsonl", len(b), `, "validation_rules": `+ownRules).ok(201).json()
	for n := (len(b)-1)/partSize + 1; n > 0; n-- {
		s.put(u.str("upload_id"), n, slice(b, n)).ok(200)
	}
	out := s.post("/uploads/"+u.str("upload_id")+"/complete", "").ok(200).json()
	if d := reportOf(s, out.str("file_id")).differs(want); len(d) > 0 {
		t.Errorf("in parts the report differs:\n%s", strings.Join(d, "\n"))
	}

	// with other rules the stored file is checked again
	s.do(http.MethodPost, api+"/process-file/"+out.str("file_id")+"?wait=30s", `{"schema":"none","expressions":[{"name":"whole","expr":"has(record.id)"}]}`).ok(200).json().want(t, obj{"status": "success", "errors_found": 0})
}

// TestOwnRulesAreRefused: what cannot run is refused with its path, before any work.
func TestOwnRulesAreRefused(t *testing.T) {
	s := start(t)
	stored := s.upload(file("a.jsonl", good(3, "stored"))).ok(200).json().str("file_id")
	for rules, want := range map[string]string{
		`{"json_schema":{"properties":{"a":{"type":"int"}}}}`:                       `/json_schema/properties/a/type: there is no type "int"`,
		`{"json_schema":{"$ref":"http://127.0.0.1:1/s.json"}}`:                      "/json_schema/$ref: refers outside of the schema",
		`{"json_schema":{"requird":["a"]}}`:                                         "/json_schema/requird: there is no such keyword",
		`{"expressions":[{"name":"a","expr":"true"},{"name":"b","expr":"1 +"}]}`:    "/expressions/1/expr: line 1, column 4",
		`{"custom_validation":{"expressions":[{"name":"a","expr":"record.text"}]}}`: "/custom_validation/expressions/0/expr: must be true or false",
	} {
		id := newID()
		for what, a := range map[string]answer{
			"form":    s.uploadAs(id, text("validation_rules", rules), file("a.jsonl", good(3, "refused"))),
			"parts":   s.begin("a.jsonl", 10, `, "validation_rules": `+rules),
			"process": s.do(http.MethodPost, api+"/process-file/"+stored, rules),
		} {
			if p := a.problem(422, "invalid-rules"); !strings.Contains(p.str("detail"), want) {
				t.Errorf("%s: %q does not say %q", what, p.str("detail"), want)
			}
		}
		s.wantNoBytes(id)
		s.get("/file-info/"+id).problem(404, "")
	}
}
