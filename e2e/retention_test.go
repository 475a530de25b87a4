package e2e_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// What rules of a project do not keep goes, with the reason, and what is on hold stays.
func TestRetention(t *testing.T) {
	t.Parallel()
	s := start(t)
	put := func(path, body string) answer { return s.do("PUT", api+path, body, "Content-Type", "application/json") }
	for name, body := range map[string]string{
		"everything":         `{"retention": [{"status": "fresh"}]}`,
		"a status under way": `{"retention": [{"status": "processing", "keep_days": 1}]}`,
		"negative":           `{"retention": [{"status": "fresh", "keep_days": -1}]}`,
		"for ever and ever":  `{"retention": [{"status": "fresh", "keep_days": 99999999}]}`,
		"unknown key":        `{"retention": [{"status": "fresh", "keep_hours": 1}]}`,
	} {
		if a := put("/projects/default", body); a.status != 422 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	s.until("the server has looked by itself, as it does when it starts", func() bool { return strings.Contains(s.log.String(), `"job":"retain"`) })
	var ids []string
	for i := range 6 {
		ids = append(ids, s.upload(file(fmt.Sprintf("r%d.jsonl", i), good(3, fmt.Sprint("retain", i)))).ok(200).json().str("file_id"))
	}
	other := s.upload(file("other.jsonl", good(3, "other")), text("data_type", "red_team")).ok(200).json().str("file_id")
	s.post("/hold-file/"+ids[1], `{"reason": ""}`).problem(422, "")
	s.post("/hold-file/"+ids[1], `{"reason": "case 4711"}`).ok(200).json().want(t, obj{"hold": "case 4711"})
	s.do("DELETE", api+"/file/"+ids[1], "").problem(409, "on-hold")

	put("/projects/default", `{"retention": [{"status": "fresh", "data_type": "custom", "keep_last": 2}, {"status": "fresh", "data_type": "custom", "keep_last": 3}]}`).ok(200)
	dry := s.post("/apply-retention?dry_run=true", "").ok(200).json()
	dry.want(t, obj{"deleted_count": 3, "truncated": false})
	first := dry.list("files")[0]
	first.want(t, obj{"file_id": ids[0], "original_name": "r0.jsonl", "file_status": "fresh", "reason": "retention: fresh custom files: the last 2 are kept"})
	s.post("/apply-retention?dry_run=true", `{"retention": [{"status": "fresh", "keep_last": 6}]}`).ok(200).json().want(t, obj{"deleted_count": 1})
	s.post("/apply-retention?dry_run=true", `{"retention": []}`).ok(200).json().want(t, obj{"deleted_count": 0})
	s.post("/apply-retention?dry_run=true", `{"retention": [{"status": "fresh"}]}`).problem(422, "bad-retention")
	s.post("/apply-retention", `{"retention": [{"status": "fresh", "keep_last": 1}]}`).problem(422, "not-a-dry-run")
	s.get("/staged-files").ok(200).json().want(t, obj{"total_count": 7})
	s.post("/apply-retention", "").ok(200).json().want(t, obj{"deleted_count": 3})
	for i, id := range ids {
		want := map[bool]int{true: 404, false: 200}[i == 0 || i == 2 || i == 3]
		if a := s.get("/file-info/" + id); a.status != want {
			t.Errorf("file %d: %d, want %d", i, a.status, want)
		}
	}
	s.info(other)
	h := s.get("/history/" + ids[0]).ok(200).json().list("events")
	h[len(h)-2].want(t, obj{"action": "delete", "detail": "retention: fresh custom files: the last 2 are kept"})
	h[len(h)-1].want(t, obj{"action": "erase"})
	s.post("/apply-retention", "").ok(200).json().want(t, obj{"deleted_count": 0})
	s.do("DELETE", api+"/hold-file/"+ids[1], "").ok(200).json().want(t, obj{"hold": nil})
	s.do("DELETE", api+"/hold-file/"+ids[1], "").problem(409, "not-on-hold")
	s.post("/apply-retention", "").ok(200).json().want(t, obj{"deleted_count": 1})

	// days count from the last change; both conditions have to be met
	put("/projects/default", `{"retention": [{"status": "fresh", "keep_days": 1}]}`).ok(200)
	s.post("/apply-retention", "").ok(200).json().want(t, obj{"deleted_count": 0})
}

// What is still arriving cannot be held: a hold would not hold it. However a hold
// and the end of an upload meet, either is refused or kept.
func TestHoldWhileUploading(t *testing.T) {
	s := start(t)
	b := jsonLines(partSize/2, "held")
	for _, action := range []string{"complete", "delete"} {
		for range 10 {
			b = append(b, good(1, newID())...)
			up := s.begin("h.jsonl", len(b), "").ok(201).json()
			id := up.str("file_id")
			s.put(up.str("upload_id"), 1, b).ok(200)
			s.post("/hold-file/"+id, `{"reason": "case 12"}`).problem(409, "not-whole")
			held := make(chan answer)
			go func() { held <- s.post("/hold-file/"+id, `{"reason": "case 13"}`) }()
			if action == "complete" {
				s.post("/uploads/"+up.str("upload_id")+"/complete", "").ok(200)
			} else {
				s.do("DELETE", api+"/uploads/"+up.str("upload_id"), "").ok(204)
			}
			a := <-held
			if a.status != 200 && a.status != 409 {
				t.Fatalf("the hold: %d %s", a.status, a.body)
			}
			if d := s.do("DELETE", api+"/file/"+id, ""); a.status == 200 {
				d.problem(409, "on-hold")
				s.do("DELETE", api+"/cleanup-failed-uploads?hours_old=0", "").ok(200).json().want(t, obj{"cleaned_count": 0})
				s.info(id)
				s.do("DELETE", api+"/hold-file/"+id, "").ok(200)
				s.do("DELETE", api+"/file/"+id, "").ok(200)
			} else {
				d.ok(200)
			}
		}
	}
	// the same content again is an alias, and what is held stays
	first := s.upload(file("h.jsonl", string(b))).ok(200).json().str("file_id")
	s.post("/hold-file/"+first, `{"reason": "case 14"}`).ok(200)
	up := s.begin("again.jsonl", len(b), "").ok(201).json()
	s.put(up.str("upload_id"), 1, b).ok(200)
	s.post("/uploads/"+up.str("upload_id")+"/complete", "").ok(200)
	s.do("DELETE", api+"/file/"+up.str("file_id"), "").problem(409, "on-hold")
	s.info(first).want(t, obj{"hold": "case 14"})
}

// A clean-up, and a trial of one, count alike, and what is on hold not at all.
func TestCleanupSparesHolds(t *testing.T) {
	s := start(t)
	var ids []string
	for i := range 2 {
		ids = append(ids, s.upload(file(fmt.Sprintf("f%d.jsonl", i), "{broken\n"+good(i+1, "f"))).ok(200).json().str("file_id"))
		s.info(ids[i]).want(t, obj{"status": "failed"})
	}
	s.post("/hold-file/"+ids[0], `{"reason": "case 15"}`).ok(200)
	for _, dry := range []string{"true", "false"} {
		s.do("DELETE", api+"/cleanup-failed-uploads?hours_old=0&dry_run="+dry, "").ok(200).json().want(t, obj{"cleaned_count": 1})
	}
	s.info(ids[0]).want(t, obj{"hold": "case 15"})
	s.get("/file-info/"+ids[1]).problem(404, "unknown-file")
}

// The server applies the rules by itself.
func TestRetentionByItself(t *testing.T) {
	s := start(t, "--sweep-every", "1s")
	a := s.upload(file("a.jsonl", good(3, "first"))).ok(200).json().str("file_id")
	s.upload(file("b.jsonl", good(3, "second"))).ok(200)
	s.do("PUT", api+"/projects/default", `{"retention": [{"status": "fresh", "keep_last": 1}]}`, "Content-Type", "application/json").ok(200)
	s.until("the older file is deleted", func() bool { return s.get("/file-info/"+a).status == 404 })
}

// Nothing of a deleted file's content is left in the data directory or the
// bucket: not its bytes, its parts, summaries, findings, nor what reports,
// previews, histories, logs of the catalog and jobs said of it.
func TestNothingIsLeft(t *testing.T) {
	s := start(t)
	marks := map[string]string{}
	mark := func(what string) string {
		m := fmt.Sprintf("zq%sqz%x", what, len(marks)+77)
		marks[what] = m
		return m
	}
	var ids []string
	keep := func(a answer) string {
		id := a.ok(200).json().str("file_id")
		ids = append(ids, id)
		return id
	}
	// a good file, one with findings whose excerpts show it, and more of them than a report lists
	keep(s.upload(file("good.jsonl", good(3, mark("good")))))
	bad := keep(s.upload(file("bad.jsonl", fmt.Sprintf(`{"messages": [{"role": %q, "content": "x"}]}`+"\n", mark("bad")))))
	s.get("/validation-report/" + bad).ok(200)
	keep(s.upload(file("many.jsonl", strings.Repeat(`{"broken": "`+mark("many")+"\n", 3000))))
	// in parts, and by tus, whose rows stay for a while
	header := mark("header")
	csv := []byte(header + ",b\n" + strings.Repeat("1,2\n", partSize/4) + mark("csv") + ",2\n")
	up := s.begin("c.csv", len(csv), "").ok(201).json()
	for n := 1; n <= (len(csv)+partSize-1)/partSize; n++ {
		s.put(up.str("upload_id"), n, slice(csv, n)).ok(200)
	}
	keep(s.post("/uploads/"+up.str("upload_id")+"/complete", ""))
	body := good(3, mark("tus"))
	at := s.do("POST", api+"/tus/", body, "Tus-Resumable", "1.0.0", "Upload-Length", fmt.Sprint(len(body)), "Content-Type", "application/offset+octet-stream").ok(201)
	ids = append(ids, at.header.Get("X-File-Id"))
	// one that was stopped by its checks, and one that never became whole
	stopped := s.do("POST", api+"/upload-large-file", form(text("validation_rules", `{"fail_fast": true}`), text("file_id", newID()), file("stop.jsonl", strings.Repeat(`{"messages": [{"role": "`+mark("stopped")+`"}]}`+"\n", 2000))), "Content-Type", formType)
	if stopped.status != 422 {
		t.Fatalf("it was not stopped: %d", stopped.status)
	}
	half := s.begin("half.jsonl", 2*partSize, "").ok(201).json()
	s.put(half.str("upload_id"), 1, append(jsonLines(partSize-3000, mark("half")), bytes.Repeat([]byte("\n"), 5000)...)[:partSize]).ok(200)
	s.do("DELETE", api+"/uploads/"+half.str("upload_id"), "").ok(204)
	// what was asked about them
	s.do("POST", api+"/rule-preview", fmt.Sprintf(`{"file_id": %q}`, ids[0]), "Content-Type", "application/json").ok(200)
	s.get("/records/" + ids[0] + "?line=1").ok(200)
	s.post("/process-file/"+bad+"?wait=20s", "").ok(200)

	if s.cluster == nil {
		if found := holding(t, s.dir, marks); len(found) < 4 {
			t.Fatalf("before, only %v are found: the search does not see them", found)
		}
	}
	for _, id := range ids {
		s.do("DELETE", api+"/file/"+id, "").ok(200)
	}
	s.do("DELETE", api+"/cleanup-failed-uploads?hours_old=0", "").ok(200)
	s.do("DELETE", api+"/file/"+s.upload(file("last.jsonl", good(2, "last"))).ok(200).json().str("file_id"), "").ok(200)
	if left := append(s.files("training-data"), s.files("checks")...); len(left) > 0 {
		t.Errorf("objects are left: %v", left)
	}
	if s.cluster != nil {
		return // of what Postgres keeps, Postgres takes care
	}
	if found := holding(t, s.dir, marks); len(found) > 0 {
		t.Errorf("content is left of %v", found)
	}
	s.stop()
	if found := holding(t, s.dir, marks); len(found) > 0 {
		t.Errorf("content is left of %v once the server has stopped", found)
	}
}

// What goes by a rule, a clean-up or the end of an upload leaves no more than what
// somebody deletes: each by itself has the catalog's log emptied.
func TestNothingIsLeftBySweeps(t *testing.T) {
	t.Parallel()
	s := start(t)
	if s.cluster != nil {
		return // of what Postgres keeps, Postgres takes care
	}
	bad := func(mark string) string {
		return fmt.Sprintf(`{"messages": [{"role": %q, "content": "x"}]}`+"\n", mark)
	}
	s.until("the server has swept by itself, as it does when it starts", func() bool {
		return strings.Contains(s.log.String(), `"job":"retain"`) && strings.Contains(s.log.String(), `"job":"sweep"`)
	})
	for what, end := range map[string]func(mark string){
		"apply-retention": func(mark string) {
			s.upload(file("failed.jsonl", bad(mark)+good(1, "x")))
			s.upload(file("last.jsonl", bad("last")+good(2, "x")))
			s.do("PUT", api+"/projects/default", `{"retention": [{"status": "failed", "keep_last": 1}]}`, "Content-Type", "application/json").ok(200)
			written(t, s, mark)
			if n := s.post("/apply-retention", "").ok(200).json().num("deleted_count"); n < 1 {
				t.Errorf("%v files went", n)
			}
		},
		"cleanup": func(mark string) {
			s.upload(file("failed.jsonl", bad(mark)))
			written(t, s, mark)
			s.do("DELETE", api+"/cleanup-failed-uploads?hours_old=0", "").ok(200)
		},
		"abort": func(mark string) {
			up := s.begin("half.jsonl", 2*partSize, "").ok(201).json().str("upload_id")
			b := append([]byte(bad(mark)), jsonLines(partSize, "half")...)[:partSize]
			s.put(up, 1, b).ok(200)
			written(t, s, mark)
			s.do("DELETE", api+"/uploads/"+up, "").ok(204)
		},
	} {
		mark := "zq" + newID()
		end(mark)
		if found := holding(t, s.dir, map[string]string{what: mark}); len(found) > 0 {
			t.Errorf("content is left by %v", found)
		}
	}
}

// written fails unless a mark is in the catalog: else a search would prove nothing.
func written(t *testing.T, s *server, mark string) {
	t.Helper()
	if found := holding(t, s.dir, map[string]string{"mark": mark}); !strings.Contains(fmt.Sprint(found), "catalog") {
		t.Fatalf("the mark is only in %v", found)
	}
}

// holding tells which of the marks are in which file under a directory.
func holding(t *testing.T, dir string, marks map[string]string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // what goes while we look
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		for what, m := range marks {
			if bytes.Contains(b, []byte(m)) {
				found = append(found, what+" in "+filepath.Base(path))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// A certificate says what was deleted, when, by whom and why, and is signed.
func TestDeletionCertificate(t *testing.T) {
	s := start(t)
	id, key := s.makeKey("root")
	s.key = key
	f := s.upload(file("gone.jsonl", good(3, "gone"))).ok(200).json()
	at := "/deletion-certificate/" + f.str("file_id")
	s.get(at).problem(409, "not-deleted")
	s.get("/deletion-certificate/"+newID()).problem(404, "unknown-file")
	a := s.do("DELETE", api+"/file/"+f.str("file_id"), "").ok(200)
	c := s.get(at).ok(200).json()
	c.want(t, obj{"file_id": f.str("file_id"), "project": "default", "deleted_by": "key:" + id, "source": "127.0.0.1", "reason": ""})
	row, _ := c["audit_row"].(map[string]any)
	if row == nil || row["request_id"] != a.header.Get("X-Request-Id") || row["action"] != "delete" {
		t.Errorf("its row of the audit log is %v", row)
	}
	if !strings.Contains(c.str("content"), f.str("file_hash")) {
		t.Errorf("content is %q", c.str("content"))
	}
	by, err := note.NewVerifier(c.str("verifier"))
	if err != nil {
		t.Fatal(err)
	}
	signed := c.str("certificate")
	n, err := note.Open([]byte(signed), note.VerifierList(by))
	if err != nil || !strings.HasPrefix(n.Text, "freshet deletion certificate\nfile: "+f.str("file_id")+"\n") || !strings.Contains(n.Text, f.str("file_hash")) || !strings.Contains(n.Text, row["hash"].(string)) {
		t.Errorf("the certificate %q: %v", signed, err)
	}
	if _, err := note.Open([]byte(strings.Replace(signed, "key:", "kez:", 1)), note.VerifierList(by)); err == nil {
		t.Error("an altered certificate is good")
	}
	if again := s.get(at).ok(200).json(); again.str("certificate") != signed {
		t.Error("the certificate is another each time")
	}
}
