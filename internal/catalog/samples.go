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
func (s *Store) Sample(ctx context.Context, id string) (b []byte, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		return q.QueryRowContext(ctx, `SELECT sample FROM record_samples WHERE file_id = $1`, id).Scan(&b)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return b, err
}

// Samples gives those of a project's fresh and used files by id, from the one after an id on.
func (s *Store) Samples(ctx context.Context, project, after string, limit int) (out []Sample, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = nil
		return rows(ctx, q, func(row scanner) error {
			var r Sample
			err := row.Scan(&r.FileID, &r.Name, &r.Bytes)
			out = append(out, r)
			return err
		}, `SELECT f.id, f.name, r.sample FROM files f LEFT JOIN record_samples r ON r.file_id = f.id
			WHERE f.id > $1 AND f.status IN ('fresh', 'used') AND f.project = $3 ORDER BY f.id LIMIT $2`, after, limit, project)
	})
	return out, err
}
