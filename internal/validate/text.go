package validate

import (
	"bytes"

	"freshet/internal/record"
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
		for s.sum.stopped == "" && s.block.JSON(&s.raw) {
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

// rows checks rows of CSV.
func (s *Segment) rows(offset int64) int64 {
	b, r, most := &s.block, &s.raw, s.plan.Options.MaxRecordBytes
	quick := s.plain && len(s.plan.record) == 0 && len(s.plan.Options.UniqueFields) == 0
	for s.sum.stopped == "" && b.Row(&s.csv, r) {
		if !quick || len(s.csv.Fields) != len(s.columns) || r.Size > most || r.Size == 0 || r.Bytes[0] <= ' ' {
			offset = s.indexed(offset)
			continue
		}
		b.Keep(len(s.columns))
		s.good(r.Bytes, Mark{offset, s.sum.counts.lines, s.sum.counts.records}, r.CRLF)
		s.sum.counts.lines += r.Lines
		offset += r.Size + 1
		if r.CRLF {
			offset++
		}
	}
	return offset
}

// lines checks lines of text, on which there are no rules.
func (s *Segment) lines(offset int64) int64 {
	c, b, most := &s.sum.counts, &s.block, int(s.plan.Options.MaxRecordBytes)
	var field *fieldNode
	for {
		line, crlf, ok := b.Line()
		if !ok {
			return offset
		}
		if len(line) > most || len(line) == 0 || line[0] <= ' ' && blank(line) {
			b.Back(line, crlf)
			return offset
		}
		if field == nil {
			field = s.textField()
		}
		field.line(line, s.good(line, Mark{offset, c.lines, c.records}, crlf))
		c.lines++
		offset += int64(len(line)) + 1
		if crlf {
			offset++
		}
	}
}

// good does what record does for one in which nothing can be wrong, but for its
// lines and fields, and gives its hash.
func (s *Segment) good(p []byte, at Mark, crlf bool) uint64 {
	sum := s.sum
	if crlf {
		sum.counts.crlf++
	} else {
		sum.counts.lf++
	}
	sum.counts.records++
	key := valueHash(p)
	s.keep(sum.seen.add(key, at, false))
	sum.sample.add(key)
	sum.index.note(at)
	return key
}

func (s *Segment) checkText() {
	if s.plainText() {
		s.textField().line(s.raw.Bytes, valueHash(s.raw.Bytes))
		s.ctx.Line = s.raw.Bytes
		s.run()
	}
}

// textField is the statistics of lines.
func (s *Segment) textField() *fieldNode {
	return s.sum.fields.child(s.sum.fields.root, []byte("line"))
}

// plainText finds what no text record may hold: bytes that are not UTF-8, and NUL.
func (s *Segment) plainText() bool {
	if s.plain {
		return true
	}
	if i := record.InvalidUTF8(s.raw.Bytes); i >= 0 {
		s.tellf(rule.InvalidUTF8, i, span{i, i + 1}, "", "byte 0x%02X is not UTF-8", s.raw.Bytes[i])
		return false
	}
	if i := bytes.IndexByte(s.raw.Bytes, 0); i >= 0 {
		s.tellf(rule.NULByte, i, span{i, i + 1}, "", "a NUL byte")
		return false
	}
	return true
}
