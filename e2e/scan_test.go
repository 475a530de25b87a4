package e2e_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"freshet/internal/servers"

	"github.com/klauspost/compress/zstd"
)

// plainText is lines of about n bytes.
func plainText(n int, seed string) []byte {
	var b bytes.Buffer
	words := rand.New(rand.NewPCG(1, 2))
	for b.Len() < n {
		fmt.Fprintf(&b, "%s: a line of text and a word, %x\n", seed, words.Uint64())
	}
	return b.Bytes()
}

// infected is such text with the test string on a line of its own, at its end.
func infected(n int, seed string) []byte {
	return append(append(plainText(n, seed), servers.EICAR()...), '\n')
}

func zstded(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out)
	if err == nil {
		_, err = w.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// history gives the actions of a file and their details.
func (s *server) history(id string) map[string]string {
	s.t.Helper()
	all := map[string]string{}
	for _, e := range s.get("/history/" + id).ok(200).json().list("events") {
		all[e.str("action")] = e.str("detail")
	}
	return all
}

// wantQuarantined fails unless a file is in quarantine, by its row, its history,
// its place and every route that would give something of its content.
func (s *server) wantQuarantined(id, why string) {
	s.t.Helper()
	f := s.info(id)
	f.want(s.t, obj{"status": "quarantined"})
	if !strings.Contains(f.str("processing_error"), why) || !strings.Contains(s.history(id)["quarantine"], why) {
		s.t.Errorf("neither the row nor the history tell of %s: %v, %v", why, f["processing_error"], s.history(id))
	}
	s.until("its bytes are in quarantine", func() bool {
		return strings.HasPrefix(s.info(id).str("object_key"), "training-data/quarantine/"+id+"/")
	})
	s.wantUnder(id, "quarantine")
	for _, path := range []string{"/download-file/" + id, "/records/" + id, "/rejected-records/" + id, "/clean-records/" + id} {
		s.get(path).problem(403, "quarantined")
	}
	s.do("GET", api+"/download-file/"+id, "", "Range", "bytes=0-9").problem(403, "quarantined")
	if a := s.do("HEAD", api+"/download-file/"+id, ""); a.status != 403 {
		s.t.Errorf("HEAD is answered by %d", a.status)
	}
	s.post("/rule-preview", `{"file_id":"`+id+`"}`).problem(403, "quarantined")
	for _, path := range []string{"/promote-file/", "/mark-used/", "/archive-file/", "/deprecate-file/", "/retry-failed-file/"} {
		s.post(path+id, "{}").problem(409, "")
	}
}

// scanned is a server whose scanner is up.
func scanned(t *testing.T, address string, args ...string) *server {
	t.Helper()
	s := start(t, append([]string{"--scan", address}, args...)...)
	s.until("the scanner is up", func() bool { return s.scanner()["status"] == "up" })
	return s
}

// scanner is what health tells of it.
func (s *server) scanner() map[string]any {
	s.t.Helper()
	return s.get("/health").ok(200).json()["components"].(map[string]any)["scanner"].(map[string]any)
}

// TestScanned: what is clean is fresh in the same answer, or soon where it is
// large; what is not goes into quarantine, compressed or not.
func TestScanned(t *testing.T) {
	t.Parallel()
	d := servers.StartClamd(t, servers.ClamdLimits{})
	hook, messages := receiver(t, func(int) int { return 200 })
	for way, address := range map[string]string{"socket": d.URL(), "tcp": d.TCP()} {
		s := scanned(t, address, "--webhook-url", hook)
		r := s.upload(file("clean.jsonl", good(5, "clean"+way))).ok(200).json()
		r.want(t, obj{"file_status": "fresh", "verdict": "passed"})
		if h := s.history(r.str("file_id")); !strings.Contains(h["scanned"], "ClamAV ") {
			t.Errorf("the history does not tell what the file was scanned by: %v", h)
		}
		s.message(messages)
		for name, b := range map[string][]byte{
			"small.txt": infected(100, way), "large.txt": infected(20<<20, way), "a.txt.gz": gzipped(t, infected(1000, way)), "a.txt.zst": zstded(t, infected(30<<20, way)),
		} {
			if way == "tcp" && len(b) > 1<<20 {
				continue
			}
			t.Run(way+" "+name, func(t *testing.T) {
				s.t = t
				r := s.upload(file(name, string(b))).ok(200).json()
				id := r.str("file_id")
				if r.str("file_status") == "fresh" {
					t.Errorf("the answer is %v", r)
				}
				if name == "small.txt" {
					r.want(t, obj{"file_status": "quarantined"})
				}
				s.settled(id)
				s.wantQuarantined(id, servers.EICARName)
				m := s.message(messages)
				m.body.want(t, obj{"event": "file.quarantined", "file_id": id, "status": "quarantined"})
				if !strings.Contains(m.body.str("processing_error"), servers.EICARName) {
					t.Errorf("the message does not say why: %v", m.body)
				}
				// the same content again is no duplicate of it, and comes no further
				again := s.upload(file("again-"+name, string(b))).ok(200).json()
				again.want(t, obj{"is_duplicate": false})
				if again.str("file_id") == id {
					t.Error("it is the same file")
				}
				s.settled(again.str("file_id"))
				s.wantQuarantined(again.str("file_id"), servers.EICARName)
				s.message(messages)
				s.do("DELETE", api+"/file/"+id, "").ok(200)
				s.wantNoBytes(id)
			})
		}
		s.t = t
		big := s.upload(file("big.txt", string(plainText(20<<20, way)))).ok(200).json()
		s.settled(big.str("file_id")).want(t, obj{"status": "fresh", "processing_error": ""})
		s.message(messages)
		if n := s.get("/staged-files?status=quarantined").ok(200).json().num("total_count"); n == 0 {
			t.Error("files in quarantine are not listed as such")
		}
	}
}

// TestScannerDown: uploads go on while the scanner is away, files wait and are
// fresh by themselves once it is there; also those of a process that died.
func TestScannerDown(t *testing.T) {
	t.Parallel()
	d := servers.NewClamd(t, servers.ClamdLimits{})
	s := start(t, "--scan", d.URL())
	down := func() bool {
		c := s.scanner()
		return c["status"] == "down" && strings.Contains(c["detail"].(string), "clamd.conf")
	}
	s.until("health tells that the scanner is down", down)
	var ids []string
	for _, name := range []string{"a", "b"} {
		r := s.upload(file(name+".jsonl", good(3, "down"+name))).ok(200).json()
		r.want(t, obj{"file_status": "processing", "verdict": "passed"})
		ids = append(ids, r.str("file_id"))
		s.upload(file("again.jsonl", good(3, "down"+name))).ok(200).json().want(t, obj{"is_duplicate": true, "file_status": "processing"})
	}
	ids = append(ids, s.upload(file("c.txt", string(infected(100, "down")))).ok(200).json().str("file_id"))
	s.upload(file("bad.jsonl", bad("down"))).ok(200).json().want(t, obj{"file_status": "failed"}) // which nobody needs to scan
	s.kill()
	s.relaunch()
	s.until("health tells that the scanner is down", down)
	for _, id := range ids {
		f := s.info(id)
		f.want(t, obj{"status": "processing", "verdict": "passed"})
		if !strings.Contains(f.str("processing_error"), "waits for the scanner") {
			t.Errorf("the file does not say what it waits for: %v", f["processing_error"])
		}
		if h := s.history(id); h["scan-waits"] == "" {
			t.Errorf("nor does its history: %v", h)
		}
		s.get("/upload-progress/"+id).ok(200).json().want(t, obj{"stage": "scanning"})
		s.post("/promote-file/"+id, "").problem(409, "")
		for _, path := range []string{"/download-file/", "/records/", "/clean-records/"} {
			s.get(path+id).problem(409, "not-scanned")
		}
	}
	d.Start()
	for _, id := range ids[:2] {
		s.settled(id).want(t, obj{"status": "fresh", "processing_error": ""})
	}
	s.settled(ids[2])
	s.wantQuarantined(ids[2], servers.EICARName)
	s.get("/health").ok(200).json().want(t, obj{"status": "healthy"})
}

// TestScannerNotTrusted: a clamd whose limits are too small is not believed.
func TestScannerNotTrusted(t *testing.T) {
	s := start(t, "--scan", servers.StartClamd(t, servers.ClamdLimits{MaxFileSize: "25M"}).URL())
	r := s.upload(file("a.jsonl", good(3, "small limits"))).ok(200).json()
	r.want(t, obj{"file_status": "processing"})
	if f := s.info(r.str("file_id")); !strings.Contains(f.str("processing_error"), "not trusted") {
		t.Errorf("the file says %v", f["processing_error"])
	}
	s.get("/health").ok(200).json().want(t, obj{"status": "degraded"})
	detail := s.scanner()["detail"].(string)
	for _, part := range []string{"not trusted", "StreamMaxLength", "MaxFileSize", "MaxScanSize"} {
		if !strings.Contains(detail, part) {
			t.Errorf("health does not name %s: %s", part, detail)
		}
	}
	if a := s.do("GET", "/readyz", ""); a.status != 200 {
		t.Errorf("/readyz is %d: uploads go on", a.status)
	}
}

// TestScannerDies in the middle of a scan: the file has no verdict of it, and is
// scanned when it is back.
func TestScannerDies(t *testing.T) {
	t.Parallel()
	d := servers.StartClamd(t, servers.ClamdLimits{})
	s := start(t, "--scan", d.URL())
	clean := s.upload(file("clean.txt", string(plainText(150<<20, "dies")))).ok(200).json()
	clean.want(t, obj{"file_status": "processing"})
	d.Kill()
	id := clean.str("file_id")
	s.until("the file waits", func() bool { return strings.Contains(s.info(id).str("processing_error"), "waits for the scanner") })
	other := s.upload(file("other.txt", string(infected(100, "dies")))).ok(200).json()
	other.want(t, obj{"file_status": "processing"})
	d.Start()
	s.settled(id).want(t, obj{"status": "fresh", "processing_error": ""})
	s.settled(other.str("file_id"))
	s.wantQuarantined(other.str("file_id"), servers.EICARName)
}

// TestScannedAgain: a file that was fresh before there was a scanner leaves fresh/
// when a check finds something; one that is let out is scanned once more.
func TestScannedAgain(t *testing.T) {
	t.Parallel()
	onDisk(t)
	strict, lenient := servers.StartClamd(t, servers.ClamdLimits{}), servers.StartClamd(t, servers.ClamdLimits{WholeFiles: true})
	s := start(t)
	id := s.upload(file("a.txt", string(infected(100, "before")))).ok(200).json().str("file_id")
	used := s.upload(file("b.txt", string(infected(100, "used")))).ok(200).json().str("file_id")
	s.post("/mark-used/"+used, "{}").ok(200)
	clean := s.upload(file("c.txt", string(plainText(100, "clean")))).ok(200).json().str("file_id")
	s.info(id).want(t, obj{"status": "fresh"})
	s.args = []string{"--scan", strict.URL()}
	s.restart()
	s.post("/process-file/"+clean+"?wait=20s", "").ok(200).json().want(t, obj{"status": "success"})
	s.settled(clean).want(t, obj{"status": "fresh", "processing_error": ""})
	if h := s.history(clean); !strings.Contains(h["scanned"], "ClamAV ") {
		t.Errorf("the history is %v", h)
	}
	for _, id := range []string{id, used} {
		s.post("/process-file/"+id+"?wait=20s", "").ok(200).json().want(t, obj{"status": "error"})
		s.wantQuarantined(id, servers.EICARName)
	}
	// let out, and found again
	s.post("/process-file/"+id+"?wait=20s", "").ok(200).json().want(t, obj{"status": "error"})
	s.wantQuarantined(id, servers.EICARName)
	// let out, and failing other rules: it stays where nobody reads it
	s.post("/process-file/"+id+"?wait=20s", `{"max_records":1}`).ok(200).json().want(t, obj{"status": "error"})
	s.wantQuarantined(id, "stays in quarantine")
	// let out, and no longer found
	s.args = []string{"--scan", lenient.URL()}
	s.restart()
	s.post("/process-file/"+id+"?wait=20s", `{}`).ok(200).json().want(t, obj{"status": "success"})
	s.info(id).want(t, obj{"status": "fresh", "verdict": "passed", "processing_error": ""})
	s.wantUnder(id, "fresh")
	s.get("/download-file/" + id).ok(200)
}

// TestScanOfPromotion: where a person promotes, that is when a file is scanned.
func TestScanOfPromotion(t *testing.T) {
	s := scanned(t, servers.StartClamd(t, servers.ClamdLimits{}).URL(), "--promote", "manual")
	clean := s.upload(file("a.txt", string(plainText(100, "manual")))).ok(200).json()
	clean.want(t, obj{"file_status": "uploaded"})
	s.post("/promote-file/"+clean.str("file_id"), "").ok(200).json().want(t, obj{"status": "fresh"})
	found := s.upload(file("b.txt", string(infected(100, "manual")))).ok(200).json()
	found.want(t, obj{"file_status": "uploaded"})
	s.post("/promote-file/"+found.str("file_id"), "").ok(200).json().want(t, obj{"status": "quarantined"})
	s.wantQuarantined(found.str("file_id"), servers.EICARName)
}

// TestScanSwitchedOff: what waited for a scanner that is no more is fresh.
func TestScanSwitchedOff(t *testing.T) {
	onDisk(t)
	s := start(t, "--scan", servers.NewClamd(t, servers.ClamdLimits{}).URL())
	id := s.upload(file("a.jsonl", good(3, "off"))).ok(200).json().str("file_id")
	s.info(id).want(t, obj{"status": "processing"})
	s.args = nil
	s.restart()
	s.settled(id).want(t, obj{"status": "fresh", "processing_error": ""})
	if h := s.history(id); !strings.Contains(h["scanned"], "off") {
		t.Errorf("the history does not say that nobody scanned it: %v", h)
	}
}

// TestProgramIsNotFound: the program itself does not hold what scanners look for.
func TestProgramIsNotFound(t *testing.T) {
	b, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, servers.EICAR()) {
		t.Error("a scanner finds the program")
	}
}

