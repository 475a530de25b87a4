package catalog

import (
	"context"
	"database/sql"
	"fmt"
)

// FilesAfter gives up to limit files by id, from the one after an id on.
func (s *Store) FilesAfter(ctx context.Context, id string, limit int) ([]File, error) {
	return s.files(ctx, `SELECT `+fileColumns+` FROM files WHERE id > $1 ORDER BY id LIMIT $2`, id, limit)
}

// Unchanged tells whether no step was taken between two looks at a file.
func (f *File) Unchanged(since *File) bool { return f.ID == since.ID && f.version == since.version }

// Miscounted gives by how much the counters are above the rows that they count.
// Both are read in one statement, so that a step in between is no difference.
func (s *Store) Miscounted(ctx context.Context) (out []Counter, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = nil
		return rows(ctx, q, func(r scanner) error {
			var c Counter
			err := r.Scan(&c.Project, &c.Status, &c.DataType, &c.Files, &c.Bytes)
			out = append(out, c)
			return err
		}, `SELECT project, status, data_type, CAST(SUM(files) AS BIGINT), CAST(SUM(bytes) AS BIGINT) FROM
			(SELECT project, status, data_type, files, bytes FROM counters UNION ALL SELECT project, status, data_type, -1, -size FROM files) c
			GROUP BY project, status, data_type HAVING SUM(files) <> 0 OR SUM(bytes) <> 0 ORDER BY project, status, data_type`)
	})
	return out, err
}

// Recount makes the counters anew from the rows.
func (s *Store) Recount(ctx context.Context) error {
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if s.shared { // who has changed a file and not counted it yet counts on top of this
			if _, err := tx.ExecContext(ctx, `LOCK TABLE counters IN EXCLUSIVE MODE`); err != nil {
				return err
			}
		}
		type place struct {
			project, status, dataType string
			slot                      int64
		}
		type amount struct{ files, bytes int64 }
		sums := map[place]amount{}
		err := rows(ctx, tx, func(r scanner) error {
			var id string
			var p place
			var size int64
			err := r.Scan(&id, &p.project, &p.status, &p.dataType, &size)
			p.slot = s.slot(id)
			n := sums[p]
			sums[p] = amount{n.files + 1, n.bytes + size}
			return err
		}, `SELECT id, project, status, data_type, size FROM files`)
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM counters`)
		}
		for p, n := range sums {
			if err == nil {
				_, err = tx.ExecContext(ctx, `INSERT INTO counters (project, status, data_type, slot, files, bytes) VALUES ($1, $2, $3, $4, $5, $6)`, p.project, p.status, p.dataType, p.slot, n.files, n.bytes)
			}
		}
		return err
	})
}

// Stray is rows that belong to a file or upload that is not there.
type Stray struct {
	Table string
	ID    string // of what they belong to
	Rows  int64
}

// strays are the tables whose rows belong to another's: the column that says to
// which, and what must be there.
var strays = []struct{ table, column, owner string }{
	{"parts", "file_id", "files WHERE files.id = parts.file_id"},
	{"reports", "file_id", "files WHERE files.id = reports.file_id"},
	{"record_samples", "file_id", "files WHERE files.id = record_samples.file_id"},
	{"aliases", "file_id", "files WHERE files.id = aliases.file_id"},
	{"upload_parts", "upload_id", "uploads WHERE uploads.id = upload_parts.upload_id AND uploads.state = 'open'"},
}

// Strays finds them.
func (s *Store) Strays(ctx context.Context) (out []Stray, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = nil
		for _, t := range strays {
			err := rows(ctx, q, func(r scanner) error {
				stray := Stray{Table: t.table}
				err := r.Scan(&stray.ID, &stray.Rows)
				out = append(out, stray)
				return err
			}, fmt.Sprintf(`SELECT %s, COUNT(*) FROM %s WHERE NOT EXISTS (SELECT 1 FROM %s) GROUP BY %s ORDER BY %s`, t.column, t.table, t.owner, t.column, t.column))
			if err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// DeleteStray deletes rows that belong to nothing, if that is so still.
func (s *Store) DeleteStray(ctx context.Context, r Stray) error {
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, t := range strays {
			if t.table != r.Table {
				continue
			}
			if _, err := tx.ExecContext(ctx, fmt.Sprintf(`DELETE FROM %s WHERE %s = $1 AND NOT EXISTS (SELECT 1 FROM %s)`, t.table, t.column, t.owner), r.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// ForgetFindings has a report speak of no object any more, unless it speaks of
// another meanwhile.
func (s *Store) ForgetFindings(ctx context.Context, fileID, key string) error {
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE reports SET findings_key = '' WHERE file_id = $1 AND findings_key = $2`, fileID, key)
		return err
	})
}

// ForgetChecks has the bytes of a part of an open upload count as not checked,
// unless its summary is another meanwhile: they are checked once all are here.
func (s *Store) ForgetChecks(ctx context.Context, uploadID string, number int, bulkKey string) error {
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE upload_parts SET checked = 0, bulk_key = '' WHERE upload_id = $1 AND number = $2 AND bulk_key = $3`, uploadID, number, bulkKey)
		return err
	})
}
