package e2e_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A row is one durable step that goes wrong: the nth of its kind while a file is
// sent in one way, to a server that seals its files or does not.
type row struct {
	way, op, n, mode string
	sealed           bool
}

func (r row) env() []string {
	if !r.sealed {
		return nil
	}
	return []string{"FRESHET_MASTER_KEY=" + masterKey()}
}

var faultModes = []string{"error-before", "error-after", "kill-before", "kill-after"}

// shortRows are those of every run: each step and each mode, where it matters
// most. With FRESHET_TORTURE set all rows run.
const shortRows = `
parts  commit   2  error-after
parts  write    2  kill-after
parts  commit   3  kill-before
parts  rename   2  kill-after
parts  commit   5  kill-after
parts  rename   4  kill-after
parts  remove   1  error-before
tus    sync     2  error-before
tus    write    3  error-after
tus    commit   5  error-after
tus    commit   7  kill-after
tus    truncate 3  kill-before
tus    mkdir    3  error-after
concat punch    1  error-before
concat punch    2  error-after
concat punch    1  kill-before
form   create   1  kill-after
form   syncdir  10 error-before
form   commit   2  error-after
form   rename   3  kill-before
again  remove   1  kill-after
again  commit   10 kill-after
tus    create   3  kill-after   sealed
tus    write    4  kill-before  sealed
tus    sync     3  error-after  sealed
tus    sync     4  kill-before  sealed
tus    syncdir  3  error-before sealed
tus    remove   1  kill-before  sealed
tus    write    10 kill-after   sealed
parts  write    9  kill-after   sealed
parts  sync     10 kill-after   sealed
form   sync     5  kill-before  sealed
form   rename   2  kill-before  sealed
concat punch    1  error-before sealed
`

// ways are how a file is sent; each gives the id of the file that was acknowledged.
var ways = map[string]func(*faulty) string{"parts": sendParts, "tus": sendAppends, "concat": sendPieces, "form": sendForm, "again": sendAgain}

// TestFaults: whatever durable step fails, before or after it took effect, by an
// error or with the process: nothing that was acknowledged is lost, nothing half
// is visible, the verdict is that of a smooth upload, and no rubbish is for good.
func TestFaults(t *testing.T) {
	t.Parallel()
	data := lumpy(2_500_000, 1)
	like, want := reference(t, data)
	var rows []row
	for line := range strings.Lines(strings.TrimSpace(shortRows)) {
		w := strings.Fields(line)
		rows = append(rows, row{w[0], w[1], w[2], w[3], len(w) > 4})
	}
	if os.Getenv("FRESHET_TORTURE") != "" {
		rows = allRows(t, like, data)
	}
	queue := make(chan row)
	var wg sync.WaitGroup
	for range 4 { // a row waits more than it works
		wg.Go(func() {
			for r := range queue {
				way := r.way
				if r.sealed {
					way += "-sealed"
				}
				t.Run(fmt.Sprintf("%s/%s-%s-%s", way, r.op, r.n, r.mode), func(t *testing.T) { r.run(t, like, data, want) })
			}
		})
	}
	for _, r := range rows {
		queue <- r
	}
	close(queue)
	wg.Wait()
	t.Logf("%d rows", len(rows))
}

func (r row) run(t *testing.T, like, data string, want sameReport) {
	f := startFaulty(t, like, data, r.env()...)
	f.arm(fmt.Sprintf("%s %s %s", r.op, r.n, r.mode))
	id := ways[r.way](f)
	f.disarm()
	f.wantWhole()
	told := f.info(id).str("status")
	f.restartForSweeps()
	if !strings.Contains(f.log.String(), "fault: ") {
		t.Errorf("nothing was hit: there is no %s %s", r.op, r.n)
	}
	if told == "fresh" {
		f.info(id).want(t, obj{"status": "fresh"})
	}
	f.until(id+" is fresh", func() bool { return f.info(id).str("status") == "fresh" })
	f.same(id, want)
	f.wantNoRubbish(1, 1)
	f.same(id, want)
}

// same fails unless the file is what was sent, with the report of a smooth upload.
func (f *faulty) same(id string, want sameReport) {
	f.t.Helper()
	f.wantWhole()
	f.info(id).want(f.t, obj{"status": "fresh", "verdict": "passed", "file_size": len(f.data)})
	if got := string(f.get("/download-file/" + id).ok(200).body); got != f.data {
		f.t.Error("other bytes than were acknowledged")
	}
	if got := reportOf(f.server, id); !reflect.DeepEqual(got, want) {
		f.t.Errorf("the report is not that of a smooth upload: %v", got.differs(want))
	}
}

