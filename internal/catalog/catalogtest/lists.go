package catalogtest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"freshet/internal/catalog"
	"freshet/internal/errs"
)

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
