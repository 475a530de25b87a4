package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

type sampleRow struct {
	ID   int64   `parquet:"id"`
	Text *string `parquet:"text,optional"`
}

// parquetFile is a file of more than two parts, whose every tenth text is null.
func parquetFile(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[sampleRow](&b, parquet.MaxRowsPerRowGroup(2000))
	for i, line := range strings.Split(string(dense(2<<20, 3)), "\n") {
		r := sampleRow{ID: int64(i)}
		if i%10 > 0 {
			r.Text = &line
		}
		if _, err := w.Write([]sampleRow{r}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestParquet: a Parquet file is looked at once it is here, by whatever way, and
// a damaged page is found.
func TestParquet(t *testing.T) {
	s := start(t)
	good := parquetFile(t)
	bad := bytes.Clone(good)
	bad[len(bad)/2] ^= 1
	ways := map[string]func(name string, data []byte) string{
		"form": func(name string, data []byte) string {
			return s.upload(file(name, string(data))).ok(200).json().str("file_id")
		},
		"parts": func(name string, data []byte) string {
			u := s.begin(name, len(data), "").ok(201).json().str("upload_id")
			for n := (len(data)-1)/partSize + 1; n > 0; n-- {
				s.put(u, n, slice(data, n)).ok(200)
			}
			return s.post("/uploads/"+u+"/complete", "").ok(200).json().str("file_id")
		},
	}
	for way, send := range ways {
		id := send("a.parquet", good)
		s.info(id).want(t, obj{"status": "fresh", "format": "parquet"})
		r := s.get("/validation-report/" + id).ok(200).json()
		n := r.num("records")
		if fields := r.list("fields"); n < 1000 || len(fields) != 2 || fields[0].num("max") != n-1 || fields[1].num("null") != float64(int(n+9)/10) {
			t.Errorf("%s: %v records, fields %v", way, n, fields)
		}
		s.get("/records/"+id).problem(422, "no-preview")
		s.get("/rejected-records/"+id).problem(409, "not-records")
		p := s.post("/rule-preview", fmt.Sprintf(`{"file_id": %q, "validation_rules": {"required_fields": ["text", "nothing"]}}`, id)).ok(200).json()
		if by := fmt.Sprint(p["report"]); !strings.Contains(by, "text\" is null") || !strings.Contains(by, "nothing\" is missing") {
			t.Errorf("%s: the preview says %.500s", way, by)
		}
		s.do("DELETE", api+"/file/"+id, "").ok(200)

		id = send("bad.parquet", bad)
		s.info(id).want(t, obj{"status": "failed", "file_size": len(bad)})
		if p := s.info(id).str("processing_error"); !strings.Contains(p, "parquet-damaged") || !strings.Contains(p, "is damaged: its checksum") {
			t.Errorf("%s: %s", way, p)
		}
		s.post("/retry-failed-file/"+id, "").ok(202)
		s.settled(id).want(t, obj{"status": "failed", "format": "parquet"})
		s.do("DELETE", api+"/file/"+id, "").ok(200)
	}
}

// TestValidateParquet: the command reads a file by its end; from standard input it cannot.
func TestValidateParquet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	data := parquetFile(t)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := command(nil, "validate", path).CombinedOutput(); err != nil || !strings.Contains(string(out), "passed: parquet, ") {
		t.Errorf("%v: %s", err, out)
	}
	c := command(nil, "validate", "--name", "x.parquet", "-")
	c.Stdin = bytes.NewReader(data)
	if out, err := c.CombinedOutput(); err == nil || !strings.Contains(string(out), "standard input") {
		t.Errorf("%v: %s", err, out)
	}
}
