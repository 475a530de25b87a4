package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// conn is a connection on which a test says exactly what it wants, also what
// no HTTP library would send.
type conn struct {
	*net.TCPConn
	s *server
	r *bufio.Reader
}

func (s *server) dial() *conn {
	s.t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(2 * patience)); err != nil {
		s.t.Fatal(err)
	}
	return &conn{c.(*net.TCPConn), s, bufio.NewReader(c)}
}

func (c *conn) say(format string, args ...any) {
	c.s.t.Helper()
	if _, err := fmt.Fprintf(c, format, args...); err != nil {
		c.s.t.Fatal(err)
	}
}

// beginUpload sends the head of a form upload and the head of its file.
func (c *conn) beginUpload(id, name string, headers ...string) {
	c.s.t.Helper()
	c.say("POST %s/upload-large-file HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nX-File-Id: %s\r\n%s\r\n\r\n", api, c.s.addr, formType, id, strings.Join(headers, "\r\n"))
	c.say("%s", chunk(strings.TrimSuffix(form(file(name, "")), "\r\n--"+boundary+"--\r\n"), headers...))
}

// chunk frames bytes where the upload is chunked.
func chunk(body string, headers ...string) string {
	for _, h := range headers {
		if h == chunked {
			return fmt.Sprintf("%x\r\n%s\r\n", len(body), body)
		}
	}
	return body
}

const chunked = "Transfer-Encoding: chunked"

func (c *conn) answer() answer {
	c.s.t.Helper()
	resp, err := http.ReadResponse(c.r, nil)
	if err != nil {
		c.s.t.Fatalf("no answer: %v", err)
	}
	return c.s.read("raw request", resp)
}

// slow is an upload that its test feeds bit by bit.
type slow struct {
	*conn
	id string
}

// slowUpload begins a chunked upload and has it known to the server.
func (s *server) slowUpload(name string) *slow {
	s.t.Helper()
	u := &slow{s.dial(), newID()}
	u.beginUpload(u.id, name, chunked)
	return u
}

func (u *slow) feed(body string) { u.s.t.Helper(); u.say("%s", chunk(body, chunked)) }

// finish ends the form, with more fields if given.
func (u *slow) finish(parts ...part) answer {
	u.s.t.Helper()
	u.feed("\r\n" + form(parts...))
	u.say("0\r\n\r\n")
	return u.answer()
}

// received waits until the server has taken so many bytes of the file.
func (u *slow) received(n int) (p obj) {
	u.s.t.Helper()
	u.s.until(fmt.Sprintf("%d bytes of %s came", n, u.id), func() bool {
		a := u.s.get("/upload-progress/" + u.id)
		if a.status != 200 {
			return false
		}
		p = a.json()
		return p.num("bytes_received") >= float64(n)
	})
	return p
}

// failed waits until an upload is failed, and checks that its bytes are gone.
func (s *server) failed(id string) obj {
	s.t.Helper()
	var f obj
	s.until(id+" is failed", func() bool {
		a := s.get("/file-info/" + id)
		if a.status != 200 {
			return false
		}
		f = a.json()
		return f.str("status") == "failed"
	})
	f.want(s.t, obj{"failure_kind": "upload"})
	if f.str("processing_error") == "" {
		s.t.Error("a failed upload does not say why")
	}
	if f.str("verdict") == "passed" {
		s.t.Error("the verdict on a failed upload is passed")
	}
	s.until("the bytes are gone", func() bool { return len(s.files(".parts")) == 0 })
	s.wantNoBytes(id)
	return f
}

// endless writes until the server stops taking bytes, and gives how many went.
func endless(t *testing.T, w io.Writer, most int64) (sent int64) {
	t.Helper()
	line := strings.Repeat(`{"text":"on and on it goes"}`+"\n", 4096)
	piece := []byte(chunk(line, chunked))
	for sent < most {
		n, err := w.Write(piece)
		sent += int64(n)
		if err != nil {
			return sent
		}
	}
	t.Errorf("the server took %d bytes of a file that is too large", sent)
	return sent
}
