package e2e_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"
)

func in64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// nameLine is the metadata of a file of that name.
func nameLine(name string) string { return "Upload-Metadata: filename " + in64(name) }

var tusCreation = []requirement{
	{id: "tus-create-01", says: "The extension MUST be listed.", proof: func(w *speaker) { w.lists("creation") }},
	{id: "tus-create-02", says: "POST MUST be answered with 201 and the Location of the new upload.", kept: "The Location is a path without a host.", proof: func(w *speaker) {
		seen := map[string]bool{}
		for range 2 {
			for _, path := range []string{collection, strings.TrimSuffix(collection, "/")} {
				at := w.do("POST", path, "", "Upload-Length: 64").code(201).is("Upload-Offset", "0").where()
				w.stands(at, 0)
				seen[at] = true
			}
		}
		if len(seen) != 4 {
			w.t.Errorf("four uploads are at %v", seen)
		}
	}},
	{id: "tus-create-03", says: "One of Upload-Length and Upload-Defer-Length MUST be there.", kept: "Neither, or both, is 400.", proof: func(w *speaker) {
		w.do("POST", collection, "").code(400).problem(400, "bad-length")
		w.do("POST", collection, "", "Upload-Length: 64", "Upload-Defer-Length: 1").code(400).lacks("Location")
	}},
	{id: "tus-create-04", says: "An Upload-Length above the most MUST be 413.", proof: func(w *speaker) {
		for _, n := range []string{fmt.Sprint(64<<20 + 1), "9007199254740992", "9223372036854775807"} {
			w.do("POST", collection, "", "Upload-Length: "+n).code(413).lacks("Location")
		}
	}},
	{id: "tus-create-05", says: "An Upload-Length that no disk has room for is refused where there is no other limit.", kept: "507, and 413 above 2^53 bytes; nothing is left behind.", proof: func(w *speaker) {
		free := w.own()
		for n, status := range map[string]int{"9007199254740992": noRoom, "9007199254740993": 413, "9223372036854775807": 413} {
			free.do("POST", collection, "", "Upload-Length: "+n).code(status).lacks("Location")
		}
		if left := free.files(".parts"); len(left) > 0 {
			w.t.Errorf("left behind: %v", left)
		}
	}},
	{id: "tus-create-06", says: "An upload of length 0 is complete at once.", but: "422: training data has bytes, and a file without is a mistake of the program that wrote it. Of a partial upload it holds.", proof: func(w *speaker) {
		w.do("POST", collection, "", "Upload-Length: 0").code(422).lacks("Location").problem(422, "empty-file")
		at := w.do("POST", collection, "", "Upload-Length: 0", "Upload-Concat: partial").code(201).where()
		w.head(at).code(200).is("Upload-Offset", "0").is("Upload-Length", "0")
	}},
	{id: "tus-create-07", says: "HEAD MUST give back Upload-Metadata as the client sent it.", kept: "To the byte: order, values that are missing and all.", proof: func(w *speaker) {
		meta := "filename " + in64("a.jsonl") + ",is_confidential,empty ,zz " + in64("ü\x00\xff")
		at := w.begin(64, "Upload-Metadata: "+meta)
		w.head(at).is("Upload-Metadata", meta)
		w.head(w.begin(64)).lacks("Upload-Metadata")
		data := fixedRecords(1, 64)
		w.rest(at, data)
		w.head(at).is("Upload-Metadata", meta)
	}},
	{id: "tus-create-08", says: "Metadata SHOULD be checked before it is used.", kept: "filename, data_type, description, validation_rules, sha256 and file_id are checked as those of a form; other keys become the file's metadata.", proof: func(w *speaker) {
		id, data := newID(), fixedRecords(2, 64)
		at := w.begin(128, nameLine("../../etc/a.jsonl")+",file_id "+in64(id)+",data_type "+in64("red_team")+",source "+in64("lab"))
		w.rest(at, data)
		f := w.info(id)
		f.want(w.t, obj{"original_name": "../../etc/a.jsonl", "data_type": "red_team", "file_size": 128})
		wantSafeKey(w.t, id, f.str("object_key"))
		if m, _ := f["metadata"].(map[string]any); m["source"] != "lab" {
			w.t.Errorf("metadata is %v", f["metadata"])
		}
		for _, bad := range []string{"data_type " + in64("NO GOOD"), "file_id " + in64("x"), "file_id " + in64(id), "sha256 " + in64("12"), "validation_rules " + in64("{")} {
			if r := w.do("POST", collection, "", "Upload-Length: 64", "Upload-Metadata: "+bad); r.status < 400 || r.status > 422 {
				w.t.Errorf("metadata %q: %d", bad, r.status)
			}
		}
	}},
	{id: "tus-create-09", says: "Upload-Metadata is pairs of a new key and a value in base64.", kept: "Anything else is 400.", proof: func(w *speaker) {
		for _, meta := range []string{"filename %%%", "filename a.jsonl", "a " + in64("1") + ",a " + in64("2"), "filename " + in64("a") + " " + in64("b")} {
			w.do("POST", collection, "", "Upload-Length: 64", "Upload-Metadata: "+meta).code(400).lacks("Location")
		}
	}},
}

