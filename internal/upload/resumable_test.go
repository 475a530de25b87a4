package upload_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/rule"
	"freshet/internal/upload"
)

func (h *house) create(n upload.New) catalog.Upload {
	h.t.Helper()
	n.Name, n.DataType, n.Actor = "f.jsonl", "custom", "test"
	if n.Rules.Schema == "" {
		n.Rules = rule.Defaults()
	}
	if n.PartSize == 0 && n.Protocol == catalog.Parts {
		n.PartSize = testPart
	}
	c, err := h.uploads.Create(h.t.Context(), n)
	if err != nil {
		h.t.Fatal(err)
	}
	return c.Upload
}

func (h *house) put(id string, n int, b []byte) error {
	_, err := h.uploads.WritePart(h.t.Context(), id, n, upload.Incoming{Source: from(b), Length: int64(len(b))})
	return err
}

func (h *house) append(id string, at int, b []byte) (upload.Appended, error) {
	return h.uploads.Append(h.t.Context(), id, upload.Appending{Offset: int64(at), Auto: true, Incoming: upload.Incoming{Source: from(b), Length: int64(len(b))}})
}

// state is where the upload stands now.
func (h *house) state(id string) catalog.Upload {
	h.t.Helper()
	u, err := h.uploads.Get(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

// wantNothing fails unless all bytes of uploads are gone, once nobody is at work any more.
func (h *house) wantNothing() {
	h.t.Helper()
	left := func() (out []string) {
		for hd, err := range h.blobs.Handles(h.t.Context()) {
			if err != nil {
				h.t.Fatal(err)
			}
			out = append(out, hd.Handle)
		}
		for o, err := range h.blobs.List(h.t.Context(), "") {
			if err != nil {
				h.t.Fatal(err)
			}
			out = append(out, o.Key)
		}
		return out
	}
	for end := time.Now().Add(5 * time.Second); len(left()) > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("left behind: %v", left())
		}
	}
}

// held is a source that gives some bytes, then waits until it is interrupted, as a silent client does.
type held struct {
	source
	given   chan struct{} // closed once its bytes were taken
	once    sync.Once
	stopped chan struct{}
}

func newHeld(b []byte) *held {
	return &held{source: from(b), given: make(chan struct{}), stopped: make(chan struct{})}
}

func (s *held) Fill(p []byte, progress func(int)) (int, error) {
	n, err := s.source.Fill(p, progress)
	if err == io.EOF {
		s.once.Do(func() { close(s.given) })
		<-s.stopped
		return n, errCut
	}
	return n, err
}

func (s *held) Interrupt() { close(s.stopped) }

func lines(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "{\"text\": \"%d %s\"}\n", i, strings.Repeat("x", 100))
	}
	return b.Bytes()
}

// TestNewestAppends: a newer request ends the older within a second; what the
// older had sent is kept.
func TestNewestAppends(t *testing.T) {
	h := build(t)
	b := lines(3 << 20)
	u := h.create(upload.New{Protocol: catalog.Append, Size: int64(len(b))})
	old := newHeld(b[:2_500_000])
	ended := make(chan error, 1)
	go func() {
		_, err := h.uploads.Append(t.Context(), u.ID, upload.Appending{Auto: true, Incoming: upload.Incoming{Source: old, Length: int64(len(b))}})
		ended <- err
	}()
	<-old.given
	begin := time.Now()
	got, err := h.append(u.ID, 0, b) // where the client believes to be
	if !errs.HasCode(err, upload.OffsetMismatch) || got.Upload.Committed != 2_500_000 {
		t.Fatalf("the newer request: %v at %d; want a mismatch at what the older had sent", err, got.Upload.Committed)
	}
	if err := <-ended; !errs.HasCode(err, "taken-over") {
		t.Errorf("the older request ended with %v", err)
	}
	if d := time.Since(begin); d > time.Second {
		t.Errorf("that took %s", d)
	}
	got, err = h.append(u.ID, 2_500_000, b[2_500_000:])
	if err != nil || got.Outcome == nil || got.Outcome.File.Status != catalog.Fresh {
		t.Fatalf("the rest: %+v, %v", got.Outcome, err)
	}
}

