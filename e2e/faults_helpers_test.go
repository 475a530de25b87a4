package e2e_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// faultyBinary is the program in which durable steps fail on demand, built once.
var faultyBinary = sync.OnceValue(func() string {
	to := binary + "-faults"
	args := []string{"build", "-tags", "faults", "-o", to}
	if os.Getenv("FRESHET_RACE") == "1" {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "../cmd/freshet")...)
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		panic(err)
	}
	return to
})

// faulty is a server in which one step is to fail, and a client that lives
// through it: after each failure it asks what is safe, and goes on from there.
type faulty struct {
	*server
	order string // the file that says what is to fail
	data  string // what is sent
	safe  func() // asks where the upload stands, and compares that with what was acknowledged
	tries int    // that failed
}

// startFaulty starts a server on a copy of a data directory.
func startFaulty(t *testing.T, like, data string, env ...string) *faulty {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "data"), os.DirFS(like)); err != nil {
		t.Fatal(err)
	}
	order := filepath.Join(dir, "order")
	s := startIn(t, filepath.Join(dir, "data"), append(env, "FRESHET_FAULTS="+order))
	return &faulty{server: s, order: order, data: data, safe: func() {}}
}

func (f *faulty) arm(order string) {
	f.t.Helper()
	if err := os.WriteFile(f.order, []byte(order), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *faulty) disarm() {
	f.t.Helper()
	if err := os.Remove(f.order); err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.t.Fatal(err)
	}
}

// ask makes a request and gives its answer, false where none came or it says to
// try again: then the server is there, and has all that it had acknowledged.
func (f *faulty) ask(method, path, body string, headers ...string) (answer, bool) {
	f.t.Helper()
	a, err := f.try(method, path, body, headers...)
	// taken over: the server goes on with what it found at its start
	if err == nil && a.status < 500 && !(a.status == 409 && a.json().str("code") == "taken-over") {
		return a, true
	}
	if err == nil {
		a.problem(a.status, "")
		f.t.Logf("%s: %d %s", a.what, a.status, a.json().str("code"))
	} else {
		select {
		case <-f.over:
		case <-time.After(patience):
			f.t.Fatalf("the server lives and does not answer: %v", err)
		}
		f.t.Logf("%s %s: the server is gone", method, path)
	}
	if f.tries++; f.tries > 5 {
		f.t.Fatal("it goes on failing")
	}
	f.wantWhole()
	if err != nil {
		f.disarm()
		f.launch()
	}
	f.safe()
	return a, false
}

func (f *faulty) try(method, path, body string, headers ...string) (answer, error) {
	f.t.Helper()
	r := f.request(method, path, strings.NewReader(body), headers...)
	resp, err := plain.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return answer{f.t, method + " " + path, resp.StatusCode, resp.Header, b}, err
}

// insist asks until there is an answer.
func (f *faulty) insist(status int, method, path, body string, headers ...string) answer {
	f.t.Helper()
	for {
		if a, ok := f.ask(method, path, body, headers...); ok {
			return a.ok(status)
		}
	}
}

// wantWhole fails if anything is visible as fresh that is not all of the file.
func (f *faulty) wantWhole() {
	f.t.Helper()
	for _, key := range f.files("training-data/fresh") {
		b, err := f.content(key)
		if err != nil || string(b) != f.data {
			f.t.Errorf("%s has %d bytes, not the %d that were sent: %v", key, len(b), len(f.data), err)
		}
	}
}

// restartForSweeps stops the server, makes all that lies about old enough for a
// sweep to take it, and starts a server that sweeps at once.
func (s *server) restartForSweeps() {
	s.t.Helper()
	if code := s.stop(); code != 0 {
		s.t.Errorf("exit code %d", code)
	}
	old := time.Now().Add(-2 * time.Hour)
	for _, key := range slices.Concat(s.files(".parts"), s.files("training-data"), s.files("checks")) {
		if err := os.Chtimes(s.stored(key), old, old); err != nil {
			s.t.Fatal(err)
		}
	}
	s.inCatalog("DELETE FROM river_leader")
	s.args = append(s.args, "--sweep-every", "1s", "--stall-timeout", "100ms")
	s.launch()
}

// inCatalog changes the catalog of a server that is stopped. Periodic jobs are
// run by whom river_leader names, for up to 15 s after it was killed.
func (s *server) inCatalog(query string) {
	s.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(s.dir, "catalog.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = db.Exec(query)
	if err := errors.Join(err, db.Close()); err != nil {
		s.t.Fatal(err)
	}
}

// wantNoRubbish waits until clean-ups have left nothing but so many files, and
// so many objects of their checks.
func (s *server) wantNoRubbish(files, checks int) {
	s.t.Helper()
	var left []string
	for end := time.Now().Add(patience / 2); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		s.do(http.MethodDelete, api+"/cleanup-failed-uploads?hours_old=0", "").ok(200)
		left = slices.Concat(s.files(".parts"), s.files("training-data/uploads"))
		if found := s.files("checks"); len(found) != checks {
			left = append(left, found...)
		}
		if n := s.get("/staged-files").ok(200).json().num("total_count"); n != float64(files) {
			left = append(left, fmt.Sprintf("%v rows of files, not %d", n, files))
		}
		if len(left) == 0 {
			return
		}
	}
	s.t.Errorf("rubbish that no sweep takes: %v", left)
}
