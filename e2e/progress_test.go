package e2e_test

import (
	"fmt"
	"testing"
)

// While a slow client sends, everybody can see how far it is and what was found.
func TestProgressOfASlowUpload(t *testing.T) {
	s := start(t)
	u := s.slowUpload("slow.jsonl")
	sent, last := 0, -1.0
	seen := func(p obj) {
		t.Helper()
		if p.num("progress") < last {
			t.Errorf("progress fell from %v to %v", last, p.num("progress"))
		}
		last = p.num("progress")
	}
	for i := range 8 {
		piece := good(2000, string(rune('a'+i)))
		if i == 3 {
			piece += "{broken\n"
		}
		u.feed(piece)
		sent += len(piece)
		p := u.received(sent - 64) // the end may still turn out to be a boundary
		p.want(t, obj{"status": "uploading", "stage": "receiving", "file_id": u.id, "fileId": u.id, "error": nil, "original_name": "slow.jsonl"})
		if got := p.num("bytes_received"); got > float64(sent) {
			t.Errorf("%v bytes received of %d sent", got, sent)
		}
		if p.num("progress") >= 100 {
			t.Errorf("progress is %v while the file arrives", p.num("progress"))
		}
		seen(p)
		s.get("/validation-report/"+u.id).ok(200).json().want(t, obj{"verdict": "in_progress", "file_id": u.id})
		s.info(u.id).want(t, obj{"status": "uploading"})
	}
	s.get("/download-file/"+u.id).problem(409, "still-uploading")
	s.get("/records/"+u.id).problem(409, "still-uploading")
	s.post("/process-file/"+u.id, "{}").problem(409, "")
	s.do("DELETE", api+"/file/"+u.id, "").problem(409, "")
	s.get("/health").ok(200).json().want(t, obj{"active_uploads": 1})
	u.finish(text("validation_rules", `{"max_errors":1}`)).ok(200).json().want(t, obj{"file_id": u.id, "file_size": sent, "file_status": "fresh", "errors_found": 1})
	p := s.get("/upload-progress/" + u.id).ok(200).json()
	seen(p)
	p.want(t, obj{"progress": 100, "status": "fresh", "stage": "done", "original_name": "slow.jsonl", "upload_id": nil, "bytes_received": sent, "records_checked": 16001, "errors_found": 1})
	s.get("/validation-report/"+u.id).ok(200).json().want(t, obj{"verdict": "passed", "records": 16001, "errors": 1})
}

// Progress, asked for or told, names the upload that is open, by which a page
// goes on with it, and no longer once that ended.
func TestProgressNamesTheUpload(t *testing.T) {
	s := start(t)
	data := good(40_000, "named")
	u := s.begin("named.jsonl", len(data), "").ok(201).json()
	file, id := u.str("file_id"), u.str("upload_id")
	s.get("/upload-progress/"+file).ok(200).json().want(t, obj{"original_name": "named.jsonl", "upload_id": id})
	s.put(id, 1, slice([]byte(data), 1)).ok(200)
	s.get("/upload-progress/"+file).ok(200).json().want(t, obj{"upload_id": id})
	s.do("DELETE", api+"/uploads/"+id, "").ok(204)
	s.get("/upload-progress/"+file).ok(200).json().want(t, obj{"original_name": "named.jsonl", "upload_id": nil, "status": "failed"})
}

// A file that failed its checks never shows 100.
func TestProgressOfFailed(t *testing.T) {
	s := start(t)
	id := s.upload(file("bad.jsonl", bad("progress"))).ok(200).json().str("file_id")
	p := s.get("/upload-progress/" + id).ok(200).json()
	p.want(t, obj{"status": "failed", "stage": "done"})
	if p.num("progress") >= 100 || p.str("error") == "" {
		t.Errorf("progress %v, error %q", p.num("progress"), p.str("error"))
	}
}

// A file of unknown length arrives like any other.
func TestChunkedTransfer(t *testing.T) {
	s := start(t)
	u := s.slowUpload("chunked.jsonl")
	data := ""
	for i := range 50 {
		piece := good(i, fmt.Sprint("piece", i))
		data += piece
		if piece != "" {
			u.feed(piece)
		}
	}
	u.finish(text("data_type", "sample")).ok(200).json().want(t, obj{"file_id": u.id, "file_status": "fresh", "data_type": "sample", "file_size": len(data)})
	if got := string(s.get("/download-file/" + u.id).ok(200).body); got != data {
		t.Error("the bytes are not those that were sent")
	}
}
