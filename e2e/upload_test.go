package e2e_test

import (
	"strings"
	"testing"
)

// The guide's own line: curl sends the fields in the order typed, the file first.
func TestUploadInTheGuidesOrder(t *testing.T) {
	s := start(t)
	data := good(10, "guide")
	u := s.upload(file("large_dataset.jsonl", data), text("data_type", "custom"), text("description", "Large training dataset")).ok(200).json()
	u.want(t, obj{"status": "success", "file_size": len(data), "data_type": "custom", "chunk_count": 1, "is_duplicate": false, "file_status": "fresh", "verdict": "passed", "errors_found": 0})
	if !strings.HasPrefix(u.str("file_hash"), "blake3:") || u.str("message") == "" {
		t.Errorf("the answer lacks hash or message: %v", u)
	}
	id := u.str("file_id")
	f := s.info(id)
	f.want(t, obj{"original_name": "large_dataset.jsonl", "object_key": "training-data/fresh/" + id + "/large_dataset.jsonl", "minio_path": f.str("object_key"),
		"format": "jsonl", "record_count": 10, "used_count": 0, "last_used": nil, "verdict": "passed", "processing_progress": 100, "failure_kind": "", "sha256": nil})
	if at := f["s3_url"]; (at != nil) != clustered {
		t.Errorf("s3_url is %v", at)
	}
	if m, _ := f["metadata"].(map[string]any); m["description"] != "Large training dataset" {
		t.Errorf("metadata is %v", f["metadata"])
	}
	if got := string(s.get("/download-file/" + id).ok(200).body); got != data {
		t.Error("the bytes are not those that were sent")
	}
	s.get("/upload-progress/"+id).ok(200).json().want(t, obj{"file_id": id, "fileId": id, "status": "fresh", "progress": 100, "stage": "done", "file_size": len(data), "fileSize": len(data),
		"chunk_count": 1, "chunkCount": 1, "error": nil, "records_checked": 10, "bytes_received": len(data), "bytes_checked": len(data)})
}

func TestFieldsBeforeTheFile(t *testing.T) {
	s := start(t)
	id := newID()
	s.upload(text("file_id", id), text("data_type", "red_team"), text("metadata", `{"source":"lab","n":3}`), text("description", "d"), text("unknown", "x"),
		text("validation_rules", `{"min_records":2,"custom_validation":{"required_fields":["id"]}}`), file("a.jsonl", good(2, "before"))).ok(200).json().
		want(t, obj{"file_id": id, "data_type": "red_team", "file_status": "fresh"})
	m, _ := s.info(id)["metadata"].(map[string]any)
	obj(m).want(t, obj{"source": "lab", "n": 3, "description": "d"})
}

// Rules decide whether they come before or after the file.
func TestRulesBeforeAndAfter(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		name, rules, data string
		status, rule      string
	}{
		{"too few records", `{"min_records":10}`, good(3, "few"), "failed", "too-few-records"},
		{"nested as the guide's clients send it", `{"custom_validation":{"min_records":10}}`, good(3, "nested"), "failed", "too-few-records"},
		{"too many records", `{"max_records":2}`, good(3, "many"), "failed", "too-many-records"},
		{"format not allowed", `{"allowed_formats":["csv"]}`, good(3, "format"), "failed", "format-not-allowed"},
		{"required field", `{"required_fields":["score"]}`, good(3, "field"), "failed", "required-field"},
		{"unique field", `{"unique_fields":["text"]}`, good(3, "unique"), "failed", "unique-field"},
		{"bad records tolerated", `{"max_errors":1}`, bad("tolerated"), "fresh", "json-syntax"},
		{"bad record", `{}`, bad("plain"), "failed", "json-syntax"},
		{"null is no limit", `{"max_records":null,"min_records":1}`, good(3, "null"), "fresh", ""},
	} {
		for _, order := range []string{"before", "after"} {
			t.Run(c.name+", "+order, func(t *testing.T) {
				s.t = t
				rules, f := text("validation_rules", c.rules), file("a.jsonl", c.data+good(1, order))
				parts := []part{rules, f}
				if order == "after" {
					parts = []part{f, rules}
				}
				id := s.upload(parts...).ok(200).json().str("file_id")
				s.settled(id).want(t, obj{"status": c.status})
				r := s.get("/validation-report/" + id).ok(200).json()
				found := ""
				for _, b := range r.list("by_rule") {
					if b.str("severity") == "error" {
						found += b.str("rule")
					}
				}
				if found != c.rule {
					t.Errorf("errors of %q, want %q", found, c.rule)
				}
			})
		}
	}
}

