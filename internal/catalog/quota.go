package catalog

import (
	"context"
	"database/sql"
	"time"

	"freshet/internal/errs"
)

// Usage is what of its limits a project has used. What has failed counts until it
// is cleaned up.
type Usage struct {
	Files int64
	Bytes int64 // with what open uploads have reserved
	Open  int64 // uploads
}

// Usage tells it.
func (s *Store) Usage(ctx context.Context, project string) (u Usage, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		u, err = usage(ctx, q, project)
		return err
	})
	return u, err
}

func usage(ctx context.Context, q querier, project string) (u Usage, err error) {
	err = q.QueryRowContext(ctx, `SELECT CAST(COALESCE(SUM(files), 0) AS BIGINT), CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM counters WHERE project = $1`, project).Scan(&u.Files, &u.Bytes)
	if err != nil {
		return u, err
	}
	var reserved float64 // sums of what clients say may be larger than numbers go
	err = q.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CAST(CASE WHEN size > committed THEN size ELSE committed END AS DOUBLE PRECISION)), 0)
		FROM uploads WHERE project = $1 AND state = $2 AND (part_of = '' OR NOT EXISTS (SELECT 1 FROM uploads whole WHERE whole.id = uploads.part_of AND whole.state = $2))`, project, string(UploadOpen)).Scan(&u.Open, &reserved)
	u.Bytes += int64(min(reserved, 1<<62))
	return u, err
}

// Room is how many bytes a project may still take, negative where it has no limit.
func (s *Store) Room(ctx context.Context, name string) (room int64, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		room = -1
		p, err := project(ctx, q, name, "")
		if err != nil || p.Settings.MaxBytes == 0 {
			return err
		}
		u, err := usage(ctx, q, name)
		room = max(0, p.Settings.MaxBytes-u.Bytes)
		return err
	})
	return room, err
}

// within refuses what has taken a project over its limits. It counts inside the
// transaction, alone among all that count: who comes later waits and then counts
// this one, so that no rush gets past, from whatever node. But for the history
// nothing comes after it.
func (s *Store) within(ctx context.Context, tx *sql.Tx, name string) error {
	p, err := project(ctx, tx, name, "")
	if err != nil || p.Settings.MaxFiles == 0 && p.Settings.MaxBytes == 0 && p.Settings.MaxOpenUploads == 0 {
		return err
	}
	if err := s.countAlone(ctx, tx); err != nil {
		return err
	}
	u, err := usage(ctx, tx, name)
	set := &p.Settings
	switch {
	case err != nil:
		return err
	case set.MaxOpenUploads > 0 && u.Open > set.MaxOpenUploads:
		return errs.E(errs.Unavailable, "too-many-uploads", "%d uploads of the project %s are open, which is as many as it may have", set.MaxOpenUploads, name).After(time.Minute).
			WithHint("finish or delete some; what is abandoned expires by itself")
	case set.MaxFiles > 0 && u.Files > set.MaxFiles:
		return errs.E(errs.TooLarge, "quota-exceeded", "the project %s has %d files, which is as many as it may have", name, set.MaxFiles).WithHint("delete some, or have an administrator raise its limit")
	case set.MaxBytes > 0 && u.Bytes > set.MaxBytes:
		return errs.E(errs.TooLarge, "quota-exceeded", "the project %s may have %d bytes, and this would make it %d", name, set.MaxBytes, u.Bytes).WithHint("delete files, or have an administrator raise its limit")
	}
	return nil
}

// countAlone waits until nobody else counts what is open, until the end of the transaction.
func (s *Store) countAlone(ctx context.Context, tx *sql.Tx) error {
	if s.lockQuotas == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, s.lockQuotas)
	return err
}
