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
	err = q.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CAST(CASE WHEN size > committed THEN size WHEN size < 0 AND reserved > committed THEN reserved ELSE committed END AS DOUBLE PRECISION)), 0)
		FROM uploads WHERE project = $1 AND state = $2 AND (part_of = '' OR NOT EXISTS (SELECT 1 FROM uploads whole WHERE whole.id = uploads.part_of AND whole.state = $2))`, project, string(UploadOpen)).Scan(&u.Open, &reserved)
	u.Bytes += int64(min(reserved, 1<<62))
	return u, err
}

// leastReserved is how much is reserved at a time at least, where there is room.
const leastReserved = 256 << 10

// Reserve has the project of an open upload whose size is not known keep room for
// all its bytes before an offset: before least, or it is refused, and before most as
// far as others that come the same way may need as much. It gives the offset. What
// is reserved stays so until the upload ends: bytes may lie there, committed
// or not, and what comes again is not counted again.
func (s *Store) Reserve(ctx context.Context, u *Upload, least, most int64) (end int64, err error) {
	limit := int64(0)
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		p, err := project(ctx, q, u.Project, "")
		limit = p.Settings.MaxBytes
		return err
	})
	if err != nil || limit == 0 {
		return most, err
	}
	err = s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		is, err := upload(ctx, tx, u.ID, s.forUpdate)
		switch {
		case err != nil:
			return err
		case is.State != UploadOpen:
			return UploadEnded(&is)
		case is.Size >= 0: // it was told meanwhile, and is reserved
			end = most
			return nil
		case is.Reserved >= least:
			end = is.Reserved
			return nil
		}
		if err := s.countAlone(ctx, tx); err != nil {
			return err
		}
		all, err := usage(ctx, tx, u.Project)
		if err != nil {
			return err
		}
		others := all.Bytes - max(is.Committed, is.Reserved)
		if others > limit || least > limit-others {
			return overBytes(u.Project, limit, others+least)
		}
		left := limit - others - least
		end = least + min(most-least, max(left/16, min(left, leastReserved)))
		is.Reserved = end
		_, err = tx.ExecContext(ctx, `UPDATE uploads SET reserved = $2 WHERE id = $1`, is.ID, is.Reserved)
		return err
	})
	return end, err
}

func overBytes(project string, limit, would int64) error {
	return errs.E(errs.TooLarge, "quota-exceeded", "the project %s may have %d bytes, and this would make it %d", project, limit, would).WithHint("delete files, or have an administrator raise its limit")
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
		return overBytes(name, set.MaxBytes, u.Bytes)
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
