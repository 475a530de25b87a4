package e2e_test

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"strings"
)

var draftHead = []requirement{
	{id: "draft-head-01", in: 6, says: "HEAD MUST be 200 or 204 with Upload-Offset and Upload-Complete.", kept: "204.", proof: headTells},
	{id: "draft-head-01", in: 8, says: "HEAD MUST be 2xx with Upload-Offset, Upload-Complete, and Upload-Limit where there are limits.", kept: "204.", proof: headTells},
	{id: "draft-head-02", says: "HEAD MUST tell Upload-Length where that is noted.", proof: func(w *speaker) {
		w.head(w.begin(64)).is("Upload-Length", "64")
		w.head(w.create("", moreBytes).where()).lacks("Upload-Length")
		w.head(w.create(fixedRecords(1, 64), lastBytes).where()).is("Upload-Length", "64")
	}},
	{id: "draft-head-03", says: "HEAD SHOULD have Cache-Control: no-store.", proof: func(w *speaker) { w.head(w.begin(64)).is("Cache-Control", "no-store") }},
	{id: "draft-head-04", in: 6, says: "HEAD with Upload-Offset, Upload-Complete or Upload-Length MUST be 400.", proof: func(w *speaker) {
		at := w.begin(64)
		for _, line := range []string{"Upload-Offset: 0", moreBytes, lastBytes, "Upload-Length: 64"} {
			w.do("HEAD", at, "", line).code(400)
		}
	}},
	{id: "draft-head-04", in: 8, says: "HEAD with such fields is no fault.", proof: func(w *speaker) {
		w.do("HEAD", w.begin(64), "", "Upload-Offset: 5", moreBytes).code(204).is("Upload-Offset", "0")
	}},
	{id: "draft-head-05", in: 6, says: "HEAD of an upload that is not known MUST be 404.", proof: headUnknown},
	{id: "draft-head-05", in: 8, says: "HEAD of an upload that is not known is 404 or 410.", kept: "404.", proof: headUnknown},
	{id: "draft-head-06", says: "The offset that HEAD tells MUST be taken by the next append, if nothing else came.", proof: func(w *speaker) {
		data := fixedRecords(4, 64)
		at := w.create(data[:5], moreBytes).where()
		for _, n := range []int{70, 128, 129} {
			offset := w.head(at).offset()
			if r := w.patch(at, offset, data[offset:n]); r.status/100 != 2 || r.offset() != n {
				w.t.Errorf("answered %d with %q", r.status, r.header)
			}
		}
		w.rest(at, data)
	}},
	{id: "draft-head-07", says: "HEAD is best to end a request that still adds bytes, and to wait until it has.", but: "HEAD ends nothing and waits for nobody, so that a look at an upload does no harm. If the old request keeps more bytes in the end, the append that follows is 409 with the true offset.", proof: func(w *speaker) {
		data := fixedRecords(64, 64)
		at, older := w.stalled(data, 1000)
		offset := w.head(at).code(204).offset()
		if r := w.patch(at, offset, data[offset:2000]); offset < 1000 && r.status != 409 || r.header.Get("Upload-Offset") < "1000" {
			w.t.Errorf("at %d: answered %d with %q", offset, r.status, r.header)
		}
		w.hear(older, "PATCH").code(409)
		w.rest(at, data)
	}},
}

func headTells(w *speaker) {
	data := fixedRecords(2, 64)
	at := w.create("", moreBytes).where()
	w.limits(onlyValue(w.t, w.head(at).code(204).is("Upload-Offset", "0").is("Upload-Complete", "?0").header, "Upload-Limit"), true)
	w.patch(at, 0, data[:64])
	w.head(at).code(204).is("Upload-Offset", "64").is("Upload-Complete", "?0")
	w.patch(at, 64, data[64:], lastBytes)
	w.limits(onlyValue(w.t, w.head(at).code(204).is("Upload-Offset", "128").is("Upload-Complete", "?1").header, "Upload-Limit"), false)
}

func headUnknown(w *speaker) { w.head(collection + "up_none").code(404).lacks("Upload-Offset") }

