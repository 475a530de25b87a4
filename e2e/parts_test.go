package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// partSize is that of parts that tests send: the smallest that the store takes.
var partSize = map[bool]int{false: 1 << 20, true: 8 << 20}[clustered]

// jsonLines makes a file of about n bytes.
func jsonLines(n int, seed string) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "{\"id\": \"%s-%d\", \"text\": \"%s\"}\n", seed, i, strings.Repeat("x", 1+i%500))
	}
	return b.Bytes()
}

func (s *server) begin(name string, size int, more string, headers ...string) answer {
	s.t.Helper()
	length := fmt.Sprint(size)
	if size < 0 {
		length = "null"
	}
	return s.do(http.MethodPost, api+"/uploads", fmt.Sprintf(`{"file_name": %q, "file_size": %s, "part_size": %d%s}`, name, length, partSize, more), headers...)
}

func (s *server) put(upload string, n int, b []byte, headers ...string) answer {
	s.t.Helper()
	return s.do(http.MethodPut, fmt.Sprintf("%s/uploads/%s/parts/%d", api, upload, n), string(b), headers...)
}

func slice(b []byte, n int) []byte { return b[(n-1)*partSize : min(len(b), n*partSize)] }

// TestParts is the protocol from the first request to the last, shapes included.
func TestParts(t *testing.T) {
	s := start(t)
	b := jsonLines(3*partSize+777, "parts")
	a := s.begin("größe ../x.jsonl", len(b), `, "data_type": "sample", "description": "d", "metadata": {"team": "v"}, "validation_rules": {"min_records": 5}`).ok(201)
	u := a.json()
	u.want(t, obj{"part_size": partSize, "part_count": 4})
	id, file := u.str("upload_id"), u.str("file_id")
	if a.header.Get("Location") != api+"/uploads/"+id || !strings.HasPrefix(file, "file_") || u.str("expires_at") == "" {
		t.Errorf("begun: %v, %v", u, a.header)
	}
	s.info(file).want(t, obj{"status": "uploading", "original_name": "größe ../x.jsonl", "data_type": "sample"})
	s.post("/uploads/"+id+"/complete", "").problem(409, "parts-missing")
	s.put(id, 3, slice(b, 3)).ok(200)
	s.put(id, 1, slice(b, 1)).ok(200).json().want(t, obj{"part": 1, "size": partSize, "bytes_committed": 2 * partSize})
	s.put(id, 4, slice(b, 4)).ok(200)
	st := s.get("/uploads/" + id).ok(200).json()
	st.want(t, obj{"upload_id": id, "file_id": file, "state": "open", "file_size": len(b), "part_size": partSize, "part_count": 4, "bytes_committed": len(b) - partSize, "errors_found": 0})
	if got := fmt.Sprint(st["parts"]); got != "[1 3-4]" {
		t.Errorf("parts are %s", got)
	}
	if st.num("records_checked") == 0 {
		t.Error("nothing is checked yet, though parts are here")
	}
	s.get("/upload-progress/"+file).ok(200).json().want(t, obj{"status": "uploading", "stage": "receiving", "file_size": len(b), "bytes_received": len(b) - partSize})
	s.get("/validation-report/"+file).ok(200).json().want(t, obj{"verdict": "in_progress", "format": "jsonl"})
	if p := s.post("/uploads/"+id+"/complete", "").problem(409, "parts-missing"); !strings.Contains(p.str("detail"), "[2]") {
		t.Errorf("it does not say which part: %v", p)
	}
	s.put(id, 2, slice(b, 2)).ok(200)
	if got := len(s.get("/uploads/" + id + "?checksums=true").ok(200).json().list("checksums")); got != 4 {
		t.Errorf("%d checksums", got)
	}
	out := s.post("/uploads/"+id+"/complete", "").ok(200).json()
	out.want(t, obj{"status": "success", "file_id": file, "file_size": len(b), "data_type": "sample", "is_duplicate": false, "file_status": "fresh", "verdict": "passed", "errors_found": 0})
	again := s.post("/uploads/"+id+"/complete", "").ok(200).json()
	again.want(t, obj{"file_id": file, "file_status": "fresh", "file_hash": out.str("file_hash")})
	if got := s.get("/download-file/" + file).ok(200).body; !bytes.Equal(got, b) {
		t.Error("the file has other bytes")
	}
	st = s.get("/uploads/" + id).ok(200).json()
	st.want(t, obj{"state": "complete", "bytes_committed": len(b)})
	if got := fmt.Sprint(st["parts"]); got != "[1-4]" {
		t.Errorf("parts of a complete upload are %s", got)
	}
	s.put(id, 1, slice(b, 1)).problem(409, "upload-complete")
	s.do(http.MethodDelete, api+"/uploads/"+id, "").problem(409, "upload-complete")
	if left := s.files(".parts"); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if left := s.files("checks"); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestPartsSideBySide: parts of several uploads at once, size not told.
func TestPartsSideBySide(t *testing.T) {
	s := start(t)
	var wg sync.WaitGroup
	for i := range 4 {
		b := jsonLines(3*partSize+i, fmt.Sprint("side", i))
		u := s.begin("f.jsonl", -1, "").ok(201).json()
		if u["part_count"] != nil {
			t.Errorf("part_count is %v though nobody knows", u["part_count"])
		}
		wg.Go(func() {
			var parts sync.WaitGroup
			for n := 1; (n-1)*partSize < len(b); n++ {
				parts.Go(func() { s.put(u.str("upload_id"), n, slice(b, n)).ok(200) })
			}
			parts.Wait()
			out := s.post("/uploads/"+u.str("upload_id")+"/complete", "").ok(200).json()
			out.want(t, obj{"file_status": "fresh", "file_size": len(b)})
		})
	}
	wg.Wait()
}

// TestPartChecksums: each way to send one, right and wrong.
func TestPartChecksums(t *testing.T) {
	s := start(t)
	b := jsonLines(partSize+9, "sums")
	id := s.begin("f.jsonl", len(b), "").ok(201).json().str("upload_id")
	part := slice(b, 1)
	sha := sha256.Sum256(part)
	c := crc32.NewIEEE()
	c.Write(part)
	right := map[string]string{"Content-Digest": "sha-256=:" + base64.StdEncoding.EncodeToString(sha[:]) + ":", "X-Checksum-CRC32": base64.StdEncoding.EncodeToString(c.Sum(nil))}
	for name, value := range right {
		s.put(id, 1, append([]byte("y"), part[1:]...), name, value).problem(422, "checksum-mismatch")
		s.get("/uploads/"+id).ok(200).json().want(t, obj{"bytes_committed": 0})
	}
	for name, value := range map[string]string{"Content-Digest": "sha-256=nonsense", "X-Checksum-CRC32": "AAAA", "X-Checksum-CRC64NVME": "!"} {
		s.put(id, 1, part, name, value).problem(400, "bad-checksum")
	}
	var sum string
	for name, value := range right {
		sum = s.put(id, 1, part, name, value).ok(200).json().str("crc64nvme")
	}
	s.put(id, 1, part, "X-Checksum-CRC64NVME", sum, "Content-Digest", "unixcksum=:AA==:").ok(200)
}

// TestPartsBadInput: what is wrong is told with its place, and loses nothing.
func TestPartsBadInput(t *testing.T) {
	s := start(t)
	create := func(body string) answer { t.Helper(); return s.do(http.MethodPost, api+"/uploads", body) }
	for body, want := range map[string]struct {
		status int
		code   string
	}{
		``:                                      {400, "bad-body"},
		`[]`:                                    {422, "bad-body"},
		`{"file_name": "a", "file_size": 1} {}`: {400, "bad-body"},
		`{"file_name": "a", "file_size": "1"}`:  {422, "bad-body"},
		`{"file_name": "a", "file_size": 1, "filesize": 2}`: {422, "unknown-field"},
		`{"file_size": 1}`:                                                            {422, "no-name"},
		`{"file_name": "a", "file_size": 0}`:                                          {422, "empty-file"},
		`{"file_name": "a", "file_size": -1}`:                                         {422, "bad-size"},
		`{"file_name": "a", "file_size": 9223372036854775808}`:                        {422, "bad-body"},
		`{"file_name": "a", "file_size": 9007199254740992}`:                           {noRoom, map[bool]string{false: "no-space", true: "file-too-large"}[clustered]},
		`{"file_name": "a", "file_size": 9223372036854775807}`:                        {413, "file-too-large"},
		`{"file_name": "a", "file_size": 1, "part_size": 1000}`:                       {422, "bad-part-size"},
		`{"file_name": "a", "file_size": 10485760001, "part_size": 1048576}`:          {422, "bad-part-size"},
		`{"file_name": "a", "file_size": 1, "file_hash": "md5:1"}`:                    {422, "bad-hash"},
		`{"file_name": "a", "file_size": 1, "sha256": "12"}`:                          {422, "bad-sha256"},
		`{"file_name": "a", "file_size": 1, "data_type": "No Word"}`:                  {422, "bad-data-type"},
		`{"file_name": "a", "file_size": 1, "metadata": [1]}`:                         {422, "invalid-metadata"},
		`{"file_name": "a", "file_size": 1, "validation_rules": {"nonsense": 1}}`:     {422, ""},
		`{"file_name": "a", "file_size": 2, "validation_rules": {"max_file_size":1}}`: {413, "file-too-large"},
		`{"file_name": "a", "file_size": 1, "file_id": "mine"}`:                       {422, "bad-file-id"},
	} {
		a := create(body)
		if a.status != want.status {
			t.Errorf("%s: status %d, want %d: %s", body, a.status, want.status, a.body)
		} else if code := a.json().str("code"); want.code != "" && code != want.code {
			t.Errorf("%s: %s, want %s", body, code, want.code)
		}
	}
	if n := s.get("/staged-files").ok(200).json().num("total_count"); n != 0 {
		t.Errorf("%v files were made", n)
	}
	id := s.begin("f.jsonl", 2*partSize, "").ok(201).json().str("upload_id")
	for _, n := range []string{"0", "-1", "3", "10001", "x", "1.5", "99999999999999999999"} {
		s.do(http.MethodPut, api+"/uploads/"+id+"/parts/"+n, "x").problem(422, "bad-part-number")
	}
	s.put(id, 1, make([]byte, partSize-1)).problem(422, "wrong-part-size")
	s.put(id, 1, make([]byte, partSize+1)).problem(422, "wrong-part-size")
	s.put(id, 1, nil).problem(422, "empty-part")
	s.put("up_00000000000000000000000000000000", 1, []byte("x")).problem(404, "unknown-upload")
	s.get("/uploads/nothing").problem(404, "unknown-upload")
	s.get("/uploads/"+id).ok(200).json().want(t, obj{"bytes_committed": 0, "state": "open"})
	s.do(http.MethodDelete, api+"/uploads/"+id, "").ok(204)
	s.put(id, 1, make([]byte, partSize)).problem(410, "upload-aborted")
	s.post("/uploads/"+id+"/complete", "").problem(410, "upload-aborted")
	s.get("/uploads/"+id).ok(200).json().want(t, obj{"state": "aborted"})
}

// TestIdempotentCreation: the same request again is the same upload.
func TestIdempotentCreation(t *testing.T) {
	s := start(t)
	first := s.begin("a.jsonl", 100, "", "Idempotency-Key", "k1").ok(201).json()
	again := s.begin("a.jsonl", 100, "", "Idempotency-Key", "k1").ok(201).json()
	again.want(t, obj{"upload_id": first.str("upload_id"), "file_id": first.str("file_id")})
	s.begin("b.jsonl", 100, "", "Idempotency-Key", "k1").problem(422, "idempotency-key-reused")
	s.begin("a.jsonl", 100, "", "Idempotency-Key", strings.Repeat("k", 300)).problem(400, "bad-idempotency-key")
	if n := s.get("/staged-files").ok(200).json().num("total_count"); n != 1 {
		t.Errorf("%v files were made", n)
	}
}

// TestKnownContentIsNotSent: by its hash, or by its SHA-256 where that is known.
func TestKnownContentIsNotSent(t *testing.T) {
	s := start(t, "--sha256")
	body := good(5, "known")
	held := s.upload(file("a.jsonl", body)).ok(200).json()
	sum := sha256.Sum256([]byte(body))
	for _, more := range []string{`, "file_hash": "` + held.str("file_hash") + `"`, fmt.Sprintf(`, "sha256": "%x"`, sum)} {
		s.begin("b.jsonl", len(body), more).ok(200).json().want(t, obj{"is_duplicate": true, "file_id": held.str("file_id"), "file_status": "fresh"})
	}
	s.begin("b.jsonl", len(body)+1, `, "file_hash": "`+held.str("file_hash")+`"`).ok(201) // another size is another file
	// and content that turns out to be held is a duplicate at the end
	u := s.begin("b.jsonl", len(body), "").ok(201).json()
	s.put(u.str("upload_id"), 1, []byte(body)).ok(200)
	s.post("/uploads/"+u.str("upload_id")+"/complete", "").ok(200).json().want(t, obj{"is_duplicate": true, "file_id": held.str("file_id")})
	s.info(u.str("file_id")).want(t, obj{"duplicate_of": held.str("file_id")})
}

// TestOpenUploadsAreLimited, and what they were promised counts.
func TestOpenUploadsAreLimited(t *testing.T) {
	s := start(t, "--max-open-uploads", "2")
	id := s.begin("a.jsonl", 100, "").ok(201).json().str("upload_id")
	s.begin("b.jsonl", 100, "").ok(201)
	if a := s.begin("c.jsonl", 100, ""); a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	} else {
		a.problem(503, "too-many-uploads")
	}
	s.do(http.MethodDelete, api+"/uploads/"+id, "").ok(204)
	s.begin("c.jsonl", 100, "").ok(201)
}
