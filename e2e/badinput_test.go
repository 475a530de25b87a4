package e2e_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

// rowState is what a refused upload leaves in the catalog.
type rowState int

const (
	noRow     rowState = iota // refused before a file was made
	failedRow                 // the row stays, for whoever polls
)

// TestFormIsRefused sends forms that are wrong in one way each: the answer says
// so, and nothing of the file is kept.
func TestFormIsRefused(t *testing.T) {
	s := start(t, "--max-file-size", "1MiB")
	data := good(3, "refused")
	other := hex.EncodeToString(make([]byte, 32))
	for _, c := range []struct {
		name   string
		parts  []part
		status int
		code   string
		row    rowState
		detail string // what the sentence must name
	}{
		{"no parts", nil, 422, "no-file", noRow, "file"},
		{"no file part", []part{text("data_type", "custom")}, 422, "no-file", noRow, "file"},
		{"field file without a filename", []part{text("file", data)}, 422, "no-file", noRow, "file"},
		{"empty file", []part{file("a.jsonl", "")}, 422, "empty-file", failedRow, "a.jsonl"},
		{"empty file without a name", []part{file("", "")}, 422, "empty-file", failedRow, ""},
		{"two files", []part{file("a.jsonl", data), file("b.jsonl", data)}, 422, "two-files", failedRow, "file"},
		{"over the server's limit", []part{file("a.jsonl", good(40000, "large"))}, 413, "file-too-large", noRow, "1048576"},
		{"a little over the server's limit", []part{file("a.jsonl", strings.Repeat("x", 1<<20+1))}, 413, "file-too-large", failedRow, "1048576"},
		{"max_file_size before the file", []part{text("validation_rules", `{"max_file_size":50}`), file("a.jsonl", data)}, 413, "file-too-large", failedRow, "50"},
		{"metadata is not JSON, before", []part{text("metadata", "{"), file("a.jsonl", data)}, 422, "invalid-metadata", noRow, "metadata"},
		{"metadata is not JSON, after", []part{file("a.jsonl", data), text("metadata", "{")}, 422, "invalid-metadata", failedRow, "metadata"},
		{"metadata is an array", []part{text("metadata", "[1]"), file("a.jsonl", data)}, 422, "invalid-metadata", noRow, "metadata"},
		{"metadata is a string", []part{text("metadata", `"x"`), file("a.jsonl", data)}, 422, "invalid-metadata", noRow, "metadata"},
		{"metadata is null", []part{text("metadata", "null"), file("a.jsonl", data)}, 422, "invalid-metadata", noRow, "metadata"},
		{"rules are not JSON", []part{text("validation_rules", "min_records=3"), file("a.jsonl", data)}, 422, "invalid-rules", noRow, "/"},
		{"rules are an array", []part{text("validation_rules", "[]"), file("a.jsonl", data)}, 422, "invalid-rules", noRow, "/"},
		{"unknown rule", []part{text("validation_rules", `{"min_record":1}`), file("a.jsonl", data)}, 422, "invalid-rules", noRow, "/min_record"},
		{"unknown rule, after", []part{file("a.jsonl", data), text("validation_rules", `{"min_record":1}`)}, 422, "invalid-rules", failedRow, "/min_record"},
		{"wrong type", []part{text("validation_rules", `{"min_records":"many"}`), file("a.jsonl", data)}, 422, "invalid-rules", noRow, "/min_records"},
		{"negative number", []part{text("validation_rules", `{"max_errors":-1}`), file("a.jsonl", data)}, 422, "invalid-rules", noRow, "/max_errors"},
		{"fraction", []part{text("validation_rules", `{"min_records":1.5}`), file("a.jsonl", data)}, 422, "invalid-rules", noRow, "/min_records"},
		{"list of wrong type", []part{text("validation_rules", `{"required_fields":["a",7]}`), file("a.jsonl", data)}, 422, "invalid-rules", noRow, "/required_fields"},
		{"unknown format", []part{text("validation_rules", `{"allowed_formats":["orc"]}`), file("a.jsonl", data)}, 422, "invalid-rules", noRow, "/allowed_formats"},
		{"unknown schema", []part{text("validation_rules", `{"schema":"alpaca"}`), file("a.jsonl", data)}, 422, "invalid-rules", noRow, "/schema"},
		{"unknown nested rule", []part{text("validation_rules", `{"custom_validation":{"min_record":1}}`), file("a.jsonl", data)}, 422, "invalid-rules", noRow, "/custom_validation/min_record"},
		{"nested rule of wrong type", []part{text("validation_rules", `{"custom_validation":{"min_records":[]}}`), file("a.jsonl", data)}, 422, "invalid-rules", noRow, "/custom_validation/min_records"},
		{"data type with blanks, before", []part{text("data_type", "my data"), file("a.jsonl", data)}, 422, "bad-data-type", noRow, "data_type"},
		{"data type with capitals, after", []part{file("a.jsonl", data), text("data_type", "Custom")}, 422, "bad-data-type", failedRow, "data_type"},
		{"data type that climbs", []part{text("data_type", "../x"), file("a.jsonl", data)}, 422, "bad-data-type", noRow, "data_type"},
		{"data type too long", []part{text("data_type", strings.Repeat("a", 65)), file("a.jsonl", data)}, 422, "bad-data-type", noRow, "data_type"},
		{"sha256 is no hash", []part{text("sha256", "abc"), file("a.jsonl", data)}, 422, "bad-sha256", noRow, "sha256"},
		{"sha256 wrong, before", []part{text("sha256", other), file("a.jsonl", data)}, 422, "sha256-mismatch", failedRow, other},
		{"sha256 wrong, after", []part{file("a.jsonl", data), text("sha256", other)}, 422, "sha256-mismatch", failedRow, other},
		{"other file_id after the file", []part{file("a.jsonl", data), text("file_id", newID())}, 422, "file-id-late", failedRow, "file_id"},
		{"field too large", []part{text("description", strings.Repeat("d", 1<<20+1)), file("a.jsonl", data)}, 413, "field-too-large", noRow, "description"},
		{"too many fields", append(manyFields(200), file("a.jsonl", data)), 422, "too-many-fields", noRow, "fields"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			id := newID()
			p := s.uploadAs(id, c.parts...).problem(c.status, c.code)
			if !strings.Contains(p.str("detail"), c.detail) {
				t.Errorf("the detail %q does not name %q", p.str("detail"), c.detail)
			}
			s.wantNoBytes(id)
			if c.row == noRow {
				s.get("/file-info/"+id).problem(404, "")
			} else {
				s.failed(id)
				s.post("/retry-failed-file/"+id, "").problem(409, "send-again")
			}
		})
	}
	s.t = t
	if keys := s.files("training-data"); len(keys) > 0 {
		t.Errorf("bytes were left: %v", keys)
	}
	s.upload(file("after.jsonl", good(3, "after"))).ok(200).json().want(t, obj{"file_status": "fresh"})
}

