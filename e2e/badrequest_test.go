package e2e_test

import (
	"net/http"
	"strings"
	"testing"
)

// Every route that names a file says 404 for one that is not there.
func TestUnknownFile(t *testing.T) {
	s := start(t)
	for _, r := range []string{
		"GET /upload-progress/", "GET /file-info/", "GET /validation-report/", "GET /validation-findings/", "GET /records/", "GET /record-overlap/",
		"GET /download-file/", "GET /history/", "POST /process-file/", "POST /retry-failed-file/", "POST /promote-file/",
		"POST /mark-used/", "POST /archive-file/", "POST /deprecate-file/", "DELETE /file/",
	} {
		method, path, _ := strings.Cut(r, " ")
		for _, id := range []string{newID(), "file_1234567890", "..%2f..%2fetc%2fpasswd", "%00", "x%27%20OR%201=1"} {
			t.Run(r+id, func(t *testing.T) {
				s.t = t
				body := ""
				if method == "POST" {
					body = "{}"
				}
				s.do(method, api+path+id, body, "Content-Type", "application/json").problem(404, "")
			})
		}
	}
}

func TestBadRequests(t *testing.T) {
	s := start(t)
	id := s.upload(file("a.jsonl", good(3, "a"))).ok(200).json().str("file_id")
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		code, detail             string
	}{
		{"unknown status", "GET", "/staged-files?status=rotten", "", 422, "unknown-status", "rotten"},
		{"unknown status among others", "GET", "/staged-files?status=failed,rotten", "", 422, "unknown-status", "rotten"},
		{"unknown verdict", "GET", "/staged-files?verdict=maybe", "", 422, "", "verdict"},
		{"offset negative", "GET", "/staged-files?offset=-1", "", 422, "", "offset"},
		{"bad cursor", "GET", "/staged-files?cursor=!!", "", 422, "bad-cursor", "cursor"},
		{"cursor of another order", "GET", "/staged-files?sort=file_size&cursor=WyItdXBsb2FkX3RpbWUiLDEsIngiXQ", "", 422, "bad-cursor", "cursor"},
		{"unknown order", "GET", "/staged-files?sort=colour", "", 422, "unknown-sort", "colour"},
		{"bad data type", "GET", "/staged-files?data_type=A%20B", "", 422, "bad-data-type", "data_type"},
		{"limit 0", "GET", "/staged-files?limit=0", "", 422, "", "limit"},
		{"limit negative", "GET", "/staged-files?limit=-1", "", 422, "", "limit"},
		{"limit too large", "GET", "/staged-files?limit=1001", "", 422, "", "limit"},
		{"limit no number", "GET", "/staged-files?limit=abc", "", 422, "", "limit"},
		{"records limit 0", "GET", "/records/ID?limit=0", "", 422, "", "limit"},
		{"records line 0", "GET", "/records/ID?line=0", "", 422, "", "line"},
		{"records line no number", "GET", "/records/ID?line=x", "", 422, "", "line"},
		{"findings of unknown rule", "GET", "/validation-findings/ID?rule=nice", "", 422, "unknown-rule", "nice"},
		{"no names", "POST", "/named-files", `{"names": []}`, 422, "", "names"},
		{"findings of unknown severity", "GET", "/validation-findings/ID?severity=grave", "", 422, "unknown-severity", "grave"},
		{"no findings asked for", "GET", "/validation-findings/ID?limit=0", "", 422, "bad-limit", "0"},
		{"findings in unknown format", "GET", "/validation-findings/ID?format=xlsx", "", 422, "unknown-format", "xlsx"},
		{"hours no number", "DELETE", "/cleanup-failed-uploads?hours_old=x", "", 422, "", "hours_old"},
		{"hours negative", "DELETE", "/cleanup-failed-uploads?hours_old=-1", "", 422, "", "hours_old"},
		{"dry_run no boolean", "DELETE", "/cleanup-failed-uploads?dry_run=maybe", "", 422, "", "dry_run"},
		{"process with no JSON", "POST", "/process-file/ID", "{", 422, "invalid-rules", "/"},
		{"process with unknown rule", "POST", "/process-file/ID", `{"min_record":1}`, 422, "invalid-rules", "/min_record"},
		{"process with nested fault", "POST", "/process-file/ID", `{"custom_validation":{"schema":7}}`, 422, "invalid-rules", "/custom_validation/schema"},
		{"process with bad wait", "POST", "/process-file/ID?wait=soon", "", 422, "bad-wait", "wait"},
		{"retry of a fresh file", "POST", "/retry-failed-file/ID", "", 409, "not-failed", "fresh"},
		{"mark used with no JSON", "POST", "/mark-used/ID", "{", 400, "", ""},
		{"mark used with a wrong type", "POST", "/mark-used/ID", `{"training_job":7}`, 422, "", "training_job"},
		{"mark used with an unknown member", "POST", "/mark-used/ID", `{"job":"x"}`, 422, "", "job"},
		{"mark used with too large a body", "POST", "/mark-used/ID", `{"training_job":"` + strings.Repeat("x", 2<<20) + `"}`, 413, "", ""},
		{"adopt without a prefix", "POST", "/adopt", "{}", 422, "bad-prefix", "prefix"},
		{"adopt that climbs", "POST", "/adopt", `{"prefix":"../../"}`, 422, "bad-prefix", "prefix"},
		{"adopt with no JSON", "POST", "/adopt", "x", 400, "bad-body", ""},
		{"unknown route", "GET", "/nothing", "", 404, "unknown-route", "/nothing"},
		{"route that climbs", "GET", "/..%2f..%2f..%2fetc%2fpasswd", "", 404, "unknown-route", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			p := s.do(c.method, api+strings.Replace(c.path, "ID", id, 1), c.body, "Content-Type", "application/json").problem(c.status, c.code)
			if !strings.Contains(p.str("detail"), c.detail) {
				t.Errorf("the detail %q does not name %q", p.str("detail"), c.detail)
			}
			s.info(id).want(t, obj{"status": "fresh", "used_count": 0})
		})
	}
}