var tusWithUpload = []requirement{
	{id: "tus-with-01", says: "The extension MUST be listed.", proof: func(w *speaker) { w.lists("creation-with-upload") }},
	{id: "tus-with-02", says: "Bytes that come with POST SHOULD be taken; the answer MUST tell Upload-Offset.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.do("POST", collection, data[:64], tusMedia, "Upload-Length: 128").code(201).is("Upload-Offset", "64").where()
		w.rest(at, data)
	}},
	{id: "tus-with-03", says: "Bytes that come with POST may be all of the upload.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		r := w.do("POST", collection, data, tusMedia, "Upload-Length: 128").code(201).is("Upload-Offset", "128").lacks("Upload-Expires")
		w.holds(r.where(), data)
		data = fixedRecords(2, 64)
		r = w.do("POST", collection, chunk(data, chunked)+"0\r\n\r\n", tusMedia, chunked, "Upload-Length: 128").code(201).is("Upload-Offset", "128")
		w.holds(r.where(), data)
	}},
	{id: "tus-with-04", says: "A body of another media type is not meant.", kept: "It is passed over.", proof: func(w *speaker) {
		r := w.do("POST", collection, "{}", "Content-Type: application/json", "Upload-Length: 64").code(201).is("Upload-Offset", "0")
		w.stands(r.where(), 0)
	}},
	{id: "tus-with-05", says: "Expect: 100-continue SHOULD be honoured.", kept: "A request that is refused is refused before its body.", proof: func(w *speaker) {
		data := fixedRecords(1, 64)
		c := w.dial()
		w.ask(c, "POST", collection, 64, tusMedia, "Upload-Length: 64", "Expect: 100-continue")
		if got := w.next(c, "POST").StatusCode; got != 100 {
			w.t.Fatalf("%d, want 100", got)
		}
		c.say("%s", data)
		w.holds(w.hear(c, "POST").code(201).where(), data)
		c = w.dial()
		w.ask(c, "POST", collection, 64, tusMedia, "Expect: 100-continue")
		if r := w.hear(c, "POST").code(400); len(r.before) > 0 {
			w.t.Errorf("%v came before the refusal", r.before)
		}
	}},
	{id: "tus-with-06", says: "The rules of PATCH hold: bytes beyond the length, or that do not match their checksum, are not taken.", kept: "413 and 460; the Location of the upload, which stays, comes with them.", proof: func(w *speaker) {
		r := w.do("POST", collection, fixedRecords(2, 64), tusMedia, "Upload-Length: 64").code(413)
		w.stands(r.where(), 0)
		r = w.do("POST", collection, fixedRecords(1, 64), tusMedia, "Upload-Length: 64", sumLine("sha1", "other")).code(460)
		w.stands(r.where(), 0)
	}},
}

const deferLine = "Upload-Defer-Length: 1"

