package record_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"freshet/api"
	"freshet/internal/record"
	"freshet/internal/rule"
	"freshet/internal/validate"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// specimen is one line of testdata/corpus: bytes, and what must be said of them.
type specimen struct {
	name, section string
	data          []byte
	marks         []int  // where findings are, in order
	want          string // the rest of the line
}

// corpus reads the specimens of a file. The comment at its top tells the form.
func corpus(t *testing.T, file string) []specimen {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("testdata", "corpus", file))
	if err != nil {
		t.Fatal(err)
	}
	var out []specimen
	names := map[string]bool{}
	for _, section := range a.Files {
		for line := range strings.Lines(string(section.Data)) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			name, rest, _ := strings.Cut(line, " ")
			text, want, err := bytesOf(rest)
			if err != nil {
				t.Fatalf("%s: %q: %v", file, line, err)
			}
			if names[name] {
				t.Errorf("%s: %s is there twice", file, name)
			}
			names[name] = true
			c := specimen{name: name, section: section.Name, want: want}
			for i, p := range strings.Split(text, "‸") {
				if i > 0 {
					c.marks = append(c.marks, len(c.data))
				}
				c.data = append(c.data, p...)
			}
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s is empty", file)
	}
	return out
}

// bytesOf reads Go strings joined by +, each with a count before it where it is
// repeated, and gives back what follows them.
func bytesOf(s string) (text, rest string, err error) {
	for {
		s = strings.TrimSpace(s)
		n := 1
		if count, after, ok := strings.Cut(s, "*"); ok {
			if k, err := strconv.Atoi(count); err == nil {
				n, s = k, after
			}
		}
		quoted, err := strconv.QuotedPrefix(s)
		if err != nil {
			return "", "", err
		}
		one, err := strconv.Unquote(quoted)
		if err != nil {
			return "", "", err
		}
		text += strings.Repeat(one, n)
		s = strings.TrimSpace(s[len(quoted):])
		if !strings.HasPrefix(s, "+") {
			return text, s, nil
		}
		s = s[1:]
	}
}

// found is where a finding is and what it says.
type found struct {
	Line, Column, Offset int64
	Rule                 string
}

