package e2e_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// obj is a JSON object as it came over the wire.
type obj map[string]any

func (o obj) str(key string) string { v, _ := o[key].(string); return v }

func (o obj) num(key string) float64 { v, _ := o[key].(float64); return v }

func (o obj) list(key string) []obj {
	var out []obj
	items, _ := o[key].([]any)
	for _, v := range items {
		m, _ := v.(map[string]any)
		out = append(out, m)
	}
	return out
}

// want compares the members given.
func (o obj) want(t *testing.T, want obj) {
	t.Helper()
	for k, w := range want {
		if n, ok := w.(int); ok {
			w = float64(n)
		}
		if got := o[k]; got != w {
			t.Errorf("%s is %#v, want %#v", k, got, w)
		}
	}
}

// answer is a response with its body read.
type answer struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   []byte
}

func (a answer) json() obj {
	a.t.Helper()
	var o obj
	if err := json.Unmarshal(a.body, &o); err != nil {
		a.t.Fatalf("%s: the body is not a JSON object: %v: %.300s", a.what, err, a.body)
	}
	return o
}

// ok fails unless the status is the one given.
func (a answer) ok(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: status %d, want %d: %.500s", a.what, a.status, status, a.body)
	}
	return a
}

// diskPath finds paths of the server's disk in what it says.
var diskPath = regexp.MustCompile(`(?:^|[\s"'(=])/(?:tmp|var|home|root|usr|private)/|/blobs/|\.parts|catalog\.db|\.go:\d+`)

// problem fails unless the answer is a problem of that status and code, fit to
// be shown to a person.
func (a answer) problem(status int, code string) obj {
	a.t.Helper()
	a.ok(status)
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		a.t.Errorf("%s: Content-Type %q, want application/problem+json", a.what, got)
	}
	p := a.json()
	if code != "" && p.str("code") != code {
		a.t.Errorf("%s: code %q, want %q", a.what, p.str("code"), code)
	}
	for _, k := range []string{"type", "title", "detail", "instance", "code", "request_id"} {
		if p.str(k) == "" {
			a.t.Errorf("%s: %s is empty: %s", a.what, k, a.body)
		}
	}
	if p.num("status") != float64(status) {
		a.t.Errorf("%s: the body says status %v, want %d", a.what, p["status"], status)
	}
	if diskPath.MatchString(p.str("detail") + "\n" + p.str("hint")) {
		a.t.Errorf("%s: the problem shows the server's disk: %s", a.what, a.body)
	}
	return p
}

// request makes a request; headers are name, value, name, value, …
func (s *server) request(method, path string, body io.Reader, headers ...string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url(path), body)
	if err != nil {
		s.t.Fatal(err)
	}
	if s.key != "" {
		r.Header.Set("Authorization", "Bearer "+s.key)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// plain follows no redirect and asks for no compression.
var plain = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Second},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       2 * time.Minute,
}

func (s *server) send(r *http.Request) answer {
	s.t.Helper()
	resp, err := plain.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.read(r.Method+" "+r.URL.Path, resp)
}

func (s *server) read(what string, resp *http.Response) answer {
	s.t.Helper()
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatalf("%s: %v", what, err)
	}
	return answer{s.t, what, resp.StatusCode, resp.Header, b}
}

func (s *server) do(method, path string, body string, headers ...string) answer {
	s.t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	return s.send(s.request(method, path, r, headers...))
}

func (s *server) get(path string) answer { s.t.Helper(); return s.do(http.MethodGet, api+path, "") }

func (s *server) post(path, body string) answer {
	s.t.Helper()
	return s.do(http.MethodPost, api+path, body, "Content-Type", "application/json")
}

func (s *server) info(id string) obj { s.t.Helper(); return s.get("/file-info/" + id).ok(200).json() }

// settled waits until a file is in a status that lasts.
func (s *server) settled(id string) (f obj) {
	s.t.Helper()
	s.until(id+" is settled", func() bool {
		f = s.info(id)
		st := f.str("status")
		return st != "uploading" && st != "processing" && f["rechecking"] != true
	})
	return f
}

// part is one part of a form.
type part struct{ header, body string }

const boundary = "b0undary"

func text(name, value string) part {
	return part{fmt.Sprintf("Content-Disposition: form-data; name=%q\r\n", name), value}
}

func file(name, content string) part {
	return part{fmt.Sprintf("Content-Disposition: form-data; name=\"file\"; filename=%q\r\nContent-Type: application/octet-stream\r\n", name), content}
}

// form writes parts in the order given.
func form(parts ...part) string {
	var b bytes.Buffer
	for _, p := range parts {
		fmt.Fprintf(&b, "--%s\r\n%s\r\n%s\r\n", boundary, p.header, p.body)
	}
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	return b.String()
}

const formType = "multipart/form-data; boundary=" + boundary

// upload sends a form.
func (s *server) upload(parts ...part) answer {
	s.t.Helper()
	return s.do(http.MethodPost, api+"/upload-large-file", form(parts...), "Content-Type", formType)
}

// uploadAs sends a form under an id that the client chose.
func (s *server) uploadAs(id string, parts ...part) answer {
	s.t.Helper()
	return s.do(http.MethodPost, api+"/upload-large-file", form(parts...), "Content-Type", formType, "X-File-Id", id)
}

func newID() string {
	b := make([]byte, 16)
	rand.Read(b)
	return "file_" + hex.EncodeToString(b)
}

// good is n records that pass without rules; each seed gives others.
func good(n int, seed string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":"%s-%d","text":"a record of some words"}`+"\n", seed, i+1)
	}
	return b.String()
}

// bad is a file whose second line is not JSON.
func bad(seed string) string { return good(1, seed) + "{\"id\": nope}\n" + good(1, seed+"-end") }

func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return "?" + v.Encode()
}
