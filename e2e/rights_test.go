package e2e_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// least is the least role that a route takes in the project that it is about:
// viewer, uploader, curator, admin; server: an administrator of the server;
// known: anybody with a key; all: everybody. A route that is not here fails.
var least = map[string]string{
	"POST /upload-large-file": "uploader", "POST /uploads": "uploader", "GET /uploads/{upload_id}": "uploader", "PUT /uploads/{upload_id}/parts/{number}": "uploader",
	"POST /uploads/{upload_id}/complete": "uploader", "DELETE /uploads/{upload_id}": "uploader",
	"POST /tus/": "uploader", "HEAD /tus/{upload_id}": "uploader", "PATCH /tus/{upload_id}": "uploader", "DELETE /tus/{upload_id}": "uploader", "GET /tus/{upload_id}": "viewer", "OPTIONS /tus/": "known",
	"GET /staged-files": "viewer", "POST /named-files": "viewer", "GET /activity": "viewer", "GET /events": "viewer", "GET /metrics": "viewer", "GET /audit-log": "admin",
	"GET /file-info/{file_id}": "viewer", "GET /upload-progress/{file_id}": "viewer", "GET /validation-report/{file_id}": "viewer", "GET /validation-findings/{file_id}": "viewer",
	"GET /findings-map/{file_id}": "viewer", "GET /record-overlap/{file_id}": "viewer", "GET /history/{file_id}": "viewer",
	"GET /download-file/{file_id}": "viewer", "GET /records/{file_id}": "viewer", "GET /rejected-records/{file_id}": "viewer", "GET /clean-records/{file_id}": "viewer", "POST /rule-preview": "viewer",
	"POST /mark-used/{file_id}": "uploader", "POST /process-file/{file_id}": "curator", "POST /retry-failed-file/{file_id}": "curator", "POST /promote-file/{file_id}": "curator",
	"POST /archive-file/{file_id}": "curator", "POST /deprecate-file/{file_id}": "curator", "DELETE /file/{file_id}": "curator", "DELETE /cleanup-failed-uploads": "curator", "POST /adopt": "server",
	"GET /rules": "known", "GET /rule-sets": "viewer", "GET /rule-sets/{name}": "viewer", "PUT /rule-sets/{name}": "curator", "DELETE /rule-sets/{name}": "curator",
	"GET /projects": "known", "GET /projects/{name}": "viewer", "PUT /projects/{name}": "admin", "DELETE /projects/{name}": "server",
	"POST /hold-file/{file_id}": "admin", "DELETE /hold-file/{file_id}": "admin", "POST /apply-retention": "admin", "GET /deletion-certificate/{file_id}": "viewer",
	"GET /keys": "admin", "POST /keys": "admin", "DELETE /keys/{id}": "admin",
	"GET /session": "all", "POST /session": "all", "DELETE /session": "all",
	"GET /health": "known", "GET /limits": "known", "GET :/metrics": "server", "GET :/livez": "all", "GET :/readyz": "all",
}

// scopeOf is the scope of a key that a route takes, besides the role.
var scopeOf = map[string]string{
	"viewer": "read", "uploader": "upload", "curator": "curate", "admin": "admin", "server": "admin",
	"GET /tus/{upload_id}": "download", "GET /download-file/{file_id}": "download", "GET /records/{file_id}": "download", "GET /rejected-records/{file_id}": "download", "GET /clean-records/{file_id}": "download",
	"POST /rule-preview": "download", "POST /mark-used/{file_id}": "use", "PUT /rule-sets/{name}": "rules", "DELETE /rule-sets/{name}": "rules", "GET /projects/{name}": "read", "GET :/metrics": "read",
}

// keyWith makes a key as an administrator does, and gives its secret.
func (s *server) keyWith(body string) string {
	s.t.Helper()
	return s.post("/keys", body).ok(201).json().str("key")
}

// walker asks every route in the name of somebody.
type walker struct {
	*server
	admin        string // key that may all
	n            int
	file, upload string // that nobody has used yet
}

// target is what a route is about: a file of the project, or an upload under way.
func (w *walker) target(route string) (id, upload string) {
	w.t.Helper()
	w.key = w.admin
	w.n++
	if strings.Contains(route, "{upload_id}") {
		if w.upload == "" {
			w.upload = w.begin(fmt.Sprintf("u%d.jsonl", w.n), 2*partSize, "", "X-Project", "vision").ok(201).json().str("upload_id")
		}
		return "", w.upload
	}
	if !strings.Contains(route, "{file_id}") && route != "POST /rule-preview" {
		return "", ""
	}
	if w.file == "" {
		w.file = w.do("POST", api+"/upload-large-file", form(file(fmt.Sprintf("f%d.jsonl", w.n), good(2, fmt.Sprint("walk", w.n)))), "Content-Type", formType, "X-Project", "vision").ok(200).json().str("file_id")
	}
	return w.file, ""
}

