package e2e_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A key that is revoked sends nothing more: no next part, and what is on its way ends.
func TestRevokedWhileSending(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, root := s.makeKey("root")
	id, key := s.makeKey("sender")
	s.key = key
	b := jsonLines(3*partSize-600, "revoked")
	up := s.begin("r.jsonl", len(b), "").ok(201).json().str("upload_id")
	s.put(up, 1, slice(b, 1)).ok(200)
	patch := s.do("POST", api+"/tus/", "", "Tus-Resumable", "1.0.0", "Upload-Length", strconv.Itoa(len(b))).ok(201).header.Get("Location")

	r, w := io.Pipe()
	defer w.Close()
	req, err := http.NewRequestWithContext(t.Context(), "PATCH", s.url(patch), r)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]string{"Authorization": "Bearer " + key, "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"} {
		req.Header.Set(k, v)
	}
	answered := make(chan int, 1)
	go func() {
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			answered <- 0 // the connection was closed while we were still writing
			return
		}
		resp.Body.Close()
		answered <- resp.StatusCode
	}()
	if _, err := w.Write(b[:1000]); err != nil {
		t.Fatal(err)
	}
	s.key = root
	s.do("DELETE", api+"/keys/"+id, "").ok(204)
	s.key = key
	s.put(up, 2, slice(b, 2)).problem(401, "bad-key")
	drip := time.NewTicker(50 * time.Millisecond)
	defer drip.Stop()
	for end := time.After(patience); ; {
		select {
		case status := <-answered:
			if status != 401 && status != 0 {
				t.Errorf("what was on its way ended with %d", status)
			}
		case <-drip.C:
			go w.Write([]byte("{}\n")) // until nobody reads
			continue
		case <-end:
			t.Fatal("bytes of a revoked key are still taken")
		}
		break
	}
	s.key = root // what came is there, and goes on with another key
	s.put(up, 2, slice(b, 2)).ok(200)
	s.put(up, 3, slice(b, 3)).ok(200)
	s.post("/uploads/"+up+"/complete", "").ok(200).json().want(t, obj{"file_status": "fresh"})
}

// Who tries keys is soon told to wait, and others are not held up by it.
func TestFailedSignIns(t *testing.T) {
	s := start(t)
	id, key := s.makeKey("mine")
	s.key = key
	s.get("/staged-files").ok(200) // known from now on
	wrong := "fsh_" + id + "_" + strings.Repeat("0", 64) + "_00000000"
	s.key = wrong
	refused := false
	for n := range 40 {
		a := s.get("/staged-files")
		if a.status == 401 {
			if refused {
				t.Fatalf("the failure %d is looked at again", n)
			}
			continue
		}
		a.problem(429, "too-many-failures")
		if after, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || after < 1 || after > 60 {
			t.Errorf("Retry-After: %q", a.header.Get("Retry-After"))
		}
		refused = true
	}
	if !refused {
		t.Fatal("40 wrong keys in a row were looked at")
	}
	s.post("/session", `{"key": "`+wrong+`"}`).problem(429, "too-many-failures")
	// clients of the upload protocols give up on 429
	s.do("POST", api+"/tus/", "", "Tus-Resumable", "1.0.0", "Upload-Length", "5").problem(503, "too-many-failures")
	if a := s.do("HEAD", api+"/tus/up_00000000000000000000000000000000", "", "Tus-Resumable", "1.0.0"); a.status != 423 {
		t.Errorf("HEAD: %d", a.status)
	}
	s.key = key // was let in before, from this very address
	s.get("/staged-files").ok(200)
	s.key = ""
	s.get("/staged-files").problem(401, "no-key") // who has none does not try any
}

