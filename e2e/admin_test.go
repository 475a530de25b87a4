package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// admin is the server's other address.
func (s *server) admin() *server {
	s.t.Helper()
	other := *s
	for line := range strings.Lines(s.log.String()) {
		var v struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &v) == nil && v.Msg == "admin" {
			other.addr = strings.Replace(v.Address, "[::]", "127.0.0.1", 1)
			return &other
		}
	}
	s.t.Fatalf("the log names no admin address:\n%s", s.log)
	return nil
}

var profiles = []string{"/debug/pprof/", "/debug/pprof/heap?debug=1", "/debug/pprof/goroutine?debug=1", "/debug/pprof/symbol"}

// Metrics and profiles are at the admin address, which is for programs of this
// machine, and at no other.
func TestAdminAddress(t *testing.T) {
	onDisk(t)
	s := start(t, "--admin-listen", "127.0.0.1:0", "--webhook-secret", "sesame-of-a-flag")
	a := s.admin()
	_, key := s.makeKey("laptop") // which the address does not ask for
	if m := string(a.do("GET", "/metrics", "").ok(200).body); !strings.Contains(m, "freshet_connections ") {
		t.Errorf("the metrics are %.300s", m)
	}
	for _, path := range profiles {
		a.do("GET", path, "").ok(200)
	}
	if c := a.do("GET", "/debug/pprof/cmdline", ""); c.status != 404 || strings.Contains(string(c.body), "sesame") {
		t.Errorf("the command line: %d %s", c.status, c.body)
	}
	for _, headers := range [][]string{{"Host", "evil.example.com"}, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example.com"}} {
		a.do("GET", "/metrics", "", headers...).problem(403, "host-not-allowed")
		a.do("GET", "/debug/pprof/heap", "", headers...).problem(403, "host-not-allowed")
	}
	a.do("TRACE", "/metrics", "").problem(405, "method-not-allowed")
	a.do("GET", api+"/staged-files", "", "Authorization", "Bearer "+key).problem(404, "unknown-route")
	s.key = key
	s.do("GET", "/metrics", "").problem(404, "unknown-route")
	if doc := string(s.do("GET", "/openapi.json", "").ok(200).body); strings.Contains(doc, `"/metrics"`) {
		t.Error("the document has /metrics")
	}
	s.get("/metrics").ok(200) // the guide's
}

// Without one metrics are where all else is, by key; profiles are nowhere.
func TestNoAdminAddress(t *testing.T) {
	s := start(t)
	s.do("GET", "/metrics", "").ok(200)
	for _, path := range profiles {
		s.do("GET", path, "").problem(404, "unknown-route")
	}
	_, s.key = s.makeKey("laptop")
	for _, path := range append(profiles, "/debug/vars") {
		s.do("GET", path, "").problem(404, "unknown-route")
	}
}

// Beyond loopback the admin address needs a key, and TLS or a proxy, as all does.
func TestAdminAddressBeyondLoopback(t *testing.T) {
	onDisk(t)
	key := strings.Repeat("k", 32)
	s := start(t, "--admin-listen", "0.0.0.0:0", "--behind-proxy", "none", "--bootstrap-key", key)
	a := s.admin()
	for _, path := range append(profiles, "/metrics") {
		a.do("GET", path, "").problem(401, "no-key")
		a.do("GET", path, "", "Authorization", "Bearer x").problem(401, "bad-key")
		a.do("GET", path, "", "Authorization", "Bearer "+key).ok(200)
	}
}
