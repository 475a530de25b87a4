package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// event is one server-sent event.
type event struct {
	name, id string
	data     obj
}

// listen opens the stream of events; it ends with the test.
func (s *server) listen(lastID string, headers ...string) <-chan event {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s.t.Cleanup(cancel)
	r := s.request("GET", api+"/events", nil, append(headers, "Accept", "text/event-stream")...).WithContext(ctx)
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	resp, err := plain.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || !strings.HasPrefix(got, "text/event-stream") {
		s.t.Fatalf("status %d, Content-Type %q", resp.StatusCode, got)
	}
	c := make(chan event, 1000)
	go func() {
		defer close(c)
		defer resp.Body.Close()
		var e event
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			switch k, v, _ := strings.Cut(lines.Text(), ": "); k {
			case "event":
				e.name = v
			case "id":
				e.id = v
			case "data":
				json.Unmarshal([]byte(v), &e.data)
			case "":
				c <- e
				e = event{}
			}
		}
	}()
	return c
}

// next gives the next event of one of the names.
func next(t *testing.T, c <-chan event, names ...string) event {
	t.Helper()
	for {
		select {
		case e, ok := <-c:
			if !ok {
				t.Fatal("the stream ended")
			}
			if contains(names, e.name) {
				return e
			}
		case <-time.After(patience):
			t.Fatalf("no event %v", names)
		}
	}
}

// steps reads file events until a file has come to a status, and gives the path.
func steps(t *testing.T, c <-chan event, id, until string) (path []string, last event) {
	t.Helper()
	for {
		e := next(t, c, "file", "snapshot")
		if e.name == "snapshot" {
			t.Fatal("a snapshot in the middle")
		}
		m, _ := e.data["event"].(map[string]any)
		if obj(m).str("file_id") != id {
			continue
		}
		if st := obj(m).str("to_status"); len(path) == 0 || path[len(path)-1] != st {
			path = append(path, st)
		}
		if last = e; path[len(path)-1] == until {
			return path, last
		}
	}
}

func TestEvents(t *testing.T) {
	s := start(t)
	before := s.upload(file("before.jsonl", good(2, "before"))).ok(200).json().str("file_id")
	c := s.listen("")
	snap := next(t, c, "snapshot", "file", "progress")
	if snap.name != "snapshot" {
		t.Fatalf("the first event is %s", snap.name)
	}
	if files := snap.data.list("files"); len(files) != 1 || files[0].str("file_id") != before {
		t.Errorf("the snapshot has %v", files)
	}
	u := s.slowUpload("during.jsonl")
	u.feed(good(500, "during"))
	if p := next(t, c, "progress"); p.data.str("file_id") != u.id || p.data.num("bytes_received") == 0 || p.data.str("original_name") != "during.jsonl" || !strings.HasPrefix(p.data.str("upload_id"), "up_") {
		t.Errorf("progress is %v", p.data)
	}
	u.finish().ok(200)
	_, first := steps(t, s.listen(snap.id), u.id, "uploading")
	path, _ := steps(t, c, u.id, "fresh")
	if got := strings.Join(path, " "); !strings.HasSuffix(got, "uploaded processing fresh") {
		t.Errorf("the steps are %q", got)
	}
	// a client that was cut off gets what it missed, and nothing twice
	again, _ := steps(t, s.listen(first.id), u.id, "fresh")
	if got := strings.Join(again, " "); got != "uploaded processing fresh" {
		t.Errorf("after resuming the steps are %q", got)
	}
	s.do("DELETE", api+"/file/"+u.id, "").ok(200)
	if _, gone := steps(t, c, u.id, ""); gone.data["file"] != nil {
		t.Errorf("a deleted file is told of as %v", gone.data["file"])
	}
	s.do("GET", api+"/events", "", "Last-Event-ID", "x").problem(422, "bad-event-id")
	// an open stream does not keep the server from stopping
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
