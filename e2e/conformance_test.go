package e2e_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// requirement is one sentence of a protocol, with the proof that the server
// keeps it. docs/conformance.md is made of them.
type requirement struct {
	id    string
	in    int    // the one version of the draft that says so; 0: all
	says  string // the requirement, in words of our own
	kept  string // how, where the protocol leaves a choice
	but   string // what we do instead, and why
	once  bool   // the proof takes long, and one version of the draft does for both
	proof func(w *speaker)
}

// chapter is a part of a protocol, such as an extension.
type chapter struct {
	title string
	rows  []requirement
}

// prove runs the proofs of a table against one server that they share.
func prove(t *testing.T, table []chapter, w *speaker) {
	for _, c := range table {
		for _, r := range c.rows {
			if r.in != 0 && r.in != w.version || r.once && w.version == 6 {
				continue
			}
			t.Run(r.id, func(t *testing.T) {
				w.server.t = t
				r.proof(w)
			})
		}
	}
}

const document = "../docs/conformance.md"

// The document says what the tables say. FRESHET_UPDATE=1 writes it.
func TestConformanceDocument(t *testing.T) {
	want := describe()
	if os.Getenv("FRESHET_UPDATE") == "1" {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/conformance.md is not what the tables say; FRESHET_UPDATE=1 go test ./e2e -run TestConformance writes it")
	}
}

// Every row can be found, read and proved.
func TestConformanceTables(t *testing.T) {
	seen := map[string]bool{}
	for _, table := range [][]chapter{tusTable(), draftTable()} {
		for _, c := range table {
			for _, r := range c.rows {
				if key := fmt.Sprint(r.id, r.in); seen[key] || r.in != 0 && seen[r.id+"0"] {
					t.Errorf("%s is there twice", r.id)
				} else {
					seen[key] = true
				}
				for _, text := range []string{r.says, r.kept, r.but} {
					if strings.ContainsAny(text, "|\n") || text != "" && !strings.HasSuffix(text, ".") {
						t.Errorf("%s: %q is no sentence for a table", r.id, text)
					}
				}
				if r.says == "" || r.proof == nil || r.kept != "" && r.but != "" {
					t.Errorf("%s is not one requirement with one answer and its proof", r.id)
				}
			}
		}
	}
}

const introduction = `# Conformance

Uploads under ` + "`/data/efficient/tus/`" + ` speak two protocols: tus 1.0.0 with the extensions below, and the IETF's draft "Resumable Uploads for HTTP",
interop versions 6 (revisions 04 and 05) and 8 (from revision 09 on). A request that names a version of the draft, or has ` + "`Upload-Complete`" + `
and no ` + "`Tus-Resumable`" + `, speaks the draft.

Each row is a requirement in our own words and is proved against the running program, over bare connections, by ` + "`go test ./e2e -run '^Test(Tus|Draft)$'`" + `;
a row's id is the name of its test. What crashes and slow clients do is proved in one version of the draft, since it does not depend on it. This page is made from the tests: ` + "`FRESHET_UPDATE=1 go test ./e2e -run TestConformance`" + `.
`

func describe() string {
	var b strings.Builder
	b.WriteString(introduction)
	protocols := []struct {
		title, column string
		table         []chapter
	}{{"tus 1.0.0", "", tusTable()}, {"The draft, versions 6 and 8", "version |", draftTable()}}
	b.WriteString("\n## Where we deviate\n\n| id | requirement | what we do instead, and why |\n|---|---|---|\n")
	for _, p := range protocols {
		for _, c := range p.table {
			for _, r := range c.rows {
				if r.but != "" {
					fmt.Fprintf(&b, "| %s | %s | %s |\n", r.id, r.says, r.but)
				}
			}
		}
	}
	for _, p := range protocols {
		fmt.Fprintf(&b, "\n## %s\n", p.title)
		for _, c := range p.table {
			fmt.Fprintf(&b, "\n### %s\n\n| id |%s requirement | kept |\n|---|%s---|---|\n", c.title, pad(p.column), strings.Repeat("---|", strings.Count(p.column, "|")))
			for _, r := range c.rows {
				version := ""
				switch {
				case p.column != "" && r.in == 0:
					version = " 6, 8 |"
				case p.column != "":
					version = fmt.Sprintf(" %d |", r.in)
				}
				fmt.Fprintf(&b, "| %s |%s %s | %s |\n", r.id, version, r.says, r.answer())
			}
		}
	}
	return b.String()
}

func pad(column string) string {
	if column == "" {
		return ""
	}
	return " " + column
}

func (r *requirement) answer() string {
	switch {
	case r.but != "":
		return "**Deviates.** " + r.but
	case r.kept != "":
		return "Yes. " + r.kept
	}
	return "Yes."
}
