package catalogtest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"freshet/internal/access"
	"freshet/internal/catalog"
)

// audited gives all rows of the audit log, which must be a chain without gaps.
func audited(t *testing.T, s *catalog.Store) []catalog.AuditRow {
	t.Helper()
	var all []catalog.AuditRow
	var hash []byte
	for {
		page, err := s.AuditRows(t.Context(), catalog.AuditQuery{After: int64(len(all)), OldestFirst: true, Limit: 7})
		if err != nil {
			t.Fatal(err)
		}
		for i := range page {
			r := &page[i]
			if want := int64(len(all)) + 1; r.Number != want {
				t.Fatalf("row %d where %d should be", r.Number, want)
			}
			if !bytes.Equal(r.Hash, r.Chain(hash)) || len(r.Hash) != 32 {
				t.Fatalf("row %d does not follow from the one before", r.Number)
			}
			hash = r.Hash
			all = append(all, *r)
		}
		if len(page) < 7 {
			return all
		}
	}
}

func actions(rows []catalog.AuditRow) string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Action)
	}
	return strings.Join(out, " ")
}

// auditActs does each act that changes facts, and finds its row.
func auditActs(t *testing.T, s *catalog.Store) {
	ctx := access.With(t.Context(), &access.Caller{Actor: "key:1", Source: "192.0.2.7:4711", Request: "REQ", Grants: access.Grants{access.Everywhere: access.Administrator}, Project: "default"})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	seen := 0
	wants := func(list ...catalog.AuditRow) {
		t.Helper()
		rows := audited(t, s)[seen:]
		if len(rows) != len(list) {
			t.Fatalf("%d rows (%s), want %d", len(rows), actions(rows), len(list))
		}
		for i, want := range list {
			got := rows[i]
			if got.Action != want.Action || got.Object != want.Object || got.Actor != want.Actor || got.Source != want.Source || got.RequestID != want.RequestID ||
				got.Project != want.Project || got.Result != want.Result || !strings.Contains(got.Detail, want.Detail) || got.At.IsZero() {
				t.Errorf("row %d is\n%+v, want\n%+v", got.Number, got, want)
			}
		}
		seen += len(rows)
	}
	row := func(action, actor, project, object, detail string) catalog.AuditRow {
		return catalog.AuditRow{Action: action, Actor: actor, Source: "192.0.2.7", RequestID: "REQ", Project: project, Object: object, Result: "ok", Detail: detail}
	}
	_, err := s.Create(ctx, catalog.File{ID: ID(1)}, "key:1")
	must(err)
	wants(row("create", "key:1", "default", ID(1), "uploading"))
	_, err = s.Step(ctx, ID(1), catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploaded, Action: "upload", Actor: "system", Detail: "5 bytes"})
	must(err)
	wants(row("upload", "system", "default", ID(1), "uploading to uploaded; 5 bytes"))
	_, err = s.Create(ctx, catalog.File{ID: ID(2)}, "key:1")
	must(err)
	must(s.BecomeAlias(ctx, ID(2), ID(1), "key:1", true))
	wants(row("create", "key:1", "default", ID(2), ""), row("duplicate", "key:1", "default", ID(2), "same content as "+ID(1)))
	_, _, err = s.CreateUpload(ctx, catalog.Upload{ID: "up_3", FileID: ID(3), Protocol: catalog.Append, Actor: "key:1", Expires: s.Now()}, &catalog.File{ID: ID(3)}, catalog.Quota{Free: -1})
	must(err)
	_, _, err = s.CreateUpload(ctx, catalog.Upload{ID: "up_4", Protocol: catalog.Append, Actor: "key:1", Expires: s.Now()}, nil, catalog.Quota{Free: -1})
	must(err)
	must(s.EndPiece(ctx, "up_4", catalog.UploadAborted, "by key:1", s.Now()))
	must(s.EndPiece(ctx, "up_4", catalog.UploadAborted, "again", s.Now())) // nothing is done
	wants(row("create", "key:1", "default", ID(3), "uploading"), row("create-piece", "key:1", "default", "up_4", ""), row("end-piece", "key:1", "default", "up_4", "aborted: by key:1"))
	_, _, err = s.PutProject(ctx, "vision", catalog.ProjectSettings{MaxFiles: 3}, "key:1", nil)
	must(err)
	_, _, err = s.PutRuleSet(ctx, "strict", []byte(`{}`), "key:1")
	must(err)
	_, _, err = s.PutRuleSet(ctx, "strict", []byte(`{}`), "key:1") // no new version
	must(err)
	must(s.DeleteRuleSet(ctx, "strict"))
	must(s.DeleteProject(ctx, "vision"))
	wants(row("put-project", "key:1", "vision", "vision", `{"max_files":3}`), row("put-rule-set", "key:1", "default", "strict@1", ""), row("delete-rule-set", "key:1", "default", "strict", ""), row("delete-project", "key:1", "vision", "vision", ""))
	k, secret, err := s.NewKey(ctx, catalog.Key{Name: "Ada", Grants: access.Grants{"default": access.Viewer}})
	must(err)
	_, err = s.AddKey(ctx, catalog.Key{ID: "other", Name: "again", Grants: access.Grants{"default": access.Viewer}}, secret) // changes nothing
	must(err)
	n, cookie, err := s.NewSession(ctx, k.Identity())
	must(err)
	must(s.EndSession(ctx, cookie))
	must(s.EndSession(ctx, cookie)) // there is none
	must(s.RevokeKey(ctx, k.ID, nil))
	wants(row("create-key", "key:1", "default", k.ID, `"Ada" {"default":"viewer"} []`), row("sign-in", n.Who.Actor, "default", n.Who.Actor, "Ada"), row("sign-out", n.Who.Actor, "default", n.Who.Actor, ""), row("revoke-key", "key:1", "default", k.ID, "Ada"))
	for _, r := range audited(t, s) {
		if strings.Contains(fmt.Sprint(r), secret) || strings.Contains(fmt.Sprint(r), cookie) {
			t.Errorf("row %d has a secret", r.Number)
		}
	}
	// what nobody asked for, and what a command does
	_, err = s.Step(t.Context(), ID(1), catalog.Step{From: []catalog.Status{catalog.Uploaded}, To: catalog.Processing, Action: "validate"})
	must(err)
	_, err = s.Step(access.By(t.Context(), "command:ada"), ID(1), catalog.Step{From: []catalog.Status{catalog.Processing}, To: catalog.Failed, Action: "fail", Actor: "fsck"})
	must(err)
	must(s.Audit(ctx, catalog.Act{Action: "download", Project: "default", Object: ID(1), Detail: "bytes=0-1"}))
	must(s.Audit(t.Context(), catalog.Act{Action: "refused", Actor: "anonymous", Source: "192.0.2.9", Object: "GET /x", Result: "no-key"}))
	bare := func(r catalog.AuditRow) catalog.AuditRow { r.Source, r.RequestID = "", ""; return r }
	refused := bare(row("refused", "anonymous", "*", "GET /x", ""))
	refused.Source, refused.Result = "192.0.2.9", "no-key"
	wants(bare(row("validate", "system", "default", ID(1), "")), bare(row("fail", "command:ada", "default", ID(1), "processing to failed")), row("download", "key:1", "default", ID(1), "bytes=0-1"), refused)
	h, err := s.History(t.Context(), ID(1))
	must(err)
	if h[0].Source != "192.0.2.7" || h[2].Source != "" {
		t.Errorf("the history came from %q and %q", h[0].Source, h[2].Source)
	}
}