// TestDeleteDuringPart: the part ends, its upload is gone, and nothing stays.
func TestDeleteDuringPart(t *testing.T) {
	h := build(t)
	u := h.create(upload.New{Protocol: catalog.Parts, Size: 3 * testPart})
	if err := h.put(u.ID, 1, bytes.Repeat([]byte("{}\n       "), testPart)[:testPart]); err != nil {
		t.Fatal(err)
	}
	part := newHeld(make([]byte, testPart/2))
	ended := make(chan error, 1)
	go func() {
		_, err := h.uploads.WritePart(t.Context(), u.ID, 2, upload.Incoming{Source: part, Length: testPart})
		ended <- err
	}()
	<-part.given
	if err := h.uploads.Abort(t.Context(), u.ID, "test"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("the part succeeded")
	}
	h.wantNothing()
	if err := h.put(u.ID, 2, make([]byte, testPart)); !errs.HasCode(err, "upload-aborted") || !errs.Is(err, errs.Gone) {
		t.Errorf("a part after that: %v", err)
	}
	if f := h.file(u.FileID); f.Status != catalog.Failed || f.FailureKind != catalog.FailedUpload {
		t.Errorf("the file is %s (%s)", f.Status, f.FailureKind)
	}
}

// TestCompleteDuringPart: a part that is sent again while its upload is completed ends.
func TestCompleteDuringPart(t *testing.T) {
	h := build(t)
	b := lines(testPart + 1000)
	u := h.create(upload.New{Protocol: catalog.Parts, Size: int64(len(b))})
	if err := errors.Join(h.put(u.ID, 1, b[:testPart]), h.put(u.ID, 2, b[testPart:])); err != nil {
		t.Fatal(err)
	}
	again := newHeld(b[:1000])
	ended := make(chan error, 1)
	go func() {
		_, err := h.uploads.WritePart(t.Context(), u.ID, 1, upload.Incoming{Source: again, Length: testPart})
		ended <- err
	}()
	<-again.given
	var wg sync.WaitGroup
	for range 3 { // and completed by several at once
		wg.Go(func() {
			out, err := h.uploads.Complete(t.Context(), u.ID)
			if err != nil || out.File.Status != catalog.Fresh {
				t.Errorf("Complete = %+v, %v", out, err)
			}
		})
	}
	wg.Wait()
	if err := <-ended; err == nil {
		t.Error("the part succeeded")
	}
	h.want(u.FileID, catalog.Fresh, "training-data/fresh/", string(b))
}

// TestMissingParts says which.
func TestMissingParts(t *testing.T) {
	h := build(t)
	u := h.create(upload.New{Protocol: catalog.Parts, Size: 6*testPart + 1})
	for _, n := range []int{2, 5} {
		if err := h.put(u.ID, n, lines(2 * testPart)[:testPart]); err != nil {
			t.Fatal(err)
		}
	}
	_, err := h.uploads.Complete(t.Context(), u.ID)
	if !errs.Is(err, errs.Conflict) || !strings.Contains(err.Error(), "[1 3-4 6-7]") {
		t.Errorf("Complete = %v", err)
	}
	for n, size := range map[int]int{0: 1, 8: 1, 10_001: 1, 1: testPart - 1, 3: testPart + 1, 7: 2} {
		if err := h.put(u.ID, n, make([]byte, size)); !errs.Is(err, errs.Invalid) {
			t.Errorf("part %d of %d bytes = %v, want Invalid", n, size, err)
		}
	}
	if got := h.state(u.ID); got.Committed != 2*testPart {
		t.Errorf("committed %d", got.Committed)
	}
}

