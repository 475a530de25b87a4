package e2e_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// A key or a token that somebody pasted into an address is in no log, no answer
// and no row, whatever way it is written there.
func TestPastedKey(t *testing.T) {
	s := start(t, "--log-format", "json", "--behind-proxy", "127.0.0.1", "--bootstrap-key", strings.Repeat("k", 32))
	_, admin := s.makeKey("root")
	s.key = admin
	viewer := s.post("/keys", `{"name":"v","roles":{"default":"viewer"}}`).ok(201).json().str("key")
	s.key = ""
	session := s.post("/session", `{"key":"`+admin+`"}`).ok(200).cookie().Value
	token := "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLWFkYQ"
	from := 0 // of its own each time, so that each has a row
	for name, secret := range map[string]struct{ whole, part string }{
		"key": {admin, admin[20:70]}, "another's": {viewer, viewer[20:70]}, "session": {session, session}, "token": {token, token[21:40]},
	} {
		under := url.PathEscape(strings.ReplaceAll(secret.whole, "_", "%5F"))
		for _, written := range []string{secret.whole, strings.ReplaceAll(secret.whole, "_", "%5F"), strings.ReplaceAll(secret.whole, "_", "%5f"), fmt.Sprintf("%%%02x", secret.whole[0]) + secret.whole[1:], under} {
			from++
			for _, path := range []string{api + "/file-info/", api + "/keys/", api + "/projects/", api + "/rule-sets/", "/", api + "/tus/", api + "/no-such/"} {
				for _, as := range []string{"", viewer, admin} {
					for _, method := range []string{"GET", "DELETE"} {
						s.key = as
						a := s.do(method, path+written, "", "Tus-Resumable", "1.0.0", "X-Forwarded-For", fmt.Sprint("198.51.100.", from))
						if a.status < 400 {
							t.Fatalf("%s %s answers %d", method, path, a.status)
						}
						if text := string(a.body); strings.Contains(text, secret.part) && (name != "session" || strings.Contains(a.json().str("instance"), secret.part)) {
							t.Errorf("%s: %s %s answers %s", name, method, path+written, text)
						}
					}
				}
			}
		}
		s.key = viewer
		s.do("GET", api+"/staged-files", "", "X-Project", secret.whole).problem(404, "unknown-project")
		s.noSecrets(secret.part)
	}
	s.key = admin
	log := string(s.get("/audit-log?format=ndjson").ok(200).body)
	if !strings.Contains(log, "/file-info/fsh_[secret]") || !strings.Contains(log, "/file-info/[token]") || !strings.Contains(log, "/file-info/[secret]") {
		t.Error("the log does not say what was there")
	}
	for name, secret := range map[string]string{"key": admin[20:70], "another's": viewer[20:70], "session": session, "token": token[21:40]} {
		if i := strings.Index(log, secret); i >= 0 {
			t.Errorf("the log has the %s: %s", name, log[max(0, i-300):i+100])
		}
	}
}
