package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// uploader is freshet upload with a cache of its own.
func (s *server) uploader(cache string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	s.t.Helper()
	cmd := command([]string{"XDG_CACHE_HOME=" + cache, "FRESHET_SERVER=" + s.url("")}, append([]string{"upload", "--part-size", fmt.Sprint(partSize>>20, "MiB")}, args...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

// arrived waits until some of the only upload is safe, and gives how many bytes.
func (s *server) arrived(least float64) (id string) {
	s.t.Helper()
	s.until("parts are safe", func() bool {
		for _, f := range s.get("/staged-files?status=uploading").ok(200).json().list("files") {
			p := s.get("/upload-progress/" + f.str("file_id")).ok(200).json()
			if id = f.str("file_id"); p.num("bytes_received") >= least && p.num("progress") > 0 {
				return true
			}
		}
		return false
	})
	return id
}

// TestUploadGoesOn: the command, killed or interrupted, goes on with the same
// upload when it is run again; it refuses a file that changed.
func TestUploadGoesOn(t *testing.T) {
	t.Parallel()
	s := start(t)
	dir, cache := t.TempDir(), t.TempDir()
	rate := fmt.Sprint(4*partSize>>20, "MiB")
	b := jsonLines(12*partSize, "resume")
	path := filepath.Join(dir, "a name; with 'quotes.jsonl")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, _ := s.uploader(cache, "--limit-rate", rate, path)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	id := s.arrived(2 * float64(partSize))
	cmd.Process.Kill()
	cmd.Wait()
	before := s.get("/upload-progress/" + id).ok(200).json().num("bytes_received")

	cmd, out := s.uploader(cache, "--limit-rate", rate, path)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if again := s.arrived(before + float64(partSize)); again != id {
		t.Errorf("it began a new upload")
	}
	cmd.Process.Signal(syscall.SIGINT)
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Errorf("interrupted: %v", err)
	}
	if want := fmt.Sprintf("to go on where it stopped: freshet upload --part-size %dMiB --limit-rate %s '", partSize>>20, rate); !strings.Contains(out.String(), want) || !strings.Contains(out.String(), `with '\''quotes.jsonl'`) {
		t.Errorf("it does not say how to go on: %s", out)
	}

	// changed meanwhile: in what was sent, not in size or time
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(b)
	changed[100] = 'Z'
	if err := errors.Join(os.WriteFile(path, changed, 0o600), os.Chtimes(path, info.ModTime(), info.ModTime())); err != nil {
		t.Fatal(err)
	}
	cmd, out = s.uploader(cache, path)
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(out.String(), "the file changed since its upload began") {
		t.Errorf("a changed file: %v, %s", err, out)
	}
	if err := errors.Join(os.WriteFile(path, b, 0o600), os.Chtimes(path, info.ModTime(), info.ModTime())); err != nil {
		t.Fatal(err)
	}

	// the server is killed in the middle of the rest
	cmd, out = s.uploader(cache, "--limit-rate", rate, path)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.arrived(7 * float64(partSize))
	s.kill()
	s.relaunch()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f := s.info(id)
	f.want(t, obj{"status": "fresh", "file_size": len(b)})
	if got := s.get("/download-file/" + id).ok(200).body; !bytes.Equal(got, b) {
		t.Error("the file has other bytes")
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "freshet", "uploads", "*")); len(left) > 0 {
		t.Errorf("it remembers what is done: %v", left)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("there is something beside the user's file: %v", left)
	}
}

// TestUploadAfterItsEnd: the command was killed once its upload was complete. Run
// again it has the answer, or, where the file is another by now, sends that.
func TestUploadAfterItsEnd(t *testing.T) {
	s := start(t)
	cache, path := t.TempDir(), filepath.Join(t.TempDir(), "f.jsonl")
	send := func(content string) string {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd, out := s.uploader(cache, "--json", path)
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		var got obj
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		return got.str("file_id")
	}
	// what it remembers until the end
	u := s.begin("f.jsonl", len(good(9, "a")), "").ok(201).json()
	s.put(u.str("upload_id"), 1, []byte(good(9, "a"))).ok(200)
	s.post("/uploads/"+u.str("upload_id")+"/complete", "").ok(200)
	if err := os.WriteFile(path, []byte(good(9, "a")), 0o600); err != nil {
		t.Fatal(err)
	}
	remember := func() {
		t.Helper()
		sessions, _ := filepath.Glob(filepath.Join(cache, "freshet", "uploads", "*.json"))
		if len(sessions) > 0 {
			t.Fatal("a session is left")
		}
		// a first run that is stopped leaves one, which is then pointed at the upload that is complete
		big := jsonLines(3<<20, "big")
		if err := os.WriteFile(path, big, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd, _ := s.uploader(cache, "--limit-rate", "1MiB", path)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		s.until("it remembers", func() bool {
			sessions, _ = filepath.Glob(filepath.Join(cache, "freshet", "uploads", "*.json"))
			return len(sessions) == 1
		})
		cmd.Process.Kill()
		cmd.Wait()
		b, err := os.ReadFile(sessions[0])
		if err != nil {
			t.Fatal(err)
		}
		var v obj
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatal(err)
		}
		b = bytes.ReplaceAll(b, []byte(v.str("upload_id")), []byte(u.str("upload_id")))
		if err := os.WriteFile(sessions[0], b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	remember()
	if id := send(good(9, "a")); id != u.str("file_id") {
		t.Errorf("the same file has another answer: %s", id)
	}
	remember()
	other := send(good(9, "b")) // as long as the other
	if other == u.str("file_id") {
		t.Error("another file of the same size was taken for the one that is complete")
	}
	if got := string(s.get("/download-file/" + other).ok(200).body); got != good(9, "b") {
		t.Error("its bytes are others")
	}
}

// TestUploadStopsAtFatalFinding: under fail_fast nothing more is sent.
func TestUploadStopsAtFatalFinding(t *testing.T) {
	s := start(t)
	dir := t.TempDir()
	b := append([]byte("{broken\n"), jsonLines(40<<20, "fatal")...)
	path, rules := filepath.Join(dir, "f.jsonl"), filepath.Join(dir, "rules.json")
	if err := errors.Join(os.WriteFile(path, b, 0o600), os.WriteFile(rules, []byte(`{"fail_fast": true}`), 0o600)); err != nil {
		t.Fatal(err)
	}
	cmd, out := s.uploader(t.TempDir(), "--limit-rate", "8MiB", "--rules", rules, path)
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 3 || !strings.Contains(out.String(), "line 1, column 2: json-syntax") {
		t.Fatalf("%v: %s", err, out)
	}
	f := s.get("/staged-files?status=failed").ok(200).json().list("files")[0]
	f.want(t, obj{"verdict": "failed", "failure_kind": "upload"})
	s.until("its bytes are gone", func() bool { return len(s.files(".parts")) == 0 })
}