// TestChecksums: of what does not match nothing is kept.
func TestChecksums(t *testing.T) {
	h := build(t)
	b := lines(testPart + 5000)
	u := h.create(upload.New{Protocol: catalog.Parts, Size: int64(len(b))})
	in := func(want []byte) upload.Incoming {
		return upload.Incoming{Source: from(b[:testPart]), Length: testPart, Checksums: []*upload.Checksum{{Name: "crc32", Hash: crc32.NewIEEE(), Want: want}}}
	}
	if _, err := h.uploads.WritePart(t.Context(), u.ID, 1, in([]byte{1, 2, 3, 4})); !errs.HasCode(err, "checksum-mismatch") {
		t.Fatalf("a wrong checksum = %v", err)
	}
	if got := h.state(u.ID); got.Committed != 0 {
		t.Fatalf("%d bytes were kept", got.Committed)
	}
	c := crc32.NewIEEE()
	c.Write(b[:testPart])
	if _, err := h.uploads.WritePart(t.Context(), u.ID, 1, in(c.Sum(nil))); err != nil {
		t.Fatal(err)
	}
	a := h.create(upload.New{Protocol: catalog.Append, Size: int64(len(b))})
	bad := upload.Appending{Auto: true, Incoming: upload.Incoming{Source: from(b), Length: int64(len(b)), Checksums: []*upload.Checksum{{Name: "sha256", Hash: sha256.New(), Want: make([]byte, 32)}}}}
	if got, err := h.uploads.Append(t.Context(), a.ID, bad); !errs.HasCode(err, "checksum-mismatch") || got.Upload.Committed != 0 {
		t.Fatalf("a wrong checksum = %v, %d kept", err, got.Upload.Committed)
	}
	sum := sha256.Sum256(b)
	good := upload.Appending{Auto: true, Incoming: upload.Incoming{Source: from(b), Length: int64(len(b)), Checksums: []*upload.Checksum{{Name: "sha256", Hash: sha256.New(), Want: sum[:]}}}}
	if got, err := h.uploads.Append(t.Context(), a.ID, good); err != nil || got.Outcome == nil {
		t.Fatalf("the right one = %v", err)
	}
}

// TestPartAgain: the same bytes are fine, others are refused, and what is here stays.
func TestPartAgain(t *testing.T) {
	h := build(t)
	b := lines(testPart)[:testPart]
	u := h.create(upload.New{Protocol: catalog.Parts, Size: testPart})
	if err := errors.Join(h.put(u.ID, 1, b), h.put(u.ID, 1, b)); err != nil {
		t.Fatal(err)
	}
	other := bytes.Clone(b)
	other[77]++
	if err := h.put(u.ID, 1, other); !errs.HasCode(err, "part-differs") {
		t.Errorf("other bytes = %v", err)
	}
	if _, err := h.uploads.Complete(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	h.want(u.FileID, catalog.Failed, "training-data/uploads/", string(b)) // its last line is cut
}

// TestExpiry: an upload that nobody adds to ends by itself, and says so.
func TestExpiry(t *testing.T) {
	h := build(t)
	u := h.create(upload.New{Protocol: catalog.Parts, Size: 2 * testPart})
	h.uploads.Lifetime = time.Millisecond // from its next byte on
	if err := h.put(u.ID, 1, lines(2 * testPart)[:testPart]); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Millisecond) // it is a matter of time
	if err := h.put(u.ID, 2, make([]byte, testPart)); !errs.HasCode(err, "upload-expired") || !errs.Is(err, errs.Gone) {
		t.Errorf("a part after that = %v", err)
	}
	h.wantNothing()
	if f := h.file(u.FileID); f.Status != catalog.Failed {
		t.Errorf("the file is %s", f.Status)
	}
}

