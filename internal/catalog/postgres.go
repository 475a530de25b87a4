package catalog

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"freshet/internal/errs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Advisory locks are numbers that all who use a database share. The trigger on
// history has one more, in its migration.
const (
	migrationLock = 0x66726573686574 // "freshet"
	quotaLock     = migrationLock + 1
)

// dbMicros is the time by the server's clock.
const dbMicros = `(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT`

var postgresDialect = dialect{
	shared:     true,
	forUpdate:  " FOR UPDATE",
	lockQuotas: fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", quotaLock),
	slots:      16,
	lastAudit:  `SELECT number, hash FROM audit_last()`,
	elements:   func(n int) string { return fmt.Sprintf("(SELECT json_array_elements_text($%d::json))", n) },
	find:       func(*where, string, string, bool) {}, // LIKE uses the index of trigrams where that pays
	class:      classPostgres,
}

func (s *Store) openPostgres(ctx context.Context, rawURL string) error {
	s.dialect = postgresDialect
	set, err := parsePostgres(rawURL)
	if err != nil {
		return err
	}
	s.patience = 2 * set.statementTimeout
	if s.pool, err = pgxpool.NewWithConfig(ctx, set.pool); err != nil {
		return fmt.Errorf("open catalog: %w", err)
	}
	s.write = sql.OpenDB(connector{stdlib.GetPoolConnector(s.pool)})
	s.write.SetMaxIdleConns(0) // idle ones go back to the pool, which River uses too
	s.read = s.write
	if err := s.reach(ctx, set); err != nil {
		return err
	}
	if err := s.migratePostgres(ctx, set.pool.ConnConfig.Copy()); err != nil {
		return err
	}
	if err := s.measure(ctx); err != nil {
		return fmt.Errorf("open catalog: %w", err)
	}
	last, err := s.LastEvent(ctx)
	if err != nil {
		return fmt.Errorf("open catalog: %w", err)
	}
	s.bus = newBus(s, set.pool.ConnConfig.Copy(), last)
	return nil
}

// oldestPostgres is the first version where the owner of a database may create pg_trgm.
const oldestPostgres = 130000

// reach makes the first connection, so that what is wrong with the settings is said at the start.
func (s *Store) reach(ctx context.Context, set *postgresSettings) error {
	var version int
	err := s.read.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::INT`).Scan(&version)
	at := fmt.Sprintf("%s:%d", set.pool.ConnConfig.Host, set.pool.ConnConfig.Port)
	switch code := sqlState(err); {
	case strings.HasPrefix(code, "28"):
		return errs.E(errs.Invalid, "bad-catalog", "Postgres at %s refuses the user or the password", at).WithHint("check --catalog, and pg_hba.conf").Because(err)
	case code == "3D000":
		return errs.E(errs.Invalid, "bad-catalog", "Postgres at %s has no database %q", at, set.pool.ConnConfig.Database).WithHint("make it with: createdb").Because(err)
	case ctx.Err() != nil:
		return err
	case err != nil:
		return errs.E(errs.Unavailable, "catalog-down", "Postgres at %s does not answer", at).After(2 * time.Second).WithHint("does it run, and is --catalog right?").Because(err)
	case version < oldestPostgres:
		return errs.E(errs.Invalid, "bad-catalog", "Postgres must be version 13 or newer, that at %s is %d", at, version/10000)
	}
	return nil
}

// migratePostgres brings the tables up to date. Nodes that start at once wait
// for each other by a session lock; it is asked for again and again rather than
// waited for, since who waits inside of Postgres blocks CREATE INDEX CONCURRENTLY.
// It runs without the time limits of requests.
func (s *Store) migratePostgres(ctx context.Context, config *pgx.ConnConfig) error {
	delete(config.RuntimeParams, "statement_timeout")
	delete(config.RuntimeParams, "idle_in_transaction_session_timeout")
	db := stdlib.OpenDB(*config)
	defer db.Close()
	locker, err := newLocker()
	if err != nil {
		return err
	}
	if err := s.needTrigrams(ctx); err != nil {
		return err
	}
	if err := migrate(ctx, goose.DialectPostgres, db, "migrations/postgres", goose.WithSessionLocker(locker)); err != nil {
		return fmt.Errorf("open catalog: %w", s.down(err))
	}
	return nil
}

func newLocker() (lock.SessionLocker, error) {
	return lock.NewPostgresSessionLocker(lock.WithLockID(migrationLock), lock.WithLockTimeout(1, 600))
}

// Exclusive runs f while no other node migrates tables of this database.
func (s *Store) Exclusive(ctx context.Context, f func(context.Context) error) error {
	if !s.shared {
		return f(ctx)
	}
	locker, err := newLocker()
	if err != nil {
		return err
	}
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return s.down(err)
	}
	defer conn.Close() // gives it back
	if err := locker.SessionLock(ctx, conn); err != nil {
		return s.down(err)
	}
	return errors.Join(f(ctx), locker.SessionUnlock(context.WithoutCancel(ctx), conn))
}

// needTrigrams has the extension that finds parts of names.
func (s *Store) needTrigrams(ctx context.Context) error {
	var there bool
	err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm')`).Scan(&there)
	if err != nil || there {
		return s.down(err)
	}
	err = s.Exclusive(ctx, func(ctx context.Context) error {
		_, err := s.write.ExecContext(ctx, `CREATE EXTENSION IF NOT EXISTS pg_trgm`)
		return err
	})
	if err != nil && sqlState(err) != "" && s.class(err) == other {
		return errs.E(errs.Invalid, "no-pg-trgm", "the extension pg_trgm, which finds parts of names, cannot be had").
			WithHint("install Postgres's contrib modules, and have who may do so run: CREATE EXTENSION pg_trgm").Because(err)
	}
	return s.down(err)
}

// connector makes connections that take any string as text.
type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	dc, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{dc.(*stdlib.Conn)}, nil
}

type conn struct{ *stdlib.Conn }

func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if s, ok := v.Value.(string); ok {
		v.Value = text(s)
	}
	return nil
}

func pgxConn(dc any) *pgx.Conn { return dc.(*conn).Conn.Conn() }

// sqlState is the code of an error that Postgres itself reports, or empty.
func sqlState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func classPostgres(err error) class {
	var connecting *pgconn.ConnectError
	if errors.As(err, &connecting) {
		return gone
	}
	code := sqlState(err)
	switch code {
	case "":
		if broken(err) {
			return lost
		}
		return other
	case "23505":
		return unique
	case "40001", "40P01": // serialization failure, deadlock
		return again
	case "57P01", "57P02", "57P05": // the administrator ends sessions, a crash, idle for too long
		return lost
	case "57014", "55P03", "57P03", "25006", "58030": // statement and lock timeout, starting, a standby, I/O
		return gone
	case "53100":
		return full
	}
	switch code[:2] {
	case "08", "53": // the connection; connections or memory run out
		return gone
	case "25": // idle in transaction for too long, and the like
		if code == "25P03" || code == "25P04" {
			return lost
		}
	}
	return other
}

// broken tells that a connection ended below what Postgres says itself.
func broken(err error) bool {
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		pgconn.SafeToRetry(err) || errors.As(err, &network)
}
