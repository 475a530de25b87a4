package validate_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"freshet/api"
	"freshet/internal/rule"
	"freshet/internal/validate"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// fixture is one file of testdata/rules: an input, the rules that a user sends
// along, and the findings in report order.
//
// An archive is text and each file in it ends with a newline, so lines of its
// comment may say how the input differs: "escapes" turns <0xHH> into that byte,
// "no-final-newline" takes the last newline away. Other lines are for people.
type fixture struct {
	options rule.Options
	name    string
	input   []byte
	want    []string
}

var byteEscape = regexp.MustCompile(`<0x[0-9A-Fa-f]{2}>`)

func readFixture(t *testing.T, path string) *fixture {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{options: rule.Defaults()}
	inputs, wants := 0, 0
	for _, file := range a.Files {
		switch {
		case file.Name == "rules.json":
			if f.options, err = rule.ParseOptions(file.Data); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		case file.Name == "want":
			wants++
			f.want = lines(string(file.Data))
		case strings.HasPrefix(file.Name, "input"):
			inputs++
			f.name, f.input = file.Name, file.Data
		default:
			t.Fatalf("%s: a file %q, which is none of rules.json, input.*, want", path, file.Name)
		}
	}
	if inputs != 1 || wants != 1 {
		t.Fatalf("%s: %d inputs and %d wants, not one of each", path, inputs, wants)
	}
	flags := lines(string(a.Comment))
	if slices.Contains(flags, "escapes") {
		f.input = byteEscape.ReplaceAllFunc(f.input, func(e []byte) []byte {
			n, _ := strconv.ParseUint(string(e[3:5]), 16, 8) // the pattern lets hexadecimal digits through only
			return []byte{byte(n)}
		})
	}
	if slices.Contains(flags, "no-final-newline") {
		f.input = bytes.TrimSuffix(f.input, []byte("\n"))
	}
	return f
}

func lines(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == '\n' })
}

func fixtures(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "rules", "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	return paths
}

// TestRules checks the file of each fixture and wants exactly its findings.
func TestRules(t *testing.T) {
	for _, path := range fixtures(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			f := readFixture(t, path)
			p := validate.NewPlan(f.name, f.input, true, f.options, validate.Config{Scratch: scratch(t), Reread: reread(f.input)})
			s := p.Segment(0, false)
			mustWrite(t, s, f.input)
			sum := s.Summary()
			defer sum.Close()
			got := []string{}
			res, err := p.Finish(sum, func(a *api.Finding) error {
				got = append(got, findingLine(a))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(f.want, got); d != "" {
				t.Errorf("want (-), got (+):\n%s", d)
			}
			// a finding that is counted and not listed, or listed and not counted, would fool the verdict
			if n := res.Report.Errors + res.Report.Warnings; n != int64(len(got)) {
				t.Errorf("the report counts %d findings and lists %d", n, len(got))
			}
		})
	}
}

func findingLine(a *api.Finding) string {
	path := ""
	if a.Path != "" {
		path = a.Path + ": "
	}
	return fmt.Sprintf("%d:%d: %s %s: %s%s", a.Line, a.Column, a.Severity, a.Rule, path, a.Message)
}

var wantLine = regexp.MustCompile(`^\d+:\d+: (?:error|warning) ((?:expression:)?[a-z0-9-]+): .`)

// TestEveryRuleHasAFixture: a rule that no fixture breaks could go missing and
// nobody would see; a fixture for a rule that is gone tests nothing.
func TestEveryRuleHasAFixture(t *testing.T) {
	broken := map[string]bool{}
	for _, path := range fixtures(t) {
		f := readFixture(t, path)
		known := f.options.Rules()
		for _, w := range f.want {
			m := wantLine.FindStringSubmatch(w)
			switch {
			case m == nil:
				t.Errorf("%s: %q is not LINE:COLUMN: SEVERITY RULE: [PATH: ]MESSAGE", path, w)
			case !slices.ContainsFunc(known, func(r *rule.Rule) bool { return r.Name == m[1] }):
				t.Errorf("%s: there is no rule %q", path, m[1])
			default:
				broken[m[1]] = true
			}
		}
	}
	for _, r := range rule.All {
		if !broken[r.Name] {
			t.Errorf("no fixture breaks the rule %s", r.Name)
		}
	}
}

// TestFixtureNamesAreRules keeps the fixtures findable: each is named after the
// rule that it is about, with a suffix where a rule has several.
func TestFixtureNamesAreRules(t *testing.T) {
	for _, path := range fixtures(t) {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		if name == "expression" || strings.HasPrefix(name, "expression-") {
			continue // rules of the user's own
		}
		if !slices.ContainsFunc(rule.All, func(r *rule.Rule) bool { return name == r.Name || strings.HasPrefix(name, r.Name+"-") }) {
			t.Errorf("%s is not named after a rule", path)
		}
	}
}