// TestSweepSparesOpenUploads: a start and a sweep leave what can be resumed; an
// age of zero takes only what has been silent for longer than a client may be.
func TestSweepSparesOpenUploads(t *testing.T) {
	h := build(t)
	h.uploads.Stall = 100 * time.Millisecond
	u := h.create(upload.New{Protocol: catalog.Parts, Size: 2 * testPart})
	if err := h.put(u.ID, 1, lines(2 * testPart)[:testPart]); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(h.uploads.Recover(t.Context()), h.uploads.SweepAll(t.Context(), 0)); err != nil {
		t.Fatal(err)
	}
	if n, err := h.uploads.Sweep(t.Context(), 0, "test", false); err != nil || n.Files != 0 {
		t.Fatalf("a sweep took %+v, %v", n, err)
	}
	part := newHeld(make([]byte, 100))
	go h.uploads.WritePart(t.Context(), u.ID, 2, upload.Incoming{Source: part, Length: testPart})
	<-part.given
	time.Sleep(h.uploads.Stall + 10*time.Millisecond)
	if n, err := h.uploads.Sweep(t.Context(), 0, "test", false); err != nil || n.Files != 0 {
		t.Fatalf("a sweep took an upload with a live request: %+v, %v", n, err)
	}
	part.Interrupt()
	for h.uploads.Busy(u.ID) {
		time.Sleep(time.Millisecond)
	}
	if n, err := h.uploads.Sweep(t.Context(), 0, "test", false); err != nil || n.Files != 1 || n.Bytes != testPart {
		t.Fatalf("a sweep of what is abandoned took %+v, %v", n, err)
	}
	h.wantNothing()
}

// TestConcat: pieces become one file in their order; their space is given back; asked
// again it is the same.
func TestConcat(t *testing.T) {
	h := build(t)
	b := lines(20 << 20)
	cuts := []int{0, 7_000_001, 7_000_001, len(b) - 5, len(b)} // one piece has no bytes
	var ids []string
	for i := range len(cuts) - 1 {
		piece := b[cuts[i]:cuts[i+1]]
		p := h.create(upload.New{Protocol: catalog.Append, Piece: true, Size: int64(len(piece))})
		ids = append(ids, p.ID)
		for at := 0; at < len(piece); {
			n := min(len(piece)-at, 1+rand.IntN(9<<20))
			if _, err := h.append(p.ID, at, piece[at:at+n]); err != nil {
				t.Fatal(err)
			}
			at += n
		}
	}
	n := upload.New{Name: "all.jsonl", DataType: "custom", Rules: rule.Defaults(), Actor: "test", Pieces: ids}
	got, err := h.uploads.Concat(t.Context(), n)
	if err != nil || got.Outcome.File.Status != catalog.Fresh {
		t.Fatalf("Concat = %+v, %v", got.Outcome, err)
	}
	h.want(got.Upload.FileID, catalog.Fresh, "training-data/fresh/", string(b))
	again, err := h.uploads.Concat(t.Context(), n)
	if err != nil || again.Upload.ID != got.Upload.ID {
		t.Errorf("the same again = %v, %v", again.Upload.ID, err)
	}
	for hd := range h.blobs.Handles(t.Context()) {
		t.Errorf("a piece stays: %v", hd)
	}
	for _, id := range ids {
		if u := h.state(id); u.State != catalog.UploadComplete || u.Committed != u.Size {
			t.Errorf("a piece is %s at %d of %d", u.State, u.Committed, u.Size)
		}
	}
}

// TestConcatKilled: a concatenation that broke off goes on where it stood.
func TestConcatKilled(t *testing.T) {
	h := build(t)
	b := lines(40 << 20)
	var ids []string
	for _, piece := range [][]byte{b[:19_000_000], b[19_000_000:]} {
		p := h.create(upload.New{Protocol: catalog.Append, Piece: true, Size: int64(len(piece))})
		ids = append(ids, p.ID)
		if _, err := h.append(p.ID, 0, piece); err != nil {
			t.Fatal(err)
		}
	}
	h.blobs.failWrites = 2 // the second part of the file cannot be written
	_, err := h.uploads.Concat(t.Context(), upload.New{Name: "all.jsonl", DataType: "custom", Rules: rule.Defaults(), Actor: "test", Pieces: ids})
	if err == nil {
		t.Fatal("it succeeded though a part could not be written")
	}
	h.blobs.failWrites = 0
	u, ok, err := h.catalog.UploadOfPieces(t.Context(), ids)
	if err != nil || !ok || u.Committed == 0 || u.Committed == u.Size {
		t.Fatalf("the upload stands at %d of %d: %v", u.Committed, u.Size, err)
	}
	h.jobs = nil
	if err := h.uploads.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(h.jobs) != 1 || h.jobs[0].Kind != upload.CompleteJob {
		t.Fatalf("a start queues %v", h.jobs)
	}
	if err := h.uploads.RunComplete(t.Context(), h.jobs[0].FileID); err != nil {
		t.Fatal(err)
	}
	h.want(u.FileID, catalog.Fresh, "training-data/fresh/", string(b))
}

