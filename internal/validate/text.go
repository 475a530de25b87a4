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
	switch {
	case s.plan.isCSV():
		s.indexed(func() bool { return s.block.Row(&s.csv, &s.raw) })
	case !s.plain:
	case s.plan.Format == "jsonl":
		s.indexed(func() bool { return s.block.JSON(&s.raw) })
	case len(s.plan.record) == 0:
		s.lines()
	}
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

// indexed checks the records that take gives, but the file's first.
func (s *Segment) indexed(take func() bool) {
	offset, _ := s.split.Start()
	for offset > 0 && s.sum.stopped == "" && take() {
		s.raw.Offset = offset
		offset += int64(len(s.raw.Bytes)) + 1
		if s.raw.CRLF {
			offset++
		}
		s.split.Reset(offset, false)
		s.split.Limit(&s.raw)
		s.parsed = true
		s.record()
		s.parsed = false
	}
}

// lines does what record does for the whole lines at the front of the block
// that are like most: plain, not blank, not the file's first and not too long.
func (s *Segment) lines() {
	c, b, most := &s.sum.counts, &s.block, int(s.plan.Options.MaxRecordBytes)
	offset, _ := s.split.Start()
	var field *fieldNode
	for offset > 0 {
		line, crlf, ok := b.Line()
		if !ok {
			break
		}
		if len(line) > most || len(line) == 0 || line[0] <= ' ' && blank(line) {
			b.Back(line, crlf)
			break
		}
		size := int64(len(line)) + 1
		if crlf {
			c.crlf++
			size++
		} else {
			c.lf++
		}
		if field == nil {
			field = s.textField()
		}
		at := Mark{offset, c.lines, c.records}
		key := valueHash(line)
		field.column(line, key)
		s.keep(s.sum.seen.add(key, at, false))
		s.sum.sample.add(key)
		s.sum.index.note(at)
		c.lines++
		c.records++
		offset += size
	}
	s.split.Reset(offset, false)
}

func (s *Segment) checkText() {
	if s.plainText() {
		s.textField().column(s.raw.Bytes, valueHash(s.raw.Bytes))
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
