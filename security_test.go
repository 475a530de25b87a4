package freshet_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSecurityRowsAreProved: every test that docs/security.md takes as a proof
// is there, and every fuzz target is in its list.
func TestSecurityRowsAreProved(t *testing.T) {
	declared := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "node_modules" {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		b, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllSubmatch(b, -1) {
			declared[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(doc), -1)
	if len(named) < 50 {
		t.Errorf("only %d tests are named", len(named))
	}
	listed := map[string]bool{}
	for _, m := range named {
		listed[m[1]] = true
		if !declared[m[1]] {
			t.Errorf("docs/security.md names %s, which is not there", m[1])
		}
	}
	for name := range declared {
		if strings.HasPrefix(name, "Fuzz") && !listed[name] {
			t.Errorf("docs/security.md does not list %s", name)
		}
	}
}
