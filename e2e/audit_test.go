package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// auditLog gives the rows that a query finds, the newest first.
func (s *server) auditLog(query string) []obj {
	s.t.Helper()
	return s.get("/audit-log?limit=1000&" + strings.TrimPrefix(query, "?")).ok(200).json().list("rows")
}

// wantRow fails unless the newest row of an action and object is as wanted.
func (s *server) wantRow(action, object string, want obj) {
	s.t.Helper()
	rows := s.auditLog(query("action", action, "object", object))
	if len(rows) == 0 {
		s.t.Errorf("there is no row of %s %s", action, object)
		return
	}
	rows[0].want(s.t, want)
}

// verify runs freshet audit verify and gives what it says and its exit code.
func (s *server) verify(args ...string) (string, int) {
	s.t.Helper()
	out, err := s.command(append([]string{"audit", "verify"}, args...)...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	code := 0
	if exit != nil {
		code = exit.ExitCode()
	}
	return string(out), code
}

// Each act has its row: who, from where, by which request, what came of it.
func TestAuditOfEveryAct(t *testing.T) {
	s := start(t)
	id, admin := s.makeKey("root")
	s.key = admin
	me := "key:" + id
	s.wantRow("create-key", id, obj{"source": "", "project": "*", "result": "ok"})
	if by := s.auditLog("action=create-key")[0].str("actor"); !strings.HasPrefix(by, "command:") {
		t.Errorf("a key that a command made is of %q", by)
	}
	did := func(a answer, action, object string, more ...any) {
		t.Helper()
		want := obj{"actor": me, "source": "127.0.0.1", "request_id": a.header.Get("X-Request-Id"), "result": "ok", "project": "default"}
		for i := 0; i < len(more); i += 2 {
			want[more[i].(string)] = more[i+1]
		}
		s.wantRow(action, object, want)
	}
	data := good(20, "audit")
	a := s.upload(file("a.jsonl", data)).ok(200)
	f := a.json().str("file_id")
	for _, step := range []string{"create", "upload", "promote", "fresh"} {
		did(a, step, f)
	}
	a = s.upload(file("again.jsonl", data)).ok(200)
	if rows := s.auditLog("action=duplicate"); len(rows) != 1 || rows[0].str("request_id") != a.header.Get("X-Request-Id") {
		t.Errorf("duplicates: %v", rows)
	}
	a = s.get("/download-file/" + f).ok(200)
	did(a, "download", f, "detail", "")
	a = s.do("GET", api+"/download-file/"+f, "", "Range", "bytes=2-5").ok(206)
	did(a, "download", f, "detail", "bytes=2-5")
	n := len(s.auditLog("action=download"))
	s.do("HEAD", api+"/download-file/"+f, "").ok(200)
	if got := len(s.auditLog("action=download")); got != n {
		t.Errorf("HEAD wrote %d rows", got-n)
	}
	for _, c := range []struct{ path, action, detail string }{
		{"/records/" + f + "?line=3&limit=2", "records", "2 from line 3"}, {"/clean-records/" + f, "clean-records", ""}, {"/rejected-records/" + f, "rejected-records", ""},
	} {
		did(s.get(c.path).ok(200), c.action, f, "detail", c.detail)
	}
	did(s.post("/rule-preview", `{"file_id":"`+f+`"}`).ok(200), "rule-preview", f)
	did(s.post("/mark-used/"+f, `{"training_job":"job 1"}`).ok(200), "use", f, "detail", "fresh to used; job 1")
	did(s.post("/process-file/"+f+"?wait=30s", "").ok(200), "process", f)
	s.wantRow("checked", f, obj{"source": "", "request_id": "", "result": "ok"})
	did(s.post("/deprecate-file/"+f, "").ok(200), "deprecate", f)
	did(s.do("DELETE", api+"/file/"+f, "").ok(200), "delete", f)

	second := s.upload(file("b.jsonl", good(3, "second"))).ok(200).json().str("file_id")
	did(s.post("/archive-file/"+second, "").ok(200), "archive", second)
	failed := s.upload(file("c.jsonl", bad("third"))).ok(200)
	did(failed, "fail", failed.json().str("file_id"))
	did(s.post("/retry-failed-file/"+failed.json().str("file_id")+"?wait=30s", "").ok(200), "retry", failed.json().str("file_id"))
	did(s.do("DELETE", api+"/cleanup-failed-uploads?hours_old=0", "").ok(200), "cleanup", "")
	did(s.do("DELETE", api+"/cleanup-failed-uploads?hours_old=0", "").ok(200), "cleanup", "")
	s.wantRow("delete", failed.json().str("file_id"), obj{"actor": me})

	a = s.post("/uploads", `{"file_name":"p.jsonl","file_size":100}`).ok(201)
	did(a, "create", a.json().str("file_id"))
	upload := a.json().str("upload_id")
	did(s.do("DELETE", api+"/uploads/"+upload, "").ok(204), "abort", a.json().str("file_id"))
	a = s.do("POST", api+"/tus/", "", "Tus-Resumable", "1.0.0", "Upload-Length", "5", "Upload-Concat", "partial").ok(201)
	piece := a.header.Get("Location")
	piece = piece[strings.LastIndex(piece, "/")+1:]
	did(a, "create-piece", piece)
	did(s.do("DELETE", api+"/tus/"+piece, "", "Tus-Resumable", "1.0.0").ok(204), "end-piece", piece)
	a = s.do("POST", api+"/tus/", good(2, "tus"), "Tus-Resumable", "1.0.0", "Upload-Length", fmt.Sprint(len(good(2, "tus"))), "Content-Type", "application/offset+octet-stream").ok(201)
	whole := a.header.Get("Location")
	whole = whole[strings.LastIndex(whole, "/")+1:]
	did(s.do("GET", api+"/tus/"+whole, "", "Tus-Resumable", "1.0.0").ok(200), "download", a.header.Get("X-File-Id"))
	did(s.do("DELETE", api+"/tus/"+whole, "", "Tus-Resumable", "1.0.0").ok(204), "forget-upload", whole)

	did(s.do("PUT", api+"/rule-sets/strict", `{"min_records":1}`, "Content-Type", "application/json").ok(201), "put-rule-set", "strict@1")
	did(s.do("DELETE", api+"/rule-sets/strict", "").ok(204), "delete-rule-set", "strict")
	did(s.do("PUT", api+"/projects/vision", `{"max_files":3}`, "Content-Type", "application/json").ok(201), "put-project", "vision", "project", "vision")
	did(s.do("DELETE", api+"/projects/vision", "").ok(204), "delete-project", "vision", "project", "vision")
	a = s.post("/keys", `{"name":"Ada","roles":{"default":"viewer"}}`).ok(201)
	ada := a.json()
	did(a, "create-key", ada.str("id"))
	s.key = ""
	a = s.post("/session", `{"key":"`+ada.str("key")+`"}`).ok(200)
	in, cookie := a.header.Get("X-Request-Id"), a.cookie()
	a = s.as(cookie.Name+"="+cookie.Value, "DELETE", "/session", "").ok(204)
	s.key = admin
	s.wantRow("sign-in", "key:"+ada.str("id"), obj{"actor": "key:" + ada.str("id"), "source": "127.0.0.1", "request_id": in, "result": "ok"})
	s.wantRow("sign-out", "key:"+ada.str("id"), obj{"actor": "key:" + ada.str("id"), "request_id": a.header.Get("X-Request-Id")})
	did(s.do("DELETE", api+"/keys/"+ada.str("id"), "").ok(204), "revoke-key", ada.str("id"))
	s.place("training-data/old/x.jsonl", good(2, "old"))
	a = s.post("/adopt", `{"prefix":"training-data/old/"}`).ok(200)
	did(a, "adopt", "training-data/old/")
	// the history of a file tells from where, too
	for _, e := range s.get("/history/" + f).ok(200).json().list("events") {
		if want := map[bool]string{true: "", false: "127.0.0.1"}[e.str("actor") == "system" || e.str("action") == "checked"]; e.str("source") != want {
			t.Errorf("%s came from %q, want %q", e.str("action"), e.str("source"), want)
		}
	}
	log := string(s.get("/audit-log?format=ndjson").ok(200).body)
	for _, secret := range []string{admin, ada.str("key"), cookie.Value} {
		if strings.Contains(log, secret) {
			t.Error("the log has a secret")
		}
	}
	if s.cluster != nil {
		return // each node has a key of its own: see TestAuditOnTwoNodes
	}
	s.stop()
	if out, code := s.verify(); code != 0 || !strings.Contains(out, "rows hold") {
		t.Errorf("verify says %q, %d", out, code)
	}
}

// What gives nothing has no row, and a row of what is given is short and says what
// it was, however it was asked for.
func TestAuditOfRanges(t *testing.T) {
	s := start(t)
	data := good(200, "ranges")
	f := s.upload(file("a.jsonl", data)).ok(200).json().str("file_id")
	size := len(data)
	etag := s.get("/download-file/" + f).ok(200).header.Get("ETag")
	many := "bytes=0-0" + strings.Repeat(", 5-5", 700)
	for _, c := range []struct {
		ask    []string
		status int
		detail string // "none": no row
	}{
		{[]string{"Range", "bytes=0-0," + strings.Repeat("9", 5000)}, 416, "none"},
		{[]string{"Range", fmt.Sprint("bytes=", size, "-")}, 416, "none"},
		{[]string{"Range", "lines=1-2"}, 416, "none"},
		{[]string{"If-None-Match", etag}, 304, "none"},
		{[]string{"If-Match", `"other"`}, 412, "none"},
		{[]string{"Range", "bytes=000000000002-5"}, 206, "bytes=2-5"},
		{[]string{"Range", "bytes= -10"}, 206, fmt.Sprintf("bytes=%d-%d", size-10, size-1)},
		{[]string{"Range", "bytes=1-1,,5-7, 99999999-, -2"}, 206, fmt.Sprintf("bytes=1-1,5-7,%d-%d", size-2, size-1)},
		{[]string{"Range", "bytes=0-,0-"}, 200, ""}, // more than all is all
		{[]string{"Range", many}, 206, "bytes=0-0" + strings.Repeat(",5-5", 7) + " and 693 more"},
		{[]string{"Range", "bytes=0-9", "If-Range", `"other"`}, 200, ""},
	} {
		before := len(s.auditLog("action=download"))
		a := s.do("GET", api+"/download-file/"+f, "", c.ask...)
		rows := s.auditLog("action=download")
		what := c.ask[1][:min(40, len(c.ask[1]))]
		switch {
		case a.status != c.status:
			t.Errorf("%s answers %d, want %d", what, a.status, c.status)
		case c.detail == "none" && len(rows) != before:
			t.Errorf("%s gives nothing and has a row: %v", what, rows[0])
		case c.detail == "none":
		case len(rows) != before+1 || rows[0].str("request_id") != a.header.Get("X-Request-Id"):
			t.Errorf("%s has no row", what)
		case rows[0].str("detail") != c.detail:
			t.Errorf("%s is on record as %q, want %q", what, rows[0].str("detail"), c.detail)
		}
	}
}

// Who is turned away is on record: what was tried, and why it was refused.
func TestAuditOfRefusals(t *testing.T) {
	s := start(t)
	_, admin := s.makeKey("root")
	s.key = admin
	f := s.upload(file("a.jsonl", good(2, "refused"))).ok(200).json().str("file_id")
	s.do("PUT", api+"/projects/vision", `{}`, "Content-Type", "application/json").ok(201)
	ofVision := s.post("/keys", `{"name":"v","roles":{"vision":"curator"}}`).ok(201).json()
	viewer := s.post("/keys", `{"name":"w","roles":{"default":"viewer"}}`).ok(201).json()
	refused := func(key string, want obj, method, path, body string, headers ...string) {
		t.Helper()
		s.key = key
		a := s.do(method, api+path, body, append(headers, "Content-Type", "application/json")...)
		s.key = admin
		var found obj
		for _, r := range s.auditLog("") {
			if r.str("request_id") == a.header.Get("X-Request-Id") && r.str("result") != "ok" {
				found = r
			}
		}
		if found == nil {
			t.Errorf("%s %s answered %d and is not on record", method, path, a.status)
			return
		}
		want["source"] = "127.0.0.1"
		found.want(t, want)
	}
	wrong := admin[:len(admin)-1] + map[bool]string{true: "0", false: "1"}[admin[len(admin)-1] != '0']
	refused("", obj{"actor": "anonymous", "action": "refused", "object": "GET " + api + "/staged-files", "result": "no-key", "project": "*"}, "GET", "/staged-files?secret=1", "")
	refused(wrong, obj{"actor": "anonymous", "result": "bad-key", "object": "GET " + api + "/metrics"}, "GET", "/metrics", "")
	refused("", obj{"actor": "anonymous", "action": "sign-in", "result": "bad-key", "object": "POST " + api + "/session"}, "POST", "/session", `{"key":"`+wrong+`"}`)
	refused("", obj{"actor": "anonymous", "result": "no-key", "object": "GET (no route)"}, "GET", "/no-such-thing", "")
	refused(viewer.str("key"), obj{"actor": "key:" + viewer.str("id"), "result": "not-allowed", "project": "default", "object": "DELETE " + api + "/file/{file_id}", "detail": api + "/file/" + f}, "DELETE", "/file/"+f, "")
	refused(viewer.str("key"), obj{"result": "not-allowed", "object": "GET " + api + "/audit-log"}, "GET", "/audit-log", "")
	refused(admin, obj{"result": "cross-origin", "object": "DELETE " + api + "/file/{file_id}"}, "DELETE", "/file/"+f, "", "Origin", "https://evil.example.com")
	// it looks as if it were not there; the project's administrators see who tried
	refused(ofVision.str("key"), obj{"actor": "key:" + ofVision.str("id"), "result": "unknown-file", "project": "default", "object": "GET " + api + "/file-info/{file_id}", "detail": api + "/file-info/" + f}, "GET", "/file-info/"+f, "")
	refused(ofVision.str("key"), obj{"result": "unknown-project"}, "GET", "/staged-files", "", "X-Project", "default")
	n := len(s.auditLog("actor=key:" + ofVision.str("id")))
	s.key = ofVision.str("key")
	s.get("/file-info/"+newID()).problem(404, "unknown-file") // there is none at all
	s.key = admin
	if got := len(s.auditLog("actor=key:" + ofVision.str("id"))); got != n {
		t.Error("what is not there at all is on record as refused")
	}
	log := string(s.get("/audit-log?format=ndjson").ok(200).body)
	for _, secret := range []string{admin, wrong, ofVision.str("key"), "secret=1"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %s", secret)
		}
	}
}

