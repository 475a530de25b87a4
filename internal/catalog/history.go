package catalog

import (
	"context"
	"database/sql"
)

const eventColumns = `id, file_id, at, actor, action, from_status, to_status, detail`

// History is what happened to a file, oldest first. A deleted file keeps its history.
func (s *Store) History(ctx context.Context, id string) ([]Event, error) {
	out, err := s.events(ctx, `SELECT `+eventColumns+` FROM history WHERE file_id = $1 ORDER BY id`, id)
	if err == nil && len(out) == 0 {
		return nil, notFound(id)
	}
	return out, err
}

// EventsAfter is what happened after the event of that id, to all files, oldest first.
func (s *Store) EventsAfter(ctx context.Context, id int64, limit int) ([]Event, error) {
	return s.events(ctx, `SELECT `+eventColumns+` FROM history WHERE id > $1 ORDER BY id LIMIT $2`, id, limit)
}

// LastEvent is the id of the newest event, 0 when there is none.
func (s *Store) LastEvent(ctx context.Context) (int64, error) {
	var id sql.NullInt64
	err := s.read.QueryRowContext(ctx, `SELECT MAX(id) FROM history`).Scan(&id)
	return id.Int64, down(err)
}

func (s *Store) events(ctx context.Context, q string, args ...any) ([]Event, error) {
	rows, err := s.read.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, down(err)
	}
	defer rows.Close()
	var out []Event
	for rows.Next() {
		var e Event
		var at int64
		if err := rows.Scan(&e.ID, &e.FileID, &at, &e.Actor, &e.Action, &e.From, &e.To, &e.Detail); err != nil {
			return nil, err
		}
		e.At = fromMicros(at)
		out = append(out, e)
	}
	return out, down(rows.Err())
}
