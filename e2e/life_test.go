package e2e_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestLaterLife walks a file through all that may happen to it once fresh, and
// tries every step that is wrong on the way.
func TestLaterLife(t *testing.T) {
	s := start(t)
	data := good(4, "life")
	id := s.upload(file("a.jsonl", data)).ok(200).json().str("file_id")
	wrong := func(state string, paths ...string) {
		t.Helper()
		for _, p := range paths {
			d := s.post(p+id, "{}").problem(409, "").str("detail")
			if !strings.Contains(d, state) {
				t.Errorf("%s of a file that is %s: the detail %q does not say so", p, state, d)
			}
		}
	}
	wrong("fresh", "/promote-file/", "/retry-failed-file/")

	s.post("/mark-used/"+id, `{"training_job":"run-1"}`).ok(200).json().want(t, obj{"status": "used", "used_count": 1})
	s.post("/mark-used/"+id, `{"training_job":"run-2"}`).ok(200)
	s.post("/mark-used/"+id, `{}`).ok(200)
	f := s.info(id)
	f.want(t, obj{"status": "used", "used_count": 3})
	if jobs, _ := f["training_jobs"].([]any); len(jobs) != 2 || jobs[0] != "run-1" || jobs[1] != "run-2" {
		t.Errorf("training_jobs are %v", f["training_jobs"])
	}
	if f.str("last_used") == "" {
		t.Error("last_used is not set")
	}
	s.wantUnder(id, "fresh") // trainers' paths hold
	wrong("used", "/promote-file/", "/retry-failed-file/")

	s.post("/archive-file/"+id, "").ok(200).json().want(t, obj{"status": "archived"})
	s.wantUnder(id, "archived")
	if got := string(s.get("/download-file/" + id).ok(200).body); got != data {
		t.Error("an archived file gives other bytes")
	}
	wrong("archived", "/promote-file/", "/retry-failed-file/", "/mark-used/", "/archive-file/", "/process-file/")

	s.post("/deprecate-file/"+id, "").ok(200).json().want(t, obj{"status": "deprecated"})
	wrong("deprecated", "/promote-file/", "/retry-failed-file/", "/mark-used/", "/archive-file/", "/deprecate-file/", "/process-file/")

	s.do("DELETE", api+"/file/"+id, "").ok(200).json().want(t, obj{"status": "success", "file_id": id})
	s.wantNoBytes(id)
	s.get("/file-info/"+id).problem(404, "")
	s.get("/download-file/"+id).problem(404, "")
	s.do("DELETE", api+"/file/"+id, "").problem(404, "")

	// its history stays, oldest first
	events := s.get("/history/" + id).ok(200).json().list("events")
	path, last := "", 0.0
	for _, e := range events {
		if e.num("id") <= last {
			t.Errorf("history is not in order: %v", events)
		}
		last = e.num("id")
		if e.str("to_status") != e.str("from_status") || e.str("action") == "delete" {
			path += " " + e.str("to_status")
		}
		if e.str("actor") == "" || e.str("at") == "" || e.str("action") == "" {
			t.Errorf("a row without who, when or what: %v", e)
		}
	}
	if want := " uploading uploaded processing fresh used archived deprecated "; path != want {
		t.Errorf("history goes%q, want%q", path, want)
	}
	// the content is free again
	s.upload(file("a.jsonl", data)).ok(200).json().want(t, obj{"is_duplicate": false, "file_status": "fresh"})
}

// Each state may be deleted that the picture lets be.
func TestDelete(t *testing.T) {
	s := start(t, "--promote", "manual")
	for _, c := range []struct {
		name, data string
		steps      []string
		status     string
	}{
		{"uploaded", good(2, "del-uploaded"), nil, "uploaded"},
		{"failed", bad("del-failed"), nil, "failed"},
		{"fresh", good(2, "del-fresh"), []string{"/promote-file/"}, "fresh"},
		{"used", good(2, "del-used"), []string{"/promote-file/", "/mark-used/"}, "used"},
		{"archived", good(2, "del-archived"), []string{"/promote-file/", "/archive-file/"}, "archived"},
		{"deprecated", good(2, "del-deprecated"), []string{"/promote-file/", "/deprecate-file/"}, "deprecated"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			id := s.upload(file("a.jsonl", c.data)).ok(200).json().str("file_id")
			for _, step := range c.steps {
				s.post(step+id, "{}").ok(200)
			}
			s.info(id).want(t, obj{"status": c.status})
			s.do("DELETE", api+"/file/"+id, "").ok(200)
			s.wantNoBytes(id)
			s.get("/file-info/"+id).problem(404, "")
		})
	}
}

func TestCleanup(t *testing.T) {
	s := start(t)
	fresh := s.upload(file("fresh.jsonl", good(3, "kept"))).ok(200).json().str("file_id")
	var failed []string
	size := 0
	for i := range 3 {
		data := bad("clean" + string(rune('a'+i)))
		size += len(data)
		failed = append(failed, s.upload(file("bad.jsonl", data)).ok(200).json().str("file_id"))
	}
	live := s.slowUpload("live.jsonl")
	live.feed(good(100, "live"))
	live.received(1)
	clean := func(query string) obj {
		t.Helper()
		return s.do("DELETE", api+"/cleanup-failed-uploads"+query, "").ok(200).json()
	}

	clean("").want(t, obj{"status": "success", "cleaned_count": 0, "bytes_freed": 0}) // none is a day old
	clean("?hours_old=0&dry_run=true").want(t, obj{"cleaned_count": 3, "bytes_freed": size})
	for _, id := range failed {
		s.wantUnder(id, "uploads")
	}
	clean("?hours_old=0").want(t, obj{"status": "success", "cleaned_count": 3, "bytes_freed": size})
	for _, id := range failed {
		s.get("/file-info/"+id).problem(404, "")
	}
	if keys := s.files("training-data"); len(keys) != 1 {
		t.Errorf("bytes were left: %v", keys)
	}
	clean("?hours_old=0").want(t, obj{"cleaned_count": 0, "bytes_freed": 0})
	s.info(fresh).want(t, obj{"status": "fresh"})
	// an upload under way is nobody's rubbish
	live.finish().ok(200).json().want(t, obj{"file_status": "fresh"})
}

