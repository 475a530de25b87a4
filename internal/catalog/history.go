package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"

	"freshet/internal/access"
)

const eventColumns = `id, file_id, at, actor, action, from_status, to_status, detail, project, source`

// History is what happened to a file, oldest first. A deleted file keeps its history.
func (s *Store) History(ctx context.Context, id string) ([]Event, error) {
	out, err := s.events(ctx, `SELECT `+eventColumns+` FROM history WHERE file_id = $1 ORDER BY id`, id)
	if err == nil && len(out) == 0 {
		return nil, notFound(id)
	}
	if err == nil {
		err = access.Permit(ctx, out[0].Project, notFound(id))
	}
	return out, err
}

// EventsAfter is what happened after the event of that id, oldest first. For a
// caller it is what happened in the project in which it asks, else in all.
func (s *Store) EventsAfter(ctx context.Context, id int64, limit int) ([]Event, error) {
	if access.From(ctx) != nil {
		return s.events(ctx, `SELECT `+eventColumns+` FROM history WHERE project = $3 AND id > $1 ORDER BY id LIMIT $2`, id, limit, access.Project(ctx))
	}
	return s.events(ctx, `SELECT `+eventColumns+` FROM history WHERE id > $1 ORDER BY id LIMIT $2`, id, limit)
}

// Deed is an event with the name of its file, which is empty once that is deleted.
type Deed struct {
	Event
	Name string
}

// Activity is what happened to all files of the project in which ctx asks, newest
// first: up to limit events before the one of that id, or the last ones where it is 0.
func (s *Store) Activity(ctx context.Context, before int64, limit int) (out []Deed, err error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = nil
		return rows(ctx, q, func(r scanner) error {
			var d Deed
			var at int64
			var name sql.NullString
			err := r.Scan(&d.ID, &d.FileID, &at, &d.Actor, &d.Action, &d.From, &d.To, &d.Detail, &d.Project, &d.Source, &name)
			d.At, d.Name = fromMicros(at), name.String
			out = append(out, d)
			return err
		}, `SELECT h.id, h.file_id, h.at, h.actor, h.action, h.from_status, h.to_status, h.detail, h.project, h.source, f.name
			FROM (SELECT `+eventColumns+` FROM history WHERE project = $3 AND id < $1 ORDER BY id DESC LIMIT $2) h LEFT JOIN files f ON f.id = h.file_id ORDER BY h.id DESC`, before, limit, access.Project(ctx))
	})
	return out, err
}

// LastEvent is the id of the newest event, 0 when there is none.
func (s *Store) LastEvent(ctx context.Context) (int64, error) {
	var id sql.NullInt64
	err := s.look(ctx, func(ctx context.Context, q querier) error {
		return q.QueryRowContext(ctx, `SELECT MAX(id) FROM history`).Scan(&id)
	})
	return id.Int64, err
}

func (s *Store) events(ctx context.Context, query string, args ...any) (out []Event, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = nil
		return rows(ctx, q, func(r scanner) error {
			var e Event
			var at int64
			err := r.Scan(&e.ID, &e.FileID, &at, &e.Actor, &e.Action, &e.From, &e.To, &e.Detail, &e.Project, &e.Source)
			e.At = fromMicros(at)
			out = append(out, e)
			return err
		}, query, args...)
	})
	return out, err
}

// filesOf reads the files of events, as far as they are there.
func (s *Store) filesOf(ctx context.Context, events []Event) (map[string]File, error) {
	if len(events) == 0 {
		return nil, nil
	}
	ids := make([]string, len(events))
	for i := range events {
		ids[i] = events[i].FileID
	}
	b, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	list, err := s.files(ctx, `SELECT `+fileColumns+` FROM files WHERE id IN `+s.elements(1), string(b))
	files := make(map[string]File, len(list))
	for _, f := range list {
		files[f.ID] = f
	}
	return files, err
}

// ErasedAction is the last thing that history tells of a file: its bytes are gone.
const ErasedAction = "erase"

// Erased notes that what a deleted file had in the store is gone. Once is enough:
// again, and of a file that is not deleted, it changes nothing.
func (s *Store) Erased(ctx context.Context, id, actor string) error {
	var ev Event
	noted := false
	err := s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		noted = false
		var action string
		err := tx.QueryRowContext(ctx, `SELECT action, project FROM history WHERE file_id = $1 ORDER BY id DESC LIMIT 1`, id).Scan(&action, &ev.Project)
		if errors.Is(err, sql.ErrNoRows) || err == nil && action != "delete" {
			return nil
		}
		if err != nil {
			return err
		}
		noted = true
		ev = Event{FileID: id, Project: ev.Project, Actor: actor, Action: ErasedAction, Detail: "bytes, parts, summaries, findings, report and previews"}
		return s.remember(ctx, tx, &ev)
	})
	if err == nil && noted {
		s.told(ev, File{})
	}
	return err
}
