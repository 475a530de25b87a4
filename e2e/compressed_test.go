package e2e_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// dense makes lines of about n bytes that hardly become smaller, with a bad one now and then.
func dense(n int, seed uint64) []byte {
	r := rand.NewChaCha8([32]byte{byte(seed)})
	var b bytes.Buffer
	noise := make([]byte, 600)
	for i := 0; b.Len() < n; i++ {
		r.Read(noise)
		if i%997 == 500 {
			b.WriteString("{\"id\": nope}\n")
		}
		fmt.Fprintf(&b, "{\"id\": %d, \"text\": \"%s\"}\n", i, base64.StdEncoding.EncodeToString(noise))
	}
	return b.Bytes()
}

func packed(t *testing.T, kind string, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if kind == "zstd" {
		w, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	w := gzip.NewWriter(&b)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// array is JSON Lines as one array.
func array(lines []byte) []byte {
	return []byte("[\n" + strings.ReplaceAll(strings.TrimSuffix(string(lines), "\n"), "\n", ",\n") + "\n]\n")
}

// likeLines wants of a file the report of the lines that it holds, and its bytes as they were sent.
func (s *server) likeLines(id string, lines obj, sent []byte, want obj) {
	s.t.Helper()
	r := s.get("/validation-report/" + id).ok(200).json()
	r.want(s.t, obj{"bytes": len(sent)})
	r.want(s.t, want)
	for _, k := range []string{"records", "errors", "warnings", "duplicate_records", "verdict", "by_rule", "fields", "schema"} {
		if got, want := fmt.Sprint(r[k]), fmt.Sprint(lines[k]); got != want {
			s.t.Errorf("%s: %.300s, of the lines %.300s", k, got, want)
		}
	}
	if !bytes.Equal(s.get("/download-file/"+id).ok(200).body, sent) {
		s.t.Error("the file has other bytes than were sent")
	}
}

// TestCompressedByAnyWay: compressed files and JSON arrays give the report of the lines
// they hold, whatever way they come: as a form, in parts out of order, by tus
// with the server killed in between.
func TestCompressedByAnyWay(t *testing.T) {
	t.Parallel()
	s := start(t)
	lines := dense(2*partSize, 1)
	plain := s.upload(file("plain.jsonl", string(lines))).ok(200).json()
	report := s.get("/validation-report/" + plain.str("file_id")).ok(200).json()
	if report.num("errors") == 0 {
		t.Fatal("the lines have no bad one among them")
	}
	kinds := []struct {
		name string
		data func(seed []byte) []byte
		want obj
		of   int // lines before the first record
	}{
		{"data.jsonl.gz", func(b []byte) []byte { return packed(t, "gzip", b) }, obj{"format": "jsonl", "compression": "gzip", "unpacked_bytes": len(lines)}, 0},
		{"data.jsonl.zst", func(b []byte) []byte { return packed(t, "zstd", b) }, obj{"format": "jsonl", "compression": "zstd", "unpacked_bytes": len(lines)}, 0},
		{"data.json", array, obj{"format": "json"}, 1},
		{"data.json.gz", func(b []byte) []byte { return packed(t, "gzip", array(b)) }, obj{"format": "json", "compression": "gzip"}, 1},
	}
	ways := []struct {
		name string
		send func(name string, data []byte) (id string)
	}{
		{"form", func(name string, data []byte) string {
			return s.upload(file(name, string(data))).ok(200).json().str("file_id")
		}},
		{"parts out of order", func(name string, data []byte) string {
			u := s.begin(name, len(data), "").ok(201).json().str("upload_id")
			for n := (len(data)-1)/partSize + 1; n > 0; n-- {
				s.put(u, n, slice(data, n)).ok(200)
			}
			return s.post("/uploads/"+u+"/complete", "").ok(200).json().str("file_id")
		}},
		{"tus, killed", func(name string, data []byte) string {
			at := s.do(http.MethodPost, tusAt, "", tusHeaders("Upload-Length", fmt.Sprint(len(data)), "Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte(name)))...).ok(201).header.Get("Location")
			id := ""
			for from, cuts := 0, []int{700_000, 1_300_000, len(data)}; len(cuts) > 0; cuts = cuts[1:] {
				a := s.do(http.MethodPatch, at, string(data[from:cuts[0]]), tusHeaders("Content-Type", "application/offset+octet-stream", "Upload-Offset", fmt.Sprint(from))...).ok(204)
				from, id = cuts[0], a.header.Get("X-File-Id")
				if from < len(data) {
					s.kill()
					s.restart()
				}
			}
			return id
		}},
	}
	for _, k := range kinds {
		for _, w := range ways {
			t.Run(k.name+" by "+w.name, func(t *testing.T) {
				s.t = t
				data := k.data(lines)
				id := w.send(k.name, data)
				s.likeLines(id, report, data, k.want)
				for _, line := range []int{501 + k.of, 2001 + k.of} {
					got := s.get(fmt.Sprintf("/records/%s?line=%d&limit=1", id, line)).ok(200).json().list("records")[0]
					got.want(t, obj{"line": line})
					if (got.str("text") == `{"id": nope}`) != (line == 501+k.of) {
						t.Errorf("line %d is %.100v", line, got)
					}
				}
				s.do(http.MethodDelete, api+"/file/"+id, "").ok(200) // so that the same bytes are not a duplicate
			})
		}
	}
	s.t = t
}

// TestBomb: a small file that unpacks to gigabytes fails, is kept as it was
// sent, and costs the server neither time nor memory; a preview of it ends.
func TestBomb(t *testing.T) {
	s := start(t)
	data := packed(t, "zstd", append([]byte("{\"a\": 1}\n"), make([]byte, 1<<30)...))
	before := time.Now()
	id := s.upload(file("bomb.jsonl.zst", string(data))).ok(200).json().str("file_id")
	s.settled(id).want(t, obj{"status": "failed", "file_size": len(data)})
	r := s.get("/validation-report/" + id).ok(200).json()
	r.want(t, obj{"verdict": "failed", "records": 1, "bytes": len(data)})
	if got := r.list("by_rule"); len(got) != 1 || got[0].str("rule") != "decompression-limit" {
		t.Errorf("rules broken: %v", got)
	}
	if !bytes.Equal(s.get("/download-file/"+id).ok(200).body, data) {
		t.Error("the file has other bytes than were sent")
	}
	if got := s.get("/records/" + id).ok(200).json().list("records"); len(got) == 0 || got[0].str("text") != `{"a": 1}` {
		t.Errorf("the preview is %.300v", got)
	}
	if took := time.Since(before); took > patience {
		t.Errorf("it took %s", took)
	}
}

// TestFarPreview: the preview of a compressed file, which is read from its front
// each time, goes so far and no further.
func TestFarPreview(t *testing.T) {
	s := start(t)
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	same := strings.Repeat("the same words again and again ", 64)
	const lines = 150_000 // of 2 KiB
	for range lines {
		if _, err := fmt.Fprintf(w, "{\"id\": \"%016x%016x\", \"text\": \"%s\"}\n", r.Uint64(), r.Uint64(), same); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	id := s.upload(file("far.jsonl.zst", b.String())).ok(200).json().str("file_id")
	s.get("/validation-report/"+id).ok(200).json().want(t, obj{"verdict": "passed", "records": lines})
	if got := s.get("/records/" + id + "?line=120000&limit=2").ok(200).json().list("records"); len(got) != 2 || got[1].num("line") != 120_001 {
		t.Errorf("%v", got)
	}
	s.get(fmt.Sprintf("/records/%s?line=%d", id, lines)).problem(422, "line-too-far")
}

// TestValidateCompressed: the command checks compressed files and standard input alike.
func TestValidateCompressed(t *testing.T) {
	dir := t.TempDir()
	text := []byte("{\"a\": 1}\n{\"a\": }\n")
	path := filepath.Join(dir, "x.jsonl.gz")
	if err := os.WriteFile(path, packed(t, "gzip", text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := command(nil, "validate", path)
	out, err := c.CombinedOutput()
	if err == nil || c.ProcessState.ExitCode() != 3 || !strings.Contains(string(out), path+":2:7: json-syntax: ") || !strings.Contains(string(out), "failed: jsonl in gzip, 2 records") {
		t.Errorf("%v: %s", err, out)
	}
}
