package httpapi

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"freshet/internal/access"
)

var whereOf = map[object]string{anything: "–", project: "the project asked in", owner: "the project that owns it", named: "the project named", server: "everywhere"}

// TestRightsAreDocumented compares the tables of docs/access.md with the code.
// FRESHET_WRITE=1 writes them.
func TestRightsAreDocumented(t *testing.T) {
	var rows []string
	for route, takes := range rights {
		right := string(takes.right)
		if right == "" {
			right = "–"
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |", strings.Replace(route, "{$}", "", 1), right, whereOf[takes.of]))
	}
	slices.SortFunc(rows, func(a, b string) int {
		return cmp.Or(strings.Compare(a[strings.Index(a, " /"):], b[strings.Index(b, " /"):]), strings.Compare(a, b))
	})
	roles := []string{}
	for _, r := range access.Roles {
		line := "| " + string(r) + " |"
		for _, right := range access.Rights {
			mark := "   |"
			if slices.Contains(access.Table[r], right) {
				mark = " ✓ |"
			}
			line += mark
		}
		roles = append(roles, line)
	}
	b, err := os.ReadFile("../../docs/access.md")
	if err != nil {
		t.Fatal(err)
	}
	want := put(t, put(t, string(b), "roles", roles), "routes", rows)
	if os.Getenv("FRESHET_WRITE") == "1" {
		if err := os.WriteFile("../../docs/access.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(b) {
		t.Error("docs/access.md has other tables than the code: FRESHET_WRITE=1 go test ./internal/httpapi -run Documented writes them")
	}
}

// put replaces the rows between two comments of a document.
func put(t *testing.T, doc, name string, rows []string) string {
	re := regexp.MustCompile(`(?s)(<!-- ` + name + ` -->\n\|[^\n]*\n\|[^\n]*\n).*?(<!-- end -->)`)
	if !re.MatchString(doc) {
		t.Fatalf("the document has no table %s", name)
	}
	return re.ReplaceAllString(doc, "${1}"+strings.ReplaceAll(strings.Join(rows, "\n"), "$", "$$")+"\n${2}")
}