var draftAppend = []requirement{
	{id: "draft-append-01", says: "The media type of an append MUST be application/partial-upload.", kept: "Else 415 with Accept-Patch.", proof: func(w *speaker) {
		at := w.begin(64)
		for _, kind := range []string{"Content-Type: application/octet-stream", "Content-Type: ", tusMedia} {
			if r := w.patch(at, 0, fixedRecords(1, 64), kind).code(415); !strings.Contains(r.header.Get("Accept-Patch"), "application/partial-upload") {
				w.t.Errorf("Accept-Patch is %q", r.header.Get("Accept-Patch"))
			}
		}
		w.stands(at, 0)
	}},
	{id: "draft-append-02", says: "Upload-Offset MUST be there, a whole number of at most 15 digits.", kept: "Else 400.", proof: func(w *speaker) {
		at := w.begin(64)
		w.do("PATCH", at, fixedRecords(1, 64), draftMedia, moreBytes).code(400)
		for _, v := range []string{"-1", "+0", "0.0", "0 0", "0x0", "1000000000000000", "9007199254740992", "9223372036854775807", "9223372036854775808", "?0", `"0"`, "", "0\r\nUpload-Offset: 0"} {
			w.do("PATCH", at, fixedRecords(1, 64), draftMedia, moreBytes, "Upload-Offset: "+v).code(400)
		}
		w.stands(at, 0)
	}},
	{id: "draft-append-03", in: 6, says: "Upload-Complete: ?0 MUST be there while more follows.", kept: "An append without is taken for one of which more follows: clients of tus send it so.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.begin(128)
		w.do("PATCH", at, data, draftMedia, "Upload-Offset: 0").code(201).is("Upload-Complete", "?0")
		w.do("PATCH", at, data, draftMedia, "Upload-Offset: 128", "Upload-Complete: yes").code(400)
		w.rest(at, data)
	}},
	{id: "draft-append-03", in: 8, says: "Upload-Complete MUST be there.", kept: "Else 400, also where it is no boolean.", proof: func(w *speaker) {
		at := w.begin(64)
		w.do("PATCH", at, fixedRecords(1, 64), draftMedia, "Upload-Offset: 0").code(400)
		for _, v := range []string{"true", "1", "?2", "?1, ?1", "?0\r\nUpload-Complete: ?0"} {
			w.do("PATCH", at, fixedRecords(1, 64), draftMedia, "Upload-Offset: 0", "Upload-Complete: "+v).code(400)
		}
		w.stands(at, 0)
	}},
	{id: "draft-append-04", in: 6, says: "An append of which more follows MUST be 201 with Upload-Complete: ?0 and Upload-Offset.", proof: func(w *speaker) {
		w.patch(w.begin(128), 0, fixedRecords(1, 64)).code(201).is("Upload-Complete", "?0").is("Upload-Offset", "64")
	}},
	{id: "draft-append-04", in: 8, says: "An append of which more follows MUST be 2xx with Upload-Complete: ?0.", kept: "204, with Upload-Offset.", proof: func(w *speaker) {
		w.patch(w.begin(128), 0, fixedRecords(1, 64)).code(204).is("Upload-Complete", "?0").is("Upload-Offset", "64")
	}},
	{id: "draft-append-05", says: "An append at another offset than the upload's MUST be 409 with the true Upload-Offset, and changes nothing; the problem may tell both offsets.", kept: "expected-offset and provided-offset, as numbers.", proof: func(w *speaker) {
		data := fixedRecords(3, 64)
		at := w.begin(192)
		w.patch(at, 0, data[:64])
		for _, offset := range []int{0, 63, 65, 999_999_999_999_999} {
			for _, flag := range []string{moreBytes, "Upload-Complete: ?0;a"} {
				w.patch(at, offset, data[64:], flag).code(409).is("Upload-Offset", "64").is("Upload-Complete", "?0").
					ofType(409, "mismatching-upload-offset").want(w.t, obj{"expected-offset": 64, "provided-offset": offset})
			}
		}
		w.patch(at, 0, data[:192], lastBytes).code(409).is("Upload-Complete", "?0")
		w.rest(at, data)
	}},
	{id: "draft-append-06", says: "An append to an upload that is not known MUST be 404.", proof: func(w *speaker) { w.patch(collection+"up_none", 0, fixedRecords(1, 64)).code(404) }},
	{id: "draft-append-07", in: 6, says: "An append to a complete upload MUST be 400 and MUST NOT change it.", kept: "As completed-upload; at another offset than the end it is 409.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.create(data, lastBytes).where()
		for _, body := range []string{"", "more"} {
			for _, flag := range []string{moreBytes, lastBytes} {
				w.patch(at, 128, body, flag).is("Upload-Complete", "?1").is("Upload-Offset", "128").ofType(400, "completed-upload")
			}
		}
		w.holds(at, data)
	}},
	{id: "draft-append-07", in: 8, says: "An append to a complete upload MUST be refused and MUST NOT change it: with bytes as an inconsistent length, without as completed.", kept: "400.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.create(data, lastBytes).where()
		for _, flag := range []string{moreBytes, lastBytes} {
			w.mismatch(w.patch(at, 128, "more", flag)).is("Upload-Complete", "?1")
			w.patch(at, 128, "", flag).is("Upload-Complete", "?1").ofType(400, "completed-upload")
		}
		w.holds(at, data)
	}},
	{id: "draft-append-08", in: 6, says: "Refusals too MUST tell Upload-Offset while the upload is active.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.begin(128)
		w.patch(at, 0, data[:64])
		for _, r := range []*reply{w.patch(at, 64, data, "Content-Type: text/plain"), w.patch(at, 64, data, "Upload-Complete: x"), w.do("PATCH", at, data, draftMedia, moreBytes), w.patch(at, 64, data),
			w.patch(at, 64, data[64:], "Upload-Length: 5"), w.patch(at, 64, data[64:], "Content-Digest: sha-256=:AAAA:"), w.patch(at, 64, data[64:], digestLine("Content-Digest", "other"))} {
			r.is("Upload-Offset", "64").is("Upload-Complete", "?0")
			if r.status < 400 {
				w.t.Errorf("answered %d", r.status)
			}
		}
		w.rest(at, data)
	}},
}

