// Package catalogtest is the suite that the catalog passes on every engine.
package catalogtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// Engine is what the suite runs on.
type Engine struct {
	// Shared says that many nodes may use one catalog.
	Shared bool
	// Open gives a new, empty catalog, opened by so many nodes: one unless it is shared.
	Open func(t *testing.T, nodes int) []*catalog.Store
}

// Run runs the suite.
func Run(t *testing.T, e Engine) {
	tests := map[string]func(*testing.T, *catalog.Store){
		"CreateAndRead": createAndRead, "IDTaken": idTaken, "EveryStep": everyStep, "StepIsOneTransaction": stepIsOne,
		"ConcurrentSteps": concurrentSteps, "Counters": counters, "ListPages": listPages, "ListFilters": listFilters, "ListOffset": listOffset, "Named": named, "BadCursor": badCursor,
		"SameContent": sameContent, "ContentHeldOnce": contentHeldOnce, "Alias": alias, "Report": report, "Parts": parts, "Samples": samples, "History": history, "Activity": activity, "Delete": del,
		"Keys": keys, "Sessions": sessions, "Select": selectFiles, "RuleSets": ruleSets, "AnyText": anyText,
		"UploadParts": uploadParts, "Appends": appends, "DropParts": dropParts, "UploadEnds": uploadEnds, "Idempotency": idempotency, "Quotas": quotas, "Pieces": pieces, "UploadPages": uploadPages, "NotEndedBehindBytes": notEndedBehindBytes,
		"Touch": touch, "Alone": alone, "Projects": projects, "KeyRights": keyRights, "ProjectQuotas": projectQuotas, "Reserved": reserved,
		"AuditActs": auditActs, "AuditIsOne": auditIsOne, "AuditAtOnce": auditAtOnce, "AuditText": auditText, "AuditPages": auditPages, "AuditHeads": auditHeads,
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			if e.Shared { // it waits for a server, not for us
				t.Parallel()
			}
			s := open(t, e, 1)[0]
			if s.Shared() != e.Shared {
				t.Fatalf("Shared = %v", s.Shared())
			}
			f(t, s)
		})
	}
	if e.Shared {
		runNodes(t, e)
	}
}

func open(t *testing.T, e Engine, nodes int) []*catalog.Store {
	t.Helper()
	stores := e.Open(t, nodes)
	for _, s := range stores {
		s.Enqueue(func(context.Context, *sql.Tx, catalog.Job) error { return nil })
	}
	return stores
}

// ID is a file id for a test.
func ID(n int) string { return fmt.Sprintf("file_%032x", n) }

