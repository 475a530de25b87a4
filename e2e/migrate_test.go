package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"freshet/internal/servers"
)

// everything is what clients see of an installation: the list, and of each file
// its facts, bytes, report, findings and history; and the rule sets.
func (s *server) everything() obj {
	s.t.Helper()
	all := s.get("/staged-files?limit=1000").ok(200).json()
	files := obj{}
	for _, f := range all.list("files") {
		delete(f, "s3_url") // says where, which is what changes
		id := f.str("file_id")
		seen := obj{"history": s.get("/history/" + id).ok(200).json()}
		if f["failure_kind"] != "upload" { // of those nothing is kept
			sum := sha256.Sum256(s.get("/download-file/" + id).ok(200).body)
			seen["sha256"] = hex.EncodeToString(sum[:])
			seen["report"] = s.get("/validation-report/" + id).ok(200).json()
			seen["findings"] = string(s.get("/validation-findings/" + id).ok(200).body)
		}
		files[id] = seen
	}
	return obj{"list": all, "files": files, "rules": s.get("/rule-sets").ok(200).json(), "search": s.get("/staged-files?q=many").ok(200).json()["total_count"]}
}

// wantSame fails unless two looks at everything are equal.
func wantSame(t *testing.T, what string, got, want obj) {
	t.Helper()
	a, _ := json.MarshalIndent(got, "", " ")
	b, _ := json.MarshalIndent(want, "", " ")
	if bytes.Equal(a, b) {
		return
	}
	have, expect := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range min(len(have), len(expect)) {
		if have[i] != expect[i] {
			t.Fatalf("%s: line %d of what clients see is\n%s\ninstead of\n%s", what, i, have[i], expect[i])
		}
	}
	t.Fatalf("%s: clients see %d lines instead of %d", what, len(have), len(expect))
}

// ran runs a command and wants its exit code.
func ran(t *testing.T, env []string, code int, args ...string) string {
	t.Helper()
	out, err := command(env, args...).CombinedOutput()
	var got int
	if err != nil {
		got = -1
		if e, ok := err.(interface{ ExitCode() int }); ok {
			got = e.ExitCode()
		}
	}
	if got != code {
		t.Fatalf("freshet %s: exit code %d, want %d:\n%s", strings.Join(args, " "), got, code, out)
	}
	return string(out)
}

// settle fills a server with files of all kinds.
func (s *server) settle(small int) {
	s.t.Helper()
	s.putRules("strict", `{"min_records": 2}`)
	large := s.upload(file("large.jsonl", string(jsonLines(20_000_000, "large")))).ok(200).json().str("file_id")
	s.post("/mark-used/"+large, `{"training_job":"run-1"}`).ok(200)
	old := s.upload(file("old.jsonl", good(50, "old"))).ok(200).json().str("file_id")
	s.post("/archive-file/"+old, "").ok(200)
	s.upload(file("bad.jsonl", bad("migrated"))).ok(200).json().want(s.t, obj{"file_status": "failed"})
	s.upload(file("many findings.jsonl", strings.Repeat("{\"id\": nope}\n", 3000))).ok(200).json().want(s.t, obj{"file_status": "failed"})
	twice := "file_" + strings.Repeat("7", 32)
	s.uploadAs(twice, file("old again.jsonl", good(50, "old"))).ok(200).json().want(s.t, obj{"is_duplicate": true})
	gone := s.upload(file("gone.jsonl", good(5, "gone"))).ok(200).json().str("file_id")
	s.do("DELETE", api+"/file/"+gone, "").ok(200)
	for i := range small {
		s.upload(file(fmt.Sprintf("many-%d.jsonl", i), good(3, fmt.Sprint("many", i)))).ok(200)
	}
	for _, f := range s.get("/staged-files?limit=1000").ok(200).json().list("files") {
		s.until("its duplicates are counted", func() bool {
			return s.get("/validation-report/" + f.str("file_id")).ok(200).json()["duplicate_records"] != nil
		})
	}
}