// TestScanCommand: the command says what became of a file, and ends accordingly.
func TestScanCommand(t *testing.T) {
	s := scanned(t, servers.StartClamd(t, servers.ClamdLimits{}).URL())
	path := filepath.Join(t.TempDir(), "found.txt")
	if err := os.WriteFile(path, infected(1000, "command"), 0o644); err != nil {
		t.Fatal(err)
	}
	c := command(nil, "upload", "--server", s.url(""), path)
	out, _ := c.CombinedOutput()
	if c.ProcessState.ExitCode() != 3 || !strings.Contains(string(out), "quarantined") || !strings.Contains(string(out), servers.EICARName) {
		t.Errorf("exit code %d: %s", c.ProcessState.ExitCode(), out)
	}
	if err := os.WriteFile(path, notAllowed(t, 1000), 0o644); err != nil {
		t.Fatal(err)
	}
	c = command(nil, "upload", "--server", s.url(""), path)
	out, _ = c.CombinedOutput()
	if c.ProcessState.ExitCode() != 3 || !strings.Contains(string(out), "zip archive") {
		t.Errorf("exit code %d: %s", c.ProcessState.ExitCode(), out)
	}
}

// TestRetryIsScanned: a file that failed is scanned once it passes, not before.
func TestRetryIsScanned(t *testing.T) {
	s := scanned(t, servers.StartClamd(t, servers.ClamdLimits{}).URL())
	found := s.upload(text("validation_rules", `{"max_records":1}`), file("a.txt", string(infected(1000, "retry")))).ok(200).json().str("file_id")
	clean := s.upload(text("validation_rules", `{"max_records":1}`), file("b.txt", string(plainText(1000, "retry")))).ok(200).json().str("file_id")
	for _, id := range []string{found, clean} {
		s.info(id).want(t, obj{"status": "failed"})
		s.post("/retry-failed-file/"+id+"?wait=20s", "").ok(200).json().want(t, obj{"status": "error"})
		if h := s.history(id); h["scanned"] != "" || h["quarantine"] != "" {
			t.Errorf("a file that failed was scanned: %v", h)
		}
	}
	s.post("/process-file/"+clean+"?wait=20s", "{}").ok(200).json().want(t, obj{"status": "success"})
	if h := s.history(clean); !strings.Contains(h["scanned"], "ClamAV") {
		t.Errorf("the history is %v", h)
	}
	// the same content sent again has it checked by today's rules, and scanned
	s.upload(file("a.txt", string(infected(1000, "retry")))).ok(200).json().want(t, obj{"is_duplicate": true, "file_id": found})
	s.settled(found)
	s.wantQuarantined(found, servers.EICARName)
}

