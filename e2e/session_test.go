package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// cookie is what an answer has a browser keep; nil: nothing.
func (a answer) cookie() *http.Cookie {
	a.t.Helper()
	all := (&http.Response{Header: a.header}).Cookies()
	if len(all) > 1 {
		a.t.Fatalf("%s sets %d cookies", a.what, len(all))
	}
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

// signIn begins a session and gives the header that a browser would send.
func (s *server) signIn(key string) (cookie string) {
	s.t.Helper()
	c := s.post("/session", `{"key":"`+key+`"}`).ok(200).cookie()
	if c == nil {
		s.t.Fatal("signing in set no cookie")
	}
	return c.Name + "=" + c.Value
}

// as asks with a session.
func (s *server) as(cookie, method, path, body string, headers ...string) answer {
	s.t.Helper()
	return s.do(method, api+path, body, append([]string{"Cookie", cookie, "Content-Type", "application/json"}, headers...)...)
}

// A page signs in once; from then on its cookie stands for the key.
func TestSession(t *testing.T) {
	s := start(t)
	s.get("/session").ok(200).json().want(t, obj{"keys_exist": false, "signed_in": false, "actor": "local", "key_name": nil, "expires_at": nil})
	s.post("/session", `{"key":"fsh_none"}`).problem(401, "bad-key")
	id, key := s.makeKey("laptop")
	out := s.get("/session").ok(200)
	out.json().want(t, obj{"keys_exist": true, "signed_in": false, "actor": nil, "key_name": nil, "expires_at": nil})
	if out.json().str("version") == "" || out.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the answer is %s, %v", out.body, out.header)
	}
	s.get("/staged-files").problem(401, "no-key")
	for _, wrong := range []string{`{"key":"` + key[:len(key)-1] + `x"}`, `{"key":""}`} {
		a := s.post("/session", wrong)
		a.problem(401, "bad-key")
		if a.cookie() != nil {
			t.Error("a wrong key sets a cookie")
		}
	}
	s.post("/session", `{}`).problem(422, "")

	a := s.post("/session", `{"key":" `+key+`\n"}`).ok(200)
	a.json().want(t, obj{"keys_exist": true, "signed_in": true, "actor": "key:" + id, "key_name": "laptop"})
	if a.json().str("expires_at") == "" || strings.Contains(string(a.body), key) {
		t.Errorf("the answer is %s", a.body)
	}
	c := a.cookie()
	if c == nil || c.Name != "freshet_session" || !c.HttpOnly || c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 7*24*3600 || len(c.Value) < 43 {
		t.Fatalf("the cookie is %v", c)
	}
	cookie := c.Name + "=" + c.Value
	s.as(cookie, "GET", "/session", "").ok(200).json().want(t, obj{"signed_in": true, "actor": "key:" + id})
	f := s.do("POST", api+"/upload-large-file", form(file("a.jsonl", good(2, "session"))), "Content-Type", formType, "Cookie", cookie, "Origin", "http://"+s.addr, "Sec-Fetch-Site", "same-origin").ok(200).json().str("file_id")
	s.as(cookie, "GET", "/file-info/"+f, "").ok(200).json().want(t, obj{"created_by": "key:" + id})
	s.do("GET", "/docs/", "", "Cookie", cookie, "Sec-Fetch-Site", "none").ok(200) // a person came by the address bar

	// what comes with a key is the key's, be it a wrong one
	s.as(cookie, "GET", "/staged-files", "", "Authorization", "Bearer x").problem(401, "bad-key")
	s.as(cookie, "GET", "/staged-files", "", "Authorization", "").problem(401, "no-key")
	_, other := s.makeKey("other")
	s.as(cookie, "GET", "/session", "", "Authorization", "Bearer "+other).ok(200).json().want(t, obj{"key_name": "other", "expires_at": nil})

	// it ends at the server, not only in the browser
	second := s.signIn(key)
	gone := s.as(cookie, "DELETE", "/session", "").ok(204).cookie()
	if gone == nil || gone.Name != c.Name || gone.Value != "" || gone.MaxAge >= 0 || gone.Path != "/" {
		t.Errorf("signing out sets %v", gone)
	}
	s.as(cookie, "GET", "/staged-files", "").problem(401, "session-ended")
	s.as(cookie, "GET", "/session", "").ok(200).json().want(t, obj{"signed_in": false, "actor": nil})
	s.as(cookie, "DELETE", "/session", "").ok(204)
	s.as(second, "GET", "/staged-files", "").ok(200)

	// signing in again ends the session before
	third := s.as(second, "POST", "/session", `{"key":"`+other+`"}`).ok(200).cookie()
	s.as(second, "GET", "/staged-files", "").problem(401, "session-ended")
	s.as(third.Name+"="+third.Value, "GET", "/session", "").ok(200).json().want(t, obj{"key_name": "other"})
	s.noSecrets(key, other, c.Value, third.Value)
}