// auditIsOne: an act that fails leaves no row, and without a row there is no act.
func auditIsOne(t *testing.T, s *catalog.Store) {
	f := create(t, s, 1)
	before := len(audited(t, s))
	for name, fails := range map[string]func() error{
		"a step that is refused": func() error {
			_, err := s.Step(t.Context(), f.ID, catalog.Step{From: []catalog.Status{catalog.Fresh}, To: catalog.Used, Action: "use"})
			return err
		},
		"an id that is taken": func() error { _, err := s.Create(t.Context(), catalog.File{ID: f.ID}, "x"); return err },
		"a job that cannot be queued": func() error {
			s.Enqueue(func(context.Context, *sql.Tx, catalog.Job) error { return errors.New("no") })
			_, err := s.Step(t.Context(), f.ID, catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploaded, Action: "upload", Job: &catalog.Job{Kind: "x"}})
			return err
		},
		"a key that is not there": func() error { return s.RevokeKey(t.Context(), "nobody", nil) },
		"rules that are not":      func() error { return s.DeleteRuleSet(t.Context(), "none") },
		"a project that is not":   func() error { return s.DeleteProject(t.Context(), "none") },
	} {
		if err := fails(); err == nil {
			t.Errorf("%s succeeds", name)
		}
		if n := len(audited(t, s)); n != before {
			t.Errorf("%s left %d rows", name, n-before)
		}
	}
	s.Enqueue(func(context.Context, *sql.Tx, catalog.Job) error { return nil })
	if _, err := s.DB().ExecContext(t.Context(), `ALTER TABLE audit RENAME TO audit_away`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(t.Context(), catalog.File{ID: ID(2)}, "x"); err == nil {
		t.Error("a file is made without a row")
	}
	if _, _, err := s.NewKey(t.Context(), catalog.Key{Name: "k", Grants: access.Grants{"*": "admin"}}); err == nil {
		t.Error("a key is made without a row")
	}
	if err := s.Audit(t.Context(), catalog.Act{Action: "download"}); err == nil {
		t.Error("a download is on record without a row")
	}
	if _, err := s.DB().ExecContext(t.Context(), `ALTER TABLE audit_away RENAME TO audit`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.File(t.Context(), ID(2)); err == nil {
		t.Error("the file is there")
	}
	if k, err := s.Keys(t.Context()); err != nil || len(k) != 0 {
		t.Errorf("Keys = %v, %v", k, err)
	}
	if h, err := s.EventsAfter(t.Context(), 0, 10); err != nil || len(h) != 1 {
		t.Errorf("%d events, %v", len(h), err)
	}
}

// writeAtOnce has 50 writers write rows by steps and by themselves, over all nodes.
func writeAtOnce(t *testing.T, nodes []*catalog.Store) {
	const writers, each = 50, 6
	var group sync.WaitGroup
	for w := range writers {
		s := nodes[w%len(nodes)]
		group.Go(func() {
			for i := range each {
				ctx := access.With(t.Context(), &access.Caller{Actor: fmt.Sprintf("key:%d", w), Request: fmt.Sprintf("%d/%d", w, i), Grants: access.Grants{"*": "admin"}})
				var err error
				switch i % 3 {
				case 0:
					_, err = s.Create(ctx, catalog.File{ID: ID(w*1000 + i)}, "x")
				case 1:
					err = s.Audit(ctx, catalog.Act{Action: "download"})
				case 2:
					err = s.Audit(ctx, catalog.Act{Action: "one"}, catalog.Act{Action: "two"})
				}
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	group.Wait()
	rows := audited(t, nodes[0]) // no gaps, one chain
	seen := map[string]int{}
	for i, r := range rows {
		seen[r.RequestID]++
		if i > 0 && r.Action == "two" && rows[i-1].RequestID != r.RequestID {
			t.Errorf("row %d was parted from the one it was written with", r.Number)
		}
	}
	if want := writers * each * 4 / 3; len(rows) != want || len(seen) != writers*each {
		t.Errorf("%d rows of %d requests, want %d of %d", len(rows), len(seen), want, writers*each)
	}
	// a writer's rows are in the order in which it wrote them
	last := map[string]string{}
	for _, r := range rows {
		who, _, _ := strings.Cut(r.RequestID, "/")
		if r.RequestID < last[who] {
			t.Errorf("%s comes after %s", r.RequestID, last[who])
		}
		last[who] = r.RequestID
	}
}

func auditAtOnce(t *testing.T, s *catalog.Store) { writeAtOnce(t, []*catalog.Store{s}) }

// auditText: nothing that is written can forge a line, be a secret, or fill the disk.
func auditText(t *testing.T, s *catalog.Store) {
	key, _ := access.NewSecret()
	for given, want := range map[string]string{
		"plain":                          "plain",
		"größe 数据":                       "größe 数据",
		"a\nb\r\x00\x1b[31m\u0085":       `a\u{000a}b\u{000d}\u{0000}\u{001b}[31m\u{0085}`,
		"\u202eevil\u2028\ufeff":         `\u{202e}evil\u{2028}\u{feff}`,
		`a\u{000a}b`:                     `a\\u{000a}b`,
		"\xff\xfe":                       `\x{ff}\x{fe}`,
		"\uFFFD":                         "\uFFFD",
		"GET /x by " + key:               "GET /x by fsh_[secret]",
		"Authorization: Bearer abc.def":  "Authorization: Bearer [secret]",
		"Basic dXNlcjpwYXNzd29yZA==":     "Basic [secret]",
		"freshet_session=AAAA; x":        "freshet_session=[secret]; x",
		"eyJhbGciOi.eyJzdWIi.c2ln":       "[token]",
		"https://u:p@host/a?token=1 end": "https://[secret]@host/a?[query] end",
	} {
		if err := s.Audit(t.Context(), catalog.Act{Action: "test", Actor: given, Object: given, Detail: given}); err != nil {
			t.Fatal(err)
		}
		rows, err := s.AuditRows(t.Context(), catalog.AuditQuery{Actor: given, Object: given, Limit: 10})
		if err != nil || len(rows) == 0 {
			t.Fatalf("%q is not found: %v", given, err)
		}
		if r := rows[0]; r.Actor != want || r.Object != want || r.Detail != want {
			t.Errorf("%q is written as %q, want %q", given, r.Detail, want)
		}
	}
	if err := s.Audit(t.Context(), catalog.Act{Action: "long", Object: strings.Repeat("ä", 9000), Detail: strings.Repeat("\n", 9000)}); err != nil {
		t.Fatal(err)
	}
	rows := audited(t, s)
	if r := rows[len(rows)-1]; len(r.Object) > 1100 || len(r.Detail) > 4200 || !strings.Contains(r.Object, `\…`) {
		t.Errorf("%d and %d bytes are kept, ending in %q", len(r.Object), len(r.Detail), r.Object[len(r.Object)-20:])
	}
}

// auditPages: filters and pages.
func auditPages(t *testing.T, s *catalog.Store) {
	for i := range 25 {
		a := catalog.Act{Action: []string{"a", "b"}[i%2], Actor: fmt.Sprintf("key:%d", i%3), Project: []string{"default", "vision"}[i%2], Object: fmt.Sprint(i % 5), Result: []string{"", "no"}[i%2]}
		if err := s.Audit(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	all := audited(t, s)
	for _, c := range []struct {
		q    catalog.AuditQuery
		keep func(int, *catalog.AuditRow) bool
	}{
		{catalog.AuditQuery{}, func(int, *catalog.AuditRow) bool { return true }},
		{catalog.AuditQuery{Action: "b"}, func(i int, _ *catalog.AuditRow) bool { return i%2 == 1 }},
		{catalog.AuditQuery{Actor: "key:2", Object: "4"}, func(i int, _ *catalog.AuditRow) bool { return i%3 == 2 && i%5 == 4 }},
		{catalog.AuditQuery{Project: "vision", Result: "no"}, func(i int, _ *catalog.AuditRow) bool { return i%2 == 1 }},
		{catalog.AuditQuery{Result: "ok"}, func(i int, _ *catalog.AuditRow) bool { return i%2 == 0 }},
		{catalog.AuditQuery{Since: all[5].At, Until: all[20].At}, func(_ int, r *catalog.AuditRow) bool { return !r.At.Before(all[5].At) && r.At.Before(all[20].At) }},
		{catalog.AuditQuery{Object: "none"}, func(int, *catalog.AuditRow) bool { return false }},
	} {
		for _, oldest := range []bool{false, true} {
			var want, got []int64
			for i := range all {
				if c.keep(i, &all[i]) {
					want = append(want, all[i].Number)
				}
			}
			q := c.q
			q.Limit, q.OldestFirst = 4, oldest
			for {
				page, err := s.AuditRows(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range page {
					if oldest {
						got = append(got, r.Number)
					} else {
						got = append([]int64{r.Number}, got...)
					}
				}
				if len(page) < q.Limit {
					break
				}
				q.Before, q.After = page[3].Number, 0
				if oldest {
					q.Before, q.After = 0, page[3].Number
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%+v gives %v, want %v", c.q, got, want)
			}
		}
	}
}

// auditHeads: a head follows the one that its maker knew.
func auditHeads(t *testing.T, s *catalog.Store) {
	if h, err := s.LastAuditHead(t.Context()); err != nil || h.Size != 0 {
		t.Fatalf("LastAuditHead = %+v, %v", h, err)
	}
	add := func(size, before int64, want bool) {
		t.Helper()
		got, err := s.AddAuditHead(t.Context(), catalog.AuditHead{Size: size, At: s.Now(), Last: []byte("l"), Edge: []byte("e"), Note: fmt.Sprint("note ", size)}, before)
		if err != nil || got != want {
			t.Errorf("AddAuditHead(%d after %d) = %v, %v", size, before, got, err)
		}
	}
	add(3, 0, true)
	add(4, 0, false)
	add(3, 0, false)
	add(5, 3, true)
	h, err := s.LastAuditHead(t.Context())
	if err != nil || h.Size != 5 || h.Note != "note 5" || string(h.Last) != "l" || string(h.Edge) != "e" || h.At.IsZero() {
		t.Errorf("LastAuditHead = %+v, %v", h, err)
	}
	up, err := s.AuditHeads(t.Context(), 3, false, 10)
	if err != nil || len(up) != 1 || up[0].Size != 5 {
		t.Errorf("AuditHeads up = %v, %v", up, err)
	}
	down, err := s.AuditHeads(t.Context(), 100, true, 1)
	if err != nil || len(down) != 1 || down[0].Size != 5 {
		t.Errorf("AuditHeads down = %v, %v", down, err)
	}
	for range 6 {
		if err := s.Audit(t.Context(), catalog.Act{Action: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	all := audited(t, s)
	if at, err := s.AuditUnsigned(t.Context()); err != nil || !at.Equal(all[5].At) {
		t.Errorf("AuditUnsigned = %v, %v, want that of row 6, %v", at, err, all[5].At)
	}
	add(6, 5, true)
	if at, err := s.AuditUnsigned(t.Context()); err != nil || !at.IsZero() {
		t.Errorf("AuditUnsigned of all = %v, %v", at, err)
	}
}
