package validate_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"freshet/api"
	"freshet/internal/rule"
	"freshet/internal/validate"
)

// hostile are files made to cost more than their size.
var hostile = map[string]func() (name, rules string, data []byte){
	"one name twice, a million times": func() (string, string, []byte) {
		return "f.jsonl", "", []byte(`{` + strings.Repeat(`"a":1,`, 900_000) + `"a":1}` + "\n")
	},
	"numbers out of range": func() (string, string, []byte) {
		return "f.jsonl", "", []byte(`{"a":[` + strings.Repeat(`1e999,`, 900_000) + `1]}` + "\n")
	},
	"messages without anything": func() (string, string, []byte) {
		return "f.jsonl", "", []byte(`{"messages":[` + strings.Repeat(`{},`, 900_000) + `{}]}` + "\n")
	},
	"many tools, many calls": func() (string, string, []byte) {
		var b bytes.Buffer
		b.WriteString(`{"tools":[`)
		for i := range 40_000 {
			fmt.Fprintf(&b, `{"type":"function","function":{"name":"t%d"}},`, i)
		}
		b.WriteString(`{"type":"function","function":{"name":"t"}}],"messages":[{"role":"assistant","tool_calls":[`)
		for i := range 40_000 {
			fmt.Fprintf(&b, `{"id":"c%d","function":{"name":"t%d","arguments":"{}"}},`, i, 39_999-i)
		}
		b.WriteString(`{"id":"c","function":{"name":"t","arguments":"{}"}}]}`)
		for i := range 40_000 {
			fmt.Fprintf(&b, `,{"role":"tool","tool_call_id":"c%d","content":"x"}`, 39_999-i)
		}
		b.WriteString(`,{"role":"assistant","content":"done"}]}` + "\n")
		return "f.jsonl", "", b.Bytes()
	},
	"a long name over many": func() (string, string, []byte) {
		var b bytes.Buffer
		b.WriteString(`{"` + strings.Repeat("n", 8<<20) + `":{`)
		for i := range 250 {
			fmt.Fprintf(&b, `"k%d":1,`, i)
		}
		b.WriteString(`"k":1}}` + "\n")
		return "f.jsonl", "", b.Bytes()
	},
	"names that are data": func() (string, string, []byte) { return "f.jsonl", "", names(200_000) },
	"an array of two million": func() (string, string, []byte) {
		return "f.jsonl", "", []byte(`{"a":[` + strings.Repeat("1,", 3_000_000) + "1]}\n")
	},
	"only brackets": func() (string, string, []byte) { return "f.jsonl", "", bytes.Repeat([]byte("["), 16<<20) },
	"only quotes": func() (string, string, []byte) {
		return "f.csv", "", append([]byte("a,b\n"), bytes.Repeat([]byte(`"`), 16<<20)...)
	},
	"only commas": func() (string, string, []byte) {
		return "f.csv", "", append(append([]byte("a,b\n"), bytes.Repeat([]byte(","), 15<<20)...), '\n')
	},
	"only newlines": func() (string, string, []byte) {
		return "f.jsonl", "", append([]byte("{}\n"), bytes.Repeat([]byte("\n"), 8<<20)...)
	},
	"broken lines": func() (string, string, []byte) { return "f.jsonl", "", bytes.Repeat([]byte("{x\n"), 1<<18) },
	"content of all kinds in one value": func() (string, string, []byte) {
		const some = `a@b.de\n@a@ -----BEGIN x 4111 1111 1111 1111 DE89370400440532013000 536-90-4399 <a on =<b onx=javascript:\u200f\u200b key=x1x2x3x4x5x6x7x8.`
		return "f.jsonl", everyContent, []byte(`{"a":"` + strings.Repeat(some, 80_000) + `"}` + "\n")
	},
	"random words without end": func() (string, string, []byte) {
		return "f.txt", everyContent, []byte("key=" + strings.Repeat("abcdefgh12345678/", 900_000) + "\n" + strings.Repeat("token=", 2_000_000) + "\n")
	},
	"emails in fields": func() (string, string, []byte) {
		return "f.csv", everyContent, []byte("a,b\n\"" + strings.Repeat(`""a@b.de`, 1_500_000) + "\",=x\n")
	},
	"a schema that branches": func() (string, string, []byte) {
		return "f.jsonl", `{"json_schema":{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"properties":{"x":{"$ref":"#/$defs/a"}},"required":["y"]},{"properties":{"x":{"$ref":"#/$defs/a"}},"required":["z"]}]}}}}`,
			bytes.Repeat([]byte(strings.Repeat(`{"x":`, 500)+"1"+strings.Repeat("}", 500)+"\n"), 30)
	},
	"a schema of a million members": func() (string, string, []byte) {
		return "f.jsonl", `{"json_schema":{"maxProperties":3,"additionalProperties":false,"unevaluatedProperties":false,"patternProperties":{"^b":{}}}}`, []byte(`{` + strings.Repeat(`"a":1,`, 900_000) + `"a":1}` + "\n")
	},
	"unique elements that are none": func() (string, string, []byte) {
		return "f.jsonl", `{"json_schema":{"properties":{"a":{"uniqueItems":true,"items":{"uniqueItems":true,"enum":[1]}}}}}`, []byte(`{"a":[` + strings.Repeat(`[[],{"b":[]}],`, 150_000) + "[]]}\n")
	},
	"an expression over a million members": func() (string, string, []byte) {
		return "f.jsonl", `{"expressions":[{"name":"a","expr":"record.all(k, record == record && k != '')"}]}`, append(manyMembers(100_000), '\n')
	},
	"CSV under a schema of JSON": func() (string, string, []byte) {
		return "f.csv", `{"schema":"preference"}`, []byte("input,preferred_output,non_preferred_output\nx,y,z\n")
	},
}

