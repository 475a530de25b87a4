package e2e_test

import (
	"fmt"
	"strings"
)

var draftCreation = []requirement{
	{id: "draft-create-01", in: 6, says: "Bytes of which more follow (?0) MUST be answered with 201, Upload-Complete: ?0, Location and Upload-Offset.", proof: createMore},
	{id: "draft-create-01", in: 8, says: "Bytes of which more follow (?0) MUST be answered with 2xx, 201 best, Location, and Upload-Limit where there are limits.", kept: "201, with Upload-Offset and Upload-Complete: ?0.", proof: createMore},
	{id: "draft-create-02", in: 6, says: "Bytes that are all (?1) MUST be answered with 2xx, Location and Upload-Offset, and MUST NOT be called incomplete.", kept: "201 with the file in JSON.", proof: createLast},
	{id: "draft-create-02", in: 8, says: "Bytes that are all (?1) are answered as the place answers that they were sent to.", kept: "201 with the file in JSON, Location, Upload-Offset and Upload-Complete: ?1.", proof: createLast},
	{id: "draft-create-03", says: "Any method that carries content may begin an upload.", kept: "POST and PUT.", proof: func(w *speaker) {
		data := fixedRecords(1, 64)
		w.holds(w.do("PUT", collection, data, lastBytes).code(201).where(), data)
		w.do("PATCH", collection, data, lastBytes).code(405)
	}},
	{id: "draft-create-04", says: "A request without Upload-Complete is an ordinary one.", kept: "Its bytes are the whole file; the upload can be gone on with where it is cut.", proof: func(w *speaker) {
		data := fixedRecords(1, 64)
		w.holds(w.create(data).code(201).is("Upload-Complete", "?1").where(), data)
	}},
	{id: "draft-create-05", says: "Content may be empty, with ?0.", proof: func(w *speaker) {
		data := fixedRecords(1, 64)
		w.rest(w.create("", moreBytes).code(201).is("Upload-Offset", "0").where(), data)
	}},
	{id: "draft-create-06", says: "Content may be empty with ?1, which is an empty whole.", but: "422: training data has bytes, and a file without is a mistake of the program that wrote it. Upload-Limit says so (min-size=1).", proof: func(w *speaker) {
		w.create("", lastBytes).code(422).problem(422, "empty-file")
		w.create("0\r\n\r\n", lastBytes, chunked).code(422).problem(422, "empty-file")
	}},
	{id: "draft-create-07", says: "Of a creation that is cut what came SHOULD be kept, without gaps, and the upload MUST NOT be complete.", kept: "It goes on at the Location that the 104 told.", proof: func(w *speaker) {
		data := fixedRecords(1<<10, 1024)
		for _, flag := range []string{moreBytes, lastBytes} {
			c := w.dial()
			w.ask(c, "POST", collection, len(data), flag)
			at := w.next(c, "POST").Header.Get("Location")
			c.say("%s", data[:500_000])
			c.Close()
			w.until("what came is kept", func() bool { return w.head(at).code(204).is("Upload-Complete", "?0").offset() == 500_000 })
			w.rest(at, data)
			data = fixedRecords(1<<10, 1024)
		}
	}},
	{id: "draft-create-08", says: "An append ends a creation that still takes bytes.", kept: "What the creation took is kept.", proof: func(w *speaker) {
		data := fixedRecords(64, 64)
		c := w.dial()
		w.ask(c, "POST", collection, len(data), moreBytes)
		at := w.next(c, "POST").Header.Get("Location")
		c.say("%s", data[:1000])
		w.until("the bytes came", func() bool { return w.received(at) >= 1000 })
		w.within(atOnce, "ending the creation", func() {
			w.patch(at, 1000, data[1000:2000])
			w.hear(c, "POST").code(409).is("Location", at)
		})
		if n := w.head(at).offset(); n < 1000 {
			w.t.Errorf("%d bytes of 1000 are kept", n)
		}
		w.rest(at, data)
	}},
	{id: "draft-create-09", says: "Content-Disposition describes the whole.", kept: "Its filename is the file's name; Upload-Metadata is understood too, as clients of tus send it.", proof: func(w *speaker) {
		at := w.create(fixedRecords(1, 64), lastBytes, `Content-Disposition: attachment; filename="a \"b\".jsonl"`).code(201).where()
		w.info(w.head(at).header.Get("X-File-Id")).want(w.t, obj{"original_name": `a "b".jsonl`})
		at = w.create(fixedRecords(1, 64), lastBytes, `Content-Disposition: attachment; filename*=UTF-8''%c3%bc.jsonl`).code(201).where()
		w.info(w.head(at).header.Get("X-File-Id")).want(w.t, obj{"original_name": "ü.jsonl"})
		at = w.create(fixedRecords(1, 64), lastBytes, nameLine("c.jsonl")).code(201).where()
		w.info(w.head(at).header.Get("X-File-Id")).want(w.t, obj{"original_name": "c.jsonl"})
	}},
	{id: "draft-create-10", says: "An Upload-Complete that is no boolean MUST be passed over.", but: "400: passed over it would make a whole file of bytes of which more may follow.", proof: func(w *speaker) {
		for _, v := range []string{"true", "1", "0", "?2", "?", "?1, ?0", `"?1"`, "?1 ?1", "?0\r\nUpload-Complete: ?0"} {
			w.create(fixedRecords(1, 64), "Upload-Complete: "+v).code(400).lacks("Location")
		}
	}},
	{id: "draft-create-11", says: "Fields may carry parameters, which are passed over.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.create(data[:64], "Upload-Complete: ?0;a=1;b", "Upload-Length: 128;unit=bytes").code(201).is("Upload-Complete", "?0").where()
		w.do("PATCH", at, data[64:], draftMedia+";x=y", "Upload-Offset: 64; a", "Upload-Complete: ?1; z").code(200)
		w.holds(at, data)
	}},
	{id: "draft-create-12", says: "Addresses of uploads SHOULD be unique and not be guessed, and MUST NOT tell of the server's inside.", kept: "74 random bits.", proof: func(w *speaker) {
		a, b := w.begin(64), w.begin(64)
		if len(a) != len(collection)+35 || a[len(a)-16:] == b[len(b)-16:] || strings.Contains(a, w.head(a).header.Get("X-File-Id")) {
			w.t.Errorf("addresses are %s and %s", a, b)
		}
	}},
}

