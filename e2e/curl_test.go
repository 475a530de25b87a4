package e2e_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// curl gives a command that leaves the heads of its answers in a file.
func (s *server) curl(ctx context.Context, stdin io.Reader, args ...string) (c *exec.Cmd, heads string) {
	s.t.Helper()
	heads = filepath.Join(s.t.TempDir(), "heads")
	c = exec.CommandContext(ctx, "curl", append([]string{"-sS", "--noproxy", "*", "-D", heads}, args...)...)
	c.Stdin = stdin
	return c, heads
}

// ran runs curl to its end. The header is of the last answer; all holds every
// head, also of the ones in between.
func (s *server) ran(stdin io.Reader, args ...string) (a answer, all string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), clientTime)
	defer cancel()
	c, file := s.curl(ctx, stdin, args...)
	var complaints bytes.Buffer
	c.Stderr = &complaints
	out, err := c.Output()
	if err != nil {
		s.t.Fatalf("curl: %v\n%s", err, &complaints)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	a = answer{s.t, "curl " + strings.Join(args, " "), 0, http.Header{}, out}
	all = strings.ReplaceAll(string(b), "\r\n", "\n")
	heads := strings.Split(strings.TrimSpace(all), "\n\n")
	for i, line := range strings.Split(heads[len(heads)-1], "\n") {
		if i == 0 {
			if _, err := fmt.Sscanf(line, "HTTP/1.1 %d", &a.status); err != nil {
				s.t.Fatalf("%s: the answer begins with %q", a.what, line)
			}
			continue
		}
		name, value, _ := strings.Cut(line, ": ")
		a.header.Add(name, value)
	}
	return a, all
}

// from opens a sample's bytes from an offset to its end, or to another.
func (f sample) from(t *testing.T, offset, end int64) io.Reader {
	t.Helper()
	in, err := os.Open(f.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return io.NewSectionReader(in, offset, end-offset)
}

// The README's first lines.
func TestCurlForm(t *testing.T) {
	s := start(t)
	f := newSample(t, 4*mib, "curl form")
	a, _ := s.ran(nil, "-X", "POST", s.url(api+"/upload-large-file"), "-F", "file=@"+f.path, "-F", "data_type=custom", "-F", "description=Large training dataset")
	u := a.ok(200).json()
	u.want(t, obj{"status": "success", "file_hash": f.hash, "file_size": int(f.size), "file_status": "fresh"})
	s.info(u.str("file_id")).want(t, obj{"status": "fresh", "original_name": f.name, "file_hash": f.hash})
	a, _ = s.ran(nil, s.url(api+"/upload-progress/"+u.str("file_id")))
	a.ok(200).json().want(t, obj{"status": "fresh", "progress": 100})
}

// A PATCH of tus that dies with its curl, and another that goes on from there.
func TestCurlTusCut(t *testing.T) {
	s := start(t)
	f := newSample(t, 8*mib, "curl tus")
	tus := []string{"-H", "Tus-Resumable: 1.0.0"}
	a, _ := s.ran(nil, append(tus, "-X", "POST", s.url(tusAt), "-H", fmt.Sprint("Upload-Length: ", f.size), "-H", "Upload-Metadata: filename "+base64.StdEncoding.EncodeToString([]byte(f.name)))...)
	at, id := s.url(a.ok(201).header.Get("Location")), a.header.Get("X-File-Id")
	patch := append(tus, "-X", "PATCH", at, "-H", "Content-Type: application/offset+octet-stream")

	ctx, die := context.WithTimeout(t.Context(), clientTime)
	defer die()
	c, _ := s.curl(ctx, nil, append(patch, "-H", "Upload-Offset: 0", "--limit-rate", "2M", "-T", f.path)...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	s.until("some of it is here", func() bool { return s.get("/upload-progress/"+id).ok(200).json().num("bytes_received") > 256*kib })
	die()
	if err := c.Wait(); err == nil {
		t.Fatal("curl was done before it was killed")
	}

	var offset int64
	s.until("what came is safe", func() bool {
		a, _ := s.ran(nil, append(tus, "--head", at)...)
		offset, _ = strconv.ParseInt(a.ok(200).header.Get("Upload-Offset"), 10, 64)
		return offset > 0
	})
	if offset >= f.size {
		t.Fatalf("the upload stands at %d of %d, nothing was cut", offset, f.size)
	}
	t.Logf("cut at %d of %d", offset, f.size)
	rest := func() answer {
		a, _ := s.ran(f.from(t, offset, f.size), append(patch, "-H", fmt.Sprint("Upload-Offset: ", offset), "--data-binary", "@-")...)
		return a
	}
	a = rest()
	if a.status == http.StatusConflict { // more of it was written down after the HEAD
		offset, _ = strconv.ParseInt(a.header.Get("Upload-Offset"), 10, 64)
		a = rest()
	}
	a.ok(204)
	if got := a.header.Get("Upload-Offset"); got != fmt.Sprint(f.size) {
		t.Errorf("Upload-Offset %q, want %d", got, f.size)
	}
	s.wantSent(f, at)
}

// The IETF's draft: whole at once, and in two requests.
func TestCurlDraft(t *testing.T) {
	s := start(t)
	draft := []string{"-H", "Upload-Draft-Interop-Version: 8"}
	create := func(f sample, complete string, stdin io.Reader, how ...string) (answer, string) {
		t.Helper()
		args := append(draft, "-X", "POST", s.url(tusAt), "-H", "Upload-Complete: "+complete, "-H", "Content-Type: application/octet-stream", "-H", fmt.Sprintf("Content-Disposition: attachment; filename=%q", f.name))
		return s.ran(stdin, append(args, how...)...)
	}

	t.Run("at once", func(t *testing.T) {
		s.t = t
		f := newSample(t, 4*mib, "curl draft whole")
		a, all := create(f, "?1", nil, "-T", f.path)
		at := a.ok(201).header.Get("Location")
		a.json().want(t, obj{"file_hash": f.hash, "file_status": "fresh"})
		if a.header.Get("Upload-Complete") != "?1" || !strings.Contains(all, "HTTP/1.1 104") || strings.Count(strings.ToLower(all), "location: "+at) < 2 {
			t.Errorf("no 104 told of %s before the end:\n%s", at, all)
		}
		s.wantSent(f, at)
	})

	t.Run("in two requests", func(t *testing.T) {
		s.t = t
		f := newSample(t, 4*mib, "curl draft halves")
		a, _ := create(f, "?0", f.from(t, 0, f.size/2), "--data-binary", "@-")
		if got := a.ok(201).header.Get("Upload-Complete"); got != "?0" {
			t.Errorf("Upload-Complete %q of half an upload", got)
		}
		at := s.url(path.Join(tusAt, path.Base(a.header.Get("Location"))))
		a, _ = s.ran(nil, append(draft, "--head", at)...)
		if got := a.ok(204).header.Get("Upload-Offset"); got != fmt.Sprint(f.size/2) {
			t.Fatalf("Upload-Offset %q, want %d", got, f.size/2)
		}
		a, _ = s.ran(f.from(t, f.size/2, f.size), append(draft, "-X", "PATCH", at, "-H", "Content-Type: application/partial-upload", "-H", "Upload-Complete: ?1", "-H", fmt.Sprint("Upload-Offset: ", f.size/2), "--data-binary", "@-")...)
		a.ok(200).json().want(t, obj{"file_hash": f.hash, "file_status": "fresh"})
		s.wantSent(f, at)
	})
}
