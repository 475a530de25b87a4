package deploy_test

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A backup of a server that is at work restores to what was acknowledged before
// it began: files of every kind, the bytes of an upload under way, and a file
// that is moved between the copy of the facts and that of the bytes.
func TestBackupRestores(t *testing.T) {
	t.Run("plain", func(t *testing.T) { backupRestores(t) })
	t.Run("sealed", func(t *testing.T) {
		t.Setenv("BACKUP_MASTER_KEY", strings.Repeat("5a", 32))
		backupRestores(t, "--master-key", "env:BACKUP_MASTER_KEY")
	})
}

func backupRestores(t *testing.T, args ...string) {
	dir, backups := t.TempDir(), filepath.Join(t.TempDir(), "backups")
	installed(t, "sqlite3")
	_, addr := serve(t, dir, args...)
	c := &through{t: t, ctx: t.Context(), base: "http://" + addr}
	want := map[string][]byte{}
	add := func(name string) string {
		b := records(name, 1<<20)
		id := c.send(bytes.NewReader(b), name, int64(len(b)))
		want[id] = b
		return id
	}
	add("kept | [and] named oddly.jsonl")
	archived, moved, deleted := add("archived.jsonl"), add("moved.jsonl"), add("deleted.jsonl")
	ask(t, http.MethodPost, c.base+api+"/archive-file/"+archived, "", "", http.StatusOK, nil)
	backup(t, dir, backups, "")

	late := add("since the first backup.jsonl")
	open := records("open", 2<<20)[:2<<20]
	open = append(open[:bytes.LastIndexByte(open, '\n')], strings.Repeat(" ", 2<<20-1-bytes.LastIndexByte(open, '\n'))...)
	open = append(open, '\n')
	var u struct {
		ID       string `json:"upload_id"`
		FileID   string `json:"file_id"`
		PartSize int    `json:"part_size"`
	}
	ask(t, http.MethodPost, c.base+api+"/uploads", "application/json", fmt.Sprintf(`{"file_name":"open.jsonl","file_size":%d,"part_size":1048576}`, len(open)), http.StatusCreated, &u)
	ask(t, http.MethodPut, c.base+api+"/uploads/"+u.ID+"/parts/1", "", string(open[:u.PartSize]), http.StatusOK, nil)

	out := backup(t, dir, backups, fmt.Sprintf("curl -sSf -X POST %[1]s/archive-file/%[2]s && curl -sSf -X DELETE %[1]s/file/%[3]s", c.base+api, moved, deleted))
	if !strings.Contains(out, "deleted meanwhile: "+deleted) {
		t.Errorf("the backup does not tell of the deleted file:\n%s", out)
	}
	delete(want, deleted)

	restored := filepath.Join(t.TempDir(), "data")
	script(t, nil, "./restore.sh", filepath.Join(backups, "latest"), restored)
	if out, err := exec.Command("./restore.sh", filepath.Join(backups, "latest"), restored).CombinedOutput(); err == nil {
		t.Errorf("a second restore wrote over the first: %s", out)
	}
	_, addr = serve(t, restored, args...)
	c = &through{t: t, ctx: t.Context(), base: "http://" + addr}
	for id, b := range want {
		got, err := io.ReadAll(c.get(api + "/download-file/" + id).Body)
		if err != nil || !bytes.Equal(got, b) {
			t.Errorf("%s has %d bytes, %v; want the %d that were sent", id, len(got), err, len(b))
		}
	}
	for id, status := range map[string]string{late: "fresh", moved: "fresh", archived: "archived"} {
		var f struct{ Status string }
		if ask(t, http.MethodGet, c.base+api+"/file-info/"+id, "", "", http.StatusOK, &f); f.Status != status {
			t.Errorf("%s is %s, want %s", id, f.Status, status)
		}
	}
	ask(t, http.MethodPut, c.base+api+"/uploads/"+u.ID+"/parts/2", "", string(open[u.PartSize:]), http.StatusOK, nil)
	ask(t, http.MethodPost, c.base+api+"/uploads/"+u.ID+"/complete", "", "", http.StatusOK, nil)
	got, err := io.ReadAll(c.get(api + "/download-file/" + u.FileID).Body)
	if err != nil || !bytes.Equal(got, open) {
		t.Errorf("the upload that was open has %d bytes, %v; want %d", len(got), err, len(open))
	}
}

// A file without bytes is told, and the backup before stays the latest.
func TestBackupTellsOfMissingBytes(t *testing.T) {
	dir, backups := t.TempDir(), filepath.Join(t.TempDir(), "backups")
	_, addr := serve(t, dir)
	c := &through{t: t, ctx: t.Context(), base: "http://" + addr}
	id := c.send(bytes.NewReader(records("lost", 1000)), "lost.jsonl", -1)
	backup(t, dir, backups, "")
	before, err := os.Readlink(filepath.Join(backups, "latest"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "blobs/training-data/fresh", id)); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("./backup.sh", dir, backups).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "missing: "+id) {
		t.Errorf("%v, want exit code 1 and the file that has no bytes:\n%s", err, out)
	}
	if after, err := os.Readlink(filepath.Join(backups, "latest")); err != nil || after != before {
		t.Errorf("latest is %s, %v; want %s", after, err, before)
	}
}

// backup runs backup.sh; meanwhile is run between its copies of facts and bytes.
func backup(t *testing.T, dir, backups, meanwhile string) string {
	t.Helper()
	tools := t.TempDir()
	wrapper := fmt.Sprintf("#!/bin/sh\ncase $* in *blobs*) test -e %[1]s/done || { : >%[1]s/done; { %[2]s; } >/dev/null; } ;; esac\nexec %[3]s \"$@\"\n", tools, cmp.Or(meanwhile, ":"), installed(t, "rsync"))
	if err := os.WriteFile(filepath.Join(tools, "rsync"), []byte(wrapper), 0o755); err != nil {
		t.Fatal(err)
	}
	return script(t, []string{"PATH=" + tools + ":" + os.Getenv("PATH")}, "./backup.sh", dir, backups)
}

func script(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}
