package catalog

import (
	"context"
	"sync"
	"time"
)

// clock is the one of the database, which all nodes go by.
type clock struct {
	local func() time.Time

	mu sync.Mutex
	at time.Time // by the database
	is time.Time // by the local clock, at the same moment
}

// Now is the time by the catalog's clock. On Postgres that is the server's, as
// it was last measured, plus what has passed since, so that nodes whose clocks
// differ agree on what is over.
func (s *Store) Now() time.Time {
	c := &s.clock
	t := c.local()
	if s.shared {
		c.mu.Lock()
		t = c.at.Add(t.Sub(c.is)) // monotonic: setting the local clock changes nothing
		c.mu.Unlock()
	}
	return t.UTC().Truncate(time.Microsecond)
}

// measure asks the database for its time. Of three answers the quickest is the
// surest: it was given half-way between question and answer.
func (s *Store) measure(ctx context.Context) error {
	best := time.Duration(1<<63 - 1)
	for range 3 {
		var micros int64
		var asked, told time.Time
		err := s.look(ctx, func(ctx context.Context, q querier) error {
			asked = s.clock.local()
			err := q.QueryRowContext(ctx, `SELECT `+dbMicros).Scan(&micros)
			told = s.clock.local()
			return err
		})
		if err != nil {
			return err
		}
		if took := told.Sub(asked); took < best {
			best = took
			s.clock.mu.Lock()
			s.clock.at, s.clock.is = fromMicros(micros), asked.Add(took/2)
			s.clock.mu.Unlock()
		}
	}
	return nil
}
