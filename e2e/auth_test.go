package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// makeKey makes a key beside the running server.
func (s *server) makeKey(name string) (id, secret string) {
	s.t.Helper()
	out, err := s.command("keys", "create", name, "--json").Output()
	if err != nil {
		s.t.Fatal(err)
	}
	var k struct{ ID, Key string }
	if err := json.Unmarshal(out, &k); err != nil || len(k.Key) < 32 {
		s.t.Fatalf("keys create printed %q", out)
	}
	return k.ID, k.Key
}

// Without keys only this machine is answered, so that no web page can reach the
// server: neither through a name of its own nor from another origin.
func TestWithoutKeys(t *testing.T) {
	s := start(t)
	port := s.addr[strings.LastIndexByte(s.addr, ':'):]
	body := form(file("a.jsonl", good(2, "origin")))
	for _, c := range []struct {
		name, method, path string
		headers            []string
		status             int
		code               string
	}{
		{"this address", "GET", "/staged-files", nil, 200, ""},
		{"localhost", "GET", "/staged-files", []string{"Host", "localhost" + port}, 200, ""},
		{"IPv6 loopback", "GET", "/staged-files", []string{"Host", "[::1]" + port}, 200, ""},
		{"a name that leads here", "GET", "/staged-files", []string{"Host", "evil.example.com"}, 403, "host-not-allowed"},
		{"that begins like loopback", "GET", "/staged-files", []string{"Host", "127.0.0.1.evil.example.com" + port}, 403, "host-not-allowed"},
		{"localhost below another domain", "GET", "/staged-files", []string{"Host", "localhost.evil.example.com"}, 403, "host-not-allowed"},
		{"another machine's address", "GET", "/staged-files", []string{"Host", "10.0.0.1" + port}, 403, "host-not-allowed"},
		{"no name at all", "GET", "/metrics", []string{"Host", "evil.example.com"}, 403, "host-not-allowed"},
		{"passed on by a proxy", "GET", "/staged-files", []string{"X-Forwarded-For", "203.0.113.9"}, 403, "source-not-allowed"},
		{"by one that does not say for whom", "GET", "/staged-files", []string{"Via", "1.1 proxy"}, 403, "source-not-allowed"},
		{"write from another origin", "POST", "/upload-large-file", []string{"Origin", "https://evil.example.com"}, 403, "cross-origin"},
		{"write from no origin", "POST", "/upload-large-file", []string{"Origin", "null"}, 403, "cross-origin"},
		{"write from another port", "POST", "/upload-large-file", []string{"Origin", "http://127.0.0.1:1"}, 403, "cross-origin"},
		{"write across sites", "POST", "/upload-large-file", []string{"Sec-Fetch-Site", "cross-site"}, 403, "cross-origin"},
		{"deletion across sites", "DELETE", "/cleanup-failed-uploads?hours_old=0", []string{"Sec-Fetch-Site", "cross-site"}, 403, "cross-origin"},
		{"write from this origin", "POST", "/upload-large-file", []string{"Origin", "http://" + s.addr, "Sec-Fetch-Site", "same-origin"}, 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			b := ""
			if c.method == "POST" {
				b = body
			}
			a := s.do(c.method, api+c.path, b, append(c.headers, "Content-Type", formType)...)
			if c.status != 200 {
				a.problem(c.status, c.code)
			}
			a.ok(c.status)
			if got := a.header.Get("Access-Control-Allow-Origin"); got != "" {
				t.Errorf("Access-Control-Allow-Origin %q", got)
			}
		})
	}
}

