package job_test

import (
	"context"
	"database/sql"
	"maps"
	"testing"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/job"
)

// TestInsertBesideWorkers: who only adds jobs takes none up that runs, lists those
// that wait, and what it adds is done by who works.
func TestInsertBesideWorkers(t *testing.T) {
	engines(t, func(t *testing.T, url string) {
		n := open(t, url)
		runs, free, added := make(chan struct{}, 2), make(chan struct{}), make(chan job.Job, 1)
		run(t, n, map[string]job.Handler{
			"long": func(context.Context, job.Job) error { runs <- struct{}{}; <-free; return nil },
			"more": func(_ context.Context, j job.Job) error { added <- j; return nil },
		})
		insert(t, n, catalog.Job{Kind: "long", FileID: "f1"})
		<-runs

		c, err := catalog.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		db := job.Database{SQL: c.DB()}
		if c.Shared() {
			db.Postgres = &job.Postgres{Pool: c.Pool(), Conn: c.Pgx, Node: c.Node(), Dead: catalog.NodeDead, Now: c.Now, Exclusive: c.Exclusive}
		}
		q, err := job.OpenInsert(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		c.Enqueue(func(ctx context.Context, tx *sql.Tx, j catalog.Job) error {
			return q.Insert(ctx, tx, job.Job{Kind: j.Kind, FileID: j.FileID, Args: j.Args}, j.After)
		})
		args := map[string]string{"message": "größe"}
		for _, j := range []catalog.Job{{Kind: "more", FileID: "f2", Args: args}, {Kind: "later", FileID: "f3", Args: args, After: time.Hour}} {
			if err := c.Queue(t.Context(), j); err != nil {
				t.Fatal(err)
			}
		}
		if j := <-added; j.FileID != "f2" || !maps.Equal(j.Args, args) {
			t.Errorf("done: %+v", j)
		}
		for kind, id := range map[string]string{"long": "f1", "later": "f3"} {
			got, err := job.Waiting(t.Context(), db, kind)
			if err != nil || len(got) != 1 || got[0].FileID != id || kind == "later" && !maps.Equal(got[0].Args, args) {
				t.Errorf("Waiting(%s) = %+v, %v", kind, got, err)
			}
		}
		close(free)
		select {
		case <-runs:
			t.Error("the job that ran was begun once more")
		default:
		}
	})
}
