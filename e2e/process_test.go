package e2e_test

import (
	"strings"
	"testing"
)

// Other rules turn a failed file fresh and a fresh one failed; the key under
// fresh/ comes and goes with the verdict.
func TestProcessWithOtherRules(t *testing.T) {
	s := start(t)
	id := s.upload(file("a.jsonl", good(5, "process")), text("validation_rules", `{"min_records":6}`)).ok(200).json().str("file_id")
	s.info(id).want(t, obj{"status": "failed"})
	s.wantUnder(id, "uploads")

	r := s.post("/process-file/"+id+"?wait=30s", `{"min_records":5}`).ok(200).json()
	r.want(t, obj{"status": "success", "file_id": id, "errors_found": 0})
	s.get(strings.TrimPrefix(r.str("report_url"), api)).ok(200).json().want(t, obj{"verdict": "passed"})
	s.info(id).want(t, obj{"status": "fresh", "verdict": "passed", "processing_error": "", "failure_kind": ""})
	s.wantUnder(id, "fresh")

	r = s.post("/process-file/"+id+"?wait=30s", `{"required_fields":["score"]}`).ok(200).json()
	r.want(t, obj{"status": "error", "file_id": id, "errors_found": 5})
	s.info(id).want(t, obj{"status": "failed", "failure_kind": "data", "verdict": "failed"})
	s.wantUnder(id, "uploads")
	if p := s.get("/upload-progress/" + id).ok(200).json(); p.num("progress") >= 100 {
		t.Errorf("progress of a failed file is %v", p.num("progress"))
	}

	// without waiting the answer is that it began
	s.post("/process-file/"+id, `{"min_records":1}`).ok(202).json().want(t, obj{"status": "processing", "file_id": id})
	s.settled(id).want(t, obj{"status": "fresh"})
}

// wantUnder fails unless a file's bytes lie under one prefix and nowhere else.
func (s *server) wantUnder(id, prefix string) {
	s.t.Helper()
	want := "training-data/" + prefix + "/" + id + "/"
	n := 0
	for _, key := range s.files("training-data") {
		if strings.Contains(key, id) {
			if n++; !strings.HasPrefix(key, want) {
				s.t.Errorf("the bytes are at %s, not under %s", key, want)
			}
		}
	}
	if n != 1 {
		s.t.Errorf("%d objects of %s, want 1", n, id)
	}
	if key := s.info(id).str("object_key"); !strings.HasPrefix(key, want) {
		s.t.Errorf("object_key %s is not under %s", key, want)
	}
}

// Rules or nothing: without a body the last rules hold.
func TestProcessWithoutBody(t *testing.T) {
	s := start(t)
	id := s.upload(file("a.jsonl", good(5, "nobody")), text("validation_rules", `{"min_records":6}`)).ok(200).json().str("file_id")
	for _, path := range []string{"/process-file/", "/retry-failed-file/"} {
		t.Run(path, func(t *testing.T) {
			s.t = t
			s.do("POST", api+path+id+"?wait=30s", "").ok(200).json().want(t, obj{"status": "error", "errors_found": 1})
		})
	}
}

func TestRetry(t *testing.T) {
	s := start(t)
	id := s.upload(file("a.jsonl", bad("retry"))).ok(200).json().str("file_id")
	s.post("/retry-failed-file/"+id, "").ok(202).json().want(t, obj{"status": "processing", "file_id": id})
	s.settled(id).want(t, obj{"status": "failed", "failure_kind": "data", "errors_found": 1})
	s.post("/process-file/"+id+"?wait=30s", `{"max_errors":1}`).ok(200).json().want(t, obj{"status": "success"})
	s.post("/retry-failed-file/"+id, "").problem(409, "not-failed")
}

// Under manual promotion a file that passed waits for a person.
func TestManualPromotion(t *testing.T) {
	s := start(t, "--promote", "manual")
	u := s.upload(file("a.jsonl", good(3, "manual"))).ok(200).json()
	id := u.str("file_id")
	u.want(t, obj{"file_status": "uploaded", "verdict": "passed"})
	s.wantUnder(id, "uploads")
	if p := s.get("/upload-progress/" + id).ok(200).json(); p.num("progress") >= 100 {
		t.Errorf("progress is %v before promotion", p.num("progress"))
	}
	s.post("/mark-used/"+id, "{}").problem(409, "")
	s.post("/promote-file/"+id, "").ok(200).json().want(t, obj{"status": "fresh", "verdict": "passed"})
	s.wantUnder(id, "fresh")
	s.post("/promote-file/"+id, "").problem(409, "")

	failed := s.upload(file("b.jsonl", bad("manual"))).ok(200).json()
	failed.want(t, obj{"file_status": "failed"})
	s.post("/promote-file/"+failed.str("file_id"), "").problem(409, "")
	// a second check that passes waits as well
	s.post("/process-file/"+failed.str("file_id")+"?wait=30s", `{"max_errors":1}`).ok(200)
	s.info(failed.str("file_id")).want(t, obj{"status": "uploaded", "verdict": "passed"})
	s.post("/promote-file/"+failed.str("file_id"), "").ok(200)
	s.get("/limits").ok(200).json().want(t, obj{"manual_promotion": true})
}
