package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestRotateBesideServer: the master key is replaced while files come, are moved and
// are read; the command is killed again and again; in the end the new key alone
// opens all that was ever acknowledged.
func TestRotateBesideServer(t *testing.T) {
	onDisk(t)
	keys := t.TempDir()
	setting := func(name string, with string) string {
		path := filepath.Join(keys, name)
		if err := os.WriteFile(path, []byte(strings.Repeat(with, 32)), 0o600); err != nil {
			t.Fatal(err)
		}
		return "file:" + path
	}
	older, newer := setting("old", "0a"), setting("new", "0b")
	both := "FRESHET_MASTER_KEY=" + newer + "," + older
	s := startIn(t, t.TempDir(), []string{"FRESHET_MASTER_KEY=" + older})
	var mu sync.Mutex
	all := map[string]string{}
	add := func(name string) string {
		data := good(50, name)
		id := s.upload(file(name+".jsonl", data)).ok(200).json().str("file_id")
		mu.Lock()
		defer mu.Unlock()
		all[id] = data
		return id
	}
	var moved []string
	for i := range 60 {
		moved = append(moved, add(fmt.Sprint("before", i)))
	}
	u := s.begin("open.jsonl", -1, "").ok(201).json()
	open := []byte(strings.Repeat(good(1, "open"), partSize/len(good(1, "open"))+2))
	s.put(u.str("upload_id"), 1, open[:partSize]).ok(200)
	s.stop()
	s.env = []string{both}
	s.launch()

	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			add(fmt.Sprint("meanwhile", i))
			if i < len(moved) {
				s.post("/archive-file/"+moved[i], "").ok(200)
				s.get("/download-file/" + moved[i]).ok(200)
			}
		}
	})
	rotate := func() *underWay {
		cmd := command([]string{both}, "keys", "rotate-master", "--data-dir", s.dir)
		out := &strings.Builder{}
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return &underWay{cmd.Process, func() (string, error) { err := cmd.Wait(); return out.String(), err }}
	}
	for i := range 6 {
		r := rotate()
		time.Sleep(time.Duration(5+7*i) * time.Millisecond) // wherever it is then
		r.process.Kill()
		r.wait()
	}
	out, err := rotate().wait()
	close(stop)
	wg.Wait()
	if err != nil || !strings.Contains(out, "data keys rewrapped") {
		t.Fatalf("rotate-master: %v\n%s", err, out)
	}
	s.kill()
	s.env = []string{"FRESHET_MASTER_KEY=" + newer}
	s.launch()
	for id, data := range all {
		if got := string(s.get("/download-file/" + id).ok(200).body); got != data {
			t.Errorf("%s has other bytes than were sent", id)
		}
	}
	s.put(u.str("upload_id"), 2, open[partSize:]).ok(200)
	s.post("/uploads/"+u.str("upload_id")+"/complete", "").ok(200)
	if got := s.do(http.MethodGet, api+"/download-file/"+u.str("file_id"), "").ok(200).body; string(got) != string(open) {
		t.Error("the upload that was open has other bytes than were sent")
	}
	if out, err := command(nil, "fsck", "--data-dir", s.dir, "--master-key", newer, "--read-data-subset", "100%").CombinedOutput(); err != nil {
		t.Errorf("fsck: %v\n%s", err, out)
	}
}

// underWay is a command that runs.
type underWay struct {
	process *os.Process
	wait    func() (string, error)
}