func create(t *testing.T, s *catalog.Store, n int, change ...func(*catalog.File)) catalog.File {
	t.Helper()
	f := catalog.File{ID: ID(n), Name: fmt.Sprintf("Data %d.jsonl", n), DataType: "custom", ObjectKey: "training-data/uploads/" + ID(n) + "/x"}
	for _, c := range change {
		c(&f)
	}
	f, err := s.Create(t.Context(), f, "tester")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func step(t *testing.T, s *catalog.Store, id string, from, to catalog.Status, change func(*catalog.File)) catalog.File {
	t.Helper()
	f, err := s.Step(t.Context(), id, catalog.Step{From: []catalog.Status{from}, To: to, Action: "test", Change: func(f *catalog.File) error {
		if change != nil {
			change(f)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func createAndRead(t *testing.T, s *catalog.Store) {
	want := create(t, s, 1, func(f *catalog.File) {
		f.Metadata = []byte(`{"description":"größe"}`)
		f.Rules = []byte(`{"min_records":1}`)
		f.Name = "a\x01\u202e😀'.jsonl"
	})
	got, err := s.File(t.Context(), want.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != want.Name || string(got.Metadata) != string(want.Metadata) || string(got.Rules) != string(want.Rules) ||
		got.Status != catalog.Uploading || got.Verdict != catalog.VerdictInProgress || !got.UploadTime.Equal(want.UploadTime) {
		t.Errorf("File = %+v, want %+v", got, want)
	}
	if _, err := s.File(t.Context(), ID(2)); !errs.Is(err, errs.NotFound) {
		t.Errorf("File of nothing = %v, want NotFound", err)
	}
}

func idTaken(t *testing.T, s *catalog.Store) {
	f := create(t, s, 1)
	if _, err := s.Create(t.Context(), f, "x"); !errs.Is(err, errs.Conflict) {
		t.Errorf("Create again = %v, want Conflict", err)
	}
}

// everyStep tries every status against every other: only the steps of the picture happen.
func everyStep(t *testing.T, s *catalog.Store) {
	allowed := map[catalog.Status][]catalog.Status{
		catalog.Uploading:   {catalog.Uploading, catalog.Uploaded, catalog.Failed},
		catalog.Uploaded:    {catalog.Uploaded, catalog.Processing, catalog.Failed, catalog.Quarantined, catalog.Deleted},
		catalog.Processing:  {catalog.Processing, catalog.Uploaded, catalog.Fresh, catalog.Failed, catalog.Quarantined},
		catalog.Fresh:       {catalog.Fresh, catalog.Used, catalog.Archived, catalog.Deprecated, catalog.Failed, catalog.Quarantined, catalog.Deleted},
		catalog.Used:        {catalog.Used, catalog.Archived, catalog.Deprecated, catalog.Failed, catalog.Quarantined, catalog.Deleted},
		catalog.Quarantined: {catalog.Quarantined, catalog.Processing, catalog.Deleted},
		catalog.Failed:      {catalog.Failed, catalog.Processing, catalog.Deleted},
		catalog.Archived:    {catalog.Archived, catalog.Deprecated, catalog.Deleted},
		catalog.Deprecated:  {catalog.Deprecated, catalog.Deleted},
	}
	way := map[catalog.Status][]catalog.Status{
		catalog.Uploading: {}, catalog.Uploaded: {catalog.Uploaded}, catalog.Processing: {catalog.Uploaded, catalog.Processing},
		catalog.Fresh: {catalog.Uploaded, catalog.Processing, catalog.Fresh}, catalog.Failed: {catalog.Failed},
		catalog.Used:        {catalog.Uploaded, catalog.Processing, catalog.Fresh, catalog.Used},
		catalog.Archived:    {catalog.Uploaded, catalog.Processing, catalog.Fresh, catalog.Archived},
		catalog.Deprecated:  {catalog.Uploaded, catalog.Processing, catalog.Fresh, catalog.Deprecated},
		catalog.Quarantined: {catalog.Uploaded, catalog.Processing, catalog.Quarantined},
	}
	n := 0
	for _, from := range catalog.Statuses {
		for _, to := range append([]catalog.Status{catalog.Deleted}, catalog.Statuses...) {
			n++
			f := create(t, s, n)
			at := catalog.Uploading
			for _, w := range way[from] {
				step(t, s, f.ID, at, w, nil)
				at = w
			}
			_, err := s.Step(t.Context(), f.ID, catalog.Step{From: catalog.Statuses, To: to, Action: "test"})
			if want := slices.Contains(allowed[from], to); want != (err == nil) || err != nil && !errs.Is(err, errs.Conflict) {
				t.Errorf("%s -> %q: %v, allowed %v", from, to, err, want)
			}
			if got, err := s.File(t.Context(), f.ID); err == nil && got.Status != from && !slices.Contains(allowed[from], to) {
				t.Errorf("%s -> %q was refused and left the file %s", from, to, got.Status)
			}
		}
	}
}

// stepIsOne: when the job cannot be queued nothing of the step happened.
func stepIsOne(t *testing.T, s *catalog.Store) {
	f := create(t, s, 1)
	s.Enqueue(func(context.Context, *sql.Tx, catalog.Job) error { return errors.New("queue is down") })
	_, err := s.Step(t.Context(), f.ID, catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploaded, Action: "x", Job: &catalog.Job{Kind: "settle"},
		Report: &catalog.Report{JSON: []byte("{}")}, Parts: []catalog.Part{{Number: 1, Size: 1, CRC64NVME: "x"}}})
	if err == nil {
		t.Fatal("the step succeeded without its job")
	}
	got, err := s.File(t.Context(), f.ID)
	if err != nil || got.Status != catalog.Uploading {
		t.Errorf("the file is %s, %v", got.Status, err)
	}
	if h, err := s.History(t.Context(), f.ID); err != nil || len(h) != 1 {
		t.Errorf("history has %d rows, %v", len(h), err)
	}
	if _, err := s.Report(t.Context(), f.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("Report = %v, want NotFound", err)
	}
	if c, err := s.Counters(t.Context(), ""); err != nil || len(c) != 1 || c[0].Status != catalog.Uploading {
		t.Errorf("counters are %v, %v", c, err)
	}
}

// concurrentSteps: of many who want the same step one has it.
func concurrentSteps(t *testing.T, s *catalog.Store) {
	f := create(t, s, 1)
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 16 {
		wg.Go(func() {
			_, err := s.Step(t.Context(), f.ID, catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploaded, Action: "x"})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errs.Is(err, errs.Conflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d of 16 took the step, want 1", won)
	}
}

func counters(t *testing.T, s *catalog.Store) {
	create(t, s, 1, func(f *catalog.File) { f.Size = 10 })
	f := create(t, s, 2, func(f *catalog.File) { f.DataType = "sample" })
	step(t, s, f.ID, catalog.Uploading, catalog.Uploaded, func(f *catalog.File) { f.Size = 7 })
	got, err := s.Counters(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b catalog.Counter) int { return int(b.Bytes - a.Bytes) })
	want := []catalog.Counter{{Status: catalog.Uploading, DataType: "custom", Files: 1, Bytes: 10}, {Status: catalog.Uploaded, DataType: "sample", Files: 1, Bytes: 7}}
	if !slices.Equal(got, want) {
		t.Errorf("Counters = %v, want %v", got, want)
	}
}

func withContent(hash string) func(*catalog.File) {
	return func(f *catalog.File) { f.Hash, f.Size = hash, 5 }
}

func sameContent(t *testing.T, s *catalog.Store) {
	create(t, s, 1)
	step(t, s, ID(1), catalog.Uploading, catalog.Failed, func(f *catalog.File) { withContent("blake3:a")(f); f.FailureKind = catalog.FailedData })
	got, ok, err := s.SameContent(t.Context(), access.Default, "blake3:a", 5)
	if err != nil || !ok || got.ID != ID(1) {
		t.Errorf("a failed file with the content: %v, %v, %v", got.ID, ok, err)
	}
	create(t, s, 2)
	step(t, s, ID(2), catalog.Uploading, catalog.Uploaded, withContent("blake3:a"))
	if got, _, _ := s.SameContent(t.Context(), access.Default, "blake3:a", 5); got.ID != ID(2) {
		t.Errorf("SameContent = %v, want the one that did not fail", got.ID)
	}
	if _, ok, err := s.SameContent(t.Context(), access.Default, "blake3:a", 6); ok || err != nil {
		t.Errorf("another size counts as the same: %v, %v", ok, err)
	}
	create(t, s, 3)
	step(t, s, ID(3), catalog.Uploading, catalog.Failed, func(f *catalog.File) { withContent("blake3:c")(f); f.FailureKind = catalog.FailedUpload })
	if _, ok, _ := s.SameContent(t.Context(), access.Default, "blake3:c", 5); ok {
		t.Error("an upload that failed holds no content")
	}
}

func contentHeldOnce(t *testing.T, s *catalog.Store) {
	create(t, s, 1)
	create(t, s, 2)
	step(t, s, ID(1), catalog.Uploading, catalog.Uploaded, withContent("blake3:a"))
	_, err := s.Step(t.Context(), ID(2), catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploaded, Action: "x", Change: func(f *catalog.File) error { withContent("blake3:a")(f); return nil }})
	if !errs.HasCode(err, "same-content") {
		t.Errorf("the same content twice = %v, want same-content", err)
	}
}

func alias(t *testing.T, s *catalog.Store) {
	create(t, s, 1)
	create(t, s, 2, func(f *catalog.File) { f.Size = 3 })
	if err := s.BecomeAlias(t.Context(), ID(2), ID(1), "x", true); !errs.HasCode(err, "content-gone") {
		t.Errorf("BecomeAlias of a file that holds nothing = %v, want content-gone", err)
	}
	if err := s.BecomeAlias(t.Context(), ID(2), ID(9), "x", true); !errs.HasCode(err, "content-gone") {
		t.Errorf("BecomeAlias of a file that is gone = %v, want content-gone", err)
	}
	step(t, s, ID(1), catalog.Uploading, catalog.Uploaded, nil)
	if err := s.BecomeAlias(t.Context(), ID(2), ID(1), "x", true); err != nil {
		t.Fatal(err)
	}
	got, err := s.File(t.Context(), ID(2))
	if err != nil || got.ID != ID(1) || got.DuplicateOf != ID(1) {
		t.Errorf("File of an alias = %v, %q, %v", got.ID, got.DuplicateOf, err)
	}
	if f, err := s.File(t.Context(), ID(1)); err != nil || f.DuplicateOf != "" {
		t.Errorf("File = %q, %v", f.DuplicateOf, err)
	}
	if _, err := s.Create(t.Context(), catalog.File{ID: ID(2)}, "x"); !errs.Is(err, errs.Conflict) {
		t.Errorf("Create with an alias's id = %v, want Conflict", err)
	}
	if c, err := s.Counters(t.Context(), ""); err != nil || len(c) != 1 || c[0].Files != 1 {
		t.Errorf("Counters = %v, %v", c, err)
	}
	create(t, s, 3)
	if err := s.BecomeAlias(t.Context(), ID(3), ID(1), "x", false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.File(t.Context(), ID(3)); !errs.Is(err, errs.NotFound) {
		t.Errorf("File of an id that nobody knows = %v, want NotFound", err)
	}
}

func report(t *testing.T, s *catalog.Store) {
	create(t, s, 1)
	for _, want := range []string{`{"a":1}`, `{"b":2}`} {
		_, err := s.Step(t.Context(), ID(1), catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploading, Action: "x",
			Report: &catalog.Report{JSON: []byte(want), LineIndex: []byte{1, 2}, FindingsKey: "k"}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Report(t.Context(), ID(1))
		if err != nil || string(r.JSON) != want || len(r.LineIndex) != 2 || r.FindingsKey != "k" {
			t.Errorf("Report = %+v, %v", r, err)
		}
	}
}

// follower gathers the events that a store tells.
type follower struct {
	events chan catalog.Event
}

func follow(s *catalog.Store) follower {
	f := follower{make(chan catalog.Event, 10_000)}
	s.Notify(func(e catalog.Event, _ catalog.File) { f.events <- e })
	return f
}

// first waits for n events.
func (f follower) first(t *testing.T, n int) (out []catalog.Event) {
	t.Helper()
	late := time.After(30 * time.Second)
	for len(out) < n {
		select {
		case e := <-f.events:
			out = append(out, e)
		case <-late:
			t.Fatalf("told of %d events, want %d", len(out), n)
		}
	}
	return out
}

// none fails if there is another event by now.
func (f follower) none(t *testing.T) {
	t.Helper()
	select {
	case e := <-f.events:
		t.Errorf("told of %+v as well", e)
	default:
	}
}

func history(t *testing.T, s *catalog.Store) {
	told := follow(s)
	create(t, s, 1)
	step(t, s, ID(1), catalog.Uploading, catalog.Uploaded, nil)
	h, err := s.History(t.Context(), ID(1))
	if err != nil || len(h) != 2 || h[0].Action != "create" || h[0].Actor != "tester" || h[1].From != catalog.Uploading || h[1].To != catalog.Uploaded || h[1].At.Before(h[0].At) {
		t.Fatalf("History = %+v, %v", h, err)
	}
	if got := told.first(t, 2); !slices.Equal(h, got) {
		t.Errorf("told %+v, history %+v", got, h)
	}
	after, err := s.EventsAfter(t.Context(), h[0].ID, 10)
	if err != nil || len(after) != 1 || after[0].ID != h[1].ID {
		t.Errorf("EventsAfter = %+v, %v", after, err)
	}
	if last, err := s.LastEvent(t.Context()); err != nil || last != h[1].ID {
		t.Errorf("LastEvent = %d, %v", last, err)
	}
	if _, err := s.History(t.Context(), ID(9)); !errs.Is(err, errs.NotFound) {
		t.Errorf("History of nothing = %v", err)
	}
}

// activity: what happened to all files, newest first, page by page; a deleted
// file's events have no name.
func activity(t *testing.T, s *catalog.Store) {
	for i := range 3 {
		create(t, s, i+1)
	}
	step(t, s, ID(2), catalog.Uploading, catalog.Failed, nil)
	step(t, s, ID(2), catalog.Failed, catalog.Deleted, nil)
	var got []string
	for before := int64(0); ; {
		page, err := s.Activity(t.Context(), before, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page {
			got = append(got, fmt.Sprintf("%s %s>%s %s", d.FileID[36:], d.From, d.To, d.Name))
			if d.At.IsZero() || d.Actor == "" && d.Action != "test" {
				t.Errorf("an event without who or when: %+v", d)
			}
			before = d.ID
		}
		if len(page) < 2 {
			break
		}
	}
	want := []string{"2 failed> ", "2 uploading>failed ", "3 >uploading Data 3.jsonl", "2 >uploading ", "1 >uploading Data 1.jsonl"}
	if !slices.Equal(got, want) {
		t.Errorf("Activity = %q, want %q", got, want)
	}
}

func del(t *testing.T, s *catalog.Store) {
	create(t, s, 1)
	step(t, s, ID(1), catalog.Uploading, catalog.Failed, nil)
	step(t, s, ID(1), catalog.Failed, catalog.Deleted, nil)
	if _, err := s.File(t.Context(), ID(1)); !errs.Is(err, errs.NotFound) {
		t.Errorf("File = %v, want NotFound", err)
	}
	if h, err := s.History(t.Context(), ID(1)); err != nil || len(h) != 3 {
		t.Errorf("History = %v, %v", h, err)
	}
	if c, err := s.Counters(t.Context(), ""); err != nil || len(c) != 0 {
		t.Errorf("Counters = %v, %v", c, err)
	}
	if _, err := s.Create(t.Context(), catalog.File{ID: ID(1)}, "x"); !errs.Is(err, errs.Conflict) {
		t.Errorf("Create with the id of a deleted file = %v, want Conflict: its bytes may still be on their way out", err)
	}
}

func selectFiles(t *testing.T, s *catalog.Store) {
	for i := range 5 {
		create(t, s, i+1)
	}
	var got []string
	var at time.Time
	var id string
	for {
		page, err := s.Select(t.Context(), catalog.Uploading, time.Now().Add(time.Hour), at, id, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, f := range page {
			got = append(got, f.ID)
			at, id = f.UpdatedTime, f.ID
		}
	}
	if len(got) != 5 {
		t.Errorf("Select gave %v", got)
	}
	if page, err := s.Select(t.Context(), catalog.Uploading, time.Now().Add(-time.Hour), time.Time{}, "", 10); err != nil || len(page) != 0 {
		t.Errorf("Select of older files = %v, %v", page, err)
	}
}

// parts: a file may have as many as an upload can.
func parts(t *testing.T, s *catalog.Store) {
	create(t, s, 1)
	many := make([]catalog.Part, 10_000)
	for i := range many {
		many[i] = catalog.Part{Number: i + 1, Size: 1, CRC64NVME: "x"}
	}
	if _, err := s.Step(t.Context(), ID(1), catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploaded, Action: "x", Parts: many}); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := s.DB().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM parts WHERE file_id = $1`, ID(1)).Scan(&n); err != nil || n != len(many) {
		t.Errorf("%d parts, %v", n, err)
	}
}

// anyText: what is not text in every engine is neither an error nor lost with all around it.
func anyText(t *testing.T, s *catalog.Store) {
	f := create(t, s, 1, func(f *catalog.File) { f.Name = "a\xffb\x00c" })
	got, err := s.File(t.Context(), f.ID)
	if err != nil || len(got.Name) < 5 || got.Name[0] != 'a' {
		t.Errorf("File = %q, %v", got.Name, err)
	}
	if _, err := s.File(t.Context(), "x\xff\x00"); !errs.Is(err, errs.NotFound) {
		t.Errorf("File of no text = %v, want NotFound", err)
	}
	if _, err := s.List(t.Context(), catalog.Query{Search: "abc\xff\x00", Limit: 1}); err != nil {
		t.Errorf("List = %v", err)
	}
}
