// Package catalogtest is the suite that the catalog passes on every engine.
package catalogtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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
		"Touch": touch, "Alone": alone,
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
		catalog.Uploading:  {catalog.Uploading, catalog.Uploaded, catalog.Failed},
		catalog.Uploaded:   {catalog.Uploaded, catalog.Processing, catalog.Failed, catalog.Deleted},
		catalog.Processing: {catalog.Processing, catalog.Uploaded, catalog.Fresh, catalog.Failed},
		catalog.Fresh:      {catalog.Fresh, catalog.Used, catalog.Archived, catalog.Deprecated, catalog.Failed, catalog.Deleted},
		catalog.Used:       {catalog.Used, catalog.Archived, catalog.Deprecated, catalog.Failed, catalog.Deleted},
		catalog.Failed:     {catalog.Failed, catalog.Processing, catalog.Deleted},
		catalog.Archived:   {catalog.Archived, catalog.Deprecated, catalog.Deleted},
		catalog.Deprecated: {catalog.Deprecated, catalog.Deleted},
	}
	way := map[catalog.Status][]catalog.Status{
		catalog.Uploading: {}, catalog.Uploaded: {catalog.Uploaded}, catalog.Processing: {catalog.Uploaded, catalog.Processing},
		catalog.Fresh: {catalog.Uploaded, catalog.Processing, catalog.Fresh}, catalog.Failed: {catalog.Failed},
		catalog.Used:       {catalog.Uploaded, catalog.Processing, catalog.Fresh, catalog.Used},
		catalog.Archived:   {catalog.Uploaded, catalog.Processing, catalog.Fresh, catalog.Archived},
		catalog.Deprecated: {catalog.Uploaded, catalog.Processing, catalog.Fresh, catalog.Deprecated},
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
	if c, err := s.Counters(t.Context()); err != nil || len(c) != 1 || c[0].Status != catalog.Uploading {
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
	got, err := s.Counters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b catalog.Counter) int { return int(b.Bytes - a.Bytes) })
	want := []catalog.Counter{{Status: catalog.Uploading, DataType: "custom", Files: 1, Bytes: 10}, {Status: catalog.Uploaded, DataType: "sample", Files: 1, Bytes: 7}}
	if !slices.Equal(got, want) {
		t.Errorf("Counters = %v, want %v", got, want)
	}
}

