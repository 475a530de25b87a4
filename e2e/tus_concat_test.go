package e2e_test

import (
	"fmt"
	"strings"
)

var tusTermination = []requirement{
	{id: "tus-end-01", says: "The extension MUST be listed.", proof: func(w *speaker) { w.lists("termination") }},
	{id: "tus-end-02", says: "DELETE of an upload MUST be 204; its bytes SHOULD be given back, and it SHOULD be 404 or 410 from then on.", kept: "410.", proof: func(w *speaker) {
		before := len(w.files(".parts"))
		at := w.begin(128)
		w.patch(at, 0, fixedRecords(1, 64)).code(204)
		w.do("DELETE", at, "").code(204).lacks("Upload-Offset")
		w.gone(at)
		w.do("GET", at, "").code(410)
		if n := len(w.files(".parts")); n != before {
			w.t.Errorf("%d uploads on the disk, want %d", n, before)
		}
	}},
	{id: "tus-end-03", says: "DELETE of a finished upload takes what it brought.", but: "204 and the upload is gone, but its file stays: it was checked, may be in use, and has a DELETE of its own.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.begin(128)
		w.rest(at, data)
		id := w.head(at).header.Get("X-File-Id")
		w.do("DELETE", at, "").code(204)
		w.gone(at)
		if got := w.get("/download-file/" + id).ok(200); string(got.body) != data {
			w.t.Error("the file is not what it was")
		}
	}},
	{id: "tus-end-04", says: "An upload whose file is deleted has nothing to give.", kept: "410, so that a client sends it again and does not take it for done.", proof: func(w *speaker) {
		at := w.begin(64)
		w.rest(at, fixedRecords(1, 64))
		w.server.do("DELETE", api+"/file/"+w.head(at).header.Get("X-File-Id"), "")
		w.head(at).code(410).lacks("Upload-Offset")
		w.do("GET", at, "").code(410)
	}},
	{id: "tus-end-05", says: "DELETE of what is not there SHOULD be 404.", proof: func(w *speaker) { w.do("DELETE", collection+"up_none", "").code(404) }},
}

const partialLine = "Upload-Concat: partial"

// pieces sends each text as a partial upload.
func (w *speaker) pieces(texts ...string) (at []string) {
	w.t.Helper()
	for _, text := range texts {
		p := w.begin(len(text), partialLine)
		if text != "" {
			w.patch(p, 0, text, partialLine).code(204)
		}
		at = append(at, p)
	}
	return at
}

func finalLine(pieces ...string) string { return "Upload-Concat: final;" + strings.Join(pieces, " ") }