// ask makes a request as the holder of a key, and gives status and code.
func (w *walker) ask(route, key, project string) (int, string) {
	w.t.Helper()
	id, upload := w.target(route)
	method, path, _ := strings.Cut(route, " ")
	path = strings.NewReplacer("{file_id}", id, "{upload_id}", upload, "{number}", "1", "{name}", "vision", "{id}", "000000000000").Replace(path)
	if at, ok := strings.CutPrefix(path, ":"); ok {
		path = at
	} else {
		path = api + path
	}
	body := ""
	switch {
	case route == "POST /rule-preview":
		body = fmt.Sprintf(`{"file_id": %q, "validation_rules": {}}`, id)
	case strings.HasPrefix(route, "POST /tus/"), method == "PATCH", method == "HEAD":
	case strings.Contains(route, "/process-file"), strings.Contains(route, "/mark-used"), strings.HasPrefix(route, "PUT /projects"):
		body = "{}"
	case strings.HasPrefix(route, "POST /hold-file"):
		body = `{"reason": "law"}`
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, w.url(path), strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if strings.Contains(path, "/tus/") {
		r.Header.Set("Tus-Resumable", "1.0.0")
		r.Header.Set("Content-Type", "application/offset+octet-stream")
		r.Header.Set("Upload-Offset", "0")
		if method == "POST" {
			r.Header.Set("Upload-Length", "5")
		}
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	if project != "" {
		r.Header.Set("X-Project", project)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode < 400 && method != "GET" {
		w.file, w.upload = "", ""
	}
	if resp.StatusCode < 400 || method == "HEAD" {
		return resp.StatusCode, ""
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, answer{t: w.t, what: route, body: b}.json().str("code")
}

// TestRights walks every route that the document has, as everybody there is. A
// new route fails until it is decided who may use it.
func TestRights(t *testing.T) {
	s := start(t)
	_, admin := s.makeKey("root")
	s.key = admin
	w := &walker{server: s, admin: admin}
	for _, p := range []string{"vision", "text"} {
		s.do("PUT", api+"/projects/"+p, "{}", "Content-Type", "application/json").ok(201)
	}
	holders := []struct{ who, role, key string }{{"no key", "", ""}, {"a bad key", "", "fsh_bad"}, {"root", "server", admin}}
	for _, role := range []string{"viewer", "uploader", "curator", "admin"} {
		holders = append(holders, struct{ who, role, key string }{role, role, s.keyWith(fmt.Sprintf(`{"name": %q, "roles": {"vision": %q}}`, role, role))})
	}
	out, err := s.command("keys", "create", "gone", "--expires", "1ms").Output()
	if err != nil {
		t.Fatal(err)
	}
	holders = append(holders, struct{ who, role, key string }{"an expired key", "", strings.TrimSpace(string(out))})
	id, revoked := s.makeKey("revoked")
	s.do("DELETE", api+"/keys/"+id, "").ok(204)
	holders = append(holders, struct{ who, role, key string }{"a revoked key", "", revoked})
	elsewhere := s.keyWith(`{"name": "elsewhere", "roles": {"text": "admin"}}`)
	scoped := map[string]string{}
	for _, scope := range []string{"read", "download", "upload", "use", "curate", "rules", "admin"} {
		scoped[scope] = s.keyWith(fmt.Sprintf(`{"name": %q, "scopes": [%q]}`, scope, scope))
	}

	for _, route := range documented(t, s) {
		level, ok := least[route]
		if !ok {
			t.Errorf("%s: who may?", route)
			continue
		}
		for _, h := range holders {
			status, code := w.ask(route, h.key, "vision")
			want := expected(level, h.role)
			if got := outcome(status, code); got != want {
				t.Errorf("%s as %s: %d %s, want %s", route, h.who, status, code, want)
			}
		}
		if level == "all" || level == "known" {
			continue
		}
		// an administrator of another project, who asks in its own and names the object, or names the project
		about := strings.Contains(route, "_id}") || route == "POST /rule-preview" || strings.HasSuffix(route, " /projects/{name}") && level != "server"
		if status, code := w.ask(route, elsewhere, ""); about && status != 404 || level == "server" && status != 403 {
			t.Errorf("%s from another project: %d %s", route, status, code)
		}
		if status, code := w.ask(route, elsewhere, "vision"); status != 404 {
			t.Errorf("%s from another project, by its name: %d %s", route, status, code)
		}
		needs, ok := scopeOf[route]
		if !ok {
			needs = scopeOf[level]
		}
		for scope, key := range scoped {
			status, code := w.ask(route, key, "vision")
			if got := outcome(status, code); needs != "" && (got == "may") != (scope == needs) {
				t.Errorf("%s by a key for %s: %d %s, takes %s", route, scope, status, code, needs)
			}
		}
	}
}

// expected is what becomes of somebody with a role, where another is the least.
func expected(level, role string) string {
	order := []string{"viewer", "uploader", "curator", "admin", "server"}
	switch {
	case level == "all":
		return "may"
	case role == "":
		return "unknown"
	case level == "known" || slices.Index(order, role) >= slices.Index(order, level):
		return "may"
	}
	return "may not"
}

func outcome(status int, code string) string {
	switch {
	case status == 401, code == "too-many-failures", status == 423: // HEAD is told 423 instead
		return "unknown"
	case status == 403:
		return "may not"
	}
	return "may"
}

// documented is every route of the document, as least names them.
func documented(t *testing.T, s *server) (out []string) {
	paths, _ := s.do("GET", "/openapi.json", "").ok(200).json()["paths"].(map[string]any)
	for path, ops := range paths {
		for method, op := range ops.(map[string]any) {
			if o, ok := op.(map[string]any); !ok || o["responses"] == nil {
				continue
			}
			at, guide := strings.CutPrefix(path, api)
			if !guide {
				at = ":" + path
			}
			out = append(out, strings.ToUpper(method)+" "+at)
		}
	}
	slices.Sort(out)
	if len(out) < 50 {
		t.Fatalf("%d routes are documented", len(out))
	}
	return out
}

// Nobody learns of another project by content, names, ids, lists or events.
func TestProjectsApart(t *testing.T) {
	s := start(t)
	_, admin := s.makeKey("root")
	s.key = admin
	for _, p := range []string{"vision", "text"} {
		s.do("PUT", api+"/projects/"+p, "{}", "Content-Type", "application/json").ok(201)
	}
	vision, text := s.keyWith(`{"name": "v", "roles": {"vision": "curator"}}`), s.keyWith(`{"name": "t", "roles": {"text": "curator"}}`)
	send := func(key, name, body string) obj {
		s.key = key
		return s.upload(file(name, body)).ok(200).json()
	}
	same := good(5, "the same")
	one := send(vision, "secret-name.jsonl", same)
	two := send(text, "other.jsonl", same)
	two.want(t, obj{"is_duplicate": false, "file_status": "fresh"})
	if one.str("file_id") == two.str("file_id") {
		t.Fatal("the same content is one file in two projects")
	}
	send(vision, "again.jsonl", same).want(t, obj{"is_duplicate": true, "file_id": one.str("file_id")})

	// by a hash that is told beforehand
	s.key = text
	hash := two.str("file_hash")
	s.do("DELETE", api+"/file/"+two.str("file_id"), "").ok(200)
	s.begin("mine.jsonl", len(same), `, "file_hash": "`+hash+`"`).ok(201)
	s.get("/staged-files").ok(200).json().want(t, obj{"total_count": 1})
	s.get("/staged-files?q=secret").ok(200).json().want(t, obj{"total_count": 0})
	if n := s.do("POST", api+"/named-files", `{"names": ["secret-name.jsonl"]}`, "Content-Type", "application/json").ok(200).json().list("files"); len(n) != 0 {
		t.Errorf("a name of another project is told: %v", n)
	}
	for _, e := range s.get("/activity").ok(200).json().list("events") {
		if e["file_id"] == one.str("file_id") {
			t.Errorf("activity tells of another project: %v", e)
		}
	}
	s.get("/metrics").ok(200).json().want(t, obj{"total_uploads": 1})
	s.get("/health").ok(200).json().want(t, obj{"total_files": 1})

	// rule sets have their names to themselves
	s.do("PUT", api+"/rule-sets/strict", `{"min_records": 3}`, "Content-Type", "application/json").ok(201)
	s.key = vision
	s.get("/rule-sets/strict").problem(404, "unknown-rule-set")
	s.do("PUT", api+"/rule-sets/strict", `{"min_records": 4}`, "Content-Type", "application/json").ok(201).json().want(t, obj{"version": 1})

	// a piece of another project is no piece
	piece := s.do("POST", api+"/tus/", "{}\n", "Tus-Resumable", "1.0.0", "Upload-Concat", "partial", "Upload-Length", "3", "Content-Type", "application/offset+octet-stream").ok(201).header.Get("Location")
	s.key = text
	s.do("POST", api+"/tus/", "", "Tus-Resumable", "1.0.0", "Upload-Concat", "final;"+piece).problem(404, "")

	// roles in two projects: each object is of its own, new ones go where it is said
	both := s.keyWith2(admin, `{"name": "both", "roles": {"vision": "viewer", "text": "uploader"}}`)
	s.key = both
	s.get("/file-info/"+one.str("file_id")).ok(200).json().want(t, obj{"project": "vision"})
	s.do("DELETE", api+"/file/"+one.str("file_id"), "").problem(403, "not-allowed")
	s.upload(file("a.jsonl", good(2, "nowhere"))).problem(403, "not-allowed") // the default project
	s.do("POST", api+"/upload-large-file", form(file("a.jsonl", good(2, "there"))), "Content-Type", formType, "X-Project", "text").ok(200)
	s.get("/staged-files?project=vision").ok(200).json().want(t, obj{"total_count": 1})
	s.get("/staged-files?project=default").problem(404, "unknown-project")
	s.get("/staged-files?project=..%2F").problem(404, "unknown-project")
}

// keyWith2 makes a key as another.
func (s *server) keyWith2(by, body string) string {
	s.t.Helper()
	s.key = by
	return s.keyWith(body)
}

// A stream of events tells of its project alone.
func TestEventsOfAProject(t *testing.T) {
	s := start(t)
	_, admin := s.makeKey("root")
	s.key = admin
	s.do("PUT", api+"/projects/vision", "{}", "Content-Type", "application/json").ok(201)
	resp := s.stream("/events?project=vision")
	defer resp.Body.Close()
	s.upload(file("default.jsonl", good(2, "default")))
	s.do("POST", api+"/upload-large-file", form(file("vision.jsonl", good(2, "vision"))), "Content-Type", formType, "X-Project", "vision").ok(200)
	var seen strings.Builder
	buf := make([]byte, 4096)
	for end := time.Now().Add(patience); !strings.Contains(seen.String(), `"status":"fresh"`) && time.Now().Before(end); {
		n, err := resp.Body.Read(buf)
		seen.Write(buf[:n])
		if err != nil {
			break
		}
	}
	if got := seen.String(); strings.Contains(got, "default.jsonl") || !strings.Contains(got, "vision.jsonl") {
		t.Errorf("the stream of vision told:\n%s", got)
	}
}

// stream opens a stream of events.
func (s *server) stream(path string) *http.Response {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), "GET", s.url(api+path), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.key)
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || resp.StatusCode != 200 {
		s.t.Fatalf("%s: %v, %v", path, resp, err)
	}
	return resp
}

// An administrator of a project makes keys for it, and no more than it may itself.
func TestKeysOfAProject(t *testing.T) {
	s := start(t)
	_, root := s.makeKey("root")
	s.key = root
	s.do("PUT", api+"/projects/vision", "{}", "Content-Type", "application/json").ok(201)
	lead := s.keyWith(`{"name": "lead", "roles": {"vision": "admin"}}`)
	s.post("/keys", `{"name": "x", "roles": {"nowhere": "viewer"}}`).problem(404, "unknown-project")
	s.post("/keys", `{"name": "x", "roles": {"vision": "king"}}`).problem(422, "unknown-role")
	s.post("/keys", `{"name": "x", "roles": {"a/b": "viewer"}}`).problem(422, "bad-project")
	s.post("/keys", `{"name": "x", "scopes": ["fly"]}`).problem(422, "unknown-scope")
	s.post("/keys", `{"name": "x", "expires_time": "2020-01-01T00:00:00Z"}`).problem(422, "expired-already")
	s.key = lead
	mine := s.post("/keys", `{"name": "mine"}`).ok(201).json()
	s.post("/keys", `{"name": "x", "roles": {"*": "admin"}}`).problem(403, "more-than-own")
	s.post("/keys", `{"name": "x", "roles": {"vision": "viewer", "default": "viewer"}}`).problem(403, "more-than-own")
	list := s.get("/keys").ok(200).json().list("keys")
	if len(list) != 2 {
		t.Fatalf("the administrator of a project sees the keys %v", list)
	}
	list[0].want(t, obj{"id": mine.str("id"), "expires_time": nil})
	if roles := fmt.Sprint(list[0]["roles"]); roles != "map[vision:admin]" {
		t.Errorf("its roles are %s", roles)
	}
	if by, _ := list[0]["created_by"].(string); !strings.HasPrefix(by, "key:") {
		t.Errorf("created_by = %q", by)
	}
	s.key = root
	id := s.get("/keys").ok(200).json().list("keys")
	s.key = lead
	for _, k := range id { // those of others cannot be told from those that are not there
		if k["name"] == "root" {
			s.do("DELETE", api+"/keys/"+k["id"].(string), "").problem(404, "unknown-key")
		}
	}
	s.do("DELETE", api+"/keys/"+mine.str("id"), "").ok(204)
	s.key = mine.str("key")
	s.get("/staged-files").problem(401, "bad-key")

	// a key that may only make keys cannot make one that may more
	s.key = root
	only := s.keyWith(`{"name": "only", "scopes": ["admin"]}`)
	s.key = only
	s.post("/keys", `{"name": "x", "scopes": ["admin", "read"]}`).problem(403, "more-than-own")
	s.post("/keys", `{"name": "x"}`).ok(201)
}

// A name that a project had is not given to another: keys and records of before
// speak of it. Nor is anything made in a project that has ended.
func TestProjectNamesAreNotUsedAgain(t *testing.T) {
	s := start(t)
	_, root := s.makeKey("root")
	s.key = root
	put := func() answer { return s.do("PUT", api+"/projects/v", "{}", "Content-Type", "application/json") }
	put().ok(201)
	s.do("PUT", api+"/projects/v", `{"max_files": 3}`, "Content-Type", "application/json", "If-None-Match", "*").problem(412, "project-exists")
	if most, set := s.get("/projects/v").ok(200).json()["max_files"]; set {
		t.Errorf("a project that was only to be made has max_files %v now", most)
	}
	s.do("PUT", api+"/projects/w", `{"max_files": 3}`, "Content-Type", "application/json", "If-None-Match", "*").ok(201)
	s.do("DELETE", api+"/projects/w", "").ok(204)
	old := s.keyWith(`{"name": "old", "roles": {"v": "admin"}}`)
	s.do("DELETE", api+"/projects/v", "").ok(204)
	put().problem(409, "project-ended")
	s.get("/projects/v").problem(404, "unknown-project")
	s.do("DELETE", api+"/projects/v", "").problem(404, "unknown-project")
	s.key = old
	s.do("PUT", api+"/rule-sets/strict", `{"min_records": 3}`, "Content-Type", "application/json").problem(404, "unknown-project")
	s.upload(file("a.jsonl", good(2, "ended"))).problem(404, "unknown-project")
	s.begin("a.jsonl", 5, "").problem(404, "unknown-project")
	s.do("POST", api+"/tus/", "", "Tus-Resumable", "1.0.0", "Upload-Length", "5").problem(404, "unknown-project")
	s.do("POST", api+"/tus/", "", "Tus-Resumable", "1.0.0", "Upload-Length", "5", "Upload-Concat", "partial").problem(404, "unknown-project")
	s.post("/keys", `{"name": "x"}`).problem(404, "unknown-project")
	if len(s.get("/projects").ok(200).json().list("projects")) != 0 {
		t.Error("a project that has ended is listed")
	}
}

// What is told of a project is told to who has a role in it, and a key lasts no
// longer than who made it.
func TestNothingOfOthers(t *testing.T) {
	s := start(t)
	_, root := s.makeKey("root")
	s.key = root
	s.upload(file("default.jsonl", good(3, "default"))).ok(200)
	for _, p := range []string{"a", "b"} {
		s.do("PUT", api+"/projects/"+p, "{}", "Content-Type", "application/json").ok(201)
	}
	both := s.keyWith(`{"name": "both", "roles": {"a": "viewer", "b": "viewer"}}`)
	ends := time.Now().Add(time.Hour).UTC().Truncate(time.Second).Format(time.RFC3339)
	brief := s.keyWith(`{"name": "brief", "expires_time": "` + ends + `"}`)
	s.key = both // in two projects, and not in the one that is meant where none is said
	s.get("/limits").ok(200).json().want(t, obj{"project": nil, "stored_bytes": 0})
	s.get("/health").ok(200).json().want(t, obj{"total_files": 0, "fresh_files": 0})
	s.get("/metrics").problem(403, "not-allowed")
	s.key = brief
	s.post("/keys", `{"name": "x", "expires_time": "2199-01-01T00:00:00Z"}`).problem(403, "more-than-own")
	s.post("/keys", `{"name": "child"}`).ok(201)
	s.key = root
	for _, k := range s.get("/keys").ok(200).json().list("keys") {
		if k.str("name") == "child" && k.str("expires_time") != ends {
			t.Errorf("it ends at %v, its maker's at %s", k["expires_time"], ends)
		}
	}
}
