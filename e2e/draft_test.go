package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestDraft proves the IETF's draft, row by row, in both versions.
func TestDraft(t *testing.T) {
	t.Parallel()
	for _, version := range []int{6, 8} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			prove(t, draftTable(), draftSpeaker(start(t, "--max-file-size", "64MiB"), version))
		})
	}
}

func draftTable() []chapter {
	return []chapter{
		{"Interim answers (104)", draftInterim},
		{"Limits and discovery", draftLimits},
		{"Creation", draftCreation},
		{"Length", draftLength},
		{"Offset (HEAD)", draftHead},
		{"Append (PATCH)", draftAppend},
		{"Completion", draftCompletion},
		{"Cancellation (DELETE)", draftDelete},
		{"Digests", draftDigest},
		{"Faults and races", races("draft-race-")},
	}
}

const problemTypes = "https://iana.org/assignments/http-problem-types#"

// ofType fails unless the answer is a problem of a type that the draft names.
func (r *reply) ofType(status int, kind string) obj {
	r.t.Helper()
	p := r.problem(status, "")
	if p.str("type") != problemTypes+kind {
		r.t.Errorf("%s: a problem of type %q, want %s", r.what, p.str("type"), kind)
	}
	return p
}

// create begins an upload with bytes.
func (w *speaker) create(body string, lines ...string) *reply {
	w.t.Helper()
	return w.do("POST", collection, body, lines...)
}

func onlyValue(t *testing.T, h http.Header, name string) string {
	t.Helper()
	v := h.Values(name)
	if len(v) != 1 {
		t.Errorf("%s is there %d times: %q", name, len(v), v)
		return ""
	}
	return v[0]
}

var draftInterim = []requirement{
	{id: "draft-104-01", in: 6, says: "A 104 MAY tell of a new upload; it MUST have its Location then.", kept: "It is sent, with Upload-Limit.", proof: firstInterim},
	{id: "draft-104-01", in: 8, says: "A 104 SHOULD tell of a new upload; it MUST have its Location, and Upload-Limit where there are limits.", proof: firstInterim},
	{id: "draft-104-02", says: "Every 104 MUST name the version of the request.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		r := w.create(data[:64], moreBytes).code(201)
		all := append(r.interim, w.patch(r.where(), 64, data[64:], lastBytes).interim...)
		if len(all) < 3 {
			w.t.Fatalf("%d interim answers", len(all))
		}
		for _, h := range all {
			if v := onlyValue(w.t, h, "Upload-Draft-Interop-Version"); v != fmt.Sprint(w.version) {
				w.t.Errorf("version %q", v)
			}
		}
	}},
	{id: "draft-104-03", in: 6, says: "A 104 with Upload-Offset, during creation or append, MUST NOT have Location.", proof: laterInterims},
	{id: "draft-104-03", in: 8, says: "During append a 104 with Upload-Offset SHOULD be sent and MUST NOT have Location; during creation it MAY be sent.", kept: "It is sent with each piece that is kept, never with Location.", proof: laterInterims},
	{id: "draft-104-04", in: 8, says: "All Locations of one exchange MUST be the same.", proof: sameLocation},
	{id: "draft-104-04", in: 6, says: "The Location of a 104 is that of the final answer.", proof: sameLocation},
	{id: "draft-104-05", says: "A request without a version, or in one that is not spoken, MUST NOT be answered with a 104.", kept: "It is served like one of version 8 otherwise; a creation needs Upload-Complete.", proof: func(w *speaker) {
		for _, hello := range []string{"", "Upload-Draft-Interop-Version: 7", "Upload-Draft-Interop-Version: 99", "Upload-Draft-Interop-Version: 06", "Upload-Draft-Interop-Version: 6, 8", "Upload-Draft-Interop-Version: x"} {
			data := fixedRecords(2, 64)
			other := w.as(hello)
			r := other.create(data[:64], moreBytes).code(201)
			p := other.patch(r.where(), 64, data[64:], lastBytes).code(200)
			if n := len(r.before) + len(p.before); n > 0 {
				w.t.Errorf("%q: %d interim answers", hello, n)
			}
			w.holds(r.where(), data)
			other.head(r.where()).is("Upload-Complete", "?1").is("Upload-Offset", "128")
			if hello != "" {
				other.do("DELETE", r.where(), "").code(204)
			}
		}
	}},
	{id: "draft-104-06", says: "A client of HTTP/1.0 MUST NOT be sent any.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		c := w.dial()
		c.say("POST %s HTTP/1.0\r\nHost: %s\r\n%s\r\n%s\r\nContent-Length: 128\r\n\r\n%s", collection, w.addr, w.hello, lastBytes, data)
		r := w.hear(c, "POST").code(201)
		if len(r.before) > 0 {
			w.t.Errorf("%v came before the answer", r.before)
		}
		w.holds(r.where(), data)
	}},
	{id: "draft-104-07", says: "A 104 is no answer to Expect: 100-continue; the 100 MUST come too.", proof: func(w *speaker) {
		data := fixedRecords(1, 64)
		c := w.dial()
		w.ask(c, "POST", collection, 64, lastBytes, "Expect: 100-continue")
		for _, want := range []int{104, 100} {
			if got := w.next(c, "POST").StatusCode; got != want {
				w.t.Fatalf("%d, want %d", got, want)
			}
		}
		c.say("%s", data)
		w.holds(w.hear(c, "POST").code(201).where(), data)
	}},
	{id: "draft-104-08", says: "An Upload-Offset in a 104 tells of bytes that are kept.", kept: "The offset of HEAD at that moment is not lower.", once: true, proof: func(w *speaker) {
		data := fixedRecords(20<<10, 1024)
		at := w.begin(len(data))
		c := w.sending(at, 0, len(data))
		c.say("%s", data[:18<<20])
		resp := w.next(c, "PATCH")
		if n := w.head(at).offset(); fmt.Sprint(n) < resp.Header.Get("Upload-Offset") || n < 1 {
			w.t.Errorf("HEAD tells %d, the 104 %s", n, resp.Header.Get("Upload-Offset"))
		}
		c.say("%s", data[18<<20:])
		w.hear(c, "PATCH")
	}},
}