// By TLS the cookie has a name that pages without TLS, or of a neighbouring
// name, cannot set, and no other counts.
func TestSessionByTLS(t *testing.T) {
	s := start(t, "--behind-proxy", "127.0.0.1", "--bootstrap-key", strings.Repeat("k", 32))
	_, key := s.makeKey("laptop")
	tls := []string{"X-Forwarded-Proto", "https", "Content-Type", "application/json"}
	c := s.do("POST", api+"/session", `{"key":"`+key+`"}`, tls...).ok(200).cookie()
	if c == nil || c.Name != "__Host-freshet_session" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
		t.Fatalf("the cookie is %v", c)
	}
	s.do("GET", api+"/staged-files", "", append(tls, "Cookie", c.Name+"="+c.Value)...).ok(200)
	s.do("GET", api+"/staged-files", "", append(tls, "Cookie", "freshet_session="+c.Value)...).problem(401, "no-key")
	s.do("GET", api+"/staged-files", "", "Cookie", c.Name+"="+c.Value).problem(401, "no-key")
	if gone := s.do("DELETE", api+"/session", "", append(tls, "Cookie", c.Name+"="+c.Value)...).ok(204).cookie(); gone == nil || gone.Name != c.Name || !gone.Secure || gone.MaxAge >= 0 {
		t.Errorf("signing out sets %v", gone)
	}
	s.do("GET", api+"/staged-files", "", append(tls, "Cookie", c.Name+"="+c.Value)...).problem(401, "session-ended")
}

// A page of another site, or of another port, can do nothing with a session: it
// can neither begin nor use nor end one, whatever its browser sends.
func TestSessionOfAnotherSite(t *testing.T) {
	const app = "https://app.example.com"
	s := start(t, "--cors-origin", app)
	_, key := s.makeKey("laptop")
	cookie := s.signIn(key)
	for _, c := range []struct {
		name    string
		headers []string
	}{
		{"cross-site", []string{"Sec-Fetch-Site", "cross-site"}},
		{"another port", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:1"}},
		{"an old browser", []string{"Origin", "https://evil.example.com"}},
		{"no origin", []string{"Origin", "null"}},
		{"a listed origin", []string{"Origin", app, "Sec-Fetch-Site", "cross-site"}},
		{"a listed origin in an old browser", []string{"Origin", app}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			s.as(cookie, "GET", "/staged-files", "", c.headers...).problem(401, "no-key")
			s.as(cookie, "GET", "/session", "", c.headers...).ok(200).json().want(t, obj{"signed_in": false, "actor": nil})
			if a := s.as(cookie, "POST", "/rule-sets/x", "{}", c.headers...); a.status != 403 && a.status != 401 {
				t.Errorf("a write answers %d", a.status)
			}
			s.as(cookie, "DELETE", "/cleanup-failed-uploads?hours_old=0", "", c.headers...)
			a := s.as("", "POST", "/session", `{"key":"`+key+`"}`, c.headers...)
			a.problem(403, "cross-origin")
			if a.cookie() != nil {
				t.Error("it sets a cookie")
			}
			s.as(cookie, "DELETE", "/session", "", c.headers...).problem(403, "cross-origin")
		})
	}
	s.t = t
	s.as(cookie, "POST", "/mark-used/"+newID(), "{}", "Origin", "https://evil.example.com", "Sec-Fetch-Site", "cross-site").problem(403, "cross-origin")
	s.as(cookie, "GET", "/staged-files", "").ok(200) // and it goes on
}