// A flood of refusals is a few rows, which say how many they were; the writer has
// time for others.
func TestAuditOfFlood(t *testing.T) {
	onDisk(t)
	s := start(t)
	_, admin := s.makeKey("root")
	const each, kinds = 150, 4
	nobody := *s
	var group sync.WaitGroup
	for k := range kinds {
		group.Go(func() {
			for range each {
				nobody.do("GET", api+[]string{"/staged-files", "/metrics", "/activity", "/keys"}[k], "").ok(401)
			}
		})
	}
	began := time.Now()
	s.key = admin
	s.upload(file("a.jsonl", good(2, "flood"))).ok(200)
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("an upload took %s beside a flood", d)
	}
	group.Wait()
	s.stop()
	var rows, told int
	out, err := s.command("audit", "export", "--result", "no-key").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		var r obj
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		rows++
		more := 0
		if _, err := fmt.Sscanf(r.str("detail"), "%d more in", &more); err != nil {
			more = 1
		}
		told += more
	}
	if rows > 4*kinds || told != each*kinds {
		t.Errorf("%d refusals are %d rows that tell of %d", each*kinds, rows, told)
	}
}

// The log is read by administrators, each of what is theirs, in pages and whole.
func TestAuditLog(t *testing.T) {
	s := start(t)
	_, admin := s.makeKey("root")
	s.key = admin
	s.do("PUT", api+"/projects/vision", `{}`, "Content-Type", "application/json").ok(201)
	lead := s.post("/keys", `{"name":"lead","roles":{"vision":"admin"}}`).ok(201).json().str("key")
	for i := range 5 {
		s.do("POST", api+"/uploads", fmt.Sprintf(`{"file_name":"%d.jsonl","file_size":100}`, i), "Content-Type", "application/json", "X-Project", []string{"vision", "default"}[i%2]).ok(201)
	}
	all := s.auditLog("")
	var paged []obj
	for cursor := ""; ; {
		p := s.get("/audit-log?limit=3&cursor=" + cursor).ok(200).json()
		paged = append(paged, p.list("rows")...)
		if cursor = p.str("next_cursor"); cursor == "" {
			break
		}
	}
	if len(paged) != len(all) {
		t.Errorf("%d rows in pages, %d at once", len(paged), len(all))
	}
	for i, r := range paged {
		if r.num("number") != float64(len(all)-i) {
			t.Errorf("row %v at place %d", r["number"], i)
		}
	}
	lines := strings.Split(strings.TrimSpace(string(s.get("/audit-log?format=ndjson").ok(200).body)), "\n")
	if len(lines) != len(all) || !strings.Contains(lines[0], `"number":1,`) {
		t.Errorf("%d lines, the first %s", len(lines), lines[0])
	}
	if got := s.get("/audit-log?format=ndjson&limit=2&cursor=3").ok(200); strings.Count(string(got.body), "\n") != 2 || !strings.HasPrefix(string(got.body), `{"number":4,`) {
		t.Errorf("the stream goes on with %s", got.body)
	}
	first := all[len(all)-1]
	if rows := s.auditLog(query("until", first.str("at"))); len(rows) != 0 {
		t.Errorf("%d rows before the first", len(rows))
	}
	if rows := s.auditLog(query("since", first.str("at"), "project", "vision")); len(rows) < 4 {
		t.Errorf("%d rows of vision", len(rows))
	}
	s.key = lead // sees what is of its project, and says it
	for _, q := range []string{"", "project=vision"} {
		rows := s.auditLog(q)
		if len(rows) < 4 {
			t.Errorf("%q: %d rows", q, len(rows))
		}
		for _, r := range rows {
			if r.str("project") != "vision" {
				t.Errorf("the administrator of vision reads a row of %s", r.str("project"))
			}
		}
	}
	s.get("/audit-log?project=default").problem(404, "unknown-project")
	s.key = admin
	for _, q := range []string{"limit=0", "limit=1001", "cursor=x", "since=yesterday", "format=xml"} {
		if p := s.get("/audit-log?"+q).problem(422, ""); p.str("hint") == "" && q == "limit=0" {
			t.Error("no hint")
		}
	}
	if v := s.get("/audit-log").ok(200).json().str("verifier"); !strings.HasPrefix(v, "freshet-audit+") {
		t.Errorf("verifier %q", v)
	} else if out, err := s.command("audit", "key").Output(); s.cluster == nil && (err != nil || strings.TrimSpace(string(out)) != v) {
		t.Errorf("audit key prints %q, want %s", out, v)
	}
}

