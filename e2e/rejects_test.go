package e2e_test

import (
	"fmt"
	"strings"
	"testing"
)

// The two sides of a file are its bytes, in order, however many records are bad
// and whatever made them so.
func TestRejects(t *testing.T) {
	s := start(t, "--max-findings", "10")
	var data, rejected, clean strings.Builder
	for i := range 3000 {
		line := fmt.Sprintf(`{"id":%d}`+"\n", i)
		side := &clean
		switch i % 3 {
		case 1:
			line, side = fmt.Sprintf("{\"id\": nope %d}\r\n", i), &rejected
		case 2:
			line, side = fmt.Sprintf(`{"id":0,"again":%d}`+"\n", i), &rejected // known once all are there
		}
		data.WriteString(line)
		side.WriteString(line)
	}
	id := s.upload(text("validation_rules", `{"unique_fields":["id"]}`), file("größe.jsonl", data.String())).ok(200).json().str("file_id")
	for _, c := range []struct {
		side, body string
		count      int
	}{{"rejected", rejected.String(), 2000}, {"clean", clean.String(), 1000}} {
		a := s.get("/" + c.side + "-records/" + id).ok(200)
		if string(a.body) != c.body {
			t.Errorf("%s: %d bytes, want %d", c.side, len(a.body), len(c.body))
		}
		head := s.do("HEAD", api+"/"+c.side+"-records/"+id, "").ok(200)
		for _, h := range []struct{ name, value string }{
			{"X-Record-Count", fmt.Sprint(c.count)}, {"Content-Type", "application/jsonl"}, {"X-Content-Type-Options", "nosniff"},
			{"Content-Disposition", `attachment; filename="gr__e.` + c.side + `.jsonl"; filename*=UTF-8''gr%C3%B6%C3%9Fe.` + c.side + `.jsonl`},
		} {
			if got := a.header.Get(h.name); got != h.value || head.header.Get(h.name) != h.value {
				t.Errorf("%s: %s is %q, with HEAD %q, want %q", c.side, h.name, got, head.header.Get(h.name), h.value)
			}
		}
		if len(head.body) > 0 {
			t.Errorf("HEAD has a body")
		}
	}
	// with other rules they are others
	s.post("/process-file/"+id+"?wait=20s", `{"max_errors":1000}`).ok(200).json().want(t, obj{"status": "success"})
	if a := s.get("/rejected-records/" + id).ok(200); a.header.Get("X-Record-Count") != "1000" || strings.Contains(string(a.body), "again") {
		t.Errorf("%s records: %.200s", a.header.Get("X-Record-Count"), a.body)
	}
}

func TestRejectsOfCSV(t *testing.T) {
	s := start(t)
	id := s.upload(file("a.csv", "\ufeffid,v\r\n1\r\n2,\"x\ny\"\r\n")).ok(200).json().str("file_id")
	for side, want := range map[string]string{"rejected": "id,v\r\n1\r\n", "clean": "\ufeffid,v\r\n2,\"x\ny\"\r\n"} {
		if a := s.get("/" + side + "-records/" + id).ok(200); string(a.body) != want || a.header.Get("X-Record-Count") != "1" {
			t.Errorf("%s: %q, want %q", side, a.body, want)
		}
	}
}

// Where there is no telling which records are bad, none are given.
func TestRejectsRefused(t *testing.T) {
	s := start(t)
	stopped := s.upload(file("stopped.jsonl", bad("stopped"))).ok(200).json().str("file_id")
	s.post("/process-file/"+stopped+"?wait=20s", `{"fail_fast":true}`).ok(200)
	zip := s.upload(file("zip.jsonl", "\x1f\x8b\x08 not really")).ok(200).json().str("file_id")
	parts := s.begin("arriving.jsonl", 100, "").ok(201).json().str("file_id")
	for _, c := range []struct {
		id, code string
		status   int
	}{{newID(), "unknown-file", 404}, {stopped, "check-stopped", 409}, {zip, "not-records", 409}, {parts, "still-uploading", 409}} {
		for _, side := range []string{"rejected", "clean"} {
			s.get("/"+side+"-records/"+c.id).problem(c.status, c.code)
			s.do("HEAD", api+"/"+side+"-records/"+c.id, "").ok(c.status)
		}
	}
}