var draftCompletion = []requirement{
	{id: "draft-end-01", in: 6, says: "The last append (?1) MUST be 2xx with Upload-Offset and MUST NOT be called incomplete.", kept: "200 with the file in JSON.", proof: lastAppend},
	{id: "draft-end-01", in: 8, says: "The last append (?1) is answered like a creation with all bytes, and MUST have Upload-Complete: ?1.", kept: "200 with the file in JSON.", proof: lastAppend},
	{id: "draft-end-02", says: "The last append may have no bytes.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.create(data, moreBytes).where()
		w.patch(at, 128, "", lastBytes).code(200).is("Upload-Complete", "?1").is("Upload-Offset", "128")
		w.holds(at, data)
	}},
	{id: "draft-end-03", in: 8, says: "A last append whose bytes all came and whose processing fails MUST say Upload-Complete: ?1 all the same.", kept: "So a client does not go on with an upload that has ended.", proof: failedEnd},
	{id: "draft-end-03", in: 6, says: "A last append whose processing fails is not called incomplete.", proof: failedEnd},
	{id: "draft-end-04", says: "A last append that is cut does not complete the upload.", proof: func(w *speaker) {
		data := fixedRecords(64, 64)
		at := w.create(data[:64], moreBytes).where()
		c := w.sending(at, 64, len(data)-64, lastBytes)
		c.say("%s", data[64:1000])
		c.Close()
		w.until("what came is kept", func() bool { return w.head(at).code(204).is("Upload-Complete", "?0").offset() == 1000 })
		w.rest(at, data)
	}},
	{id: "draft-end-05", in: 8, says: "A complete upload SHOULD answer to HEAD for a while, for a client that missed the answer.", kept: "For a week; X-File-Id names the file.", proof: func(w *speaker) {
		id := newID()
		at := w.create(fixedRecords(1, 64), lastBytes, "X-File-Id: "+id).code(201).where()
		w.head(at).code(204).is("Upload-Complete", "?1").is("X-File-Id", id)
	}},
}

func lastAppend(w *speaker) {
	data := fixedRecords(2, 64)
	at := w.create(data[:64], moreBytes).where()
	r := w.patch(at, 64, data[64:], lastBytes).code(200).is("Upload-Complete", "?1").is("Upload-Offset", "128")
	r.json().want(w.t, obj{"status": "success", "file_size": 128, "file_status": "fresh"})
	w.holds(at, data)
}

func failedEnd(w *speaker) {
	data := fixedRecords(2, 64)
	at := w.create(data[:64], moreBytes, digestLine("Repr-Digest", "other")).where()
	w.patch(at, 64, data[64:], lastBytes).code(422).is("Upload-Complete", "?1")
	w.gone(at)
	at = w.create("", moreBytes).where()
	w.patch(at, 0, "", lastBytes).code(422).is("Upload-Complete", "?1").lacks("Upload-Offset", "Upload-Expires")
	w.gone(at)
	at = w.create("", moreBytes, "Upload-Metadata: validation_rules "+in64(`{"fail_fast":true}`)).where()
	w.patch(at, 0, bad(at), lastBytes).code(422).is("Upload-Complete", "?1").lacks("Upload-Offset", "Upload-Expires").problem(422, "checks-failed")
	w.gone(at)
}

