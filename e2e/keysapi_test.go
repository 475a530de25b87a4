package e2e_test

import (
	"strings"
	"testing"
)

// Whoever makes the first key had none, and must not be locked out by it.
func TestFirstKeyByAPI(t *testing.T) {
	s := start(t)
	if keys := s.get("/keys").ok(200).json().list("keys"); len(keys) != 0 {
		t.Fatalf("there are keys: %v", keys)
	}
	for body, code := range map[string]string{`{}`: "", `{"name":""}`: "", `{"name":"  "}`: "no-name", `{"name":"` + strings.Repeat("x", 201) + `"}`: ""} {
		s.post("/keys", body).problem(422, code)
	}
	s.do("POST", api+"/keys", `{"name":"evil"}`, "Content-Type", "application/json", "Origin", "https://evil.example.com").problem(403, "cross-origin")
	a := s.post("/keys", `{"name":"first"}`).ok(201)
	first := a.json()
	first.want(t, obj{"name": "first"})
	if !strings.HasPrefix(first.str("key"), "fsh_") || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the answer is %v, %v", first, a.header)
	}
	c := a.cookie()
	if c == nil || !c.HttpOnly {
		t.Fatalf("the cookie is %v", c)
	}
	cookie := c.Name + "=" + c.Value
	s.get("/staged-files").problem(401, "no-key")
	s.as(cookie, "GET", "/session", "").ok(200).json().want(t, obj{"signed_in": true, "actor": "key:" + first.str("id"), "key_name": "first"})

	b := s.as(cookie, "POST", "/keys", `{"name":"se<b>cond"}`).ok(201)
	if b.cookie() != nil {
		t.Error("the second key sets a cookie, too")
	}
	second := b.json()
	keys := s.as(cookie, "GET", "/keys", "").ok(200).json().list("keys")
	if len(keys) != 2 {
		t.Fatalf("the keys are %v", keys)
	}
	keys[0].want(t, obj{"id": second.str("id"), "name": "se<b>cond", "last_used": nil, "revoked_time": nil, "current": false})
	keys[1].want(t, obj{"id": first.str("id"), "name": "first", "revoked_time": nil, "current": true})
	if keys[0].str("created_time") == "" {
		t.Errorf("no created_time: %v", keys[0])
	}
	s.key = second.str("key")
	keys = s.get("/keys").ok(200).json().list("keys")
	keys[0].want(t, obj{"current": true})
	if keys[0].str("last_used") == "" {
		t.Errorf("its use is not noted: %v", keys[0])
	}
	s.noSecrets(first.str("key"), second.str("key"), c.Value)
}

// A revoked key ends, with its sessions, at once; one may revoke one's own.
func TestRevokeByAPI(t *testing.T) {
	s := start(t)
	one, oneKey := s.makeKey("one")
	two, twoKey := s.makeKey("two")
	cookie, second := s.signIn(oneKey), s.signIn(oneKey)
	theirs := s.signIn(twoKey)
	s.as(cookie, "DELETE", "/keys/none", "").problem(404, "unknown-key")
	s.as(cookie, "DELETE", "/keys/"+one, "", "Sec-Fetch-Site", "cross-site").problem(403, "cross-origin")
	s.as(cookie, "DELETE", "/keys/"+one, "", "Sec-Fetch-Site", "same-origin", "Origin", "http://"+s.addr).ok(204)
	for _, c := range []string{cookie, second} {
		s.as(c, "GET", "/staged-files", "").problem(401, "session-ended")
	}
	s.as("", "POST", "/session", `{"key":"`+oneKey+`"}`).problem(401, "bad-key")
	s.as(theirs, "DELETE", "/keys/"+one, "").problem(404, "unknown-key")
	keys := s.as(theirs, "GET", "/keys", "").ok(200).json().list("keys")
	keys[1].want(t, obj{"id": one, "current": false})
	if keys[1].str("revoked_time") == "" {
		t.Errorf("the revoked key is %v", keys[1])
	}
	// the last one: nobody gets in until a key is made on the machine
	s.as(theirs, "DELETE", "/keys/"+two, "").ok(204)
	s.get("/staged-files").problem(401, "no-key")
	s.post("/keys", `{"name":"again"}`).problem(401, "no-key")
	s.get("/session").ok(200).json().want(t, obj{"keys_exist": true, "signed_in": false, "actor": nil})
	_, third := s.makeKey("third")
	s.signIn(third)
}