const everyContent = `{"schema":"none","severity":{"secret":"error","email":"error","card-number":"error","iban":"error","us-ssn":"error","hidden-unicode":"error","html-script":"error","csv-formula":"error"}}`

func manyMembers(n int) []byte {
	b := []byte("{")
	for i := range n {
		b = fmt.Appendf(b, `"name-%d":%d,`, i, i)
	}
	return append(b, `"last":0}`...)
}

func names(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "{\"id-%d\":{\"v\":%d}}\n", i, i)
	}
	return b.Bytes()
}

// TestHostileFiles: none of them takes a minute, or hundreds of megabytes. The
// bounds are wide, since what they guard against is hours and gigabytes.
func TestHostileFiles(t *testing.T) {
	for what, make := range hostile {
		t.Run(what, func(t *testing.T) {
			name, rules, data := make()
			o, err := rule.ParseOptions([]byte(rules))
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			st := validate.NewStream(name, o, validate.Config{Scratch: scratch(t), MaxFindings: 20_000})
			defer st.Close()
			for p := data; len(p) > 0; {
				n := min(len(p), 1<<20)
				mustStream(t, st, p[:n])
				p = p[n:]
			}
			longest := 0
			res, err := st.Finish(func(f *api.Finding) error {
				longest = max(longest, len(f.Path)+len(f.Message)+len(f.Hint)+len(f.Excerpt))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			if d := time.Since(start); d > 30*time.Second {
				t.Errorf("it took %s", d)
			}
			if held := int64(after.HeapSys) - int64(before.HeapSys); held > 400<<20 {
				t.Errorf("the heap grew by %d MiB", held>>20)
			}
			if longest > 8<<10 {
				t.Errorf("a finding has %d bytes", longest)
			}
			if res.Report.Bytes != int64(len(data)) {
				t.Errorf("%d bytes were checked, want %d", res.Report.Bytes, len(data))
			}
		})
	}
}

// TestLongRecordAtTheEnd: a record over the limit that the file ends with is
// told where it begins, with or without a newline behind it.
func TestLongRecordAtTheEnd(t *testing.T) {
	o, err := rule.ParseOptions([]byte(`{"max_record_bytes":5000}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, data, rule string
		line, offset     int64
		lines            int64
	}{
		{"f.jsonl", "{}\n" + `{"a":"` + strings.Repeat("x", 9000) + `"}`, "record-too-long", 2, 3, 2},
		{"f.jsonl", "{}\n" + `{"a":"` + strings.Repeat("x", 9000) + "\"}\n", "record-too-long", 2, 3, 2},
		{"f.csv", "a,b\n1,2\n3,\"" + strings.Repeat("y\n", 9000), "csv-unclosed-quote", 3, 8, 9002},
	} {
		st := validate.NewStream(c.name, o, validate.Config{Scratch: scratch(t)})
		defer st.Close()
		mustStream(t, st, []byte(c.data))
		res, err := st.Finish(nil)
		if err != nil {
			t.Fatal(err)
		}
		r := res.Report
		if len(r.Findings) != 1 || r.Findings[0].Rule != c.rule || r.Findings[0].Line != c.line || r.Findings[0].ByteOffset != c.offset || r.Lines != c.lines {
			t.Errorf("%.20q…: %d lines, %+v, want %s on line %d at %d, %d lines", c.data, r.Lines, r.Findings, c.rule, c.line, c.offset, c.lines)
		}
	}
}
