package e2e_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestTus proves tus 1.0.0, row by row.
func TestTus(t *testing.T) {
	t.Parallel()
	prove(t, tusTable(), tusSpeaker(start(t, "--max-file-size", "64MiB")))
}

func tusTable() []chapter {
	return []chapter{
		{"Core", tusCore},
		{"creation", tusCreation},
		{"creation-with-upload", tusWithUpload},
		{"creation-defer-length", tusDeferLength},
		{"expiration", tusExpiration},
		{"checksum", tusChecksum},
		{"checksum-trailer", tusChecksumTrailer},
		{"termination", tusTermination},
		{"concatenation", tusConcatenation},
		{"Faults and races", races("tus-race-")},
	}
}

// tusExtensions are those that OPTIONS lists.
var tusExtensions = []string{"creation", "creation-with-upload", "creation-defer-length", "expiration", "checksum", "checksum-trailer", "termination", "concatenation"}

func (w *speaker) lists(extension string) {
	w.t.Helper()
	list := w.do("OPTIONS", collection, "").code(204).header.Get("Tus-Extension")
	if !contains(strings.Split(list, ","), extension) {
		w.t.Errorf("Tus-Extension %q does not list %s", list, extension)
	}
}

var tusCore = []requirement{
	{id: "tus-core-01", says: "Every answer, refusals included, MUST carry Tus-Resumable.", proof: func(w *speaker) {
		at := w.begin(128)
		for _, r := range []*reply{
			w.do("POST", collection, "", "Upload-Length: 64"), w.do("POST", collection, ""), w.head(at), w.patch(at, 5, "x"), w.patch(at, 0, fixedRecords(1, 64)),
			w.do("PATCH", at, "x", "Upload-Offset: 0"), w.do("PUT", at, "x"), w.do("GET", at, ""), w.head(collection + "up_none"), w.do("DELETE", at, ""), w.head(at),
		} {
			r.is("Tus-Resumable", "1.0.0")
		}
	}},
	{id: "tus-core-02", says: "A request in a version that is not spoken MUST be refused with 412 and Tus-Version, and MUST NOT be processed.", proof: func(w *speaker) {
		at, old := w.begin(64), w.as("Tus-Resumable: 0.2.2")
		for _, r := range []*reply{old.head(at), old.patch(at, 0, fixedRecords(1, 64)), old.do("DELETE", at, ""), old.do("POST", collection, "", "Upload-Length: 64")} {
			r.code(412).is("Tus-Version", "1.0.0").lacks("Location")
		}
		w.stands(at, 0)
	}},
	{id: "tus-core-03", says: "A request without a version MUST NOT be processed.", kept: "HEAD and GET need none: they change nothing.", proof: func(w *speaker) {
		at, silent := w.begin(64), w.as("")
		for _, r := range []*reply{silent.patch(at, 0, fixedRecords(1, 64)), silent.do("DELETE", at, ""), silent.do("POST", collection, "", "Upload-Length: 64")} {
			r.code(412).is("Tus-Version", "1.0.0").lacks("Location")
		}
		if silent.head(at).code(200).offset() != 0 {
			w.t.Error("bytes were taken")
		}
	}},
	{id: "tus-core-04", says: "OPTIONS MUST be answered with 200 or 204 and Tus-Version, whatever version the request names.", kept: "204.", proof: func(w *speaker) {
		for _, hello := range []string{"", w.hello, "Tus-Resumable: 0.2.2"} {
			for _, path := range []string{collection, strings.TrimSuffix(collection, "/"), w.begin(1)} {
				w.as(hello).do("OPTIONS", path, "").code(204).is("Tus-Version", "1.0.0")
			}
		}
	}},
	{id: "tus-core-05", says: "OPTIONS MAY list the extensions, and SHOULD tell a size that is the most.", proof: func(w *speaker) {
		w.do("OPTIONS", collection, "").is("Tus-Extension", strings.Join(tusExtensions, ",")).is("Tus-Max-Size", fmt.Sprint(64<<20))
		w.own().do("OPTIONS", collection, "").lacks("Tus-Max-Size")
	}},
	{id: "tus-core-06", says: "HEAD MUST tell Upload-Offset (also at 0 and at the end), Upload-Length where it is known, and Cache-Control: no-store.", kept: "200.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.begin(128)
		for i := range 3 {
			if i > 0 {
				w.patch(at, 64*(i-1), data[64*(i-1):64*i]).code(204)
			}
			w.head(at).code(200).is("Upload-Offset", fmt.Sprint(64*i)).is("Upload-Length", "128").is("Cache-Control", "no-store")
		}
	}},
	{id: "tus-core-07", says: "HEAD of an upload that is not there SHOULD be 404, 410 or 403, without Upload-Offset.", kept: "404.", proof: func(w *speaker) {
		for _, id := range []string{"up_none", "up_" + strings.Repeat("0", 32), "%00", "..%2f", strings.Repeat("x", 3000)} {
			w.head(collection + id).code(404).lacks("Upload-Offset")
		}
	}},
	{id: "tus-core-08", says: "PATCH with another media type SHOULD be 415, and adds nothing.", proof: func(w *speaker) {
		at := w.begin(64)
		for _, kind := range []string{"Content-Type: application/octet-stream", "Content-Type: text/plain", "Content-Type: ", draftMedia} {
			w.patch(at, 0, fixedRecords(1, 64), kind).code(415)
		}
		w.do("PATCH", at, fixedRecords(1, 64), "Upload-Offset: 0").code(415)
		w.stands(at, 0)
	}},
	{id: "tus-core-09", says: "A media type is the same in capitals and with parameters.", proof: func(w *speaker) {
		at := w.begin(64)
		w.patch(at, 0, fixedRecords(1, 64), "content-TYPE: Application/Offset+Octet-Stream; charset=utf-8").code(204)
	}},
	{id: "tus-core-10", says: "PATCH at another offset than the upload's MUST be 409, and MUST NOT change it.", kept: "The answer tells the true offset.", proof: func(w *speaker) {
		data := fixedRecords(3, 64)
		at := w.begin(192)
		w.patch(at, 0, data[:64]).code(204)
		for _, offset := range []int{0, 1, 63, 65, 192, 1 << 40} {
			w.patch(at, offset, data[:64]).code(409).is("Upload-Offset", "64").problem(409, "offset-mismatch")
		}
		w.rest(at, data)
	}},
	{id: "tus-core-11", says: "PATCH that succeeds MUST be 204 with the new Upload-Offset.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.begin(128)
		w.patch(at, 0, data[:100]).code(204).is("Upload-Offset", "100")
		w.patch(at, 100, "").code(204).is("Upload-Offset", "100")
		w.patch(at, 100, data[100:]).code(204).is("Upload-Offset", "128")
		w.holds(at, data)
	}},
	{id: "tus-core-12", says: "PATCH without Upload-Offset is 400.", proof: func(w *speaker) {
		at := w.begin(64)
		w.do("PATCH", at, fixedRecords(1, 64), tusMedia).code(400).problem(400, "bad-header")
		w.stands(at, 0)
	}},
	{id: "tus-core-13", says: "Upload-Offset and Upload-Length MUST be whole numbers that are not negative: anything else is 400.", proof: func(w *speaker) {
		at := w.begin(64)
		for _, v := range []string{"-1", "+0", "-0", "1 2", "0 0", "0x10", "1e3", "1.0", "", "9223372036854775808", "18446744073709551616", strings.Repeat("9", 400), "٣", "0\r\nUpload-Offset: 0"} {
			w.do("PATCH", at, fixedRecords(1, 64), tusMedia, "Upload-Offset: "+v).code(400).problem(400, "bad-header")
			w.do("POST", collection, "", "Upload-Length: "+strings.ReplaceAll(v, "Offset", "Length")).code(400).lacks("Location")
		}
		w.stands(at, 0)
	}},
	{id: "tus-core-14", says: "Offsets of 2^53 and of 2^63-1 are numbers like others.", kept: "They are read exactly: 409.", proof: func(w *speaker) {
		at := w.begin(64)
		for _, v := range []string{"9007199254740992", "9007199254740993", "9223372036854775807"} {
			p := w.do("PATCH", at, fixedRecords(1, 64), tusMedia, "Upload-Offset: "+v).code(409).problem(409, "offset-mismatch")
			if !strings.Contains(p.str("detail"), v) {
				w.t.Errorf("%q does not name %s", p.str("detail"), v)
			}
		}
	}},
	{id: "tus-core-15", says: "PATCH of an upload that is not there SHOULD be 404.", proof: func(w *speaker) {
		w.patch(collection+"up_none", 0, fixedRecords(1, 64)).code(404)
		id := w.upload(file("a.jsonl", fixedRecords(2, 64))).ok(200).json().str("file_id")
		w.patch(collection+id, 0, fixedRecords(1, 64)).code(404)
	}},
	{id: "tus-core-16", says: "Bytes beyond Upload-Length are not taken.", kept: "413; told by Content-Length, nothing of the request is kept.", proof: func(w *speaker) {
		data := fixedRecords(3, 64)
		at := w.begin(192)
		w.patch(at, 0, data[:64]).code(204)
		w.patch(at, 64, data[64:]+"x").code(413).is("Upload-Offset", "64")
		c := w.sending(at, 64, 1<<50)
		w.hear(c, "PATCH").code(413)
		w.do("PATCH", at, "", append(w.patching(64), "Content-Length: 9223372036854775807")...).code(413)
		w.rest(at, data)
	}},
	{id: "tus-core-17", says: "Bytes beyond Upload-Length are not taken of a request without a length either.", kept: "413; what fits may be kept.", proof: func(w *speaker) {
		data := fixedRecords(3, 64)
		at := w.begin(192)
		w.do("PATCH", at, chunk(data[:64], chunked)+chunk(data[64:]+"beyond", chunked)+"0\r\n\r\n", w.patching(0, chunked)...).code(413)
		if n := w.head(at).offset(); n > 192 {
			w.t.Errorf("%d bytes of 192 were taken", n)
		}
		w.rest(at, data)
	}},
	{id: "tus-core-18", says: "PATCH without a length, in chunks, is taken.", proof: func(w *speaker) {
		data := fixedRecords(3, 64)
		at := w.begin(192)
		w.do("PATCH", at, chunk(data[:10], chunked)+chunk(data[10:64], chunked)+"0\r\n\r\n", w.patching(0, chunked)...).code(204).is("Upload-Offset", "64")
		w.rest(at, data)
	}},
	{id: "tus-core-19", says: "X-HTTP-Method-Override MUST be taken for the method of a POST.", proof: func(w *speaker) {
		data := fixedRecords(1, 64)
		at := w.begin(64)
		w.do("POST", at, data[:10], w.patching(0, "X-HTTP-Method-Override: PATCH")...).code(204).is("Upload-Offset", "10")
		w.do("POST", at, data[10:], w.patching(10, "x-http-method-override: patch")...).code(204)
		w.holds(at, data)
		w.do("POST", at, "", "X-HTTP-Method-Override: HEAD").code(200).is("Upload-Offset", "64")
		w.as("").do("POST", collection, "", "X-HTTP-Method-Override: OPTIONS").code(204).is("Tus-Version", "1.0.0")
		w.do("POST", at, "", "X-HTTP-Method-Override: DELETE").code(204)
		w.gone(at)
	}},
	{id: "tus-core-20", says: "X-HTTP-Method-Override MUST be taken for the method whatever the method is.", but: "Only with POST: what is asked with GET must stay free of effects, whatever headers a page or a cache can make it carry.", proof: func(w *speaker) {
		at := w.begin(64)
		w.do("GET", at, "", "X-HTTP-Method-Override: DELETE").code(409)
		w.do("HEAD", at, "", "X-HTTP-Method-Override: DELETE").code(200)
		w.stands(at, 0)
	}},
	{id: "tus-core-21", says: "Other methods are refused.", kept: "405 with Allow.", proof: func(w *speaker) {
		at := w.begin(64)
		w.do("PUT", at, "x").code(405).is("Allow", "DELETE, GET, HEAD, OPTIONS, PATCH")
		w.do("POST", at, "x").code(405)
		w.do("POST", at, "", "X-HTTP-Method-Override: BREW").code(405)
		w.do("GET", collection, "").code(405).is("Allow", "OPTIONS, POST")
		w.do("DELETE", collection, "").code(405)
	}},
	{id: "tus-core-22", says: "GET is no part of the protocol.", kept: "It gives the bytes once the upload is complete, ranges included; before that it is 409.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.begin(128)
		w.patch(at, 0, data[:64]).code(204)
		w.do("GET", at, "").code(409).problem(409, "upload-open")
		w.rest(at, data)
		if r := w.as("").do("GET", at, "", "Range: bytes=64-").code(206); string(r.body) != data[64:] {
			w.t.Errorf("the range is %q", r.body)
		}
		w.do("GET", collection+"up_none", "").code(404)
	}},
	{id: "tus-core-23", says: "The last PATCH again, its answer lost, adds nothing.", kept: "409 with the offset at the end; without bytes, at the end, it is 204.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.begin(128)
		for range 2 {
			w.patch(at, 0, data)
		}
		w.patch(at, 0, data).code(409).is("Upload-Offset", "128")
		w.patch(at, 128, "more").code(409).is("Upload-Offset", "128")
		w.patch(at, 128, "").code(204).is("Upload-Offset", "128")
		w.holds(at, data)
	}},
	{id: "tus-core-24", says: "Many requests may use one connection.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.begin(128)
		c := w.dial()
		for i := range 2 {
			w.ask(c, "PATCH", at, 64, w.patching(64*i)...)
			c.say("%s", data[64*i:64*i+64])
			w.hear(c, "PATCH").code(204)
			w.ask(c, "HEAD", at, 0)
			w.hear(c, "HEAD").code(200).is("Upload-Offset", fmt.Sprint(64*i+64))
		}
		w.holds(at, data)
	}},
	{id: "tus-core-25", says: "An upload of one protocol is an upload of the other.", kept: "Each counts the same bytes; the draft ends it by its flag, tus by its length.", proof: func(w *speaker) {
		data := fixedRecords(3, 64)
		d := draftSpeaker(w.server, 8)
		at := w.begin(192)
		w.patch(at, 0, data[:64]).code(204)
		d.patch(at, 64, data[64:128]).code(204)
		w.patch(at, 128, data[128:]).code(204)
		w.holds(at, data)
		at = d.begin(192)
		w.patch(at, 0, data[:100]).code(204)
		d.rest(at, data)
	}},
}
