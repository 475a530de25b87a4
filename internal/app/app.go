// Package app puts a server together from its configuration. It is the only
// package that knows every driver, and has no logic of its own.
package app

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"freshet/internal/audit"
	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/config"
	"freshet/internal/durable"
	"freshet/internal/errs"
	"freshet/internal/httpapi"
	"freshet/internal/job"
	"freshet/internal/listen"
	"freshet/internal/live"
	"freshet/internal/promote"
	"freshet/internal/rule"
	"freshet/internal/scan"
	"freshet/internal/upload"
	"freshet/internal/validate"
	"freshet/internal/webhook"
	"freshet/web"
)

// drainTime is how long requests in flight may take to finish at the end.
const drainTime = 30 * time.Second

// App is a server that is ready to run.
type App struct {
	config   config.Config
	log      *slog.Logger
	lock     *os.File
	catalog  *catalog.Store
	blobs    blob.Store
	board    *live.Board
	queue    *job.Queue
	uploads  *upload.Service
	checks   *check.Service
	promoter *promote.Promoter
	edge     *httpapi.Server
	audit    *audit.Log
	webhook  *webhook.Sender
	tls      *tls.Config // nil: plain HTTP
	bounds   *listen.Bounds
	scanner  *scan.Scanner // nil: there is none
	up       atomic.Bool
}

