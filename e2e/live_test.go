package e2e_test

import (
	"bytes"
	"fmt"
	"strings"
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
	s := start(t).single()
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

// Under fail_fast the first bad record too many ends the upload, by every
// protocol, with the finding; what was found is kept, the bytes are not.
func TestFailFastByEveryProtocol(t *testing.T) {
	s := start(t)
	const rules = `{"fail_fast":true,"max_errors":1}`
	data := func(seed string) []byte {
		b := jsonLines(4*partSize, seed)
		for _, from := range []int{1000, 2000} { // both in the first part
			copy(b[bytes.IndexByte(b[from:], '\n')+from+1:], `{"id"; `)
		}
		return b
	}
	for name, send := range map[string]func(b []byte) (answer, string){
		"form": func(b []byte) (answer, string) {
			id := newID()
			return s.uploadAs(id, text("validation_rules", rules), file("form.jsonl", string(b))), id
		},
		"parts": func(b []byte) (answer, string) {
			u := s.begin("parts.jsonl", len(b), `, "validation_rules": `+rules).ok(201).json()
			a := s.put(u.str("upload_id"), 1, slice(b, 1))
			s.put(u.str("upload_id"), 2, slice(b, 2)).problem(410, "upload-failed") // and says why
			return a, u.str("file_id")
		},
		"tus": func(b []byte) (answer, string) {
			meta := "filename " + in64("tus.jsonl") + ",validation_rules " + in64(rules)
			a := s.do("POST", api+"/tus/", "", "Tus-Resumable", "1.0.0", "Upload-Length", fmt.Sprint(len(b)), "Upload-Metadata", meta).ok(201)
			at := a.header.Get("Location")
			id := s.do("HEAD", at, "", "Tus-Resumable", "1.0.0").header.Get("X-File-Id")
			return s.do("PATCH", at, string(b), "Tus-Resumable", "1.0.0", "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream"), id
		},
		"draft": func(b []byte) (answer, string) {
			a := s.do("POST", api+"/tus/", "", "Upload-Draft-Interop-Version", "8", "Upload-Complete", "?0", "Upload-Metadata", "filename "+in64("draft.jsonl")+",validation_rules "+in64(rules)).ok(201)
			at := a.header.Get("Location")
			id := s.do("HEAD", at, "", "Upload-Draft-Interop-Version", "8").header.Get("X-File-Id")
			return s.do("PATCH", at, string(b), "Upload-Draft-Interop-Version", "8", "Upload-Offset", "0", "Upload-Complete", "?1", "Content-Type", "application/partial-upload"), id
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := data(name)
			a, id := send(b)
			p := a.problem(422, "checks-failed")
			if !strings.Contains(p.str("detail"), "json-syntax") {
				t.Errorf("the refusal does not say what is wrong: %v", p)
			}
			s.failed(id)
			r := s.get("/validation-report/" + id).ok(200).json()
			r.want(t, obj{"verdict": "failed", "records_with_errors": 2})
			found := r.list("findings")
			if len(found) != 2 {
				t.Fatalf("%d findings are kept, want 2", len(found))
			}
			found[0].want(t, obj{"line": 1 + bytes.Count(b[:int(found[0].num("byte_offset"))], []byte("\n"))})
			s.get("/download-file/"+id).problem(409, "")
		})
	}
}

// Bad records of several parts count together.
func TestFailFastAcrossParts(t *testing.T) {
	s := start(t)
	b := jsonLines(4*partSize, "across")
	for part := range 3 {
		from := part*partSize + 1000
		copy(b[bytes.IndexByte(b[from:], '\n')+from+1:], `{"id"; `)
	}
	u := s.begin("across.jsonl", len(b), `, "validation_rules": {"fail_fast":true,"max_errors":2}`).ok(201).json()
	s.put(u.str("upload_id"), 1, slice(b, 1)).ok(200)
	s.put(u.str("upload_id"), 3, slice(b, 3)).ok(200)
	s.put(u.str("upload_id"), 2, slice(b, 2)).problem(422, "checks-failed")
	s.failed(u.str("file_id"))
	s.get("/validation-report/"+u.str("file_id")).ok(200).json().want(t, obj{"verdict": "failed", "records_with_errors": 3})
}
