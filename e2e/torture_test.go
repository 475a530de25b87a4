package e2e_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	wire "freshet/api"
	"freshet/client"
)

// torture is a server that dies again and again while files are sent to it.
type torture struct {
	*server
	url   string
	until time.Time // no upload begins later
	mu    sync.Mutex
	acked map[string]sent // by file id
	count struct{ kills, acked, bytes, resumes, again, lost, corrupt atomic.Int64 }
}

// sent is what was acknowledged as complete.
type sent struct {
	way, sha256, hash string // hash as the server told it, or empty
}

// TestTorture kills the server at random moments while eight clients send files
// to it. Whatever was acknowledged as complete must be there, whole and fresh.
// FRESHET_TORTURE says for how long; without it a few seconds keep the test alive.
func TestTorture(t *testing.T) {
	t.Parallel()
	onDisk(t)
	length := tortureFor(t, 4*time.Second)
	address := freeAddress(t)
	w := &torture{server: start(t, "--listen", address), url: "http://" + address, until: time.Now().Add(length), acked: map[string]sent{}}
	var wg sync.WaitGroup
	for i := range 8 {
		way := []string{"parts", "tus", "form"}[i%3]
		wg.Go(func() { w.sendFiles(way, uint64(i)) })
	}
	r := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	for time.Now().Before(w.until) {
		time.Sleep(300*time.Millisecond + time.Duration(r.Int64N(int64(1700*time.Millisecond))))
		w.kill()
		w.count.kills.Add(1)
		w.launch()
		if r.IntN(3) == 0 { // what failed may be swept at any time
			w.do(http.MethodDelete, api+"/cleanup-failed-uploads?hours_old=0", "").ok(200)
		}
	}
	wg.Wait()
	w.compareAll()
	w.restartForSweeps()
	w.wantNoRubbish(len(w.acked), 0)
	w.compareAll()
	c := &w.count
	t.Logf("%d kills; %d uploads acknowledged, %d MiB; %d resumed, %d forms sent again; %d lost, %d corrupt",
		c.kills.Load(), c.acked.Load(), c.bytes.Load()>>20, c.resumes.Load(), c.again.Load(), c.lost.Load(), c.corrupt.Load())
	if c.kills.Load() == 0 || c.acked.Load() == 0 {
		t.Error("nothing was tried")
	}
}

// tortureFor is how long to go on: as FRESHET_TORTURE says, else a short while.
func tortureFor(t *testing.T, short time.Duration) time.Duration {
	v := os.Getenv("FRESHET_TORTURE")
	if v == "" {
		return short
	}
	length, err := time.ParseDuration(v)
	if err != nil {
		t.Fatalf("FRESHET_TORTURE must be a duration: %v", err)
	}
	return length
}

// freeAddress is one that no connection of ours happens to get while the server
// is away, as those from the system's own range do.
func freeAddress(t *testing.T) string {
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(10_000))
		if l, err := net.Listen("tcp", address); err == nil {
			l.Close()
			return address
		}
	}
	t.Fatal("no free port")
	return ""
}

// sendFiles sends one file after another.
func (w *torture) sendFiles(way string, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	var mine []string
	for n := 0; n == 0 || time.Now().Before(w.until); n++ {
		most := 12 << 20
		if way == "tus" || w.cluster != nil {
			most *= 2 // some go beyond the 16 MiB that the server cuts parts at
		}
		data := lines(r, 1<<20+r.IntN(most-1<<20), fmt.Sprintf("%d-%d", seed, n))
		sum := sha256.Sum256(data)
		out := sent{way: way, sha256: hex.EncodeToString(sum[:])}
		tell := ""
		if n%2 == 1 { // the server compares
			tell = out.sha256
		}
		var id string
		var err error
		switch way {
		case "parts":
			id, out.hash, err = w.byClient(data, tell)
		case "tus":
			id, err = w.byTus(r, data, tell)
		case "form":
			id, out.hash, err = w.byForm(data, tell)
		}
		if err != nil {
			w.t.Errorf("%s, file %d of client %d: %v", way, n, seed, err)
			continue
		}
		w.count.acked.Add(1)
		w.count.bytes.Add(int64(len(data)))
		w.mu.Lock()
		w.acked[id] = out
		w.mu.Unlock()
		if mine = append(mine, id); len(mine) > 10 { // a long run needs no large disk
			w.takeBack(mine[0])
			mine = mine[1:]
		}
	}
}

// takeBack compares an old file once more and deletes it.
func (w *torture) takeBack(id string) {
	w.mu.Lock()
	want := w.acked[id]
	delete(w.acked, id)
	w.mu.Unlock()
	w.compare(id, want)
	a := answer{}
	for a.status == 0 {
		a = w.once(http.MethodDelete, api+"/file/"+id, nil)
	}
	if a.status != 200 && a.status != 404 { // its answer may have been lost
		w.t.Error(a.refused())
	}
}

func (w *torture) compareAll() {
	for id, want := range w.acked {
		w.compare(id, want)
	}
}