// From the first key on every request needs one, without a restart.
func TestKeys(t *testing.T) {
	s := start(t)
	s.get("/staged-files").ok(200)
	id, secret := s.makeKey("first")
	_, other := s.makeKey("other")
	denied := func(what, authorization string) {
		t.Helper()
		for _, r := range append(routes, "GET /openapi.json", "GET /docs/", "GET /nothing", "GET /assets/", "POST /files/x") {
			method, path, _ := strings.Cut(r, " ")
			if path == "/livez" || path == "/readyz" || path == api+"/session" { // see TestSession
				continue
			}
			headers := []string{}
			if authorization != "" {
				headers = append(headers, "Authorization", authorization)
			}
			a := s.do(method, strings.Replace(path, "{file_id}", newID(), 1), "", headers...)
			if (a.status == 429 || a.status == 503) && a.json().str("code") == "too-many-failures" || a.status == 423 {
				continue // as it is from some time on, see TestFailedSignIns
			}
			if a.status != 401 {
				t.Errorf("%s: %s answers %d", what, r, a.status)
				continue
			}
			if method != "HEAD" { // which has no body
				a.problem(401, "")
			}
			if got := a.header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") {
				t.Errorf("%s: WWW-Authenticate %q", r, got)
			}
		}
	}
	denied("no key", "")
	denied("wrong key", "Bearer "+secret[:len(secret)-1]+"x")
	denied("empty key", "Bearer ")
	denied("other scheme", "Basic "+secret)
	s.do("GET", "/livez", "").ok(200)
	s.do("GET", "/readyz", "").ok(200)

	s.key = secret
	s.get("/staged-files").ok(200)
	s.do("GET", api+"/staged-files", "", "Host", "freshet.example.com").ok(200) // a key stands for the name
	f := s.upload(file("a.jsonl", good(2, "keys"))).ok(200).json().str("file_id")
	if by := s.info(f).str("created_by"); !strings.Contains(by, id) || strings.Contains(by, secret) {
		t.Errorf("created_by is %q", by)
	}
	if out, err := s.command("keys", "revoke", id).CombinedOutput(); err != nil {
		t.Fatalf("revoke: %v: %s", err, out)
	}
	s.key = ""
	denied("revoked key", "Bearer "+secret)
	s.key = other
	s.get("/staged-files").ok(200)
	s.noSecrets(secret, other)
}

// noSecrets fails if the log, or a file of the data directory, tells a secret.
func (s *server) noSecrets(secrets ...string) {
	s.t.Helper()
	for _, secret := range secrets {
		if strings.Contains(s.log.String(), secret) {
			s.t.Errorf("the log tells the secret %s", secret)
		}
	}
}

// Once the last key is revoked the server does not open up again.
func TestLastKeyRevoked(t *testing.T) {
	s := start(t)
	id, _ := s.makeKey("only")
	if out, err := s.command("keys", "revoke", id).CombinedOutput(); err != nil {
		t.Fatalf("revoke: %v: %s", err, out)
	}
	s.get("/staged-files").problem(401, "")
}

// A container knows its key from the start, and may listen to all the world.
func TestBootstrapKey(t *testing.T) {
	secret := "bootstrap-" + newID()
	s := startIn(t, t.TempDir(), []string{"FRESHET_BOOTSTRAP_KEY=" + secret, "FRESHET_WEBHOOK_SECRET=whs-" + secret}, "--listen", "0.0.0.0:0", "--behind-proxy", "none")
	s.get("/staged-files").problem(401, "")
	s.do("GET", api+"/staged-files?key="+secret, "").problem(401, "")
	s.key = secret
	s.get("/staged-files").ok(200)
	s.restart() // the same key again is no fault
	s.get("/staged-files").ok(200)
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.noSecrets("whs-" + secret)
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, secret) {
			t.Errorf("the log tells the key: %s", line)
		}
	}
}

// A front end elsewhere may use the API if its origin is listed exactly.
func TestCORS(t *testing.T) {
	const app = "https://app.example.com"
	s := start(t, "--cors-origin", app)
	body := form(file("a.jsonl", good(2, "cors")))
	for _, c := range []struct {
		name, origin string
		allowed      bool
	}{
		{"listed", app, true}, {"other", "https://evil.example.com", false}, {"other scheme", "http://app.example.com", false},
		{"other port", app + ":8443", false}, {"longer", app + ".evil.com", false}, {"null", "null", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			want := ""
			if c.allowed {
				want = app
			}
			check := func(a answer) answer {
				t.Helper()
				if got := a.header.Get("Access-Control-Allow-Origin"); got != want {
					t.Errorf("%s: Access-Control-Allow-Origin %q, want %q", a.what, got, want)
				}
				if !strings.Contains(strings.Join(a.header.Values("Vary"), ","), "Origin") {
					t.Errorf("%s: no Vary: Origin", a.what)
				}
				return a
			}
			pre := check(s.do("OPTIONS", api+"/upload-large-file", "", "Origin", c.origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,x-file-id"))
			if c.allowed {
				pre.ok(204)
				if !strings.Contains(pre.header.Get("Access-Control-Allow-Methods"), "POST") || !strings.Contains(strings.ToLower(pre.header.Get("Access-Control-Allow-Headers")), "x-file-id") {
					t.Errorf("the preflight allows %v", pre.header)
				}
			} else if pre.status < 400 {
				t.Errorf("the preflight answers %d", pre.status)
			}
			up := check(s.do("POST", api+"/upload-large-file", body, "Content-Type", formType, "Origin", c.origin, "Sec-Fetch-Site", "cross-site"))
			if c.allowed {
				up.ok(200)
			} else {
				up.problem(403, "cross-origin")
			}
			check(s.do("GET", api+"/file-info/"+newID(), "", "Origin", c.origin)).ok(404)
		})
	}
}