// Open opens everything the server needs. The caller runs or closes it.
func Open(ctx context.Context, c config.Config, version string, log *slog.Logger) (_ *App, err error) {
	a := &App{config: c, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	durable.Private() // the data directory may be one that all may look into
	// off-heap needs and a little garbage beside the budget: collect sooner near it, rather than grow
	debug.SetMemoryLimit(int64(c.MemoryBudget) + 64<<20)
	debug.SetGCPercent(50)
	if a.lock, err = LockDataDir(c.DataDir, "listening on "+c.Listen); err != nil {
		return nil, err
	}
	if err := a.secure(); err != nil {
		return nil, err
	}
	if a.catalog, err = catalog.Open(ctx, c.Catalog); err != nil {
		return nil, err
	}
	if err := a.catalog.Beat(ctx); err != nil { // before it has jobs, which are those of a node that lives
		return nil, err
	}
	if err := a.keys(ctx); err != nil {
		return nil, err
	}
	if a.audit, err = a.openAudit(ctx, &c); err != nil {
		return nil, err
	}
	blobs, err := OpenBlobs(ctx, c)
	if err != nil {
		return nil, err
	}
	scratch, err := a.scratchDir()
	if err != nil {
		return nil, err
	}
	workers := min(32, 2*runtime.NumCPU())
	a.queue, err = job.Open(ctx, queueDatabase(a.catalog), max(4, workers), []job.Lane{{Kind: check.ScanJob, Workers: scan.AtOnce}}, a.periodic(), log)
	if err != nil {
		return nil, err
	}
	a.wireQueue()
	if err := a.wireScanner(); err != nil {
		return nil, err
	}
	policy, err := rule.ParsePolicy(c.ContentPolicy)
	if err != nil {
		return nil, err
	}
	a.blobs = blobs
	board := live.NewBoard()
	a.board = board
	a.promoter = &promote.Promoter{Catalog: a.catalog, Blobs: blobs, Log: log}
	a.checks = &check.Service{Catalog: a.catalog, Blobs: blobs, Promoter: a.promoter, Scanner: a.scanner, Policy: policy, Board: board, Manual: c.Promote == "manual", Engine: "freshet " + version, Log: log,
		Validate: validate.Config{Scratch: scratch, MaxFindings: c.MaxFindings}}
	a.uploads = &upload.Service{Catalog: a.catalog, Blobs: blobs, Checks: a.checks, Board: board, Budget: upload.NewBudget(int64(c.MemoryBudget)),
		PartSize: int64(c.PartSize), MaxFileSize: int64(c.MaxFileSize), MaxOpen: c.MaxOpenUploads, Lifetime: c.AbandonedAfter, Stall: c.StallTimeout, SHA256: c.SHA256, Log: log}
	a.edge = &httpapi.Server{Catalog: a.catalog, Blobs: blobs, Uploads: a.uploads, Checks: a.checks, Promoter: a.promoter, Board: board, Audit: a.audit, Log: log, Ready: a.ready,
		Settings: httpapi.Settings{CORSOrigins: c.CORSOrigin, MinRate: int64(c.MinRate), Stall: c.StallTimeout, MaxFileSize: int64(c.MaxFileSize), MaxFindings: c.MaxFindings,
			FailedAfter: c.FailedAfter, AbandonedAfter: c.AbandonedAfter, DeprecatedAfter: c.DeprecatedAfter, Manual: c.Promote == "manual", MemoryBudget: int64(c.MemoryBudget),
			PartSize: int64(c.PartSize), MaxWorkers: workers, MaxOpenUploads: c.MaxOpenUploads, Version: version, KeyRequests: c.KeyRequests, KeyRate: int64(c.KeyRate),
			Proxies: c.Networks(), MetricsApart: c.AdminListen != ""},
		Console: web.Console, Connections: a.bounds.Open}
	return a, a.tokens()
}

// LockDataDir makes a data directory and takes it for this process, until the
// file is closed. doing is what others are told of it.
func LockDataDir(dir, doing string) (*os.File, error) {
	if err := durable.MkdirAll(dir); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	path := filepath.Join(dir, "lock")
	f, err := durable.Lock(path)
	if errors.Is(err, durable.ErrLocked) {
		who, _ := os.ReadFile(path) // only to be helpful
		return nil, errs.E(errs.Conflict, "data-dir-in-use", "the data directory %s is used by another server: %s", dir, strings.TrimSpace(string(who))).
			WithHint("stop it, or choose another with --data-dir")
	}
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt(fmt.Appendf(nil, "process %d on %s, %s\n", os.Getpid(), host, doing), 0)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// scratchDir empties the directory for what does not fit into memory. Where the
// disk is nearly full no new scratch file is begun.
func (a *App) scratchDir() (validate.Scratch, error) {
	dir := filepath.Join(a.config.DataDir, "scratch")
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("empty scratch directory: %w", err)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("make scratch directory: %w", err)
	}
	create := validate.ScratchIn(dir)
	return func() (*os.File, error) {
		if free, err := durable.DiskFree(dir); err == nil && free >= 0 && free < int64(a.config.DiskReserve) {
			return nil, errs.E(errs.NoSpace, "no-space", "the storage is almost full").WithHint("free space or delete files, then send it again")
		}
		return create()
	}, nil
}

const retainJob = "retain"

// recoverEvery is how often nodes look for what one that died was receiving.
const recoverEvery = 15 * time.Second

func (a *App) periodic() []job.Periodic {
	all := []job.Periodic{{Kind: upload.SweepJob, Every: a.config.SweepEvery}, {Kind: retainJob, Every: a.config.SweepEvery}}
	if a.catalog.Shared() {
		all = append(all, job.Periodic{Kind: upload.RecoverJob, Every: recoverEvery})
	}
	return all
}

// wireQueue has the catalog's steps queue their jobs in their own transactions.
func (a *App) wireQueue() {
	a.catalog.Enqueue(func(ctx context.Context, tx *sql.Tx, j catalog.Job) error {
		return a.queue.Insert(ctx, tx, job.Job{Kind: j.Kind, FileID: j.FileID, Args: j.Args}, j.After)
	})
	if a.config.WebhookURL == "" {
		return
	}
	a.webhook = &webhook.Sender{URL: a.config.WebhookURL, Secret: a.config.WebhookSecret, Client: &http.Client{}}
	a.catalog.Within(func(e catalog.Event, f catalog.File) (*catalog.Job, error) {
		if !webhook.Wanted(e) {
			return nil, nil
		}
		j, err := webhook.For(e, f)
		return &j, err
	})
}

// wireScanner has files that wait for the scanner scanned when it comes.
func (a *App) wireScanner() error {
	client, err := scan.Parse(a.config.Scan)
	if err != nil || client == nil {
		return err
	}
	a.scanner = scan.New(client, a.log)
	a.scanner.OnUp(func() {
		if err := a.queue.Wake(context.Background(), check.ScanJob); err != nil {
			a.log.Error("files that wait for the scanner are scanned later", "error", err.Error())
		}
	})
	return nil
}

// watchScanner watches it until what it gives is called.
func (a *App) watchScanner(ctx context.Context) (stop func()) {
	if a.scanner == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	over := make(chan struct{})
	go func() {
		defer close(over)
		a.scanner.Run(ctx)
	}()
	return func() {
		cancel()
		<-over
	}
}

func (a *App) handlers() map[string]job.Handler {
	c := &a.config
	return map[string]job.Handler{
		check.ValidateJob:  func(ctx context.Context, j job.Job) error { return a.checks.Run(ctx, j.FileID, j.Last) },
		check.ScanJob:      func(ctx context.Context, j job.Job) error { return a.checks.Scan(ctx, j.FileID, j.Last) },
		promote.SettleJob:  func(ctx context.Context, j job.Job) error { return a.checks.Backstop(ctx, j.FileID) },
		upload.CompleteJob: func(ctx context.Context, j job.Job) error { return a.uploads.RunComplete(ctx, j.FileID) },
		promote.EraseJob:   func(ctx context.Context, j job.Job) error { return a.promoter.Erase(ctx, j.FileID, "system", j.Args) },
		upload.RecoverJob:  func(ctx context.Context, _ job.Job) error { return a.uploads.RecoverShared(ctx) },
		upload.SweepJob: func(ctx context.Context, _ job.Job) error {
			return a.uploads.SweepAll(ctx, c.FailedAfter)
		},
		retainJob: func(ctx context.Context, _ job.Job) error {
			return a.promoter.Retain(ctx, c.DeprecatedAfter)
		},
		webhook.Job: func(ctx context.Context, j job.Job) error {
			if a.webhook == nil {
				return nil // switched off meanwhile
			}
			return a.webhook.Send(ctx, j.Args["message"])
		},
	}
}

func (a *App) ready(ctx context.Context) error {
	if !a.up.Load() {
		return errors.New("starting or stopping")
	}
	if err := a.catalog.Ping(ctx); err != nil {
		return err
	}
	return blob.Reach(ctx, a.blobs)
}

// Run serves until ctx ends, then lets what is in flight finish. listening is
// told the address.
func (a *App) Run(ctx context.Context, listening func(net.Addr)) error {
	l, err := a.listen(a.config.Listen)
	if err != nil {
		return err
	}
	server := a.server(a.edge.Handler())
	defer a.watchScanner(ctx)() // for as long as there are jobs
	if err := errors.Join(a.uploads.Recover(ctx), a.checks.Recover(ctx)); err != nil {
		return errors.Join(fmt.Errorf("recover: %w", err), l.Close())
	}
	admin, err := a.serveAdmin()
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer admin.Close() // it tells of the end, too
	// the queue outlives the server: requests in flight still start jobs
	jobs, stopJobs := context.WithCancel(context.WithoutCancel(ctx))
	defer stopJobs()
	queued := make(chan error, 1)
	go func() {
		alive, gone := context.WithCancel(context.WithoutCancel(ctx))
		left := make(chan struct{})
		go func() {
			defer close(left)
			a.beat(alive)
		}()
		if a.catalog.Shared() {
			a.uploads.Listen()
			go a.board.Share(alive, func(ctx context.Context, m any) error { return a.catalog.Publish(ctx, live.Topic, m) })
		}
		err := a.queue.Run(jobs, a.handlers())
		gone() // once it has no jobs any more
		<-left
		queued <- err
	}()
	stopSigning := background(ctx, a.audit.Run)
	stopRefusals := background(ctx, a.edge.RememberRefusals)
	served := make(chan error, 1)
	debug.FreeOSMemory() // what only the start needed
	go func() { served <- server.Serve(l) }()
	a.up.Store(true)
	a.log.Info("ready", "address", l.Addr().String(), "data_dir", a.config.DataDir)
	if listening != nil {
		listening(l.Addr())
	}
	select {
	case <-ctx.Done():
	case err = <-served:
	}
	a.up.Store(false)
	a.log.Info("stopping")
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	a.edge.Drain(drain) // the address still answers /readyz, with 503
	if e := server.Shutdown(drain); e != nil {
		a.log.Warn("requests were cut off", "error", e.Error())
		err = errors.Join(err, server.Close())
	}
	stopJobs()
	err = errors.Join(ignoreClosed(err), <-queued)
	stopRefusals()
	stopSigning() // last: it signs what all others did
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func rootCause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// Close gives everything back.
func (a *App) Close() error {
	var closers []io.Closer
	if a.catalog != nil {
		closers = append(closers, a.catalog)
	}
	if disk, ok := a.blobs.(io.Closer); ok {
		closers = append(closers, disk)
	}
	if a.lock != nil {
		closers = append(closers, a.lock)
	}
	var err error
	for _, c := range closers {
		err = errors.Join(err, c.Close())
	}
	return err
}

// OpenCatalog opens only the facts, for commands that work beside a running server.
func OpenCatalog(ctx context.Context, c config.Config) (*catalog.Store, error) {
	if _, err := url.Parse(c.Catalog); err != nil {
		return nil, err
	}
	durable.Private()
	return catalog.Open(ctx, c.Catalog)
}
