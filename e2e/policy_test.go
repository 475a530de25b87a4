package e2e_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// withSecret is records of which one holds what looks like a key.
func withSecret(seed string) string {
	return good(3, seed) + fmt.Sprintf(`{"id":"%s","text":"my key is AKIA%s"}`+"\n", seed, "Q3EGRIJ5UQTBD6ML") + good(2, seed+"-end")
}

// TestContentPolicy: what is done about a finding on content is the operator's
// word, which a file's own rules may make stricter, never laxer.
func TestContentPolicy(t *testing.T) {
	lax := text("validation_rules", `{"severity":{"secret":"off"},"max_errors":1000}`)
	strict := text("validation_rules", `{"severity":{"secret":"error"}}`)
	for _, c := range []struct {
		policy, own, lax, strict string
		warnings                 int
	}{
		{"off", "fresh", "fresh", "failed", 0}, {"warn", "fresh", "fresh", "failed", 1}, {"quarantine", "quarantined", "quarantined", "failed", 1}, {"refuse", "failed", "failed", "failed", 0},
	} {
		t.Run(c.policy, func(t *testing.T) {
			s := start(t, "--content-policy", "secret="+c.policy, "--content-policy", "email=warn")
			r := s.upload(file("own.jsonl", withSecret("own"+c.policy))).ok(200).json()
			r.want(t, obj{"file_status": c.own})
			s.info(r.str("file_id")).want(t, obj{"warnings_found": c.warnings})
			s.upload(lax, file("lax.jsonl", withSecret("lax"+c.policy))).ok(200).json().want(t, obj{"file_status": c.lax})
			late := s.upload(file("late.jsonl", withSecret("late"+c.policy)), lax).ok(200).json() // rules behind the bytes
			s.settled(late.str("file_id")).want(t, obj{"status": c.lax})
			s.upload(strict, file("strict.jsonl", withSecret("strict"+c.policy))).ok(200).json().want(t, obj{"file_status": c.strict})
			b := []byte(withSecret("parts" + c.policy))
			u := s.begin("parts.jsonl", len(b), `, "validation_rules": {"severity":{"secret":"off"}}`).ok(201).json()
			s.put(u.str("upload_id"), 1, b).ok(200)
			s.post("/uploads/"+u.str("upload_id")+"/complete", "").ok(200)
			s.settled(u.str("file_id")).want(t, obj{"status": c.lax})
			s.upload(file("clean.jsonl", good(5, c.policy))).ok(200).json().want(t, obj{"file_status": "fresh"})
			if c.policy != "quarantine" {
				return
			}
			id := r.str("file_id")
			s.wantQuarantined(id, "secret: 1 findings")
			// a person looks at it, and lets it out
			s.post("/process-file/"+id+"?wait=20s", "").ok(200).json().want(t, obj{"status": "success"})
			s.info(id).want(t, obj{"status": "fresh", "processing_error": ""})
			s.wantUnder(id, "fresh")
			// what nobody could look into is no way around it
			torn := s.upload(text("validation_rules", `{"max_errors":10}`), file("torn.jsonl", bad("torn"))).ok(200).json()
			torn.want(t, obj{"file_status": "quarantined"})
			s.wantQuarantined(torn.str("file_id"), "json-syntax")
		})
	}
}

// TestQuarantineQuotesNothing: of what is in quarantine its report quotes nothing
// to who may not have the bytes, in whatever form; what was found, and where, it
// tells.
func TestQuarantineQuotesNothing(t *testing.T) {
	s := start(t, "--content-policy", "secret=quarantine", "--max-findings", "5000")
	id := s.upload(file("q.jsonl", withSecret("quoted"))).ok(200).json().str("file_id")
	many := s.upload(file("many.jsonl", strings.Repeat(withSecret("quoted"), 1100))).ok(200).json().str("file_id")
	s.settled(many).want(t, obj{"status": "quarantined"})
	other := s.upload(file("o.jsonl", strings.Replace(withSecret("quoted"), "AKIA", "", 1)+`{"id":"quoted"`)).ok(200).json().str("file_id") // failed
	tell := func(id string, quotes bool) {
		t.Helper()
		s.get("/validation-report/"+id).ok(200).json().want(t, obj{"warnings": s.info(id)["warnings_found"]})
		for _, path := range []string{"/validation-report/" + id, "/validation-findings/" + id, "/validation-findings/" + id + "?format=csv"} {
			text := string(s.get(path).ok(200).body)
			if !strings.Contains(text, "secret") && id != other {
				t.Errorf("%s does not tell what was found: %.300s", path, text)
			}
			if got := strings.Contains(text, "quoted"); got != quotes {
				t.Errorf("%s quotes the file: %v, want %v: %.500s", path, got, quotes, text)
			}
		}
	}
	tell(id, false) // without keys nobody says who he is
	_, admin := s.makeKey("root")
	s.key = admin
	tell(id, true)
	tell(many, true)
	for _, k := range []string{`"roles":{"default":"viewer"}`, `"roles":{"default":"curator"}`, `"roles":{"default":"admin"},"scopes":["read","admin"]`} {
		s.key = admin
		s.key = s.post("/keys", `{"name":"k",`+k+`}`).ok(201).json().str("key")
		tell(id, false)
		tell(many, false)
		tell(other, true)
	}
}

