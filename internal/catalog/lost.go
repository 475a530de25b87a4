package catalog

import (
	"context"
	"database/sql"
	"errors"
)

// DropParts forgets parts of an open upload whose bytes the store does not have
// as they were written: the client sends them again.
func (s *Store) DropParts(ctx context.Context, uploadID string, numbers []int) error {
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		u, err := upload(ctx, tx, uploadID, s.forUpdate)
		if err != nil {
			return err
		}
		if u.State != UploadOpen {
			return UploadEnded(&u)
		}
		for _, n := range numbers {
			p, err := scanPart(tx.QueryRowContext(ctx, `DELETE FROM upload_parts WHERE upload_id = $1 AND number = $2 RETURNING `+partColumns, uploadID, n))
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return err
			}
			u.Committed -= p.Size
			u.Records -= p.Records
			u.Errors -= p.Errors
			u.Warnings -= p.Warnings
			u.Bad -= p.Bad
		}
		_, err = tx.ExecContext(ctx, `UPDATE uploads SET committed = $2, records = $3, errors = $4, warnings = $5, bad = $6 WHERE id = $1`,
			uploadID, u.Committed, u.Records, u.Errors, u.Warnings, u.Bad)
		return err
	})
}