// A name can forge no line, in whatever form the log is shown.
func TestAuditCannotBeForged(t *testing.T) {
	onDisk(t)
	s := start(t)
	name := "a\n1  2026-01-01 forged\x1b[2J\u202e.jsonl"
	s.post("/uploads", `{"file_name":`+string(must(json.Marshal(name)))+`,"file_size":100}`).ok(201)
	s.do("PUT", api+"/rule-sets/x", `{}`, "Content-Type", "application/json").ok(201)
	s.post("/keys", `{"name":`+string(must(json.Marshal(name)))+`}`).ok(201)
	s.key = ""
	s.do("GET", "/%7f%0aforged%1b", "")
	for _, args := range [][]string{{"ls"}, {"export"}} {
		out, err := s.command(append([]string{"audit"}, args...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range string(out) {
			if r < ' ' && r != '\n' || r == '\u202e' || r == 0x7f {
				t.Errorf("%s prints %q at %d", args[0], r, i)
			}
		}
		for line := range strings.Lines(string(out)) {
			if strings.HasPrefix(line, "1  2026-01-01 forged") {
				t.Errorf("%s prints a forged line", args[0])
			}
		}
	}
	var k obj
	out, err := s.command("audit", "export", "--action", "create-key").Output()
	if err != nil || json.Unmarshal(out, &k) != nil || !strings.Contains(k.str("detail"), "forged") {
		t.Errorf("the key's row is %s, %v", out, err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// After any kill the log tells of what is, and nothing else, and holds.
func TestAuditAfterKills(t *testing.T) {
	onDisk(t)
	s := start(t)
	told := map[string]string{} // file: the answer's request
	for i := range 12 {
		stop := make(chan struct{})
		var group sync.WaitGroup
		for w := range 3 { // what may be cut off anywhere
			group.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					r := s.request("POST", api+"/upload-large-file", strings.NewReader(form(file("x.jsonl", good(2, fmt.Sprint(i, w, n))))), "Content-Type", formType)
					if resp, err := plain.Do(r); err == nil {
						resp.Body.Close()
					}
				}
			})
		}
		a := s.upload(file("a.jsonl", good(3, fmt.Sprint("told", i)))).ok(200)
		told[a.json().str("file_id")] = a.header.Get("X-Request-Id")
		s.get("/download-file/" + a.json().str("file_id")).ok(200)
		s.kill()
		close(stop)
		group.Wait()
		if out, code := s.verify(); code != 0 {
			t.Fatalf("verify says %q, %d", out, code)
		}
		s.restart()
	}
	rows := map[string]int{} // by file and action
	out := string(s.get("/audit-log?format=ndjson").ok(200).body)
	for line := range strings.Lines(out) {
		var r obj
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		rows[r.str("object")+" "+r.str("action")]++
		if want := told[r.str("object")]; want != "" && r.str("action") == "create" && r.str("request_id") != want {
			t.Errorf("%s is of request %s, want %s", r.str("object"), r.str("request_id"), want)
		}
	}
	for id := range told {
		for _, action := range []string{"create", "upload", "promote", "fresh", "download"} {
			if rows[id+" "+action] != 1 {
				t.Errorf("%s %s has %d rows", action, id, rows[id+" "+action])
			}
		}
	}
	// each step of each file has a row, and the other way round
	before := int64(0)
	steps := 0
	for {
		path := "/activity?limit=1000"
		if before > 0 {
			path += fmt.Sprint("&before=", before)
		}
		p := s.get(path).ok(200).json()
		for _, e := range p.list("events") {
			steps++
			key := e.str("file_id") + " " + e.str("action")
			if rows[key]--; rows[key] < 0 {
				t.Errorf("the step %s has no row", key)
			}
		}
		if before = int64(p.num("next_before")); before == 0 {
			break
		}
	}
	for key, n := range rows {
		if n > 0 && !strings.HasSuffix(key, " download") && !strings.Contains(key, "/data/efficient/") {
			t.Errorf("%d rows of %s tell of no step", n, key)
		}
	}
	t.Logf("%d steps", steps)
}

// A log that was changed is found by the command, and the server signs no more
// and says so.
func TestAuditVerify(t *testing.T) {
	onDisk(t)
	s := start(t)
	for i := range 4 {
		s.upload(file("a.jsonl", good(2, fmt.Sprint("verify", i)))).ok(200)
	}
	s.stop()
	key := strings.TrimSpace(string(must(s.command("audit", "key").Output())))
	kept := filepath.Join(t.TempDir(), "kept")
	if err := os.CopyFS(kept, os.DirFS(filepath.Join(s.dir, "audit"))); err != nil {
		t.Fatal(err)
	}
	if out, code := s.verify("--key", key, "--checkpoint", kept); code != 0 || !strings.Contains(out, "16 rows hold, with 1 heads and 1 checkpoints") {
		t.Errorf("verify says %q, %d", out, code)
	}
	if out, code := s.verify("--key", "freshet-audit+00000000+AAAA"); code != 2 {
		t.Errorf("a key that is none: %q, %d", out, code)
	}
	if out, code := s.verify("--checkpoint", filepath.Join(s.dir, "none")); code != 1 || !strings.Contains(out, "nothing at") {
		t.Errorf("a checkpoint that is none: %q, %d", out, code)
	}
	for _, none := range []string{"file:" + filepath.Join(s.dir, "none"), "file:/nonexistent/dir"} {
		if out, code := s.verify("--checkpoint", none); code != 1 || !strings.Contains(out, "nothing at "+none) {
			t.Errorf("a place that is none: %q, %d", out, code)
		}
	}
	if out, err := command(nil, "audit", "verify", "--data-dir", filepath.Join(s.dir, "none")).CombinedOutput(); err == nil {
		t.Errorf("what is not there holds: %s", out)
	}
	s.inCatalog(`UPDATE audit SET actor = 'key:other' WHERE number = 6`)
	if out, code := s.verify(); code != 3 || !strings.HasPrefix(out, "row 6: ") || !strings.Contains(out, "altered") {
		t.Errorf("verify says %q, %d", out, code)
	}
	if out, code := s.verify("--json"); code != 3 || !strings.Contains(out, `"number":6`) {
		t.Errorf("verify says %q, %d", out, code)
	}
	s.launch()
	s.until("the server says that the log was changed", func() bool {
		h := s.get("/health").ok(200).json()
		c, _ := h["components"].(map[string]any)["audit"].(map[string]any)
		return h.str("status") == "degraded" && c["status"] == "down"
	})
	if !strings.Contains(s.log.String(), "the audit log was changed") {
		t.Error("the server's log does not say so")
	}
	s.upload(file("a.jsonl", good(2, "goes on"))).ok(200)
	s.stop()
	if names := must(os.ReadDir(filepath.Join(s.dir, "audit"))); len(names) != 1 {
		t.Errorf("%d heads: one was signed on top of what was changed", len(names))
	}
}

// A log that moves to another catalog is the same log there, and goes on.
func TestAuditMoves(t *testing.T) {
	onDisk(t)
	s := start(t)
	for i := range 3 {
		s.upload(file("a.jsonl", good(2, fmt.Sprint("moves", i)))).ok(200)
	}
	s.stop()
	old := strings.TrimSpace(string(must(s.command("audit", "key").Output())))
	dir := t.TempDir()
	if out, err := command(nil, "migrate", "--from", s.dir, "--catalog", "sqlite://"+dir+"/catalog.db", "--blobs", "file://"+dir+"/blobs").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	n := startIn(t, dir, nil)
	rows := n.auditLog("")
	if len(rows) != 13 || rows[0].str("action") != "migrate" || !strings.HasPrefix(rows[0].str("actor"), "command:") {
		t.Errorf("%d rows, the last %v", len(rows), rows[0])
	}
	n.upload(file("a.jsonl", good(2, "moved"))).ok(200)
	n.stop()
	key := strings.TrimSpace(string(must(n.command("audit", "key").Output())))
	for _, place := range []string{filepath.Join(s.dir, "audit"), filepath.Join(dir, "audit")} {
		if out, code := n.verify("--key", key, "--key", old, "--checkpoint", place); code != 0 || !strings.Contains(out, "17 rows hold, with 2 heads") {
			t.Errorf("verify with %s says %q, %d", place, out, code)
		}
	}
	if out, code := n.verify("--key", key); code != 3 || !strings.Contains(out, "another key") {
		t.Errorf("verify without the old key says %q, %d", out, code)
	}
}

// What cannot be put on record is not given.
func TestNotRecorded(t *testing.T) {
	onDisk(t)
	s := start(t)
	f := s.upload(file("a.jsonl", good(2, "record"))).ok(200).json().str("file_id")
	s.stop()
	s.inCatalog(`CREATE TRIGGER no_rows BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END`)
	s.launch()
	for _, path := range []string{"/download-file/", "/records/", "/clean-records/", "/rejected-records/"} {
		s.get(path+f).problem(503, "not-recorded")
	}
	for _, asked := range []string{"bytes=0-1", "bytes=0-1,4-5"} {
		a := s.do("GET", api+"/download-file/"+f, "", "Range", asked)
		if a.problem(503, "not-recorded"); a.header.Get("Content-Range")+a.header.Get("ETag") != "" {
			t.Errorf("a refusal has the headers %v", a.header)
		}
	}
	s.get("/file-info/" + f).ok(200)
	if a := s.upload(file("b.jsonl", good(2, "other"))); a.status < 500 {
		t.Errorf("an upload that cannot be put on record answers %d", a.status)
	}
}

// Two nodes write one log, and both keep its heads.
func TestAuditOnTwoNodes(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "shared", "audit.key")
	s := startNodes(t, "--audit-key", key)
	var group sync.WaitGroup
	for w := range 6 {
		group.Go(func() {
			for i := range 5 {
				f := s.node(w % 2).upload(file("a.jsonl", good(2, fmt.Sprint("nodes", w, i)))).ok(200).json().str("file_id")
				s.node((w + 1) % 2).get("/download-file/" + f).ok(200)
			}
		})
	}
	group.Wait()
	rows := s.node(0).auditLog("")
	for i, r := range rows {
		if r.num("number") != float64(len(rows)-i) {
			t.Fatalf("row %v at place %d of %d", r["number"], i, len(rows))
		}
	}
	if len(rows) != 6*5*5 {
		t.Errorf("%d rows, want %d", len(rows), 6*5*5)
	}
	s.stop()
	for i := range 2 {
		dir := filepath.Join(s.dir, fmt.Sprint("node-", i), "audit")
		out, code := s.verify("--audit-key", key, "--checkpoint", dir)
		if code != 0 || !strings.Contains(out, fmt.Sprint(len(rows), " rows hold")) {
			t.Errorf("node %d: verify says %q, %d", i, out, code)
		}
	}
}

// What is refused for its rate is on record, by the status of every protocol.
func TestAuditOfRates(t *testing.T) {
	s := start(t)
	_, admin := s.makeKey("root")
	s.key = "fsh_000000000000_" + strings.Repeat("0", 64) + "_00000000"
	var last answer
	for range 100 {
		if last = s.get("/staged-files"); last.status == 429 {
			break
		}
	}
	last.problem(429, "too-many-failures")
	upload := s.do("POST", api+"/tus/", "", "Tus-Resumable", "1.0.0", "Upload-Length", "5")
	upload.problem(503, "too-many-failures")
	s.key = admin
	for route, a := range map[string]answer{"GET " + api + "/staged-files": last, "POST " + api + "/tus/": upload} {
		rows := s.auditLog(query("object", strings.Replace(route, "tus/", "tus/{$}", 1), "result", "too-many-failures"))
		if len(rows) != 1 || rows[0].str("request_id") != a.header.Get("X-Request-Id") || rows[0].str("source") != "127.0.0.1" {
			t.Errorf("%s: %v", route, rows)
		}
	}
}
