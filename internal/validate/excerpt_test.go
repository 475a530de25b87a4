package validate_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"freshet/api"
	"freshet/internal/validate"
)

// found gives every finding of a file.
func found(t *testing.T, name, rules string, data []byte) (out []api.Finding) {
	t.Helper()
	p := planOf(t, name, data, rules, validate.Config{Reread: reread(data)})
	s := p.Segment(0, false)
	mustWrite(t, s, data)
	sum := s.Summary()
	defer sum.Close()
	if _, err := p.Finish(sum, func(a *api.Finding) error { out = append(out, *a); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// marked is the part of an excerpt that is at fault, as a page would cut it out.
func marked(t *testing.T, a *api.Finding) string {
	t.Helper()
	units := utf16.Encode([]rune(a.Excerpt))
	if m := a.Mark; m[0] < 0 || m[0] > m[1] || m[1] > len(units) {
		t.Fatalf("mark %v of an excerpt of %d units: %q", *m, len(units), a.Excerpt)
	}
	return string(utf16.Decode(units[a.Mark[0]:a.Mark[1]]))
}

// TestMarks: the mark of each finding is what is at fault, whatever stands
// before it and however that is shown; "-" stands for no mark.
func TestMarks(t *testing.T) {
	long := strings.Repeat("ß😀", 40)
	for _, c := range []struct {
		name, file, rules, data string
		want                    string // RULE: MARKED, …
	}{
		{"missing comma", "f.jsonl", `{}`, `{"a":1 "b":2}`, `json-syntax: "`},
		{"a word", "f.jsonl", `{}`, `{"a": nope}`, `json-syntax: nope`},
		{"a word cut off", "f.jsonl", `{}`, `{"a": tru}`, `json-syntax: tru`},
		{"a word at the end", "f.jsonl", `{}`, `{"a": tru`, `json-syntax: tru`},
		{"NaN", "f.jsonl", `{}`, `{"a": NaN}`, `json-syntax: NaN`},
		{"a number", "f.jsonl", `{}`, `{"a": -012}`, `json-syntax: -012`},
		{"a number without end", "f.jsonl", `{}`, `{"a": 1.}`, `json-syntax: 1.`},
		{"Infinity", "f.jsonl", `{}`, `{"a": -Infinity}`, `json-syntax: -Infinity`},
		{"an apostrophe", "f.jsonl", `{}`, `{"a": 'b'}`, `json-syntax: '`},
		{"a name without quotes", "f.jsonl", `{}`, `{a: 1}`, `json-syntax: a`},
		{"too many brackets", "f.jsonl", `{}`, `{"a":[1,2}}`, `json-syntax: }`},
		{"a character that is no ASCII", "f.jsonl", `{}`, `{"a":1} 😀`, `json-syntax: 😀`},
		{"an escape", "f.jsonl", `{}`, `{"a":"\q"}`, `json-syntax: \q`},
		{"an escape of four digits", "f.jsonl", `{}`, `{"a":"\u12xy z"}`, `json-syntax: \u12xy`},
		{"a raw tab", "f.jsonl", `{}`, "{\"a\":\"b\tc\"}", `json-syntax: \t`},
		{"a string without end", "f.jsonl", `{}`, `{"a":"b`, `json-syntax: "`},
		{"the end is missing", "f.jsonl", `{}`, `{"a":1`, `json-syntax: `},
		{"bytes that are no text", "f.jsonl", `{}`, "{\"a\":\"é\xffx\"}", `invalid-utf8: \xff`},
		{"NUL", "f.jsonl", `{}`, "{\"a\":\"\x00\"}", `nul-byte: \u0000`},
		{"no object", "f.jsonl", `{}`, `["é",1]`, `not-an-object: ["é",1]`},
		{"a name twice", "f.jsonl", `{}`, `{"é":1,"é":2}`, `duplicate-key: "é"`},
		{"half a pair", "f.jsonl", `{}`, `{"a":"x\ud800"}`, `lone-surrogate: "x\ud800"`},
		{"behind much else", "f.jsonl", `{}`, `{"` + long + `": nope, "` + long + `": 1}`, `json-syntax: nope`},
		{"behind what is escaped", "f.jsonl", `{}`, "{\"\u200b\u202e\u0085\": nope}", `json-syntax: nope`},
		{"behind a tab and a line", "f.json", `{}`, "[\n{\t\"a\":\n\t nope}]", `json-syntax: nope`},
		{"a mark of byte order", "f.jsonl", `{}`, "\ufeff{\"a\": nope}", `json-syntax: nope`},
		{"between elements", "f.json", `{}`, `[{"é":1},,{"a":2}]`, `json-syntax: ,`},
		{"an array without end", "f.json", `{}`, `[{"a":1}`, `json-syntax: `},

		{"a field is missing", "f.jsonl", `{"required_fields":["text"]}`, `{"a":1}`, `required-field: -`},
		{"a wrong type", "f.jsonl", `{"schema":"prompt-completion"}`, `{"prompt":"\u00e9é😀","completion":[1,2]}`, `prompt-completion-fields: [1,2]`},
		{"an empty value", "f.jsonl", `{"schema":"text"}`, `{"é":1,"text":""}`, `text-empty: ""`},
		{"a role", "f.jsonl", `{"schema":"openai-chat","severity":{"chat-few-records":"warning","chat-no-system":"off"}}`, `{"messages":[{"role":"user","content":"é"},{"role":"asistant","content":"x"},{"role":"assistant","content":"y"}]}`, `chat-few-records: -, chat-role: "asistant"`},
		{"JSON Schema", "f.jsonl", `{"json_schema":{"properties":{"n":{"type":"integer"}}}}`, `{"é":"\n","n":"12"}`, `json-schema: "12"`},
		{"JSON Schema, of all of it", "f.jsonl", `{"json_schema":{"required":["n"]}}`, `{"é":1}`, `json-schema: -`},
		{"an expression", "f.jsonl", `{"expressions":[{"name":"x","expr":"record.n > 1"}]}`, `{"n":1}`, `expression:x: -`},

		{"a cell", "f.csv", `{"severity":{"csv-formula":"error"}}`, "é,b\n\"😀\u200b\",=1+1\n", `csv-formula: =`},
		{"a cell in quotes", "f.csv", `{"schema":"prompt-completion"}`, "prompt,completion\n\"é \"\"x\"\"\",\"\"\n", `prompt-completion-empty: `},
		{"an address", "f.csv", `{"severity":{"email":"error"}}`, "a,b\né😀,x@firma.de y\n", `email: **********`},
		{"a stray quote", "f.csv", `{}`, "a,b\né,x\"y\n", `csv-stray-quote: "`},
		{"text after a quote", "f.csv", `{}`, "a,b\né,\"x\"y\n", `csv-text-after-quote: y`},
		{"a quote without end", "f.csv", `{}`, "a,b\né,\"x\n", `csv-unclosed-quote: "`},
		{"a carriage return", "f.csv", `{}`, "a,b\né,x\ry\n", `bare-cr: \u000d`},
		{"too few cells", "f.csv", `{}`, "a,b\né\n", `csv-column-count: -`},
		{"a column twice", "f.csv", `{}`, "é,b,é\n1,2,3\n", `csv-duplicate-header: é`},
		{"a column without a name", "f.csv", `{}`, "é,,c\n1,2,3\n", `csv-empty-header: `},
		{"bytes of a cell", "f.csv", `{}`, "a,b\né,\xc3x\n", `invalid-utf8: \xc3`},
		{"a hidden character", "f.txt", `{"severity":{"hidden-unicode":"error"}}`, "é\tx\u202ey\nz\n", `hidden-unicode: \u202e`},
		{"a card", "f.txt", `{"severity":{"card-number":"error"}}`, "é 😀 4111 1111 1111 1111\nz\n", `card-number: *******************`},
		{"too long", "f.jsonl", `{"max_record_bytes":10}`, `{"a":"0123456789"}`, `record-too-long: -`},
		{"the same again", "f.jsonl", `{"severity":{"duplicate-record":"error"},"schema":"text"}`, `{"text":"a"}` + "\n" + `{"text":"a"}`, `duplicate-record: -`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, a := range found(t, c.file, c.rules, []byte(c.data)) {
				text := "-"
				if a.Mark != nil {
					text = marked(t, &a)
				}
				got = append(got, a.Rule+": "+text)
			}
			if g := strings.Join(got, ", "); g != c.want {
				t.Errorf("marks are %q, want %q", g, c.want)
			}
		})
	}
}

// TestMarksAreAtTheFault: in all fixtures the byte that a finding tells of is in
// its mark, as it is shown.
func TestMarksAreAtTheFault(t *testing.T) {
	n := 0
	for _, path := range fixtures(t) {
		f := readFixture(t, path)
		if strings.HasSuffix(f.name, ".gz") || strings.HasSuffix(f.name, ".zst") {
			continue // places are those of what it unpacks to
		}
		for _, a := range found(t, f.name, string(f.options.Marshal()), f.input) {
			if a.Mark == nil || a.Mark[0] == a.Mark[1] {
				continue
			}
			n++
			at := f.input[a.ByteOffset:]
			r, size := utf8.DecodeRune(at)
			forms := []string{string(r), fmt.Sprintf(`\u%04x`, r), fmt.Sprintf(`\x%02x`, at[0]), map[rune]string{'\t': `\t`, '\n': `\n`}[r]}
			if r == utf8.RuneError && size == 1 {
				forms = forms[2:3]
			}
			text := marked(t, &a)
			is := func(form string) bool { return form != "" && strings.Contains(text, form) }
			if !slices.ContainsFunc(forms, is) && !strings.HasPrefix(text, "*") && a.Rule != "json-syntax" {
				t.Errorf("%s: %s: byte %d is %q, marked is %q of %q", filepath.Base(path), a.Rule, a.ByteOffset, r, text, a.Excerpt)
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d findings have a mark", n)
	}
}

// TestExcerptOfNoText: of bytes that are no text all is shown that is at fault.
func TestExcerptOfNoText(t *testing.T) {
	data := []byte(`{"a":"` + strings.Repeat("\x80", 300) + `"}`)
	all := found(t, "f.jsonl", `{}`, data)
	if len(all) != 1 {
		t.Fatalf("%d findings", len(all))
	}
	for _, a := range all {
		if got := marked(t, &a); got != `\x80` || len(a.Excerpt) < 200 {
			t.Errorf("marked is %q of %q", got, a.Excerpt)
		}
	}
}
