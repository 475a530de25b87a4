package validate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
		S []byte
	}{res.Report, all, res.LineIndex, res.Sample}, "", " ")
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

// pieces of files that go wrong at seams; some are longer than an end that is kept
var alphabet = map[string][]string{
	"f.jsonl": {`{"id":1,"text":"a"}`, `{"id":2,"text":"b\u00e9\ud83d\ude00"}`, `{"id":`, "\n", "\n", "\r\n", " ", `"`, `\`, strings.Repeat("w", 1500), `{"text":"é😀"}`, "\xc3", "{}", "[1]", `{"id":1,"text":"a"}` + "\n",
		`{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}` + "\n", `{"a":{"b":[1,2,{"c":null}]},"n":1.5e3}` + "\n", strings.Repeat("x", 300), "\x00",
		`{"id":4,"text":"` + strings.Repeat("long ", 500) + `"}` + "\n", strings.Repeat(`{"id":5,"text":"five"}`+"\n", 20)},
	"f.csv": {"id,text\n", "1,a\n", "2,b\r\n", `3,"x`, `"`, `""`, "\n", "\r\n", ",", "\r", `4,"multi` + "\n" + `line"` + "\n", "é", "\xe9", `5,"a""b"` + "\n", strings.Repeat("y", 300), strings.Repeat("some words\n", 100),
		`6,"` + strings.Repeat("long,\r\n", 200) + `"` + "\n", strings.Repeat("7,seven\n", 20)},
	"f.txt": {"hello", "\n", "\r\n", "\r", "é", "\xff", " ", "\x00", strings.Repeat("z", 300), strings.Repeat("w", 1500), "hello\n", strings.Repeat("one of twenty\n", 20),
		strings.Repeat("v", 200) + "\r\n", strings.Repeat("v", 201) + "\n"},
}

// TestMergeIsOnePass cuts random files anywhere, merges the summaries in random
// order, saves and loads some of them on the way, as another process would, and
// wants the report of one pass, byte for byte.
func TestMergeIsOnePass(t *testing.T) {
	defer validate.Small()()
	tmp := scratch(t)
	for name, tokens := range alphabet {
		t.Run(name, func(t *testing.T) {
			check := func(t *rapid.T) {
				data := randomFile(t, name, tokens)
				opt, err := rule.ParseOptions([]byte(rapid.SampledFrom(someRules).Draw(t, "rules")))
				if err != nil {
					t.Fatal(err)
				}
				c := &cutter{T: t, data: data, config: validate.Config{Scratch: tmp, Reread: reread(data)}}
				c.plan = validate.NewPlan(name, data[:min(len(data), validate.HeadSize)], true, opt, c.config)
				want := onePass(t, c.plan, data)
				got := c.cutAndMerge()
				if got != want {
					t.Fatalf("%q: one pass (-) against cut and merged (+):\n%s", data, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
				}
			}
			for range 20 { // of a hundred files each
				rapid.Check(t, check)
			}
		})
	}
}

var someRules = []string{`{}`, `{"max_record_bytes":200}`, `{"max_record_bytes":3000}`, `{"unique_fields":["id"],"required_fields":["text"]}`,
	`{"schema":"openai-chat","allow_blank_lines":false}`, `{"schema":"none","max_errors":2}`, `{"schema":"text","unique_fields":["text","id"]}`,
	`{"json_schema":{"required":["text"],"properties":{"text":{"maxLength":6},"id":{"enum":[1,2,"1","2"]}}},"expressions":[{"name":"short","expr":"size(record.text) < 5","severity":"warning"},{"name":"small","expr":"bytes < 100"}]}`,
	`{"schema":"none","severity":{"secret":"error","hidden-unicode":"warning","csv-formula":"warning","email":"warning"}}`}

func randomFile(t *rapid.T, name string, tokens []string) []byte {
	var file bytes.Buffer
	if name == "f.csv" {
		file.WriteString(rapid.SampledFrom([]string{"id,text\n", "a,b\n", "\n\na,b\n", " \na,a\n"}).Draw(t, "header"))
	}
	if rapid.IntRange(0, 9).Draw(t, "bom") == 0 {
		file.WriteString("\xef\xbb\xbf")
	}
	for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(tokens)-1), 0, 60).Draw(t, "tokens") {
		file.WriteString(tokens[i])
	}
	return file.Bytes()
}

func reread(data []byte) func(offset, n int64) (io.ReadCloser, error) {
	return func(offset, n int64) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data[offset : offset+n])), nil
	}
}

// cutter checks a file in parts.
type cutter struct {
	*rapid.T
	data   []byte
	config validate.Config
	plan   *validate.Plan
}

type part struct {
	from, to int
	inQuote  bool
	sum      *validate.Summary
}

// check gives the summary of a part; its bytes come in pieces, and between them
// the segment may go on in another process.
func (c *cutter) check(from, to int, inQuote bool) *validate.Summary {
	s := c.plan.Segment(int64(from), inQuote)
	for b := c.data[from:to]; len(b) > 0; {
		n := rapid.IntRange(1, len(b)).Draw(c.T, "piece")
		if _, err := s.Write(b[:n]); err != nil {
			c.Fatal(err)
		}
		b = b[n:]
		if c.sometimes("resume") {
			s = c.plan.Resume(c.saved(s.Summary()))
		} else if c.sometimes("save and go on") {
			c.saved(s.Summary()).Close()
		}
	}
	return s.Summary()
}

func (c *cutter) sometimes(what string) bool { return rapid.IntRange(0, 5).Draw(c.T, what) == 0 }

// saved is the summary as another process loads it, under a plan of its own.
func (c *cutter) saved(sum *validate.Summary) *validate.Summary {
	data, err := c.plan.Marshal()
	if err != nil {
		c.Fatal(err)
	}
	if c.plan, err = validate.OpenPlan(data, c.plan.Options, c.config); err != nil {
		c.Fatal(err)
	}
	var bulk bytes.Buffer
	small, err := sum.Save(&bulk)
	if err != nil {
		c.Fatal(err)
	}
	out, err := c.plan.Load(small, nopCloser{bytes.NewReader(bulk.Bytes())})
	if err != nil {
		c.Fatal(err)
	}
	return out
}

type nopCloser struct{ io.ReaderAt }

func (nopCloser) Close() error { return nil }

func (c *cutter) cutAndMerge() string {
	var parts []part
	for from := 0; from < len(c.data) || len(parts) == 0; {
		to := min(len(c.data), from+rapid.IntRange(1, max(1, len(c.data)/2)).Draw(c.T, "cut"))
		inQuote := from > 0 && c.plan.Format == "csv" && rapid.Bool().Draw(c.T, "guess")
		parts = append(parts, part{from, to, inQuote, c.check(from, to, inQuote)})
		from = to
	}
	for len(parts) > 1 {
		i := rapid.IntRange(0, len(parts)-2).Draw(c.T, "merge")
		sum, err := c.plan.Merge(parts[i].sum, parts[i+1].sum)
		if errors.Is(err, validate.ErrGuess) {
			// only what is known from the front is sure of its own guess
			i = 0
			if sum, err = c.plan.Merge(parts[0].sum, parts[1].sum); errors.Is(err, validate.ErrGuess) {
				sum, err = c.plan.Merge(parts[0].sum, c.check(parts[1].from, parts[1].to, !parts[1].inQuote))
			}
		}
		if err != nil {
			c.Fatal(err)
		}
		if c.sometimes("save") {
			sum = c.saved(sum)
		}
		parts[i] = part{parts[i].from, parts[i+1].to, parts[i].inQuote, sum}
		parts = append(parts[:i+1], parts[i+2:]...)
	}
	if c.sometimes("onto nothing") {
		front := c.plan.Segment(0, false)
		if err := front.Append(parts[0].sum); err != nil {
			c.Fatal(err)
		}
		parts[0].sum = front.Summary()
	}
	return rendered(c.T, c.plan, parts[0].sum)
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

// TestHeaderAfterBlankLines: the names of the columns are where the plan found
// them, wherever the file is cut before.
func TestHeaderAfterBlankLines(t *testing.T) {
	for _, data := range []string{"\n\na,b\n1,2\n3,4\n", "\xef\xbb\xbf\na,b\n1,2\n3,4\n", strings.Repeat("\n", 30) + "a,b\n1,2\n3,4\n", "\n \n\nid,text\n1,a\n2,b\n", "\xef\xbb\xbf\r\nid,text\r\n1,a\r\n2,b\r\n", "id,text\n1,a\n2,b\n"} {
		p := planOf(t, "f.csv", []byte(data), `{}`, validate.Config{})
		want := onePass(t, p, []byte(data))
		if !strings.Contains(want, `"records": 2`) {
			t.Fatalf("%q: %s", data, want)
		}
		for cut := range len(data) {
			l, r := p.Segment(0, false), p.Segment(int64(cut), false)
			mustWrite(t, l, []byte(data[:cut]))
			mustWrite(t, r, []byte(data[cut:]))
			m, err := p.Merge(l.Summary(), r.Summary())
			if err != nil {
				t.Fatal(err)
			}
			if got := rendered(t, p, m); got != want {
				t.Errorf("%q, cut at %d: one pass (-), merged (+):\n%s", data, cut, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
			}
		}
	}
}
