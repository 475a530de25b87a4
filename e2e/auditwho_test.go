package e2e_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// An act is of who asked for it, whoever began the upload: in the log and in the
// history. Who began it stays in created_by.
func TestAuditOfWhoActs(t *testing.T) {
	s := start(t)
	_, admin := s.makeKey("root")
	s.key = admin
	began := s.post("/keys", `{"name":"began","roles":{"default":"uploader"}}`).ok(201).json()
	ended := s.post("/keys", `{"name":"ended","roles":{"default":"curator"}}`).ok(201).json()
	as := func(key obj, a func() answer) answer {
		s.key = key.str("key")
		defer func() { s.key = admin }()
		return a()
	}
	const tus, draft = "tus", "draft"
	begin := map[string]func() (place, file string){
		"parts": func() (string, string) {
			u := as(began, func() answer { return s.post("/uploads", `{"file_name":"a.jsonl"}`).ok(201) }).json()
			return u.str("upload_id"), u.str("file_id")
		},
		tus: func() (string, string) {
			a := as(began, func() answer {
				return s.do("POST", api+"/tus/", "", "Tus-Resumable", "1.0.0", "Upload-Defer-Length", "1").ok(201)
			})
			return a.header.Get("Location"), a.header.Get("X-File-Id")
		},
		draft: func() (string, string) {
			at := as(began, func() answer {
				return s.do("POST", api+"/tus/", "", "Upload-Draft-Interop-Version", "8", "Upload-Complete", "?0").ok(201)
			}).header.Get("Location")
			return at, s.do("HEAD", at, "", "Upload-Draft-Interop-Version", "8").header.Get("X-File-Id")
		},
	}
	send := map[string]func(place, data string) answer{
		"parts": func(id, data string) answer {
			if a := s.put(id, 1, []byte(data)); a.status != 200 {
				return a
			}
			return s.post("/uploads/"+id+"/complete", "")
		},
		tus: func(at, data string) answer {
			return s.do("PATCH", at, data, "Tus-Resumable", "1.0.0", "Upload-Offset", "0", "Upload-Length", fmt.Sprint(len(data)), "Content-Type", "application/offset+octet-stream")
		},
		draft: func(at, data string) answer {
			return s.do("PATCH", at, data, "Upload-Draft-Interop-Version", "8", "Upload-Offset", "0", "Upload-Complete", "?1", "Content-Type", "application/partial-upload")
		},
	}
	same := good(9, "same")
	s.upload(file("same.jsonl", same)).ok(200)
	for protocol := range begin {
		for _, c := range []struct {
			what, data string
			actions    []string
		}{
			{"good", good(9, protocol), []string{"upload", "promote", "fresh"}},
			{"bad", bad(protocol), []string{"upload", "fail"}},
			{"known", same, []string{"duplicate"}},
			{"a program", "\x7fELF\x02\x01\x01" + string(make([]byte, 100)), []string{"fail"}},
		} {
			what := protocol + ", " + c.what
			place, f := begin[protocol]()
			a := as(ended, func() answer { return send[protocol](place, c.data) })
			s.wantRow("create", f, obj{"actor": "key:" + began.str("id")})
			for _, action := range c.actions {
				rows := s.auditLog(query("action", action, "object", f))
				if len(rows) != 1 || rows[0].str("actor") != "key:"+ended.str("id") || rows[0].str("request_id") != a.header.Get("X-Request-Id") {
					t.Errorf("%s: answered %d, %s is %v", what, a.status, action, rows)
				}
			}
			if c.what == "known" {
				continue
			}
			for _, e := range s.get("/history/" + f).ok(200).json().list("events") {
				if want := map[bool]obj{true: began, false: ended}[e.str("action") == "create"]; e.str("actor") != "key:"+want.str("id") {
					t.Errorf("%s: %s is of %s in the history", what, e.str("action"), e.str("actor"))
				}
			}
			if by := s.info(f).str("created_by"); by != "key:"+began.str("id") {
				t.Errorf("%s: created_by is %s", what, by)
			}
		}
	}
	place, f := begin[tus]()
	a := as(ended, func() answer { return s.do("DELETE", place, "", "Tus-Resumable", "1.0.0").ok(204) })
	s.wantRow("abort", f, obj{"actor": "key:" + ended.str("id"), "request_id": a.header.Get("X-Request-Id")})
}

