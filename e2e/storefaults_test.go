package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestFaultsOfStores: whatever the bucket or the database do, uploads under way
// come to their end once it is over, and what was acknowledged is there.
func TestFaultsOfStores(t *testing.T) {
	t.Parallel()
	var s3 *crossing
	var pg, bucket *link
	c := newNodes(t)
	s3 = newCrossing(t, c.endpoint())
	pg, bucket = newLink(t, "pg", c.catalogHost()), newLink(t, "s3", strings.TrimPrefix(s3.URL, "http://"))
	c.detour(pg, bucket)
	s := startServer(t, t.TempDir(), nil, c)
	every := func(n int64, f fault, only func(*http.Request) bool) func() {
		return func() {
			var met int64
			var mu sync.Mutex
			s3.set(func(r *http.Request) fault {
				mu.Lock()
				defer mu.Unlock()
				if only != nil && !only(r) {
					return none
				}
				if met++; met%n == 1 {
					return f
				}
				return none
			})
		}
	}
	completing := func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("uploadId") }
	copying := func(r *http.Request) bool { return r.Header.Get("X-Amz-Copy-Source") != "" }
	for _, f := range []struct {
		name  string
		begin func()
		down  string // the component that /health names
	}{
		{"every third request of the bucket fails", every(3, refused5, nil), ""},
		{"the bucket asks for less", every(2, slowDown, nil), ""},
		{"answers of the bucket are lost", every(4, unheard, nil), ""},
		{"completing is done and not heard of", every(2, unheard, completing), ""},
		{"copying is done and not heard of", every(2, unheard, copying), ""},
		{"the bucket is slow", func() { bucket.ail(`{"type":"latency","attributes":{"latency":150,"jitter":100}}`) }, ""},
		{"the bucket is cut", func() { bucket.ail(`{"type":"reset_peer","attributes":{"timeout":20}}`) }, "storage"},
		{"the bucket refuses", bucket.refuse, "storage"},
		{"the database is slow", func() { pg.ail(`{"type":"latency","attributes":{"latency":60,"jitter":40}}`) }, ""},
		{"the database is cut in its answers", func() { pg.ail(`{"type":"limit_data","stream":"downstream","attributes":{"bytes":3000}}`) }, ""},
		{"the database refuses", pg.refuse, "catalog"},
	} {
		t.Run(f.name, func(t *testing.T) {
			s := *s
			s.t = t
			heal := func() { s3.set(nil); bucket.heal(); pg.heal() }
			defer heal()
			w := &torture{server: &s, url: s.url(""), until: time.Now().Add(time.Second), acked: map[string]sent{}}
			var wg sync.WaitGroup
			for i := range 3 {
				way := []string{"parts", "tus", "form"}[i]
				wg.Go(func() { w.sendFiles(way, rand.Uint64()) })
			}
			f.begin()
			if f.down != "" {
				s.until("/health names it", func() bool {
					a := w.once(http.MethodGet, api+"/health", nil)
					return a.status == 200 && strings.Contains(string(a.body), fmt.Sprintf(`"%s":{"status":"down"`, f.down))
				})
			}
			time.Sleep(2 * time.Second)
			heal()
			wg.Wait()
			s.until("it is healthy", func() bool { return s.get("/health").ok(200).json().str("status") == "healthy" })
			w.compareAll()
			if len(w.acked) == 0 {
				t.Error("nothing was sent")
			}
		})
	}
}

// TestNodeTorture kills, stops and pauses nodes, and cuts them off from their
// stores, while eight clients send files to them. FRESHET_TORTURE says for how long.
func TestNodeTorture(t *testing.T) {
	t.Parallel()
	length := tortureFor(t, 10*time.Second)
	c := newNodes(t)
	pg, bucket := newLink(t, "pg", c.catalogHost()), newLink(t, "s3", strings.TrimPrefix(c.endpoint(), "http://"))
	c.detour(pg, bucket)
	s := startServer(t, t.TempDir(), nil, c)
	w := &torture{server: s, url: s.url(""), until: time.Now().Add(length), acked: map[string]sent{}}
	var wg sync.WaitGroup
	for i := range 8 {
		way := []string{"parts", "tus", "form"}[i%3]
		wg.Go(func() { w.sendFiles(way, uint64(i)) })
	}
	r := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	for time.Now().Before(w.until) {
		time.Sleep(300*time.Millisecond + time.Duration(r.Int64N(int64(time.Second))))
		i := r.IntN(2)
		node := s.cluster.nodes[i]
		w.count.kills.Add(1)
		switch r.IntN(6) {
		case 0, 1:
			node.kill(t)
			s.relaunchNode(i)
		case 2:
			s.node(i).stop1()
			s.relaunchNode(i)
		case 3:
			if err := node.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(r.Int64N(int64(2 * time.Second))))
			if err := node.cmd.Process.Signal(syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
		case 4:
			pg.ail(`{"type":"reset_peer","attributes":{"timeout":0}}`)
			time.Sleep(200 * time.Millisecond)
			pg.heal()
		case 5:
			bucket.ail(`{"type":"reset_peer","attributes":{"timeout":0}}`)
			time.Sleep(200 * time.Millisecond)
			bucket.heal()
		}
		if r.IntN(3) == 0 {
			w.once(http.MethodDelete, api+"/cleanup-failed-uploads?hours_old=0", nil)
		}
	}
	wg.Wait()
	w.compareAll()
	n := &w.count
	t.Logf("%d faults; %d uploads acknowledged, %d MiB; %d resumed, %d forms sent again; %d lost, %d corrupt",
		n.kills.Load(), n.acked.Load(), n.bytes.Load()>>20, n.resumes.Load(), n.again.Load(), n.lost.Load(), n.corrupt.Load())
	if n.kills.Load() == 0 || n.acked.Load() == 0 {
		t.Error("nothing was tried")
	}
}

// stop1 asks the one node to stop, and waits until it has.
func (s *server) stop1() {
	s.t.Helper()
	if err := s.process.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	select {
	case <-s.process.over:
	case <-time.After(45 * time.Second):
		s.t.Fatal("the node does not end")
	}
}

// TestRollingRestart: nodes are replaced one after the other while files are
// sent to them, and no upload fails.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	s := startNodes(t)
	path := filepath.Join(t.TempDir(), "rolling.jsonl")
	if err := os.WriteFile(path, jsonLines(64<<20, "rolling"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := command(nil, "upload", "--server", s.url(""), "--limit-rate", "16MiB", "--part-size", "8MiB", path)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		s.node(i).stop1()
		s.relaunchNode(i)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("the upload failed: %v\n%s", err, out.String())
	}
}