func createMore(w *speaker) {
	for _, n := range []int{0, 64} {
		r := w.create(fixedRecords(2, 64)[:n], moreBytes).code(201).is("Upload-Complete", "?0").is("Upload-Offset", fmt.Sprint(n))
		w.limits(onlyValue(w.t, r.header, "Upload-Limit"), true)
		w.head(r.where()).code(204).is("Upload-Offset", fmt.Sprint(n))
	}
}

func createLast(w *speaker) {
	data := fixedRecords(2, 64)
	r := w.create(data, lastBytes).code(201).is("Upload-Complete", "?1").is("Upload-Offset", "128")
	r.json().want(w.t, obj{"status": "success", "file_size": 128, "file_status": "fresh"})
	w.holds(r.where(), data)
	data = fixedRecords(2, 64)
	w.holds(w.create(chunk(data, chunked)+"0\r\n\r\n", lastBytes, chunked).code(201).where(), data)
}

// mismatch is the refusal of lengths that contradict each other.
func (w *speaker) mismatch(r *reply) *reply {
	w.t.Helper()
	r.ofType(400, "inconsistent-upload-length")
	return r
}

var draftLength = []requirement{
	{id: "draft-length-01", says: "The length MUST be noted: from Upload-Length, or from ?1 with Content-Length.", proof: func(w *speaker) {
		data := fixedRecords(4, 64)
		at := w.create(data[:64], moreBytes).where()
		w.head(at).lacks("Upload-Length")
		w.patch(at, 64, data[64:128], "Upload-Length: 256")
		w.head(at).is("Upload-Length", "256")
		c := w.dial()
		w.ask(c, "POST", collection, 256, lastBytes)
		w.head(w.next(c, "POST").Header.Get("Location")).is("Upload-Length", "256").is("Upload-Complete", "?0")
		at = w.create(data[:64], moreBytes).where()
		w.sending(at, 64, 192, lastBytes)
		w.until("the length is noted", func() bool { return w.head(at).header.Get("Upload-Length") == "256" })
	}},
	{id: "draft-length-02", in: 6, says: "Two lengths in one request MUST be the same; else it MUST be 400.", kept: "With the problem's type of version 8.", proof: twoLengths},
	{id: "draft-length-02", in: 8, says: "Two lengths in one request MUST be the same; else it is refused as inconsistent, 400 best.", proof: twoLengths},
	{id: "draft-length-03", in: 6, says: "A length MUST NOT change from one request to the next; else it MUST be 400.", kept: "With the problem's type of version 8.", proof: changedLength},
	{id: "draft-length-03", in: 8, says: "A length MUST NOT change from one request to the next; else it is refused as inconsistent, 400 best.", proof: changedLength},
	{id: "draft-length-04", says: "That all bytes are there does not complete an upload: ?1 does.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.begin(128)
		w.patch(at, 0, data).is("Upload-Complete", "?0")
		w.head(at).is("Upload-Complete", "?0").is("Upload-Offset", "128")
		w.patch(at, 128, "", lastBytes).code(200).is("Upload-Complete", "?1")
		w.holds(at, data)
	}},
	{id: "draft-length-05", says: "?1 with fewer bytes than the length is inconsistent.", kept: "400 and not complete; of a body without Content-Length the bytes are kept.", proof: func(w *speaker) {
		data := fixedRecords(3, 64)
		at := w.begin(192)
		w.mismatch(w.patch(at, 0, data[:64], lastBytes)).is("Upload-Complete", "?0")
		w.stands(at, 0)
		w.mismatch(w.do("PATCH", at, chunk(data[:64], chunked)+"0\r\n\r\n", w.patching(0, chunked, lastBytes)...)).is("Upload-Complete", "?0")
		w.head(at).is("Upload-Complete", "?0")
		w.rest(at, data)
	}},
	{id: "draft-length-06", in: 6, says: "Bytes beyond the length MUST NOT be taken; the request MUST be 400.", kept: "The upload stays.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.begin(128)
		w.patch(at, 0, data[:64])
		w.patch(at, 64, data[64:]+"x").code(400)
		w.do("PATCH", at, chunk(data[64:], chunked)+chunk("beyond", chunked)+"0\r\n\r\n", w.patching(64, chunked)...).code(400)
		if n := w.head(at).code(204).offset(); n > 128 {
			w.t.Errorf("%d bytes were taken", n)
		}
		w.rest(at, data)
	}},
	{id: "draft-length-06", in: 8, says: "Bytes beyond the length MUST be refused as soon as they come, and the upload MUST NOT be used any more.", kept: "400, and 410 from then on.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.begin(128)
		w.mismatch(w.patch(at, 0, data+"x"))
		w.gone(at)
		at = w.begin(128)
		w.mismatch(w.do("PATCH", at, chunk(data, chunked)+chunk("beyond", chunked)+"0\r\n\r\n", w.patching(0, chunked)...))
		w.gone(at)
	}},
	{id: "draft-length-07", says: "A length is a whole number of at most 15 digits.", kept: "Else 400.", proof: func(w *speaker) {
		for _, v := range []string{"-1", "+1", "1.5", "1 2", "0x1", "1000000000000000", "9007199254740992", "9223372036854775808", "?1", `"64"`, "", "64\r\nUpload-Length: 64"} {
			w.create("", moreBytes, "Upload-Length: "+v).code(400).lacks("Location")
		}
	}},
}

