package catalogtest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// asking is a context in which somebody with a role in a project asks for a right.
func asking(t *testing.T, project string, role access.Role, need access.Right) context.Context {
	return access.With(t.Context(), &access.Caller{Actor: "key:" + project, Grants: access.Grants{project: role}, Project: project, Need: need})
}

func putProject(t *testing.T, s *catalog.Store, name string, settings catalog.ProjectSettings) {
	t.Helper()
	if _, _, err := s.PutProject(t.Context(), name, settings, "tester", nil); err != nil {
		t.Fatal(err)
	}
}

// projects are made, set and ended; what one owns is not there for who has no role in it.
func projects(t *testing.T, s *catalog.Store) {
	putProject(t, s, "one", catalog.ProjectSettings{})
	putProject(t, s, "two", catalog.ProjectSettings{})
	list, err := s.Projects(t.Context())
	if err != nil || len(list) != 3 || list[0].Name != access.Default || list[1].Name != "one" {
		t.Fatalf("Projects = %+v, %v", list, err)
	}
	if _, made, err := s.PutProject(t.Context(), "one", catalog.ProjectSettings{MaxFiles: 3}, "another", nil); made || err != nil {
		t.Errorf("PutProject again: %v, %v", made, err)
	}
	if p, err := s.Project(t.Context(), "one"); err != nil || p.Settings.MaxFiles != 3 || p.CreatedBy != "tester" {
		t.Errorf("Project = %+v, %v", p, err)
	}
	for _, name := range []string{"", "A", "a b", "../x", "*", "-x"} {
		if _, _, err := s.PutProject(t.Context(), name, catalog.ProjectSettings{}, "", nil); !errs.Is(err, errs.Invalid) {
			t.Errorf("PutProject(%q) = %v", name, err)
		}
	}
	one, two := asking(t, "one", access.Curator, access.Curate), asking(t, "two", access.Curator, access.Curate)
	f, err := s.Create(one, catalog.File{ID: ID(1), Name: "a", DataType: "custom", ObjectKey: "x"}, "tester")
	if err != nil || f.Project != "one" {
		t.Fatalf("Create = %+v, %v", f, err)
	}
	if _, err := s.Create(asking(t, "three", access.Curator, access.Upload), catalog.File{ID: ID(2), Name: "a", DataType: "custom", ObjectKey: "x"}, ""); !errs.Is(err, errs.NotFound) {
		t.Errorf("Create in a project that is not there = %v", err)
	}
	whole := func(f *catalog.File) { f.Hash, f.Size = "blake3:same", 5 }
	step(t, s, ID(1), catalog.Uploading, catalog.Uploaded, whole)
	for what, err := range map[string]error{
		"File":    second(s.File(two, ID(1))),
		"History": second(s.History(two, ID(1))),
		"Step":    second(s.Step(two, ID(1), catalog.Step{From: []catalog.Status{catalog.Uploaded}, To: catalog.Deleted})),
		"Report":  second(s.Report(two, ID(1))),
	} {
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("%s of another project's file = %v, want NotFound", what, err)
		}
	}
	if _, err := s.Step(asking(t, "one", access.Viewer, access.Curate), ID(1), catalog.Step{From: []catalog.Status{catalog.Uploaded}, To: catalog.Deleted}); !errs.Is(err, errs.Forbidden) {
		t.Errorf("Step by who may not = %v, want Forbidden", err)
	}
	if page, err := s.List(two, catalog.Query{Limit: 10}); err != nil || page.Total != 0 || len(page.Files) != 0 {
		t.Errorf("List of another project = %+v, %v", page, err)
	}
	if _, ok, err := s.SameContent(t.Context(), "two", "blake3:same", 5); ok || err != nil {
		t.Errorf("SameContent tells of another project: %v, %v", ok, err)
	}
	// the same content is held by each project once
	if _, err := s.Create(two, catalog.File{ID: ID(3), Name: "b", DataType: "custom", ObjectKey: "y"}, "tester"); err != nil {
		t.Fatal(err)
	}
	step(t, s, ID(3), catalog.Uploading, catalog.Uploaded, whole)
	if err := s.BecomeAlias(t.Context(), create(t, s, 4).ID, ID(1), "", true); !errs.HasCode(err, "content-gone") {
		t.Errorf("BecomeAlias across projects = %v", err)
	}
	if c, err := s.Counters(t.Context(), "one"); err != nil || len(c) != 1 || c[0].Files != 1 || c[0].Bytes != 5 {
		t.Errorf("Counters = %+v, %v", c, err)
	}
	if events, err := s.Activity(two, 0, 10); err != nil || len(events) != 2 || events[0].FileID != ID(3) {
		t.Errorf("Activity = %+v, %v", events, err)
	}
	if events, err := s.EventsAfter(two, 0, 10); err != nil || len(events) != 2 {
		t.Errorf("EventsAfter = %+v, %v", events, err)
	}

	if err := s.DeleteProject(t.Context(), "one"); !errs.HasCode(err, "project-in-use") {
		t.Errorf("DeleteProject with files = %v", err)
	}
	step(t, s, ID(1), catalog.Uploaded, catalog.Deleted, nil)
	if err := s.DeleteProject(t.Context(), "one"); err != nil {
		t.Error(err)
	}
	if err := s.DeleteProject(t.Context(), access.Default); !errs.Is(err, errs.Conflict) {
		t.Errorf("DeleteProject of the default one = %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// keyRights: a key keeps what it may and when it ends.
func keyRights(t *testing.T, s *catalog.Store) {
	putProject(t, s, "one", catalog.ProjectSettings{})
	want := catalog.Key{Name: "k", Grants: access.Grants{"one": access.Uploader}, Scopes: []access.Right{access.Upload}, Expires: s.Now().Add(time.Hour), CreatedBy: "key:x"}
	k, secret, err := s.NewKey(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Authenticate(t.Context(), secret)
	if err != nil || got.Grants["one"] != access.Uploader || len(got.Scopes) != 1 || got.Scopes[0] != access.Upload || !got.Live(s.Now()) || got.CreatedBy != "key:x" {
		t.Errorf("Authenticate = %+v, %v", got, err)
	}
	n, cookie, err := s.NewSession(t.Context(), k.Identity())
	if err != nil || n.Ends().After(want.Expires) {
		t.Errorf("a session outlasts its key: %s, %s, %v", n.Ends(), want.Expires, err)
	}
	if _, err := s.DB().ExecContext(t.Context(), `UPDATE keys SET expires = $1 WHERE id = $2`, s.Now().Add(-time.Second).UnixMicro(), k.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authenticate(t.Context(), secret); !errs.HasCode(err, "bad-key") {
		t.Errorf("a key that has ended works: %v", err)
	}
	if _, err := s.Session(t.Context(), cookie); !errs.HasCode(err, "session-ended") {
		t.Errorf("so does its session: %v", err)
	}
	for what, bad := range map[string]catalog.Key{
		"no role": {}, "unknown role": {Grants: access.Grants{"one": "king"}}, "no such project": {Grants: access.Grants{"nowhere": access.Viewer}},
		"unknown scope": {Grants: everything, Scopes: []access.Right{"fly"}}, "ended": {Grants: everything, Expires: s.Now().Add(-time.Hour)},
	} {
		if _, _, err := s.NewKey(t.Context(), bad); !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	token := access.Identity{Actor: "oidc:u", Name: "u", Grants: access.Grants{"one": access.Viewer}, Until: s.Now().Add(time.Minute)}
	if _, cookie, err = s.NewSession(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if n, err = s.Session(t.Context(), cookie); err != nil || n.Who.Actor != "oidc:u" || n.Who.Grants["one"] != access.Viewer || n.Ends().Sub(s.Now()) > time.Minute {
		t.Errorf("a token's session = %+v, %v", n, err)
	}
	if err := s.ForgetSessions(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := s.Session(t.Context(), cookie); err != nil {
		t.Errorf("a token's session was forgotten: %v", err)
	}
}

// reserved: what comes without a size has room before its bytes are stored, on all
// nodes together, and has it once however often they come.
func reserved(t *testing.T, s *catalog.Store) {
	const limit = 100 << 20
	putProject(t, s, "r", catalog.ProjectSettings{MaxBytes: limit})
	begin := func(n int) catalog.Upload {
		return newUpload(t, s, n, catalog.Append, func(u *catalog.Upload) { u.Project, u.Size = "r", -1 })
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	total := int64(0)
	for i := range 20 {
		u := begin(i)
		all.Go(func() {
			end := int64(0)
			for {
				e, err := s.Reserve(t.Context(), &u, end+1, end+(16<<20))
				if errs.HasCode(err, "quota-exceeded") {
					break
				}
				if err != nil || e <= end || e > end+(16<<20) {
					t.Errorf("Reserve = %d, %v, after %d", e, err, end)
					break
				}
				end = e
			}
			mu.Lock()
			total += end
			mu.Unlock()
		})
	}
	all.Wait()
	if u, err := s.Usage(t.Context(), "r"); err != nil || total != limit || u.Bytes != limit {
		t.Errorf("of %d bytes %d were reserved; %+v, %v", limit, total, u, err)
	}
	u, err := s.Upload(t.Context(), uploadID(3))
	if err != nil || u.Size != -1 || u.Reserved == 0 {
		t.Fatalf("the upload is %+v, %v", u, err)
	}
	if end, err := s.Reserve(t.Context(), &u, u.Reserved, u.Reserved); end != u.Reserved || err != nil {
		t.Errorf("the same again = %d, %v", end, err)
	}
	after := commit(t, s, u, part(1, 10)) // of what is reserved
	if after.Reserved != u.Reserved || after.Size != -1 {
		t.Errorf("after a commit it is %+v", after)
	}
	size := int64(10)
	if after, _, err = s.Commit(t.Context(), after, catalog.Commit{Size: &size, Free: limit, Expires: s.Now().Add(time.Hour)}); err != nil || after.Size != 10 {
		t.Errorf("a size that is told = %+v, %v", after, err)
	}
	if now, err := s.Usage(t.Context(), "r"); err != nil || now.Bytes != limit-u.Reserved+10 {
		t.Errorf("then %+v are used, %v", now, err)
	}
	if _, err := s.Step(t.Context(), ID(4), catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Failed, Action: "fail"}); err != nil {
		t.Fatal(err)
	}
	if ended, err := s.Upload(t.Context(), uploadID(4)); err != nil || ended.Size != -1 {
		t.Errorf("an ended upload is %+v, %v", ended, err)
	} else if _, err := s.Reserve(t.Context(), &ended, 1<<40, 1<<40); !errs.Is(err, errs.Gone) {
		t.Errorf("room for what has ended: %v", err)
	}
	putProject(t, s, "r", catalog.ProjectSettings{})
	if end, err := s.Reserve(t.Context(), &u, 1, 1<<40); end != 1<<40 || err != nil {
		t.Errorf("without a limit = %d, %v", end, err)
	}
}

// projectQuotas: of a rush no more get in than may.
func projectQuotas(t *testing.T, s *catalog.Store) {
	rush := func(project string, size int64) (made int) {
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				id := fmt.Sprintf("up_%s%030d", project, i)
				file := catalog.File{ID: fmt.Sprintf("file_%s%029d", project, i), Name: "x", DataType: "custom", ObjectKey: "x"}
				_, _, err := s.CreateUpload(t.Context(), catalog.Upload{ID: id, FileID: file.ID, Project: project, Protocol: catalog.Parts, Size: size, Expires: s.Now().Add(time.Hour)}, &file, catalog.Quota{Free: -1})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					made++
				} else if !errs.HasCode(err, "quota-exceeded") && !errs.HasCode(err, "too-many-uploads") {
					t.Error(err)
				}
			})
		}
		all.Wait()
		return made
	}
	putProject(t, s, "a", catalog.ProjectSettings{MaxOpenUploads: 4})
	putProject(t, s, "b", catalog.ProjectSettings{MaxBytes: 1000})
	putProject(t, s, "c", catalog.ProjectSettings{MaxFiles: 6})
	for project, want := range map[string]int{"a": 4, "b": 10, "c": 6} {
		if n := rush(project, 100); n != want {
			t.Errorf("in %s %d uploads were begun, want %d", project, n, want)
		}
	}
	if u, err := s.Usage(t.Context(), "b"); err != nil || u.Files != 10 || u.Bytes != 1000 || u.Open != 10 {
		t.Errorf("Usage = %+v, %v", u, err)
	}
	// what comes without a size is known to be too much once it is whole
	putProject(t, s, "d", catalog.ProjectSettings{MaxBytes: 10})
	f, err := s.Create(t.Context(), catalog.File{ID: ID(1), Project: "d", Name: "x", DataType: "custom", ObjectKey: "x"}, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Step(t.Context(), f.ID, catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploaded, Change: func(f *catalog.File) error { f.Size = 11; return nil }})
	if !errs.HasCode(err, "quota-exceeded") {
		t.Errorf("a file that is too large for its project: %v", err)
	}
}
