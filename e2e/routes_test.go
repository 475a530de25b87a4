package e2e_test

import (
	"regexp"
	"strings"
	"testing"
)

// routes is every method and path that answers.
var routes = []string{
	"POST /data/efficient/upload-large-file",
	"GET /data/efficient/upload-progress/{file_id}",
	"GET /data/efficient/staged-files",
	"GET /data/efficient/file-info/{file_id}",
	"POST /data/efficient/named-files",
	"POST /data/efficient/process-file/{file_id}",
	"POST /data/efficient/retry-failed-file/{file_id}",
	"DELETE /data/efficient/cleanup-failed-uploads",
	"GET /data/efficient/download-file/{file_id}",
	"GET /data/efficient/validation-report/{file_id}",
	"GET /data/efficient/validation-findings/{file_id}",
	"GET /data/efficient/findings-map/{file_id}",
	"GET /data/efficient/rejected-records/{file_id}",
	"GET /data/efficient/clean-records/{file_id}",
	"GET /data/efficient/records/{file_id}",
	"GET /data/efficient/record-overlap/{file_id}",
	"POST /data/efficient/promote-file/{file_id}",
	"POST /data/efficient/mark-used/{file_id}",
	"POST /data/efficient/archive-file/{file_id}",
	"POST /data/efficient/deprecate-file/{file_id}",
	"DELETE /data/efficient/file/{file_id}",
	"GET /data/efficient/history/{file_id}",
	"GET /data/efficient/activity",
	"GET /data/efficient/events",
	"GET /data/efficient/audit-log",
	"POST /data/efficient/adopt",
	"POST /data/efficient/hold-file/{file_id}",
	"DELETE /data/efficient/hold-file/{file_id}",
	"POST /data/efficient/apply-retention",
	"GET /data/efficient/deletion-certificate/{file_id}",
	"POST /data/efficient/uploads",
	"GET /data/efficient/uploads/{upload_id}",
	"PUT /data/efficient/uploads/{upload_id}/parts/{number}",
	"POST /data/efficient/uploads/{upload_id}/complete",
	"DELETE /data/efficient/uploads/{upload_id}",
	"POST /data/efficient/tus/",
	"OPTIONS /data/efficient/tus/",
	"HEAD /data/efficient/tus/{upload_id}",
	"PATCH /data/efficient/tus/{upload_id}",
	"DELETE /data/efficient/tus/{upload_id}",
	"GET /data/efficient/tus/{upload_id}",
	"GET /data/efficient/session",
	"POST /data/efficient/session",
	"DELETE /data/efficient/session",
	"GET /data/efficient/projects",
	"GET /data/efficient/projects/{name}",
	"PUT /data/efficient/projects/{name}",
	"DELETE /data/efficient/projects/{name}",
	"GET /data/efficient/keys",
	"POST /data/efficient/keys",
	"DELETE /data/efficient/keys/{id}",
	"GET /data/efficient/rules",
	"PUT /data/efficient/rule-sets/{name}",
	"GET /data/efficient/rule-sets",
	"GET /data/efficient/rule-sets/{name}",
	"DELETE /data/efficient/rule-sets/{name}",
	"POST /data/efficient/rule-preview",
	"GET /data/efficient/health",
	"GET /data/efficient/metrics",
	"GET /data/efficient/limits",
	"GET /metrics",
	"GET /livez",
	"GET /readyz",
}

// The document describes every route that answers, and no other.
func TestOpenAPI(t *testing.T) {
	s := start(t)
	doc := s.do("GET", "/openapi.json", "").ok(200).json()
	paths, _ := doc["paths"].(map[string]any)
	described := map[string]bool{}
	for path, ops := range paths {
		for method, op := range ops.(map[string]any) {
			if o, ok := op.(map[string]any); ok && o["responses"] != nil {
				described[strings.ToUpper(method)+" "+path] = true
			}
		}
	}
	for _, r := range routes {
		if !described[r] {
			t.Errorf("%s is not described", r)
		}
		delete(described, r)
		method, path, _ := strings.Cut(r, " ")
		if strings.HasSuffix(path, "/events") {
			continue // it answers for ever
		}
		a := s.do(method, strings.Replace(path, "{file_id}", newID(), 1), "")
		if method == "HEAD" {
			continue // it has no body to tell a route from an upload that is not there
		}
		if a.status == 404 && a.json().str("code") == "unknown-route" || a.status == 405 || a.status >= 500 {
			t.Errorf("%s answers %d: %.200s", r, a.status, a.body)
		}
	}
	for r := range described {
		t.Errorf("%s is described and not in this test's list", r)
	}
	if strings.Contains(string(s.do("GET", "/openapi.json", "").body), s.dir) {
		t.Error("the document shows the server's disk")
	}
}

