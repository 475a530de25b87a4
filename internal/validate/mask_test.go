package validate_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"freshet/api"
	"freshet/internal/rule"
	"freshet/internal/validate"
)

// findingsOf is all that the check of a file tells.
func findingsOf(t *testing.T, name, rules, data string) string {
	t.Helper()
	o, err := rule.ParseOptions([]byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	p := validate.NewPlan(name, []byte(data), true, o, validate.Config{Scratch: scratch(t)})
	s := p.Segment(0, false)
	mustWrite(t, s, []byte(data))
	sum := s.Summary()
	defer sum.Close()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	res, err := p.Finish(sum, func(f *api.Finding) error { return enc.Encode(f) })
	if err != nil {
		t.Fatal(err)
	}
	if err := enc.Encode(res.Report); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestFindingsHideWhatIsPrivate: once a rule looks for what is private, no
// finding repeats it, of whichever rule it is, in message, path or excerpt, and
// neither does the report in the values that it lists.
func TestFindingsHideWhatIsPrivate(t *testing.T) {
	on := `"secret":"error","email":"error","card-number":"error","iban":"error","us-ssn":"error"`
	pem := `-----BEGIN PRIVATE KEY-----\n` + strings.Repeat(`MIIEvQIBADANBgkqhkiG9w0B\n`, 40) + `-----END PRIVATE KEY-----`
	for _, c := range []struct{ name, rules, data, private string }{
		{"f.jsonl", ``, `{"text":"my AKIAIOSFODNN7EXAMPLE"}`, "IOSFODNN7EXAMPLE"},
		{"f.jsonl", ``, `{"text":"\n\u0041KIAIOSFODNN7EXAMPLE"}`, "IOSFODNN7EXAMPLE"},
		{"f.jsonl", `"json_schema":{"properties":{"n":{"type":"string"}}},`, `{"text":"\u0041KIAIOSFODNN7EXAMPLE","n":1}`, "IOSFODNN7EXAMPLE"},
		{"f.jsonl", `"json_schema":{"properties":{"password":{"maxLength":3}}},`, `{"password":"a)b(c&d$e1f2g3h"}`, "d$e1f2g3h"},
		{"f.jsonl", `"json_schema":{"properties":{"n":{"enum":[2]}}},`, `{"n":1,"text":"` + pem + `"}`, "MIIEvQ"},
		{"f.jsonl", `"json_schema":{"additionalProperties":false},`, `{"ghp_0123456789abcdefghijABCDEFGHIJ012345":1}`, "0123456789abcdefghij"},
		{"f.jsonl", ``, `{"text":"it is\nAKIAIOSFODNN7EXAMPLE" "n":1}`, "IOSFODNN7EXAMPLE"},
		{"f.jsonl", ``, `{"text":"call\n4111 1111 1111 1111" "n":1}`, "1111 1111"},
		{"f.jsonl", ``, `{"api_key":"9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c",}`, "9f8a7b6c"},
		{"f.jsonl", ``, `{"text":"jane@mail.example.co.uk", "x":tru}`, "jane@mail"},
		{"f.csv", ``, "a,b\nx,\"DE89370400440532013000\"y\n", "DE8937"},
		{"f.csv", ``, "a,b\n\"\"\"536-90-4399\"\"\",y\n", "536-90"},
		{"f.txt", ``, "his is 536-90-4399\n", "536-90"},
		{"f.txt", ``, "jane@mail.co.uk \x00\n", "jane@mail"},
	} {
		rest := c.data
		if c.name == "f.jsonl" {
			rest += "\n"
		}
		got := findingsOf(t, c.name, `{"schema":"none",`+c.rules+`"severity":{`+on+`}}`, rest)
		if got == "" {
			t.Errorf("%s: nothing is found", c.data)
		}
		if strings.Contains(got, c.private) {
			t.Errorf("%.80s: %q is told: %s", c.data, c.private, got)
		}
	}
	// without such rules excerpts show the record as it is
	if got := findingsOf(t, "f.jsonl", ``, `{"text":"AKIAIOSFODNN7EXAMPLE"`); !strings.Contains(got, "IOSFODNN7EXAMPLE") {
		t.Errorf("an excerpt is masked though no rule asks for it: %s", got)
	}
}