func listPages(t *testing.T, s *catalog.Store) {
	const n = 25
	for i := range n {
		create(t, s, i+1, func(f *catalog.File) { f.Size = int64(i % 4) })
	}
	for _, sort := range []string{"", "upload_time", "-updated_time", "updated_time", "original_name", "-original_name", "file_size", "-file_size"} {
		var seen []string
		q := catalog.Query{Sort: sort, Limit: 7}
		for pages := 0; ; pages++ {
			p, err := s.List(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range p.Files {
				seen = append(seen, f.ID)
			}
			if p.Total != n || p.ByStatus[catalog.Uploading] != n {
				t.Errorf("sort %q: total %d, by status %v, want %d", sort, p.Total, p.ByStatus, n)
			}
			if p.Next == "" {
				if pages != 3 {
					t.Errorf("sort %q: %d pages, want 4", sort, pages+1)
				}
				break
			}
			q.Cursor = p.Next
		}
		slices.Sort(seen)
		if len(slices.Compact(seen)) != n {
			t.Errorf("sort %q: %d different files, want %d", sort, len(seen), n)
		}
	}
	p, err := s.List(t.Context(), catalog.Query{Limit: 1})
	if err != nil || p.Files[0].ID != ID(n) {
		t.Errorf("the first is not the newest: %v, %v", p.Files, err)
	}
}

func listFilters(t *testing.T, s *catalog.Store) {
	create(t, s, 1, func(f *catalog.File) { f.Name = "100%_Größe.csv" })
	create(t, s, 2, func(f *catalog.File) { f.DataType = "sample" })
	f := create(t, s, 3)
	step(t, s, f.ID, catalog.Uploading, catalog.Failed, nil)
	f = create(t, s, 4, func(f *catalog.File) { f.Name = "of FILE_0123456.jsonl" })
	step(t, s, f.ID, catalog.Uploading, catalog.Uploaded, func(f *catalog.File) { f.Verdict = catalog.VerdictPassed })
	for _, c := range []struct {
		q    catalog.Query
		want []string
	}{
		{catalog.Query{Statuses: []catalog.Status{catalog.Failed}}, []string{ID(3)}},
		{catalog.Query{DataType: "sample"}, []string{ID(2)}},
		{catalog.Query{DataType: "sample", Statuses: []catalog.Status{catalog.Failed}}, nil},
		{catalog.Query{Search: "0%_gRÖSSE"}, nil},
		{catalog.Query{Search: "0%_gRÖß"}, []string{ID(1)}},
		{catalog.Query{Search: "data", Statuses: []catalog.Status{catalog.Uploading}}, []string{ID(2)}},
		{catalog.Query{Search: `\`}, nil},
		{catalog.Query{Statuses: []catalog.Status{catalog.Failed, catalog.Uploading}}, []string{ID(3), ID(2), ID(1)}},
		{catalog.Query{Statuses: []catalog.Status{catalog.Failed, catalog.Uploading}, DataType: "sample"}, []string{ID(2)}},
		{catalog.Query{Statuses: []catalog.Status{catalog.Failed, catalog.Uploading}, Search: "data"}, []string{ID(3), ID(2)}},
		{catalog.Query{Verdict: catalog.VerdictPassed}, []string{ID(4)}},
		{catalog.Query{Verdict: catalog.VerdictPassed, Statuses: []catalog.Status{catalog.Uploaded}}, []string{ID(4)}},
		{catalog.Query{Verdict: catalog.VerdictPassed, Statuses: []catalog.Status{catalog.Failed}}, nil},
		{catalog.Query{Search: ID(2)}, []string{ID(2)}},
		{catalog.Query{Search: strings.ToUpper(ID(2)[:20])}, []string{ID(4), ID(3), ID(2), ID(1)}},
		{catalog.Query{Search: ID(2)[:11], Statuses: []catalog.Status{catalog.Failed, catalog.Uploaded}}, []string{ID(4), ID(3)}},
		{catalog.Query{Search: ID(2)[:10]}, nil},
		{catalog.Query{Search: ID(2)[1:]}, nil},
		{catalog.Query{Search: "file_0123456"}, []string{ID(4)}}, // by its name
	} {
		c.q.Limit = 10
		p, err := s.List(t.Context(), c.q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range p.Files {
			got = append(got, f.ID)
		}
		if !slices.Equal(got, c.want) || p.Total != int64(len(c.want)) {
			t.Errorf("List(%+v) = %v, total %d, want %v", c.q, got, p.Total, c.want)
		}
	}
	p, err := s.List(t.Context(), catalog.Query{Statuses: []catalog.Status{catalog.Failed}, Limit: 1})
	if err != nil || p.ByStatus[catalog.Uploading] != 2 {
		t.Errorf("by_status under a status filter = %v, %v, want the others too", p.ByStatus, err)
	}
}

// named: of each name the newest file that has exactly it, and its bytes here.
func named(t *testing.T, s *catalog.Store) {
	put := func(n int, name string, to catalog.Status, kind catalog.FailureKind) {
		f := create(t, s, n, func(f *catalog.File) { f.Name = name })
		if to != catalog.Uploading {
			step(t, s, f.ID, catalog.Uploading, to, func(f *catalog.File) { f.FailureKind = kind })
		}
	}
	const odd = "größe 😀'\u202e.jsonl"
	put(1, "a.jsonl", catalog.Uploaded, "")
	put(2, "a.jsonl", catalog.Failed, catalog.FailedData)
	put(3, "a.jsonl", catalog.Failed, catalog.FailedUpload)
	put(4, "a.jsonl", catalog.Uploading, "")
	put(5, "A.jsonl", catalog.Uploaded, "")
	put(6, "other.jsonl", catalog.Uploading, "")
	put(7, odd, catalog.Uploaded, "")
	put(8, "xa.jsonl", catalog.Uploaded, "")
	got := map[string]string{}
	files, err := s.Named(t.Context(), []string{"a.jsonl", odd, "other.jsonl", "none.jsonl", "a.jsonl", "%", ""})
	for _, f := range files {
		got[f.Name] = f.ID
	}
	if want := map[string]string{"a.jsonl": ID(2), odd: ID(7)}; err != nil || len(files) != 2 || !maps.Equal(got, want) {
		t.Errorf("Named = %v, %v, want %v", got, err, want)
	}
}

// listOffset: a page from any row on is that of all rows in one, whatever the
// order and the conditions.
func listOffset(t *testing.T, s *catalog.Store) {
	const n = 23
	for i := range n {
		f := create(t, s, i+1, func(f *catalog.File) { f.Size = int64(i % 4) })
		if i%3 == 0 {
			step(t, s, f.ID, catalog.Uploading, catalog.Failed, nil)
		}
	}
	both := []catalog.Status{catalog.Uploading, catalog.Failed}
	for _, q := range []catalog.Query{{}, {Statuses: both}, {Statuses: both[:1]}, {Search: "data"}, {Search: "data", Statuses: both}, {Search: ID(1)[:25], Statuses: both}} {
		for _, q.Sort = range []string{"-upload_time", "upload_time", "-updated_time", "original_name", "-original_name", "-file_size"} {
			q.Limit, q.Offset = 100, 0
			whole, err := s.List(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			ids := func(p catalog.Page) (out []string) {
				for _, f := range p.Files {
					out = append(out, f.ID)
				}
				return out
			}
			all := ids(whole)
			if int64(len(all)) != whole.Total || len(all) < 7 {
				t.Fatalf("List(%+v) gives %d files, total %d", q, len(all), whole.Total)
			}
			for _, q.Offset = range []int64{1, 5, int64(len(all)) - 1, int64(len(all)), 1000} {
				q.Limit = 5
				p, err := s.List(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				from := min(int(q.Offset), len(all))
				want := all[from:min(from+5, len(all))]
				if !slices.Equal(ids(p), want) || p.Total != whole.Total || (p.Next != "") != (from+5 < len(all)) {
					t.Errorf("List(%+v) = %v, total %d, next %q, want %v", q, ids(p), p.Total, p.Next, want)
				}
				if p.Next == "" {
					continue
				}
				on, err := s.List(t.Context(), catalog.Query{Statuses: q.Statuses, Search: q.Search, Sort: q.Sort, Limit: 100, Cursor: p.Next})
				if err != nil || !slices.Equal(ids(on), all[from+5:]) {
					t.Errorf("on from the cursor of List(%+v) = %v, %v, want %v", q, ids(on), err, all[from+5:])
				}
			}
		}
	}
	p, err := s.List(t.Context(), catalog.Query{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.List(t.Context(), catalog.Query{Limit: 1, Cursor: p.Next, Offset: 1}); !errs.HasCode(err, "cursor-and-offset") {
		t.Errorf("a cursor and an offset = %v", err)
	}
}

func badCursor(t *testing.T, s *catalog.Store) {
	for _, c := range []string{"x", "!!", "W10", "WyItdXBsb2FkX3RpbWUiLHsiYSI6MX0sIngiXQ", "WyJmaWxlX3NpemUiLDEsIngiXQ"} {
		if _, err := s.List(t.Context(), catalog.Query{Cursor: c, Limit: 1}); !errs.Is(err, errs.Invalid) {
			t.Errorf("cursor %q = %v, want Invalid", c, err)
		}
	}
	if _, err := s.List(t.Context(), catalog.Query{Sort: "name; DROP TABLE files", Limit: 1}); !errs.Is(err, errs.Invalid) {
		t.Errorf("hostile sort = %v, want Invalid", err)
	}
}

func withContent(hash string) func(*catalog.File) {
	return func(f *catalog.File) { f.Hash, f.Size = hash, 5 }
}

func sameContent(t *testing.T, s *catalog.Store) {
	create(t, s, 1)
	step(t, s, ID(1), catalog.Uploading, catalog.Failed, func(f *catalog.File) { withContent("blake3:a")(f); f.FailureKind = catalog.FailedData })
	got, ok, err := s.SameContent(t.Context(), "blake3:a", 5)
	if err != nil || !ok || got.ID != ID(1) {
		t.Errorf("a failed file with the content: %v, %v, %v", got.ID, ok, err)
	}
	create(t, s, 2)
	step(t, s, ID(2), catalog.Uploading, catalog.Uploaded, withContent("blake3:a"))
	if got, _, _ := s.SameContent(t.Context(), "blake3:a", 5); got.ID != ID(2) {
		t.Errorf("SameContent = %v, want the one that did not fail", got.ID)
	}
	if _, ok, err := s.SameContent(t.Context(), "blake3:a", 6); ok || err != nil {
		t.Errorf("another size counts as the same: %v, %v", ok, err)
	}
	create(t, s, 3)
	step(t, s, ID(3), catalog.Uploading, catalog.Failed, func(f *catalog.File) { withContent("blake3:c")(f); f.FailureKind = catalog.FailedUpload })
	if _, ok, _ := s.SameContent(t.Context(), "blake3:c", 5); ok {
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
	if c, err := s.Counters(t.Context()); err != nil || len(c) != 1 || c[0].Files != 1 {
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
	if c, err := s.Counters(t.Context()); err != nil || len(c) != 0 {
		t.Errorf("Counters = %v, %v", c, err)
	}
	if _, err := s.Create(t.Context(), catalog.File{ID: ID(1)}, "x"); !errs.Is(err, errs.Conflict) {
		t.Errorf("Create with the id of a deleted file = %v, want Conflict: its bytes may still be on their way out", err)
	}
}

func keys(t *testing.T, s *catalog.Store) {
	if has, err := s.HasKeys(t.Context()); has || err != nil {
		t.Fatalf("HasKeys = %v, %v", has, err)
	}
	k, secret, err := s.NewKey(t.Context(), "laptop")
	if err != nil {
		t.Fatal(err)
	}
	if k.Hash == secret || k.Hash != catalog.HashKey(secret) {
		t.Error("the key itself is stored")
	}
	got, err := s.Authenticate(t.Context(), secret)
	if err != nil || got.ID != k.ID || got.Name != "laptop" {
		t.Errorf("Authenticate = %+v, %v", got, err)
	}
	for _, bad := range []string{"", "x", secret + "x", secret[:len(secret)-1]} {
		if _, err := s.Authenticate(t.Context(), bad); !errs.Is(err, errs.Unauthorized) {
			t.Errorf("Authenticate(%q) = %v, want Unauthorized", bad, err)
		}
	}
	list, err := s.Keys(t.Context())
	if err != nil || len(list) != 1 || list[0].LastUsed.IsZero() || time.Since(list[0].LastUsed) > time.Minute {
		t.Errorf("Keys = %+v, %v", list, err)
	}
	if err := s.RevokeKey(t.Context(), k.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authenticate(t.Context(), secret); !errs.Is(err, errs.Unauthorized) {
		t.Errorf("a revoked key works: %v", err)
	}
	if has, err := s.HasKeys(t.Context()); !has || err != nil {
		t.Errorf("HasKeys after revoking = %v, %v: the server would open up", has, err)
	}
	if err := s.RevokeKey(t.Context(), k.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("RevokeKey again = %v, want NotFound", err)
	}
}

// sessions last until they are ended, idle or old, or their key is revoked.
func sessions(t *testing.T, s *catalog.Store) {
	begin := func(k catalog.Key) string {
		t.Helper()
		n, secret, err := s.NewSession(t.Context(), k)
		if err != nil || n.Key.ID != k.ID || len(secret) < 43 || n.Hash != catalog.HashKey(secret) {
			t.Fatalf("NewSession = %+v, %q, %v", n, secret, err)
		}
		return secret
	}
	over := func(what, secret string) {
		t.Helper()
		if _, err := s.Session(t.Context(), secret); !errs.HasCode(err, "session-ended") || !errs.Is(err, errs.Unauthorized) {
			t.Errorf("%s: %v, want session-ended", what, err)
		}
	}
	rows := func() (n int) {
		t.Helper()
		if err := s.DB().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM sessions`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	age := func(secret, column string, by time.Duration) {
		t.Helper()
		if _, err := s.DB().ExecContext(t.Context(), `UPDATE sessions SET `+column+` = `+column+` - $1 WHERE hash = $2`, by.Microseconds(), catalog.HashKey(secret)); err != nil {
			t.Fatal(err)
		}
	}
	k, key, err := s.NewKey(t.Context(), "laptop")
	if err != nil {
		t.Fatal(err)
	}
	one := begin(k)
	n, err := s.Session(t.Context(), one)
	if err != nil || n.Key.ID != k.ID || n.Key.Name != "laptop" || n.Ends().Sub(n.Seen) != catalog.SessionIdle {
		t.Errorf("Session = %+v, %v", n, err)
	}
	over("no session", "")
	over("another secret", one[:len(one)-1]+"~")
	over("a key is none", key)
	if _, err := s.Authenticate(t.Context(), one); !errs.Is(err, errs.Unauthorized) {
		t.Errorf("a session's secret works as a key: %v", err)
	}

	age(one, "seen", catalog.SessionIdle-time.Minute)
	if n, err = s.Session(t.Context(), one); err != nil || s.Now().Sub(n.Seen) < time.Hour {
		t.Errorf("a session that is looked at = %+v, %v", n, err)
	}
	if n, err = s.Session(t.Context(), one); err != nil || s.Now().Sub(n.Seen) < time.Hour {
		t.Errorf("a look counts as use: %+v, %v", n, err)
	}
	if n, err = s.UseSession(t.Context(), one); err != nil || s.Now().Sub(n.Seen) > time.Minute {
		t.Errorf("a session in use = %+v, %v", n, err)
	}
	if n, err = s.Session(t.Context(), one); err != nil || s.Now().Sub(n.Seen) > time.Minute {
		t.Errorf("its use was not noted: %+v, %v", n, err)
	}
	if list, err := s.Keys(t.Context()); err != nil || s.Now().Sub(list[0].LastUsed) > time.Minute {
		t.Errorf("the use of its key was not noted: %+v, %v", list, err)
	}
	age(one, "created", catalog.SessionLife-time.Hour)
	if n, err = s.Session(t.Context(), one); err != nil || n.Ends().Sub(s.Now()) > time.Hour {
		t.Errorf("a session in its last hour = %+v, %v", n, err)
	}
	idle, old, ended, left := begin(k), begin(k), begin(k), begin(k)
	age(idle, "seen", catalog.SessionIdle)
	over("idle", idle)
	age(old, "created", catalog.SessionLife)
	over("old", old)
	if err := s.EndSession(t.Context(), ended); err != nil {
		t.Fatal(err)
	}
	over("ended", ended)
	if err := s.EndSession(t.Context(), ended); err != nil {
		t.Errorf("ended again: %v", err)
	}
	if err := s.ForgetSessions(t.Context()); err != nil || rows() != 2 {
		t.Errorf("%d sessions are left, %v, want 2", rows(), err)
	}

	other, _, err := s.NewKey(t.Context(), "other")
	if err != nil {
		t.Fatal(err)
	}
	theirs := begin(other)
	if err := s.RevokeKey(t.Context(), k.ID); err != nil {
		t.Fatal(err)
	}
	over("its key is revoked", left)
	if _, err := s.Session(t.Context(), theirs); err != nil || rows() != 1 {
		t.Errorf("another key's session: %v; %d are left", err, rows())
	}
	late := begin(k) // its key was revoked meanwhile
	over("begun by a revoked key", late)
	if err := s.ForgetSessions(t.Context()); err != nil || rows() != 1 {
		t.Errorf("%d sessions are left, %v, want 1", rows(), err)
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