// TestPolicyOfTheDay: a file that was fresh is under the policy of when it is
// checked again, and so is an upload that began before it.
func TestPolicyOfTheDay(t *testing.T) {
	onDisk(t)
	s := start(t)
	id := s.upload(file("a.jsonl", withSecret("day"))).ok(200).json().str("file_id")
	s.info(id).want(t, obj{"status": "fresh"})
	b := []byte(withSecret("half") + string(jsonLines(2*partSize, "half")))
	u := s.begin("half.jsonl", len(b), "").ok(201).json()
	s.put(u.str("upload_id"), 1, slice(b, 1)).ok(200)
	s.args = []string{"--content-policy", "secret=quarantine"}
	s.restart()
	for n := 2; (n-1)*partSize < len(b); n++ {
		s.put(u.str("upload_id"), n, slice(b, n)).ok(200)
	}
	s.post("/uploads/"+u.str("upload_id")+"/complete", "").ok(200)
	s.settled(u.str("file_id"))
	s.wantQuarantined(u.str("file_id"), "secret")
	s.post("/process-file/"+id+"?wait=20s", "").ok(200).json().want(t, obj{"status": "error"})
	s.wantQuarantined(id, "secret")
}

func TestBadPolicy(t *testing.T) {
	for _, p := range []string{"secret", "secret=error", "json-syntax=refuse"} {
		c := command(nil, "serve", "--data-dir", t.TempDir(), "--listen", "127.0.0.1:0", "--content-policy", p)
		out, err := c.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "content policy") {
			t.Errorf("%q: %v: %s", p, err, out)
		}
	}
	c := command(nil, "serve", "--data-dir", t.TempDir(), "--listen", "127.0.0.1:0", "--scan", "yes")
	if out, err := c.CombinedOutput(); err == nil || !strings.Contains(string(out), "clamd://") {
		t.Errorf("--scan yes: %v: %s", err, out)
	}
}

// A project has its own policy, which is as strict as the server's at least; an
// administrator of it, and nobody else, gets what it keeps away.
func TestPolicyOfAProject(t *testing.T) {
	s := start(t, "--content-policy", "email=refuse")
	_, root := s.makeKey("root")
	s.key = root
	put := func(project, policy string) answer {
		return s.do("PUT", api+"/projects/"+project, `{"content_policy": `+policy+`}`, "Content-Type", "application/json")
	}
	put("vision", `{"nonsense": "warn"}`).problem(422, "bad-policy")
	put("vision", `{"secret": "error"}`).problem(422, "bad-policy")
	put("vision", `{"secret": "quarantine", "email": "off"}`).ok(201)
	put("text", `{}`).ok(201)
	limits := s.get("/limits?project=vision").ok(200).json()
	for field, want := range map[string]obj{"content_policy": {"secret": "quarantine", "email": "refuse"}, "server_content_policy": {"email": "refuse"}} {
		if got, _ := limits[field].(map[string]any); !reflect.DeepEqual(obj(got), want) {
			t.Errorf("%s is %v, not %v", field, got, want)
		}
	}
	named := map[string]bool{}
	for _, r := range s.get("/rules").ok(200).json().list("rules") {
		named[r.str("rule")] = r["content"] == true
	}
	for name, content := range named {
		status := 422
		if content {
			status = 200
		}
		put("text", `{"`+name+`": "off"}`).ok(status)
	}
	as := func(key, name, content string) obj {
		s.key = key
		return s.upload(file(name, content)).ok(200).json()
	}
	curator, admin := s.keyWith(`{"name": "c", "roles": {"vision": "curator"}}`), s.keyWith(`{"name": "a", "roles": {"vision": "admin"}}`)
	elsewhere := s.keyWith(`{"name": "t", "roles": {"text": "admin"}}`)
	secret := withSecret("project")
	as(elsewhere, "text.jsonl", secret).want(t, obj{"file_status": "fresh"})
	f := as(curator, "vision.jsonl", secret)
	f.want(t, obj{"file_status": "quarantined"})
	as(curator, "mail.jsonl", `{"text": "write to ada.lovelace@mail.analytical-engines.com or not"}`+"\n").want(t, obj{"file_status": "failed"})
	id := f.str("file_id")
	for _, path := range []string{"/download-file/", "/records/", "/rejected-records/", "/clean-records/"} {
		s.key = curator
		s.get(path+id).problem(403, "quarantined")
		s.key = elsewhere
		s.get(path+id).problem(404, "unknown-file")
	}
	s.key = admin
	if got := s.get("/download-file/" + id).ok(200); string(got.body) != secret {
		t.Error("an administrator gets other bytes")
	}
	put("vision", `{}`).ok(200)
	s.key = curator
	s.post("/process-file/"+id+"?wait=20s", "").ok(200).json().want(t, obj{"status": "success"})
	s.get("/download-file/" + id).ok(200)
}
