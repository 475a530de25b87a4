package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"freshet/internal/durable"
	"freshet/internal/errs"
)

// class is what an error of an engine means to us.
type class int

const (
	other  class = iota
	unique       // a row with that key is there
	again        // transactions got in each other's way: from the start once more
	lost         // the connection broke
	gone         // the engine does not answer, or not now
	full         // there is no space
)

// errAgain has a transaction run once more: another was first.
var errAgain = errors.New("another transaction was first")

// tries is how often a transaction is begun before it is given up.
const tries = 6

// tx runs f in a transaction. Where transactions get in each other's way, or
// the connection breaks before the commit, it begins anew: f may run more than
// once, and sets all that it gives each time.
func (s *Store) tx(ctx context.Context, f func(context.Context, *sql.Tx) error) error {
	for try := 1; ; try++ {
		committing, err := s.once(ctx, f)
		if err == nil {
			return nil
		}
		c := s.classOf(err)
		if try == tries || ctx.Err() != nil || c != again && (c != lost || committing) {
			return s.down(err)
		}
		pause(ctx, try)
	}
}

// once is one try; committing tells that it may have taken effect.
func (s *Store) once(ctx context.Context, f func(context.Context, *sql.Tx) error) (committing bool, err error) {
	ctx, done := s.limited(ctx, &err)
	defer done()
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Close() // gives it back
	// SQLite takes the write lock here
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	if s.pool != nil {
		err := conn.Raw(func(c any) error {
			s.open.Store(tx, pgxConn(c))
			return nil
		})
		if err != nil {
			return false, errors.Join(err, rollback(tx))
		}
		defer s.open.Delete(tx)
	}
	if err := f(ctx, tx); err != nil {
		return false, errors.Join(err, rollback(tx))
	}
	if err := durable.Commit(tx.Commit); err != nil {
		return true, errors.Join(err, rollback(tx))
	}
	return false, nil
}

// rollback ends what has failed. That the connection is broken is no news then.
func rollback(tx *sql.Tx) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("roll back: %w", err)
	}
	return nil
}

// look runs f, which only reads. Where the connection breaks it reads again.
func (s *Store) look(ctx context.Context, f func(context.Context, querier) error) error {
	for try := 1; ; try++ {
		err := s.glance(ctx, f)
		if err == nil || try == tries || ctx.Err() != nil || s.classOf(err) != lost {
			return s.down(err)
		}
		pause(ctx, try)
	}
}

func (s *Store) glance(ctx context.Context, f func(context.Context, querier) error) (err error) {
	ctx, done := s.limited(ctx, &err)
	defer done()
	return f(ctx, s.read)
}

// querier is a transaction or a pool.
type querier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// rows hands each row of a query to f.
func rows(ctx context.Context, q querier, f func(scanner) error, query string, args ...any) error {
	r, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		if err := f(r); err != nil {
			return err
		}
	}
	return r.Err()
}

// errSilent is why a call is given up that has had its time.
var errSilent = errors.New("no answer in time")

// limited bounds a call by the engine's patience: a server that is stuck, or a
// network that swallows what is sent, must not hold requests for ever. done has
// to run before the error is used.
func (s *Store) limited(ctx context.Context, err *error) (context.Context, func()) {
	if s.patience == 0 {
		return ctx, func() {}
	}
	limited, cancel := context.WithTimeoutCause(ctx, s.patience, errSilent)
	return limited, func() {
		if *err != nil && ctx.Err() == nil && context.Cause(limited) == errSilent {
			*err = catalogDown(errors.Join(errSilent, *err))
		}
		cancel()
	}
}

// pause waits a little, and by chance not as long as others do.
func pause(ctx context.Context, try int) {
	t := time.NewTimer(time.Duration(rand.Int64N(int64(5*time.Millisecond) << try)))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

func (s *Store) classOf(err error) class {
	switch {
	case errors.Is(err, errAgain):
		return again
	case errors.Is(err, errSilent):
		return gone
	}
	return s.class(err)
}

func (s *Store) isUnique(err error) bool { return err != nil && s.class(err) == unique }

// down turns the errors of a catalog that is busy or gone into Unavailable, so
// that clients try again. What was cancelled stays cancelled.
func (s *Store) down(err error) error {
	var known *errs.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	switch s.classOf(err) {
	case again, lost, gone:
		return catalogDown(err)
	case full:
		return errs.E(errs.NoSpace, "no-space", "the storage is almost full").Because(err)
	}
	return err
}

func catalogDown(err error) error {
	return errs.E(errs.Unavailable, "catalog-down", "the catalog does not answer").After(2 * time.Second).
		WithHint("nothing is lost; try again").Because(err)
}

// lock has the row of a table that has an id to itself until the transaction
// ends. Nothing is asked where there is one writer.
func (s *Store) lock(ctx context.Context, tx *sql.Tx, table, id string) error {
	if s.forUpdate == "" {
		return nil
	}
	var n int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM `+table+` WHERE id = $1`+s.forUpdate, id).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
