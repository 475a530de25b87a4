package e2e_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	"freshet/web"
)

// consoleFiles are the files that are built into the program.
func consoleFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(web.Console, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[name], err = fs.ReadFile(web.Console, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files["index.html"]) == 0 || len(files) < 2 {
		t.Fatalf("the console has %d files", len(files))
	}
	return files
}

var safeHeaders = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; " +
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
	"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
}

// The console is there for everybody, whole, at each of its addresses; what it
// shows asks for a key.
func TestConsole(t *testing.T) {
	s := start(t)
	files := consoleFiles(t)
	for _, locked := range []bool{false, true} {
		if locked {
			s.makeKey("k")
		}
		for _, at := range []string{"/", "/files", "/files/", "/files/" + newID(), "/files/x/records", "/rules", "/activity", "/keys", "/settings", "/sign-in", "/files/%2e%2e"} {
			a := s.do("GET", at, "").ok(200)
			if !bytes.Equal(a.body, files["index.html"]) {
				t.Errorf("%s is not the console", at)
			}
			for k, want := range safeHeaders {
				if got := a.header.Get(k); got != want {
					t.Errorf("%s: %s %q, want %q", at, k, got, want)
				}
			}
			for _, what := range []string{"camera=()", "microphone=()", "geolocation=()"} {
				if !strings.Contains(a.header.Get("Permissions-Policy"), what) {
					t.Errorf("%s: Permissions-Policy %q", at, a.header.Get("Permissions-Policy"))
				}
			}
			if a.header.Get("Cache-Control") != "no-cache" || a.header.Get("Content-Type") != "text/html; charset=utf-8" || a.header.Get("ETag") == "" {
				t.Errorf("%s: the headers are %v", at, a.header)
			}
		}
	}
	s.get("/staged-files").problem(401, "no-key")
	s.do("GET", "/docs/", "").problem(401, "no-key")
	s.do("POST", "/", "").problem(401, "no-key")
}

// A person who mistypes an address is shown the console, which says so; a program
// is told by a problem.
func TestConsoleElsewhere(t *testing.T) {
	s := start(t)
	index := consoleFiles(t)["index.html"]
	defer func() { // a person who is not signed in, too
		s.makeKey("k")
		if a := s.do("GET", "/no-such-page", "", "Accept", "text/html").ok(404); !bytes.Equal(a.body, index) {
			t.Errorf("without a key it is not the console: %.200s", a.body)
		}
		s.do("GET", "/no-such-page", "").problem(401, "no-key")
	}()
	for _, at := range []string{"/no-such-page", "/file/x", "/favicon.ico", "/assets/none-12345678.js"} {
		if a := s.do("GET", at, "", "Accept", "text/html,*/*").ok(404); !bytes.Equal(a.body, index) || a.header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s is not the console: %.200s", at, a.body)
		}
		s.do("GET", at, "", "Accept", "*/*").problem(404, "unknown-route")
		s.do("POST", at, "", "Accept", "text/html").problem(404, "unknown-route")
	}
	s.do("GET", api+"/no-such-call", "", "Accept", "text/html").problem(404, "unknown-route")
}

// Every file is given as it was built; those whose names change with their
// content are kept by browsers for good, no other is.
func TestConsoleAssets(t *testing.T) {
	s := start(t)
	hashed := regexp.MustCompile(`-[A-Za-z0-9_-]{8}\.`)
	for name, body := range consoleFiles(t) {
		at := "/" + name
		if name == "index.html" {
			at = "/"
		}
		a := s.do("GET", at, "").ok(200)
		if !bytes.Equal(a.body, body) || a.header.Get("Content-Encoding") != "" {
			t.Errorf("%s is not as it was built: %d bytes of %d", name, len(a.body), len(body))
		}
		kept := a.header.Get("Cache-Control") == "public, max-age=31536000, immutable"
		if kept != strings.HasPrefix(name, "assets/") || kept && !hashed.MatchString(name) {
			t.Errorf("%s: Cache-Control %q", name, a.header.Get("Cache-Control"))
		}
		for k, want := range safeHeaders {
			if got := a.header.Get(k); got != want {
				t.Errorf("%s: %s %q, want %q", name, k, got, want)
			}
		}
		if want := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".woff2": "font/woff2", ".svg": "image/svg+xml"}[path.Ext(name)]; want != "" && a.header.Get("Content-Type") != want {
			t.Errorf("%s: Content-Type %q", name, a.header.Get("Content-Type"))
		}
		tag := a.header.Get("ETag")
		for _, match := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
			same := s.do("GET", at, "", "If-None-Match", match).ok(304)
			if len(same.body) > 0 || same.header.Get("ETag") != tag || same.header.Get("Cache-Control") != a.header.Get("Cache-Control") {
				t.Errorf("%s is the same as %s: %d bytes, %v", name, match, len(same.body), same.header)
			}
		}
		s.do("GET", at, "", "If-None-Match", `"x"`).ok(200)
		head := s.do("HEAD", at, "").ok(200)
		for _, k := range []string{"Content-Length", "Content-Type", "ETag", "Cache-Control", "Vary"} {
			if head.header.Get(k) != a.header.Get(k) {
				t.Errorf("%s: HEAD says %s %q, GET %q", name, k, head.header.Get(k), a.header.Get(k))
			}
		}
		s.wantPacked(at, body)
	}
}