// A key makes so many requests a second and sends so many bytes, and no more.
func TestRates(t *testing.T) {
	s := start(t, "--key-requests", "20", "--key-rate", "2MiB")
	_, key := s.makeKey("busy")
	_, calm := s.makeKey("calm")
	s.key = key
	s.get("/limits").ok(200).json().want(t, obj{"requests_per_second": 20, "bytes_per_second": 2 << 20})
	n := 0
	for ; n < 200; n++ {
		if a := s.get("/staged-files"); a.status != 200 {
			a.problem(429, "too-many-requests")
			if a.header.Get("Retry-After") != "1" {
				t.Errorf("Retry-After: %q", a.header.Get("Retry-After"))
			}
			break
		}
	}
	if n < 20 || n == 200 {
		t.Errorf("%d requests were answered", n)
	}
	if a := s.do("POST", api+"/tus/", "", "Tus-Resumable", "1.0.0", "Upload-Length", "5"); a.status != 503 && a.status != 201 {
		t.Errorf("tus: %d", a.status)
	}
	s.key = calm // nobody pays for another
	s.get("/staged-files").ok(200)

	body := string(jsonLines(6<<20, "rate"))
	begun := time.Now()
	id := s.upload(file("slow.jsonl", body)).ok(200).json().str("file_id")
	if took := time.Since(begun); took < 1500*time.Millisecond { // 2 MiB at once, then 2 a second
		t.Errorf("6 MiB were taken in %s at 2 MiB a second", took)
	}
	begun = time.Now()
	if got := s.get("/download-file/" + id).ok(200); string(got.body) != body {
		t.Error("the bytes are others")
	}
	if took := time.Since(begun); took < 1500*time.Millisecond {
		t.Errorf("6 MiB were given in %s", took)
	}
}

// What a project may have is reserved when an upload is created: no rush gets past.
func TestQuotas(t *testing.T) {
	s := start(t)
	put := func(settings string) {
		s.do("PUT", api+"/projects/default", settings, "Content-Type", "application/json")
	}
	put(`{"max_open_uploads": 7}`)
	s.do("GET", api+"/projects/default", "").ok(200).json().want(t, obj{"max_open_uploads": 7, "files": 0, "open_uploads": 0})
	rush := func(size int) (made []string, codes map[string]int) {
		codes = map[string]int{}
		type got struct{ id, code string }
		all := make(chan got)
		for i := range 50 {
			go func() {
				a := s.begin(fmt.Sprintf("q%d.jsonl", i), size, "")
				if a.status == 201 {
					all <- got{id: a.json().str("upload_id")}
					return
				}
				all <- got{code: fmt.Sprint(a.status, " ", a.json().str("code"))}
			}()
		}
		for range 50 {
			g := <-all
			if g.id != "" {
				made = append(made, g.id)
			} else {
				codes[g.code]++
			}
		}
		return made, codes
	}
	end := func(ids []string) {
		for _, id := range ids {
			s.do("DELETE", api+"/uploads/"+id, "").ok(204)
		}
		s.do("DELETE", api+"/cleanup-failed-uploads?hours_old=0", "").ok(200)
	}
	made, codes := rush(partSize)
	if len(made) != 7 || codes["503 too-many-uploads"] != 43 {
		t.Errorf("of 7 uploads %d were begun; %v", len(made), codes)
	}
	end(made)
	put(fmt.Sprintf(`{"max_bytes": %d}`, 10*partSize))
	made, codes = rush(2 * partSize)
	if len(made) != 5 || codes["413 quota-exceeded"] != 45 {
		t.Errorf("of 10 parts %d times two were promised; %v", len(made), codes)
	}
	s.get("/limits").ok(200)
	s.begin("one-more.jsonl", 1, "").problem(413, "quota-exceeded")
	s.do("POST", api+"/tus/", "", "Tus-Resumable", "1.0.0", "Upload-Length", "1").problem(413, "quota-exceeded")
	s.upload(file("form.jsonl", good(2, "quota"))).problem(413, "quota-exceeded")
	end(made)
	put(`{"max_files": 3}`)
	made, codes = rush(partSize)
	if len(made) != 3 || codes["413 quota-exceeded"] != 47 {
		t.Errorf("of 3 files %d were begun; %v", len(made), codes)
	}
	end(made)

	// bytes that come without a size are counted as they come
	put(fmt.Sprintf(`{"max_bytes": %d}`, partSize))
	at := s.do("POST", api+"/tus/", "", "Tus-Resumable", "1.0.0", "Upload-Defer-Length", "1").ok(201).header.Get("Location")
	b := jsonLines(2*partSize, "deferred")
	patch := func(offset int, b []byte) answer {
		return s.do("PATCH", at, string(b), "Tus-Resumable", "1.0.0", "Upload-Offset", strconv.Itoa(offset), "Content-Type", "application/offset+octet-stream")
	}
	half := b[:partSize/2]
	patch(0, half).ok(204)
	patch(len(half), b[len(half):]).problem(413, "quota-exceeded")
	s.do("DELETE", at, "", "Tus-Resumable", "1.0.0").ok(204)
	s.do("DELETE", api+"/cleanup-failed-uploads?hours_old=0", "").ok(200)
	c := s.dial() // a form that does not say how long it is
	defer c.Close()
	c.say("POST %s/upload-large-file HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\n%s\r\n\r\n", api, s.addr, formType, chunked)
	whole := form(file("chunked.jsonl", string(b)))
	go func() {
		fmt.Fprintf(c, "%x\r\n%s\r\n0\r\n\r\n", len(whole), whole)
	}()
	resp, err := http.ReadResponse(c.r, nil)
	if err != nil || resp.StatusCode != 413 {
		t.Errorf("a form without a length: %v, %v", resp, err)
	}
	s.until("nothing is reserved any more", func() bool {
		s.do("DELETE", api+"/cleanup-failed-uploads?hours_old=0", "")
		p := s.get("/projects/default").ok(200).json()
		return p["bytes"] == 0.0 && p["open_uploads"] == 0.0
	})
	s.upload(file("fits.jsonl", good(2, "fits"))).ok(200)
}