// TestAdoptedIsScanned, as it would be sent.
func TestAdoptedIsScanned(t *testing.T) {
	s := scanned(t, servers.StartClamd(t, servers.ClamdLimits{}).URL())
	s.place("training-data/old/found.txt", string(infected(1000, "old")))
	s.place("training-data/old/clean.txt", string(plainText(1000, "old")))
	lines, code, errs := s.adopt("training-data/old/")
	if code != 3 {
		t.Errorf("exit code %d, want 3: %s", code, errs)
	}
	lines["training-data/old/clean.txt"].want(t, obj{"file_status": "fresh"})
	lines["training-data/old/found.txt"].want(t, obj{"file_status": "quarantined"})
	s.wantQuarantined(lines["training-data/old/found.txt"].str("file_id"), servers.EICARName)
}

// TestQuarantineFaults: whatever durable step the process dies at while a file is
// found, it is in quarantine in the end and was never fresh, or did not arrive.
func TestQuarantineFaults(t *testing.T) {
	t.Parallel()
	onDisk(t)
	d := servers.StartClamd(t, servers.ClamdLimits{})
	arrived, hit := 0, 0
	for _, order := range []string{
		"rename 1 kill-after", "rename 2 kill-before", "rename 2 kill-after", "commit 3 kill-after", "commit 4 kill-before", "commit 4 kill-after",
		"commit 5 kill-before", "commit 5 kill-after", "rename 2 error-before", "rename 2 error-after", "commit 5 error-after",
	} {
		t.Run(order, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "order")
			f := &faulty{server: startIn(t, t.TempDir(), []string{"FRESHET_FAULTS=" + path}, "--scan", d.URL()), order: path, safe: func() {}}
			f.until("the scanner is up", func() bool { return f.scanner()["status"] == "up" })
			f.arm(order)
			id := newID()
			_, err := f.try(http.MethodPost, api+"/upload-large-file", form(file("a.txt", string(infected(1000, order)))), "Content-Type", formType, "X-File-Id", id)
			f.disarm()
			if err != nil {
				f.ended()
				f.relaunch()
			}
			if strings.Contains(f.log.String(), "fault: ") {
				hit++ // on a busy machine the scan may be a job, which comes after the faults
			}
			if a := f.get("/file-info/" + id); a.status == 404 || a.json().str("failure_kind") == "upload" {
				return // it was not told to be here
			}
			arrived++
			f.until(id+" is in quarantine", func() bool {
				i := f.info(id)
				return i.str("status") == "quarantined" && strings.HasPrefix(i.str("object_key"), "training-data/quarantine/")
			})
			f.wantQuarantined(id, servers.EICARName)
			if h := f.history(id); h["fresh"] != "" {
				t.Errorf("it was fresh: %v", h)
			}
		})
	}
	if arrived < 8 || hit < 8 {
		t.Errorf("only %d rows got so far, %d were hit", arrived, hit)
	}
}
