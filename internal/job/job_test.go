package job_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/job"
	"freshet/internal/servers"

	"golang.org/x/sync/errgroup"
)

// engines runs a test on both; url names a new, empty catalog.
func engines(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, "sqlite://"+filepath.Join(t.TempDir(), "catalog.db")) })
	t.Run("Postgres", func(t *testing.T) { test(t, servers.Postgres(t)) })
}

// workers is how many jobs a node runs at once.
const workers = 2

// node is a process that has a catalog and its queue.
type node struct {
	*catalog.Store
	queue *job.Queue
}

func open(t *testing.T, url string, periodic ...job.Periodic) node {
	t.Helper()
	n, err := tryOpen(t, url, periodic...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func tryOpen(t *testing.T, url string, periodic ...job.Periodic) (node, error) {
	c, err := catalog.Open(t.Context(), url)
	if err != nil {
		return node{}, err
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := c.Beat(t.Context()); err != nil {
		return node{}, err
	}
	db := job.Database{SQL: c.DB()}
	if c.Shared() {
		db.Postgres = &job.Postgres{Pool: c.Pool(), Conn: c.Pgx, Node: c.Node(), Dead: catalog.NodeDead, Now: c.Now, Exclusive: c.Exclusive}
	}
	q, err := job.Open(t.Context(), db, workers, []job.Lane{{Kind: "slow", Workers: 1}}, periodic, slog.New(slog.DiscardHandler))
	if err != nil {
		return node{}, err
	}
	c.Enqueue(func(ctx context.Context, tx *sql.Tx, j catalog.Job) error {
		return q.Insert(ctx, tx, job.Job{Kind: j.Kind, FileID: j.FileID, Args: j.Args}, j.After)
	})
	return node{c, q}, nil
}

// run works on jobs until the test ends, or what it gives is called, which waits.
func run(t *testing.T, n node, h map[string]job.Handler) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := n.queue.Run(ctx, h); err != nil {
			t.Error(err)
		}
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return stop
}

func insert(t *testing.T, n node, j catalog.Job) {
	t.Helper()
	if err := n.Queue(t.Context(), j); err != nil {
		t.Fatal(err)
	}
}

func wait(t *testing.T, c <-chan job.Job) job.Job {
	t.Helper()
	select {
	case j := <-c:
		return j
	case <-time.After(30 * time.Second):
		t.Fatal("the job did not run")
		return job.Job{}
	}
}

// tell is a handler that says what it was given.
func tell(c chan job.Job) job.Handler {
	return func(_ context.Context, j job.Job) error { c <- j; return nil }
}

// TestJobOfTransaction: a job runs once its transaction is committed, and not when it is not.
func TestJobOfTransaction(t *testing.T) {
	engines(t, func(t *testing.T, url string) {
		n := open(t, url)
		ran := make(chan job.Job, 10)
		run(t, n, map[string]job.Handler{"a": tell(ran)})
		f, err := n.Create(t.Context(), catalog.File{ID: "f", DataType: "custom"}, "me")
		if err != nil {
			t.Fatal(err)
		}
		refused := errors.New("refused")
		step := catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploading, Action: "x", Job: &catalog.Job{Kind: "a", FileID: "lost"}}
		n.Within(func(catalog.Event, catalog.File) (*catalog.Job, error) { return nil, refused }) // behind the job
		if _, err := n.Step(t.Context(), f.ID, step); !errors.Is(err, refused) {
			t.Fatal(err)
		}
		n.Within(nil)
		step.Job = &catalog.Job{Kind: "a", FileID: "kept", Args: map[string]string{"k": "v"}}
		if _, err := n.Step(t.Context(), f.ID, step); err != nil {
			t.Fatal(err)
		}
		if j := wait(t, ran); j.FileID != "kept" || j.Args["k"] != "v" || j.Attempt != 1 || j.Last {
			t.Errorf("ran %+v", j)
		}
	})
}

// TestRetry: a job that failed is tried again.
func TestRetry(t *testing.T) {
	engines(t, func(t *testing.T, url string) {
		n := open(t, url)
		ran := make(chan job.Job, 10)
		run(t, n, map[string]job.Handler{"a": func(_ context.Context, j job.Job) error {
			ran <- j
			if j.Attempt == 1 {
				return errors.New("passing")
			}
			return nil
		}})
		insert(t, n, catalog.Job{Kind: "a"})
		wait(t, ran)
		if j := wait(t, ran); j.Attempt != 2 {
			t.Errorf("attempt %d, want 2", j.Attempt)
		}
	})
}

// TestLater: a job that waits for something loses no try, however long, and is
// done at once when that is told to be here; others wait on.
func TestLater(t *testing.T) {
	engines(t, func(t *testing.T, url string) {
		n := open(t, url)
		ran := make(chan job.Job, 100)
		var tries atomic.Int64
		run(t, n, map[string]job.Handler{"a": func(_ context.Context, j job.Job) error {
			ran <- j
			if tries.Add(1) <= 2*job.MaxAttempts {
				return job.Later{Why: "not yet"}
			}
			return job.Later{After: time.Hour, Why: "not for long"}
		}, "b": func(_ context.Context, j job.Job) error {
			ran <- j
			return job.Later{After: time.Hour, Why: "not for long"}
		}})
		insert(t, n, catalog.Job{Kind: "b"})
		if j := wait(t, ran); j.Kind != "b" {
			t.Fatalf("ran %+v", j)
		}
		insert(t, n, catalog.Job{Kind: "a"})
		for range 2*job.MaxAttempts + 1 {
			if j := wait(t, ran); j.Kind != "a" || j.Last {
				t.Fatalf("ran %+v", j)
			}
		}
		insert(t, n, catalog.Job{Kind: "a", After: time.Hour})
		woken := time.NewTicker(50 * time.Millisecond) // that a job waits again nothing tells
		defer woken.Stop()
		for range 2 {
			for again := true; again; {
				if err := n.queue.Wake(t.Context(), "a"); err != nil {
					t.Fatal(err)
				}
				select {
				case j := <-ran:
					if j.Kind != "a" || j.Last {
						t.Fatalf("ran %+v", j)
					}
					again = false
				case <-woken.C:
				}
			}
		}
	})
}

// TestLane: jobs of a lane run one after another, and hold up no others.
func TestLane(t *testing.T) {
	engines(t, func(t *testing.T, url string) {
		n := open(t, url)
		ran, release := make(chan job.Job, 100), make(chan struct{})
		run(t, n, map[string]job.Handler{"a": tell(ran), "slow": func(_ context.Context, j job.Job) error {
			ran <- j
			<-release
			return nil
		}})
		for range 3 * workers {
			insert(t, n, catalog.Job{Kind: "slow"})
		}
		if j := wait(t, ran); j.Kind != "slow" {
			t.Fatalf("ran %+v", j)
		}
		insert(t, n, catalog.Job{Kind: "a"})
		if j := wait(t, ran); j.Kind != "a" {
			t.Errorf("ran %+v", j)
		}
		close(release)
		for range 3*workers - 1 {
			wait(t, ran)
		}
	})
}

// TestDelay: a job that is to wait does.
func TestDelay(t *testing.T) {
	engines(t, func(t *testing.T, url string) {
		n := open(t, url)
		ran := make(chan job.Job, 10)
		run(t, n, map[string]job.Handler{"a": tell(ran)})
		insert(t, n, catalog.Job{Kind: "a", FileID: "late", After: 2 * time.Second})
		insert(t, n, catalog.Job{Kind: "a", FileID: "now"})
		if j := wait(t, ran); j.FileID != "now" {
			t.Errorf("ran %+v first", j)
		}
		if j := wait(t, ran); j.FileID != "late" {
			t.Errorf("ran %+v", j)
		}
	})
}

func TestPeriodicRunsAtStart(t *testing.T) {
	engines(t, func(t *testing.T, url string) {
		n := open(t, url, job.Periodic{Kind: "sweep", Every: time.Hour})
		ran := make(chan job.Job, 10)
		run(t, n, map[string]job.Handler{"sweep": tell(ran)})
		if j := wait(t, ran); j.Kind != "sweep" {
			t.Errorf("ran %+v", j)
		}
	})
}

// TestTakenUpAtStart: what ran when a process died runs again when the next starts.
func TestTakenUpAtStart(t *testing.T) {
	url := "sqlite://" + filepath.Join(t.TempDir(), "catalog.db")
	n := open(t, url)
	started, release := make(chan job.Job, 10), make(chan struct{})
	stop := run(t, n, map[string]job.Handler{"a": func(_ context.Context, j job.Job) error {
		started <- j
		<-release
		return nil
	}})
	insert(t, n, catalog.Job{Kind: "a"})
	wait(t, started)
	next := open(t, url) // as the process that comes after the one that died
	run(t, next, map[string]job.Handler{"a": tell(started)})
	if j := wait(t, started); j.Attempt != 2 {
		t.Errorf("attempt %d", j.Attempt)
	}
	close(release)
	stop()
}

// TestGivenBack: a process that stops gives back what it cannot end, with no try lost.
func TestGivenBack(t *testing.T) {
	url := servers.Postgres(t)
	a, b := open(t, url), open(t, url)
	started := make(chan job.Job, 10)
	stop := run(t, a, map[string]job.Handler{"a": func(ctx context.Context, j job.Job) error {
		started <- j
		<-ctx.Done()
		return ctx.Err()
	}})
	insert(t, a, catalog.Job{Kind: "a"})
	wait(t, started)
	stop()
	run(t, b, map[string]job.Handler{"a": tell(started)})
	if j := wait(t, started); j.Attempt != 1 {
		t.Errorf("attempt %d, want the first again", j.Attempt)
	}
}

// TestTakenUp: jobs of a node that is gone are taken up by another; those of one that lives are not.
func TestTakenUp(t *testing.T) {
	url := servers.Postgres(t)
	a, b := open(t, url), open(t, url)
	started, release := make(chan job.Job, 10), make(chan struct{})
	run(t, a, map[string]job.Handler{"a": func(_ context.Context, j job.Job) error {
		started <- j
		<-release
		return nil
	}})
	t.Cleanup(func() { close(release) })
	for range workers {
		insert(t, a, catalog.Job{Kind: "a"})
		wait(t, started)
	}
	taken := make(chan job.Job, 10)
	run(t, b, map[string]job.Handler{"a": tell(taken)})
	if err := b.queue.TakeUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	insert(t, a, catalog.Job{Kind: "a", FileID: "another"}) // only b can, behind what it took up
	if j := wait(t, taken); j.FileID != "another" {
		t.Fatalf("the job of a node that lives was taken up: %+v", j)
	}
	if _, err := a.DB().ExecContext(t.Context(), `UPDATE nodes SET seen = seen - $1 WHERE id = $2`, (catalog.NodeDead + time.Second).Microseconds(), a.Node()); err != nil {
		t.Fatal(err)
	}
	if err := b.queue.TakeUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range workers {
		if j := wait(t, taken); j.FileID != "" || j.Attempt != 2 {
			t.Errorf("ran %+v", j)
		}
	}
}

// TestOneLeads: periodic jobs run once, though every node has them; and queues that open at once all do.
func TestOneLeads(t *testing.T) {
	url := servers.Postgres(t)
	nodes := make([]node, 3)
	var group errgroup.Group
	for i := range nodes {
		group.Go(func() (err error) {
			nodes[i], err = tryOpen(t, url, job.Periodic{Kind: "sweep", Every: time.Hour})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	ran := make(chan job.Job, 100)
	for _, n := range nodes {
		run(t, n, map[string]job.Handler{"sweep": tell(ran), "end": tell(ran)})
	}
	if j := wait(t, ran); j.Kind != "sweep" {
		t.Fatalf("ran %+v", j)
	}
	insert(t, nodes[0], catalog.Job{Kind: "end", After: 3 * time.Second})
	if j := wait(t, ran); j.Kind != "end" {
		t.Errorf("ran %+v as well", j)
	}
}
