package job

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// OpenInsert opens the queue only to add jobs to it, beside those who work on
// them. Its tables are brought up to date; no job is taken up or given back.
func OpenInsert(ctx context.Context, db Database) (_ *Queue, err error) {
	q := &Queue{now: time.Now}
	config := &river.Config{MaxAttempts: MaxAttempts}
	if p := db.Postgres; p != nil {
		driver, e := riverpgxv5.New(p.Pool), &postgres{Postgres: *p}
		q.now, q.engine = p.Now, e
		if err = migrate(ctx, driver, p.Exclusive); err == nil {
			e.client, err = river.NewClient(driver, config)
		}
	} else {
		driver, e := riversqlite.New(db.SQL), &sqlite{db: db.SQL}
		q.engine = e
		if err = migrate(ctx, driver, alone); err == nil {
			e.client, err = river.NewClient(driver, config)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open job queue: %w", err)
	}
	return q, nil
}

// alone is the lock of a database that no other process uses.
func alone(ctx context.Context, f func(context.Context) error) error { return f(ctx) }
