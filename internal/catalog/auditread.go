package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"
)

// AuditQuery is which rows of the audit log are asked for. What is empty or zero
// is not asked for.
type AuditQuery struct {
	Actor, Action, Object, Result, Project string
	Since, Until                           time.Time // from the one on, before the other
	Before, After                          int64     // numbers
	OldestFirst                            bool
	Limit                                  int
}

// AuditRows gives rows, the newest first unless asked otherwise.
func (s *Store) AuditRows(ctx context.Context, q AuditQuery) (out []AuditRow, err error) {
	if q.Before <= 0 {
		q.Before = math.MaxInt64
	}
	where, args := `number > $1 AND number < $2`, []any{q.After, q.Before}
	also := func(condition string, arg any) {
		args = append(args, arg)
		where += fmt.Sprintf(" AND "+condition, len(args))
	}
	for _, f := range []struct{ column, value string }{{"actor", q.Actor}, {"action", q.Action}, {"object", q.Object}, {"result", q.Result}, {"project", q.Project}} {
		if f.value != "" {
			also(f.column+" = $%d", SafeText(f.value, mostAuditText))
		}
	}
	if !q.Since.IsZero() {
		also("at >= $%d", micros(q.Since))
	}
	if !q.Until.IsZero() {
		also("at < $%d", micros(q.Until))
	}
	order := "DESC"
	if q.OldestFirst {
		order = "ASC"
	}
	args = append(args, q.Limit)
	err = s.look(ctx, func(ctx context.Context, db querier) error {
		out = make([]AuditRow, 0, min(q.Limit, 1000))
		return rows(ctx, db, func(r scanner) error {
			row, err := scanAudit(r)
			out = append(out, row)
			return err
		}, fmt.Sprintf(`SELECT %s FROM audit WHERE %s ORDER BY number %s LIMIT $%d`, auditColumns, where, order, len(args)), args...)
	})
	return out, err
}

// AuditHead is the audit log's head at a time: the root of the tree that its
// first Size rows make is in the signed note.
type AuditHead struct {
	Size int64
	At   time.Time
	Last []byte // hash of row Size
	Edge []byte // the tree's right edge, from which the next head is made
	Note string
}

const headColumns = `size, at, last, edge, note`

func scanHead(row scanner) (AuditHead, error) {
	var h AuditHead
	var at int64
	err := row.Scan(&h.Size, &at, &h.Last, &h.Edge, &h.Note)
	h.At = fromMicros(at)
	return h, err
}

// LastAuditHead is the newest head; its size is 0 where there is none.
func (s *Store) LastAuditHead(ctx context.Context) (h AuditHead, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		h, err = lastHead(ctx, q)
		return err
	})
	return h, err
}

func lastHead(ctx context.Context, q querier) (AuditHead, error) {
	h, err := scanHead(q.QueryRowContext(ctx, `SELECT `+headColumns+` FROM audit_heads ORDER BY size DESC LIMIT 1`))
	if errors.Is(err, sql.ErrNoRows) {
		return AuditHead{}, nil
	}
	return h, err
}

// AuditHeads gives up to limit heads of more rows than after, the smallest first;
// where newestFirst, of fewer rows than after, the largest first.
func (s *Store) AuditHeads(ctx context.Context, after int64, newestFirst bool, limit int) (out []AuditHead, err error) {
	where := `size > $1 ORDER BY size`
	if newestFirst {
		where = `size < $1 ORDER BY size DESC`
	}
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = nil
		return rows(ctx, q, func(r scanner) error {
			h, err := scanHead(r)
			out = append(out, h)
			return err
		}, `SELECT `+headColumns+` FROM audit_heads WHERE `+where+` LIMIT $2`, after, limit)
	})
	return out, err
}

// AddAuditHead adds a head that follows the one of size before. It is false where
// another node's came first.
func (s *Store) AddAuditHead(ctx context.Context, h AuditHead, before int64) (added bool, err error) {
	err = s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		added = false
		var n sql.NullInt64
		var hash []byte
		// alone, as if it were to write a row
		if err := tx.QueryRowContext(ctx, s.lastAudit).Scan(&n, &hash); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		last, err := lastHead(ctx, tx)
		if err != nil || last.Size != before {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO audit_heads (`+headColumns+`) VALUES ($1, $2, $3, $4, $5)`, h.Size, micros(h.At), h.Last, h.Edge, h.Note)
		added = err == nil
		return err
	})
	return added, err
}

// AuditUnsigned is when the oldest row was written that no head covers, zero
// where all are covered.
func (s *Store) AuditUnsigned(ctx context.Context) (time.Time, error) {
	var at sql.NullInt64
	err := s.look(ctx, func(ctx context.Context, q querier) error {
		return q.QueryRowContext(ctx, `SELECT MIN(at) FROM audit WHERE number = (SELECT COALESCE(MAX(size), 0) + 1 FROM audit_heads)`).Scan(&at)
	})
	return fromMicros(at.Int64), err
}