func TestWrongMethod(t *testing.T) {
	s := start(t)
	for _, c := range []struct{ method, path, allow string }{
		{"GET", "/upload-large-file", "POST"},
		{"PUT", "/upload-large-file", "POST"},
		{"POST", "/staged-files", "GET"},
		{"GET", "/cleanup-failed-uploads", "DELETE"},
		{"DELETE", "/file-info/file_1", "GET"},
		{"GET", "/process-file/file_1", "POST"},
		{"POST", "/download-file/file_1", "GET"},
		{"POST", "/file/file_1", "DELETE"},
	} {
		t.Run(c.method+c.path, func(t *testing.T) {
			s.t = t
			a := s.do(c.method, api+c.path, "")
			a.problem(405, "method-not-allowed")
			if got := a.header.Get("Allow"); !strings.Contains(got, c.allow) {
				t.Errorf("Allow %q does not name %s", got, c.allow)
			}
		})
	}
}

func TestUnknownRouteAtTheRoot(t *testing.T) {
	s := start(t)
	for _, path := range []string{"/nothing", "/data/", "/data/efficientx/health", "/../etc/passwd", "/docs/../../etc/passwd", "/docs/%2e%2e/%2e%2e/etc/passwd"} {
		t.Run(path, func(t *testing.T) {
			s.t = t
			c := s.dial() // a library would clean the path
			c.say("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, s.addr)
			a := c.answer()
			if a.status == 200 || strings.Contains(string(a.body), "root:") {
				t.Fatalf("status %d: %.200s", a.status, a.body)
			}
			if a.status < 300 || a.status >= 400 {
				a.problem(404, "")
			}
		})
	}
}

func TestHeaderTooLarge(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		name    string
		headers []string
		path    string
	}{
		{"one large header", []string{"X-Large", strings.Repeat("x", 65<<10)}, "/health"},
		{"large address", nil, "/staged-files?q=" + strings.Repeat("x", 65<<10)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			s.do(http.MethodGet, api+c.path, "", c.headers...).problem(431, "header-too-large")
		})
	}
	s.t = t
	s.do(http.MethodGet, api+"/health", "", "X-Large", strings.Repeat("x", 60<<10)).ok(200)
}