// allRows counts the steps of each way without a fault.
func allRows(t *testing.T, like, data string) (rows []row) {
	for _, way := range slices.Sorted(maps.Keys(ways)) {
		f := startFaulty(t, like, data)
		counts := filepath.Join(filepath.Dir(f.order), "counts")
		f.arm("count " + counts)
		ways[way](f)
		f.disarm()
		b, err := os.ReadFile(counts)
		if err != nil {
			t.Fatal(err)
		}
		steps := strings.Split(strings.TrimSpace(string(b)), "\n")
		t.Logf("%s: %s", way, strings.Join(steps, ", "))
		for _, step := range steps {
			op, n, _ := strings.Cut(step, " ")
			for _, mode := range faultModes {
				rows = append(rows, row{way, op, n, mode, false})
			}
		}
		f.kill()
	}
	return rows
}

// sameReport is a report without what may differ: ids and times.
type sameReport struct {
	report   obj
	findings string
}

func reportOf(s *server, id string) sameReport {
	s.t.Helper()
	r := s.get("/validation-report/" + id).ok(200).json()
	for _, k := range []string{"file_id", "started", "finished", "bytes_per_second"} {
		delete(r, k)
	}
	return sameReport{r, string(s.get("/validation-findings/" + id).ok(200).body)}
}

func (a sameReport) differs(b sameReport) (keys []string) {
	for k := range b.report {
		if !reflect.DeepEqual(a.report[k], b.report[k]) {
			keys = append(keys, fmt.Sprintf("%s: %.200v instead of %.200v", k, a.report[k], b.report[k]))
		}
	}
	if a.findings != b.findings {
		keys = append(keys, fmt.Sprintf("findings: %d bytes instead of %d", len(a.findings), len(b.findings)))
	}
	return keys
}

// reference sends the file as a form to a server without faults, and gives a
// data directory to begin with, and the report.
func reference(t *testing.T, data string) (dir string, want sameReport) {
	t.Helper()
	s := start(t)
	s.stop()
	// no periodic job runs while steps are counted: the one who would run them is elsewhere
	s.inCatalog("INSERT INTO river_leader (elected_at, expires_at, leader_id) VALUES (datetime('now'), datetime('now', '+1 day'), 'nobody')")
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.dir)); err != nil {
		t.Fatal(err)
	}
	s.launch()
	u := s.upload(text("validation_rules", faultRules), file("a.jsonl", data)).ok(200).json()
	u.want(t, obj{"file_status": "fresh"})
	want = reportOf(s, u.str("file_id"))
	if want.report["truncated"] != true {
		t.Error("the file has fewer faults than a report lists")
	}
	return dir, want
}

// faultRules tolerate the faults of lumpy.
const faultRules = `{"max_errors":100000}`

