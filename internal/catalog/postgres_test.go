package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/catalog/catalogtest"
	"freshet/internal/errs"
	"freshet/internal/servers"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

func TestPostgres(t *testing.T) {
	catalogtest.Run(t, catalogtest.Engine{Shared: true, Open: func(t *testing.T, nodes int) []*catalog.Store {
		url := servers.Postgres(t)
		stores := make([]*catalog.Store, nodes)
		for i := range stores {
			stores[i] = open(t, url)
		}
		return stores
	}})
}

// with is a URL with another parameter.
func with(t *testing.T, address, name, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// TestStartAtOnce: nodes that all find an empty database make its tables once.
func TestStartAtOnce(t *testing.T) {
	address := servers.Postgres(t)
	stores := make([]*catalog.Store, 4)
	var group errgroup.Group
	for i := range stores {
		group.Go(func() (err error) {
			stores[i], err = catalog.Open(t.Context(), address)
			return err
		})
	}
	err := group.Wait()
	for _, s := range stores {
		if s != nil {
			defer s.Close()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stores[0].Create(t.Context(), catalog.File{ID: "f"}, "me"); err != nil {
		t.Error(err)
	}
	if _, err := stores[3].File(t.Context(), "f"); err != nil {
		t.Error(err)
	}
}

// TestSkew: a node whose clock is an hour off agrees with the others on what is when.
func TestSkew(t *testing.T) {
	address := servers.Postgres(t)
	right := open(t, address)
	for _, skew := range []time.Duration{time.Hour, -time.Hour} {
		wrong, err := catalog.OpenSkewed(t.Context(), address, skew)
		if err != nil {
			t.Fatal(err)
		}
		defer wrong.Close()
		near := func(what string, at time.Time) {
			t.Helper()
			if d := at.Sub(right.Now()); d > time.Second || d < -5*time.Second {
				t.Errorf("skew %s: %s is off by %s", skew, what, d)
			}
		}
		near("Now", wrong.Now())
		if err := wrong.Beat(t.Context()); err != nil {
			t.Fatal(err)
		}
		near("Now after a beat", wrong.Now())
		id := "f" + skew.String()
		u, _, err := wrong.CreateUpload(t.Context(), catalog.Upload{ID: "u" + skew.String(), FileID: id, Protocol: catalog.Parts, Actor: "me", Expires: wrong.Now().Add(time.Minute)},
			&catalog.File{ID: id}, catalog.Quota{Free: -1})
		if err != nil {
			t.Fatal(err)
		}
		near("the upload's creation", u.Created)
		near("its expiry", u.Expires.Add(-time.Minute))
		if u, _, err = wrong.Commit(t.Context(), u, catalog.Commit{Parts: []catalog.UploadPart{{Number: 1, Size: 1}}, Expires: u.Expires}); err != nil {
			t.Fatal(err)
		}
		near("a commit", u.Updated)
		f, err := wrong.Step(t.Context(), id, catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Failed, Action: "x"})
		if err != nil {
			t.Fatal(err)
		}
		near("a step", f.UpdatedTime)
		h, err := right.History(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		near("its history", h[1].At)
		nodes, err := right.Nodes(t.Context())
		if err != nil || len(nodes) == 0 {
			t.Fatal(nodes, err)
		}
		near("a beat", nodes[0].Seen)
	}
}

// kill ends all other sessions in a database, from outside the pool of s.
func kill(t *testing.T, s *catalog.Store) {
	t.Helper()
	if _, err := s.DB().ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
		t.Fatal(err)
	}
}

// TestKilledConnections: what is in the middle of a transaction, and what is
// idle, begins anew; who listens does so again, and misses nothing.
func TestKilledConnections(t *testing.T) {
	address := servers.Postgres(t)
	s, killer := open(t, address), open(t, address)
	events := make(chan catalog.Event, 100)
	s.Notify(func(e catalog.Event, _ catalog.File) { events <- e })
	if _, err := s.Create(t.Context(), catalog.File{ID: "f"}, "me"); err != nil {
		t.Fatal(err)
	}
	runs := 0
	_, err := s.Step(t.Context(), "f", catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploaded, Action: "x", Change: func(f *catalog.File) error {
		if runs++; runs == 1 {
			kill(t, killer)
		}
		f.Size++
		return nil
	}})
	if err != nil || runs < 2 {
		t.Fatalf("a step whose connection was killed: %v, ran %d times", err, runs)
	}
	if f, err := s.File(t.Context(), "f"); err != nil || f.Status != catalog.Uploaded || f.Size != 1 {
		t.Errorf("File = %s, %d bytes, %v", f.Status, f.Size, err)
	}
	kill(t, killer)
	if _, err := s.File(t.Context(), "f"); err != nil {
		t.Errorf("a look over killed connections: %v", err)
	}
	kill(t, killer)
	if _, err := killer.Create(t.Context(), catalog.File{ID: "g"}, "me"); err != nil { // while s may not listen
		t.Fatal(err)
	}
	var got []string
	for range 3 {
		select {
		case e := <-events:
			got = append(got, e.FileID+" "+e.Action)
		case <-time.After(20 * time.Second):
			t.Fatalf("told of %v", got)
		}
	}
	if want := []string{"f create", "f x", "g create"}; !slices.Equal(got, want) {
		t.Errorf("told of %v, want %v", got, want)
	}
}

// TestCutUnderLoad: cuts in the middle of everything cost answers, never facts.
func TestCutUnderLoad(t *testing.T) {
	p, address := through(t, servers.Postgres(t))
	s := open(t, address)
	var mu sync.Mutex
	var told []catalog.Event
	s.Notify(func(e catalog.Event, _ catalog.File) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, e)
	})
	var made atomic.Int64
	var group errgroup.Group
	for i := range 8 {
		group.Go(func() error {
			for k := range 10 {
				id := fmt.Sprintf("f-%d-%d", i, k)
				for {
					_, err := s.Create(t.Context(), catalog.File{ID: id, DataType: "custom", Size: 1}, "me")
					if err == nil || errs.HasCode(err, "id-taken") { // the answer was lost
						break
					}
					if !errs.HasCode(err, "catalog-down") {
						return err
					}
				}
				if made.Add(1)%7 == 0 { // in the middle of what the others do
					p.cut()
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	if c, err := s.Counters(t.Context(), ""); err != nil || len(c) != 1 || c[0].Files != 80 || c[0].Bytes != 80 {
		t.Errorf("Counters = %v, %v", c, err)
	}
	want, err := s.EventsAfter(t.Context(), 0, 1000)
	if err != nil || len(want) != 80 {
		t.Fatalf("%d events, %v", len(want), err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		mu.Lock()
		got := slices.Clone(told)
		mu.Unlock()
		if slices.Equal(got, want) {
			break
		}
		if len(got) > len(want) || time.Now().After(end) {
			t.Fatalf("told of %d events, want %d", len(got), len(want))
		}
	}
}

// TestLostCommit: whose answer to COMMIT is lost is told to ask again, and then what happened.
func TestLostCommit(t *testing.T) {
	p, address := through(t, servers.Postgres(t))
	s := open(t, address)
	p.set(true, false)
	_, err := s.Create(t.Context(), catalog.File{ID: "f"}, "me")
	if !errs.Is(err, errs.Unavailable) || !errs.HasCode(err, "catalog-down") {
		t.Fatalf("Create without an answer = %v", err)
	}
	p.set(false, false)
	if h, err := s.History(t.Context(), "f"); err != nil || len(h) != 1 {
		t.Errorf("it happened %d times, %v", len(h), err)
	}
	if _, err := s.Create(t.Context(), catalog.File{ID: "f"}, "me"); !errs.HasCode(err, "id-taken") {
		t.Errorf("Create again = %v", err)
	}
}

// TestSilence: a network that swallows everything is the catalog's being down, after a while.
func TestSilence(t *testing.T) {
	p, address := through(t, with(t, servers.Postgres(t), "statement_timeout", "1s"))
	s := open(t, address)
	if _, err := s.Create(t.Context(), catalog.File{ID: "f"}, "me"); err != nil {
		t.Fatal(err)
	}
	p.set(false, true)
	begin := time.Now()
	_, looked := s.File(t.Context(), "f")
	_, stepped := s.Step(t.Context(), "f", catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploaded, Action: "x"})
	for _, err := range []error{looked, stepped} {
		var e *errs.Error
		if !errors.As(err, &e) || e.Code != "catalog-down" || e.RetryAfter == 0 {
			t.Errorf("without an answer: %v", err)
		}
	}
	if d := time.Since(begin); d > 15*time.Second {
		t.Errorf("it took %s", d)
	}
	p.set(false, false)
	p.cut()
	if f, err := s.File(t.Context(), "f"); err != nil || f.Status != catalog.Uploading {
		t.Errorf("once it is back: %s, %v", f.Status, err)
	}
}

// TestTimeLimits: who waits too long for a row is told that the catalog is down; who was cancelled, that.
func TestTimeLimits(t *testing.T) {
	address := servers.Postgres(t)
	s := open(t, with(t, address, "statement_timeout", "1s"))
	if _, err := s.Create(t.Context(), catalog.File{ID: "f"}, "me"); err != nil {
		t.Fatal(err)
	}
	tx, err := open(t, address).DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(t.Context(), `UPDATE files SET size = 1 WHERE id = 'f'`); err != nil {
		t.Fatal(err)
	}
	step := catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploaded, Action: "x"}
	if _, err := s.Step(t.Context(), "f", step); !errs.HasCode(err, "catalog-down") {
		t.Errorf("a step on a row that is locked = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	if _, err := s.Step(ctx, "f", step); !errors.Is(err, context.Canceled) || errs.Is(err, errs.Unavailable) {
		t.Errorf("a step that was cancelled = %v", err)
	}
}

// TestCannotOpen: what is wrong is said, and no password with it.
func TestCannotOpen(t *testing.T) {
	address := servers.Postgres(t)
	edit := func(f func(*url.URL)) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		f(u)
		return u.String()
	}
	for name, c := range map[string]struct{ url, code, says string }{
		"password":    {edit(func(u *url.URL) { u.User = url.UserPassword("freshet", "wrong-secret") }), "bad-catalog", "refuses the user"},
		"database":    {edit(func(u *url.URL) { u.Path = "/nothing" }), "bad-catalog", `no database "nothing"`},
		"nobody":      {edit(func(u *url.URL) { u.Host = "127.0.0.1:1" }), "catalog-down", "does not answer"},
		"port":        {edit(func(u *url.URL) { u.Host = "127.0.0.1:99999" }), "bad-catalog", "port"},
		"sslmode":     {with(t, address, "sslmode", "perhaps"), "bad-catalog", "sslmode"},
		"connections": {with(t, address, "max_connections", "2"), "bad-catalog", "max_connections"},
		"timeout":     {with(t, address, "statement_timeout", "soon"), "bad-catalog", "statement_timeout"},
		"no URL":      {strings.Replace(address, "127", "%zz", 1), "bad-catalog", "not a URL"},
		"parameter":   {with(t, with(t, address, "password", "another-secret"), "sslmode", "perhaps"), "bad-catalog", "sslmode"},
		"engine":      {strings.Replace(address, "postgres://", "mysql://", 1), "bad-catalog", "must be"},
	} {
		s, err := catalog.Open(t.Context(), c.url)
		if err == nil {
			s.Close()
		}
		if !errs.HasCode(err, c.code) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %s: %s", name, err, c.code, c.says)
		}
		for _, secret := range []string{servers.PostgresPassword, "wrong-secret", "another-secret"} {
			if strings.Contains(fmt.Sprintf("%+v", err), secret) {
				t.Errorf("%s: the error shows the password: %v", name, err)
			}
		}
	}
}

// as makes a user with few rights, and gives the URL for it. owner has it own the database.
func as(t *testing.T, address, name, options string, owner bool) string {
	t.Helper()
	c, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	queries := []string{`CREATE ROLE ` + name + ` LOGIN PASSWORD 'p' ` + options}
	if owner {
		queries = append(queries, `ALTER DATABASE `+c.Config().Database+` OWNER TO `+name, `GRANT ALL ON SCHEMA public TO `+name)
	}
	for _, q := range queries {
		if _, err := c.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(name, "p")
	return u.String()
}

// TestNoTrigrams: where the extension cannot be had the start says so.
func TestNoTrigrams(t *testing.T) {
	if _, err := catalog.Open(t.Context(), as(t, servers.Postgres(t), "weak", "", false)); !errs.HasCode(err, "no-pg-trgm") {
		t.Errorf("Open = %v", err)
	}
}

// TestOwner: who owns the database needs no other right. A server that takes no
// more connections is down for now.
func TestOwner(t *testing.T) {
	s := open(t, as(t, servers.Postgres(t), "few", "CONNECTION LIMIT 3", true))
	for range 3 {
		c, err := s.DB().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	if _, err := s.File(t.Context(), "f"); !errs.HasCode(err, "catalog-down") {
		t.Errorf("without a connection = %v", err)
	}
}

// TestListUsesIndexes: with many files no list looks at all of them.
func TestListUsesIndexes(t *testing.T) {
	s := open(t, servers.Postgres(t))
	const files = 100_000
	for _, q := range []string{
		`INSERT INTO files (id, name, name_fold, data_type, status, object_key, size, upload_time, updated_time)
			SELECT 'file_' || lpad(to_hex(n), 32, '0'), 'Shard-' || md5(n::TEXT) || '.jsonl', 'shard-' || md5(n::TEXT) || '.jsonl', (ARRAY['custom', 'sample', 'combined'])[1 + n % 3],
				(ARRAY['fresh', 'used', 'failed', 'archived'])[1 + n % 4], 'k', n % 1000, 1000000 + n, 1000000 + n FROM generate_series(1, ` + fmt.Sprint(files) + `) n`,
		`INSERT INTO counters (status, data_type, slot, files, bytes) SELECT status, data_type, 0, COUNT(*), SUM(size) FROM files GROUP BY status, data_type`,
		`VACUUM ANALYZE files`,
	} {
		if _, err := s.DB().ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []catalog.Query{
		{}, {Statuses: []catalog.Status{catalog.Failed}}, {DataType: "sample"}, {DataType: "sample", Statuses: []catalog.Status{catalog.Failed}},
		{Sort: "original_name"}, {Sort: "-original_name"}, {Sort: "file_size"}, {Sort: "-file_size"}, {Sort: "updated_time"}, {Sort: "-updated_time"}, {Sort: "upload_time"},
		{Search: "Shard-c4ca4238a0b923820dcc509a6f75849b"}, {Search: "238A0B92"}, {Search: "238a0b92", Statuses: []catalog.Status{catalog.Fresh}}, {Search: "238a0b92", DataType: "sample", Sort: "file_size"},
		{Statuses: []catalog.Status{catalog.Failed, catalog.Fresh}}, {Statuses: []catalog.Status{catalog.Failed, catalog.Fresh}, Sort: "-updated_time"},
		{Verdict: catalog.VerdictNone, Statuses: []catalog.Status{catalog.Failed}}, {Search: catalogtest.ID(1)}, {Search: catalogtest.ID(1)[:35]},
	} {
		q.Limit = 100
		if q.Sort == "" {
			q.Sort = "-upload_time"
		}
		for range 2 { // the first page, and the next
			plans, err := s.Plans(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range plans {
				if strings.Contains(p, "Seq Scan on files") {
					t.Errorf("%+v looks at all files:\n%s", q, p)
				}
			}
			page, err := s.List(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Files) == 0 && q.Search == "" {
				t.Errorf("%+v found nothing", q)
			}
			if page.Next == "" {
				break
			}
			q.Cursor = page.Next
		}
	}
	if p, err := s.List(t.Context(), catalog.Query{Search: "238A0B92", Limit: 10}); err != nil || p.Total != 1 || p.Files[0].ID != catalogtest.ID(1) {
		t.Errorf("a search found %d files, %v", p.Total, err)
	}
	if files, err := s.Select(t.Context(), catalog.Failed, s.Now(), time.Time{}, "", 10); err != nil || len(files) != 10 {
		t.Errorf("Select gave %d, %v", len(files), err)
	}
}
