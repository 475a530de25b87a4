package e2e_test

import (
	"os/exec"
	"strings"
	"testing"
)

// Whatever the server answers, a browser is told the same of it: not to guess
// its type, not to frame it, to run nothing in it that is not the server's own.
func TestHeadersOfEveryAnswer(t *testing.T) {
	s := start(t)
	hostile := s.upload(file(`<script>alert(1)<!--.html`, `{"text":"<script>alert(1)</script>"}`+"\n")).ok(200).json().str("file_id")
	check := func(a answer, page bool) {
		t.Helper()
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security": "", "Access-Control-Allow-Origin": "", "Server": "", "X-Powered-By": ""} {
			if got := a.header.Values(name); len(got) > 1 || a.header.Get(name) != want {
				t.Errorf("%s: %s %q, want %q", a.what, name, got, want)
			}
		}
		if kind := a.header.Get("Content-Type"); len(a.body) > 0 && (kind == "" || strings.HasPrefix(kind, "text/") && !strings.Contains(kind, "charset=utf-8")) {
			t.Errorf("%s: Content-Type %q", a.what, kind)
		}
		policy := a.header.Values("Content-Security-Policy")
		if len(policy) != 1 || !strings.HasPrefix(policy[0], "default-src 'none'") || !strings.Contains(policy[0], "frame-ancestors 'none'") || !strings.Contains(policy[0], "base-uri 'none'") || strings.Contains(policy[0], "unsafe") {
			t.Errorf("%s: Content-Security-Policy %q", a.what, policy)
			return
		}
		if sandboxed := strings.HasSuffix(policy[0], "; sandbox") && !strings.Contains(policy[0], "-src 'self'"); sandboxed == page {
			t.Errorf("%s: Content-Security-Policy %q", a.what, policy)
		}
	}
	for _, path := range []string{"/", "/files", "/docs/"} {
		check(s.do("GET", path, "").ok(200), true)
	}
	for _, path := range []string{"/nothing", "/livez", "/readyz", "/metrics", "/openapi.json", api + "/health", api + "/file-info/" + newID(), api + "/nothing", api + "//health"} {
		check(s.do("GET", path, ""), false)
		check(s.do("DELETE", path, ""), false)
	}
	check(s.do("OPTIONS", api+"/tus/", "").ok(204), false)
	check(s.do("GET", "/livez", "", "X-Large", strings.Repeat("x", 65<<10)).ok(431), false)
	check(s.do("POST", api+"/session", "{}", "Sec-Fetch-Site", "cross-site").ok(403), false)
	for _, path := range []string{"/download-file/", "/clean-records/", "/rejected-records/", "/validation-findings/"} {
		a := s.get(path + hostile).ok(200)
		check(a, false)
		if path == "/validation-findings/" {
			continue
		}
		got := a.header.Get("Content-Disposition")
		if !strings.HasPrefix(got, `attachment; filename="`) || strings.ContainsAny(got, "<>") || strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %q, %q", a.what, got, a.header.Get("Content-Type"))
		}
	}
	_, key := s.makeKey("laptop")
	check(s.get("/health").ok(401), false)
	s.key = key
	for _, path := range []string{"/health", "/staged-files", "/keys"} {
		if got := s.get(path).ok(200).header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
	}
}

// The page that reads the API works under its policy: nothing it needs is refused.
func TestDocsUnderTheirPolicy(t *testing.T) {
	s := start(t)
	cmd := exec.Command(browserPath(t), "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(), "--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom", s.url("/docs/"))
	var said strings.Builder
	cmd.Stderr = &said
	page, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	if !strings.Contains(string(page), "Send a file as a form") {
		t.Errorf("the page does not list the routes: %.2000s", page)
	}
	for line := range strings.Lines(said.String()) {
		if strings.Contains(line, "Content Security Policy") {
			t.Errorf("refused: %s", line)
		}
	}
}

// No route that changes something can be used by a page of another origin, be it
// with the session of who looks at it or without keys at all; a listed origin
// may, and only that.
func TestCrossOriginWrites(t *testing.T) {
	const app = "https://app.example.com"
	for _, listed := range []bool{false, true} {
		var args []string
		if listed {
			args = []string{"--cors-origin", app}
		}
		s := start(t, args...)
		writes := 0
		for _, r := range routes {
			method, path, _ := strings.Cut(r, " ")
			if method == "GET" || method == "HEAD" || method == "OPTIONS" {
				continue
			}
			writes++
			path = strings.NewReplacer("{file_id}", newID(), "{upload_id}", newID(), "{number}", "1", "{name}", "x", "{id}", "x").Replace(path)
			for name, headers := range map[string][]string{
				"cross-site":     {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example.com"},
				"another port":   {"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:1"},
				"an old browser": {"Origin", "https://evil.example.com"},
				"no origin":      {"Origin", "null"},
				"almost listed":  {"Origin", app + ".evil.example.com", "Sec-Fetch-Site", "cross-site"},
				"as a form":      {"Origin", "https://evil.example.com", "Content-Type", "text/plain"},
				"overridden":     {"Origin", "https://evil.example.com", "X-HTTP-Method-Override", "GET"},
			} {
				a := s.do(method, path, "{}", headers...)
				a.problem(403, "cross-origin")
				if got := a.header.Get("Access-Control-Allow-Origin"); got != "" {
					t.Errorf("%s %s: Access-Control-Allow-Origin %q", r, name, got)
				}
			}
			a := s.do(method, path, "{}", "Origin", app, "Sec-Fetch-Site", "cross-site", "Content-Type", "application/json")
			forbidden := a.status == 403 && a.json().str("code") == "cross-origin"
			if forbidden == (listed && !strings.HasSuffix(path, "/session")) {
				t.Errorf("%s from the listed origin (%v): %d %.200s", r, listed, a.status, a.body)
			}
		}
		if writes < 15 {
			t.Errorf("only %d routes were tried", writes)
		}
	}
}
