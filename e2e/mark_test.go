package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// marked is the part of a finding's excerpt that is at fault, as a script in a
// page would cut it out; "-" where there is no mark.
func marked(t *testing.T, f obj) string {
	t.Helper()
	if _, told := f["mark"]; !told {
		t.Fatalf("a finding says nothing of a mark: %v", f)
	}
	m := f.buckets("mark")
	if m == nil {
		return "-"
	}
	units := utf16.Encode([]rune(f.str("excerpt")))
	if len(m) != 2 || m[0] < 0 || m[0] > m[1] || m[1] > len(units) {
		t.Fatalf("mark %v of an excerpt of %d units: %v", m, len(units), f)
	}
	return string(utf16.Decode(units[m[0]:m[1]]))
}

// A finding says where in its excerpt the fault is, wherever findings are told.
func TestMarks(t *testing.T) {
	s := start(t)
	chat := `{"é\n😀":1,"prompt":"p","completion":"c"}` + "\n"
	for _, c := range []struct {
		name, data, rules string
		want              []string
	}{
		{"marks.jsonl", chat + `{"é\n😀\u0041": nope}` + "\n" + "{\"😀\u202e\t\": 1}\n" + `{"é":"` + "\xff" + `"}` + "\n" + `{"prompt":"é😀","completion":["x"]}` + "\n" + `{"prompt":"é"}` + "\n" + `{"a":1`, `{"schema":"prompt-completion"}`,
			[]string{"nope", `\t`, `\xff`, `["x"]`, "-", ""}},
		{"marks.csv", "é,b\n\"😀 \"\"q\"\"\t\",x\n1,2,3\n\"\u200b\",@x\n\"é\"z,1\n", `{"severity":{"csv-formula":"error"}}`, []string{"-", "@", "z"}},
		{"marks.json", "[\n{\"é😀\": 1} {\"a\":\n\tnope}\n]", ``, []string{"{", "nope"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			id := s.upload(text("validation_rules", c.rules), file(c.name, c.data)).ok(200).json().str("file_id")
			s.settled(id)
			report := s.get("/validation-report/" + id).ok(200).json().list("findings")
			var got []string
			for _, f := range report {
				got = append(got, marked(t, f))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("the marks are %q, want %q", got, c.want)
			}
			want, _ := json.Marshal(report)
			var all []obj
			for line := range strings.Lines(string(s.get("/validation-findings/" + id).ok(200).body)) {
				all = append(all, answer{t: t, what: "finding", body: []byte(line)}.json())
			}
			if b, _ := json.Marshal(all); string(b) != string(want) {
				t.Errorf("the findings are\n%s\nthe report's\n%s", b, want)
			}
			dir := t.TempDir()
			for name, data := range map[string]string{c.name: c.data, "rules.json": c.rules + strings.Repeat("{}", 1-min(1, len(c.rules)))} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			out, _ := command(nil, "validate", "--json", "--rules", filepath.Join(dir, "rules.json"), filepath.Join(dir, c.name)).Output() // it fails: the data is bad
			local := answer{t: t, what: "validate", body: out}.json().list("findings")
			if b, _ := json.Marshal(local); string(b) != string(want) {
				t.Errorf("freshet validate finds\n%s\nthe server\n%s", b, want)
			}
		})
	}
}
