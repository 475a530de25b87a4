package job

import (
	"context"
	"encoding/json"
)

// Waiting gives the jobs of a kind that are still to be done, or done again.
func Waiting(ctx context.Context, db Database, kind string) (out []Job, err error) {
	text := "json(args)" // as riversqlite keeps them
	if db.Postgres != nil {
		text = "args::text"
	}
	rows, err := db.SQL.QueryContext(ctx, `SELECT `+text+` FROM river_job WHERE kind = 'freshet' AND state IN ('available', 'pending', 'retryable', 'running', 'scheduled') ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		var j Job
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(text), &j); err != nil {
			return nil, err
		}
		if j.Kind == kind {
			out = append(out, j)
		}
	}
	return out, rows.Err()
}
