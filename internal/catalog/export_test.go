package catalog

import (
	"context"
	"strings"
	"time"

	"freshet/internal/access"
)

// OpenSkewed opens a catalog on a node whose clock is off by skew.
func OpenSkewed(ctx context.Context, url string, skew time.Duration) (*Store, error) {
	return open(ctx, url, func() time.Time { return time.Now().Add(skew) })
}

// Plans is how Postgres would answer a query: the counts, then the page.
func (s *Store) Plans(ctx context.Context, q Query) (out []string, err error) {
	order := sorts[q.Sort]
	counted, paged := s.where(access.Default, &q, true), s.where(access.Default, &q, true)
	page, err := q.page(&paged, order.column, order.desc)
	if err != nil {
		return nil, err
	}
	for _, e := range []struct {
		query string
		args  []any
	}{{q.count(&counted), counted.args}, {page, paged.args}} {
		var plan strings.Builder
		err := rows(ctx, s.read, func(r scanner) error {
			var line string
			err := r.Scan(&line)
			plan.WriteString(line + "\n")
			return err
		}, "EXPLAIN "+e.query, e.args...)
		if err != nil {
			return nil, err
		}
		out = append(out, plan.String())
	}
	return out, nil
}

// MakeCursor and ParseCursor are those of lists.
var (
	MakeCursor  = makeCursor
	ParseCursor = parseCursor
)