// The pages work without a network: all they load is the server's own.
func TestDocsWorkOffline(t *testing.T) {
	s := start(t)
	if a := s.do("GET", "/docs", ""); a.status != 301 || a.header.Get("Location") != "/docs/" {
		t.Errorf("/docs answers %d to %q", a.status, a.header.Get("Location"))
	}
	a := s.do("GET", "/docs/", "").ok(200)
	if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		t.Errorf("Content-Type %q", a.header.Get("Content-Type"))
	}
	loads := regexp.MustCompile(`(?i)<(?:script|link|img|iframe)[^>]*(?:src|href)\s*=\s*"?([^"\s>]+)`).FindAllStringSubmatch(string(a.body), -1)
	if len(loads) == 0 {
		t.Error("the page loads nothing")
	}
	for _, l := range loads {
		if strings.Contains(l[1], "//") {
			t.Errorf("the page loads %s", l[1])
			continue
		}
		if !strings.HasPrefix(l[1], "data:") {
			s.do("GET", "/docs/"+strings.TrimPrefix(l[1], "/docs/"), "").ok(200)
		}
	}
	if got := a.header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'") || strings.Contains(got, "unsafe") {
		t.Errorf("Content-Security-Policy %q", got)
	}
}

func TestServerTellsOfItself(t *testing.T) {
	s := start(t, "--max-file-size", "5MiB")
	data := good(3, "self")
	s.upload(file("a.jsonl", data)).ok(200)
	s.upload(text("data_type", "sample"), file("b.jsonl", bad("self"))).ok(200)
	h := s.get("/health").ok(200).json()
	h.want(t, obj{"status": "healthy", "active_uploads": 0, "failed_uploads": 1, "fresh_files": 1, "total_files": 2, "chunk_size": 16 << 20})
	if h.num("max_workers") < 2 || h["components"] == nil {
		t.Errorf("health is %v", h)
	}
	m := s.get("/metrics").ok(200).json()
	total := len(data) + len(bad("self"))
	m.want(t, obj{"total_uploads": 2, "successful_uploads": 1, "failed_uploads": 1, "total_size": total})
	if m.num("average_file_size") != float64(total)/2 {
		t.Errorf("average_file_size is %v", m["average_file_size"])
	}
	by, _ := m["by_type"].(map[string]any)
	obj(by).want(t, obj{"custom": 1, "sample": 1})
	s.get("/limits").ok(200).json().want(t, obj{"max_file_size": 5 << 20, "max_record_bytes": 16 << 20, "max_findings": 1000000, "shown_findings": 1000, "manual_promotion": false, "stall_seconds": 60, "stored_bytes": total})
	prom := string(s.do("GET", "/metrics", "").ok(200).body)
	for _, name := range []string{"freshet_http_request_duration_seconds", `freshet_uploads_total{result="ok"} 2`, "freshet_uploaded_bytes_total", "freshet_files{", "freshet_files_bytes{", "freshet_storage_free_bytes", `freshet_component_up{component="catalog"} 1`} {
		if name == "freshet_storage_free_bytes" && clustered {
			continue // a bucket does not tell
		}
		if !strings.Contains(prom, name) {
			t.Errorf("the metrics lack %s", name)
		}
	}
	s.do("GET", "/livez", "").ok(200)
	s.do("GET", "/readyz", "").ok(200)
	id := s.do("GET", "/livez", "").header.Get("X-Request-Id")
	if other := s.do("GET", "/livez", "").header.Get("X-Request-Id"); id == "" || id == other {
		t.Errorf("request ids %q and %q", id, other)
	}
}