var draftDelete = []requirement{
	{id: "draft-delete-01", in: 6, says: "DELETE MUST be 204.", kept: "The upload is 410 from then on.", proof: deletedForGood},
	{id: "draft-delete-01", in: 8, says: "DELETE SHOULD end the upload; it is 2xx.", kept: "204; the upload is 410 from then on.", proof: deletedForGood},
	{id: "draft-delete-02", says: "DELETE of an upload that is not known is 404.", proof: func(w *speaker) { w.do("DELETE", collection+"up_none", "").code(404) }},
	{id: "draft-delete-03", in: 6, says: "DELETE with Upload-Offset or Upload-Complete MUST be 400.", proof: func(w *speaker) {
		at := w.begin(64)
		for _, line := range []string{"Upload-Offset: 0", moreBytes, lastBytes} {
			w.do("DELETE", at, "", line).code(400)
		}
		w.head(at).code(204)
	}},
	{id: "draft-delete-03", in: 8, says: "DELETE with such fields is no fault.", proof: func(w *speaker) { w.do("DELETE", w.begin(64), "", "Upload-Offset: 0", moreBytes).code(204) }},
	{id: "draft-delete-04", says: "DELETE of a complete upload takes it back.", but: "Only the upload goes; its file was checked, may be in use, and has a DELETE of its own.", proof: func(w *speaker) {
		data := fixedRecords(1, 64)
		at := w.create(data, lastBytes).where()
		id := w.head(at).header.Get("X-File-Id")
		w.do("DELETE", at, "").code(204)
		w.gone(at)
		if got := w.get("/download-file/" + id).ok(200); string(got.body) != data {
			w.t.Error("the file is not what it was")
		}
	}},
}

func deletedForGood(w *speaker) {
	at := w.create(fixedRecords(1, 64), moreBytes).where()
	w.do("DELETE", at, "").code(204)
	w.gone(at)
}

// digestLine is a header line with the SHA-256 of a text.
func digestLine(name, text string) string {
	h := sha256.Sum256([]byte(text))
	return name + ": sha-256=:" + base64.StdEncoding.EncodeToString(h[:]) + ":"
}

var draftDigest = []requirement{
	{id: "draft-digest-01", says: "Bytes that do not match their Content-Digest SHOULD NOT be added.", kept: "422, and the offset stays; with creation too.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		r := w.create(data[:64], moreBytes, digestLine("Content-Digest", "other")).code(422)
		w.stands(r.where(), 0)
		at := w.create(data[:64], moreBytes, digestLine("Content-Digest", data[:64])).code(201).where()
		w.patch(at, 64, data[64:], lastBytes, digestLine("Content-Digest", "other")).code(422).is("Upload-Offset", "64").is("Upload-Complete", "?0").problem(422, "checksum-mismatch")
		long := sha512.Sum512([]byte(data[64:]))
		w.patch(at, 64, data[64:], lastBytes, "Content-Digest: md5=:AAAA:, sha-512=:"+base64.StdEncoding.EncodeToString(long[:])+":").code(200)
		w.holds(at, data)
	}},
	{id: "draft-digest-02", says: "An upload whose bytes do not match the Repr-Digest of its creation SHOULD be taken for failed and not processed.", kept: "422, then 410; with the right digest it is like any other.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		r := w.create(data, lastBytes, digestLine("Repr-Digest", "other")).code(422)
		w.gone(r.where())
		at := w.create(data[:64], moreBytes, digestLine("Repr-Digest", data)).code(201).where()
		w.patch(at, 64, data[64:], lastBytes).code(200)
		w.holds(at, data)
	}},
	{id: "draft-digest-03", says: "Digests of other algorithms are passed over.", kept: "One of a known algorithm that is none is 400.", proof: func(w *speaker) {
		w.create(fixedRecords(1, 64), lastBytes, "Repr-Digest: md5=:AAAA:", "Content-Digest: unixsum=:AAAA:").code(201)
		w.create(fixedRecords(1, 64), lastBytes, "Repr-Digest: sha-256=:AAAA:").code(400).lacks("Location")
		w.create(fixedRecords(1, 64), lastBytes, "Content-Digest: sha-256=AAAA").code(400).lacks("Location")
	}},
	{id: "draft-digest-04", says: "Where creation has Want-Repr-Digest the answer to the last bytes SHOULD have Repr-Digest.", but: "It has none, since it costs a second hash of every byte. With --sha256, or a Repr-Digest that was sent, GET of the upload has it.", proof: func(w *speaker) {
		data := fixedRecords(1, 64)
		w.create(fixedRecords(1, 64), lastBytes, "Want-Repr-Digest: sha-256=10").code(201).lacks("Repr-Digest")
		at := w.create(data, lastBytes, digestLine("Repr-Digest", data)).code(201).where()
		_, want, _ := strings.Cut(digestLine("", data), ": ")
		w.do("GET", at, "").is("Repr-Digest", want)
	}},
}