// compare compares what was acknowledged with what is there. A server that is
// killed all the time gets to the bottom of its queue late.
func (w *torture) compare(id string, want sent) {
	var f obj
	for end := time.Now().Add(6 * patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if a := w.once(http.MethodGet, api+"/file-info/"+id, nil); a.status != 0 {
			if f = a.json(); f.str("status") == "fresh" || f.str("status") == "failed" || a.status != 200 {
				break
			}
		}
	}
	if f.str("status") != "fresh" || want.hash != "" && f.str("file_hash") != want.hash {
		w.t.Errorf("%s, sent by %s with the hash %s: %v", id, want.way, want.hash, f)
		w.count.lost.Add(1)
		return
	}
	h := sha256.New()
	b, err := w.object(f.str("object_key"))
	if err == nil {
		_, err = io.Copy(h, b)
		err = errors.Join(err, b.Close())
	}
	if got := hex.EncodeToString(h.Sum(nil)); err != nil || got != want.sha256 {
		w.t.Errorf("%s, sent by %s, has the SHA-256 %s, not %s: %v", id, want.way, got, want.sha256, err)
		w.count.corrupt.Add(1)
	}
}

// object opens an object where it lies.
func (s *server) object(key string) (io.ReadCloser, error) {
	if s.cluster != nil {
		return s.cluster.store.Read(context.Background(), key, 0, -1)
	}
	if s.sealed() {
		return s.openSealed(key)
	}
	return os.Open(s.stored(key))
}

// smallestPart is the size of the smallest parts that the store takes.
func (s *server) smallestPart() int {
	if s.cluster != nil {
		return 8 << 20
	}
	return 1 << 20
}

// byClient sends a file as programs do, and goes on with it after each failure.
func (w *torture) byClient(data []byte, sha256 string) (id, hash string, err error) {
	up := client.New(w.url, "").Uploader(client.Options{Parallel: 3, Patience: 10 * time.Second})
	f := client.File{Name: "parts.jsonl", Body: bytes.NewReader(data), Size: int64(len(data)), PartSize: int64(w.smallestPart()), SHA256: sha256}
	f.Began = func(u wire.UploadCreated) { f.Resume = u.UploadID }
	for {
		out, err := up.Upload(context.Background(), f)
		if err == nil || !passing(err) {
			return out.FileID, out.FileHash, err
		}
		w.count.resumes.Add(1)
	}
}

// passing tells failures that a server which dies may cause.
func passing(err error) bool {
	var p *wire.Problem
	return errors.Is(err, client.ErrUnreachable) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &p) && p.Status >= 500
}

// once makes one request, and gives an answer of status 0 where none came, or
// one that says "not now": a HEAD of tus is told that by 423.
func (w *torture) once(method, path string, body []byte, headers ...string) answer {
	r, err := http.NewRequest(method, w.url+path, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := plain.Do(r)
	if err == nil {
		defer resp.Body.Close()
		var b []byte
		if b, err = io.ReadAll(resp.Body); err == nil && resp.StatusCode < 500 && resp.StatusCode != http.StatusLocked {
			return answer{w.t, method + " " + path, resp.StatusCode, resp.Header, b}
		}
	}
	time.Sleep(50 * time.Millisecond)
	return answer{}
}

func (a answer) refused() error { return fmt.Errorf("%s: status %d: %.300s", a.what, a.status, a.body) }

// byTus sends a file in requests of all sizes, and asks after each failure where it stands.
func (w *torture) byTus(r *rand.Rand, data []byte, sha256 string) (string, error) {
	var a answer
	meta := "filename " + base64.StdEncoding.EncodeToString([]byte("tus.jsonl"))
	if sha256 != "" {
		meta += ",sha256 " + base64.StdEncoding.EncodeToString([]byte(sha256))
	}
	for a.status == 0 {
		a = w.once(http.MethodPost, api+"/tus", nil, tusHeaders("Upload-Length", strconv.Itoa(len(data)), "Upload-Metadata", meta)...)
	}
	if a.status != 201 {
		return "", a.refused()
	}
	id, at := a.header.Get("X-File-Id"), a.header.Get("Location")
	for offset := 0; offset < len(data); {
		end := min(len(data), offset+1<<18+r.IntN(3<<20))
		a = w.once(http.MethodPatch, at, data[offset:end], tusHeaders("Content-Type", "application/offset+octet-stream", "Upload-Offset", strconv.Itoa(offset))...)
		if a.status == 0 {
			w.count.resumes.Add(1)
		}
		for a.status == 0 {
			a = w.once(http.MethodHead, at, nil, tusHeaders()...)
		}
		now, err := strconv.Atoi(a.header.Get("Upload-Offset"))
		if a.status/100 != 2 || err != nil || now < offset {
			return "", fmt.Errorf("the offset was %d: %w", offset, a.refused())
		}
		offset = now
	}
	return id, nil
}

// byForm sends a form until it is answered.
func (w *torture) byForm(data []byte, sha256 string) (id, hash string, err error) {
	body := []byte(form(text("sha256", sha256), file("form.jsonl", string(data))))
	for {
		a := w.once(http.MethodPost, api+"/upload-large-file", body, "Content-Type", formType)
		if a.status == 200 {
			o := a.json()
			return o.str("file_id"), o.str("file_hash"), nil
		}
		if a.status != 0 {
			return "", "", a.refused()
		}
		w.count.again.Add(1)
	}
}

var someText = strings.Repeat("batch model summer river of many words and a few more ", 400)

// lines is JSON Lines of about n bytes that differ for each name.
func lines(r *rand.Rand, n int, name string) []byte {
	b := make([]byte, 0, n+len(someText)+100)
	for i := 0; len(b) < n; i++ {
		b = fmt.Appendf(b, `{"id":"%s-%d","n":%d,"text":"%s"}`+"\n", name, i, r.Uint32(), someText[:20+r.IntN(1<<r.IntN(14)+1)])
	}
	return b
}
