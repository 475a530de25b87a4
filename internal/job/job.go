// Package job is the queue of work that must happen even if the process dies:
// a narrow face over River, which keeps its jobs in the catalog's database, so
// that a job is queued in the transaction of the fact that causes it.
//
// Handlers are idempotent: each may run twice, stop anywhere, or run beside its
// ghost. Jobs of a process that died are taken up at the next start (SQLite), or
// by another node once it is known to be gone (Postgres).
package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
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

// Handler does a job. An error has it tried again after a while; Later costs no try.
type Handler func(context.Context, Job) error

// Later is what a handler gives whose job cannot be done now, through no fault of
// its own: it waits for something that is away. Wake ends the wait.
type Later struct {
	After time.Duration
	Why   string
}

func (l Later) Error() string { return l.Why }

// Periodic is a job without arguments that runs again and again, and at start.
type Periodic struct {
	Kind  string
	Every time.Duration
}

// Lane is a kind of jobs that wait for something outside: they have workers of
// their own, so that however many wait, none of the others waits for them.
type Lane struct {
	Kind    string
	Workers int
}

// lanePoll is how often a lane is looked into where nothing tells of new jobs.
const lanePoll = 500 * time.Millisecond

// Queue takes and runs jobs.
type Queue struct {
	lanes    []Lane
	client   client
	engine   engine
	now      func() time.Time
	handlers map[string]Handler
	stopping atomic.Bool
	log      *slog.Logger
}

// client is what of River's client is the same for both engines.
type client interface {
	Start(context.Context) error
	Stop(context.Context) error
	StopAndCancel(context.Context) error
}

// engine is what differs between them.
type engine interface {
	insert(context.Context, *sql.Tx, args, *river.InsertOpts) error
	// takeUp makes the jobs of processes that are gone available again.
	takeUp(context.Context) error
	// giveBack does so with those that this process could not end.
	giveBack(context.Context) error
	// wake makes the jobs of a kind available that wait for their time.
	wake(ctx context.Context, kind string) error
}

// args is the one kind of job that River knows; ours is inside.
type args struct{ Job }

func (args) Kind() string { return "freshet" }

// Database is where the jobs are kept.
type Database struct {
	SQL      *sql.DB   // the catalog's; on SQLite its one writing connection
	Postgres *Postgres // nil: it is SQLite
}

// Open brings the queue's tables up to date.
func Open(ctx context.Context, db Database, workers int, lanes []Lane, periodic []Periodic, log *slog.Logger) (*Queue, error) {
	q := &Queue{lanes: lanes, log: log, now: time.Now}
	set := river.NewWorkers()
	river.AddWorker(set, &worker{queue: q})
	config := &river.Config{
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		Workers:           set,
		FetchCooldown:     10 * time.Millisecond,
		FetchPollInterval: 250 * time.Millisecond,
		JobTimeout:        -1, // a large file takes as long as it takes
		MaxAttempts:       MaxAttempts,
		RetryPolicy:       backoff{q},
		// River's own lines (leader elected, queue started) are not our users' business; its errors are
		Logger: slog.New(levelFloor{log.Handler(), slog.LevelError}),
	}
	for _, l := range lanes {
		config.Queues[l.Kind] = river.QueueConfig{MaxWorkers: l.Workers, FetchPollInterval: lanePoll}
	}
	for _, p := range periodic {
		config.PeriodicJobs = append(config.PeriodicJobs, river.NewPeriodicJob(river.PeriodicInterval(p.Every),
			func() (river.JobArgs, *river.InsertOpts) {
				return args{Job{Kind: p.Kind}}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
					rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled}}}
			}, &river.PeriodicJobOpts{RunOnStart: true}))
	}
	var err error
	if db.Postgres != nil {
		err = q.openPostgres(ctx, db, config)
	} else {
		err = q.openSQLite(ctx, db, config)
	}
	if err != nil {
		return nil, fmt.Errorf("open job queue: %w", err)
	}
	return q, nil
}

// migrate brings River's tables up to date, within lock where there is something to do.
func migrate[T any](ctx context.Context, driver riverdriver.Driver[T], lock func(context.Context, func(context.Context) error) error) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if is, err := m.Validate(ctx, nil); err == nil && is.OK {
		return nil
	}
	return lock(ctx, func(ctx context.Context) error {
		_, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	})
}

// Insert queues a job within a transaction of the catalog, to run after a delay.
func (q *Queue) Insert(ctx context.Context, tx *sql.Tx, j Job, delay time.Duration) error {
	opts := &river.InsertOpts{}
	if slices.ContainsFunc(q.lanes, func(l Lane) bool { return l.Kind == j.Kind }) {
		opts.Queue = j.Kind
	}
	if delay > 0 {
		opts.ScheduledAt = q.now().Add(delay)
	}
	return q.engine.insert(ctx, tx, args{j}, opts)
}

// TakeUp has the jobs of nodes that are gone done by others. Any node may call
// it at any time; nothing is to be taken up where there is one.
func (q *Queue) TakeUp(ctx context.Context) error { return q.engine.takeUp(ctx) }

// Wake has the jobs of a kind done now that wait: what they wait for is here.
func (q *Queue) Wake(ctx context.Context, kind string) error { return q.engine.wake(ctx, kind) }

// stopTime is how long jobs that run may take to finish at the end, and then,
// cancelled, to stop.
const stopTime = 10 * time.Second

// Run works on jobs until ctx ends, then lets those that run finish for a while.
// What does not is given back: it loses no try by it.
func (q *Queue) Run(ctx context.Context, handlers map[string]Handler) error {
	q.handlers = handlers
	if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start job queue: %w", err)
	}
	<-ctx.Done()
	soft, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := q.client.Stop(soft); err == nil {
		return nil
	}
	q.stopping.Store(true)
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	err := q.client.StopAndCancel(hard)
	if err == nil {
		return nil
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if e := q.engine.giveBack(last); e != nil {
		return fmt.Errorf("stop job queue: %w; give jobs back: %w", err, e)
	}
	return nil
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
		if err != nil && ctx.Err() != nil && w.queue.stopping.Load() {
			log.Info("job given back")
			err = river.JobSnooze(0)
			return
		}
		var later Later
		if errors.As(err, &later) {
			log.Debug("job waits", "reason", later.Why, "wait_seconds", later.After.Seconds())
			err = river.JobSnooze(later.After)
			return
		}
		if err != nil {
			log.Warn("job failed", "error", err.Error(), "again", !j.Last)
			return
		}
		log.Info("job done")
	}()
	return h(ctx, j)
}

// backoff waits 2, 8, 32, 128 seconds, more or less by a quarter.
type backoff struct{ queue *Queue }

func (b backoff) NextRetry(j *rivertype.JobRow) time.Time {
	wait := time.Second << (2*j.Attempt - 1)
	return b.queue.now().Add(time.Duration(float64(wait) * (0.75 + rand.Float64()/2)))
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
