package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// browserPath finds the browser that scripts/test-deps.sh installs, or another.
func browserPath(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	t.Fatal("no Chromium; scripts/test-deps.sh installs it")
	return ""
}

// pageOfUppy serves the page that sends files, from an origin of its own.
func pageOfUppy(t *testing.T) *httptest.Server {
	t.Helper()
	bundle := exec.Command(filepath.Join("node_modules", ".bin", "esbuild"), "page.mjs", "--bundle", "--format=esm", "--log-level=warning")
	bundle.Dir = "clients"
	bundle.Stderr = os.Stderr
	script, err := bundle.Output()
	if err != nil {
		t.Fatalf("esbuild: %v; scripts/test-deps.sh installs it", err)
	}
	html, err := os.ReadFile(filepath.Join("clients", "page.html"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join("clients", "page.mjs")); err != nil { // looked at, as runNode does
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(html)
	})
	mux.HandleFunc("GET /page.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Write(script)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// visit is a person's way through the page: a file is sent, the page is reloaded
// in the middle, and the file is chosen again.
type visit struct {
	Address string `json:"address"`
	File    string `json:"file"`

	name   string
	query  string
	safe   int64 // what is to be safe before the reload, at least
	sample sample
	gate   *gate
	id     string // of the upload, before the reload
	offset int64  // where it stood then
}

// The page is of another origin, and goes on where the server says.
func TestUppyGoesOnAfterReload(t *testing.T) {
	t.Parallel()
	page := pageOfUppy(t)
	s := start(t, "--cors-origin", page.URL)
	visits := []*visit{
		{name: "one request, as Uppy does unless told", safe: 1},
		{name: "chunks", query: fmt.Sprint("&chunk=", mib), safe: 3 * mib},
	}
	for _, v := range visits {
		v.sample = newSample(t, 8*mib, "uppy "+v.name)
		v.gate = newGate(t, s, 3*mib+512*kib)
		v.File = v.sample.path
		v.Address = page.URL + "/" + query("endpoint", v.gate.URL+tusAt) + v.query
	}
	all := runNode(t, "browser.mjs", obj{"browser": browserPath(t), "visits": visits}, func(line said, answer io.Writer) {
		v := visits[line.Visit]
		switch line.Step {
		case "sending":
			v.half(s)
		case "reloaded":
			v.gate.cut()
		default:
			v.wantRest(s, line.Done)
			return
		}
		fmt.Fprintln(answer)
	})
	if got := all[len(all)-1]; got.Visit != len(visits)-1 || got.Done == "" {
		t.Errorf("the last that was said is %+v", got)
	}
}

// half waits until half of the file is on its way, and safe.
func (v *visit) half(s *server) {
	s.t.Helper()
	select {
	case <-v.gate.held:
	case <-time.After(3 * patience):
		s.t.Fatalf("%s: the page does not send", v.name)
	}
	upload, created, _, _ := v.gate.since()
	if v.id = path.Base(upload); created != 1 {
		s.t.Errorf("%s: %d uploads were created, want 1", v.name, created)
	}
	s.until("what came is safe", func() bool { v.offset = s.standing(v.id); return v.offset >= v.safe })
}

// wantRest fails unless what was not safe was sent, nothing else, and the file is whole.
func (v *visit) wantRest(s *server, done string) {
	s.t.Helper()
	s.wantSent(v.sample, done)
	_, created, from, passed := v.gate.since()
	if path.Base(done) != v.id || created != 0 || !strings.HasPrefix(done, v.gate.URL) {
		s.t.Errorf("%s: the page sent %s and created %d more, want it to go on with %s", v.name, done, created, v.id)
	}
	if from < v.offset || passed != v.sample.size-from {
		s.t.Errorf("%s: after the reload %d bytes were sent from %d on, of %d; %d were safe", v.name, passed, from, v.sample.size, v.offset)
	}
}
