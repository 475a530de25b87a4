package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// node is one of the nodes of a server, spoken to by itself.
func (s *server) node(i int) *server {
	n := *s
	n.process, n.addr, n.cluster = s.cluster.nodes[i], s.cluster.addrs[i], s.cluster
	return &n
}

// startNodes runs two nodes on Postgres and MinIO behind a proxy.
func startNodes(t *testing.T, args ...string) *server {
	t.Helper()
	return startServer(t, t.TempDir(), nil, newNodes(t), args...)
}

// relaunchNode starts a node again that has ended.
func (s *server) relaunchNode(i int) {
	s.t.Helper()
	c := s.cluster
	p, addr := s.run(filepath.Join(s.dir, "node-"+strconv.Itoa(i)), "127.0.0.1:0")
	c.nodes[i], c.addrs[i] = p, addr
	c.proxy.to(c.addrs)
}

// wantSameReport fails unless two reports are equal but for times, ids and who made them.
func wantSameReport(t *testing.T, got, want obj) {
	t.Helper()
	for _, o := range []obj{got, want} {
		for _, k := range []string{"file_id", "started", "finished", "bytes_per_second"} {
			delete(o, k)
		}
	}
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		t.Errorf("the reports differ:\n%s\n%s", a, b)
	}
}

// TestPartsOnBothNodes: parts of one upload go to both nodes, in any order; the
// report is that of one process.
func TestPartsOnBothNodes(t *testing.T) {
	s := startNodes(t)
	const part = 8 << 20
	data := jsonLines(5*part+777, "both")
	copy(data[3*part-100:], "\n{broken\n")
	u := s.node(0).do("POST", api+"/uploads", fmt.Sprintf(`{"file_name": "both.jsonl", "file_size": %d, "part_size": %d}`, len(data), part)).ok(201).json()
	id := u.str("upload_id")
	for i, n := range []int{2, 1, 6, 3, 5, 4} {
		s.node(i%2).put(id, n, data[(n-1)*part:min(len(data), n*part)]).ok(200)
	}
	s.node(0).put(id, 2, data[part:2*part]).ok(200) // it is on the other node's account
	st := s.node(1).get("/uploads/" + id).ok(200).json()
	st.want(t, obj{"bytes_committed": len(data), "state": "open"})
	out := s.node(1).do("POST", api+"/uploads/"+id+"/complete", "").ok(200).json()
	out.want(t, obj{"verdict": "failed"})
	s.node(0).do("POST", api+"/uploads/"+id+"/complete", "").ok(200).json().want(t, obj{"file_id": out.str("file_id"), "verdict": "failed"})

	one := startServer(t, t.TempDir(), nil, nil)
	want := one.upload(file("both.jsonl", string(data))).ok(200).json()
	if got := out.str("file_hash"); got != want.str("file_hash") {
		t.Errorf("the hash is %s, not %s", got, want.str("file_hash"))
	}
	wantSameReport(t, s.node(0).get("/validation-report/"+out.str("file_id")).ok(200).json(), one.get("/validation-report/"+want.str("file_id")).ok(200).json())
}

// TestAppendOnBothNodes: requests that append go to the nodes in turn, some
// smaller than any store takes.
func TestAppendOnBothNodes(t *testing.T) {
	s := startNodes(t)
	data := fixedRecords(40, 1<<19) // 20 MiB: one part, and a piece of the next
	at := tusSpeaker(s).begin(len(data))
	offset := 0
	for i, n := range []int{1, 2, 300, 70_000, 1 << 20, 9 << 20, 1, 5 << 20, 3 << 20, 100} {
		w := tusSpeaker(s.node(i % 2))
		w.patch(at, offset, data[offset:offset+n]).code(204)
		offset += n
		tusSpeaker(s.node((i+1)%2)).stands(at, offset)
	}
	tusSpeaker(s.node(0)).rest(at, data)
	id := tusSpeaker(s.node(1)).head(at).header.Get("X-File-Id")
	s.node(0).settled(id).want(t, obj{"status": "fresh", "record_count": 40})
}

// TestNewestNodeWins: a request on one node ends the older one on another, whose
// bytes do not count from then on.
func TestNewestNodeWins(t *testing.T) {
	t.Parallel()
	s := startNodes(t)
	data := fixedRecords(20, 1<<18)
	at := tusSpeaker(s).begin(len(data))
	old := tusSpeaker(s.node(0))
	c := old.sending(at, 0, len(data))
	c.say("%s", data[:1<<20])
	s.until("the first bytes are committed", func() bool { return tusSpeaker(s.node(1)).head(at).offset() == 1<<20 })
	began := time.Now()
	tusSpeaker(s.node(1)).patch(at, 1<<20, data[1<<20:2<<20]).code(204)
	r := old.hear(c, "PATCH")
	if took := time.Since(began); r.status != 409 || took > 3*time.Second {
		t.Errorf("the older request was answered %d after %s, want 409 within a second or so", r.status, took)
	}
	tusSpeaker(s.node(0)).rest(at, data)
}

