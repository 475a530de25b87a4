package fsck_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"freshet/internal/blob"
	"freshet/internal/blob/local"
	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/errs"
	"freshet/internal/fsck"
	"freshet/internal/live"
	"freshet/internal/promote"
	"freshet/internal/rule"
	"freshet/internal/upload"
	"freshet/internal/validate"
)

// house is the services over a real catalog and a real store.
type house struct {
	t        *testing.T
	catalog  *catalog.Store
	blobs    blob.Store
	promoter *promote.Promoter
	uploads  *upload.Service
}

func build(t *testing.T) *house {
	t.Helper()
	dir := t.TempDir()
	facts, err := catalog.Open(t.Context(), "sqlite://"+filepath.Join(dir, "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	disk, err := local.Open(t.Context(), filepath.Join(dir, "blobs"), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return over(t, facts, disk)
}

func over(t *testing.T, facts *catalog.Store, blobs blob.Store) *house {
	t.Helper()
	t.Cleanup(func() { facts.Close() })
	facts.Enqueue(func(context.Context, *sql.Tx, catalog.Job) error { return nil })
	h := &house{t: t, catalog: facts, blobs: blobs}
	log := slog.New(slog.DiscardHandler)
	board := live.NewBoard()
	h.promoter = &promote.Promoter{Catalog: facts, Blobs: blobs, Log: log}
	checks := &check.Service{Catalog: facts, Blobs: blobs, Promoter: h.promoter, Board: board, Engine: "test", Log: log, Validate: validate.Config{Scratch: validate.ScratchIn(t.TempDir())}}
	h.uploads = &upload.Service{Catalog: facts, Blobs: blobs, Checks: checks, Board: board, Budget: upload.NewBudget(32 << 20), Lifetime: 24 * time.Hour, Stall: time.Second, Log: log}
	return h
}

type source struct{ r io.Reader }

func (s source) Fill(p []byte, progress func(int)) (int, error) {
	n, err := io.ReadFull(s.r, p)
	progress(n)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func content(name string) string {
	var b strings.Builder
	for i := range 500 {
		fmt.Fprintf(&b, "{\"text\": \"of %s, the record %03d of 500\"}\n", name, i)
	}
	return b.String()
}

// upload has a file received and checked.
func (h *house) upload(name, data string) catalog.File {
	h.t.Helper()
	u, err := h.uploads.Begin(h.t.Context(), upload.New{Name: name, DataType: "custom", Rules: rule.Defaults(), Size: int64(len(data)), Actor: "test"})
	h.ok(err)
	h.ok(u.Receive(h.t.Context(), source{strings.NewReader(data)}))
	out, err := u.Finish(h.t.Context(), upload.Late{DataType: "custom", Metadata: json.RawMessage("{}"), Rules: rule.Defaults()})
	h.ok(err)
	return out.File
}

// quarantined is a file that was fresh until something was found in it.
func (h *house) quarantined(name string) catalog.File {
	h.t.Helper()
	f := h.upload(name, content(name))
	f, err := h.promoter.Quarantine(h.t.Context(), f.ID, catalog.Step{From: []catalog.Status{catalog.Fresh}, Action: "quarantine", Actor: "test", Change: func(*catalog.File) error { return nil }})
	h.ok(err)
	return f
}

// open leaves an upload of two parts open, with one of them.
func (h *house) open() catalog.Upload {
	h.t.Helper()
	c, err := h.uploads.Create(h.t.Context(), upload.New{Name: "open.jsonl", DataType: "custom", Rules: rule.Defaults(), Protocol: catalog.Parts, Size: 9 << 20, PartSize: 8 << 20, Actor: "test"})
	h.ok(err)
	data := bytes.Repeat([]byte("{\"text\": \"open\"}\n"), 8<<20/17+1)[:8<<20]
	_, err = h.uploads.WritePart(h.t.Context(), c.Upload.ID, 1, upload.Incoming{Source: source{bytes.NewReader(data)}, Length: 8 << 20})
	h.ok(err)
	u, err := h.catalog.Upload(h.t.Context(), c.Upload.ID)
	h.ok(err)
	return u
}

func (h *house) file(id string) catalog.File {
	h.t.Helper()
	f, err := h.catalog.File(h.t.Context(), id)
	h.ok(err)
	return f
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	_, err := h.catalog.DB().ExecContext(h.t.Context(), query, args...)
	h.ok(err)
}

func (h *house) put(key, data string) {
	h.t.Helper()
	h.ok(h.blobs.Put(h.t.Context(), key, strings.NewReader(data), int64(len(data))))
}

func (h *house) drop(key string) {
	h.t.Helper()
	h.ok(h.blobs.Delete(h.t.Context(), key))
}

func (h *house) move(from, to string) {
	h.t.Helper()
	h.ok(h.blobs.Move(h.t.Context(), from, to))
	h.drop(from)
}

func (h *house) has(key string) bool {
	h.t.Helper()
	_, err := h.blobs.Stat(h.t.Context(), key)
	if err != nil && !errs.Is(err, errs.NotFound) {
		h.t.Fatal(err)
	}
	return err == nil
}

// run compares, two hours from now, so that nothing is too young to tell.
func (h *house) run(repair bool, change ...func(*fsck.Check)) []fsck.Problem {
	h.t.Helper()
	out, err := h.try(repair, change...)
	h.ok(err)
	return out
}

func (h *house) try(repair bool, change ...func(*fsck.Check)) (out []fsck.Problem, err error) {
	h.t.Helper()
	c := &fsck.Check{Catalog: h.catalog, Blobs: h.blobs, Promoter: h.promoter, Uploads: h.uploads, Repair: repair, Now: time.Now().Add(2 * time.Hour),
		Subset: fsck.Subset{Share: 1}, Tell: func(p fsck.Problem) error { out = append(out, p); return nil }}
	for _, f := range change {
		f(c)
	}
	sum, err := c.Run(h.t.Context())
	if err == nil && sum.Problems != int64(len(out)) {
		h.t.Errorf("the summary counts %d problems, %d were told", sum.Problems, len(out))
	}
	return out, err
}

func swap(h *house, f catalog.File, prefix string) string {
	return prefix + f.ID + f.ObjectKey[strings.LastIndexByte(f.ObjectKey, '/'):]
}

// lost is what a file must be whose bytes are not there or not right.
func lost(h *house, id string) {
	h.t.Helper()
	f := h.file(id)
	if f.Status != catalog.Failed || f.FailureKind != catalog.FailedSystem || f.Verdict != catalog.VerdictNone || !strings.Contains(f.ProcessingError, "send it again") {
		h.t.Errorf("the file is %s (%s), verdict %s: %s", f.Status, f.FailureKind, f.Verdict, f.ProcessingError)
	}
}

// plant is one way in which something goes wrong, and gives what holds after a
// repair; nil where there is none.
type plant struct {
	name  string
	kind  fsck.Kind
	plant func(h *house) (after func())
}

// plants has some for each kind.
var plants = []plant{
	{"fresh", fsck.MissingObject, func(h *house) func() {
		f := h.upload("gone.jsonl", content("gone"))
		h.drop(f.ObjectKey)
		return func() { lost(h, f.ID) }
	}},
	{"on its way", fsck.MissingObject, func(h *house) func() {
		f := h.upload("gone.jsonl", content("gone"))
		h.drop(f.ObjectKey)
		h.exec(`UPDATE files SET moving_to = $2 WHERE id = $1`, f.ID, swap(h, f, promote.Staging))
		return func() { lost(h, f.ID) }
	}},
	{"archived", fsck.MissingObject, func(h *house) func() {
		f := h.upload("gone.jsonl", content("gone"))
		f, err := h.promoter.Archive(h.t.Context(), f.ID, "test")
		h.ok(err)
		h.drop(f.ObjectKey)
		return nil // who trains on it knows; only a person can help
	}},
	{"elsewhere", fsck.WrongPlace, func(h *house) func() {
		f := h.upload("there.jsonl", content("there"))
		h.move(f.ObjectKey, swap(h, f, promote.Archived))
		return func() {
			if now := h.file(f.ID); now.Status != catalog.Fresh || now.ObjectKey != f.ObjectKey || !h.has(f.ObjectKey) || h.has(swap(h, f, promote.Archived)) {
				h.t.Errorf("the file is %s at %s", now.Status, now.ObjectKey)
			}
		}
	}},
	{"not for its status", fsck.WrongPlace, func(h *house) func() {
		f := h.upload("there.jsonl", content("there"))
		h.move(f.ObjectKey, swap(h, f, promote.Staging))
		h.exec(`UPDATE files SET object_key = $2 WHERE id = $1`, f.ID, swap(h, f, promote.Staging))
		return func() {
			if now := h.file(f.ID); now.ObjectKey != f.ObjectKey || !h.has(f.ObjectKey) {
				h.t.Errorf("the file lies at %s", now.ObjectKey)
			}
		}
	}},
	{"out of quarantine", fsck.WrongPlace, func(h *house) func() {
		f := h.quarantined("found.jsonl")
		h.move(f.ObjectKey, swap(h, f, promote.Fresh))
		return func() {
			if now := h.file(f.ID); now.Status != catalog.Quarantined || now.ObjectKey != f.ObjectKey || !h.has(f.ObjectKey) || h.has(swap(h, f, promote.Fresh)) {
				h.t.Errorf("the file is %s at %s", now.Status, now.ObjectKey)
			}
		}
	}},
	{"in quarantine", fsck.WrongPlace, func(h *house) func() { // facts of a backup, and bytes in which something was found since
		f := h.upload("found.jsonl", content("found"))
		h.move(f.ObjectKey, swap(h, f, promote.Quarantine))
		return nil
	}},
	{"short", fsck.WrongSize, func(h *house) func() {
		f := h.upload("short.jsonl", content("short"))
		h.put(f.ObjectKey, content("short")[:500])
		return func() {
			lost(h, f.ID)
			if h.has(f.ObjectKey) || !h.has(swap(h, f, promote.Staging)) {
				h.t.Error("the damaged object is not in staging")
			}
		}
	}},
	{"one bit", fsck.DamagedObject, func(h *house) func() {
		f := h.upload("bit.jsonl", content("bit"))
		h.put(f.ObjectKey, strings.Replace(content("bit"), "of bit, the record 250", "of bat, the record 250", 1))
		return func() {
			lost(h, f.ID)
			if h.has(f.ObjectKey) || !h.has(swap(h, f, promote.Staging)) {
				h.t.Error("the damaged object is not in staging")
			}
		}
	}},
	{"move not begun", fsck.UnfinishedMove, func(h *house) func() {
		f := h.upload("half.jsonl", content("half"))
		to := swap(h, f, promote.Archived)
		h.exec(`UPDATE files SET moving_to = $2 WHERE id = $1`, f.ID, to)
		return func() {
			if now := h.file(f.ID); now.Status != catalog.Archived || now.ObjectKey != to || !h.has(to) {
				h.t.Errorf("the file is %s at %s", now.Status, now.ObjectKey)
			}
		}
	}},
	{"move not noted", fsck.UnfinishedMove, func(h *house) func() {
		f := h.upload("half.jsonl", content("half"))
		to := swap(h, f, promote.Archived)
		h.exec(`UPDATE files SET moving_to = $2 WHERE id = $1`, f.ID, to)
		h.move(f.ObjectKey, to)
		return func() {
			if now := h.file(f.ID); now.Status != catalog.Archived || now.ObjectKey != to || !h.has(to) {
				h.t.Errorf("the file is %s at %s", now.Status, now.ObjectKey)
			}
		}
	}},
	{"list of findings", fsck.MissingFindings, func(h *house) func() {
		f := h.upload("bad.jsonl", strings.Repeat("{\"text\": \n", 2000))
		r, err := h.catalog.Report(h.t.Context(), f.ID)
		h.ok(err)
		h.drop(r.FindingsKey)
		return func() {
			if r, err := h.catalog.Report(h.t.Context(), f.ID); err != nil || r.FindingsKey != "" {
				h.t.Errorf("the report speaks of %q: %v", r.FindingsKey, err)
			}
		}
	}},
	{"place of an upload", fsck.LostUpload, func(h *house) func() {
		u := h.open()
		h.ok(h.blobs.Abort(h.t.Context(), u.Key, u.Handle))
		return func() {
			if f := h.file(u.FileID); f.Status != catalog.Failed || f.FailureKind != catalog.FailedUpload || !strings.Contains(f.ProcessingError, "again") {
				h.t.Errorf("the file is %s (%s): %s", f.Status, f.FailureKind, f.ProcessingError)
			}
		}
	}},
	{"summary of a part", fsck.MissingSummary, func(h *house) func() {
		u := h.open()
		h.exec(`UPDATE upload_parts SET bulk_key = $2 WHERE upload_id = $1`, u.ID, check.FindingsPrefix+u.FileID+"/x.part")
		return func() {
			p, _, err := h.catalog.UploadPart(h.t.Context(), u.ID, 1)
			if err != nil || p.Checked != 0 || p.BulkKey != "" || p.Size != 8<<20 {
				h.t.Errorf("the part is %+v: %v", p, err)
			}
		}
	}},
	{"staged", fsck.OrphanObject, func(h *house) func() {
		key := promote.Staging + upload.NewID() + "/a.jsonl"
		h.put(key, "x")
		return func() { h.wantGone(key) }
	}},
	{"of a check", fsck.OrphanObject, func(h *house) func() {
		f := h.upload("a.jsonl", content("a"))
		key := check.FindingsPrefix + f.ID + "/old.ndjson.gz"
		h.put(key, "x")
		return func() { h.wantGone(key) }
	}},
	{"fresh without a fact", fsck.UnknownObject, func(h *house) func() {
		h.put(promote.Fresh+upload.NewID()+"/a.jsonl", "x")
		return nil
	}},
	{"not ours", fsck.UnknownObject, func(h *house) func() {
		h.put("training-data/old/a.jsonl", "x")
		return nil
	}},
	{"copy", fsck.LeftBehind, func(h *house) func() {
		f := h.upload("twice.jsonl", content("twice"))
		f, err := h.promoter.Archive(h.t.Context(), f.ID, "test")
		h.ok(err)
		key := swap(h, f, promote.Fresh)
		h.put(key, content("twice"))
		return func() { h.wantGone(key) }
	}},
	{"handle", fsck.OrphanHandle, func(h *house) func() {
		_, err := h.blobs.Begin(h.t.Context(), promote.Staging+upload.NewID()+"/a.jsonl", 0)
		h.ok(err)
		return func() {
			for hd, err := range h.blobs.Handles(h.t.Context()) {
				h.t.Errorf("there is a handle %v, %v", hd, err)
			}
		}
	}},
	{"counter", fsck.WrongCounter, func(h *house) func() {
		h.upload("a.jsonl", content("a"))
		h.exec(`UPDATE counters SET files = files + 2, bytes = bytes - 7 WHERE status = 'fresh'`)
		return func() {
			n, err := h.catalog.Counters(h.t.Context(), "")
			if err != nil || len(n) != 1 || n[0].Files != 2 {
				h.t.Errorf("the counters are %+v: %v", n, err)
			}
		}
	}},
	{"report of none", fsck.StrayRows, func(h *house) func() {
		id := upload.NewID()
		h.exec(`INSERT INTO aliases (alias, file_id) VALUES ($1, $2)`, upload.NewID(), id)
		return func() {}
	}},
	{"part of none", fsck.StrayRows, func(h *house) func() {
		u := h.open()
		h.exec(`UPDATE upload_parts SET upload_id = 'up_x' WHERE upload_id = $1`, u.ID)
		h.exec(`UPDATE uploads SET committed = 0 WHERE id = $1`, u.ID)
		return func() {}
	}},
	{"status", fsck.BadRow, func(h *house) func() {
		f := h.upload("a.jsonl", content("a"))
		h.exec(`UPDATE files SET verdict = 'in_progress' WHERE id = $1`, f.ID)
		return nil
	}},
	{"sum of parts", fsck.BadRow, func(h *house) func() {
		u := h.open()
		h.exec(`UPDATE uploads SET committed = committed + 1 WHERE id = $1`, u.ID)
		return nil
	}},
	{"no report", fsck.BadReport, func(h *house) func() {
		f := h.upload("a.jsonl", content("a"))
		h.exec(`DELETE FROM reports WHERE file_id = $1`, f.ID)
		h.exec(`DELETE FROM record_samples WHERE file_id = $1`, f.ID)
		return nil
	}},
	{"unreadable", fsck.BadReport, func(h *house) func() {
		f := h.upload("a.jsonl", content("a"))
		h.exec(`UPDATE reports SET report = $2 WHERE file_id = $1`, f.ID, []byte("{"))
		return nil
	}},
	{"another verdict", fsck.BadReport, func(h *house) func() {
		f := h.upload("a.jsonl", content("a"))
		h.exec(`UPDATE files SET errors = 3 WHERE id = $1`, f.ID)
		return nil
	}},
	{"altered", fsck.AuditChanged, func(h *house) func() {
		h.exec(`UPDATE audit SET actor = 'key:other' WHERE number = 2`)
		return nil
	}},
}

func (h *house) wantGone(key string) {
	h.t.Helper()
	if h.has(key) {
		h.t.Errorf("%s is still there", key)
	}
}

// TestEveryKind: each is told, by itself, and told with what would be done; a
// repair mends it for good, or says what a person can do.
func TestEveryKind(t *testing.T) {
	everyKind(t, build, true)
	for _, k := range fsck.Kinds {
		if !slices.ContainsFunc(plants, func(p plant) bool { return p.kind == k.Kind }) {
			t.Errorf("nothing plants %s", k.Kind)
		}
	}
}

// everyKind plants each kind, in all the ways in which it comes about or in one.
func everyKind(t *testing.T, build func(*testing.T) *house, all bool) {
	for i, p := range plants {
		if !all && i > 0 && plants[i-1].kind == p.kind {
			continue
		}
		t.Run(string(p.kind)+"/"+p.name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			h.upload("well.jsonl", content("well"))
			if out := h.run(true); len(out) > 0 {
				t.Fatalf("before anything is wrong: %+v", out)
			}
			after := p.plant(h)
			for range 2 { // to tell changes nothing
				out := h.run(false)
				if len(out) != 1 || out[0].Kind != p.kind || out[0].Repaired || out[0].Detail == "" || strings.HasPrefix(out[0].Action, "--repair ") != (after != nil || p.kind == fsck.MissingObject) {
					t.Fatalf("told: %+v", out)
				}
			}
			out := h.run(true)
			if len(out) != 1 || out[0].Kind != p.kind || out[0].Repaired != (after != nil) || out[0].Action == "" {
				t.Fatalf("with repair: %+v", out)
			}
			if after == nil {
				if again := h.run(true); len(again) != 1 {
					t.Errorf("what cannot be repaired is told once only: %+v", again)
				}
				return
			}
			after()
			if out := h.run(true); len(out) > 0 {
				t.Errorf("after the repair: %+v", out)
			}
		})
	}
}

// TestDamageIsShown: both hashes are told.
func TestDamageIsShown(t *testing.T) {
	h := build(t)
	f := h.upload("a.jsonl", content("a"))
	h.put(f.ObjectKey, strings.ToUpper(content("a")))
	out := h.run(false)
	if len(out) != 1 || out[0].Expected != f.Hash || out[0].Found == "" || out[0].Found == f.Hash || !strings.Contains(out[0].Detail, f.Hash) || !strings.Contains(out[0].Detail, out[0].Found) {
		t.Errorf("told: %+v", out)
	}
}

// TestLostIsNotFound: what was damaged does not become fresh by another check,
// even one that its bytes pass, and the same content sent again is a new file.
func TestLostIsNotFound(t *testing.T) {
	h := build(t)
	h.upload("well.jsonl", content("well"))
	f := h.upload("a.jsonl", content("a"))
	h.put(f.ObjectKey, strings.Replace(content("a"), "the record 250", "the RECORD 250", 1))
	h.run(true)
	if _, err := h.uploads.Checks.Retry(t.Context(), f.ID, "test"); !errs.HasCode(err, "send-again") {
		t.Errorf("a retry of a damaged file: %v", err)
	}
	again := h.upload("a.jsonl", content("a"))
	if again.ID == f.ID || again.Status != catalog.Fresh || again.Hash != f.Hash {
		t.Errorf("sent again it is %s, %s", again.ID, again.Status)
	}
	if out := h.run(true); len(out) > 0 {
		t.Errorf("told: %+v", out)
	}
	events, err := h.catalog.History(t.Context(), f.ID)
	h.ok(err)
	if !slices.ContainsFunc(events, func(e catalog.Event) bool { return e.Actor == "fsck" && strings.Contains(e.Detail, f.Hash) }) {
		t.Errorf("the history does not tell of the hash: %+v", events)
	}
}

// TestYoungIsLeftAlone: what may be somebody's work in progress is neither told nor touched.
func TestYoungIsLeftAlone(t *testing.T) {
	h := build(t)
	h.upload("well.jsonl", content("well"))
	f := h.upload("half.jsonl", content("half"))
	h.exec(`UPDATE files SET moving_to = $2 WHERE id = $1`, f.ID, swap(h, f, promote.Archived))
	h.put(promote.Staging+upload.NewID()+"/a.jsonl", "x")
	h.put("training-data/old/a.jsonl", "x")
	_, err := h.blobs.Begin(t.Context(), promote.Staging+upload.NewID()+"/a.jsonl", 0)
	h.ok(err)
	if out := h.run(true, func(c *fsck.Check) { c.Now = time.Now() }); len(out) > 0 {
		t.Errorf("told: %+v", out)
	}
}

// TestWrongStore: where nothing fits nothing is repaired.
func TestWrongStore(t *testing.T) {
	h, other := build(t), build(t)
	for i := range 3 {
		h.upload("a.jsonl", content(fmt.Sprint("a", i)))
		other.upload("a.jsonl", content(fmt.Sprint("b", i)))
	}
	h.blobs = other.blobs
	if _, err := h.try(true); !errs.HasCode(err, "wrong-store") {
		t.Errorf("repair with another's store: %v", err)
	}
	if out := h.run(false); len(out) != 6 {
		t.Errorf("without repair %d problems are told: %+v", len(out), out)
	}
	if out := other.run(true); len(out) > 0 {
		t.Errorf("the other is hurt: %+v", out)
	}
}

// TestBesideServers: while files come and go, move and are deleted, nothing is told.
func TestBesideServers(t *testing.T) {
	h := build(t)
	h.upload("well.jsonl", content("well"))
	done := make(chan struct{})
	t.Cleanup(func() { <-done })
	go func() {
		defer close(done)
		for i := 0; i < 40 && !t.Failed(); i++ {
			f := h.upload("a.jsonl", content(fmt.Sprint("busy", i)))
			var err error
			switch i % 3 {
			case 0:
				_, err = h.promoter.Archive(t.Context(), f.ID, "test")
			case 1:
				_, err = h.promoter.Delete(t.Context(), f.ID, "test", "", promote.Deletable, time.Time{})
			}
			if err != nil {
				t.Error(err)
			}
		}
	}()
	for runs := 0; ; runs++ {
		if out := h.run(runs > 0, func(c *fsck.Check) { c.Now = time.Now() }); len(out) > 0 {
			t.Fatalf("run %d told: %+v", runs, out)
		}
		select {
		case <-done:
			t.Logf("%d runs", runs)
			return
		default:
		}
	}
}

// TestSubset: about the share is read, by the seed, and of few files at least one.
func TestSubset(t *testing.T) {
	h := build(t)
	total := int64(0)
	for i := range 60 {
		total += h.upload("a.jsonl", content(fmt.Sprint("file", 100+i))).Size
	}
	read := func(s fsck.Subset) fsck.Summary {
		c := &fsck.Check{Catalog: h.catalog, Blobs: h.blobs, Promoter: h.promoter, Uploads: h.uploads, Subset: s, Tell: func(p fsck.Problem) error { t.Errorf("told: %+v", p); return nil }}
		sum, err := c.Run(t.Context())
		h.ok(err)
		return sum
	}
	sum := fsck.Summary{}
	for seed := range uint64(20) {
		one := read(fsck.Subset{Share: 0.25, Seed: seed})
		sum.BytesRead += one.BytesRead
		if again := read(fsck.Subset{Share: 0.25, Seed: seed}); again != one {
			t.Errorf("seed %d reads %+v, then %+v", seed, one, again)
		}
	}
	if share := float64(sum.BytesRead) / float64(20*total); share < 0.2 || share > 0.3 {
		t.Errorf("%.2f of the bytes are read, want about 0.25", share)
	}
	if got := read(fsck.Subset{Bytes: total / 2}); got.BytesRead < total/4 || got.BytesRead > total*3/4 {
		t.Errorf("%d bytes are read, want about %d", got.BytesRead, total/2)
	}
	if got := read(fsck.Subset{Share: 1e-9}); got.FilesRead != 1 {
		t.Errorf("of a tiny share %d files are read, want 1", got.FilesRead)
	}
	if got := read(fsck.Subset{Share: 1}); got.BytesRead != total || got.FilesRead != 60 {
		t.Errorf("of all %d bytes are read, want %d", got.BytesRead, total)
	}
}

// TestDocs: the page tells of every kind what the program does.
func TestDocs(t *testing.T) {
	doc, err := os.ReadFile("../../docs/fsck.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range fsck.Kinds {
		repair := k.Repair
		if repair == "" {
			repair = "nothing"
		}
		if row := fmt.Sprintf("| `%s` | %s | %s | %s |", k.Kind, k.Means, repair, k.Advice); !strings.Contains(string(doc), row) {
			t.Errorf("docs/fsck.md lacks the row\n%s", row)
		}
	}
}
