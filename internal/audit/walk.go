package audit

import (
	"bytes"
	"fmt"
	"math"

	"freshet/internal/catalog"
)

// Problem is the first thing that is wrong with an audit log.
type Problem struct {
	Number int64  `json:"number"` // of the row that it begins with
	What   string `json:"what"`
}

func (p *Problem) Error() string { return fmt.Sprintf("row %d: %s", p.Number, p.What) }

// walk goes over rows, the oldest first, and holds each against the one before.
type walk struct {
	number int64 // of the last row
	hash   []byte
	edge   *edge // nil: the tree is of no interest
}

// after is the number that the rows which follow are above: nothing is above the
// first, so that one that was put before it is seen.
func (w *walk) after() int64 {
	if w.number == 0 {
		return math.MinInt64
	}
	return w.number
}

// next takes the row that follows.
func (w *walk) next(r *catalog.AuditRow) *Problem {
	want := w.number + 1
	switch {
	case r.Number == want+1:
		return &Problem{want, "the row is missing"}
	case r.Number > want:
		return &Problem{want, fmt.Sprintf("the rows to %d are missing", r.Number-1)}
	case r.Number < want:
		return &Problem{r.Number, "the row was inserted: numbers begin at 1"}
	case !bytes.Equal(r.Hash, r.Chain(w.hash)):
		return &Problem{r.Number, "it does not follow from the row before: it was altered, inserted or moved"}
	}
	if w.edge != nil {
		w.edge.add(r.Canonical())
	}
	w.number, w.hash = r.Number, r.Hash
	return nil
}