func manyFields(n int) (out []part) {
	for range n {
		out = append(out, text("x", "y"))
	}
	return out
}

// A limit that comes after the file is broken by a file that is here: the
// upload worked, the data did not.
func TestMaxFileSizeAfterTheFile(t *testing.T) {
	s := start(t)
	u := s.upload(file("a.jsonl", good(5, "late")), text("validation_rules", `{"max_file_size":50}`)).ok(200).json()
	u.want(t, obj{"status": "success", "file_status": "failed", "verdict": "failed", "is_duplicate": false})
	s.info(u.str("file_id")).want(t, obj{"status": "failed", "failure_kind": "data"})
	rules := s.get("/validation-report/" + u.str("file_id")).ok(200).json().list("by_rule")
	if len(rules) != 1 || rules[0].str("rule") != "file-too-large" {
		t.Errorf("by_rule is %v, want file-too-large", rules)
	}
}

func TestChosenID(t *testing.T) {
	s := start(t)
	id := newID()
	s.uploadAs(id, file("a.jsonl", good(2, "id"))).ok(200).json().want(t, obj{"file_id": id, "file_status": "fresh"})
	for _, c := range []struct {
		name, id string
		status   int
		code     string
	}{
		{"taken", id, 409, ""},
		{"no prefix", strings.TrimPrefix(id, "file_"), 422, "bad-file-id"},
		{"capitals", strings.ToUpper(newID()), 422, "bad-file-id"},
		{"too short", "file_123", 422, "bad-file-id"},
		{"climbs", "file_../../../../../../etc/passwd0000", 422, "bad-file-id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			s.uploadAs(c.id, file("b.jsonl", good(2, "other"))).problem(c.status, c.code)
			s.upload(text("file_id", c.id), file("b.jsonl", good(2, "other"))).problem(c.status, c.code)
		})
	}
	s.t = t
	if got := len(s.files("training-data")); got != 1 || len(s.files(".parts")) != 0 {
		t.Errorf("%d files lie in the store, want the first alone", got)
	}
	s.info(id).want(t, obj{"status": "fresh", "original_name": "a.jsonl"})
}

// A digest that holds is kept and shown, wherever the client puts it.
func TestDigestThatHolds(t *testing.T) {
	s := start(t)
	for _, where := range []string{"header", "field before", "field after"} {
		t.Run(where, func(t *testing.T) {
			s.t = t
			data := good(3, where)
			sum := sha256.Sum256([]byte(data))
			digest := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
			f, hash := file("a.jsonl", data), text("sha256", hex.EncodeToString(sum[:]))
			var u obj
			switch where {
			case "header":
				u = s.do("POST", api+"/upload-large-file", form(f), "Content-Type", formType, "Repr-Digest", digest).ok(200).json()
			case "field before":
				u = s.upload(hash, f).ok(200).json()
			case "field after":
				u = s.upload(f, hash).ok(200).json()
			}
			id := u.str("file_id")
			s.info(id).want(t, obj{"sha256": hex.EncodeToString(sum[:]), "status": "fresh"})
			if got := s.get("/download-file/" + id).ok(200).header.Get("Repr-Digest"); got != digest {
				t.Errorf("Repr-Digest %q, want %q", got, digest)
			}
		})
	}
}
