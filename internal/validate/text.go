package validate

import (
	"bytes"

	"freshet/internal/record"
	"freshet/internal/rule"

	"github.com/zeebo/xxh3"
)

// textBlock is how many bytes are looked at together: few enough to stay in the
// processor's cache until their records are checked.
var textBlock = 32 << 10

// blocks checks text and CSV. What no such record may hold is looked for in
// whole lines together, which most of the time spares a look at each.
func (s *Segment) blocks(p []byte) {
	for len(p) > 0 && s.sum.stopped == "" {
		if _, fresh := s.split.Start(); !fresh { // it began in an earlier block
			s.plain = false
			p = s.next(p)
			continue
		}
		block := p[:wholeLines(p)]
		p = p[len(block):]
		s.plain = isPlain(block)
		for len(block) > 0 && s.sum.stopped == "" {
			if s.plain && s.plan.Format == "text" {
				block = s.lines(block)
			}
			block = s.next(block)
		}
	}
	s.plain = false
}

// wholeLines is the size of a block at the front of p: it ends behind a newline, if there is one.
func wholeLines(p []byte) int {
	if len(p) > textBlock {
		if end := bytes.IndexByte(p[textBlock:], '\n'); end >= 0 {
			return textBlock + end + 1
		}
	}
	n := 0
	for { // forwards, which is much faster than backwards
		end := bytes.IndexByte(p[n:], '\n')
		switch {
		case end >= 0:
			n += end + 1
		case n == 0:
			return len(p)
		default:
			return n
		}
	}
}

func isPlain(p []byte) bool { return record.ValidUTF8(p) && bytes.IndexByte(p, 0) < 0 }

// lines does what record does for each whole line at the front of p that is
// like most: plain, not blank, not the file's first and not too long. It gives
// back the rest.
func (s *Segment) lines(p []byte) []byte {
	c, most := &s.sum.counts, int(s.plan.Options.MaxRecordBytes)
	offset, _ := s.split.Start()
	var field *fieldNode
	for offset > 0 {
		end := bytes.IndexByte(p, '\n')
		if end <= 0 || end > most {
			break
		}
		line := p[:end]
		if line[0] <= ' ' && blank(line) {
			break
		}
		if line[end-1] == '\r' {
			line = line[:end-1]
			c.crlf++
		} else {
			c.lf++
		}
		if field == nil {
			field = s.textField()
		}
		at := Mark{offset, c.lines, c.records}
		key := xxh3.Hash(line)
		field.column(line, key)
		s.keep(s.sum.seen.add(key, at, false))
		s.sum.index.note(at)
		c.lines++
		c.records++
		offset += int64(end) + 1
		p = p[end+1:]
	}
	s.split.Reset(offset, false)
	return p
}

func (s *Segment) checkText() {
	if s.plainText() {
		s.textField().column(s.raw.Bytes, xxh3.Hash(s.raw.Bytes))
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
		s.tellf(rule.InvalidUTF8, i, "", "byte 0x%02X is not UTF-8", s.raw.Bytes[i])
		return false
	}
	if i := bytes.IndexByte(s.raw.Bytes, 0); i >= 0 {
		s.tellf(rule.NULByte, i, "", "a NUL byte")
		return false
	}
	return true
}
