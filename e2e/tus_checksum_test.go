package e2e_test

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"strings"
)

// sumLine is the header line with the checksum of a body.
func sumLine(algorithm, body string) string {
	h := map[string]hash.Hash{"sha1": sha1.New(), "sha256": sha256.New(), "crc32": crc32.NewIEEE()}[algorithm]
	h.Write([]byte(body))
	return "Upload-Checksum: " + algorithm + " " + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

var tusSums = []string{"sha1", "sha256", "crc32"}

var tusChecksum = []requirement{
	{id: "tus-sum-01", says: "The extension MUST be listed, with its algorithms; sha1 MUST be one.", proof: func(w *speaker) {
		w.lists("checksum")
		w.do("OPTIONS", collection, "").is("Tus-Checksum-Algorithm", strings.Join(tusSums, ","))
	}},
	{id: "tus-sum-02", says: "Bytes that match MUST be taken: 204.", kept: "crc32 is that of IEEE, four bytes with the highest first.", proof: func(w *speaker) {
		data := fixedRecords(3, 64)
		at := w.begin(192)
		for i, algorithm := range tusSums {
			body := data[64*i : 64*i+64]
			w.patch(at, 64*i, body, sumLine(algorithm, body)).code(204)
		}
		w.holds(at, data)
		body := fixedRecords(1, 64)
		w.holds(w.do("POST", collection, body, tusMedia, "Upload-Length: 64", sumLine("sha1", body)).code(201).is("Upload-Offset", "64").where(), body)
	}},
	{id: "tus-sum-03", says: "Bytes that do not match MUST be 460, and nothing of them is kept.", proof: func(w *speaker) {
		data := fixedRecords(3, 64)
		at := w.begin(192)
		w.patch(at, 0, data[:64]).code(204)
		for _, algorithm := range tusSums {
			w.patch(at, 64, data[64:], sumLine(algorithm, "other")).code(460).is("Upload-Offset", "64").problem(460, "checksum-mismatch")
			w.patch(at, 64, strings.Repeat("y", 128), sumLine(algorithm, data[64:])).code(460)
			w.stands(at, 64)
		}
		w.patch(at, 64, data[64:], sumLine("sha1", data[64:])).code(204)
		w.holds(at, data)
	}},
	{id: "tus-sum-04", says: "Of bytes that do not match nothing is kept where they are more than a part of the store, either.", proof: func(w *speaker) {
		data := fixedRecords(17<<10, 1024)
		at := w.begin(len(data))
		w.patch(at, 0, data[:1000]).code(204)
		w.patch(at, 1000, fixedRecords(17<<10, 1024)[1000:], sumLine("sha1", data[1000:])).code(460)
		w.stands(at, 1000)
		w.patch(at, 1000, data[1000:], sumLine("sha256", data[1000:])).code(204)
		w.holds(at, data)
	}},
	{id: "tus-sum-05", says: "An algorithm that is not known MUST be 400, and nothing is kept.", kept: "So is a checksum that is none.", proof: func(w *speaker) {
		data := fixedRecords(1, 64)
		at := w.begin(64)
		for _, v := range []string{"md5 " + in64("0123456789abcdef"), "SHA1 " + in64(strings.Repeat("s", 20)), "sha1", "sha1 ", "sha1 ???", "sha1 " + in64("short"), "crc32 01234567", in64("x")} {
			w.patch(at, 0, data, "Upload-Checksum: "+v).code(400).problem(400, "bad-checksum")
		}
		w.stands(at, 0)
	}},
	{id: "tus-sum-06", says: "Of a request that is cut off before its checksum could be compared nothing is kept.", kept: "Neither after a crash.", proof: func(w *speaker) {
		w = w.own()
		data := fixedRecords(3<<10, 1024)
		at := w.begin(len(data), nameLine("a.jsonl"))
		w.patch(at, 0, data[:5000]).code(204)
		for _, fault := range []func(*conn){func(c *conn) { c.Close() }, func(*conn) { w.kill(); w.restart() }} {
			c := w.sending(at, 5000, len(data)-5000, sumLine("sha1", data[5000:]))
			c.say("%s", data[5000:2<<20])
			w.until("they came", func() bool { return w.received(at) >= 2<<20-5000 })
			w.stands(at, 5000)
			fault(c)
			w.stands(at, 5000)
		}
		w.rest(at, data)
	}},
	{id: "tus-sum-07", says: "The checksum of no bytes is compared like any other.", proof: func(w *speaker) {
		at := w.begin(64)
		w.patch(at, 0, "", sumLine("sha1", "")).code(204)
		w.patch(at, 0, "", sumLine("sha1", "other")).code(460)
	}},
}

// withTrailer is a body in chunks with lines after it.
func withTrailer(body string, lines ...string) string {
	b := "0\r\n"
	if body != "" {
		b = chunk(body[:len(body)/2], chunked) + chunk(body[len(body)/2:], chunked) + b
	}
	for _, l := range lines {
		b += l + "\r\n"
	}
	return b + "\r\n"
}

const trailerLine = "Trailer: Upload-Checksum"

var tusChecksumTrailer = []requirement{
	{id: "tus-trailer-01", says: "The extension MUST be listed.", proof: func(w *speaker) { w.lists("checksum-trailer") }},
	{id: "tus-trailer-02", says: "A checksum after the body counts like one before it: bytes that match are 204.", proof: func(w *speaker) {
		data := fixedRecords(3, 64)
		at := w.begin(192)
		for i, algorithm := range tusSums {
			body := data[64*i : 64*i+64]
			w.do("PATCH", at, withTrailer(body, sumLine(algorithm, body)), w.patching(64*i, chunked, trailerLine)...).code(204)
		}
		w.holds(at, data)
		body := fixedRecords(1, 64)
		r := w.do("POST", collection, withTrailer(body, sumLine("sha1", body)), tusMedia, chunked, trailerLine, "Upload-Length: 64").code(201)
		w.holds(r.where(), body)
	}},
	{id: "tus-trailer-03", says: "Bytes that do not match are 460, an algorithm that is not known 400; nothing is kept.", proof: func(w *speaker) {
		data := fixedRecords(2, 64)
		at := w.begin(128)
		for line, status := range map[string]int{sumLine("sha1", "other"): 460, sumLine("crc32", "other"): 460, "Upload-Checksum: md5 AAAA": 400, "Upload-Checksum: sha1 ???": 400} {
			w.do("PATCH", at, withTrailer(data, line), w.patching(0, chunked, trailerLine)...).code(status).is("Upload-Offset", "0")
			w.stands(at, 0)
		}
		w.do("PATCH", at, withTrailer(data, sumLine("sha1", data)), w.patching(0, chunked, trailerLine)...).code(204)
		w.holds(at, data)
	}},
	{id: "tus-trailer-04", says: "A checksum that was announced and does not come is a fault.", kept: "400, and nothing is kept.", proof: func(w *speaker) {
		at := w.begin(64)
		w.do("PATCH", at, withTrailer(fixedRecords(1, 64)), w.patching(0, chunked, trailerLine)...).code(400)
		w.stands(at, 0)
	}},
	{id: "tus-trailer-05", says: "Of two checksums, before and after the body, both must match.", proof: func(w *speaker) {
		data := fixedRecords(1, 64)
		at := w.begin(64)
		w.do("PATCH", at, withTrailer(data, sumLine("sha256", data)), w.patching(0, chunked, trailerLine, sumLine("sha1", "other"))...).code(460)
		w.do("PATCH", at, withTrailer(data, sumLine("sha1", "other")), w.patching(0, chunked, trailerLine, sumLine("sha1", data))...).code(460)
		w.stands(at, 0)
		w.do("PATCH", at, withTrailer(data, sumLine("sha256", data)), w.patching(0, chunked, trailerLine, sumLine("sha1", data))...).code(204)
		w.holds(at, data)
	}},
}
