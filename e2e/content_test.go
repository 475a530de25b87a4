package e2e_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"
)

// notAllowed is a ZIP archive of more bytes than are looked at to tell.
func notAllowed(t *testing.T, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: "a.jsonl", Method: zip.Store})
	if err == nil {
		_, err = w.Write(jsonLines(size, "inside"))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// typed is a file field that declares a type.
func typed(name, kind, content string) part {
	return part{fmt.Sprintf("Content-Disposition: form-data; name=\"file\"; filename=%q\r\nContent-Type: %s\r\n", name, kind), content}
}

func gzipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.NoCompression) // so that it stays as large
	if err == nil {
		_, err = w.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestContentNotAllowed: what is no training data is refused over every protocol
// whatever name and type it has, large or small, and nothing of it stays.
func TestContentNotAllowed(t *testing.T) {
	s := start(t)
	protocols := map[string]func(name string, b []byte) (answer, string){
		"form": func(name string, b []byte) (answer, string) {
			id := newID()
			return s.uploadAs(id, typed(name, "application/jsonl", string(b))), id
		},
		"parts": func(name string, b []byte) (answer, string) {
			u := s.begin(name, len(b), "").ok(201).json()
			for n := 1; ; n++ {
				if a := s.put(u.str("upload_id"), n, slice(b, n)); a.status != 200 || n*partSize >= len(b) {
					if a.status == 200 {
						a = s.post("/uploads/"+u.str("upload_id")+"/complete", "")
					}
					return a, u.str("file_id")
				}
			}
		},
		"tus": func(name string, b []byte) (answer, string) {
			a := s.do("POST", api+"/tus/", "", "Tus-Resumable", "1.0.0", "Upload-Length", fmt.Sprint(len(b)), "Upload-Metadata", "filename "+in64(name)+",filetype "+in64("application/jsonl")).ok(201)
			at := a.header.Get("Location")
			id := s.do("HEAD", at, "", "Tus-Resumable", "1.0.0").header.Get("X-File-Id")
			return s.do("PATCH", at, string(b), "Tus-Resumable", "1.0.0", "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream"), id
		},
		"draft": func(name string, b []byte) (answer, string) {
			a := s.do("POST", api+"/tus/", "", "Upload-Draft-Interop-Version", "8", "Upload-Complete", "?0", "Upload-Metadata", "filename "+in64(name)).ok(201)
			at := a.header.Get("Location")
			id := s.do("HEAD", at, "", "Upload-Draft-Interop-Version", "8").header.Get("X-File-Id")
			return s.do("PATCH", at, string(b), "Upload-Draft-Interop-Version", "8", "Upload-Offset", "0", "Upload-Complete", "?1", "Content-Type", "application/partial-upload"), id
		},
	}
	small, large := notAllowed(t, 1000), notAllowed(t, 3*partSize)
	for protocol, send := range protocols {
		for what, c := range map[string]struct {
			name string
			data []byte
		}{
			"small": {"a.jsonl", small}, "large": {"a.csv", large}, "small inside gzip": {"a.jsonl.gz", gzipped(t, small)}, "large inside gzip": {"a.txt.gz", gzipped(t, large)},
		} {
			t.Run(protocol+" "+what, func(t *testing.T) {
				a, id := send(c.name, c.data)
				p := a.problem(422, "content-not-allowed")
				if !strings.Contains(p.str("detail"), "a zip archive") || !strings.Contains(p.str("hint"), "unpack it") {
					t.Errorf("the refusal does not say what it is and what to do: %v", p)
				}
				s.failed(id)
				r := s.get("/validation-report/" + id).ok(200).json()
				r.want(t, obj{"verdict": "failed", "format": "zip"})
				if f := r.list("findings"); len(f) == 0 || f[0].str("rule") != "unknown-format" {
					t.Errorf("findings are %v", f)
				}
				s.get("/download-file/"+id).problem(409, "")
				s.wantNoBytes(id)
			})
		}
	}
}

// Where the first part comes last, the refusal comes with it.
func TestContentNotAllowedLate(t *testing.T) {
	s := start(t)
	b := notAllowed(t, 2*partSize+1000)
	u := s.begin("late.jsonl", len(b), "").ok(201).json()
	for _, n := range []int{3, 2} {
		s.put(u.str("upload_id"), n, slice(b, n)).ok(200)
	}
	s.put(u.str("upload_id"), 1, slice(b, 1)).problem(422, "content-not-allowed")
	s.failed(u.str("file_id"))
}

// A declared type neither lets content in nor keeps it out.
func TestTypeDecidesNothing(t *testing.T) {
	s := start(t)
	for _, kind := range []string{"application/zip", "image/png", "application/x-executable", "text/html", "application/octet-stream", ""} {
		id := newID()
		s.uploadAs(id, typed("a.jsonl", kind, good(3, "typed"+kind))).ok(200).json().want(t, obj{"file_status": "fresh"})
	}
}

// An object that is none of the formats is not adopted, and stays where it is.
func TestContentNotAdopted(t *testing.T) {
	s := start(t)
	for key, b := range map[string][]byte{"training-data/old/small.jsonl": notAllowed(t, 1000), "training-data/old/large.jsonl": notAllowed(t, 2*partSize)} {
		s.place(key, string(b))
	}
	lines, code, _ := s.adopt("training-data/old/")
	if code == 0 {
		t.Error("the command ends as if all were well")
	}
	for key, line := range lines {
		if !strings.Contains(fmt.Sprint(line), "zip archive") {
			t.Errorf("%s: %v", key, line)
		}
	}
	if len(lines) != 2 || len(s.files("training-data/old")) != 2 {
		t.Errorf("lines %v, objects %v", lines, s.files("training-data/old"))
	}
	s.get("/staged-files?status=fresh").ok(200).json().want(t, obj{"total_count": 0})
}
