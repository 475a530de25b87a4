package validate

import (
	"bytes"

	"freshet/internal/record"
	"freshet/internal/rule"
)

// textBlock is how many bytes are looked at together: few enough to stay in the
// processor's cache until their records are checked.
var textBlock = 32 << 10

// blocks checks text and CSV. Whole lines are scanned together, which most of
// the time spares a look at each byte of each.
func (s *Segment) blocks(p []byte) {
	for len(p) > 0 && s.sum.stopped == "" {
		if _, fresh := s.split.Start(); !fresh { // it began in an earlier block
			p = s.next(p)
			continue
		}
		block := p[:wholeLines(p)]
		p = p[len(block):]
		b := &s.block
		if s.plan.isCSV() {
			s.plain = b.ScanRows(block, s.plan.Delim)
		} else {
			s.plain = b.ScanLines(block)
		}
		for len(b.Rest()) > 0 && s.sum.stopped == "" {
			if s.plan.isCSV() {
				s.rows()
			} else if s.plain && len(s.plan.record) == 0 {
				s.lines()
			}
			if rest := b.Rest(); len(rest) > 0 && s.sum.stopped == "" {
				b.Skip(len(rest) - len(s.next(rest)))
			}
		}
		s.plain = false
	}
}

// wholeLines is the size of a block at the front of p: it ends behind a newline, if there is one.
func wholeLines(p []byte) int {
	if len(p) > textBlock {
		if end := bytes.IndexByte(p[textBlock:], '\n'); end >= 0 {
			return textBlock + end + 1
		}
	}
	if end := bytes.LastIndexByte(p, '\n'); end >= 0 {
		return end + 1
	}
	return len(p)
}

// rows checks the records at the front of the block that can be read from its index.
func (s *Segment) rows() {
	offset, _ := s.split.Start()
	for offset > 0 && s.sum.stopped == "" && s.block.Row(&s.csv, &s.raw) {
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
