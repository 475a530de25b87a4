package job

import (
	"context"
	"database/sql"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// sqlite is the queue of one process.
type sqlite struct {
	client *river.Client[*sql.Tx]
	db     *sql.DB
}

func (q *Queue) openSQLite(ctx context.Context, db Database, config *river.Config) error {
	driver := riversqlite.New(db.SQL)
	if err := migrate(ctx, driver, alone); err != nil {
		return err
	}
	e := &sqlite{db: db.SQL}
	// Nobody else runs jobs of this database: what was running when a process died
	// is taken up again now, rather than when River notices, which for jobs
	// without a time limit is never.
	if err := e.giveBack(ctx); err != nil {
		return err
	}
	var err error
	e.client, err = river.NewClient(driver, config)
	q.client, q.engine = e.client, e
	return err
}

func (e *sqlite) insert(ctx context.Context, tx *sql.Tx, a args, opts *river.InsertOpts) error {
	_, err := e.client.InsertTx(ctx, tx, a, opts)
	return err
}

// takeUp has nothing to do: there is no other process.
func (e *sqlite) takeUp(context.Context) error { return nil }

func (e *sqlite) giveBack(ctx context.Context) error {
	_, err := e.db.ExecContext(ctx, `UPDATE river_job SET state = 'available' WHERE state = 'running'`)
	return err
}

// wake writes times as River does, since they are compared as text.
func (e *sqlite) wake(ctx context.Context, kind string) error {
	_, err := e.db.ExecContext(ctx, `UPDATE river_job SET state = 'available', scheduled_at = strftime('%Y-%m-%d %H:%M:%f', 'now')
		WHERE (state = 'scheduled' OR state = 'available' AND scheduled_at > strftime('%Y-%m-%d %H:%M:%f', 'now')) AND args ->> 'job' = ?`, kind)
	return err
}
