package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// probes are requests that programs on the way may read in another way than the
// server does. What follows each in the same bytes deletes a file: where the
// probe is refused, or may be read in two ways, that must not be executed, since
// it may be part of another request's body to the proxy that passed it on.
var probes = []struct {
	name   string
	head   string // HOST stands for the server
	body   string
	status int
	next   bool // what follows is a request of its own without doubt, and is answered
}{
	// two framings, or none that holds
	{"both framings", "POST /session HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4\r\nTransfer-Encoding: chunked", "0\r\n\r\n", 400, false},
	{"both framings, and a body that is fine", "POST /session HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked", "b\r\n{\"key\":\"x\"}\r\n0\r\n\r\n", 401, false},
	{"lengths that differ", "POST /session HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\nContent-Length: 5", "", 400, false},
	{"the same length twice", "POST /session HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2\r\nContent-Length: 2", "{}", 422, true},
	{"a list of lengths", "POST /session HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2, 2", "{}", 400, false},
	{"a signed length", "POST /session HTTP/1.1\r\nHost: HOST\r\nContent-Length: +2", "{}", 400, false},
	{"a negative length", "POST /session HTTP/1.1\r\nHost: HOST\r\nContent-Length: -2", "{}", 400, false},
	{"a length in hexadecimal", "POST /session HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0x2", "{}", 400, false},
	{"a length of 30 digits", "POST /session HTTP/1.1\r\nHost: HOST\r\nContent-Length: 100000000000000000000000000002", "{}", 400, false},
	{"an empty length", "POST /session HTTP/1.1\r\nHost: HOST\r\nContent-Length:", "", 400, false},
	{"blank before the colon", "POST /session HTTP/1.1\r\nHost: HOST\r\nContent-Length : 2", "{}", 400, false},
	{"unknown coding", "POST /session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: xchunked", "0\r\n\r\n", 501, false},
	{"two codings", "POST /session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: gzip, chunked", "0\r\n\r\n", 501, false},
	{"chunked, then not", "POST /session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n", 501, false},
	{"chunked with a control character", "POST /session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: \x0bchunked\r\nContent-Length: 5", "0\r\n\r\n", 400, false},
	{"a folded coding", "POST /session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding:\r\n chunked\r\nContent-Length: 5", "0\r\n\r\n", 400, false},
	{"chunks by HTTP/1.0", "POST /session HTTP/1.0\r\nHost: HOST\r\nContent-Length: 2\r\nTransfer-Encoding: chunked", "0\r\n\r\n", 422, false},

	// chunks
	{"a negative chunk", "POST /session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked", "-2\r\n{}\r\n0\r\n\r\n", 400, false},
	{"a chunk of 17 digits", "POST /session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked", "10000000000000002\r\n{}\r\n0\r\n\r\n", 400, false},
	{"a chunk in 0x", "POST /session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked", "0x2\r\n{}\r\n0\r\n\r\n", 400, false},
	{"a chunk whose line ends in LF", "POST /session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked", "2\n{}\r\n0\r\n\r\n", 400, false},
	{"a chunk that is longer than it says", "POST /session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked", "2\r\n{}}\r\n0\r\n\r\n", 400, false},
	{"an extension that goes on", "POST /session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked", "2;" + strings.Repeat("x", 8<<10) + "\r\n{}\r\n0\r\n\r\n", 400, false},
	{"a length in the trailer", "POST /session HTTP/1.1\r\nHost: HOST\r\nTrailer: Content-Length\r\nTransfer-Encoding: chunked", "2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n", 400, false},

	// lines
	{"LF alone", "GET /health HTTP/1.1\nHost: HOST", "", 200, true}, // RFC 9112, 2.2: may be taken for a line's end; nothing can hide in it
	{"a folded line", "GET /health HTTP/1.1\r\nHost: HOST\r\nX-A: b\r\n c", "", 200, true},
	{"a folded first line", "GET /health HTTP/1.1\r\n Host: HOST", "", 400, false},
	{"CR in a value", "GET /health HTTP/1.1\r\nHost: HOST\r\nX-A: b\rTransfer-Encoding: chunked", "", 400, false},
	{"NUL in a value", "GET /health HTTP/1.1\r\nHost: HOST\r\nX-A: b\x00c", "", 400, false},
	{"NUL in a name", "GET /health HTTP/1.1\r\nHost: HOST\r\nX-A\x00: b", "", 400, false},
	{"NUL in the address", "GET /hea\x00lth HTTP/1.1\r\nHost: HOST", "", 400, false},
	{"no name", "GET /health HTTP/1.1\r\nHost: HOST\r\n: b", "", 400, false},
	{"no colon", "GET /health HTTP/1.1\r\nHost: HOST\r\nX-A", "", 400, false},
	{"too many fields", "GET /health HTTP/1.1\r\nHost: HOST" + strings.Repeat("\r\na: b", 300), "", 431, false},
	{"too large a field", "GET /health HTTP/1.1\r\nHost: HOST\r\nX-A: " + strings.Repeat("x", 70<<10), "", 431, false},
	{"a field without an end", "GET /health HTTP/1.1\r\nHost: HOST\r\nX-A: " + strings.Repeat("x", 1<<20), "", 431, false},

	// hosts
	{"no host", "GET /health HTTP/1.1", "", 400, false},
	{"two hosts", "GET /health HTTP/1.1\r\nHost: HOST\r\nHost: evil.example.com", "", 400, false},
	{"the same host twice", "GET /health HTTP/1.1\r\nHost: HOST\r\nHost: HOST", "", 400, false},
	{"a host with a blank", "GET /health HTTP/1.1\r\nHost: HOST evil.example.com", "", 400, false},
	{"a host with a path", "GET /health HTTP/1.1\r\nHost: HOST/evil", "", 400, false},
	{"a host with a user", "GET /health HTTP/1.1\r\nHost: HOST@evil.example.com", "", 400, false},
	{"an empty host", "GET /health HTTP/1.1\r\nHost:", "", 403, true},
	{"another host in the address", "GET http://evil.example.comAPI/health HTTP/1.1\r\nHost: HOST", "", 403, true},
	{"this host in the address", "GET http://HOSTAPI/health HTTP/1.1\r\nHost: HOST", "", 200, true},
	{"a file's address", "GET file:///etc/passwd HTTP/1.1\r\nHost: HOST", "", 404, true},

	// paths: /health is there only as it is written
	{"two slashes", "GET /API//health HTTP/1.1\r\nHost: HOST", "", 307, true},
	{"two slashes and a host", "GET //evil.example.com/..API/health HTTP/1.1\r\nHost: HOST", "", 307, true},
	{"a path that climbs", "GET /data/../etc/passwd HTTP/1.1\r\nHost: HOST", "", 404, true},
	{"an encoded slash", "GET /data%2fefficient/health HTTP/1.1\r\nHost: HOST", "", 404, true},
	{"an encoded path that climbs", "GET /docs/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: HOST", "", 404, true},
	{"an encoded NUL", "GET /file-info/%00 HTTP/1.1\r\nHost: HOST", "", 404, true},
	{"half an escape", "GET /file-info/%2 HTTP/1.1\r\nHost: HOST", "", 400, false},
	{"a backslash", "GET /..\\..\\etc\\passwd HTTP/1.1\r\nHost: HOST", "", 404, true},

	// versions and methods
	{"HTTP/0.9", "GET /health", "", 400, false},
	{"HTTP/1.2", "GET /health HTTP/1.2\r\nHost: HOST", "", 200, true},
	{"HTTP/3", "GET /health HTTP/3.0\r\nHost: HOST", "", 505, false},
	{"HTTP/2 without asking", "PRI * HTTP/2.0\r\n\r\nSM", "", 405, false},
	{"an upgrade", "GET /health HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__", "", 200, true},
	{"an unknown expectation", "POST /session HTTP/1.1\r\nHost: HOST\r\nExpect: 200-ok\r\nContent-Length: 2", "{}", 417, false},
	{"a body where none is read", "GET /health HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2", "{}", 200, true},
	{"of the server as a whole", "OPTIONS * HTTP/1.1\r\nHost: HOST", "", 200, true},
	{"a tunnel", "CONNECT evil.example.com:443 HTTP/1.1\r\nHost: evil.example.com:443", "", 405, false},
	{"a method in small letters", "get /health HTTP/1.1\r\nHost: HOST", "", 405, false},
	{"no method", " /health HTTP/1.1\r\nHost: HOST", "", 400, false},
}

