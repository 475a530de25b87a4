// Package job is the queue of work that must happen even if the process dies:
// a narrow face over River, which keeps its jobs in the catalog's database, so
// that a job is queued in the transaction of the fact that causes it.
//
// Handlers are idempotent: each may run twice, stop anywhere, or run beside its
// ghost. Jobs of a process that died are taken up at the next start.
package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// MaxAttempts is how often a job is tried.
const MaxAttempts = 5

// Job is one piece of work.
type Job struct {
	Kind   string            `json:"job"`
	FileID string            `json:"file_id,omitempty"`
	Args   map[string]string `json:"args,omitempty"`

	Attempt int  `json:"-"` // from 1
	Last    bool `json:"-"` // no further try follows
}

// Handler does a job. An error has it tried again after a while.
type Handler func(context.Context, Job) error

// Periodic is a job without arguments that runs again and again, and at start.
type Periodic struct {
	Kind  string
	Every time.Duration
}

// Queue takes and runs jobs.
type Queue struct {
	client   *river.Client[*sql.Tx]
	handlers map[string]Handler
	log      *slog.Logger
}

// args is the one kind of job that River knows; ours is inside.
type args struct{ Job }

func (args) Kind() string { return "freshet" }

// Open brings the queue's tables up to date. db is the catalog's one writing connection.
func Open(ctx context.Context, db *sql.DB, workers int, periodic []Periodic, log *slog.Logger) (*Queue, error) {
	driver := riversqlite.New(db)
	quiet := slog.New(slog.DiscardHandler)
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return nil, fmt.Errorf("open job queue: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, fmt.Errorf("open job queue: %w", err)
	}
	// Nobody else runs jobs of this database: what was running when a process died
	// is taken up again now, rather than when River notices, which for jobs
	// without a time limit is never.
	if _, err := db.ExecContext(ctx, `UPDATE river_job SET state = 'available' WHERE state = 'running'`); err != nil {
		return nil, fmt.Errorf("take up jobs: %w", err)
	}
	q := &Queue{log: log}
	set := river.NewWorkers()
	river.AddWorker(set, &worker{queue: q})
	config := &river.Config{
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		Workers:           set,
		FetchCooldown:     10 * time.Millisecond,
		FetchPollInterval: 250 * time.Millisecond,
		JobTimeout:        -1, // a large file takes as long as it takes
		MaxAttempts:       MaxAttempts,
		RetryPolicy:       backoff{},
		// River's own lines (leader elected, queue started) are not our users' business; its errors are
		Logger: slog.New(levelFloor{log.Handler(), slog.LevelError}),
	}
	for _, p := range periodic {
		config.PeriodicJobs = append(config.PeriodicJobs, river.NewPeriodicJob(river.PeriodicInterval(p.Every),
			func() (river.JobArgs, *river.InsertOpts) {
				return args{Job{Kind: p.Kind}}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
					rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled}}}
			}, &river.PeriodicJobOpts{RunOnStart: true}))
	}
	if q.client, err = river.NewClient(driver, config); err != nil {
		return nil, fmt.Errorf("open job queue: %w", err)
	}
	return q, nil
}

// Insert queues a job within a transaction, to run after a delay.
func (q *Queue) Insert(ctx context.Context, tx *sql.Tx, j Job, delay time.Duration) error {
	opts := &river.InsertOpts{}
	if delay > 0 {
		opts.ScheduledAt = time.Now().Add(delay)
	}
	_, err := q.client.InsertTx(ctx, tx, args{j}, opts)
	return err
}

// Run works on jobs until ctx ends, then lets those that run finish for a while.
func (q *Queue) Run(ctx context.Context, handlers map[string]Handler) error {
	q.handlers = handlers
	if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start job queue: %w", err)
	}
	<-ctx.Done()
	soft, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := q.client.Stop(soft); err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return q.client.StopAndCancel(hard)
}

type worker struct {
	river.WorkerDefaults[args]
	queue *Queue
}

func (w *worker) Work(ctx context.Context, r *river.Job[args]) (err error) {
	j := r.Args.Job
	j.Attempt, j.Last = r.Attempt, r.Attempt >= r.MaxAttempts
	log := w.queue.log.With("job", j.Kind, "file_id", j.FileID, "attempt", j.Attempt)
	h := w.queue.handlers[j.Kind]
	if h == nil {
		log.Error("job is not known")
		return river.JobCancel(fmt.Errorf("no job %q", j.Kind))
	}
	start := time.Now()
	defer func() {
		log = log.With("seconds", time.Since(start).Seconds())
		if err != nil {
			log.Warn("job failed", "error", err.Error(), "again", !j.Last)
			return
		}
		log.Info("job done")
	}()
	return h(ctx, j)
}

// backoff waits 2, 8, 32, 128 seconds, more or less by a quarter.
type backoff struct{}

func (backoff) NextRetry(j *rivertype.JobRow) time.Time {
	wait := time.Second << (2*j.Attempt - 1)
	return time.Now().Add(time.Duration(float64(wait) * (0.75 + rand.Float64()/2)))
}

// levelFloor drops what is below a level.
type levelFloor struct {
	slog.Handler
	floor slog.Level
}

func (h levelFloor) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= h.floor && h.Handler.Enabled(ctx, l)
}

func (h levelFloor) WithAttrs(a []slog.Attr) slog.Handler {
	return levelFloor{h.Handler.WithAttrs(a), h.floor}
}

func (h levelFloor) WithGroup(g string) slog.Handler {
	return levelFloor{h.Handler.WithGroup(g), h.floor}
}

var _ json.Marshaler = args{}

// MarshalJSON keeps the fields of a job flat.
func (a args) MarshalJSON() ([]byte, error) { return json.Marshal(a.Job) }

// UnmarshalJSON is its counterpart.
func (a *args) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &a.Job) }
