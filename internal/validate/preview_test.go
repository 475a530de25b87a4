package validate_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"freshet/api"
	"freshet/internal/rule"
	"freshet/internal/validate"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// stored is a file with its report and every finding.
func stored(t rapid.TB, tmp validate.Scratch, name, rules string, data []byte) (*validate.Stored, *api.Report, []api.Finding, rule.Options) {
	o, err := rule.ParseOptions([]byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	st := validate.NewStream(name, o, validate.Config{Scratch: tmp})
	defer st.Close()
	if _, err := st.Write(data); err != nil {
		t.Fatal(err)
	}
	var all []api.Finding
	res, err := st.Finish(func(f *api.Finding) error { all = append(all, *f); return nil })
	if err != nil {
		t.Fatal(err)
	}
	f := &validate.Stored{Name: name, Size: int64(len(data)), Records: res.Report.Records, Index: res.LineIndex, Open: func(offset, n int64) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data[offset : offset+n])), nil
	}}
	return f, res.Report, all, o
}

// TestPreviewFirst: what lies before any byte is told as in the whole report,
// and all of the file is the whole report.
func TestPreviewFirst(t *testing.T) {
	tmp := scratch(t)
	for name, tokens := range alphabet {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				data := randomFile(t, name, tokens)
				if len(data) == 0 {
					return
				}
				f, report, all, o := stored(t, tmp, name, rapid.SampledFrom(someRules).Draw(t, "rules"), data)
				whole, err := f.First(t.Context(), f.Size, o, validate.Config{Scratch: tmp})
				if err != nil || !whole.Whole {
					t.Fatal(whole, err)
				}
				if d := cmp.Diff(report, whole.Report); d != "" {
					t.Fatal(d)
				}
				n := int64(rapid.IntRange(1, len(data)).Draw(t, "bytes"))
				p, err := f.First(t.Context(), n, o, validate.Config{Scratch: tmp})
				if err != nil || p.Bytes > n || p.Report.Records > report.Records {
					t.Fatal(p, err)
				}
				subset(t, p.Report.Findings, all)
				for _, a := range all { // nothing is left out that lies in it
					if r := rule.ByName(a.Rule); a.Record > 0 && a.ByteOffset < p.Bytes && (r == nil || r.Check != nil) && !has(p.Report.Findings, a) {
						t.Fatalf("%d bytes of %q lack %+v", p.Bytes, data, a)
					}
				}
			})
		})
	}
}

func has(list []api.Finding, a api.Finding) bool {
	return slices.ContainsFunc(list, func(b api.Finding) bool { return cmp.Equal(a, b) })
}

// text is a finding as it is sent.
func text(t rapid.TB, a api.Finding) string {
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// subset fails unless each finding on a record is one of the whole file, lines included.
func subset(t rapid.TB, part, all []api.Finding) {
	t.Helper()
	known := map[string]bool{}
	for _, a := range all {
		known[text(t, a)] = true
	}
	for _, a := range part {
		if a.Record > 0 && !known[text(t, a)] && rule.ByName(a.Rule).Check != nil {
			t.Fatalf("not a finding of the file: %+v", a)
		}
	}
}

// A sample is spread over the file, the same for the same seed, and its
// findings have the lines that they have in the file.
func TestPreviewSample(t *testing.T) {
	var jsonl, csv strings.Builder
	csv.WriteString("id,id\n\n")
	for i := range 60_000 {
		switch i % 10 {
		case 0:
			fmt.Fprintf(&jsonl, "{\"id\":%d\n\n", i)
			fmt.Fprintf(&csv, "%d\n", i)
		default:
			fmt.Fprintf(&jsonl, "{\"id\":%d,\"text\":%q}\n", i, strings.Repeat("x", i%200))
			fmt.Fprintf(&csv, "%d,\"%s\n%d\"\n", i, strings.Repeat("y", i%100), i)
		}
	}
	for name, data := range map[string]string{"a.jsonl": jsonl.String(), "a.csv": csv.String(), "a.txt": strings.ReplaceAll(csv.String(), "0\n", "\x00\n")} {
		t.Run(name, func(t *testing.T) {
			f, report, all, o := stored(t, scratch(t), name, `{"min_records":1000000}`, []byte(data))
			take := func(records int64, seed uint64) *validate.Preview {
				t.Helper()
				p, err := f.Sample(t.Context(), records, seed, o, validate.Config{Scratch: scratch(t)})
				if err != nil {
					t.Fatal(err)
				}
				subset(t, p.Report.Findings, all)
				return p
			}
			p := take(2000, 1)
			if p.Whole || p.Report.Records < 1900 || p.Report.Records > 2100 || p.Report.DuplicateRecords != nil || p.Report.Bytes != p.Bytes || p.Bytes < 10_000 || p.Bytes > f.Size/2 {
				t.Errorf("%d records, %d bytes, whole %v", p.Report.Records, p.Bytes, p.Whole)
			}
			share := func(r *api.Report) float64 { return float64(r.RecordsWithErrors) / float64(r.Records) }
			if share(p.Report) < share(report)*0.8 || share(p.Report) > share(report)*1.2 {
				t.Errorf("%.3f of the records are bad in the sample, %.3f in the file", share(p.Report), share(report))
			}
			spread := map[int64]bool{}
			for _, a := range p.Report.Findings {
				spread[a.Line*10/report.Lines] = true
				if a.Rule == "too-few-records" {
					t.Error("the number of records is judged")
				}
			}
			if len(spread) < 5 {
				t.Errorf("the findings lie in %d tenths of the file", len(spread))
			}
			if name == "a.csv" && p.Report.Findings[0].Rule != "csv-duplicate-header" {
				t.Errorf("the header was not looked at: %+v", p.Report.Findings[0])
			}
			if d := cmp.Diff(p, take(2000, 1)); d != "" {
				t.Errorf("the same seed gives another sample: %s", d)
			}
			if cmp.Equal(p, take(2000, 2)) {
				t.Error("another seed gives the same sample")
			}
			if p := take(1, 3); p.Report.Records != 1 {
				t.Errorf("%d records, want 1", p.Report.Records)
			}
			if p := take(report.Records, 1); !p.Whole || p.Report.Records != report.Records || p.Report.Verdict != "failed" {
				t.Errorf("all records: %d, whole %v", p.Report.Records, p.Whole)
			}
		})
	}
}

// A record without an end does not have the whole file read.
func TestPreviewOfALongRecord(t *testing.T) {
	data := []byte("{}\n" + strings.Repeat("x", 8<<20))
	f, _, _, o := stored(t, scratch(t), "a.jsonl", `{"max_record_bytes":1000}`, data)
	read := int64(0)
	open := f.Open
	f.Open = func(offset, n int64) (io.ReadCloser, error) {
		r, err := open(offset, n)
		return struct {
			io.Reader
			io.Closer
		}{io.TeeReader(r, counter{&read}), r}, err
	}
	p, err := f.First(t.Context(), f.Size-1, o, validate.Config{Scratch: scratch(t)})
	if err != nil || p.Report.Records != 1 || p.Bytes != 3 || read > 3<<20 {
		t.Errorf("%+v, %v, after %d bytes", p, err, read)
	}
}

type counter struct{ n *int64 }

func (c counter) Write(p []byte) (int, error) { *c.n += int64(len(p)); return len(p), nil }
