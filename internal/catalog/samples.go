package catalog

import (
	"context"
	"database/sql"
	"errors"
)

// Sample is the sample of a file's records as the check gave it.
type Sample struct {
	FileID string
	Name   string
	Bytes  []byte // empty where the check made none, or was before there were samples
}

// Sample is that of one file.
func (s *Store) Sample(ctx context.Context, id string) ([]byte, error) {
	var b []byte
	err := s.read.QueryRowContext(ctx, `SELECT sample FROM record_samples WHERE file_id = $1`, id).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return b, down(err)
}

// Samples gives those of fresh and used files by id, from the one after an id on.
func (s *Store) Samples(ctx context.Context, after string, limit int) ([]Sample, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT f.id, f.name, COALESCE(r.sample, x'') FROM files f LEFT JOIN record_samples r ON r.file_id = f.id
		WHERE f.id > $1 AND f.status IN ('fresh', 'used') ORDER BY f.id LIMIT $2`, after, limit)
	if err != nil {
		return nil, down(err)
	}
	defer rows.Close()
	var out []Sample
	for rows.Next() {
		var r Sample
		if err := rows.Scan(&r.FileID, &r.Name, &r.Bytes); err != nil {
			return nil, down(err)
		}
		out = append(out, r)
	}
	return out, down(rows.Err())
}
