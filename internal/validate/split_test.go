package validate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"freshet/api"
	"freshet/internal/errs"
	"freshet/internal/rule"
	"freshet/internal/validate"

	"pgregory.net/rapid"
)

// checked has a file checked and gives what it falls apart into.
func checked(t rapid.TB, tmp validate.Scratch, name, rules string, data []byte) (*validate.Split, *api.Report, func()) {
	o, err := rule.ParseOptions([]byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	st := validate.NewStream(name, o, validate.Config{Scratch: tmp, MaxFindings: 2, Rejects: true})
	defer validate.Stretch(61)()
	if _, err := st.CheckAll(context.Background(), validate.AtRest{Size: int64(len(data)), Open: reread(data)}, blind{}, func() validate.Watch { return blind{} }); err != nil {
		t.Fatal(err)
	}
	res, err := st.Finish(nil)
	if err != nil {
		t.Fatal(err)
	}
	sp, err := st.Split()
	if err != nil && !errs.HasCode(err, "not-records") {
		t.Fatal(err)
	}
	return sp, res.Report, st.Close
}

func sides(t rapid.TB, sp *validate.Split, data []byte) (rejected, clean []byte) {
	var r, c bytes.Buffer
	if err := sp.Write(bytes.NewReader(data), &r, &c); err != nil {
		t.Fatal(err)
	}
	return r.Bytes(), c.Bytes()
}

// TestSplitThenMend: whatever a file holds, its two sides hold its records, and
// putting the bad ones back as they are gives the file.
func TestSplitThenMend(t *testing.T) {
	tmp := scratch(t)
	for name, tokens := range alphabet {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				data := randomFile(t, name, tokens)
				rules := rapid.SampledFrom(append(someRules, `{"severity":{"duplicate-record":"error"},"schema":"text","max_record_bytes":250}`)).Draw(t, "rules")
				sp, report, done := checked(t, tmp, name, rules, data)
				defer done()
				if sp == nil {
					return
				}
				if sp.Rejected != report.RecordsWithErrors || sp.Clean != report.Records-report.RecordsWithErrors {
					t.Fatalf("%d rejected, %d clean of %d with %d bad", sp.Rejected, sp.Clean, report.Records, report.RecordsWithErrors)
				}
				rejected, clean := sides(t, sp, data)
				var only bytes.Buffer
				if err := sp.Write(bytes.NewReader(data), &only, nil); err != nil || !bytes.Equal(only.Bytes(), rejected) {
					t.Fatalf("alone the rejects are %q, %v, want %q", only.Bytes(), err, rejected)
				}
				header := len(rejected) + len(clean) - len(data)
				if header < 0 || header > 0 && report.Format != "csv" {
					t.Fatalf("%d and %d bytes of %d", len(rejected), len(clean), len(data))
				}
				for _, side := range []struct {
					data []byte
					want int64
				}{{rejected, sp.Rejected}, {clean, sp.Clean}} {
					if len(side.data) == 0 {
						continue
					}
					alone, r, done := checked(t, tmp, name, rules, side.data)
					done()
					if alone == nil || r.Delimiter != report.Delimiter {
						continue // it is taken for something else
					}
					if r.Records != side.want {
						t.Fatalf("a side has %d records, want %d: %q", r.Records, side.want, side.data)
					}
				}
				var back bytes.Buffer
				if err := sp.Mend(bytes.NewReader(data), bytes.NewReader(rejected), &back); err != nil || !bytes.Equal(back.Bytes(), data) {
					t.Fatalf("put back: %v\n%q, want\n%q", err, back.Bytes(), data)
				}
			})
		})
	}
}

func TestSplit(t *testing.T) {
	long := strings.Repeat(`{"id":0,"v":"`+strings.Repeat("x", 100)+`"}`+"\n", 20_000)
	for _, c := range []struct{ what, name, rules, data, rejected, clean string }{
		{"none", "a.jsonl", "", "{\"a\":1}\n", "", "{\"a\":1}\n"},
		{"all", "a.jsonl", "", "[1]\r\n{", "[1]\r\n{", ""},
		{"a byte order mark stays", "a.jsonl", "", "\ufeff[1]\n{\"a\":1}\n", "[1]\n", "\ufeff{\"a\":1}\n"},
		{"blank lines stay", "a.jsonl", "", "\n[1]\n \n{\"a\":1}\n", "[1]\n", "\n \n{\"a\":1}\n"},
		{"header goes to both", "a.csv", "", "\ufeffid,v\r\n1\n2,\"x\ny\"\n\"3\n", "id,v\r\n1\n\"3\n", "\ufeffid,v\r\n2,\"x\ny\"\n"},
		{"a header and nothing bad", "a.csv", "", "id,v\n1,2\n", "id,v\n", "id,v\n1,2\n"},
		{"known at the end of the file", "a.jsonl", `{"unique_fields":["id"]}`, "{\"id\":1}\n{\"id\":2}\n{\"id\":1,\"b\":2}\n{\"id\":\n", "{\"id\":1,\"b\":2}\n{\"id\":\n", "{\"id\":1}\n{\"id\":2}\n"},
		{"of another schema, without a finding of its own", "a.jsonl", "", "{\"prompt\":\"a\",\"completion\":\"b\"}\n{\"text\":\"a\"}\n", "{\"text\":\"a\"}\n", "{\"prompt\":\"a\",\"completion\":\"b\"}\n"},
		{"far apart", "a.jsonl", `{"unique_fields":["none"]}`, long + "[1]\n" + long + "[2]", "[1]\n[2]", long + long},
		{"longer than allowed", "a.jsonl", `{"max_record_bytes":100000}`, "{}\n" + strings.Repeat(" ", 1_000_000) + "\n{}", strings.Repeat(" ", 1_000_000) + "\n", "{}\n{}"},
	} {
		t.Run(c.what, func(t *testing.T) {
			sp, _, done := checked(t, scratch(t), c.name, c.rules, []byte(c.data))
			defer done()
			rejected, clean := sides(t, sp, []byte(c.data))
			if string(rejected) != c.rejected || string(clean) != c.clean {
				t.Errorf("%.300q and %.300q\nwant %.300q and %.300q", rejected, clean, c.rejected, c.clean)
			}
		})
	}
}

