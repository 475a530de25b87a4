package validate

import (
	"bytes"

	"freshet/internal/rule"
)

// lineBlock is how many bytes are looked at together: few enough to stay in the
// processor's cache until their records are checked.
var lineBlock = 32 << 10

// blocks checks JSON Lines, text and CSV. Whole lines are scanned together, which
// most of the time spares a look at each byte of each.
func (s *Segment) blocks(p []byte) {
	for len(p) > 0 && s.sum.stopped == "" {
		n := wholeLines(p)
		if _, fresh := s.split.Start(); !fresh || n == 0 { // it began in an earlier block, or ends in a later one
			p = s.next(p)
			continue
		}
		s.scan(p[:n])
		p = p[n:]
		for b := &s.block; len(b.Rest()) > 0 && s.sum.stopped == ""; {
			s.front()
			if rest := b.Rest(); len(rest) > 0 && s.sum.stopped == "" {
				b.Skip(len(rest) - len(s.next(rest)))
			}
		}
		s.count()
		s.plain = false
	}
}

// scan indexes a block of whole lines.
func (s *Segment) scan(p []byte) {
	switch s.plan.Format {
	case "jsonl":
		s.plain = s.block.ScanJSON(p)
	case "csv", "tsv":
		s.plain = s.block.ScanRows(p, s.plan.Delim)
	default:
		s.plain = s.block.ScanLines(p)
	}
}

// front checks the records at the front of the block that can be read from its index.
func (s *Segment) front() {
	offset, _ := s.split.Start()
	if offset == 0 { // the file's first is like no other
		return
	}
	switch {
	case s.plan.isCSV():
		offset = s.rows(offset)
	case !s.plain:
	case s.plan.Format == "jsonl":
		for s.sum.stopped == "" {
			if offset += s.empty(); !s.block.JSON(&s.raw) {
				break
			}
			offset = s.indexed(offset)
		}
	case len(s.plan.record) == 0:
		offset = s.lines(offset)
	}
	s.split.Reset(offset, false)
}

// wholeLines is the size of a block at the front of p: it ends behind a newline. 0: there is none.
func wholeLines(p []byte) int {
	if len(p) > lineBlock {
		if end := bytes.IndexByte(p[lineBlock:], '\n'); end >= 0 {
			return lineBlock + end + 1
		}
		p = p[:lineBlock]
	}
	return bytes.LastIndexByte(p, '\n') + 1
}

// empty counts the empty lines at the front of the block, unless there is more to do about them.
func (s *Segment) empty() int64 {
	if !s.plan.Options.AllowBlankLines && s.plan.severity[ruleIndex[rule.BlankLine]] != rule.Off {
		return 0
	}
	n := s.block.Empty()
	c := &s.sum.counts
	c.blank += n
	c.lf += n
	c.lines += n
	return n
}

// indexed checks the record that was taken from the block, and tells where the next begins.
func (s *Segment) indexed(offset int64) (next int64) {
	r := &s.raw
	r.Offset = offset
	next = offset + r.Size + 1
	if r.CRLF {
		next++
	}
	s.split.Limit(r)
	s.parsed = true
	s.record()
	s.parsed = false
	return next
}