// Forms that come at once and do not say how long they are stay within what their
// project may have, on the disk as well.
func TestQuotaOfFormsWithoutLength(t *testing.T) {
	const quota, forms = 10_000_000, 20
	s := start(t)
	s.do("PUT", api+"/projects/default", fmt.Sprintf(`{"max_bytes": %d}`, quota), "Content-Type", "application/json").ok(200)
	codes := make(chan int)
	for i := range forms {
		c := s.dial()
		defer c.Close()
		body := form(file(fmt.Sprintf("f%d.jsonl", i), string(jsonLines(9_000_000, fmt.Sprint(i)))))
		go func() {
			fmt.Fprintf(c, "POST %s/upload-large-file HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\n%s\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", api, s.addr, formType, chunked, len(body), body)
		}()
		go func() {
			resp, err := http.ReadResponse(c.r, nil)
			if err != nil {
				codes <- 0
				return
			}
			codes <- resp.StatusCode
		}()
	}
	peak, got := int64(0), map[int]int{}
	for look := time.NewTicker(time.Millisecond); len(got) == 0 || got[200]+got[413] < forms; {
		select {
		case code := <-codes:
			if got[code]++; code != 200 && code != 413 {
				t.Fatalf("a form is answered with %d", code)
			}
		case <-look.C:
			peak = max(peak, s.onDisk())
		}
	}
	if got[200] > 1 || peak > quota+forms<<10 {
		t.Errorf("of %d bytes %d were stored at once; answers %v", quota, peak, got)
	}
}

// onDisk is how many bytes of uploads and files are on the disk.
func (s *server) onDisk() (n int64) {
	if s.cluster != nil {
		return 0 // it is not ours to look at
	}
	_ = filepath.WalkDir(filepath.Join(s.dir, "blobs"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil // what goes while we look
	})
	return n
}

// What is refused after it was put together of pieces takes its pieces with it:
// nobody fills the disk, or takes the places of others, that way.
func TestQuotaOfPieces(t *testing.T) {
	s := start(t, "--max-open-uploads", "5")
	s.do("PUT", api+"/projects/default", `{"max_bytes": 10000000}`, "Content-Type", "application/json").ok(200)
	tus := []string{"Tus-Resumable", "1.0.0"}
	for round := range 6 {
		var at []string
		for i := range 2 {
			b := jsonLines(4<<20, fmt.Sprint(round, i))
			if i == 0 {
				copy(b, "\x7fELF")
			}
			a := s.do("POST", api+"/tus/", string(b), append(tus, "Upload-Length", strconv.Itoa(len(b)), "Upload-Concat", "partial", "Content-Type", "application/offset+octet-stream")...)
			at = append(at, a.ok(201).header.Get("Location"))
		}
		s.do("POST", api+"/tus/", "", append(tus, "Upload-Concat", "final;"+strings.Join(at, " "))...).problem(422, "content-not-allowed")
		s.do("DELETE", api+"/cleanup-failed-uploads?hours_old=0", "").ok(200)
		s.get("/projects/default").ok(200).json().want(t, obj{"bytes": 0, "open_uploads": 0})
		s.until("nothing of it is stored", func() bool { return len(s.files(".parts")) == 0 })
	}
}
