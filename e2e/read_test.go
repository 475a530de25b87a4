package e2e_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestDownload(t *testing.T) {
	s := start(t)
	data := good(100, "download")
	id := s.upload(file("a.jsonl", data)).ok(200).json().str("file_id")
	path := api + "/download-file/" + id
	tag := s.do("GET", path, "").ok(200).header.Get("ETag")
	if len(tag) < 10 || tag[0] != '"' {
		t.Fatalf("ETag %q", tag)
	}
	size := len(data)
	for _, c := range []struct {
		name, method string
		headers      []string
		status       int
		body         string
		contentRange string
	}{
		{"whole", "GET", nil, 200, data, ""},
		{"first bytes", "GET", []string{"Range", "bytes=0-9"}, 206, data[:10], fmt.Sprintf("bytes 0-9/%d", size)},
		{"middle", "GET", []string{"Range", "bytes=100-199"}, 206, data[100:200], fmt.Sprintf("bytes 100-199/%d", size)},
		{"from the middle on", "GET", []string{"Range", "bytes=200-"}, 206, data[200:], fmt.Sprintf("bytes 200-%d/%d", size-1, size)},
		{"last bytes", "GET", []string{"Range", "bytes=-5"}, 206, data[size-5:], fmt.Sprintf("bytes %d-%d/%d", size-5, size-1, size)},
		{"beyond the end", "GET", []string{"Range", "bytes=99999999-"}, 416, "", fmt.Sprintf("bytes */%d", size)},
		{"same version", "GET", []string{"If-None-Match", tag}, 304, "", ""},
		{"other version", "GET", []string{"If-None-Match", `"x"`}, 200, data, ""},
		{"range of this version", "GET", []string{"Range", "bytes=0-9", "If-Range", tag}, 206, data[:10], fmt.Sprintf("bytes 0-9/%d", size)},
		{"range of another version", "GET", []string{"Range", "bytes=0-9", "If-Range", `"x"`}, 200, data, ""},
		{"HEAD", "HEAD", nil, 200, "", ""},
		{"HEAD of the same version", "HEAD", []string{"If-None-Match", tag}, 304, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			a := s.do(c.method, path, "", c.headers...).ok(c.status)
			if c.status == 416 {
				a.problem(416, "")
			} else if string(a.body) != c.body {
				t.Errorf("%d bytes came, want %d", len(a.body), len(c.body))
			}
			if got := a.header.Get("Content-Range"); got != c.contentRange {
				t.Errorf("Content-Range %q, want %q", got, c.contentRange)
			}
			if c.status != 416 && a.header.Get("ETag") != tag {
				t.Errorf("ETag %q, want %q", a.header.Get("ETag"), tag)
			}
			if c.status == 200 && a.header.Get("Content-Length") != fmt.Sprint(size) {
				t.Errorf("Content-Length %q, want %d", a.header.Get("Content-Length"), size)
			}
			if c.status == 200 && a.header.Get("Accept-Ranges") != "bytes" {
				t.Error("no Accept-Ranges")
			}
		})
	}
}

// A preview finds any line of a large file fast.
func TestRecordsDeepInAFile(t *testing.T) {
	s := start(t)
	var b strings.Builder
	offsets := []int{0}
	for i := 1; b.Len() < 30<<20; i++ {
		fmt.Fprintf(&b, `{"id":%d,"text":"%s"}`+"\n", i, strings.Repeat("words and more ", 5+i%7))
		offsets = append(offsets, b.Len())
	}
	lines := len(offsets) - 1
	id := s.upload(file("large.jsonl", b.String())).ok(200).json().str("file_id")
	s.info(id).want(t, obj{"record_count": lines, "status": "fresh", "chunk_count": 1})
	for _, line := range []int{1, 2, 1000, lines / 2, lines - 3, lines, lines + 1} {
		t.Run(fmt.Sprint("line ", line), func(t *testing.T) {
			s.t = t
			begin := time.Now()
			r := s.get(fmt.Sprintf("/records/%s?line=%d&limit=3", id, line)).ok(200).json()
			if took := time.Since(begin); took > time.Second {
				t.Errorf("it took %s", took)
			}
			records := r.list("records")
			if want := min(3, lines+1-line); len(records) != want {
				t.Fatalf("%d records, want %d", len(records), want)
			}
			for i, rec := range records {
				n := line + i
				rec.want(t, obj{"line": n, "byte_offset": offsets[n-1], "truncated": false})
				if !strings.HasPrefix(rec.str("text"), fmt.Sprintf(`{"id":%d,`, n)) {
					t.Errorf("line %d is %.40s", n, rec.str("text"))
				}
			}
			if next := r["next_line"]; line+3 <= lines && next != float64(line+3) || line+3 > lines && next != nil {
				t.Errorf("next_line is %v", next)
			}
		})
	}
}

// Every finding can be had, also those beyond the thousand that a report shows.
func TestManyFindings(t *testing.T) {
	s := start(t)
	var b strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&b, "{\"id\":%d}\n{\"id\": =nope%d}\n[%d]\n", i, i, i)
	}
	id := s.upload(file("bad.jsonl", b.String())).ok(200).json().str("file_id")
	r := s.get("/validation-report/" + id).ok(200).json()
	r.want(t, obj{"verdict": "failed", "truncated": true, "errors": 3000, "records": 4500, "records_with_errors": 3000})
	if n := len(r.list("findings")); n != 1000 {
		t.Errorf("the report shows %d findings, want 1000", n)
	}
	for _, c := range []struct {
		query string
		rows  int
		only  string
	}{{"", 3000, ""}, {"?rule=json-syntax", 1500, "json-syntax"}, {"?rule=not-an-object", 1500, "not-an-object"}, {"?rule=duplicate-record", 0, ""}} {
		t.Run("ndjson"+c.query, func(t *testing.T) {
			s.t = t
			a := s.get("/validation-findings/" + id + c.query).ok(200)
			if got := a.header.Get("Content-Type"); got != "application/x-ndjson" {
				t.Errorf("Content-Type %q", got)
			}
			n, last := 0, 0.0
			for line := range strings.Lines(string(a.body)) {
				f := answer{t: t, what: "finding", body: []byte(line)}.json()
				if n++; f.num("line") < last || c.only != "" && f.str("rule") != c.only {
					t.Fatalf("a finding that does not belong here: %v", f)
				}
				last = f.num("line")
			}
			if n != c.rows {
				t.Errorf("%d findings, want %d", n, c.rows)
			}
		})
	}
	t.Run("csv", func(t *testing.T) {
		s.t = t
		a := s.get("/validation-findings/" + id + "?format=csv&rule=json-syntax").ok(200)
		rows, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
		if err != nil || len(rows) != 1501 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") || !strings.Contains(a.header.Get("Content-Disposition"), "bad") {
			t.Fatalf("%d rows, %v, %v", len(rows), err, a.header)
		}
		for _, row := range rows[1:] {
			for _, cell := range row {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@") {
					t.Fatalf("a spreadsheet would run the cell %q", cell)
				}
			}
		}
	})
	// the list goes with the file
	s.t = t
	s.do(http.MethodDelete, api+"/file/"+id, "").ok(200)
	if keys := s.files("checks"); len(keys) > 0 {
		t.Errorf("findings of a deleted file are kept: %v", keys)
	}
}