// wantPacked asks for a file compressed, and has it come so where it is text and that pays.
func (s *server) wantPacked(at string, body []byte) {
	s.t.Helper()
	plainTag := s.do("GET", at, "").header.Get("ETag")
	for _, accept := range []string{"gzip", "br;q=1.0, GZIP;q=0.5", "deflate, gzip"} {
		a := s.do("GET", at, "", "Accept-Encoding", accept).ok(200)
		if a.header.Get("Content-Encoding") == "" {
			if text := regexp.MustCompile(`\.(js|css|html|svg)$`).MatchString(at); text && len(body) > 1000 {
				s.t.Errorf("%s is not compressed", at)
			}
			return
		}
		z, err := gzip.NewReader(bytes.NewReader(a.body))
		if err != nil {
			s.t.Fatal(err)
		}
		got, err := io.ReadAll(z)
		if err != nil || !bytes.Equal(got, body) || len(a.body) >= len(body) {
			s.t.Errorf("%s: %d compressed bytes of %d, %v", at, len(a.body), len(body), err)
		}
		if a.header.Get("ETag") == plainTag || !strings.Contains(a.header.Get("Vary"), "Accept-Encoding") {
			s.t.Errorf("%s: ETag %q of both forms, Vary %q", at, plainTag, a.header.Get("Vary"))
		}
		s.do("GET", at, "", "Accept-Encoding", accept, "If-None-Match", a.header.Get("ETag")).ok(304)
	}
	for _, refuse := range []string{"gzip;q=0", "identity", "xgzip", "gzip; q=0.000"} {
		if a := s.do("GET", at, "", "Accept-Encoding", refuse).ok(200); a.header.Get("Content-Encoding") != "" || !bytes.Equal(a.body, body) {
			s.t.Errorf("%s: compressed for %q", at, refuse)
		}
	}
}

// What is not the console's own is not there, however its address is written,
// and nothing leads off this server or past the key.
func TestConsoleOddPaths(t *testing.T) {
	s := start(t)
	s.upload(file("a.jsonl", good(2, "odd"))).ok(200)
	for _, path := range []string{"/assets", "/assets/", "/assets/none-12345678.js", "/index.html", "/filesx", "/rules/x", "/keys/", "/console/dist/index.html", "/favicon-none.ico", "/assets/index.html"} {
		s.do("GET", path, "").problem(404, "unknown-route")
	}
	s.do("POST", "/", "").problem(405, "method-not-allowed")
	s.makeKey("k")
	staged := api + "/staged-files"
	for _, path := range []string{"/assets/../x", "/assets/../index.html", "//assets", "//evil.example.com/x", "//evil.example.com/..", "/%2fevil.example.com", "/%2f%2fevil.example.com/", `/\evil.example.com`, "/assets/%2e%2e/%2e%2e/etc/passwd",
		"/assets/..%2f..%2fetc/passwd", "/files/.." + staged, "/files/%2e%2e" + staged, "/files//.." + staged, "//" + staged[1:], "/assets/x%00.js"} {
		t.Run(path, func(t *testing.T) {
			s.t = t
			c := s.dial() // a library would clean the path
			c.say("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, s.addr)
			a := c.answer()
			if to := a.header.Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, "://") || strings.HasPrefix(to, `/\`) {
				t.Errorf("it leads to %q", to)
			}
			if strings.Contains(string(a.body), "root:") || strings.Contains(string(a.body), "total_count") {
				t.Errorf("it shows %.200s", a.body)
			}
			if a.status >= 500 {
				t.Errorf("status %d", a.status)
			}
		})
	}
}
