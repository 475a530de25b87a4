package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// speaker speaks tus, or a version of the draft, over bare connections.
type speaker struct {
	*server
	hello   string // the header line of every request that says so, or none
	version int    // of the draft; 0: tus
}

const (
	collection = api + "/tus/"
	tusMedia   = "Content-Type: application/offset+octet-stream"
	draftMedia = "Content-Type: application/partial-upload"
	lastBytes  = "Upload-Complete: ?1"
	moreBytes  = "Upload-Complete: ?0"
)

func tusSpeaker(s *server) *speaker { return &speaker{s, "Tus-Resumable: 1.0.0", 0} }

func draftSpeaker(s *server, version int) *speaker {
	return &speaker{s, fmt.Sprint("Upload-Draft-Interop-Version: ", version), version}
}

// as speaks with another first line.
func (w *speaker) as(hello string) *speaker { return &speaker{w.server, hello, w.version} }

// own speaks to a server of the row's own, that may be killed.
func (w *speaker) own(args ...string) *speaker {
	w.t.Helper()
	return &speaker{start(w.t, args...), w.hello, w.version}
}

// reply is an answer, with what was sent before it.
type reply struct {
	answer
	interim []http.Header // of the 104s
	before  []int         // all statuses before the last
}

func (r *reply) code(status int) *reply { r.t.Helper(); r.ok(status); return r }

// is fails unless a header is there once, with a value.
func (r *reply) is(name, want string) *reply {
	r.t.Helper()
	if got := r.header.Values(name); len(got) != 1 || got[0] != want {
		r.t.Errorf("%s: %d with %s %q, want %q", r.what, r.status, name, got, want)
	}
	return r
}

func (r *reply) lacks(names ...string) *reply {
	r.t.Helper()
	for _, name := range names {
		if got := r.header.Values(name); len(got) > 0 {
			r.t.Errorf("%s: %d with %s %q, want none", r.what, r.status, name, got)
		}
	}
	return r
}

// offset is the Upload-Offset, which must be there.
func (r *reply) offset() int {
	r.t.Helper()
	n, err := strconv.Atoi(r.header.Get("Upload-Offset"))
	if err != nil || n < 0 {
		r.t.Fatalf("%s: %d with Upload-Offset %q", r.what, r.status, r.header.Get("Upload-Offset"))
	}
	return n
}

// where is the path of a new upload.
func (r *reply) where() string {
	r.t.Helper()
	at := r.header.Get("Location")
	if !strings.HasPrefix(at, collection) {
		r.t.Fatalf("%s: %d with Location %q: %.300s", r.what, r.status, at, r.body)
	}
	return at
}

// with adds a header line unless one of that name is there.
func with(lines []string, line string) []string {
	name, _, _ := strings.Cut(line, ":")
	if line == "" || slices.ContainsFunc(lines, func(l string) bool { return len(l) > len(name) && strings.EqualFold(l[:len(name)+1], name+":") }) {
		return lines
	}
	return append(slices.Clip(lines), line)
}

// ask writes the head of a request whose body has n bytes.
func (w *speaker) ask(c *conn, method, path string, n int, lines ...string) {
	w.t.Helper()
	lines = with(lines, w.hello)
	if len(with(lines, chunked)) > len(lines) && (n > 0 || method == "POST" || method == "PATCH" || method == "PUT") {
		lines = with(lines, fmt.Sprint("Content-Length: ", n))
	}
	c.say("%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n\r\n", method, path, w.addr, strings.Join(lines, "\r\n"))
}

// hear reads an answer, and what comes before it.
func (w *speaker) hear(c *conn, method string) *reply {
	w.t.Helper()
	r := &reply{}
	for {
		resp := w.next(c, method)
		if resp.StatusCode >= 200 {
			r.answer = w.read(method, resp)
			return r
		}
		r.before = append(r.before, resp.StatusCode)
		if resp.StatusCode == 104 {
			r.interim = append(r.interim, resp.Header)
		}
	}
}

// next reads one answer, which may be an interim one.
func (w *speaker) next(c *conn, method string) *http.Response {
	w.t.Helper()
	resp, err := http.ReadResponse(c.r, &http.Request{Method: method})
	if err != nil {
		w.t.Fatalf("%s: no answer: %v", method, err)
	}
	return resp
}

