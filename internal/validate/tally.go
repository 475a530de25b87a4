package validate

import "cmp"

// Tally is the figures that progress shows.
type Tally struct {
	Bytes, Records, Errors, Warnings int64
	Bad                              int64  // records with errors
	Stopped                          string // why checking ended early, if it did
}

// Tally counts what was found so far. As Provisional, not beside Write.
func (s *Segment) Tally() Tally {
	t := Tally{Bytes: s.sum.stored(), Records: s.sum.counts.records, Bad: s.sum.counts.bad, Stopped: s.sum.stopped}
	t.Errors, t.Warnings = s.plan.split(s.sum.byRule)
	return t
}

// Plus adds the figures of another stretch of the same file.
func (t Tally) Plus(o Tally) Tally {
	return Tally{
		Bytes: t.Bytes + o.Bytes, Records: t.Records + o.Records, Errors: t.Errors + o.Errors, Warnings: t.Warnings + o.Warnings,
		Bad: t.Bad + o.Bad, Stopped: cmp.Or(t.Stopped, o.Stopped),
	}
}

// Minus takes away the figures of what was there before.
func (t Tally) Minus(o Tally) Tally {
	return Tally{
		Bytes: t.Bytes - o.Bytes, Records: t.Records - o.Records, Errors: t.Errors - o.Errors, Warnings: t.Warnings - o.Warnings,
		Bad: t.Bad - o.Bad, Stopped: t.Stopped,
	}
}

// AtLeast takes of each figure the larger.
func (t Tally) AtLeast(o Tally) Tally {
	return Tally{
		Bytes: max(t.Bytes, o.Bytes), Records: max(t.Records, o.Records), Errors: max(t.Errors, o.Errors), Warnings: max(t.Warnings, o.Warnings),
		Bad: max(t.Bad, o.Bad), Stopped: cmp.Or(t.Stopped, o.Stopped),
	}
}

// InQuote tells whether the next byte lies inside quotes (CSV).
func (s *Segment) InQuote() bool { return s.split.InQuote() }
