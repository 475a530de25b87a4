package job

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// Postgres is what the queue of many nodes needs besides the database.
type Postgres struct {
	Pool *pgxpool.Pool // that the database/sql one is made of
	// Conn is the connection that a transaction of the catalog runs on.
	Conn func(*sql.Tx) *pgx.Conn
	// Node is this process's id in the catalog's table nodes.
	Node string
	// Dead is how long a node is not seen until its jobs are taken up.
	Dead time.Duration
	// Now is the time by the database's clock.
	Now func() time.Time
	// Exclusive runs what no other node may run at the same time.
	Exclusive func(context.Context, func(context.Context) error) error
}

type postgres struct {
	Postgres
	client *river.Client[pgx.Tx]
}

func (q *Queue) openPostgres(ctx context.Context, db Database, config *river.Config) error {
	driver := riverpgxv5.New(db.Postgres.Pool)
	if err := migrate(ctx, driver, db.Postgres.Exclusive); err != nil {
		return err
	}
	e := &postgres{Postgres: *db.Postgres}
	config.ID = e.Node
	config.Test.Time = clock{e.Now} // not only for tests: nodes go by one clock
	q.now = e.Now
	var err error
	e.client, err = river.NewClient(driver, config)
	q.client, q.engine = e.client, e
	return err
}

func (e *postgres) insert(ctx context.Context, tx *sql.Tx, a args, opts *river.InsertOpts) error {
	conn := e.Conn(tx)
	if conn == nil {
		return errors.New("queue a job: the transaction is not one of the catalog's")
	}
	_, err := e.client.InsertTx(ctx, pgxTx{conn}, a, opts)
	return err
}

// takeUp goes by who said last that it lives, by the database's clock, in one
// statement, so that no node that has just come is mistaken for one that is gone.
func (e *postgres) takeUp(ctx context.Context) error {
	_, err := e.Pool.Exec(ctx, `UPDATE river_job SET state = 'available', scheduled_at = now()
		WHERE state = 'running' AND NOT EXISTS (SELECT 1 FROM nodes WHERE nodes.id = attempted_by[array_upper(attempted_by, 1)]
			AND nodes.seen > (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT - $1::BIGINT)`, e.Dead.Microseconds())
	return err
}

func (e *postgres) giveBack(ctx context.Context) error {
	_, err := e.Pool.Exec(ctx, `UPDATE river_job SET state = 'available', scheduled_at = now()
		WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $1`, e.Node)
	return err
}

func (e *postgres) wake(ctx context.Context, kind string) error {
	_, err := e.Pool.Exec(ctx, `UPDATE river_job SET state = 'available', scheduled_at = now()
		WHERE (state = 'scheduled' OR state = 'available' AND scheduled_at > now()) AND args ->> 'job' = $1`, kind)
	return err
}

// clock has River go by the catalog's clock, and by now() in its statements.
type clock struct{ now func() time.Time }

func (c clock) Now() time.Time { return c.now() }

func (c clock) NowOrNil() *time.Time { return nil }

type connection = pgx.Conn

// pgxTx is a transaction that database/sql has begun, as pgx has them. Who began
// it ends it, and has none inside it.
type pgxTx struct{ *connection }

var errNotOurs = errors.New("the transaction is the catalog's")

func (t pgxTx) Conn() *pgx.Conn                     { return t.connection }
func (pgxTx) Begin(context.Context) (pgx.Tx, error) { return nil, errNotOurs }
func (pgxTx) Commit(context.Context) error          { return errNotOurs }
func (pgxTx) Rollback(context.Context) error        { return errNotOurs }
func (pgxTx) LargeObjects() pgx.LargeObjects        { return pgx.LargeObjects{} }
