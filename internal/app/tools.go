package app

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/config"
	"freshet/internal/errs"
	"freshet/internal/job"
	"freshet/internal/live"
	"freshet/internal/promote"
	"freshet/internal/upload"
	"freshet/internal/webhook"
)

// Tools is an installation as commands open it: facts and bytes, and what
// changes them together, but no server. Jobs are queued and left to servers.
type Tools struct {
	Catalog  *catalog.Store
	Blobs    blob.Store
	Promoter *promote.Promoter
	Uploads  *upload.Service
}

// OpenTools opens an installation that is there already.
func OpenTools(ctx context.Context, c config.Config, log *slog.Logger) (_ *Tools, err error) {
	if err := there(c.Catalog, c.Blobs); err != nil {
		return nil, err
	}
	return NewTools(ctx, c, log)
}

// there refuses to make what a command expects to find.
func there(urls ...string) error {
	for _, url := range urls {
		for _, scheme := range []string{"sqlite://", "file://"} {
			if path, ok := strings.CutPrefix(url, scheme); ok {
				if _, err := os.Stat(filepath.FromSlash(path)); errors.Is(err, os.ErrNotExist) {
					return errs.E(errs.NotFound, "no-installation", "there is nothing at %s", path).WithHint("is --data-dir right?")
				} else if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// OpenFacts opens only the facts of an installation that is there already.
func OpenFacts(ctx context.Context, c config.Config) (*catalog.Store, error) {
	if err := there(c.Catalog); err != nil {
		return nil, err
	}
	return OpenCatalog(ctx, c)
}

// NewTools opens an installation, and makes it where there is none.
func NewTools(ctx context.Context, c config.Config, log *slog.Logger) (*Tools, error) {
	blobs, err := OpenBlobs(ctx, c)
	if err != nil {
		return nil, err
	}
	facts, err := OpenCatalog(ctx, c)
	if err != nil {
		return nil, err
	}
	queue, err := job.OpenInsert(ctx, queueDatabase(facts))
	if err != nil {
		return nil, errors.Join(err, facts.Close())
	}
	facts.Enqueue(func(ctx context.Context, tx *sql.Tx, j catalog.Job) error {
		return queue.Insert(ctx, tx, job.Job{Kind: j.Kind, FileID: j.FileID, Args: j.Args}, j.After)
	})
	board := live.NewBoard()
	t := &Tools{Catalog: facts, Blobs: blobs, Promoter: &promote.Promoter{Catalog: facts, Blobs: blobs, Log: log}}
	checks := &check.Service{Catalog: facts, Blobs: blobs, Promoter: t.Promoter, Board: board, Log: log}
	t.Uploads = &upload.Service{Catalog: facts, Blobs: blobs, Checks: checks, Board: board, Lifetime: c.AbandonedAfter, Stall: time.Second, Log: log}
	return t, nil
}

// Webhooks are the messages that are still to be sent.
func (t *Tools) Webhooks(ctx context.Context) (out []catalog.Job, err error) {
	jobs, err := job.Waiting(ctx, queueDatabase(t.Catalog), webhook.Job)
	for _, j := range jobs {
		out = append(out, catalog.Job{Kind: j.Kind, FileID: j.FileID, Args: j.Args})
	}
	return out, err
}

// Alone makes sure that no server works on an installation, and that none
// begins to before the lock is closed where one can be held: in the data
// directory. On Postgres nodes say that they live; there is nothing to hold.
func (t *Tools) Alone(ctx context.Context, c config.Config) (io.Closer, error) {
	if t.Catalog.Shared() {
		nodes, err := t.Catalog.Nodes(ctx)
		for _, n := range nodes {
			if err == nil && t.Catalog.Now().Sub(n.Seen) < catalog.NodeDead {
				err = errs.E(errs.Conflict, "nodes-live", "a server runs on this catalog: %s", n.Name).
					WithHint("stop all of them; one that was killed counts as gone after %s", catalog.NodeDead)
			}
		}
		return io.NopCloser(nil), err
	}
	f, err := LockDataDir(c.DataDir, "migrating")
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Close closes it.
func (t *Tools) Close() error {
	err := t.Catalog.Close()
	if disk, ok := t.Blobs.(io.Closer); ok {
		err = errors.Join(err, disk.Close())
	}
	return err
}