// TestConcatRefused: with a whole that ends its pieces end, and nothing of them
// stays, at the latest once the server has started again.
func TestConcatRefused(t *testing.T) {
	h := build(t)
	used := func() catalog.Usage {
		u, err := h.catalog.Usage(t.Context(), "default")
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	refuse := func() (ids []string) {
		b := lines(2 << 20)
		copy(b, "\x7fELF")
		for _, piece := range [][]byte{b[:1<<20], b[1<<20:]} {
			p := h.create(upload.New{Protocol: catalog.Append, Piece: true, Size: int64(len(piece))})
			ids = append(ids, p.ID)
			if _, err := h.append(p.ID, 0, piece); err != nil {
				t.Fatal(err)
			}
		}
		n := upload.New{Name: "all.jsonl", DataType: "custom", Rules: rule.Defaults(), Actor: "test", Pieces: ids}
		if _, err := h.uploads.Concat(t.Context(), n); !errs.HasCode(err, "content-not-allowed") {
			t.Fatalf("Concat = %v", err)
		}
		if _, err := h.uploads.Concat(t.Context(), n); !errs.HasCode(err, "piece-gone") {
			t.Errorf("the same again = %v", err)
		}
		for _, id := range ids {
			if u := h.state(id); u.State != catalog.UploadFailed {
				t.Errorf("a piece is %s", u.State)
			}
		}
		if u := used(); u.Open != 0 || u.Bytes != 0 {
			t.Errorf("in use are %+v", u)
		}
		return ids
	}
	refuse()
	h.wantNothing()

	h.blobs.refuseAbort = true // as if the process ended here
	ids := refuse()
	h.blobs.refuseAbort = false
	if err := h.uploads.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.wantNothing()

	// rows that an older release left open count, and go
	db, err := sql.Open("sqlite", filepath.Join(h.dir, "catalog.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, id := range ids {
		if _, err := db.Exec(`UPDATE uploads SET state = 'open' WHERE id = $1`, id); err != nil {
			t.Fatal(err)
		}
	}
	if u := used(); u.Open != 2 || u.Bytes < 2<<20 {
		t.Errorf("in use are %+v, and two pieces that nothing can become of", u)
	}
	if err := h.uploads.SweepAll(t.Context(), 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if u := used(); u.Open != 0 || u.Bytes != 0 {
		t.Errorf("after a sweep %+v are in use", u)
	}
}

// TestKilledBeforeComplete: an upload that had its last byte is completed by the queue.
func TestKilledBeforeComplete(t *testing.T) {
	h := build(t)
	b := lines(100_000)
	u := h.create(upload.New{Protocol: catalog.Append, Size: int64(len(b))})
	h.blobs.refuseComplete = true
	if _, err := h.append(u.ID, 0, b); err == nil {
		t.Fatal("the upload was completed")
	}
	if got := h.state(u.ID); got.State != catalog.UploadOpen || got.Committed != got.Size {
		t.Fatalf("it is %s at %d", got.State, got.Committed)
	}
	h.blobs.refuseComplete = false
	h.jobs = nil
	if err := h.uploads.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(h.jobs) != 1 {
		t.Fatalf("a start queues %v", h.jobs)
	}
	if err := errors.Join(h.uploads.RunComplete(t.Context(), u.FileID), h.uploads.RunComplete(t.Context(), u.FileID)); err != nil {
		t.Fatal(err)
	}
	h.want(u.FileID, catalog.Fresh, "training-data/fresh/", string(b))
}

// TestFailFast: the checks end an upload in the middle of a part, with the finding.
func TestFailFast(t *testing.T) {
	h := build(t)
	o, err := rule.ParseOptions([]byte(`{"fail_fast": true}`))
	if err != nil {
		t.Fatal(err)
	}
	b := lines(6 << 20)
	copy(b[3<<20:], "\n{broken\n")
	for _, p := range []catalog.Protocol{catalog.Parts, catalog.Append} {
		u := h.create(upload.New{Protocol: p, Size: int64(len(b)), Rules: o, PartSize: 8 << 20})
		if p == catalog.Parts {
			err = h.put(u.ID, 1, b)
		} else {
			_, err = h.append(u.ID, 0, b)
		}
		if !errs.HasCode(err, "checks-failed") || !strings.Contains(err.Error(), "json-syntax") {
			t.Errorf("%s: %v", p, err)
		}
		if f := h.file(u.FileID); f.Status != catalog.Failed || f.Verdict != catalog.VerdictFailed {
			t.Errorf("%s: the file is %s, its verdict %s", p, f.Status, f.Verdict)
		}
	}
	h.wantNothing()
}

// TestKnownContent: what is held by its hash is not asked for.
func TestKnownContent(t *testing.T) {
	h := build(t)
	f := h.upload("a.jsonl", "{\"text\": \"a\"}\n")
	c, err := h.uploads.Create(t.Context(), upload.New{Protocol: catalog.Parts, Name: "b.jsonl", DataType: "custom", Rules: rule.Defaults(), Size: f.Size, WantHash: f.Hash, Actor: "test"})
	if err != nil || c.Held == nil || !c.Held.Duplicate || c.Held.File.ID != f.ID {
		t.Fatalf("Create = %+v, %v", c, err)
	}
	h.want(f.ID, catalog.Fresh, "training-data/fresh/", "{\"text\": \"a\"}\n")
}

// TestWrongSHA256: the parts are all there, and are not what was declared.
func TestWrongSHA256(t *testing.T) {
	h := build(t)
	b := lines(1000)
	sum := sha256.Sum256(b)
	good := fmt.Sprintf("%x", sum)
	u := h.create(upload.New{Protocol: catalog.Parts, Size: int64(len(b)), WantSHA256: strings.Repeat("0", 64)})
	if err := h.put(u.ID, 1, b); err != nil {
		t.Fatal(err)
	}
	if _, err := h.uploads.Complete(t.Context(), u.ID); !errs.HasCode(err, "sha256-mismatch") {
		t.Fatalf("Complete = %v", err)
	}
	h.wantNothing()
	u = h.create(upload.New{Protocol: catalog.Parts, Size: int64(len(b)), WantSHA256: good})
	if err := h.put(u.ID, 1, b); err != nil {
		t.Fatal(err)
	}
	if out, err := h.uploads.Complete(t.Context(), u.ID); err != nil || out.File.SHA256 != good {
		t.Fatalf("Complete = %+v, %v", out, err)
	}
}

// TestStoreLosesUpload: it is told as what it is, and a start ends it.
func TestStoreLosesUpload(t *testing.T) {
	h := build(t)
	u := h.create(upload.New{Protocol: catalog.Parts, Size: 2 * testPart})
	b := lines(2 * testPart)
	if err := errors.Join(h.put(u.ID, 1, b[:testPart]), h.blobs.Abort(t.Context(), u.Key, u.Handle)); err != nil {
		t.Fatal(err)
	}
	if err := h.put(u.ID, 2, b[testPart:2*testPart]); !errs.Is(err, errs.Gone) || !errs.HasCode(err, "upload-lost") {
		t.Errorf("a part of it = %v", err)
	}
	if err := h.uploads.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.state(u.ID); got.State != catalog.UploadOpen {
		t.Errorf("a store without anything, which may be the wrong disk, ended it: %s", got.State)
	}
	h.upload("other.jsonl", good)
	if err := h.uploads.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.state(u.ID); got.State != catalog.UploadFailed {
		t.Errorf("it is %s", got.State)
	}
	if f := h.file(u.FileID); f.Status != catalog.Failed || f.FailureKind != catalog.FailedUpload {
		t.Errorf("the file is %s (%s)", f.Status, f.FailureKind)
	}
}