var tusConcatenation = []requirement{
	{id: "tus-concat-01", says: "The extension MUST be listed; concatenation-unfinished only if pieces may be unfinished.", kept: "They may not.", proof: func(w *speaker) {
		w.lists("concatenation")
		if contains(strings.Split(w.do("OPTIONS", collection, "").header.Get("Tus-Extension"), ","), "concatenation-unfinished") {
			w.t.Error("concatenation-unfinished is listed")
		}
	}},
	{id: "tus-concat-02", says: "Upload-Concat: partial makes a piece; HEAD MUST tell its Upload-Concat, Upload-Offset and Upload-Length.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.begin(128, partialLine)
		w.patch(at, 0, data[:100]).code(204)
		w.head(at).code(200).is("Upload-Concat", "partial").is("Upload-Offset", "100").is("Upload-Length", "128")
		w.patch(at, 100, data[100:], partialLine).code(204).is("Upload-Offset", "128")
		w.head(at).code(200).is("Upload-Concat", "partial").is("Upload-Offset", "128")
	}},
	{id: "tus-concat-03", says: "A piece SHOULD NOT be processed as a file.", proof: func(w *speaker) {
		files := func() float64 { return w.get("/staged-files").ok(200).json().num("total_count") }
		before := files()
		at := w.pieces(fixedRecords(1, 64))[0]
		w.head(at).lacks("X-File-Id")
		w.do("GET", at, "").code(409)
		if n := files(); n != before {
			w.t.Errorf("%v files, want %v", n, before)
		}
	}},
	{id: "tus-concat-04", says: "Upload-Concat: final;URL URL… MUST join the bytes in the order of the list, and is answered with 201 and Location.", kept: "Three pieces out of order, by paths and by whole addresses.", proof: func(w *speaker) {
		data := fixedRecords(6, 64)
		p := w.pieces(data[256:], data[:100], data[100:256])
		at := w.do("POST", collection, "", finalLine(w.url(p[1]), p[2], w.url(p[0])), nameLine("joined.jsonl")).code(201).is("Upload-Offset", "384").where()
		w.holds(at, data)
		w.info(w.head(at).header.Get("X-File-Id")).want(w.t, obj{"original_name": "joined.jsonl", "file_size": 384, "record_count": 6, "status": "fresh"})
	}},
	{id: "tus-concat-05", says: "HEAD of a final upload MUST tell Upload-Concat as it came, and once it is joined equal Upload-Offset and Upload-Length.", proof: func(w *speaker) {
		line := finalLine(w.pieces(fixedRecords(1, 64), fixedRecords(1, 64))...)
		at := w.do("POST", collection, "", line).code(201).where()
		w.head(at).code(200).is("Upload-Concat", strings.TrimPrefix(line, "Upload-Concat: ")).is("Upload-Offset", "128").is("Upload-Length", "128")
	}},
	{id: "tus-concat-06", says: "PATCH of a final upload MUST be 403 and MUST NOT change it.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.do("POST", collection, "", finalLine(w.pieces(data[:64], data[64:])...)).code(201).where()
		for _, offset := range []int{0, 128} {
			w.patch(at, offset, "more").code(403)
			w.patch(at, offset, "").code(403)
		}
		w.stands(at, 128)
		w.holds(at, data)
	}},
	{id: "tus-concat-07", says: "The metadata of pieces MUST NOT become that of the final upload.", proof: func(w *speaker) {
		p := w.begin(64, partialLine, nameLine("piece.jsonl"))
		w.patch(p, 0, fixedRecords(1, 64)).code(204)
		at := w.do("POST", collection, "", finalLine(p)).code(201).where()
		w.head(at).lacks("Upload-Metadata")
		if name := w.info(w.head(at).header.Get("X-File-Id")).str("original_name"); name == "piece.jsonl" {
			w.t.Errorf("the file is called %q", name)
		}
	}},
	{id: "tus-concat-08", says: "A final upload MUST NOT come with a length.", kept: "400; the pieces stay.", proof: func(w *speaker) {
		data := fixedRecords(1, 64)
		p := w.pieces(data)
		w.do("POST", collection, "", finalLine(p...), "Upload-Length: 64").code(400)
		w.do("POST", collection, "", finalLine(p...), deferLine).code(400)
		w.holds(w.do("POST", collection, "", finalLine(p...)).code(201).where(), data)
	}},
	{id: "tus-concat-09", says: "Pieces that are not finished are refused, since that is not announced.", kept: "400; they may still be finished.", proof: func(w *speaker) {
		data := fixedRecords(3, 64)
		whole := w.pieces(data[:64])[0]
		half := w.begin(128, partialLine)
		open := w.do("POST", collection, "", deferLine, partialLine).code(201).where()
		w.patch(half, 0, data[64:100]).code(204)
		w.do("POST", collection, "", finalLine(whole, half)).code(400).problem(400, "piece-not-whole")
		w.do("POST", collection, "", finalLine(whole, open)).code(400).problem(400, "piece-not-whole")
		w.patch(half, 36, data[100:]).code(204)
		w.holds(w.do("POST", collection, "", finalLine(whole, half)).code(201).where(), data)
	}},
	{id: "tus-concat-10", says: "A list that names no pieces of this server is refused.", kept: "404 or 410 of pieces that are not there (any more), else 400.", proof: func(w *speaker) {
		whole, p := w.begin(64), w.pieces(fixedRecords(1, 64), fixedRecords(1, 64))
		w.do("DELETE", p[1], "").code(204)
		for list, status := range map[string]int{
			"final;": 400, "final; ": 400, "final": 400, "Partial": 400, "partial;" + p[0]: 400, "final;" + collection: 400, "final;http://example.com/files/a": 400, "final;" + api + "/tus/../file-info/x": 400,
			"final;" + collection + "up_none": 404, "final;" + p[0] + " " + p[1]: 410, "final;" + whole: 400, "final;" + p[0] + "/" + p[1]: 400,
		} {
			if r := w.do("POST", collection, "", "Upload-Concat: "+list).lacks("Location"); r.status != status {
				w.t.Errorf("Upload-Concat %q: %d, want %d", list, r.status, status)
			}
		}
		w.stands(p[0], 64)
	}},
	{id: "tus-concat-11", says: "The final POST may be repeated, its answer lost.", kept: "The same list gives the same Location, also when both come at once.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		line := finalLine(w.pieces(data[:64], data[64:])...)
		var cs []*conn
		for range 3 {
			c := w.dial()
			w.ask(c, "POST", collection, 0, line)
			cs = append(cs, c)
		}
		var seen []string
		for _, c := range cs {
			if r := w.hear(c, "POST"); r.status == 201 {
				seen = append(seen, r.where())
			} else if r.status != 409 {
				w.t.Errorf("%d: %.300s", r.status, r.body)
			}
		}
		seen = append(seen, w.do("POST", collection, "", line).code(201).where())
		for _, at := range seen {
			if at != seen[0] {
				w.t.Errorf("the final upload is at %v", seen)
			}
		}
		w.holds(seen[0], data)
	}},
	{id: "tus-concat-12", says: "Pieces may have no bytes.", kept: "The whole must have some: else 422.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		p := w.pieces("", data[:64], "", data[64:], "")
		w.head(p[0]).code(200).is("Upload-Offset", "0").is("Upload-Length", "0")
		w.holds(w.do("POST", collection, "", finalLine(p...)).code(201).where(), data)
		w.do("POST", collection, "", finalLine(w.pieces("", "")...)).code(422).problem(422, "empty-file")
	}},
	{id: "tus-concat-13", says: "Pieces MAY be deleted once they are joined.", kept: "Their space is given back; HEAD still tells that they are whole, for a client that asks again.", proof: func(w *speaker) {
		before := len(w.files(".parts"))
		p := w.pieces(fixedRecords(2<<10, 1024), fixedRecords(1<<10, 1024))
		w.do("POST", collection, "", finalLine(p...)).code(201)
		if n := len(w.files(".parts")); n != before {
			w.t.Errorf("%d uploads on the disk, want %d", n, before)
		}
		w.head(p[0]).code(200).is("Upload-Offset", fmt.Sprint(2<<20)).is("Upload-Concat", "partial")
		w.patch(p[0], 2<<20, "more").code(409)
	}},
	{id: "tus-concat-14", says: "A piece may be used more than once.", but: "400 twice in one list, 409 or 410 in a second one: the bytes are moved, not copied, so that joining needs no second copy of them on the disk.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		p := w.pieces(data[:64], data[64:])
		w.do("POST", collection, "", finalLine(p[0], p[1], p[0])).code(400).problem(400, "piece-twice")
		at := w.do("POST", collection, "", finalLine(p...)).code(201).where()
		if r := w.do("POST", collection, "", finalLine(p[1], p[0])); r.status != 409 && r.status != 410 {
			w.t.Errorf("%d: %.300s", r.status, r.body)
		}
		w.holds(at, data)
	}},
	{id: "tus-concat-15", says: "A final upload that is deleted is gone like any other, its pieces with it.", proof: func(w *speaker) {
		p := w.pieces(fixedRecords(1, 64), fixedRecords(1, 64))
		at := w.do("POST", collection, "", finalLine(p...)).code(201).where()
		w.do("DELETE", at, "").code(204)
		w.gone(at)
		if r := w.do("POST", collection, "", finalLine(p...)); r.status != 409 && r.status != 410 {
			w.t.Errorf("joined again: %d: %.300s", r.status, r.body)
		}
	}},
	{id: "tus-concat-16", says: "A crash while pieces are joined loses nothing.", kept: "The server goes on by itself where it stopped; the same POST gives the Location.", proof: func(w *speaker) {
		w = w.own()
		data := fixedRecords(36<<10, 1024)
		id, line := newID(), finalLine(w.pieces(data[:12<<20], data[12<<20:24<<20], data[24<<20:])...)
		w.ask(w.dial(), "POST", collection, 0, line, "Upload-Metadata: file_id "+in64(id))
		w.until("the first part is joined", func() bool {
			a := w.get("/upload-progress/" + id)
			return a.status == 200 && a.json().num("bytes_received") >= 16<<20
		})
		w.kill()
		w.restart()
		w.settled(id)
		w.holds(w.do("POST", collection, "", line).code(201).where(), data)
	}},
}
