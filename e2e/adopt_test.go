package e2e_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// adopt runs the command and gives its lines by key, and its exit code.
func (s *server) adopt(args ...string) (map[string]obj, int, string) {
	s.t.Helper()
	cmd := command(nil, append([]string{"adopt", "--server", s.url(""), "--json"}, args...)...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, _ := cmd.Output()
	lines := map[string]obj{}
	for line := range strings.Lines(string(out)) {
		var o obj
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			s.t.Fatalf("adopt printed %q", line)
		}
		lines[o.str("key")] = o
	}
	return lines, cmd.ProcessState.ExitCode(), errs.String()
}

// place puts an object into the store, past the server.
func (s *server) place(key, data string) {
	s.t.Helper()
	var err error
	if s.cluster != nil {
		err = s.cluster.store.Put(s.t.Context(), key, strings.NewReader(data), int64(len(data)))
	} else {
		path := filepath.Join(s.dir, "blobs", filepath.FromSlash(key))
		err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(data), 0o644))
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// Files that lay in the store before are taken into the catalog: checked like
// an upload, and moved to where they belong.
func TestAdopt(t *testing.T) {
	old := "training-data/old/"
	objects := map[string]string{
		old + "good.jsonl":                        good(5, "old"),
		old + "bad.jsonl":                         bad("old"),
		old + "deep/down/a.csv":                   "id,text\n1,x\n2,y\n",
		old + "twice.jsonl":                       good(5, "old"), // the same as good.jsonl
		old + "held.jsonl":                        good(5, "held"),
		old + "empty.jsonl":                       "",
		"training-data/other/not-asked-for.jsonl": good(5, "other"),
	}
	s := start(t)
	for key, data := range objects {
		s.place(key, data)
	}
	held := s.upload(file("held.jsonl", good(5, "held"))).ok(200).json().str("file_id")

	lines, code, errs := s.adopt(old, "--type", "sample")
	if code != 3 { // some of the data failed its checks
		t.Errorf("exit code %d, want 3: %s", code, errs)
	}
	fresh := 0
	for _, key := range []string{old + "good.jsonl", old + "twice.jsonl"} {
		lines[key].want(t, obj{"file_status": "fresh", "verdict": "passed", "errors_found": 0})
		if lines[key]["is_duplicate"] == false {
			fresh++
		}
	}
	if a, b := lines[old+"good.jsonl"].str("file_id"), lines[old+"twice.jsonl"].str("file_id"); fresh != 1 || a != b {
		t.Errorf("%d of two objects with the same content are files of their own: %s, %s", fresh, a, b)
	}
	lines[old+"held.jsonl"].want(t, obj{"is_duplicate": true, "file_id": held})
	lines[old+"bad.jsonl"].want(t, obj{"file_status": "failed", "verdict": "failed", "errors_found": 1, "is_duplicate": false})
	lines[old+"deep/down/a.csv"].want(t, obj{"file_status": "fresh", "is_duplicate": false})
	if _, taken := lines["training-data/other/not-asked-for.jsonl"]; taken {
		t.Error("an object outside the prefix was taken")
	}
	for _, c := range []struct{ key, name, prefix string }{
		{old + "good.jsonl", "", "fresh"}, {old + "bad.jsonl", "bad.jsonl", "uploads"}, {old + "deep/down/a.csv", "a.csv", "fresh"},
	} {
		id := lines[c.key].str("file_id")
		s.wantUnder(id, c.prefix)
		f := s.info(id)
		f.want(t, obj{"data_type": "sample", "file_size": len(objects[c.key])})
		if c.name != "" {
			f.want(t, obj{"original_name": c.name})
		}
		if got := string(s.get("/download-file/" + id).ok(200).body); got != objects[c.key] {
			t.Errorf("%s has other bytes now", c.key)
		}
		s.get("/validation-report/" + id).ok(200)
	}
	for _, key := range s.files("training-data/old") {
		if lines[key] != nil && lines[key]["is_duplicate"] != true {
			t.Errorf("%s lies where it lay as well", key)
		}
	}
	total := s.get("/staged-files").ok(200).json().num("total_count")

	// once more: nothing is taken; what stays where it was is a duplicate still
	lines, code, errs = s.adopt(old, "--type", "sample")
	for key, l := range lines {
		if l["is_duplicate"] != true {
			t.Errorf("the second time %s was taken: %v", key, l)
		}
	}
	if code != 0 {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if n := s.get("/staged-files").ok(200).json().num("total_count"); n != total {
		t.Errorf("%v files, %v before", n, total)
	}
}

// Rules go along, and what is adopted after a restart is what was adopted before.
func TestAdoptWithRules(t *testing.T) {
	s := start(t)
	s.place("training-data/old/few.jsonl", good(3, "few"))
	rules := filepath.Join(t.TempDir(), "rules.json")
	if err := os.WriteFile(rules, []byte(`{"min_records":4}`), 0o644); err != nil {
		t.Fatal(err)
	}
	lines, code, errs := s.adopt("training-data/old/", "--rules", rules)
	if code != 3 {
		t.Errorf("exit code %d: %s", code, errs)
	}
	l := lines["training-data/old/few.jsonl"]
	l.want(t, obj{"file_status": "failed", "errors_found": 1})
	s.kill()
	s.restart()
	s.info(l.str("file_id")).want(t, obj{"status": "failed", "failure_kind": "data"})
	if lines, code, _ := s.adopt("training-data/"); code != 0 || len(lines) != 0 {
		t.Errorf("what is in the catalog was taken again: %v", lines)
	}
}
