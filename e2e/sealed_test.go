package e2e_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// known is what the files of these tests are full of.
const known = "what nobody but those who train should read"

// inTheClear gives the files below a data directory's blobs that have it.
func inTheClear(t *testing.T, dir string) (found []string, bytesRead int64) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, "blobs"), func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		bytesRead += int64(len(b))
		if bytes.Contains(b, []byte(known[:20])) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, bytesRead
}

// knownLines is a file of about n bytes; so many of its lines are wrong that their
// list is kept beside the report.
func knownLines(n int, seed string) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		if i%4 == 3 {
			fmt.Fprintf(&b, "{\"id\": nope, \"text\": \"%s\"}\n", known)
			continue
		}
		fmt.Fprintf(&b, "{\"id\": \"%s-%d\", \"text\": \"%s\", \"more\": \"%s\"}\n", seed, i, known, strings.Repeat("y", i%300))
	}
	return b.String()
}

// TestSealed: with a master key nothing of a file lies on the disk as it is, at no
// time and whichever way it comes; what was acknowledged survives a kill; and all
// that reads it goes on to.
func TestSealed(t *testing.T) {
	t.Parallel()
	onDisk(t)
	const rules = faultRules
	s := startIn(t, t.TempDir(), []string{"FRESHET_MASTER_KEY=" + masterKey()})
	hidden := func(when string) {
		t.Helper()
		found, n := inTheClear(t, s.dir)
		if len(found) > 0 || n == 0 {
			t.Errorf("%s: of %d bytes these lie in the clear: %v", when, n, found)
		}
	}
	all := map[string]string{}
	whole := func(when string) {
		t.Helper()
		hidden(when)
		for id, data := range all {
			if got := string(s.get("/download-file/" + id).ok(200).body); got != data {
				t.Errorf("%s: %s has other bytes than were sent", when, id)
			}
			for _, r := range [][2]int{{0, 0}, {65_530, 65_545}, {1<<20 - 1, 1 << 20}, {len(data) - 9, len(data) - 1}} {
				part := s.do(http.MethodGet, api+"/download-file/"+id, "", "Range", fmt.Sprintf("bytes=%d-%d", r[0], r[1])).ok(206)
				if string(part.body) != data[r[0]:r[1]+1] {
					t.Errorf("%s: %s has other bytes from %d to %d", when, id, r[0], r[1])
				}
			}
		}
	}

	form := knownLines(2_300_000, "form")
	all[s.upload(file("form.jsonl", form), text("validation_rules", rules)).ok(200).json().str("file_id")] = form
	whole("a form")

	parts := []byte(knownLines(3*partSize+1234, "parts"))
	u := s.begin("parts.jsonl", len(parts), `, "validation_rules": `+rules).ok(201).json()
	id := u.str("upload_id")
	for _, n := range []int{4, 2} {
		s.put(id, n, slice(parts, n)).ok(200)
	}
	hidden("parts under way")
	s.kill()
	s.restart()
	for _, n := range []int{1, 3, 4} {
		s.put(id, n, slice(parts, n)).ok(200)
	}
	s.post("/uploads/"+id+"/complete", "").ok(200)
	all[u.str("file_id")] = string(parts)
	whole("parts")

	tus := knownLines(2_000_000, "tus")
	at, fileID := s.beginTus(t, len(tus))
	s.appendTus(t, at, 0, tus[:700_001])
	s.appendTus(t, at, 700_001, tus[700_001:700_002])
	hidden("tus under way")
	stands := s.cutTus(t, at, 700_002, tus)
	hidden("tus, killed")
	s.appendTus(t, at, stands, tus[stands:])
	all[fileID] = tus
	s.until("it is a file", func() bool { return s.info(fileID).str("status") == "fresh" })
	whole("tus")
	s.kill()
	s.restart()
	whole("started again")

	for id := range all {
		s.post("/process-file/"+id, rules).ok(202)
		s.settled(id).want(t, obj{"status": "fresh", "verdict": "passed"})
	}
	whole("checked again")
	if len(s.files("checks")) < len(all) {
		t.Errorf("checks keep %v only", s.files("checks"))
	}
	out, err := command(nil, "fsck", "--data-dir", s.dir, "--master-key", masterKey(), "--read-data-subset", "100%").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "all is well") {
		t.Errorf("fsck: %v\n%s", err, out)
	}

	open := startIn(t, t.TempDir(), nil)
	if sealedDisks {
		return
	}
	open.upload(file("form.jsonl", form), text("validation_rules", rules)).ok(200)
	if found, _ := inTheClear(t, open.dir); len(found) == 0 {
		t.Error("what is not sealed is not found: the search is of no use")
	}
}

var tusVersion = []string{"Tus-Resumable", "1.0.0"}

