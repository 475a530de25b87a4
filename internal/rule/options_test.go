package rule_test

import (
	"bytes"
	"strings"
	"testing"

	"freshet/internal/errs"
	"freshet/internal/rule"
)

// TestOptionsFaults: each fault is told with its path, before any work.
func TestOptionsFaults(t *testing.T) {
	for in, path := range map[string]string{
		`[]`: " /: not a JSON object", `{`: " /: not a JSON object", `1`: " /:", `{"a":1}{}`: " /:",
		`{"min_record":1}`:                                          " /min_record: no such rule",
		`{"min_records":"1"}`:                                       " /min_records: must be a whole number",
		`{"min_records":-1}`:                                        " /min_records:",
		`{"min_records":1.5}`:                                       " /min_records:",
		`{"min_records":5,"max_records":4}`:                         "/min_records: is more than max_records",
		`{"max_record_bytes":0}`:                                    " /max_record_bytes:",
		`{"max_record_bytes":1e12}`:                                 " /max_record_bytes:",
		`{"fail_fast":"yes"}`:                                       " /fail_fast: must be true or false",
		`{"allow_blank_lines":null}`:                                " /allow_blank_lines:",
		`{"schema":"openai"}`:                                       " /schema: must be one of auto, none, openai-chat",
		`{"schema":1}`:                                              " /schema:",
		`{"allowed_formats":"jsonl"}`:                               " /allowed_formats: must be a list",
		`{"allowed_formats":["jsonl","x"]}`:                         " /allowed_formats/1: must be one of",
		`{"required_fields":["a",1]}`:                               " /required_fields/1: must be a string",
		`{"required_fields":[""]}`:                                  " /required_fields/0:",
		`{"unique_fields":["a",null]}`:                              " /unique_fields/1:",
		`{"severity":{"no-such":"off"}}`:                            " /severity/no-such: no such rule",
		`{"severity":{"json-syntax":"off"}}`:                        " /severity/json-syntax: the severity of json-syntax is fixed",
		`{"severity":{"chat-role":"fatal"}}`:                        " /severity/chat-role:",
		`{"custom_validation":{"x":1}}`:                             " /custom_validation/x: no such rule",
		`{"custom_validation":[]}`:                                  " /custom_validation: not a JSON object",
		`{"expressions":[{"name":"a"}]}`:                            " /expressions/0/expr: is missing",
		`{"custom_validation":{"json_schema":{"type":7}}}`:          " /custom_validation/json_schema/type: must be a list of strings",
		`{"required_fields":["` + strings.Repeat("x", 1000) + `"]}`: " /required_fields/0: is longer",
		`{"unique_fields":["` + strings.Repeat(`a","`, 20) + `b"]}`: " /unique_fields: has more than",
	} {
		_, err := rule.ParseOptions([]byte(in))
		if !errs.HasCode(err, "invalid-rules") || !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), path) {
			t.Errorf("ParseOptions(%.60s) = %v, want %q", in, err, path)
		}
	}
}

// TestOptions: what is fine is taken, the nested form of earlier clients too.
func TestOptions(t *testing.T) {
	for in, want := range map[string]func(o rule.Options) bool{
		`{"custom_validation":{"json_schema":{"type":"object"},"expressions":[{"name":"a","expr":"true"}]}}`: func(o rule.Options) bool {
			return string(o.Marshal()) == `{"max_record_bytes":16777216,"fail_fast":false,"schema":"auto","allow_blank_lines":true,"json_schema":{"type":"object"},"expressions":[{"name":"a","expr":"true","severity":"error"}]}`
		},
		``: func(o rule.Options) bool {
			return o.Schema == "auto" && o.AllowBlankLines && o.MaxRecordBytes == 16<<20
		},
		`null`: func(o rule.Options) bool { return o.Schema == "auto" },
		`{"max_file_size":1000000000,"allowed_formats":["jsonl",".CSV","txt"],"min_records":100}`: func(o rule.Options) bool {
			return *o.MaxFileSize == 1e9 && strings.Join(o.AllowedFormats, " ") == "jsonl csv text" && *o.MinRecords == 100
		},
		`{"custom_validation":{"min_records":7,"schema":"none"}}`: func(o rule.Options) bool { return *o.MinRecords == 7 && o.Schema == "none" },
		`{"max_errors":null,"json_schema":{},"expressions":[]}`:   func(o rule.Options) bool { return o.MaxErrors == nil && o.Tolerated() == 0 },
		`{"severity":{"chat-last-message":"error"}}`: func(o rule.Options) bool {
			return o.SeverityOf(rule.ChatLastMessage) == rule.Error && o.SeverityOf(rule.ChatRole) == rule.Error
		},
	} {
		if o, err := rule.ParseOptions([]byte(in)); err != nil || !want(o) {
			t.Errorf("ParseOptions(%s) = %+v, %v", in, o, err)
		}
	}
}

// FuzzOptions: no input panics, and what is taken reads back as it was stored.
func FuzzOptions(f *testing.F) {
	for _, s := range []string{`{}`, `{"min_records":1}`, `{"custom_validation":{"custom_validation":{}}}`, `{"severity":{"chat-role":"off"},"unique_fields":["a.b"]}`, `{"json_schema":{"type":["object"],"properties":{"a<b":{"pattern":"^\\u003c"}}}}`,
		`{"expressions":[{"name":"n","expr":"record.a in ['x'] && bytes < 7","severity":"warning","message":"<m>"}]}`, `{"max_file_size":1e15}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		o, err := rule.ParseOptions(in)
		if err != nil {
			return
		}
		again, err := rule.ParseOptions(o.Marshal())
		if err != nil || !bytes.Equal(again.Marshal(), o.Marshal()) {
			t.Errorf("%s is stored as %s, which reads as %s, %v", in, o.Marshal(), again.Marshal(), err)
		}
	})
}

// TestRulesAreWhole: every rule has a name, a title, a scope, and a way to be found.
func TestRulesAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rule.All {
		if r.Name == "" || r.Title() == "" || r.Scope == "" || (r.Severity == rule.Off) != (r.Scan != nil) {
			t.Errorf("rule %+v lacks something", r)
		}
		if seen[r.Name] {
			t.Errorf("two rules are named %s", r.Name)
		}
		seen[r.Name] = true
		if rule.ByName(r.Name) != r {
			t.Errorf("ByName(%s) is another", r.Name)
		}
		if strings.ToLower(r.Name) != r.Name || strings.ContainsAny(r.Name, " _.") {
			t.Errorf("rule %q is not kebab-case", r.Name)
		}
	}
}