// flip changes a byte of a file on the disk.
func (s *server) flip(id string) {
	s.t.Helper()
	for _, key := range s.files("training-data") {
		if !strings.Contains(key, id) {
			continue
		}
		path := s.stored(key)
		b, err := os.ReadFile(path)
		if err == nil {
			b[len(b)-3] ^= 1
			err = os.WriteFile(path, b, 0o600)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

func diskAt(dir string) (catalog, blobs string) {
	dir = filepath.ToSlash(dir)
	return "sqlite://" + dir + "/catalog.db", "file://" + dir + "/blobs"
}

// TestMigrateBothWays: from a disk and SQLite to a bucket and Postgres, and back
// to another disk: clients see no difference.
func TestMigrateBothWays(t *testing.T) {
	t.Parallel()
	minio := servers.MinIO(t)
	env, facts, bytes := minio.Env(), servers.Postgres(t), minio.URL(minio.Bucket(t))
	a := startServer(t, t.TempDir(), nil, nil)
	a.settle(30)
	begun := a.begin("open.jsonl", 5<<20, "").ok(201).json()
	open, ended := begun.str("upload_id"), begun.str("file_id")
	a.stop()

	// an open upload stands in the way
	out := ran(t, env, 1, "migrate", "--from", a.dir, "--catalog", facts, "--blobs", bytes)
	if !strings.Contains(out, open) || !strings.Contains(out, "--end-uploads") {
		t.Errorf("migrate says\n%s", out)
	}
	out = ran(t, env, 0, "migrate", "--end-uploads", "--from", a.dir, "--catalog", facts, "--blobs", bytes)
	t.Log(out)
	a.launch() // the source is as it was, but for what could not move
	a.get("/file-info/"+ended).ok(200).json().want(t, obj{"status": "failed", "failure_kind": "upload"})
	before := a.everything()
	if code := a.stop(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	if out := ran(t, env, 0, "fsck", "--catalog", facts, "--blobs", bytes, "--read-data-subset", "100%"); !strings.Contains(out, "all is well") {
		t.Errorf("fsck of the target says\n%s", out)
	}
	b := startServer(t, t.TempDir(), env, nil, "--catalog", facts, "--blobs", bytes)
	wantSame(t, "on Postgres and MinIO", b.everything(), before)

	// a server that runs is refused, by what its nodes say
	disk, store := diskAt(filepath.Join(t.TempDir(), "back"))
	back := []string{"migrate", "--from-catalog", facts, "--from-blobs", bytes, "--catalog", disk, "--blobs", store}
	if out := ran(t, env, 1, back...); !strings.Contains(out, "a server runs on this catalog") {
		t.Errorf("beside a server migrate says\n%s", out)
	}
	// what happens there goes on from the ids that were copied
	more := b.upload(file("more.jsonl", good(7, "more"))).ok(200).json().str("file_id")
	last := 0.0
	for _, f := range before["files"].(obj) {
		for _, e := range f.(obj)["history"].(obj).list("events") {
			last = max(last, e.num("id"))
		}
	}
	if first := b.get("/history/" + more).ok(200).json().list("events")[0].num("id"); first <= last {
		t.Errorf("a new event has the id %v, after %v", first, last)
	}
	before = b.everything()
	if code := b.stop(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	t.Log(ran(t, env, 0, back...))
	c := startServer(t, filepath.Dir(strings.TrimPrefix(disk, "sqlite://")), nil, nil)
	wantSame(t, "back on disk", c.everything(), before)
	c.upload(file("again.jsonl", good(50, "old"))).ok(200).json().want(t, obj{"is_duplicate": true})
	c.upload(file("last.jsonl", good(8, "last"))).ok(200).json().want(t, obj{"file_status": "fresh"})
}

// killedSteps are where a migration is killed, one run after another, each
// further on than the one before.
var killedSteps = []string{
	"commit 1 kill-before", "commit 1 kill-after", "create 3 kill-after", "write 9 kill-before", "rename 2 kill-before", "rename 5 kill-after", "sync 8 kill-after",
	"commit 2 kill-after", "commit 4 kill-before", "commit 6 kill-after", "commit 9 kill-after", "commit 10 kill-after",
}

// TestMigrateKilled: whatever durable step of a migration is its last, the same
// command goes on and ends with the same as one that was left alone.
func TestMigrateKilled(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), nil, nil)
	s.settle(20)
	before := s.everything()
	if code := s.stop(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	to := filepath.Join(t.TempDir(), "new")
	facts, bytes := diskAt(to)
	f := faulty{server: s, order: filepath.Join(t.TempDir(), "order")}
	args := []string{"migrate", "--from", s.dir, "--catalog", facts, "--blobs", bytes}
	killed := []string{}
	for _, order := range killedSteps {
		f.arm(order)
		c := command([]string{"FRESHET_FAULTS=" + f.order}, args...)
		out, err := c.CombinedOutput()
		if w, ok := c.ProcessState.Sys().(syscall.WaitStatus); ok && w.Signaled() {
			killed = append(killed, order)
		} else if err != nil {
			t.Fatalf("%s: %v\n%s", order, err, out)
		} else {
			t.Errorf("%s: it was not killed\n%s", order, out)
		}
	}
	f.disarm()
	t.Logf("killed at %s", strings.Join(killed, ", "))
	out := ran(t, nil, 0, args...)
	if !strings.Contains(out, "every hash and row compared") {
		t.Errorf("the last run says\n%s", out)
	}
	if !slices.Contains(strings.Fields(out), "(0") {
		t.Errorf("bytes that were at the target were copied again:\n%s", out)
	}
	n := startServer(t, to, nil, nil)
	wantSame(t, "after the kills", n.everything(), before)
	if left := n.files(".parts"); len(left) > 0 {
		t.Errorf("what killed runs had begun is left: %v", left)
	}
}

// TestMigrateDamaged: nothing of a damaged source becomes a fact elsewhere.
func TestMigrateDamaged(t *testing.T) {
	s := startServer(t, t.TempDir(), nil, nil)
	s.upload(file("well.jsonl", good(4, "well"))).ok(200)
	id := s.upload(file("hurt.jsonl", good(4, "hurt"))).ok(200).json().str("file_id")
	s.stop()
	s.flip(id)
	facts, bytes := diskAt(filepath.Join(t.TempDir(), "new"))
	args := []string{"migrate", "--from", s.dir, "--catalog", facts, "--blobs", bytes}
	if out := ran(t, nil, 1, args...); !strings.Contains(out, id) || !strings.Contains(out, "1 files of the source are damaged or missing") {
		t.Errorf("migrate says\n%s", out)
	}
	ran(t, nil, 0, "fsck", "--data-dir", s.dir, "--repair", "--read-data-subset", "100%")
	t.Log(ran(t, nil, 0, args...))
	ran(t, nil, 0, "fsck", "--catalog", facts, "--blobs", bytes, "--read-data-subset", "100%")
	n := startServer(t, filepath.Dir(strings.TrimPrefix(facts, "sqlite://")), nil, nil)
	n.info(id).want(t, obj{"status": "failed", "failure_kind": "system"})
	n.upload(file("hurt.jsonl", good(4, "hurt"))).ok(200).json().want(t, obj{"file_status": "fresh", "is_duplicate": false})
}
