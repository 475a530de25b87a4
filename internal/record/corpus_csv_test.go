package record_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"freshet/internal/record"

	"github.com/google/go-cmp/cmp"
)

// delimiter is the one that the section's name speaks of.
func (c *specimen) delimiter(t *testing.T) byte {
	kind, _, _ := strings.Cut(c.section, ":")
	d, ok := map[string]byte{"comma": ',', "semicolon": ';', "tab": '\t', "pipe": '|'}[kind]
	if !ok {
		t.Fatalf("%q names no delimiter", c.section)
	}
	return d
}

// fields reads what is wanted: into v the array, or whether there is none, and the rules.
func (c *specimen) fields(t *testing.T, v any) (said bool, rules []string) {
	text, said := strings.CutPrefix(c.want, "-")
	if said = !said; said {
		d := json.NewDecoder(strings.NewReader(c.want))
		if err := d.Decode(v); err != nil {
			t.Fatal(err)
		}
		text = c.want[d.InputOffset():]
	}
	if rules = strings.Fields(text); len(rules) != len(c.marks) {
		t.Fatalf("%d rules, %d marks", len(rules), len(c.marks))
	}
	return said, rules
}

// values are the fields that a record was cut into.
func values(c *record.CSV) []string {
	out := []string{}
	for i := range c.Fields {
		out = append(out, string(c.Value(i)))
	}
	return out
}

// TestCorpusCSV reads each record by itself, and at each place of a block, after
// a field before it.
func TestCorpusCSV(t *testing.T) {
	for _, c := range corpus(t, "csv-records.txtar") {
		t.Run(c.section+"/"+c.name, func(t *testing.T) {
			csv := record.CSV{Delim: c.delimiter(t)}
			var fields []string
			said, rules := c.fields(t, &fields)
			for shift := range blocks {
				var before []byte
				var want []string
				if shift > 0 {
					before = append(bytes.Repeat([]byte("x"), shift-1), csv.Delim)
					want = append(want, string(before[:shift-1]))
				}
				want = append(want, fields...)
				data := between(append(before, c.data...))
				quoting, cr := csv.Parse(data)
				checkFields(t, &csv, quoting)
				checkFields(t, &csv, cr)
				if d := cmp.Diff(want, values(&csv)); said && d != "" {
					t.Fatalf("%q: want (-), got (+):\n%s", data, d)
				}
				got := map[string]int{}
				for _, f := range []*record.CSVFault{quoting, cr} {
					if f != nil {
						got[f.Rule] = f.Offset
					}
				}
				wanted := map[string]int{}
				for i, r := range rules {
					if r != "invalid-utf8" && r != "nul-byte" { // not the parser's to find
						wanted[r] = c.marks[i] + shift
					}
				}
				if d := cmp.Diff(wanted, got); d != "" {
					t.Fatalf("%q: want (-), got (+):\n%s", data, d)
				}
			}
		})
	}
}

// TestCorpusCSVRecordInFile puts each record among good ones of a file, at each
// place of a block: it alone is told of, on its line and at its byte. One that
// leaves a quote open takes the rest of the file, and gets a file for each place.
func TestCorpusCSVRecordInFile(t *testing.T) {
	for _, c := range corpus(t, "csv-records.txtar") {
		t.Run(c.section+"/"+c.name, func(t *testing.T) {
			fields := []string{""}
			_, rules := c.fields(t, &fields)
			d := string(c.delimiter(t))
			row := func(first string) string { return first + strings.Repeat(d+"y", len(fields)) }
			open := bytes.Count(c.data, []byte(`"`))%2 != 0
			for _, newline := range []string{"\n", "\r\n"} {
				var b []byte
				var want []found
				for place := range blocks {
					if open || place == 0 {
						b, want = []byte("c"), []found{}
						for i := range fields {
							b = fmt.Appendf(b, "%sc%d", d, i)
						}
						b = append(b, newline...)
					}
					pad := (128 + place - (len(b)+len(row("")+newline+d))%64) % 64
					b = append(b, row(strings.Repeat("x", pad))+newline+d...)
					at := len(b)
					if at%64 != place%64 {
						t.Fatalf("the record is at %d", at)
					}
					line := int64(bytes.Count(b, []byte("\n"))) + 1
					for i, r := range rules {
						m := int64(c.marks[i])
						want = append(want, found{line, m + 2, int64(at) + m, r})
					}
					b = append(append(b, c.data...), newline...)
					if !open && place < blocks-1 {
						continue
					}
					for _, piece := range []int{len(b), 97} {
						_, got := engine(t, "f.csv", b, piece)
						same(t, fmt.Sprintf("%.300q, pieces of %d", b, piece), want, got)
					}
				}
			}
		})
	}
}

// TestCorpusCSVFile reads whole files, in pieces of each size.
func TestCorpusCSVFile(t *testing.T) {
	for _, c := range corpus(t, "csv-files.txtar") {
		t.Run(c.section+"/"+c.name, func(t *testing.T) {
			var rows [][]string
			_, rules := c.fields(t, &rows)
			csv := record.CSV{Delim: c.delimiter(t)}
			got, want := [][]string{}, []found{}
			for _, r := range split(record.Splitter{Quotes: true, Max: 1 << 20}, c.data, nil) {
				for i, m := range c.marks {
					if at := int64(m); r.Offset <= at && at <= r.Offset+r.Size {
						line := int64(bytes.Count(c.data[:r.Offset], []byte("\n"))) + 1
						want = append(want, found{line, at - r.Offset + 1, at, rules[i]})
					}
				}
				text := r.Bytes
				if r.Offset == 0 {
					text = bytes.TrimPrefix(text, []byte("\ufeff"))
				}
				if len(bytes.TrimLeft(text, " ")) > 0 {
					csv.Parse(text)
					got = append(got, values(&csv))
				}
			}
			if d := cmp.Diff(rows, got); d != "" {
				t.Errorf("%q: want (-), got (+):\n%s", c.data, d)
			}
			for piece := range 64 {
				p, got := engine(t, "f.csv", c.data, 1+piece)
				same(t, fmt.Sprintf("%q, pieces of %d", c.data, 1+piece), want, got)
				if len(rows[0]) > 1 && p.Delim != csv.Delim {
					t.Fatalf("%q: the delimiter is taken to be %q", c.data, p.Delim)
				}
			}
		})
	}
}

// TestManyFields: all fields are counted, a million are kept, and the memory of
// them is not.
func TestManyFields(t *testing.T) {
	c := record.CSV{Delim: ','}
	if bad, cr := c.Parse(bytes.Repeat([]byte(","), record.MaxFields+4)); bad != nil || cr != nil || c.N != record.MaxFields+5 || len(c.Fields) != record.MaxFields {
		t.Fatalf("%d fields, %d kept: %v, %v", c.N, len(c.Fields), bad, cr)
	}
	if c.Parse([]byte("a,b")); c.N != 2 || cap(c.Fields) > 100 {
		t.Errorf("%d fields, room for %d", c.N, cap(c.Fields))
	}
}
