package validate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"freshet/api"
	"freshet/internal/rule"
	"freshet/internal/validate"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func scratch(t interface{ TempDir() string }) validate.Scratch {
	dir := t.TempDir()
	return func() (*os.File, error) { return os.CreateTemp(dir, "scratch-*") }
}

// rendered is all that a report tells, findings included.
func rendered(t interface{ Fatal(...any) }, p *validate.Plan, sum *validate.Summary) string {
	var all []api.Finding
	res, err := p.Finish(sum, func(f *api.Finding) error { all = append(all, *f); return nil })
	if err != nil {
		t.Fatal(err)
	}
	sum.Close()
	b, err := json.MarshalIndent(struct {
		R *api.Report
		F []api.Finding
		X []byte
	}{res.Report, all, res.LineIndex}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func onePass(t interface{ Fatal(...any) }, p *validate.Plan, data []byte) string {
	s := p.Segment(0, false)
	if _, err := s.Write(data); err != nil {
		t.Fatal(err)
	}
	return rendered(t, p, s.Summary())
}

// pieces of files that go wrong at seams
var alphabet = map[string][]string{
	"f.jsonl": {`{"id":1,"text":"a"}`, `{"id":2,"text":"b\u00e9\ud83d\ude00"}`, `{"id":`, "\n", "\n", "\r\n", " ", `"`, `\`, strings.Repeat("w", 1500), `{"text":"é😀"}`, "\xc3", "{}", "[1]", `{"id":1,"text":"a"}` + "\n",
		`{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}` + "\n", `{"a":{"b":[1,2,{"c":null}]},"n":1.5e3}` + "\n", strings.Repeat("x", 300), "\x00"},
	"f.csv": {"id,text\n", "1,a\n", "2,b\r\n", `3,"x`, `"`, `""`, "\n", "\r\n", ",", "\r", `4,"multi` + "\n" + `line"` + "\n", "é", "\xe9", `5,"a""b"` + "\n", strings.Repeat("y", 300), strings.Repeat("w\n", 800)},
	"f.txt": {"hello", "\n", "\r\n", "\r", "é", "\xff", " ", "\x00", strings.Repeat("z", 300), strings.Repeat("w", 1500), "hello\n"},
}

// TestMergeIsOnePass cuts random files anywhere, merges the summaries in random
// order, and wants the report of one pass, byte for byte.
func TestMergeIsOnePass(t *testing.T) {
	tmp := scratch(t)
	for name, tokens := range alphabet {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				var file bytes.Buffer
				if name == "f.csv" {
					file.WriteString("id,text\n")
				}
				if rapid.IntRange(0, 9).Draw(t, "bom") == 0 {
					file.WriteString("\xef\xbb\xbf")
				}
				for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(tokens)-1), 0, 60).Draw(t, "tokens") {
					file.WriteString(tokens[i])
				}
				data := file.Bytes()
				opt, err := rule.ParseOptions([]byte(rapid.SampledFrom([]string{`{}`, `{"max_record_bytes":200}`, `{"unique_fields":["id"],"required_fields":["text"]}`, `{"schema":"openai-chat","allow_blank_lines":false}`, `{"schema":"none","max_errors":2}`}).Draw(t, "rules")))
				if err != nil {
					t.Fatal(err)
				}
				p := validate.NewPlan(name, data[:min(len(data), validate.HeadSize)], true, opt, validate.Config{Scratch: tmp})
				want := onePass(t, p, data)
				got := cutAndMerge(t, p, data)
				if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); d != "" {
					t.Fatalf("%q: one pass (-) against cut and merged (+):\n%s", data, d)
				}
			})
		})
	}
}

func cutAndMerge(t *rapid.T, p *validate.Plan, data []byte) string {
	type part struct {
		from, to int
		sum      *validate.Summary
	}
	check := func(from, to int, inQuote bool) *validate.Summary {
		s := p.Segment(int64(from), inQuote)
		for b := data[from:to]; len(b) > 0; {
			n := rapid.IntRange(1, len(b)).Draw(t, "piece")
			if _, err := s.Write(b[:n]); err != nil {
				t.Fatal(err)
			}
			b = b[n:]
		}
		return s.Summary()
	}
	var parts []part
	for from := 0; from < len(data) || len(parts) == 0; {
		to := min(len(data), from+rapid.IntRange(1, max(1, len(data)/2)).Draw(t, "cut"))
		parts = append(parts, part{from, to, check(from, to, false)})
		from = to
	}
	for len(parts) > 1 {
		i := rapid.IntRange(0, len(parts)-2).Draw(t, "merge")
		m, err := p.Merge(parts[i].sum, parts[i+1].sum)
		if errors.Is(err, validate.ErrGuess) {
			// the left neighbour must be known from the front to be sure of its own guess
			i = 0
			if m, err = p.Merge(parts[0].sum, parts[1].sum); errors.Is(err, validate.ErrGuess) {
				b := check(parts[1].from, parts[1].to, true)
				m, err = p.Merge(parts[0].sum, b)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		parts[i] = part{parts[i].from, parts[i+1].to, m}
		parts = append(parts[:i+1], parts[i+2:]...)
	}
	return rendered(t, p, parts[0].sum)
}

// TestBulkMergeSpills checks that what goes to scratch files merges as well.
func TestBulkMergeSpills(t *testing.T) {
	var b bytes.Buffer
	for i := range 150_000 {
		fmt.Fprintf(&b, `{"id":%d,"v":"%d"}`+"\n", i%100_000, i%7)
		if i%3 == 0 {
			b.WriteString("{broken\n")
		}
	}
	opt, err := rule.ParseOptions([]byte(`{"unique_fields":["id"]}`))
	if err != nil {
		t.Fatal(err)
	}
	p := validate.NewPlan("f.jsonl", b.Bytes()[:validate.HeadSize], false, opt, validate.Config{Scratch: scratch(t)})
	want := onePass(t, p, b.Bytes())
	cut := b.Len()/2 + 3
	l, r := p.Segment(0, false), p.Segment(int64(cut), false)
	if _, err := l.Write(b.Bytes()[:cut]); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Write(b.Bytes()[cut:]); err != nil {
		t.Fatal(err)
	}
	m, err := p.Merge(l.Summary(), r.Summary())
	if err != nil {
		t.Fatal(err)
	}
	if got := rendered(t, p, m); got != want {
		t.Error("merged differs from one pass")
	}
	if !strings.Contains(want, `"duplicate_records": 49999`) { // the broken lines but one; records of one id differ in v
		t.Errorf("duplicates: %.600s", want)
	}
}