func TestList(t *testing.T) {
	s := start(t)
	var ids []string
	for i := range 7 {
		data, kind := good(i+1, "list"+string(rune('a'+i))), "sample"
		if i%3 == 0 {
			data, kind = bad("list"+string(rune('a'+i))), "red_team"
		}
		ids = append(ids, s.upload(text("data_type", kind), file("Report_"+string(rune('A'+i))+".jsonl", data)).ok(200).json().str("file_id"))
	}
	for _, c := range []struct {
		name, query string
		total       int
		first       int // index into ids
	}{
		{"all, newest first", "", 7, 6},
		{"oldest first", "?sort=upload_time", 7, 0},
		{"by name", "?sort=original_name", 7, 0},
		{"by name, falling", "?sort=-original_name", 7, 6},
		{"failed", "?status=failed", 3, 6},
		{"fresh", "?status=fresh", 4, 5},
		{"type", "?data_type=sample", 4, 5},
		{"type and status", "?data_type=sample&status=failed", 0, -1},
		{"part of the name, other case", "?q=report_c", 1, 2},
		{"_ is no wildcard", "?q=report__", 0, -1},
		{"% is no wildcard", "?q=%25", 0, -1},
		{"several statuses", "?status=failed,fresh", 7, 6},
		{"several statuses, one twice", "?status=failed,failed&sort=upload_time", 3, 0},
		{"verdict", "?verdict=passed", 4, 5},
		{"verdict and statuses", "?verdict=failed&status=fresh,failed", 3, 6},
		{"verdict of no file of the status", "?verdict=passed&status=uploaded", 0, -1},
		{"a whole id", "?q=" + ids[3], 1, 3},
		{"an id, other case", "?q=" + strings.ToUpper(ids[3]), 1, 3},
		{"the front of all ids", "?q=" + ids[3][:11], 7, 6},
		{"less of it", "?q=" + ids[3][:10], 0, -1},
		{"the middle of an id", "?q=" + ids[3][5:], 0, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			l := s.get("/staged-files" + c.query).ok(200).json()
			l.want(t, obj{"total_count": c.total, "next_cursor": nil})
			files := l.list("files")
			if len(files) != c.total {
				t.Fatalf("%d files, want %d", len(files), c.total)
			}
			if c.first >= 0 && files[0].str("file_id") != ids[c.first] {
				t.Errorf("the first is %s", files[0].str("original_name"))
			}
		})
	}
	s.t = t
	for _, q := range []string{"", "sort=original_name&", "status=failed,fresh&"} {
		all := s.get("/staged-files?" + q + "limit=100").ok(200).json().list("files")
		for _, offset := range []int{0, 1, 4, 6, 7, 100} {
			l := s.get(fmt.Sprintf("/staged-files?%slimit=2&offset=%d", q, offset)).ok(200).json()
			l.want(t, obj{"total_count": 7})
			want := all[min(offset, 7):min(offset+2, 7)]
			files := l.list("files")
			if len(files) != len(want) || (l["next_cursor"] == nil) != (offset+2 >= 7) {
				t.Errorf("%s from row %d: %d files, next %v", q, offset, len(files), l["next_cursor"])
				continue
			}
			for i := range files {
				if files[i].str("file_id") != want[i].str("file_id") {
					t.Errorf("%s from row %d: row %d is %s, want %s", q, offset, i, files[i].str("original_name"), want[i].str("original_name"))
				}
			}
		}
	}
	next := s.get("/staged-files?limit=2").ok(200).json().str("next_cursor")
	s.get("/staged-files?limit=2&offset=1&cursor="+next).problem(422, "cursor-and-offset")
	by, _ := s.get("/staged-files?limit=1").ok(200).json()["by_status"].(map[string]any)
	obj(by).want(t, obj{"fresh": 4, "failed": 3})
	for _, sort := range []string{"-upload_time", "upload_time", "-updated_time", "original_name", "file_size", "-file_size"} {
		t.Run("pages by "+sort, func(t *testing.T) {
			s.t = t
			seen, cursor := map[string]bool{}, ""
			for pages := 1; ; pages++ {
				l := s.get("/staged-files" + query("limit", "3", "sort", sort, "cursor", cursor)).ok(200).json()
				for _, f := range l.list("files") {
					if seen[f.str("file_id")] {
						t.Errorf("%s is on two pages", f.str("original_name"))
					}
					seen[f.str("file_id")] = true
				}
				if cursor = l.str("next_cursor"); cursor == "" {
					if pages != 3 || len(seen) != 7 {
						t.Errorf("%d pages with %d files, want 3 with 7", pages, len(seen))
					}
					return
				}
			}
		})
	}
}
