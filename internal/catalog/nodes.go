package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// BeatEvery is how often a node says that it lives, and NodeDead how long after
// the last time it counts as gone: what it was at is taken up by others.
const (
	BeatEvery = 5 * time.Second
	NodeDead  = 30 * time.Second
)

// remembered is how long the row of a node that is gone stays.
const remembered = 24 * time.Hour

// Node is a process that shares the catalog. Times are the database's.
type Node struct {
	ID      string
	Name    string // host and process, for people
	Started time.Time
	Seen    time.Time
}

// Node is the id of this process among those that share the catalog.
func (s *Store) Node() string { return s.node }

// nodeName is this process's, for people.
func nodeName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return fmt.Sprintf("%s:%d", host, os.Getpid())
}

// Beat says that this node lives, sets its clock by the database's again, and
// forgets nodes that were not seen for a day. Nothing is to be said where no
// other node can hear it.
func (s *Store) Beat(ctx context.Context) error {
	if !s.shared {
		return nil
	}
	if err := s.measure(ctx); err != nil {
		return err
	}
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		now := s.Now()
		_, err := tx.ExecContext(ctx, `INSERT INTO nodes (id, name, started, seen) VALUES ($1, $2, $3, $3) ON CONFLICT (id) DO UPDATE SET seen = excluded.seen`,
			s.node, nodeName(), micros(now))
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM nodes WHERE seen < $1`, micros(now.Add(-remembered)))
		}
		return err
	})
}

// Leave says that this node is gone, so that nobody waits for it.
func (s *Store) Leave(ctx context.Context) error {
	if !s.shared {
		return nil
	}
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM nodes WHERE id = $1`, s.node)
		return err
	})
}

// Nodes lists the nodes that were seen within a day, the newest first. A
// catalog that is not shared has none but this.
func (s *Store) Nodes(ctx context.Context) (out []Node, err error) {
	if !s.shared {
		now := s.Now()
		return []Node{{ID: s.node, Name: nodeName(), Started: now, Seen: now}}, nil
	}
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = nil
		return rows(ctx, q, func(r scanner) error {
			var n Node
			var started, seen int64
			err := r.Scan(&n.ID, &n.Name, &started, &seen)
			n.Started, n.Seen = fromMicros(started), fromMicros(seen)
			out = append(out, n)
			return err
		}, `SELECT id, name, started, seen FROM nodes ORDER BY started DESC, id`)
	})
	return out, err
}

// Touch says that requests add to open uploads, so that no sweep takes them for
// abandoned, on whatever node it runs. Ids of uploads that ended are fine.
func (s *Store) Touch(ctx context.Context, uploadIDs []string) error {
	if len(uploadIDs) == 0 {
		return nil
	}
	ids, err := json.Marshal(uploadIDs)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE uploads SET updated = $1 WHERE updated < $1 AND id IN
			(SELECT id FROM uploads WHERE id IN `+s.elements(2)+` AND state = $3 ORDER BY id`+s.forUpdate+`)`,
			micros(s.Now()), string(ids), string(UploadOpen))
		return err
	})
}
