package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// most sends small files 16 at once and looks who is busy.
func (r *costRun) most(ctx context.Context) error {
	n, at := r.size(600, 160), 16
	a, err := r.meter.readNow(ctx)
	if err != nil {
		return err
	}
	looking, stop := context.WithCancel(ctx)
	waits, looks := map[string]float64{}, 0.0
	looked := make(chan error, 1)
	db, err := pgx.Connect(ctx, r.st.args[1])
	if err != nil {
		stop()
		return err
	}
	defer db.Close(r.b.ctx)
	go func() { // samples, each a look at all sessions
		var err error
		for err == nil && pause(looking, 50*time.Millisecond) == nil {
			err = look(ctx, db, waits)
			looks++
		}
		looked <- err
	}()
	err = r.small(ctx, n, at, nil)
	stop()
	err = firstOf(err, <-looked)
	if err != nil {
		return err
	}
	z, err := r.meter.readNow(ctx)
	s := z.at.Sub(a.at).Seconds()
	w := z.work.Minus(a.work, 1).Per(s * 1000)
	m := &r.out.Most
	m.UploadsAtOnce, m.UploadsPerSecond, m.NodeCores, m.PostgresCores, m.BucketCores = at, float64(n)/s, w.NodeMS, w.PostgresMS, w.BucketMS
	for k := range waits {
		waits[k] /= looks
	}
	m.Waits = waits
	return err
}

// look adds the sessions at work by what they wait for at this moment.
func look(ctx context.Context, db *pgx.Conn, waits map[string]float64) error {
	rows, err := db.Query(ctx, `SELECT COALESCE(wait_event_type || ' ' || wait_event, 'CPU'), COUNT(*) FROM pg_stat_activity
		WHERE backend_type = 'client backend' AND state = 'active' AND pid <> pg_backend_pid() AND datname = current_database() GROUP BY 1`)
	if err != nil {
		return err
	}
	var what string
	var n float64
	_, err = pgx.ForEachRow(rows, []any{&what, &n}, func() error { waits[what] += n; return nil })
	return err
}

// commits measures what this Postgres gives to transactions of one row: in one
// session, in many, and in many where each waits for the one before, as those
// that write history do.
func (r *costRun) commits(ctx context.Context) error {
	if _, err := r.meter.db.Exec(ctx, "CREATE TABLE bench_plain (n BIGINT, t TEXT)"); err != nil {
		return err
	}
	const plain = "INSERT INTO bench_plain VALUES (1, repeat('x', 100))"
	const ordered = "INSERT INTO history (id, file_id, at, actor, action, from_status, to_status, detail) VALUES (0, 'bench', 0, '', '', '', '', repeat('x', 60))"
	serial, err := r.rate(ctx, plain, 1)
	if err != nil {
		return err
	}
	const sessions = 16
	m := &r.out.Most
	m.SerialMS, m.ParallelSessions = 1000/serial, sessions
	if m.PlainPerSecond, err = r.rate(ctx, plain, sessions); err != nil {
		return err
	}
	m.OrderedPerSecond, err = r.rate(ctx, ordered, sessions)
	return err
}

// rate is how many times a second sessions commit a statement, over 3 s.
func (r *costRun) rate(ctx context.Context, statement string, sessions int) (float64, error) {
	const d = 3 * time.Second
	counts := make([]int, sessions)
	begin := time.Now()
	err := many(sessions, sessions, func(i int) error {
		db, err := pgx.Connect(ctx, r.st.args[1])
		if err != nil {
			return err
		}
		defer db.Close(r.b.ctx)
		for ; time.Since(begin) < d && err == nil; counts[i]++ {
			_, err = db.Exec(ctx, statement)
		}
		return err
	})
	n := 0
	for _, c := range counts {
		n += c
	}
	return float64(n) / time.Since(begin).Seconds(), err
}
