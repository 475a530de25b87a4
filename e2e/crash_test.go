package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A server that dies in the middle of an upload leaves a failed row that says
// what to do, and nothing on the disk.
func TestKilledDuringUpload(t *testing.T) {
	s := start(t)
	u := s.slowUpload("slow.jsonl")
	for i := range 20 {
		u.feed(good(1000, fmt.Sprint("kill", i)))
	}
	u.received(100_000)
	if len(s.files(".parts")) == 0 {
		t.Error("nothing was stored while the file arrived")
	}
	s.kill()
	s.restart()
	f := s.failed(u.id)
	if !strings.Contains(f.str("processing_error"), "again") {
		t.Errorf("processing_error %q does not say to send it again", f.str("processing_error"))
	}
	if p := s.post("/retry-failed-file/"+u.id, "").problem(409, "send-again"); !strings.Contains(p.str("hint"), "again") {
		t.Errorf("hint %q", p.str("hint"))
	}
	if len(s.files("training-data")) > 0 {
		t.Errorf("the store holds %v", s.files("training-data"))
	}
	s.upload(file("slow.jsonl", good(1000, "kill0"))).ok(200).json().want(t, obj{"file_status": "fresh", "is_duplicate": false})
}

// What was acknowledged is there after a crash, in the state that was told.
func TestKilledRightAfterTheAnswer(t *testing.T) {
	s := start(t)
	type told struct{ id, data, status string }
	var all []told
	for i := range 20 {
		data := good(i+1, fmt.Sprint("ack", i))
		if i%3 == 2 {
			data = bad(fmt.Sprint("ack", i))
		}
		u := s.upload(file("a.jsonl", data)).ok(200).json()
		s.kill()
		all = append(all, told{u.str("file_id"), data, u.str("file_status")})
		s.restart()
		for _, f := range all[max(0, len(all)-3):] {
			s.info(f.id).want(t, obj{"status": f.status, "file_size": len(f.data)})
		}
	}
	for _, f := range all {
		if f.status != "fresh" && f.status != "failed" {
			t.Errorf("%s was told to be %s", f.id, f.status)
		}
		s.settled(f.id).want(t, obj{"status": f.status})
		if got := string(s.get("/download-file/" + f.id).ok(200).body); got != f.data {
			t.Errorf("%s has other bytes than were acknowledged", f.id)
		}
		s.get("/validation-report/" + f.id).ok(200)
		prefix := "uploads"
		if f.status == "fresh" {
			prefix = "fresh"
		}
		s.wantUnder(f.id, prefix)
	}
	if n := s.get("/staged-files").ok(200).json().num("total_count"); n != 20 {
		t.Errorf("%v files, want 20", n)
	}
	if parts := s.files(".parts"); len(parts) > 0 {
		t.Errorf("parts were left: %v", parts)
	}
}

// A check that a crash interrupted is taken up again by the next server.
func TestKilledDuringCheck(t *testing.T) {
	s := start(t)
	id := s.upload(file("large.jsonl", good(300_000, "check")), text("validation_rules", `{"min_records":1000000}`)).ok(200).json().str("file_id")
	s.info(id).want(t, obj{"status": "failed"})
	s.post("/process-file/"+id, `{"min_records":1}`).ok(202)
	s.kill()
	s.restart()
	s.settled(id).want(t, obj{"status": "fresh", "record_count": 300_000})
	s.wantUnder(id, "fresh")
}

// A server that is asked to stop finishes what it has begun.
func TestStopDuringUpload(t *testing.T) {
	s := start(t)
	u := s.slowUpload("slow.jsonl")
	u.feed(good(1000, "stop"))
	u.received(10_000)
	s.signal(syscall.SIGTERM)
	s.until("it stops listening", func() bool {
		r, err := plain.Get(s.url("/readyz"))
		if err != nil {
			return true
		}
		r.Body.Close()
		return r.StatusCode == 503
	})
	u.feed(good(1000, "stopping"))
	u.finish().ok(200).json().want(t, obj{"file_status": "fresh", "file_id": u.id})
	if code := s.ended(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.restart()
	s.info(u.id).want(t, obj{"status": "fresh", "record_count": 2000})
}

// While it drains the server says that it takes no more work, so that whoever
// spreads requests sends them elsewhere.
func TestReadyzWhileItDrains(t *testing.T) {
	s := start(t)
	u := s.slowUpload("slow.jsonl")
	u.feed(good(1000, "drain"))
	u.received(10_000)
	s.signal(syscall.SIGTERM)
	s.until("readyz is not 200 any more", func() bool {
		r, err := plain.Get(s.url("/readyz"))
		if err != nil {
			t.Errorf("readyz does not answer, want 503: %v", err)
			return true
		}
		r.Body.Close()
		return r.StatusCode == 503
	})
	u.finish().ok(200)
	if code := s.ended(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// A server at rest stops at once.
func TestStopAtRest(t *testing.T) {
	s := start(t)
	s.upload(file("a.jsonl", good(2, "rest"))).ok(200)
	begin := time.Now()
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

// What a stopped process left in scratch does not pile up.
func TestScratchIsEmptied(t *testing.T) {
	onDisk(t)
	s := start(t)
	s.kill()
	left := filepath.Join(s.dir, "scratch", "left")
	if err := os.WriteFile(left, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.restart()
	if _, err := os.Stat(left); err == nil {
		t.Error("scratch was not emptied")
	}
}