func twoLengths(w *speaker) {
	w.mismatch(w.create(fixedRecords(2, 64), lastBytes, "Upload-Length: 129"))
	w.mismatch(w.create(fixedRecords(2, 64), lastBytes, "Upload-Length: 1"))
	data := fixedRecords(2, 64)
	w.holds(w.create(data, lastBytes, "Upload-Length: 128").code(201).where(), data)
	data = fixedRecords(2, 64)
	at := w.create(data[:64], moreBytes).where()
	w.mismatch(w.patch(at, 64, data[64:], lastBytes, "Upload-Length: 129"))
	w.patch(at, 64, data[64:], lastBytes, "Upload-Length: 128").code(200)
	w.holds(at, data)
}

func changedLength(w *speaker) {
	data := fixedRecords(3, 64)
	at := w.begin(192)
	w.mismatch(w.patch(at, 0, data[:64], "Upload-Length: 191"))
	w.mismatch(w.patch(at, 0, data[:64], "Upload-Length: 999999999999999"))
	w.mismatch(w.patch(at, 0, data[:64], lastBytes))
	w.stands(at, 0)
	w.patch(at, 0, data[:64], "Upload-Length: 192").is("Upload-Offset", "64")
	at = w.create(data[:64], moreBytes).where()
	w.mismatch(w.patch(at, 64, "", "Upload-Length: 63"))
	w.patch(at, 64, "", "Upload-Length: 192")
	w.rest(at, data)
}