// TestPausedNode: a node that stands still while another takes its upload over
// writes nothing that counts when it goes on.
func TestPausedNode(t *testing.T) {
	t.Parallel()
	s := startNodes(t)
	data := fixedRecords(80, 1<<18)
	at := tusSpeaker(s).begin(len(data))
	old := tusSpeaker(s.node(0))
	c := old.sending(at, 0, len(data))
	c.say("%s", data[:5<<20])
	w := tusSpeaker(s.node(1))
	s.until("some of it is committed", func() bool { return w.head(at).offset() > 0 })
	paused := s.cluster.nodes[0].cmd.Process
	if err := paused.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	w.rest(at, data)
	go c.Write([]byte(data[5<<20:])) // what the paused node finds when it goes on
	if err := paused.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if r := old.hear(c, "PATCH"); r.status/100 == 2 {
		t.Errorf("the paused node answered %d", r.status)
	}
	w.holds(at, data)
	id := w.head(at).header.Get("X-File-Id")
	s.node(0).settled(id).want(t, obj{"status": "fresh", "record_count": 80})
}

// TestEventsOnEveryNode: what happens on one node is told on the other, steps
// and figures, and a stream that resumes misses nothing.
func TestEventsOnEveryNode(t *testing.T) {
	s := startNodes(t)
	here, there, figures := s.node(0).listen(""), s.node(1).listen(""), s.node(1).listen("")
	for _, c := range []<-chan event{here, there, figures} {
		next(t, c, "snapshot")
	}
	id := newID()
	c := s.node(0).dial()
	c.beginUpload(id, "told.jsonl", chunked)
	c.say("%s", chunk(good(50_000, "told"), chunked))
	for e := next(t, figures, "progress"); e.data.str("file_id") != id || e.data.num("records_checked") == 0; {
		e = next(t, figures, "progress")
	}
	if p := s.node(1).get("/upload-progress/" + id).ok(200).json(); p.num("bytes_received") == 0 || p.num("records_checked") == 0 {
		t.Errorf("the other node tells %v", p)
	}
	c.say("%s", chunk("\r\n--"+boundary+"--\r\n", chunked)+"0\r\n\r\n")
	if resp, err := http.ReadResponse(c.r, nil); err != nil || resp.StatusCode != 200 {
		t.Fatalf("the upload: %v, %v", resp, err)
	}
	path, last := steps(t, there, id, "fresh")
	same, _ := steps(t, here, id, "fresh")
	if strings.Join(path, " ") != strings.Join(same, " ") {
		t.Errorf("one node told %v, the other %v", same, path)
	}
	second := s.upload(file("second.jsonl", good(3, "second"))).ok(200).json().str("file_id")
	for i := range 2 { // a stream that was cut off goes on at any node
		again, _ := steps(t, s.node(i).listen(last.id), second, "fresh")
		if strings.Join(again, " ") != strings.Join(path, " ") {
			t.Errorf("resumed at node %d: %v, want %v", i, again, path)
		}
	}
}

// TestLiveUploadIsNotSwept: no node takes for abandoned what another receives.
func TestLiveUploadIsNotSwept(t *testing.T) {
	t.Parallel()
	s := startNodes(t, "--stall-timeout", "5s")
	id := newID()
	c := s.node(0).dial()
	c.beginUpload(id, "slow.jsonl", chunked)
	c.say("%s", chunk(good(100, "slow"), chunked))
	s.until("the other node knows of it", func() bool { return s.node(1).get("/file-info/"+id).status == 200 })
	for range 8 { // longer than a client may be silent
		time.Sleep(time.Second)
		c.say("%s", chunk(good(10, newID()), chunked))
		s.node(1).do("DELETE", api+"/cleanup-failed-uploads?hours_old=0", "").ok(200).json().want(t, obj{"cleaned_count": 0})
	}
	c.say("%s", chunk("\r\n--"+boundary+"--\r\n", chunked)+"0\r\n\r\n")
	if resp, err := http.ReadResponse(c.r, nil); err != nil || resp.StatusCode != 200 {
		t.Fatalf("the upload: %v, %v", resp, err)
	}
}

// TestLostMultipart: a store that has purged what was sent is told of clearly,
// and the upload begins again.
func TestLostMultipart(t *testing.T) {
	s := startNodes(t)
	const part = 8 << 20
	data := jsonLines(3*part, "purged")
	u := s.do("POST", api+"/uploads", fmt.Sprintf(`{"file_name": "purged.jsonl", "file_size": %d, "part_size": %d}`, len(data), part)).ok(201).json()
	s.put(u.str("upload_id"), 1, data[:part]).ok(200)
	s.cluster.purge()
	s.put(u.str("upload_id"), 2, data[part:2*part]).problem(410, "upload-lost")

	u = s.do("POST", api+"/uploads", fmt.Sprintf(`{"file_name": "purged.jsonl", "file_size": %d, "part_size": %d}`, len(data), part)).ok(201).json()
	for n := 1; (n-1)*part < len(data); n++ {
		s.put(u.str("upload_id"), n, data[(n-1)*part:min(len(data), n*part)]).ok(200)
	}
	s.cluster.purge()
	s.do("POST", api+"/uploads/"+u.str("upload_id")+"/complete", "").problem(410, "upload-lost")
	out, err := s.byCLI(data)
	if err != nil {
		t.Fatalf("the same file again: %v\n%s", err, out)
	}
}

// byCLI sends bytes by freshet upload.
func (s *server) byCLI(data []byte) (string, error) {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "file.jsonl")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		s.t.Fatal(err)
	}
	b, err := command(nil, "upload", "--server", s.url(""), path).CombinedOutput()
	return string(b), err
}
