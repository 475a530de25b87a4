package validate

import (
	"slices"
	"strings"

	"freshet/api"
)

// Front is where a provisional report knows a file's lines up to.
type Front struct{ next, lines, records int64 }

// Front is the end of what s has seen, which begins at the front of the file.
func (s *Segment) Front() Front {
	offset, _ := s.split.Start()
	open := s.split.Save()
	return Front{offset + open.Size, s.sum.counts.lines + open.Lines, s.sum.counts.records}
}

// Partial is the provisional report on a stretch of a file that still arrives.
// Its findings have their lines where it follows what is known from the front;
// else line and record are 0, while byte offsets are right everywhere.
func (s *Segment) Partial(front Front) (*api.Report, error) {
	r, err := s.Provisional()
	if err != nil || s.sum.Offset == 0 { // it is the front
		return r, err
	}
	follows := front.next == s.sum.Offset
	for i := range r.Findings {
		f := &r.Findings[i]
		if !follows {
			f.Line, f.Record = 0, 0
			continue
		}
		// the record that lies across the seam is one more
		f.Line += front.lines + s.sum.head.Lines + 1
		f.Record += front.records + 1
	}
	return r, nil
}

// Join adds provisional reports on stretches of a file, in the order of their
// bytes, to that of its front.
func Join(front *api.Report, others ...*api.Report) {
	for _, o := range others {
		if front.Bytes == 0 {
			*front = *o
			continue
		}
		front.Bytes += o.Bytes
		front.Lines += o.Lines
		front.Records += o.Records
		front.BlankLines += o.BlankLines
		front.Errors += o.Errors
		front.Warnings += o.Warnings
		front.RecordsWithErrors += o.RecordsWithErrors
		front.Truncated = front.Truncated || o.Truncated
		for _, n := range o.ByRule {
			i := slices.IndexFunc(front.ByRule, func(m api.RuleCount) bool { return m.Rule == n.Rule })
			if i < 0 {
				front.ByRule = append(front.ByRule, n)
			} else {
				front.ByRule[i].Count += n.Count
			}
		}
		front.Findings = append(front.Findings, o.Findings...)
		front.Spots = append(front.Spots, o.Spots...)
	}
	slices.SortFunc(front.ByRule, func(a, b api.RuleCount) int { return strings.Compare(a.Rule, b.Rule) })
	if len(front.Findings) > ShownFindings {
		front.Findings, front.Truncated = front.Findings[:ShownFindings], true
	}
}
