package validate

import (
	"freshet/internal/errs"
	"freshet/internal/record"
)

// rejects notes where the bad records of a stream begin, and where the header of
// CSV is. It is nil where nobody asks.
type rejects struct {
	bad      sorter // key: offset
	n        int64
	from, to int64 // the header, without a byte order mark, with its line ending
	text     int64 // where that begins
}

func (r *rejects) add(offset int64) error {
	if r == nil {
		return nil
	}
	r.n++
	return r.bad.add(entry{key: uint64(offset)})
}

// header takes the header's record, before which a byte order mark has base bytes.
func (r *rejects) header(raw *record.Raw, base int) {
	if r == nil {
		return
	}
	r.from, r.text, r.to = raw.Offset+int64(base), raw.Offset+raw.Size, raw.Offset+raw.Size
	if raw.Ended {
		r.to++
	}
	if raw.CRLF {
		r.to++
	}
}

// absorb adds those of the stretch that follows.
func (r *rejects) absorb(q *rejects) error {
	if r == nil || q == nil {
		return nil
	}
	defer q.bad.close()
	if r.to == 0 {
		r.from, r.text, r.to = q.from, q.text, q.to
	}
	m, err := q.bad.sorted()
	if err != nil {
		return err
	}
	for e := range m.entries() {
		if err := r.add(int64(e.key)); err != nil {
			return err
		}
	}
	return m.err
}

// Split is how a file falls apart into its bad records and all the rest. It is
// exact, however many there are: it does not lean on the findings that are kept.
type Split struct {
	Rejected, Clean int64 // records of each

	plan  *Plan
	sum   *Summary
	bytes int64
}

// Split gives it once the report is made, until Close; Config.Rejects must be
// set. It refuses where not every record was looked at.
func (s *Stream) Split() (*Split, error) {
	p, sum := s.segment.plan, s.segment.sum
	switch {
	case p.opaque:
		return nil, errs.E(errs.Conflict, "not-records", "the file is %s: its records were not looked at", p.Format).WithHint("the report says what is wrong with the file")
	case p.Serial():
		return nil, errs.E(errs.Conflict, "not-records", "the file is %s, whose records cannot be taken out as they stand", p.kind()).WithHint("unpack it, write one record a line (jq -c '.[]'), and check that file")
	case sum.stopped != "":
		return nil, errs.E(errs.Conflict, "check-stopped", "the check stopped before the end of the file: %s", sum.stopped).WithHint("check the file without fail_fast")
	}
	return &Split{Rejected: sum.rejects.n, Clean: sum.counts.records - sum.rejects.n, plan: p, sum: sum, bytes: sum.Bytes}, nil
}