func firstInterim(w *speaker) {
	r := w.create(fixedRecords(1, 64), moreBytes).code(201)
	if len(r.interim) == 0 {
		w.t.Fatal("no interim answer")
	}
	h := r.interim[0]
	if at := onlyValue(w.t, h, "Location"); at != r.where() {
		w.t.Errorf("Location %q, want %q", at, r.where())
	}
	w.limits(onlyValue(w.t, h, "Upload-Limit"), true)
	c := w.dial() // it comes before the bytes
	w.ask(c, "POST", collection, 64, lastBytes)
	w.head(onlyValue(w.t, w.next(c, "POST").Header, "Location")).code(204)
}

func laterInterims(w *speaker) {
	data := fixedRecords(20<<10, 1024)
	r := w.create(data[:17<<20], moreBytes).code(201)
	p := w.patch(r.where(), 17<<20, data[17<<20:], lastBytes).code(200)
	told := 0
	for _, h := range append(r.interim[1:], p.interim...) {
		if len(h.Values("Location")) > 0 {
			w.t.Errorf("a later 104 has Location %q", h.Values("Location"))
		}
		n := (&reply{answer: answer{t: w.t, what: "104", header: h}}).offset()
		if n <= told {
			w.t.Errorf("%d was told after %d", n, told)
		}
		told = n
	}
	if len(r.interim) < 3 || len(p.interim) < 1 || told != len(data) {
		w.t.Errorf("%d and %d interim answers, up to %d", len(r.interim), len(p.interim), told)
	}
}

func sameLocation(w *speaker) {
	for _, r := range []*reply{w.create(fixedRecords(1, 64), moreBytes), w.create(fixedRecords(1, 64), lastBytes), w.create(fixedRecords(1, 64), lastBytes, "Content-Digest: sha-256=:"+in64(strings.Repeat("d", 32))+":")} {
		for _, h := range r.interim {
			if at := h.Get("Location"); at != "" && at != r.where() {
				w.t.Errorf("%d: Locations %q and %q", r.status, at, r.where())
			}
		}
	}
}

// limits reads an Upload-Limit and fails unless it is one of this version.
func (w *speaker) limits(v string, ages bool) map[string]int {
	w.t.Helper()
	out := map[string]int{}
	for pair := range strings.SplitSeq(v, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		n := -1
		if _, err := fmt.Sscanf(value, "%d", &n); err != nil || n < 0 || fmt.Sprint(n) != value {
			w.t.Errorf("Upload-Limit %q: %q is no number", v, value)
		}
		out[key] = n
	}
	age, other := "max-age", "expires"
	if w.version == 6 {
		age, other = other, age
	}
	if _, ok := out[age]; ok != ages {
		w.t.Errorf("Upload-Limit %q: %s is there: %v, want %v", v, age, ok, ages)
	}
	if _, ok := out[other]; ok {
		w.t.Errorf("Upload-Limit %q has %s, of another version", v, other)
	}
	if out["max-size"] != 64<<20 {
		w.t.Errorf("Upload-Limit %q: max-size is not 64 MiB", v)
	}
	return out
}