var tusDeferLength = []requirement{
	{id: "tus-defer-01", says: "The extension MUST be listed.", proof: func(w *speaker) { w.lists("creation-defer-length") }},
	{id: "tus-defer-02", says: "While the length is not known HEAD MUST tell Upload-Defer-Length: 1; once it is, it MUST NOT.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.do("POST", collection, "", deferLine).code(201).where()
		w.patch(at, 0, data[:64]).code(204)
		w.head(at).is("Upload-Defer-Length", "1").is("Upload-Offset", "64").lacks("Upload-Length")
		w.patch(at, 64, "", "Upload-Length: 128").code(204).is("Upload-Offset", "64")
		w.head(at).is("Upload-Length", "128").lacks("Upload-Defer-Length")
		w.rest(at, data)
		w.head(at).is("Upload-Length", "128").lacks("Upload-Defer-Length")
	}},
	{id: "tus-defer-03", says: "Upload-Defer-Length other than 1 is 400.", proof: func(w *speaker) {
		for _, v := range []string{"0", "2", "true", "01", "11"} {
			w.do("POST", collection, "", "Upload-Defer-Length: "+v).code(400).lacks("Location")
		}
	}},
	{id: "tus-defer-04", says: "A length that equals what came completes the upload.", kept: "With the last bytes, or by an empty PATCH after them.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.do("POST", collection, data[:64], tusMedia, deferLine).code(201).is("Upload-Offset", "64").where()
		w.patch(at, 64, data[64:], "Upload-Length: 128").code(204).is("Upload-Offset", "128")
		w.holds(at, data)
		data = fixedRecords(2, 64)
		at = w.do("POST", collection, data, tusMedia, deferLine).code(201).where()
		w.patch(at, 128, "", "Upload-Length: 128").code(204).is("Upload-Offset", "128")
		w.holds(at, data)
	}},
	{id: "tus-defer-05", says: "A length below what came is refused.", kept: "400; the upload stays as it was.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.do("POST", collection, data[:64], tusMedia, deferLine).code(201).where()
		w.patch(at, 64, "", "Upload-Length: 63").code(400)
		w.patch(at, 64, "", "Upload-Length: 0").code(400)
		w.patch(at, 64, "", "Upload-Length: -1").code(400)
		w.head(at).is("Upload-Offset", "64").is("Upload-Defer-Length", "1")
		w.patch(at, 64, data[64:], "Upload-Length: 128").code(204)
		w.holds(at, data)
	}},
	{id: "tus-defer-06", says: "A length that was set MUST NOT change.", kept: "Another is 400, the same again is fine; so it is of a length from the start.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		for _, at := range []string{w.do("POST", collection, "", deferLine).where(), w.begin(128)} {
			w.patch(at, 0, data[:64], "Upload-Length: 128").code(204)
			w.patch(at, 64, "", "Upload-Length: 127").code(400)
			w.patch(at, 64, "", "Upload-Length: 64").code(400)
			w.patch(at, 64, "", "Upload-Length: 9223372036854775807").code(400)
			w.patch(at, 64, data[64:], "Upload-Length: 128").code(204)
			w.holds(at, data)
		}
	}},
	{id: "tus-defer-07", says: "A length above the most is refused when it is told.", kept: "413; the upload stays as it was.", proof: func(w *speaker) {
		data := fixedRecords(1, 64)
		at := w.do("POST", collection, "", deferLine).where()
		w.patch(at, 0, data, "Upload-Length: 9223372036854775807").code(413)
		w.head(at).is("Upload-Offset", "0").is("Upload-Defer-Length", "1")
		w.patch(at, 0, data, "Upload-Length: 64").code(204)
		w.holds(at, data)
	}},
	{id: "tus-defer-08", says: "Bytes beyond a length that comes with them are not taken.", kept: "413.", proof: func(w *speaker) {
		at := w.do("POST", collection, "", deferLine).where()
		w.patch(at, 0, fixedRecords(1, 64), "Upload-Length: 63").code(413)
		w.stands(at, 0)
	}},
	{id: "tus-defer-09", says: "An upload that ends without bytes is complete.", but: "422, as of a length of 0 from the start.", proof: func(w *speaker) {
		at := w.do("POST", collection, "", deferLine).where()
		w.patch(at, 0, "", "Upload-Length: 0").code(422).problem(422, "empty-file")
	}},
}

var tusExpiration = []requirement{
	{id: "tus-expire-01", says: "The extension MUST be listed.", proof: func(w *speaker) { w.lists("expiration") }},
	{id: "tus-expire-02", says: "Upload-Expires MUST be in each answer to PATCH, and to POST, while the upload may expire; it is a date of HTTP.", kept: "In refusals and in HEAD too. Each byte that is kept moves it on; complete uploads do not expire.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		first := w.do("POST", collection, "", "Upload-Length: 128").code(201)
		at := first.where()
		for _, r := range []*reply{first, w.patch(at, 0, data[:64]).code(204), w.patch(at, 0, data).code(409), w.patch(at, 64, data).code(413),
			w.patch(at, 64, data, "Content-Type: text/plain").code(415), w.do("PATCH", at, data, tusMedia).code(400), w.head(at).code(200)} {
			when, err := time.Parse(http.TimeFormat, r.header.Get("Upload-Expires"))
			if left := time.Until(when); err != nil || left < 23*time.Hour || left > 24*time.Hour {
				w.t.Errorf("%d with Upload-Expires %q", r.status, r.header.Get("Upload-Expires"))
			}
		}
		w.patch(at, 64, data[64:]).code(204).lacks("Upload-Expires")
		w.head(at).code(200).lacks("Upload-Expires")
	}},
	{id: "tus-expire-03", says: "An upload that expired SHOULD be 410 where that is known.", kept: "410 for a week.", proof: func(w *speaker) {
		w = w.own("--stall-timeout", "300ms")
		at, whole := w.begin(128), w.begin(64)
		w.patch(at, 0, fixedRecords(1, 64)).code(204)
		data := fixedRecords(1, 64)
		w.rest(whole, data)
		w.until("the upload is swept", func() bool {
			w.server.do("DELETE", api+"/cleanup-failed-uploads?hours_old=0", "").ok(200)
			return w.head(at).status != 200
		})
		w.gone(at)
		if left := w.files(".parts"); len(left) > 0 {
			w.t.Errorf("left behind: %v", left)
		}
		w.holds(whole, data)
	}},
	{id: "tus-expire-04", says: "A request that stalls SHOULD be ended.", kept: "408 after the stall timeout; what came is kept.", proof: func(w *speaker) {
		w = w.own("--stall-timeout", "300ms")
		data := fixedRecords(4, 64)
		at := w.begin(256)
		c := w.sending(at, 0, 256)
		c.say("%s", data[:100])
		begin := time.Now()
		w.hear(c, "PATCH").code(408).is("Upload-Offset", "100").problem(408, "stalled")
		if took := time.Since(begin); took > 5*time.Second {
			w.t.Errorf("it took %s", took)
		}
		w.rest(at, data)
	}},
}
