package freshet_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mayImport is who may import whom of ours, the same table as in
// ARCHITECTURE.md. A package that is not here may not exist.
var mayImport = map[string][]string{
	"internal/errs":                {},
	"internal/access":              {"internal/errs"},
	"internal/durable":             {},
	"api":                          {},
	"internal/record":              {},
	"internal/parquet":             {},
	"internal/digest":              {"internal/errs"},
	"internal/rule":                {"internal/record", "internal/errs"},
	"internal/validate":            {"internal/record", "internal/parquet", "internal/rule", "internal/durable", "internal/errs", "api"},
	"internal/live":                {"internal/validate", "api"},
	"internal/blob":                {"internal/errs"},
	"internal/seal":                {"internal/errs"},
	"internal/blob/local":          {"internal/blob", "internal/durable", "internal/seal", "internal/errs"},
	"internal/blob/s3":             {"internal/blob", "internal/errs"},
	"internal/blob/blobtest":       {"internal/blob", "internal/durable", "internal/errs"},
	"internal/catalog":             {"internal/access", "internal/errs", "internal/durable"},
	"internal/catalog/catalogtest": {"internal/access", "internal/catalog", "internal/errs"},
	"internal/audit":               {"internal/catalog", "internal/durable", "internal/errs"},
	"internal/job":                 {"internal/errs"},
	"internal/promote":             {"internal/blob", "internal/catalog", "internal/errs"},
	"internal/check":               {"internal/job", "internal/scan", "internal/blob", "internal/catalog", "internal/promote", "internal/validate", "internal/rule", "internal/live", "internal/errs", "api"},
	"internal/upload":              {"internal/access", "internal/blob", "internal/catalog", "internal/check", "internal/promote", "internal/validate", "internal/rule", "internal/live", "internal/digest", "internal/durable", "internal/errs", "api"},
	"internal/fsck":                {"internal/audit", "internal/blob", "internal/catalog", "internal/check", "internal/promote", "internal/upload", "internal/digest", "internal/errs", "api"},
	"internal/migrate":             {"internal/blob", "internal/catalog", "internal/check", "internal/promote", "internal/upload", "internal/digest", "internal/errs"},
	"internal/scan":                {"internal/errs"},
	"internal/webhook":             {"internal/catalog"},
	"internal/httpapi":             {"api", "internal/access", "internal/audit", "internal/scan", "internal/upload", "internal/check", "internal/promote", "internal/validate", "internal/record", "internal/rule", "internal/live", "internal/catalog", "internal/blob", "internal/errs", "internal/httpapi/form"},
	"internal/httpapi/form":        {},
	"internal/oidc":                {"internal/access", "internal/errs"},
	"internal/config":              {"internal/errs"},
	"internal/listen":              {"internal/errs"},
	"internal/app":                 {"*"},
	"client":                       {"api"},
	"cmd/freshet":                  {"*"},
	"web":                          {},
	"bench/gen":                    {},
	"scripts/sbom":                 {},
	"internal/servers":             {},
	"bench/run":                    {"client", "api", "internal/servers", "bench/scalesim/costs"},
	"bench/scalesim":               {"bench/scalesim/costs"},
	"bench/scalesim/costs":         {},
}

// never is what a package must not import of others, with the reason.
var never = map[string]map[string]string{
	"internal/record":   {"net/http": "it is pure", "os": "it is pure", "time": "it has no clock"},
	"internal/parquet":  {"net/http": "it is pure", "os": "it is pure", "time": "it has no clock"},
	"internal/rule":     {"net/http": "rules do no I/O", "os": "rules do no I/O", "time": "rules have no clock"},
	"internal/validate": {"net/http": "it is handed readers", "database/sql": "it is handed readers"},
	"internal/catalog":  {"net/http": "facts know nothing of the edge"},
	"internal/upload":   {"net/http": "protocols are at the edge", "database/sql": "facts are the catalog's"},
	"internal/check":    {"net/http": "protocols are at the edge", "database/sql": "facts are the catalog's"},
	"internal/migrate":  {"net/http": "it knows no protocol", "database/sql": "facts are the catalog's"},
	"internal/fsck":     {"net/http": "it knows no protocol", "database/sql": "facts are the catalog's"},
	"internal/promote":  {"net/http": "protocols are at the edge", "database/sql": "facts are the catalog's"},
	"internal/httpapi":  {"database/sql": "facts are the catalog's"},
}

// onlyIn is who alone may import packages of others that begin with a path.
var onlyIn = map[string][]string{
	"golang.org/x/crypto/acme":   {"internal/listen"},
	"github.com/minio/sio":       {"internal/seal"},
	"github.com/minio/minio-go/": {"internal/blob/s3", "internal/seal", "internal/servers", "bench/run"},
}

// goFiles gives the non-test files of each package. The files are parsed here,
// rather than asked of the go command, so that a cached result is never taken
// for a new one.
func goFiles(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			dir := filepath.ToSlash(filepath.Dir(path))
			out[dir] = append(out[dir], path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestImports(t *testing.T) {
	for dir, files := range goFiles(t) {
		allowed, known := mayImport[dir]
		if !known {
			t.Errorf("package %s is not in the table", dir)
			continue
		}
		for _, file := range files {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, imp := range f.Imports {
				path := strings.Trim(imp.Path.Value, `"`)
				if why := never[dir][path]; why != "" {
					t.Errorf("%s imports %s: %s", file, path, why)
				}
				for prefix, who := range onlyIn {
					if strings.HasPrefix(path, prefix) && !slices.Contains(who, dir) {
						t.Errorf("%s imports %s, which only %v may", file, path, who)
					}
				}
				ours, ok := strings.CutPrefix(path, "freshet/")
				if ok && !slices.Contains(allowed, ours) && !slices.Contains(allowed, "*") {
					t.Errorf("%s imports %s, which the table does not allow", file, ours)
				}
			}
		}
	}
}

// TestPackageComments: every package says once what it is for.
func TestPackageComments(t *testing.T) {
	for dir, files := range goFiles(t) {
		n := 0
		for _, file := range files {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if f.Doc != nil {
				n++
			}
		}
		if n != 1 {
			t.Errorf("package %s has %d package comments, want 1", dir, n)
		}
	}
}

// TestTableIsDocumented: ARCHITECTURE.md names every package of the table.
func TestTableIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for dir := range mayImport {
		name := strings.TrimPrefix(dir, "internal/")
		if !regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).Match(doc) {
			t.Errorf("ARCHITECTURE.md does not name %s", dir)
		}
	}
}