func TestMend(t *testing.T) {
	const bad = "{\"id\":1}\r\n{\"id\":\r\n{\"id\":3}\n[4]"
	for _, c := range []struct{ what, name, data, mended, want, code string }{
		{"endings of lines are the file's", "a.jsonl", bad, "{\"id\":2}\n\n{\"id\":4}\n", "{\"id\":1}\r\n{\"id\":2}\r\n{\"id\":3}\n{\"id\":4}", ""},
		{"too few", "a.jsonl", bad, "{\"id\":2}\n", "", "record-count"},
		{"too many", "a.jsonl", bad, "{}\n{}\n{}", "", "record-count"},
		{"none", "a.jsonl", bad, "", "", "record-count"},
		{"CSV", "a.csv", "id,v\n1\n2,b\n", "id,v\n1,\"a\nb\"\n", "id,v\n1,\"a\nb\"\n2,b\n", ""},
		{"CSV as a spreadsheet writes it", "a.csv", "id,v\n1\n2,b\n", "\ufeffid,v\r\n1,a\r\n", "id,v\n1,a\n2,b\n", ""},
		{"CSV without its header", "a.csv", "id,v\n1\n2,b\n", "1,a\n", "", "other-header"},
		{"CSV without anything", "a.csv", "id,v\n1\n2,b\n", "", "", "other-header"},
	} {
		t.Run(c.what, func(t *testing.T) {
			sp, _, done := checked(t, scratch(t), c.name, "", []byte(c.data))
			defer done()
			var out bytes.Buffer
			err := sp.Mend(strings.NewReader(c.data), strings.NewReader(c.mended), &out)
			if c.code == "" && err != nil || c.code != "" && !errs.HasCode(err, c.code) || out.String() != c.want {
				t.Errorf("%v\n%q, want\n%q", err, out.String(), c.want)
			}
		})
	}
}

// A file that is not the one that was checked is not taken for it.
func TestSplitOfAChangedFile(t *testing.T) {
	data := []byte("{\"a\":1}\n[1]\n{\"a\":2}\n")
	sp, _, done := checked(t, scratch(t), "a.jsonl", "", data)
	defer done()
	for _, now := range [][]byte{data[:5], data[:len(data)-1], append(data, '\n')} {
		if err := sp.Write(bytes.NewReader(now), nil, &bytes.Buffer{}); !errors.Is(err, validate.ErrChanged) {
			t.Errorf("%q: %v", now, err)
		}
	}
}

// Where not every record was looked at there is nothing to split.
func TestSplitRefuses(t *testing.T) {
	for _, c := range []struct{ rules, data, code string }{
		{`{"fail_fast":true}`, "[1]\n{}\n", "check-stopped"},
		{"", "\x1f\x8b\x08rest", "not-records"},
	} {
		o, err := rule.ParseOptions([]byte(c.rules))
		if err != nil {
			t.Fatal(err)
		}
		st := validate.NewStream("a.jsonl", o, validate.Config{Scratch: scratch(t), Rejects: true})
		defer st.Close()
		fmt.Fprint(st, c.data)
		if _, err := st.Finish(nil); err != nil {
			t.Fatal(err)
		}
		if _, err := st.Split(); !errs.HasCode(err, c.code) {
			t.Errorf("%q: %v, want %s", c.data, err, c.code)
		}
	}
}

// FuzzSplit: the two sides together are the file, whatever it holds.
func FuzzSplit(f *testing.F) {
	f.Add("id,v\n1\n\"2\n", "{}", 1)
	f.Add("{}\n[1]\r\n", `{"unique_fields":["a"]}`, 0)
	f.Add("\"\n", "{}", 1) // a header whose quote stays open
	tmp := scratch(f)
	f.Fuzz(func(t *testing.T, data, rules string, format int) {
		if !json.Valid([]byte(rules)) {
			return
		}
		if _, err := rule.ParseOptions([]byte(rules)); err != nil || strings.Contains(rules, "fail_fast") {
			return
		}
		name := []string{"a.jsonl", "a.csv", "a.tsv", "a.txt"}[format&3]
		sp, _, done := checked(t, tmp, name, rules, []byte(data))
		defer done()
		if sp == nil {
			return
		}
		rejected, _ := sides(t, sp, []byte(data))
		var back bytes.Buffer
		if err := sp.Mend(strings.NewReader(data), bytes.NewReader(rejected), &back); err != nil || back.String() != data {
			t.Fatalf("put back: %v\n%q, want\n%q", err, back.String(), data)
		}
	})
}
