package job_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/job"
)

func open(t *testing.T, periodic ...job.Periodic) (*catalog.Store, *job.Queue) {
	t.Helper()
	c, err := catalog.Open(t.Context(), "sqlite://"+filepath.Join(t.TempDir(), "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	q, err := job.Open(t.Context(), c.DB(), 2, periodic, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, q
}

// run works on jobs until the test stops it.
func run(t *testing.T, q *job.Queue, h map[string]job.Handler) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- q.Run(ctx, h) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func insert(t *testing.T, c *catalog.Store, q *job.Queue, j job.Job, fail error) {
	t.Helper()
	tx, err := c.DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Insert(t.Context(), tx, j, 0); err != nil {
		t.Fatal(err)
	}
	if fail != nil {
		err = tx.Rollback()
	} else {
		err = tx.Commit()
	}
	if err != nil && !errors.Is(err, sql.ErrTxDone) {
		t.Fatal(err)
	}
}

func wait(t *testing.T, c <-chan job.Job) job.Job {
	t.Helper()
	select {
	case j := <-c:
		return j
	case <-time.After(20 * time.Second):
		t.Fatal("the job did not run")
		return job.Job{}
	}
}

// TestJobOfTransaction: a job runs once its transaction is committed, and not when it is not.
func TestJobOfTransaction(t *testing.T) {
	c, q := open(t)
	ran := make(chan job.Job, 10)
	run(t, q, map[string]job.Handler{"a": func(_ context.Context, j job.Job) error { ran <- j; return nil }})
	insert(t, c, q, job.Job{Kind: "a", FileID: "lost"}, errors.New("roll back"))
	insert(t, c, q, job.Job{Kind: "a", FileID: "kept", Args: map[string]string{"k": "v"}}, nil)
	if j := wait(t, ran); j.FileID != "kept" || j.Args["k"] != "v" || j.Attempt != 1 || j.Last {
		t.Errorf("ran %+v", j)
	}
}

// TestRetry: a job that failed is tried again.
func TestRetry(t *testing.T) {
	c, q := open(t)
	ran := make(chan job.Job, 10)
	run(t, q, map[string]job.Handler{"a": func(_ context.Context, j job.Job) error {
		ran <- j
		if j.Attempt == 1 {
			return errors.New("passing")
		}
		return nil
	}})
	insert(t, c, q, job.Job{Kind: "a"}, nil)
	wait(t, ran)
	if j := wait(t, ran); j.Attempt != 2 {
		t.Errorf("attempt %d, want 2", j.Attempt)
	}
}

func TestPeriodicRunsAtStart(t *testing.T) {
	_, q := open(t, job.Periodic{Kind: "sweep", Every: time.Hour})
	ran := make(chan job.Job, 10)
	run(t, q, map[string]job.Handler{"sweep": func(_ context.Context, j job.Job) error { ran <- j; return nil }})
	if j := wait(t, ran); j.Kind != "sweep" {
		t.Errorf("ran %+v", j)
	}
}
