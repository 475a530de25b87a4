package upload_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"freshet/internal/blob"
	"freshet/internal/blob/local"
	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/errs"
	"freshet/internal/live"
	"freshet/internal/promote"
	"freshet/internal/rule"
	"freshet/internal/upload"
	"freshet/internal/validate"
)

// house is the services over a real catalog and a real disk; jobs are only
// collected, so that a test says when one runs.
type house struct {
	t        *testing.T
	dir      string
	catalog  *catalog.Store
	blobs    *flaky
	promoter *promote.Promoter
	checks   *check.Service
	uploads  *upload.Service
	mu       sync.Mutex
	jobs     []catalog.Job
}

// flaky is a store that fails while told to.
type flaky struct {
	blob.Store
	refuse         error // moves
	refuseComplete bool
	failWrites     int // parts of that number
	refuseAbort    bool
}

func (f *flaky) Abort(ctx context.Context, key, handle string) error {
	if f.refuseAbort {
		return errors.New("the store cannot")
	}
	return f.Store.Abort(ctx, key, handle)
}

func (f *flaky) Complete(ctx context.Context, key, handle string, size int64, parts []blob.Part) error {
	if f.refuseComplete {
		return errors.New("the store cannot")
	}
	return f.Store.Complete(ctx, key, handle, size, parts)
}

func (f *flaky) WritePart(ctx context.Context, key, handle string, p blob.Part, add blob.Stretch, r io.Reader) (blob.Part, error) {
	if f.failWrites == p.Number {
		return p, errors.New("the store cannot")
	}
	return f.Store.WritePart(ctx, key, handle, p, add, r)
}

func (f *flaky) Move(ctx context.Context, from, to string) error {
	if f.refuse != nil {
		return f.refuse
	}
	return f.Store.Move(ctx, from, to)
}