func TestProbes(t *testing.T) {
	onDisk(t) // the connections end at a proxy else, which is not ours
	s := start(t)
	for _, p := range probes {
		t.Run(p.name, func(t *testing.T) {
			s.t = t
			victim := s.upload(file("victim.jsonl", good(1, p.name))).ok(200).json().str("file_id")
			head := strings.NewReplacer("HOST", s.addr, " /health", " "+api+"/health", " /session", " "+api+"/session", " /file-info", " "+api+"/file-info", "/API", api, "API", api).Replace(p.head)
			eol := "\r\n\r\n"
			if strings.Contains(head, "\n") && !strings.Contains(head, "\r") {
				eol = "\n\n"
			}
			c := s.dial()
			// the server may close, and so reset, while we still write
			fmt.Fprintf(c, "%s%s%sDELETE %s/file/%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", head, eol, p.body, api, victim, s.addr)
			method, _, _ := strings.Cut(p.head, " ")
			resp, err := http.ReadResponse(c.r, &http.Request{Method: method})
			if err != nil {
				t.Fatalf("no answer: %v", err)
			}
			first := s.read(p.name, resp)
			if first.status != p.status {
				t.Errorf("status %d, want %d: %.300s", first.status, p.status, first.body)
			}
			if first.status >= 500 && first.status != 501 && first.status != 505 || strings.Contains(string(first.body), "root:") || strings.Contains(first.header.Get("Location"), "evil") {
				t.Errorf("%d, Location %q: %.300s", first.status, first.header.Get("Location"), first.body)
			}
			again, err := http.ReadResponse(c.r, nil)
			if (err == nil) != p.next {
				t.Errorf("a second answer: %v, %v; want one: %v", again, err, p.next)
			}
			if err == nil {
				io.Copy(io.Discard, again.Body)
			}
			if a := s.get("/file-info/" + victim); (a.status == 404) != p.next {
				t.Errorf("the victim is %d", a.status)
			}
		})
	}
}

