package e2e_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"
)

// beginPart sends the head of a part of n bytes.
func (c *conn) beginPart(upload string, number, n int) {
	c.s.t.Helper()
	c.say("PUT %s/uploads/%s/parts/%d HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n", api, upload, number, c.s.addr, n)
}

// What is wrong with bytes that are here shows while the rest of their part is
// on its way: behind a gap by its byte, where nothing is missing by its line.
func TestFindingsWhileAPartArrives(t *testing.T) {
	s := start(t)
	b := jsonLines(3*partSize, "live")
	b = b[:bytes.LastIndexByte(b[:3*partSize], '\n')+1]
	broken := func(from int) (at, line int) {
		at = from + bytes.IndexByte(b[from:], '\n') + 1
		copy(b[at:], `{"id"; `)
		return at + 5, 1 + bytes.Count(b[:at], []byte("\n"))
	}
	at2, line2 := broken(partSize + 1000)
	at3, _ := broken(2*partSize + 1000)
	u := s.begin("live.jsonl", len(b), "").ok(201).json()
	id, file := u.str("upload_id"), u.str("file_id")
	s.put(id, 1, slice(b, 1)).ok(200)
	finding := func(at int) (found obj) {
		t.Helper()
		s.until(fmt.Sprintf("the fault at byte %d shows", at), func() bool {
			for _, f := range s.get("/validation-report/" + file).ok(200).json().list("findings") {
				if f.num("byte_offset") == float64(at) {
					found = f
					return true
				}
			}
			return false
		})
		return found
	}
	show := func(number, at int) obj {
		t.Helper()
		c, part := s.dial(), slice(b, number)
		c.beginPart(id, number, len(part))
		c.say("%s", part[:20_000])
		sent := time.Now()
		f := finding(at)
		if took := time.Since(sent); took > 2*time.Second { // half a second, on a machine that is not busy
			t.Errorf("the fault showed after %v", took)
		}
		f.want(t, obj{"rule": "json-syntax", "severity": "error"})
		s.get("/upload-progress/"+file).ok(200).json().want(t, obj{"status": "uploading"})
		c.say("%s", part[20_000:])
		c.answer().ok(200)
		return f
	}
	show(3, at3).want(t, obj{"line": 0, "record": 0})
	if got := finding(at3); got.num("line") != 0 { // it is committed, behind a gap
		t.Errorf("line %v, though bytes before it are missing", got.num("line"))
	}
	show(2, at2).want(t, obj{"line": line2, "record": line2})
	s.get("/validation-report/"+file).ok(200).json().want(t, obj{"verdict": "in_progress", "errors": 2, "records_with_errors": 2})
	s.post("/uploads/"+id+"/complete", "").ok(200).json().want(t, obj{"verdict": "failed", "errors_found": 2})
	r := s.get("/validation-report/" + file).ok(200).json()
	r.want(t, obj{"errors": 2})
	r.list("findings")[0].want(t, obj{"line": line2, "byte_offset": at2})
}