func (s *server) beginTus(t *testing.T, size int) (at, fileID string) {
	t.Helper()
	a := s.do(http.MethodPost, collection, "", append([]string{"Upload-Length", strconv.Itoa(size), "Upload-Metadata", "filename dHVzLmpzb25s,validation_rules eyJtYXhfZXJyb3JzIjoxMDAwMDB9"}, tusVersion...)...).ok(201)
	at = a.header.Get("Location")
	id := at[strings.LastIndexByte(at, '/')+1:]
	return at[strings.Index(at, collection):], s.get("/uploads/" + id).ok(200).json().str("file_id")
}

func (s *server) appendTus(t *testing.T, at string, offset int, data string) {
	t.Helper()
	s.do(http.MethodPatch, at, data, append([]string{"Upload-Offset", strconv.Itoa(offset), "Content-Type", "application/offset+octet-stream"}, tusVersion...)...).ok(204)
}

// cutTus appends slowly, until more than came before is committed, and has the
// server killed; it gives where the upload stands then, and sees that it is no less
// than was known to be committed.
func (s *server) cutTus(t *testing.T, at string, offset int, data string) int {
	t.Helper()
	r, w := io.Pipe()
	req := s.request(http.MethodPatch, at, r, append([]string{"Upload-Offset", strconv.Itoa(offset), "Content-Type", "application/offset+octet-stream"}, tusVersion...)...)
	req.ContentLength = int64(len(data) - offset)
	over := make(chan struct{})
	go func() {
		defer close(over)
		if resp, err := plain.Do(req); err == nil {
			resp.Body.Close()
		}
	}()
	id, known := at[strings.LastIndexByte(at, '/')+1:], 0
	sent := offset
	s.until("some of it is committed", func() bool {
		if sent < offset+400_000 {
			io.WriteString(w, data[sent:sent+20_011])
			sent += 20_011
		}
		known = int(s.get("/uploads/" + id).ok(200).json().num("bytes_committed"))
		return known > offset
	})
	s.kill()
	w.Close()
	<-over
	s.restart()
	stands := int(s.get("/uploads/" + id).ok(200).json().num("bytes_committed"))
	if stands < known || stands > sent {
		t.Errorf("%d bytes were committed, %d sent; after the kill it stands at %d", known, sent, stands)
	}
	return stands
}

// TestSealedAltered: of a file that was altered on the disk a download never ends as
// if it were whole; a check of it fails as ours, not as the data's; fsck finds it.
func TestSealedAltered(t *testing.T) {
	onDisk(t)
	s := startIn(t, t.TempDir(), []string{"FRESHET_MASTER_KEY=" + masterKey()})
	data := good(30_000, "alter")
	id := s.upload(file("a.jsonl", data)).ok(200).json().str("file_id")
	other := s.upload(file("b.jsonl", good(30_000, "other"))).ok(200).json().str("file_id")
	at := func(id string) string {
		return filepath.Join(s.dir, "blobs", ".sealed", "training-data", "fresh", id)
	}
	b, err := os.ReadFile(filepath.Join(at(id), "a.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := os.ReadFile(filepath.Join(at(other), "b.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	bit := bytes.Clone(b)
	bit[len(bit)-200_000] ^= 1
	for name, altered := range map[string][]byte{"a bit": bit, "cut": b[:len(b)-100_000], "another's file": stranger} {
		if err := os.WriteFile(filepath.Join(at(id), "a.jsonl"), altered, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, r := range []string{"", "bytes=0-"} {
			req := s.request(http.MethodGet, api+"/download-file/"+id, nil)
			if r != "" {
				req.Header.Set("Range", r)
			}
			resp, err := plain.Do(req)
			if err != nil {
				continue // it was broken off
			}
			got, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode < 300 && (err == nil || !strings.HasPrefix(data, string(got))) {
				t.Errorf("%s: the download ends with %d, %d bytes of %d and %v", name, resp.StatusCode, len(got), len(data), err)
			}
		}
		out, err := command(nil, "fsck", "--data-dir", s.dir, "--master-key", masterKey(), "--read-data-subset", "100%").CombinedOutput()
		if err == nil || !strings.Contains(string(out), id) {
			t.Errorf("%s: fsck: %v\n%s", name, err, out)
		}
	}
	if err := os.WriteFile(filepath.Join(at(id), "a.jsonl"), bit, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := command(nil, "fsck", "--data-dir", s.dir, "--master-key", masterKey(), "--read-data-subset", "100%", "--repair").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "its bytes are not as they were sealed") {
		t.Errorf("fsck --repair: %v\n%s", err, out)
	}
	s.info(id).want(t, obj{"status": "failed", "failure_kind": "system"})
	s.info(other).want(t, obj{"status": "fresh"})
	s.upload(file("a.jsonl", data)).ok(200).json().want(t, obj{"file_status": "fresh", "is_duplicate": false})
}
