// Package catalog is the seam for facts: files with their states and history,
// reports, keys. One SQL text serves SQLite and Postgres; catalogtest is the
// suite that both pass. What differs is in a dialect: sqlite.go and postgres.go.
//
// Create and Step are the only ways in which a file's status changes: each is
// one transaction with the history row, the counters and the job that it starts.
//
// Where the catalog is down a call gives Unavailable. If it was a change its
// answer may have been lost after it took effect, so that repeating it must be
// safe: a creation repeats with the same id (or idempotency key) and may be told
// that it is taken; a step, a commit of parts and an end of an upload may be
// told of the state that they themselves made; all else repeats without a trace.
package catalog

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"freshet/internal/errs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// Store is an open catalog.
type Store struct {
	dialect
	node    string // this process among those that share the catalog
	write   *sql.DB
	read    *sql.DB
	pool    *pgxpool.Pool // Postgres: what write and read are made of
	open    sync.Map      // *sql.Tx -> *pgx.Conn
	clock   clock
	enqueue func(context.Context, *sql.Tx, Job) error
	also    func(Event, File) (*Job, error)
	notify  func(Event, File)
	bus     *bus        // Postgres
	keyed   atomic.Bool // a key was made
	acts    acts
}

// dialect is what differs between the engines.
type dialect struct {
	// shared tells whether other processes may use the same catalog.
	shared bool
	// forUpdate ends a query whose rows nobody else may change before the transaction ends.
	forUpdate string
	// lockQuotas is a statement after which, until the end of the transaction,
	// nobody else counts what is open; empty where there is one writer.
	lockQuotas string
	// slots is over how many rows each counter is spread, so that writers do not wait for each other.
	slots uint64
	// lastAudit asks for the number and hash of the newest row of the audit log, alone
	// until the end of the transaction.
	lastAudit string
	// elements is, as a subquery, the strings of the JSON array that is parameter n.
	elements func(n int) string
	// find has a query look only at files whose name may have the part searched
	// for, and at those for which the condition also holds, unless it is empty.
	find func(w *where, search, also string, indexed bool)
	// class says what an error of the engine means.
	class func(error) class
	// patience is how long a call may take before the catalog counts as down; 0: for ever.
	patience time.Duration
}

// Open opens the catalog at a URL and brings its tables up to date:
//
//	sqlite:///path/to/catalog.db
//	postgres://user@host/database?max_connections=16&statement_timeout=30s
func Open(ctx context.Context, rawURL string) (*Store, error) {
	return open(ctx, rawURL, time.Now)
}

func open(ctx context.Context, rawURL string, local func() time.Time) (*Store, error) {
	id := make([]byte, 8)
	if _, err := rand.Read(id); err != nil {
		return nil, err
	}
	s := &Store{node: hex.EncodeToString(id), clock: clock{local: local}}
	scheme, rest, _ := strings.Cut(rawURL, "://")
	var err error
	switch scheme {
	case "sqlite":
		err = s.openSQLite(ctx, rest)
	case "postgres", "postgresql":
		err = s.openPostgres(ctx, rawURL)
	default:
		err = errs.E(errs.Invalid, "bad-catalog", "the catalog must be sqlite://PATH or postgres://USER@HOST/DATABASE, not %q", redact(rawURL))
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// redact is a URL without its secrets, which may be anywhere behind the host.
func redact(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(not a URL)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

func migrate(ctx context.Context, dialect goose.Dialect, db *sql.DB, dir string, opts ...goose.ProviderOption) error {
	sub, err := fs.Sub(migrations, dir)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, db, sub, opts...)
	if err != nil {
		return err
	}
	if pending, err := p.HasPending(ctx); err == nil && !pending {
		return nil // without a lock, since most starts have nothing to do
	}
	_, err = p.Up(ctx)
	return err
}

// Close closes the catalog.
func (s *Store) Close() error {
	if s.bus != nil {
		s.bus.close()
	}
	var err error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	if s.pool != nil {
		s.pool.Close()
	}
	return err
}

// DB is the writing pool, for the job queue, which shares it.
func (s *Store) DB() *sql.DB { return s.write }

// Pool is what DB is made of on Postgres, nil on SQLite.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Pgx is the connection of a transaction that the function of Enqueue was
// given, for a queue that speaks to Postgres by pgx. It is good until that
// function returns.
func (s *Store) Pgx(tx *sql.Tx) *pgx.Conn {
	c, _ := s.open.Load(tx)
	conn, _ := c.(*pgx.Conn)
	return conn
}

// Shared tells whether other nodes may use the same catalog.
func (s *Store) Shared() bool { return s.shared }

// Enqueue sets how jobs are queued: within the transaction of the step that starts them.
func (s *Store) Enqueue(f func(context.Context, *sql.Tx, Job) error) { s.enqueue = f }

// Within sets who may add a job to a step, in its transaction, which may be tried more than once.
func (s *Store) Within(f func(Event, File) (*Job, error)) { s.also = f }

// Notify sets who is told of every step once it is committed. On Postgres these
// are the steps of all nodes since Open, each once, in the order of their ids,
// with the file as it is by then (zero once it is gone); elsewhere a step is
// told right after its commit, by who made it.
func (s *Store) Notify(f func(Event, File)) {
	if s.bus != nil {
		s.bus.follow(f)
		return
	}
	s.notify = f
}

func (s *Store) told(ev Event, f File) {
	if s.notify != nil {
		s.notify(ev, f)
	}
}

// Ping tells whether the catalog can be written to.
func (s *Store) Ping(ctx context.Context) error {
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var n int
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM counters`).Scan(&n)
	})
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

// text is a string as every engine takes it: without zero bytes and broken
// UTF-8, which become U+FFFD as they would in JSON.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