var draftLimits = []requirement{
	{id: "draft-limit-01", in: 6, says: "OPTIONS of the place where uploads begin MUST tell Upload-Limit.", kept: "204, the same in any version.", proof: optionsLimit},
	{id: "draft-limit-01", in: 8, says: "OPTIONS of the place where uploads begin SHOULD tell Upload-Limit.", kept: "204, the same in any version.", proof: optionsLimit},
	{id: "draft-limit-02", in: 8, says: "OPTIONS MUST have an Accept-Patch with application/partial-upload.", proof: acceptPatch},
	{id: "draft-limit-02", in: 6, says: "OPTIONS may tell Accept-Patch.", proof: acceptPatch},
	{id: "draft-limit-03", in: 6, says: "OPTIONS of * tells limits where uploads may begin everywhere.", kept: "They may not: they begin under one address, and * tells nothing.", proof: optionsStar},
	{id: "draft-limit-03", in: 8, says: "OPTIONS of * SHOULD tell limits.", but: "It tells nothing: uploads begin under one address only, and a limit told for * would speak for all the others.", proof: optionsStar},
	{id: "draft-limit-04", says: "Limits told SHOULD NOT be wider than those that hold.", kept: "min-size is 1, since files without bytes are refused.", proof: func(w *speaker) {
		if n := w.limits(onlyValue(w.t, w.do("OPTIONS", collection, "").header, "Upload-Limit"), false)["min-size"]; n != 1 {
			w.t.Errorf("min-size is %d", n)
		}
	}},
	{id: "draft-limit-05", in: 6, says: "The lifetime is told as expires; it SHOULD NOT be shortened, and max-size MUST NOT change.", proof: lifetimeTold},
	{id: "draft-limit-05", in: 8, says: "The lifetime is told as max-age; neither it nor max-size SHOULD be lowered.", proof: lifetimeTold},
	{id: "draft-limit-06", says: "A refusal for the size (413) MUST tell Upload-Limit.", kept: "With Upload-Length as with bytes.", proof: func(w *speaker) {
		for _, n := range []string{fmt.Sprint(64<<20 + 1), "999999999999999"} {
			w.limits(onlyValue(w.t, w.create("", moreBytes, "Upload-Length: "+n).code(413).lacks("Location").header, "Upload-Limit"), false)
		}
		c := w.dial()
		w.ask(c, "POST", collection, 64<<20+1, lastBytes)
		w.limits(onlyValue(w.t, w.hear(c, "POST").code(413).header, "Upload-Limit"), false)
		at := w.create("", moreBytes).code(201).where()
		w.limits(onlyValue(w.t, w.patch(at, 0, "", "Upload-Length: 999999999999999").code(413).header, "Upload-Limit"), true)
	}},
}

func optionsLimit(w *speaker) {
	for _, hello := range []string{w.hello, ""} {
		r := w.as(hello).do("OPTIONS", collection, "").code(204)
		w.limits(onlyValue(w.t, r.header, "Upload-Limit"), false)
	}
}

func acceptPatch(w *speaker) {
	for _, path := range []string{collection, w.create("", moreBytes).where()} {
		list := onlyValue(w.t, w.do("OPTIONS", path, "").code(204).header, "Accept-Patch")
		if !contains(strings.Split(list, ", "), "application/partial-upload") {
			w.t.Errorf("Accept-Patch is %q", list)
		}
	}
}

func optionsStar(w *speaker) { w.do("OPTIONS", "*", "").code(200).lacks("Upload-Limit") }

func lifetimeTold(w *speaker) {
	data := fixedRecords(3, 64)
	r := w.create(data[:64], moreBytes).code(201)
	at := r.where()
	all := []http.Header{r.interim[0], r.header, w.head(at).header, w.patch(at, 64, data[64:128]).header, w.head(at).header}
	for _, h := range all {
		l := w.limits(onlyValue(w.t, h, "Upload-Limit"), true)
		if left := l["max-age"] + l["expires"]; left < 23*3600 || left > 24*3600 {
			w.t.Errorf("the upload lives for %d s", left)
		}
	}
	w.limits(onlyValue(w.t, w.patch(at, 128, data[128:], lastBytes).code(200).header, "Upload-Limit"), false)
}
