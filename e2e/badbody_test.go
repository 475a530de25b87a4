package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A length that is over the limit is refused before a byte of the body.
func TestDeclaredTooLarge(t *testing.T) {
	s := start(t, "--max-file-size", "1MiB")
	c := s.dial()
	c.say("POST %s/upload-large-file HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", api, s.addr, formType, int64(10)<<30)
	begin := time.Now()
	c.answer().problem(413, "file-too-large")
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("the refusal took %s", took)
	}
}

// A stream whose length nobody told is refused once it is over the limit, not
// when it ends: it never does.
func TestEndlessStream(t *testing.T) {
	for _, c := range []struct{ name, flag, field, value string }{
		{"server's limit", "--max-file-size=1MiB", "description", ""},
		{"rule before the file", "--max-file-size=0", "validation_rules", `{"max_file_size":100000}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, c.flag)
			con, id := s.dial(), newID()
			con.say("POST %s/upload-large-file HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nX-File-Id: %s\r\n%s\r\n\r\n", api, s.addr, formType, id, chunked)
			head := form(text(c.field, c.value), file("endless.jsonl", ""))
			con.say("%s", chunk(strings.TrimSuffix(head, "\r\n--"+boundary+"--\r\n"), chunked))
			sent := make(chan int64, 1)
			go func() { sent <- endless(t, con, 1<<30) }()
			con.answer().problem(413, "file-too-large")
			if n := <-sent; n > 256<<20 {
				t.Errorf("the server took %d bytes before it gave up", n)
			}
			s.failed(id)
		})
	}
}

// A body that breaks off leaves a failed row that says so, and no bytes. Where
// the client can still read it gets an answer.
func TestBodyBreaksOff(t *testing.T) {
	data := good(2000, "cut")
	for _, c := range []struct {
		name    string
		headers string
		answers bool
		cut     func(*conn) error
	}{
		{"half closed, length known", "Content-Length: 1000000", true, func(c *conn) error { return c.CloseWrite() }},
		{"half closed, chunked", chunked, true, func(c *conn) error { return c.CloseWrite() }},
		{"closed, length known", "Content-Length: 1000000", false, func(c *conn) error { return c.Close() }},
		{"closed, chunked", chunked, false, func(c *conn) error { return c.Close() }},
		{"reset", chunked, false, func(c *conn) error { c.SetLinger(0); return c.Close() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t)
			id, con := newID(), s.dial()
			con.beginUpload(id, "cut.jsonl", c.headers)
			con.say("%s", chunk(data, c.headers))
			u := &slow{con, id}
			u.received(len(data) / 2)
			if err := c.cut(con); err != nil {
				t.Fatal(err)
			}
			if c.answers {
				con.answer().problem(400, "body-cut-off")
			}
			s.failed(id)
			s.get("/upload-progress/"+id).ok(200).json().want(t, obj{"status": "failed", "stage": "done"})
			s.get("/download-file/"+id).problem(409, "send-again")
			s.get("/records/"+id).problem(409, "send-again")
			s.post("/retry-failed-file/"+id, "").problem(409, "send-again")
			// the same bytes, whole this time, are a new file and no duplicate
			s.upload(file("cut.jsonl", data)).ok(200).json().want(t, obj{"file_status": "fresh", "is_duplicate": false})
		})
	}
}

// The form ends before its closing boundary although the body is whole.
func TestFormWithoutItsEnd(t *testing.T) {
	s := start(t)
	id := newID()
	whole := form(file("a.jsonl", good(3, "end")))
	s.do("POST", api+"/upload-large-file", strings.TrimSuffix(whole, "\r\n--"+boundary+"--\r\n"), "Content-Type", formType, "X-File-Id", id).problem(400, "body-cut-off")
	s.failed(id)
}

func TestNotAForm(t *testing.T) {
	s := start(t)
	body := form(file("a.jsonl", good(3, "x")))
	for _, c := range []struct{ name, contentType, body string }{
		{"no type", "", body},
		{"JSON", "application/json", "{}"},
		{"other multipart", "multipart/mixed; boundary=" + boundary, body},
		{"no boundary", "multipart/form-data", body},
		{"empty boundary", `multipart/form-data; boundary=""`, body},
		{"broken type", "multipart/form-data; boundary=\"", body},
		{"boundary too long", "multipart/form-data; boundary=" + strings.Repeat("b", 300), body},
		{"other boundary", "multipart/form-data; boundary=other", body},
		{"no body", formType, ""},
		{"part without an empty line", formType, "--" + boundary + "\r\nno header at all\r\n--" + boundary + "--\r\n"},
		{"part's header too long", formType, form(part{"X: " + strings.Repeat("x", 70<<10) + "\r\n", "y"})},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			headers := []string{}
			if c.contentType != "" {
				headers = append(headers, "Content-Type", c.contentType)
			}
			s.do("POST", api+"/upload-large-file", c.body, headers...).problem(400, "")
			if len(s.files(".parts"))+len(s.files("training-data")) > 0 {
				t.Error("something was left")
			}
		})
	}
	s.t = t
	if n := s.get("/staged-files").ok(200).json().num("total_count"); n != 0 {
		t.Errorf("%v files were made of what is no form", n)
	}
}

// A client that sends nothing for longer than allowed is told so and cut off.
func TestStall(t *testing.T) {
	s := start(t, "--stall-timeout", "1s")
	u := s.slowUpload("stall.jsonl")
	u.feed(good(100, "stall"))
	begin := time.Now()
	u.answer().problem(408, "stalled")
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %s to notice", took)
	}
	s.failed(u.id)
}

// One request with two lengths: what one program on the way takes for the end
// another may take for the start of a second request. It must not be executed.
func TestSmuggling(t *testing.T) {
	s := start(t)
	victim := s.upload(file("victim.jsonl", good(3, "victim"))).ok(200).json().str("file_id")
	second := fmt.Sprintf("DELETE %s/file/%s HTTP/1.1\r\nHost: %s\r\n\r\n", api, victim, s.addr)
	for _, c := range []struct{ name, headers, body string }{
		{"length and chunks", "Content-Length: 5\r\n" + chunked, "0\r\n\r\n" + second},
		{"chunks and length", chunked + "\r\nContent-Length: 5", "0\r\n\r\n" + second},
		{"length covers the second", fmt.Sprintf("Content-Length: %d\r\n%s", 5+len(second), chunked), "0\r\n\r\n" + second},
		{"two lengths", "Content-Length: 0\r\nContent-Length: 5", second},
		{"chunks twice", chunked + "\r\n" + chunked, "0\r\n\r\n" + second},
		{"unknown coding", "Transfer-Encoding: xchunked\r\nContent-Length: 5", "0\r\n\r\n" + second},
		{"blank before the colon", "Transfer-Encoding : chunked\r\nContent-Length: 5", "0\r\n\r\n" + second},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			con := s.dial()
			con.say("POST %s/process-file/%s HTTP/1.1\r\nHost: %s\r\n%s\r\n\r\n%s", api, newID(), s.addr, c.headers, c.body)
			resp, err := http.ReadResponse(con.r, nil)
			if err != nil {
				t.Fatal(err)
			}
			s.read("the first request", resp)
			if again, err := http.ReadResponse(con.r, nil); err == nil {
				t.Errorf("a second request was answered: %s", again.Status)
			}
			s.info(victim).want(t, obj{"status": "fresh"})
		})
	}
}