// sendParts sends parts out of order, one of them twice.
func sendParts(f *faulty) string {
	size := 1 << 20
	body, _ := json.Marshal(obj{"file_name": "a.jsonl", "file_size": len(f.data), "part_size": size, "validation_rules": json.RawMessage(faultRules)})
	u := f.insist(201, http.MethodPost, api+"/uploads", string(body), "Content-Type", "application/json", "Idempotency-Key", newID()).json()
	at := api + "/uploads/" + u.str("upload_id")
	sums, safe := map[int]string{}, map[int]string{} // acknowledged; told as safe
	f.safe = func() {
		f.t.Helper()
		clear(safe)
		a := f.insist(200, http.MethodGet, at+"?checksums=true", "").json()
		if a.str("state") == "open" {
			for _, c := range a.list("checksums") {
				safe[int(c.num("part"))] = c.str("crc64nvme")
			}
			for n, sum := range sums {
				if safe[n] != sum {
					f.t.Errorf("part %d was acknowledged with %s, now it is %q", n, sum, safe[n])
				}
			}
		} else if a.str("state") != "complete" {
			f.t.Fatalf("the upload is %s: %s", a.str("state"), a.str("detail"))
		}
	}
	for i, n := range []int{2, 1, 3, 2} {
		part := f.data[(n-1)*size : min(n*size, len(f.data))]
		digest := sha256.Sum256([]byte(part))
		for safe[n] == "" || i == 3 {
			a, ok := f.ask(http.MethodPut, fmt.Sprintf("%s/parts/%d", at, n), part, "Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(digest[:])+":")
			if ok {
				sums[n] = a.ok(200).json().str("crc64nvme")
				break
			}
		}
	}
	return f.insist(200, http.MethodPost, at+"/complete", "").json().str("file_id")
}

// sendAgain takes an upload back half way, sends the file as a form, and once more.
func sendAgain(f *faulty) string {
	a := f.insist(201, http.MethodPost, api+"/tus", "", tusHeaders("Upload-Length", strconv.Itoa(len(f.data)), "Upload-Metadata", tusMetadata())...)
	f.appendAll(a.header.Get("Location"), f.data, len(f.data)/2)
	f.safe = func() {}
	for ok := false; !ok; {
		var d answer
		if d, ok = f.ask(http.MethodDelete, a.header.Get("Location"), "", tusHeaders()...); ok && d.status != 410 {
			d.ok(204)
		}
	}
	id := sendForm(f)
	if f.info(id).str("status") == "fresh" {
		f.safe = func() { f.info(id).want(f.t, obj{"status": "fresh"}) }
	}
	if again := sendForm(f); again != id {
		f.t.Errorf("the content of %s was kept as %s again", id, again)
	}
	return id
}

// sendForm sends a form until it is answered.
func sendForm(f *faulty) string {
	body := form(text("validation_rules", faultRules), file("a.jsonl", f.data))
	return f.insist(200, http.MethodPost, api+"/upload-large-file", body, "Content-Type", formType).json().str("file_id")
}

func tusHeaders(more ...string) []string {
	return append([]string{"Tus-Resumable", "1.0.0"}, more...)
}

func tusMetadata() string {
	b64 := base64.StdEncoding.EncodeToString
	return "filename " + b64([]byte("a.jsonl")) + ",validation_rules " + b64([]byte(faultRules))
}

// appendAll sends an upload's bytes in requests that end at cuts.
func (f *faulty) appendAll(at, data string, cuts ...int) (id string) {
	offset := 0
	f.safe = func() {
		f.t.Helper()
		a := f.insist(200, http.MethodHead, at, "", tusHeaders()...)
		n, err := strconv.Atoi(a.header.Get("Upload-Offset"))
		if err != nil || n < offset {
			f.t.Errorf("the offset was %d, now it is %q", offset, a.header.Get("Upload-Offset"))
		}
		offset, id = n, a.header.Get("X-File-Id")
	}
	for i, cut := range cuts {
		for offset < cut {
			bytes := data[offset:cut]
			headers := tusHeaders("Content-Type", "application/offset+octet-stream", "Upload-Offset", strconv.Itoa(offset))
			if i == 1 {
				digest := sha256.Sum256([]byte(bytes))
				headers = append(headers, "Upload-Checksum", "sha256 "+base64.StdEncoding.EncodeToString(digest[:]))
			}
			a, ok := f.ask(http.MethodPatch, at, bytes, headers...)
			if told, err := strconv.Atoi(a.header.Get("Upload-Offset")); err == nil && told > offset && !ok {
				f.t.Errorf("the offset was told to be %d, now it is %d", told, offset)
			}
			if ok {
				if got := a.ok(204).header.Get("Upload-Offset"); got != strconv.Itoa(cut) {
					f.t.Errorf("the offset is %s after bytes up to %d", got, cut)
				}
				offset, id = cut, a.header.Get("X-File-Id")
			}
		}
	}
	return id
}

// sendAppends sends the bytes in order, in three requests.
func sendAppends(f *faulty) string {
	size := len(f.data)
	a := f.insist(201, http.MethodPost, api+"/tus", "", tusHeaders("Upload-Length", strconv.Itoa(size), "Upload-Metadata", tusMetadata())...)
	return f.appendAll(a.header.Get("Location"), f.data, size/3+1, 2*size/3+1, size)
}

// sendPieces sends two uploads and has them made one.
func sendPieces(f *faulty) string {
	half := len(f.data)/2 + 7
	var urls []string
	for _, bytes := range []string{f.data[:half], f.data[half:]} {
		f.safe = func() {}
		a := f.insist(201, http.MethodPost, api+"/tus", "", tusHeaders("Upload-Length", strconv.Itoa(len(bytes)), "Upload-Concat", "partial")...)
		urls = append(urls, a.header.Get("Location"))
		f.appendAll(urls[len(urls)-1], bytes, len(bytes))
	}
	f.safe = func() {}
	a := f.insist(201, http.MethodPost, api+"/tus", "", tusHeaders("Upload-Concat", "final;"+strings.Join(urls, " "), "Upload-Metadata", tusMetadata())...)
	return a.header.Get("X-File-Id")
}

// lumpy is JSON Lines: mostly short records, some much longer than a chunk of
// others, and more that are not JSON than a report lists.
func lumpy(size int, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, seed))
	words := strings.Repeat("batch model summer данные 東京 river of many words ", 8000)
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		n := 10 + r.IntN(120)
		if i%3000 == 2000 {
			n = 100_000 + r.IntN(200_000)
		}
		if i%12 == 3 {
			fmt.Fprintf(&b, "{\"id\": nope %d}\n", r.Uint32())
			continue
		}
		text, _ := json.Marshal(strings.ToValidUTF8(words[:n], ""))
		fmt.Fprintf(&b, `{"id":"%d-%d","n":%d,"text":%s}`+"\n", seed, i, r.Uint32(), text)
	}
	return b.String()
}
