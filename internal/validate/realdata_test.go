package validate_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"freshet/internal/rule"
	"freshet/internal/validate"
)

const vega = "vega-datasets-3.2.1.tgz"

// vegaFiles gives the data files of the npm package vega-datasets (BSD-3-Clause):
// files that people made, not we. It is fetched once and kept.
func vegaFiles(t *testing.T) map[string][]byte {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "freshet-test")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, vega))
	if errors.Is(err, fs.ErrNotExist) {
		tmp := t.TempDir()
		cmd := exec.Command("npm", "pack", "vega-datasets@3.2.1", "--silent")
		cmd.Dir = tmp
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("npm pack: %v\n%s", err, out)
		}
		b, err := os.ReadFile(filepath.Join(tmp, vega))
		if err != nil {
			t.Fatal(err)
		}
		part := filepath.Join(dir, vega+".part")
		if err := errors.Join(os.WriteFile(part, b, 0o644), os.Rename(part, filepath.Join(dir, vega))); err != nil {
			t.Fatal(err)
		}
		f, err = os.Open(filepath.Join(dir, vega))
		if err != nil {
			t.Fatal(err)
		}
	} else if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if ext := path.Ext(h.Name); strings.HasPrefix(h.Name, "package/data/") && (ext == ".csv" || ext == ".tsv" || ext == ".json") {
			if files[path.Base(h.Name)], err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestRealFiles: files of other people pass, with as many records and the same
// number of distinct values as the standard library reads from them.
func TestRealFiles(t *testing.T) {
	n := 0
	for name, data := range vegaFiles(t) {
		switch path.Ext(name) {
		case ".csv", ".tsv":
			n++
			t.Run(name, func(t *testing.T) { realCSV(t, name, data) })
		case ".json":
			var rows []json.RawMessage
			if json.Unmarshal(data, &rows) != nil || len(rows) == 0 || rows[0][0] != '{' {
				continue // not a table of objects
			}
			n++
			t.Run(name, func(t *testing.T) { realJSON(t, name, rows) })
		}
	}
	if n < 40 {
		t.Errorf("only %d files were checked", n)
	}
}

func realCSV(t *testing.T, name string, data []byte) {
	r := csv.NewReader(bytes.NewReader(data))
	if path.Ext(name) == ".tsv" {
		r.Comma = '\t'
	}
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	st := validate.NewStream(name, rule.Defaults(), validate.Config{Scratch: scratch(t)})
	defer st.Close()
	mustStream(t, st, data)
	res, err := st.Finish(nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.Report.Verdict != validate.Passed || res.Report.Records != int64(len(rows)-1) {
		t.Fatalf("%s, %d records, want passed, %d: %v", res.Report.Verdict, res.Report.Records, len(rows)-1, res.Report.Findings)
	}
	for col, field := range rows[0] {
		distinct, long := map[string]bool{}, false
		for _, row := range rows[1:] {
			distinct[row[col]] = true
			long = long || len(row[col]) > 256
		}
		for _, f := range res.Report.Fields {
			if f.Path == field && len(distinct) <= 1000 && !long && f.Distinct != int64(len(distinct)) {
				t.Errorf("column %s has %d distinct values, want %d", field, f.Distinct, len(distinct))
			}
			if off := float64(f.Distinct) / float64(len(distinct)); f.Path == field && (off < 0.9 || off > 1.1) {
				t.Errorf("column %s is estimated to have %d distinct values; it has %d", field, f.Distinct, len(distinct))
			}
		}
	}
}

func realJSON(t *testing.T, name string, rows []json.RawMessage) {
	var lines bytes.Buffer
	for _, r := range rows {
		if err := json.Compact(&lines, r); err != nil {
			t.Fatal(err)
		}
		lines.WriteByte('\n')
	}
	st := validate.NewStream(name+"l", rule.Defaults(), validate.Config{Scratch: scratch(t)})
	defer st.Close()
	mustStream(t, st, lines.Bytes())
	res, err := st.Finish(nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.Report.Verdict != validate.Passed || res.Report.Records != int64(len(rows)) {
		t.Fatalf("%s, %d records, want passed, %d: %v", res.Report.Verdict, res.Report.Records, len(rows), res.Report.Findings)
	}
}

func mustStream(t *testing.T, st *validate.Stream, p []byte) {
	t.Helper()
	if _, err := st.Write(p); err != nil {
		t.Fatal(err)
	}
}