// No flood hides what another does: neither one of nobody's, from wherever it
// comes, nor a key's own.
func TestAuditFloodHidesNobody(t *testing.T) {
	s := start(t, "--behind-proxy", "127.0.0.1", "--bootstrap-key", strings.Repeat("k", 32))
	_, admin := s.makeKey("root")
	s.key = admin
	f := s.upload(file("a.jsonl", good(2, "hidden"))).ok(200).json().str("file_id")
	s.do("PUT", api+"/projects/vision", `{}`, "Content-Type", "application/json").ok(201)
	curator := s.post("/keys", `{"name":"c","roles":{"vision":"curator"}}`).ok(201).json()
	viewer := s.post("/keys", `{"name":"v","roles":{"default":"viewer"}}`).ok(201).json()
	routes := []string{"/staged-files", "/metrics", "/activity", "/keys", "/projects", "/rules", "/rule-sets", "/limits", "/events", "/no-such"}
	s.key = ""
	for n := range 600 {
		s.do("GET", api+routes[n%10], "", "X-Forwarded-For", fmt.Sprint("198.51.100.", n/10)).problem(401, "no-key")
	}
	s.key = viewer.str("key")
	for n := range 130 {
		s.do("DELETE", api+"/file/"+f, "", "X-Forwarded-For", fmt.Sprint("198.51.100.", n)).problem(403, "not-allowed")
	}
	s.key = curator.str("key")
	a := s.do("DELETE", api+"/file/"+f, "").problem(404, "unknown-file")
	s.key = admin
	rows := s.auditLog(query("actor", "key:"+curator.str("id"), "project", "default"))
	if len(rows) != 1 || rows[0].str("request_id") != a.str("request_id") || rows[0].str("object") != "DELETE "+api+"/file/{file_id}" {
		t.Errorf("a curator's attempt on another project's file is %v", rows)
	}
	if n := len(s.auditLog("result=no-key")); n > 500 {
		t.Errorf("600 refusals of nobody are %d rows", n)
	}
	if n := len(s.auditLog("actor=key:" + viewer.str("id"))); n != 100 {
		t.Errorf("130 refusals of a key are %d rows", n)
	}
	s.stop() // which tells what was counted
	for who, more := range map[string]int{"anonymous": 100, "key:" + viewer.str("id"): 30} {
		out, err := s.command("audit", "export", "--result", "folded", "--actor", who).Output()
		if err != nil || !strings.Contains(string(out), fmt.Sprint(`"detail":"`, more, " of other kinds")) {
			t.Errorf("of %s it is told %s, %v", who, out, err)
		}
	}
}

// What is another project's takes no longer to be refused than what is not there:
// its row waits for nothing that the answer waits for.
func TestAuditRefusesAtOnce(t *testing.T) {
	onDisk(t)
	s := start(t)
	_, admin := s.makeKey("root")
	s.key = admin
	f := s.upload(file("a.jsonl", good(2, "time"))).ok(200).json().str("file_id")
	s.do("PUT", api+"/projects/vision", `{}`, "Content-Type", "application/json").ok(201)
	curator := s.post("/keys", `{"name":"c","roles":{"vision":"curator"}}`).ok(201).json()
	s.key = curator.str("key")
	s.get("/file-info/"+newID()).problem(404, "unknown-file")
	db := must(sql.Open("sqlite", filepath.Join(s.dir, "catalog.db")))
	defer db.Close()
	writer := must(db.Conn(t.Context()))
	must(writer.ExecContext(t.Context(), `PRAGMA busy_timeout = 10000`))
	must(writer.ExecContext(t.Context(), `BEGIN IMMEDIATE`)) // nobody else writes now
	began := time.Now()
	a := s.get("/file-info/"+f).problem(404, "unknown-file")
	took := time.Since(began)
	must(writer.ExecContext(t.Context(), `ROLLBACK`))
	if took > 2*time.Second {
		t.Errorf("the answer waited %s for its row", took)
	}
	s.key = admin
	s.until("the refusal is on record", func() bool {
		rows := s.auditLog("actor=key:" + curator.str("id"))
		return len(rows) == 1 && rows[0].str("request_id") == a.str("request_id")
	})
}