func TestFormats(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		name, data, format string
		records            int
		bom                bool
	}{
		{"a.jsonl", "{\"a\":1}\n{\"a\":2}\n", "jsonl", 2, false},
		{"no-newline-at-the-end.jsonl", "{\"a\":1}\n{\"a\":3}", "jsonl", 2, false},
		{"crlf.jsonl", "{\"a\":1}\r\n{\"a\":4}\r\n", "jsonl", 2, false},
		{"a.csv", "id,text\n1,\"two\nlines\"\n2,x\n", "csv", 2, false},
		{"a.tsv", "id\ttext\n1\tx\n2\ty\n", "tsv", 2, false},
		{"a.txt", "a line\nanother\nthird\n", "text", 3, false},
		{"bom.jsonl", "\ufeff{\"a\":5}\n{\"a\":6}\n", "jsonl", 2, true},
		{"bom.csv", "\ufeffid,text\n1,b\n", "csv", 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			id := s.upload(file(c.name, c.data)).ok(200).json().str("file_id")
			s.info(id).want(t, obj{"status": "fresh", "format": c.format, "record_count": c.records})
			s.get("/validation-report/"+id).ok(200).json().want(t, obj{"verdict": "passed", "format": c.format, "records": c.records, "bom": c.bom, "bytes": len(c.data), "file_id": id, "file_name": c.name, "truncated": false})
			if got := string(s.get("/download-file/" + id).ok(200).body); got != c.data {
				t.Errorf("the bytes came back as %q", got)
			}
		})
	}
}

// The same content is stored once. Whoever sent it again is told where it is,
// under the id of the first as under its own.
func TestDuplicate(t *testing.T) {
	s := start(t)
	data := good(20, "twice")
	first := s.upload(file("first.jsonl", data)).ok(200).json().str("file_id")
	id := newID()
	again := s.uploadAs(id, text("data_type", "sample"), file("second.jsonl", data), text("validation_rules", `{"min_records":1000}`)).ok(200).json()
	again.want(t, obj{"status": "success", "is_duplicate": true, "file_id": first, "file_status": "fresh"})
	if again.str("warning") == "" {
		t.Error("a duplicate without a warning")
	}
	s.info(id).want(t, obj{"duplicate_of": first, "status": "fresh", "original_name": "first.jsonl", "data_type": "custom"})
	s.get("/upload-progress/"+id).ok(200).json().want(t, obj{"duplicate_of": first, "progress": 100, "file_id": id})
	if got := string(s.get("/download-file/" + id).ok(200).body); got != data {
		t.Error("the alias gives other bytes")
	}
	s.get("/validation-report/" + id).ok(200)
	s.get("/history/" + id).ok(200)
	if keys := s.files("training-data"); len(keys) != 1 || len(s.files(".parts")) > 0 {
		t.Errorf("stored more than once: %v, %v", keys, s.files(".parts"))
	}
	if n := s.get("/staged-files").ok(200).json().num("total_count"); n != 1 {
		t.Errorf("%v files are listed, want 1", n)
	}
	s.uploadAs(id, file("third.jsonl", good(1, "third"))).problem(409, "")
}

// A file that failed is no obstacle: the same bytes are checked again, with the
// rules sent now, and make the same file fresh.
func TestDuplicateOfFailed(t *testing.T) {
	s := start(t)
	data := good(5, "failed first")
	first := s.upload(file("a.jsonl", data), text("validation_rules", `{"min_records":100}`)).ok(200).json()
	first.want(t, obj{"file_status": "failed"})
	id := first.str("file_id")
	s.upload(text("validation_rules", `{"min_records":1}`), file("a.jsonl", data)).ok(200).json().want(t, obj{"is_duplicate": true, "file_id": id})
	s.settled(id).want(t, obj{"status": "fresh", "verdict": "passed", "failure_kind": "", "processing_error": ""})
	if keys := s.files("training-data"); len(keys) != 1 || !strings.HasPrefix(keys[0], "training-data/fresh/") {
		t.Errorf("the store holds %v", keys)
	}
}

// fail_fast ends the upload at the first record too many; what was found is kept.
func TestFailFast(t *testing.T) {
	s := start(t)
	id := newID()
	data := good(5, "fast") + "{broken\n" + good(50000, "rest")
	p := s.uploadAs(id, text("validation_rules", `{"fail_fast":true}`), file("a.jsonl", data)).problem(422, "checks-failed")
	if !strings.Contains(p.str("detail"), "line 6") {
		t.Errorf("the detail %q does not name line 6", p.str("detail"))
	}
	s.failed(id)
	r := s.get("/validation-report/" + id).ok(200).json()
	r.want(t, obj{"verdict": "failed"})
	if f := r.list("findings"); len(f) == 0 || f[0].num("line") != 6 || f[0].str("rule") != "json-syntax" {
		t.Errorf("findings are %v", f)
	}
}