// engine checks a file as an upload is checked, in pieces of a size.
func engine(t *testing.T, name string, data []byte, piece int) (*validate.Plan, []found) {
	t.Helper()
	options := rule.Defaults()
	options.Schema, options.AllowBlankLines = "none", false
	p := validate.NewPlan(name, data, true, options, validate.Config{
		Scratch: func() (*os.File, error) { return os.CreateTemp(t.TempDir(), "scratch-*") },
	})
	s := p.Segment(0, false)
	for chunk := range slices.Chunk(data, piece) {
		if _, err := s.Write(bytes.Clone(chunk)); err != nil {
			t.Fatal(err)
		}
	}
	sum := s.Summary()
	defer sum.Close()
	out := []found{}
	if _, err := p.Finish(sum, func(f *api.Finding) error {
		out = append(out, found{f.Line, f.Column, f.ByteOffset, f.Rule})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return p, out
}

func same(t *testing.T, what string, want, got []found) {
	t.Helper()
	slices.SortFunc(got, func(a, b found) int { return int(a.Offset - b.Offset) })
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s: want (-), got (+):\n%s", what, d)
	}
}

// blocks is how far records are moved: over each place in a block of 64 bytes.
const blocks = 65

// between gives a copy of data that lies among bytes which would change its
// meaning, so that reading past it shows.
func between(data []byte) []byte {
	const around = `\"]}`
	b := append(append([]byte(around), data...), around...)
	return b[len(around) : len(around)+len(data) : len(around)+len(data)]
}

var jsonCorpus = []string{"json-numbers.txtar", "json-strings.txtar", "json-utf8.txtar", "json-structure.txtar"}

// TestCorpusJSON reads each record at each place of a block, after spaces.
func TestCorpusJSON(t *testing.T) {
	for _, file := range jsonCorpus {
		for _, c := range corpus(t, file) {
			t.Run(c.section+"/"+c.name, func(t *testing.T) {
				good := strings.HasPrefix(c.name, "y_")
				if !good && (!strings.HasPrefix(c.name, "n_") || len(c.marks) != 1) || (len(c.marks) == 0) != (c.want == "") {
					t.Fatalf("%s: the name, marks and rule do not go together", c.name)
				}
				if accepted(c.data) != good {
					t.Fatalf("%.200q: the standard library disagrees", c.data)
				}
				var first, j record.JSON
				for shift := range blocks {
					data := between(append(bytes.Repeat([]byte(" "), shift), c.data...))
					err := j.Parse(data)
					if !good {
						if err == nil {
							t.Fatalf("%.200q was accepted", data)
						}
						if err.Rule != c.want || err.Offset != c.marks[0]+shift {
							t.Fatalf("%.200q: %s at %d (%s), want %s at %d", data, err.Rule, err.Offset, err.Message, c.want, c.marks[0]+shift)
						}
						checkError(t, &j, data, err)
						continue
					}
					if err != nil {
						t.Fatalf("%.200q: %s at %d: %s", data, err.Rule, err.Offset, err.Message)
					}
					if shift == 0 {
						if err := first.Parse(c.data); err != nil {
							t.Fatal(err)
						}
						checkTokens(t, &first)
						checkValues(t, &first, c.data)
						checkNames(t, &first)
						checkFlags(t, &first, &c)
					}
					checkMoved(t, &first, &j, shift)
				}
			})
		}
	}
}

// checkFlags compares what the record warns of with the marks.
func checkFlags(t *testing.T, j *record.JSON, c *specimen) {
	got := map[string][]int{}
	for i := range j.Tok {
		for flag, name := range map[uint8]string{record.LoneSurrogate: "lone-surrogate", record.OutOfRange: "number-range"} {
			if j.Tok[i].Flags&flag != 0 {
				got[name] = append(got[name], j.Place(i))
			}
		}
	}
	j.DuplicateNames(func(tok int) { got["duplicate-key"] = append(got["duplicate-key"], j.Place(tok)) })
	want := map[string][]int{}
	if c.want != "" {
		want[c.want] = c.marks
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%.200q: want (-), got (+):\n%s", j.Raw, d)
	}
}

// checkMoved: spaces before a record move its tokens and change nothing else.
func checkMoved(t *testing.T, from, to *record.JSON, by int) {
	if len(from.Tok) != len(to.Tok) || from.Seen != to.Seen {
		t.Fatalf("%.200q: %d tokens, flags %b; want %d, %b", to.Raw, len(to.Tok), to.Seen, len(from.Tok), from.Seen)
	}
	for i, want := range from.Tok {
		want.Start += uint32(by)
		want.End += uint32(by)
		if to.Tok[i] != want {
			t.Fatalf("%.200q: token %d is %+v, want %+v", to.Raw, i, to.Tok[i], want)
		}
	}
}

// TestCorpusJSONFile puts each record among good ones of a file, at each place
// of a block: it alone is told of, on its line and at its byte.
func TestCorpusJSONFile(t *testing.T) {
	for _, file := range jsonCorpus {
		for _, c := range corpus(t, file) {
			start := len(c.data) - len(bytes.TrimLeft(c.data, " \t\r"))
			if start == len(c.data) || bytes.IndexByte(c.data, '\n') >= 0 || bytes.HasSuffix(c.data, []byte("\r")) {
				continue // a blank line, several lines, or one whose end is a newline's first half
			}
			t.Run(c.section+"/"+c.name, func(t *testing.T) {
				for _, newline := range []string{"\n", "\r\n"} {
					var b []byte
					var want []found
					line := int64(0)
					for place := range blocks {
						const open, end = `{"pad":"`, `"}`
						pad := (128 + place - (len(b)+len(open+end+newline))%64) % 64
						b = append(b, open+strings.Repeat("x", pad)+end+newline...)
						at := len(b)
						if at%64 != place%64 {
							t.Fatalf("the record is at %d", at)
						}
						b = append(append(b, c.data...), newline...)
						line += 2
						tell := func(i int, rule string) {
							want = append(want, found{line, int64(i) + 1, int64(at + i), rule})
						}
						for _, m := range c.marks {
							tell(m, c.want)
						}
						if strings.HasPrefix(c.name, "y_") && c.data[start] != '{' {
							tell(start, "not-an-object")
						}
					}
					b = append(b, `{"last":1}`...)
					for _, piece := range []int{len(b), 97} {
						_, got := engine(t, "f.jsonl", b, piece)
						same(t, fmt.Sprintf("%.100q, newline %q, pieces of %d", c.data, newline, piece), append([]found{}, want...), got)
					}
				}
			})
		}
	}
}
