// Package catalog is the seam for facts: files with their states and history,
// reports, keys. One SQL text serves SQLite and Postgres; catalogtest is the
// suite that both pass.
//
// Create and Step are the only ways in which a file's status changes: each is
// one transaction with the history row, the counters and the job that it starts.
package catalog

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"freshet/internal/durable"
	"freshet/internal/errs"

	"github.com/pressly/goose/v3"
	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations
var migrations embed.FS

// Store is an open catalog.
type Store struct {
	write   *sql.DB // SQLite: one connection, shared with the job queue
	read    *sql.DB
	enqueue func(context.Context, *sql.Tx, Job) error
	within  func(Event, File) (*Job, error)
	notify  func(Event, File)
}

// Open opens the catalog at a URL, sqlite:///path/to/catalog.db, and brings its
// tables up to date.
func Open(ctx context.Context, rawURL string) (*Store, error) {
	path, ok := strings.CutPrefix(rawURL, "sqlite://")
	if !ok {
		return nil, errs.E(errs.Invalid, "bad-catalog", "the catalog must be sqlite://PATH, not %q", redact(rawURL))
	}
	if err := durable.MkdirAll(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("open catalog: %w", err)
	}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_time_format=sqlite" +
		"&_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=cache_size(-8000)"
	write, err := sql.Open("sqlite", dsn+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1) // one writer: SQLite has no more, and waiting here is fair
	s := &Store{write: write}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open catalog: %w", down(err)), write.Close())
	}
	s.read, err = sql.Open("sqlite", dsn+"&_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	s.read.SetMaxOpenConns(4)
	return s, nil
}

func redact(raw string) string {
	if u, err := url.Parse(raw); err == nil {
		return u.Redacted()
	}
	return "(not a URL)"
}

func (s *Store) migrate(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, s.write, dir)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// Close closes the catalog.
func (s *Store) Close() error { return errors.Join(s.read.Close(), s.write.Close()) }

// DB is the writing pool, for the job queue, which shares it.
func (s *Store) DB() *sql.DB { return s.write }

// Enqueue sets how jobs are queued: within the transaction of the step that starts them.
func (s *Store) Enqueue(f func(context.Context, *sql.Tx, Job) error) { s.enqueue = f }

// Within sets who may add a job to a step, in its transaction.
func (s *Store) Within(f func(Event, File) (*Job, error)) { s.within = f }

// Notify sets who is told of every step once it is committed.
func (s *Store) Notify(f func(Event, File)) { s.notify = f }

// Ping tells whether the catalog can be written to.
func (s *Store) Ping(ctx context.Context) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		var n int
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM counters`).Scan(&n)
	})
}

// tx runs f in a transaction that takes the write lock at once.
func (s *Store) tx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return down(err)
	}
	if err := f(tx); err != nil {
		return errors.Join(down(err), rollback(tx))
	}
	if err := durable.Commit(tx.Commit); err != nil {
		return errors.Join(down(err), rollback(tx))
	}
	return nil
}

func rollback(tx *sql.Tx) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

// down turns the errors of a catalog that is locked or gone into Unavailable,
// so that clients try again.
func down(err error) error {
	var e *sqlite.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return errs.E(errs.Unavailable, "catalog-down", "the catalog does not answer").After(2 * time.Second).
			WithHint("nothing is lost; try again").Because(err)
	case sqlite3.SQLITE_FULL:
		return errs.E(errs.NoSpace, "no-space", "the storage is almost full").Because(err)
	}
	return err
}

func isUnique(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
