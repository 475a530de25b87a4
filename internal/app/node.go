package app

import (
	"context"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/job"
)

// queueDatabase is where the jobs are kept: with the facts.
func queueDatabase(c *catalog.Store) job.Database {
	db := job.Database{SQL: c.DB()}
	if c.Shared() {
		db.Postgres = &job.Postgres{Pool: c.Pool(), Conn: c.Pgx, Node: c.Node(), Dead: catalog.NodeDead, Now: c.Now, Exclusive: c.Exclusive}
	}
	return db
}

// beat says again and again that this node lives, and takes up the jobs of
// those that do not, until ctx ends; then it says that this one is gone. One
// that cannot say so is logged: the others will take its jobs for abandoned.
func (a *App) beat(ctx context.Context) {
	tick := time.NewTicker(catalog.BeatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), catalog.BeatEvery)
			defer cancel()
			if err := a.catalog.Leave(last); err != nil {
				a.log.Warn("cannot say that this node is gone", "error", err.Error())
			}
			return
		case <-tick.C:
		}
		err := a.catalog.Beat(ctx)
		if err == nil {
			err = a.uploads.Alive(ctx)
		}
		if err == nil {
			err = a.queue.TakeUp(ctx)
		}
		if err != nil && ctx.Err() == nil {
			a.log.Warn("cannot say that this node lives", "error", err.Error())
		}
	}
}