// do sends a request over a connection of its own.
func (w *speaker) do(method, path, body string, lines ...string) *reply {
	w.t.Helper()
	c := w.dial()
	defer c.Close()
	w.ask(c, method, path, len(body), lines...)
	c.say("%s", body)
	return w.hear(c, method)
}

// begin opens an upload of so many bytes.
func (w *speaker) begin(size int, lines ...string) string {
	w.t.Helper()
	lines = with(lines, fmt.Sprint("Upload-Length: ", size))
	if w.version > 0 {
		lines = with(lines, moreBytes)
	}
	return w.do("POST", collection, "", lines...).code(201).where()
}

func (w *speaker) head(at string) *reply { w.t.Helper(); return w.do("HEAD", at, "") }

// stands fails unless HEAD tells that offset.
func (w *speaker) stands(at string, offset int) {
	w.t.Helper()
	if got := w.head(at).offset(); got != offset {
		w.t.Errorf("the upload is at %d, want %d", got, offset)
	}
}

// patching is the head of a request that adds bytes, but for what lines say otherwise.
func (w *speaker) patching(offset int, lines ...string) []string {
	lines = with(lines, fmt.Sprint("Upload-Offset: ", offset))
	if w.version == 0 {
		return with(lines, tusMedia)
	}
	return with(with(lines, draftMedia), moreBytes)
}

// patch adds bytes. In the draft more follow, unless lines say otherwise.
func (w *speaker) patch(at string, offset int, body string, lines ...string) *reply {
	w.t.Helper()
	return w.do("PATCH", at, body, w.patching(offset, lines...)...)
}

// sending begins to add n bytes, and leaves it to the caller to write them.
func (w *speaker) sending(at string, offset, n int, lines ...string) *conn {
	w.t.Helper()
	c := w.dial()
	w.ask(c, "PATCH", at, n, w.patching(offset, lines...)...)
	return c
}

// finish adds the last bytes.
func (w *speaker) finish(at string, offset int, body string) *reply {
	w.t.Helper()
	if w.version == 0 {
		return w.patch(at, offset, body)
	}
	return w.patch(at, offset, body, lastBytes)
}

// rest does what a client does after a fault: it asks where the upload stands
// and sends what is missing. The file then has the bytes of data.
func (w *speaker) rest(at, data string) {
	w.t.Helper()
	for range 10 {
		h := w.head(at)
		offset := h.offset()
		if offset > len(data) {
			w.t.Fatalf("the upload is at %d of %d", offset, len(data))
		}
		if h.header.Get("Upload-Complete") == "?1" {
			w.holds(at, data)
			return
		}
		r := w.finish(at, offset, data[offset:])
		if r.status == 409 { // an older request committed what it had
			continue
		}
		if r.status/100 != 2 {
			w.t.Fatalf("the rest: %d: %.300s", r.status, r.body)
		}
		w.holds(at, data)
		return
	}
	w.t.Fatal("the upload cannot be finished")
}

// holds fails unless a finished upload gives those bytes.
func (w *speaker) holds(at, data string) {
	w.t.Helper()
	if got := w.do("GET", at, "").code(200); string(got.body) != data {
		w.t.Errorf("the upload gives %d other bytes than the %d that were sent", len(got.body), len(data))
	}
}

// gone fails unless an upload answers to nothing any more.
func (w *speaker) gone(at string) {
	w.t.Helper()
	w.head(at).code(410).lacks("Upload-Offset")
	w.patch(at, 0, "{}\n").code(410)
	w.do("DELETE", at, "").code(410)
}

// received is how many bytes the server has taken from its clients, kept or not.
func (w *speaker) received(at string) int {
	w.t.Helper()
	id := w.head(at).code(w.fine()).header.Get("X-File-Id")
	return int(w.get("/upload-progress/" + id).ok(200).json().num("bytes_received"))
}

// fine is the status of a HEAD that is answered.
func (w *speaker) fine() int {
	if w.version == 0 {
		return 200
	}
	return 204
}

// fixedRecords is n records of width bytes each, unlike all others.
func fixedRecords(n, width int) string {
	seed := newID()[5:25]
	var b strings.Builder
	for i := range n {
		head := fmt.Sprintf(`{"id":"%s-%d","text":"`, seed, i)
		b.WriteString(head + strings.Repeat("x", width-len(head)-3) + "\"}\n")
	}
	return b.String()
}