func build(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir()}
	var err error
	if h.catalog, err = catalog.Open(t.Context(), "sqlite://"+filepath.Join(h.dir, "catalog.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.catalog.Close() })
	h.catalog.Enqueue(func(_ context.Context, _ *sql.Tx, j catalog.Job) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.jobs = append(h.jobs, j)
		return nil
	})
	disk, err := local.Open(t.Context(), filepath.Join(h.dir, "blobs"), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.blobs = &flaky{Store: disk}
	log := slog.New(slog.DiscardHandler)
	board := live.NewBoard()
	h.promoter = &promote.Promoter{Catalog: h.catalog, Blobs: h.blobs, Log: log}
	h.checks = &check.Service{Catalog: h.catalog, Blobs: h.blobs, Promoter: h.promoter, Board: board, Engine: "test", Log: log,
		Validate: validate.Config{Scratch: validate.ScratchIn(h.dir)}}
	h.uploads = &upload.Service{Catalog: h.catalog, Blobs: h.blobs, Checks: h.checks, Board: board, Budget: upload.NewBudget(32 << 20), Lifetime: 24 * time.Hour, Stall: time.Second, Log: log}
	return h
}

type source struct{ r io.Reader }

func (s source) Fill(p []byte, progress func(int)) (int, error) {
	n, err := io.ReadFull(s.r, p)
	progress(n)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

func late() upload.Late {
	return upload.Late{DataType: "custom", Metadata: json.RawMessage("{}"), Rules: rule.Defaults()}
}

// receive takes a file up to, and not including, Finish.
func (h *house) receive(name, content string) *upload.Upload {
	h.t.Helper()
	u, err := h.uploads.Begin(h.t.Context(), upload.New{Name: name, DataType: "custom", Rules: rule.Defaults(), Size: int64(len(content)), Actor: "test"})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := u.Receive(h.t.Context(), source{strings.NewReader(content)}); err != nil {
		h.t.Fatal(err)
	}
	return u
}

func (h *house) upload(name, content string) catalog.File {
	h.t.Helper()
	out, err := h.receive(name, content).Finish(h.t.Context(), late())
	if err != nil {
		h.t.Fatal(err)
	}
	return out.File
}

func (h *house) file(id string) catalog.File {
	h.t.Helper()
	f, err := h.catalog.File(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return f
}

// want fails unless a file has the status and its bytes lie where its row says.
func (h *house) want(id string, status catalog.Status, prefix, content string) {
	h.t.Helper()
	f := h.file(id)
	if f.Status != status || f.MovingTo != "" || f.Rechecking || !strings.HasPrefix(f.ObjectKey, prefix) {
		h.t.Errorf("the file is %s at %s, moving to %q, rechecking %v; want %s under %s", f.Status, f.ObjectKey, f.MovingTo, f.Rechecking, status, prefix)
	}
	r, err := h.blobs.Read(h.t.Context(), f.ObjectKey, 0, -1)
	if err != nil {
		h.t.Fatalf("its bytes: %v", err)
	}
	defer r.Close()
	if b, err := io.ReadAll(r); err != nil || string(b) != content {
		h.t.Errorf("its bytes are %q, %v", b, err)
	}
}

const good = `{"id":1}` + "\n"

// TestSameContentAtOnce: of many uploads of the same bytes one is stored.
func TestSameContentAtOnce(t *testing.T) {
	h := build(t)
	var wg sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		u := h.receive("a.jsonl", good)
		ids[i] = u.File.ID
		wg.Go(func() {
			if _, err := u.Finish(t.Context(), late()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	held := map[string]bool{}
	for _, id := range ids {
		held[h.file(id).ID] = true
		h.want(id, catalog.Fresh, promote.Fresh, good)
	}
	if len(held) != 1 {
		t.Errorf("%d files hold the content, want 1", len(held))
	}
	for o, err := range h.blobs.List(t.Context(), "training-data/") {
		if err != nil || !held[strings.Split(o.Key, "/")[2]] {
			t.Errorf("left behind: %s, %v", o.Key, err)
		}
	}
}

// TestHolderIsDeleted: an upload is not a duplicate of a file that is gone.
func TestHolderIsDeleted(t *testing.T) {
	h := build(t)
	a := h.upload("a.jsonl", good)
	u := h.receive("b.jsonl", good)
	if _, err := h.promoter.Delete(t.Context(), a.ID, "test", "", promote.Deletable, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if out, err := u.Finish(t.Context(), late()); err != nil || out.Duplicate {
		t.Fatalf("Finish = %+v, %v", out, err)
	}
	h.want(u.File.ID, catalog.Fresh, promote.Fresh, good)
}

// TestWrongHashOfDuplicate: a SHA-256 that comes after the bytes is compared for
// content that is held already, too.
func TestWrongHashOfDuplicate(t *testing.T) {
	h := build(t)
	h.upload("a.jsonl", good)
	l := late()
	l.SHA256 = strings.Repeat("0", 64)
	u := h.receive("b.jsonl", good)
	if _, err := u.Finish(t.Context(), l); !errs.HasCode(err, "sha256-mismatch") {
		t.Errorf("Finish = %v, want sha256-mismatch", err)
	}
}

// TestMoveFails: a file whose promotion fails is not lost: the backstop makes it fresh.
func TestMoveFails(t *testing.T) {
	h := build(t)
	h.blobs.refuse = errors.New("the disk does not answer")
	f := h.upload("a.jsonl", good)
	if got := h.file(f.ID); got.Status == catalog.Fresh {
		t.Fatal("fresh without its bytes")
	}
	h.blobs.refuse = nil
	if len(h.jobs) == 0 {
		t.Fatal("no job stands behind the upload")
	}
	if err := h.checks.Backstop(t.Context(), f.ID); err != nil {
		t.Fatal(err)
	}
	h.want(f.ID, catalog.Fresh, promote.Fresh, good)
}

// TestKilledInMove: start-up finishes a move whether or not the bytes were moved.
func TestKilledInMove(t *testing.T) {
	for _, moved := range []bool{false, true} {
		h := build(t)
		h.blobs.refuse = errors.New("killed")
		f := h.upload("a.jsonl", good)
		h.blobs.refuse = nil
		f = h.file(f.ID)
		if f.MovingTo == "" {
			t.Fatal("the move is not written down")
		}
		if moved {
			if err := h.blobs.Move(t.Context(), f.ObjectKey, f.MovingTo); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.checks.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.want(f.ID, catalog.Fresh, promote.Fresh, good)
	}
}

// TestUsedWhileChecked: marking a file used while it is checked again does not
// lose the verdict, whatever it is.
func TestUsedWhileChecked(t *testing.T) {
	for rules, want := range map[string]catalog.Status{`{}`: catalog.Used, `{"min_records":5}`: catalog.Failed} {
		h := build(t)
		f := h.upload("a.jsonl", good)
		o, err := rule.ParseOptions([]byte(rules))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.checks.Start(t.Context(), f.ID, "test", o.Marshal()); err != nil {
			t.Fatal(err)
		}
		h.checks.Validate.Scratch = func() (*os.File, error) { return nil, errors.New("not needed") }
		if _, err := h.promoter.MarkUsed(t.Context(), f.ID, "job", "test"); err != nil {
			t.Fatal(err)
		}
		if err := h.checks.Run(t.Context(), f.ID, false); err != nil {
			t.Fatal(err)
		}
		prefix := promote.Fresh
		if want == catalog.Failed {
			prefix = promote.Staging
		}
		h.want(f.ID, want, prefix, good)
	}
}

// TestBusyFilesStay: what is being checked is neither archived, deprecated nor deleted.
func TestBusyFilesStay(t *testing.T) {
	h := build(t)
	f := h.upload("a.jsonl", good)
	if _, err := h.checks.Start(t.Context(), f.ID, "test", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := h.promoter.Archive(t.Context(), f.ID, "test"); !errs.HasCode(err, "being-checked") {
		t.Errorf("Archive = %v", err)
	}
	if _, err := h.promoter.Deprecate(t.Context(), f.ID, "test"); !errs.HasCode(err, "being-checked") {
		t.Errorf("Deprecate = %v", err)
	}
	if _, err := h.promoter.Delete(t.Context(), f.ID, "test", "", promote.Deletable, time.Time{}); !errs.HasCode(err, "being-checked") {
		t.Errorf("Delete = %v", err)
	}
	if err := h.checks.Run(t.Context(), f.ID, false); err != nil {
		t.Fatal(err)
	}
	h.want(f.ID, catalog.Fresh, promote.Fresh, good)
}

// TestSystemFailure: a check that cannot be done is ours, not the data's, and a
// fresh file stays fresh.
func TestSystemFailure(t *testing.T) {
	h := build(t)
	f := h.upload("a.jsonl", "{}\n{\n")
	if _, err := h.checks.Retry(t.Context(), f.ID, "test"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(h.dir, "blobs", f.ObjectKey), filepath.Join(h.dir, "away")); err != nil {
		t.Fatal(err)
	}
	if err := h.checks.Run(t.Context(), f.ID, false); err == nil {
		t.Fatal("a check without bytes succeeded")
	}
	if got := h.file(f.ID); got.Status != catalog.Processing {
		t.Errorf("after a try that is not the last the file is %s", got.Status)
	}
	if err := h.checks.Run(t.Context(), f.ID, true); err == nil {
		t.Fatal("a check without bytes succeeded")
	}
	if got := h.file(f.ID); got.Status != catalog.Failed || got.FailureKind != catalog.FailedSystem {
		t.Errorf("after the last try the file is %s (%s), want failed (system)", got.Status, got.FailureKind)
	}
}

// TestAdoptKilled: an adoption that breaks off leaves the object where it was.
func TestAdoptKilled(t *testing.T) {
	h := build(t)
	if err := h.blobs.Put(t.Context(), "training-data/old/a.jsonl", strings.NewReader(good), int64(len(good))); err != nil {
		t.Fatal(err)
	}
	ctx, kill := context.WithCancelCause(t.Context())
	h.catalog.Notify(func(e catalog.Event, _ catalog.File) {
		if e.Action == "create" {
			kill(errors.New("killed"))
		}
	})
	n := upload.New{DataType: "custom", Rules: rule.Defaults(), Actor: "test"}
	h.uploads.Adopt(ctx, "training-data/old/", n, func(upload.Adopted) error { return nil })
	h.catalog.Notify(func(catalog.Event, catalog.File) {})
	if err := h.uploads.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.uploads.Sweep(t.Context(), 0, "test", false); err != nil {
		t.Fatal(err)
	}
	if _, err := h.blobs.Stat(t.Context(), "training-data/old/a.jsonl"); err != nil {
		t.Fatalf("the object is gone: %v", err)
	}
	var got []upload.Adopted
	if err := h.uploads.Adopt(t.Context(), "training-data/old/", n, func(a upload.Adopted) error { got = append(got, a); return a.Err }); err != nil {
		t.Fatal(err)
	}
	h.want(got[0].Outcome.File.ID, catalog.Fresh, promote.Fresh, good)
}

// TestAdoptedMoveFails: an adopted file whose move into staging fails is fresh
// once the backstop has run.
func TestAdoptedMoveFails(t *testing.T) {
	h := build(t)
	if err := h.blobs.Put(t.Context(), "training-data/old/a.jsonl", strings.NewReader(good), int64(len(good))); err != nil {
		t.Fatal(err)
	}
	h.blobs.refuse = errors.New("the disk does not answer")
	n := upload.New{DataType: "custom", Rules: rule.Defaults(), Actor: "test"}
	var id string
	if err := h.uploads.Adopt(t.Context(), "training-data/old/", n, func(a upload.Adopted) error { id = a.Outcome.File.ID; return a.Err }); err != nil {
		t.Fatal(err)
	}
	h.blobs.refuse = nil
	if err := h.checks.Backstop(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	h.want(id, catalog.Fresh, promote.Fresh, good)
}

// TestLostAnswer: an upload whose last step took effect, but whose answer was
// lost, keeps its bytes when it is taken back.
func TestLostAnswer(t *testing.T) {
	h := build(t)
	u := h.receive("a.jsonl", good)
	h.catalog.Notify(func(e catalog.Event, _ catalog.File) {
		if e.Action == "upload" {
			u.Fail(t.Context(), errors.New("the answer was lost"))
		}
	})
	if _, err := u.Finish(t.Context(), late()); err != nil {
		t.Fatal(err)
	}
	h.want(u.File.ID, catalog.Fresh, promote.Fresh, good)
}

// age makes everything in the store look old.
func (h *house) age() {
	h.t.Helper()
	old := time.Now().Add(-48 * time.Hour)
	err := filepath.WalkDir(filepath.Join(h.dir, "blobs"), func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, old, old)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// TestOrphans: bytes that no file speaks of are swept once they are old; all others stay.
func TestOrphans(t *testing.T) {
	h := build(t)
	kept := h.upload("a.jsonl", "{}\n{\n") // failed: stays in staging
	arriving := h.receive("b.jsonl", good)
	stray := "training-data/uploads/" + upload.NewID() + "/x.jsonl"
	for _, key := range []string{stray, "checks/" + upload.NewID() + "/f.ndjson.gz", "training-data/uploads/notes.txt"} {
		if err := h.blobs.Put(t.Context(), key, strings.NewReader("x"), int64(len("x"))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.blobs.Begin(t.Context(), "training-data/uploads/x", 0); err != nil {
		t.Fatal(err)
	}
	sweep := func() {
		t.Helper()
		if err := h.uploads.SweepAll(t.Context(), 24*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	if _, err := h.blobs.Stat(t.Context(), stray); err != nil {
		t.Fatalf("what is young may be somebody's work: %v", err)
	}
	h.age()
	sweep()
	var left []string
	for o, err := range h.blobs.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, o.Key)
	}
	if want := []string{"training-data/uploads/" + kept.ID + "/a.jsonl", "training-data/uploads/notes.txt"}; !equal(left, want) {
		t.Errorf("left are %v, want %v", left, want)
	}
	n := 0
	for range h.blobs.Handles(t.Context()) {
		n++
	}
	if n != 1 {
		t.Errorf("%d uploads are open, want the one that arrives", n)
	}
	if out, err := arriving.Finish(t.Context(), late()); err != nil || out.File.Status != catalog.Fresh {
		t.Errorf("the upload that was arriving: %+v, %v", out, err)
	}
}

func equal(a, b []string) bool {
	return strings.Join(a, "\n") == strings.Join(b, "\n")
}

// TestKilledBeforeTheRow: a start removes the place of an upload whose row was never made.
func TestKilledBeforeTheRow(t *testing.T) {
	h := build(t)
	if _, err := h.blobs.Begin(t.Context(), "training-data/uploads/x", 1<<20); err != nil {
		t.Fatal(err)
	}
	if err := h.uploads.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	for handle := range h.blobs.Handles(t.Context()) {
		t.Errorf("left behind: %v", handle)
	}
}

// TestCleanupSparesWhatWentOn: a failed file that became fresh before its turn is not deleted.
func TestCleanupSparesWhatWentOn(t *testing.T) {
	h := build(t)
	f := h.upload("a.jsonl", "{}\n{\n")
	seen := h.file(f.ID).UpdatedTime
	o, err := rule.ParseOptions([]byte(`{"max_errors":5}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.checks.Start(t.Context(), f.ID, "test", o.Marshal()); err != nil {
		t.Fatal(err)
	}
	if err := h.checks.Run(t.Context(), f.ID, false); err != nil {
		t.Fatal(err)
	}
	if _, err := h.promoter.Delete(t.Context(), f.ID, "test", "cleanup", []catalog.Status{catalog.Failed}, seen); !errs.Is(err, errs.Conflict) {
		t.Fatalf("Delete = %v, want Conflict", err)
	}
	h.want(f.ID, catalog.Fresh, promote.Fresh, "{}\n{\n")
}

// TestRetention: deprecated files go after their time, not before; their history stays.
func TestRetention(t *testing.T) {
	h := build(t)
	f := h.upload("a.jsonl", good)
	if _, err := h.promoter.Deprecate(t.Context(), f.ID, "test"); err != nil {
		t.Fatal(err)
	}
	if err := h.promoter.Retain(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	h.want(f.ID, catalog.Deprecated, promote.Fresh, good)
	if err := h.promoter.Retain(t.Context(), time.Nanosecond); err != nil {
		t.Fatal(err)
	}
	if _, err := h.catalog.File(t.Context(), f.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("File = %v, want NotFound", err)
	}
	for o := range h.blobs.List(t.Context(), "training-data/") {
		t.Errorf("left behind: %s", o.Key)
	}
	if ev, err := h.catalog.History(t.Context(), f.ID); err != nil || ev[len(ev)-2].Detail != "retention: deprecated files are kept 1ns" || ev[len(ev)-1].Action != catalog.ErasedAction {
		t.Errorf("History = %v, %v", ev, err)
	}
}

// TestBudgetIsShared: a burst gives back what it does not need, so that many
// slow streams do not shut out others.
func TestBudgetIsShared(t *testing.T) {
	h := build(t)
	h.uploads.Budget = upload.NewBudget(4 * upload.StreamMemory)
	big := bytes.Repeat([]byte(`{"id":1,"text":"some words"}`+"\n"), 300_000)
	slow := make([]*io.PipeWriter, 3)
	var wg sync.WaitGroup
	for i := range slow {
		r, w := io.Pipe()
		slow[i] = w
		u, err := h.uploads.Begin(t.Context(), upload.New{Name: "s.jsonl", DataType: "custom", Rules: rule.Defaults(), Actor: "test"})
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			if err := u.Receive(t.Context(), source{r}); err != nil {
				t.Error(err)
			}
			u.Fail(t.Context(), errors.New("enough"))
		})
		if _, err := w.Write(big); err != nil { // a burst, then nothing
			t.Fatal(err)
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.upload("a.jsonl", good)
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Error("a new upload waits for slow ones")
	}
	for _, w := range slow {
		w.Close()
	}
	wg.Wait()
}