// Without keys neither the session nor the console answers to a name of another.
func TestSessionHost(t *testing.T) {
	s := start(t)
	for _, path := range []string{api + "/session", "/", "/files/x", "/sign-in"} {
		s.do("GET", path, "", "Host", "evil.example.com").problem(403, "host-not-allowed")
		s.do("GET", path, "", "Host", "localhost.evil.example.com").problem(403, "host-not-allowed")
		s.do("GET", path, "").ok(200)
	}
	s.do("POST", api+"/session", `{"key":"x"}`, "Host", "evil.example.com", "Content-Type", "application/json").problem(403, "host-not-allowed")
	s.makeKey("first")
	s.do("GET", api+"/session", "", "Host", "freshet.example.com").ok(200)
	s.do("GET", "/", "", "Host", "freshet.example.com").ok(200)
}

// A session is a fact: every node knows it, its end, and the end of its key.
func TestSessionOnEveryNode(t *testing.T) {
	s := startNodes(t)
	id, key := s.makeKey("laptop")
	here, there := s.node(0), s.node(1)
	cookie, second := here.signIn(key), there.signIn(key)
	there.as(cookie, "GET", "/session", "").ok(200).json().want(t, obj{"signed_in": true, "actor": "key:" + id})
	there.as(cookie, "DELETE", "/session", "").ok(204)
	here.as(cookie, "GET", "/staged-files", "").problem(401, "session-ended")
	here.as(second, "GET", "/staged-files", "").ok(200)
	there.as(second, "DELETE", "/keys/"+id, "").ok(204)
	here.as(second, "GET", "/staged-files", "").problem(401, "session-ended")
}

// What goes on being told ends with the session, and with the key.
func TestEventsEndWithTheSession(t *testing.T) {
	t.Parallel()
	s := start(t)
	ends := func(what string, c <-chan event) {
		t.Helper()
		for late := time.After(patience); ; {
			select {
			case _, open := <-c:
				if !open {
					return
				}
			case <-late:
				t.Fatalf("%s: events are told still", what)
			}
		}
	}
	local := s.listen("")
	next(t, local, "snapshot")
	id, key := s.makeKey("laptop")
	ends("there are keys now", local)
	_, s.key = s.makeKey("other")
	kept := s.listen("")
	next(t, kept, "snapshot")
	other := s.key
	s.key = ""
	cookie, second := s.signIn(key), s.signIn(key)
	mine, too := s.listen("", "Cookie", cookie), s.listen("", "Cookie", second)
	next(t, mine, "snapshot")
	next(t, too, "snapshot")
	s.as(cookie, "DELETE", "/session", "").ok(204)
	ends("signed out", mine)
	s.as("", "DELETE", "/keys/"+id, "", "Authorization", "Bearer "+other).ok(204)
	ends("the key is revoked", too)
	s.key = other
	s.upload(file("a.jsonl", good(2, "told"))).ok(200)
	next(t, kept, "file")
}

// While the catalog is down whoever was let in is told what is wrong, by a
// session as by a key, and nothing of files; the console is there all the same.
func TestSessionWithoutCatalog(t *testing.T) {
	c := newNodes(t)
	pg := newLink(t, "pg", c.catalogHost())
	c.catalog = pg.through(c.catalog)
	s := startServer(t, t.TempDir(), nil, c).node(0)
	_, key := s.makeKey("laptop")
	cookie := s.signIn(key)
	s.as(cookie, "GET", "/staged-files", "").ok(200)
	pg.refuse()
	defer pg.heal()
	h := s.as(cookie, "GET", "/health", "").ok(200).json()
	if h.want(t, obj{"status": "degraded"}); !strings.Contains(fmt.Sprint(h["components"]), "catalog") {
		t.Errorf("health is %v", h)
	}
	s.do("GET", "/metrics", "", "Cookie", cookie).ok(200)
	s.do("GET", "/", "").ok(200)
	s.do("GET", "/files/x", "", "Host", "freshet.example.com").ok(200)
	for _, path := range []string{"/staged-files", "/session", "/keys"} {
		s.as(cookie, "GET", path, "").problem(503, "catalog-down")
	}
	if a := s.as("freshet_session=x", "GET", "/health", ""); a.status == 200 {
		t.Errorf("a stranger is told %s", a.body)
	}
	pg.heal()
	s.until("it is back", func() bool { return s.as(cookie, "GET", "/staged-files", "").status == 200 })
}

// Sessions outlive the server.
func TestSessionAfterRestart(t *testing.T) {
	s := start(t)
	_, key := s.makeKey("laptop")
	cookie := s.signIn(key)
	s.restart()
	s.as(cookie, "GET", "/session", "").ok(200).json().want(t, obj{"signed_in": true})
}