// No route takes a method that none has, and none sends back what it was sent.
func TestMethodsOfOthers(t *testing.T) {
	s := start(t)
	_, s.key = s.makeKey("laptop")
	for _, r := range append(routes, "GET /", "GET /docs/", "GET /openapi.json", "GET /nothing", "GET /assets/x.js") {
		_, path, _ := strings.Cut(r, " ")
		path = strings.NewReplacer("{file_id}", newID(), "{upload_id}", newID(), "{number}", "1", "{name}", "x", "{id}", "x").Replace(path)
		for _, method := range []string{"TRACE", "TRACK", "DEBUG", "CONNECT", "PROPFIND", "MKCOL", "SEARCH", "FROBNICATE"} {
			c := s.dial()
			c.say("%s %s HTTP/1.1\r\nHost: %s\r\nX-Echo: sesame-%s\r\n\r\n", method, path, s.addr, method)
			resp, err := http.ReadResponse(c.r, &http.Request{Method: "GET"})
			if err != nil {
				t.Fatalf("%s %s: %v", method, path, err)
			}
			a := s.read(method+" "+path, resp)
			a.problem(405, "method-not-allowed")
			if allow := a.header.Get("Allow"); allow == "" || strings.Contains(allow, method) || strings.Contains(fmt.Sprint(a.header, string(a.body)), "sesame") {
				t.Errorf("%s: Allow %q, %.300s", a.what, allow, a.body)
			}
			c.Close()
		}
	}
}

// JSON that is deep costs no more than its bytes and is refused.
func TestDeepJSON(t *testing.T) {
	s := start(t)
	deep := strings.Repeat("[", 400<<10)
	object := strings.Repeat(`{"a":`, 80<<10)
	id := s.upload(file("a.jsonl", good(3, "deep"))).ok(200).json().str("file_id")
	for _, path := range []string{"/session", "/mark-used/" + id, "/process-file/" + id, "/adopt", "/uploads", "/named-files", "/rule-preview", "/uploads/" + newID() + "/complete"} {
		for name, body := range map[string]string{"arrays": deep, "objects": object, "an array as a member": `{"key":` + deep} {
			begin := time.Now()
			a := s.post(path, body)
			if took := time.Since(begin); a.status < 400 || a.status >= 500 || took > 2*time.Second {
				t.Errorf("%s with %s: %d after %s: %.200s", path, name, a.status, took, a.body)
			}
		}
	}
	for _, field := range []string{"metadata", "validation_rules"} {
		a := s.upload(text(field, deep), file("b.jsonl", good(3, field)))
		if a.status < 400 || a.status >= 500 {
			t.Errorf("%s: %d: %.200s", field, a.status, a.body)
		}
	}
	s.get("/health").ok(200)
}
