package validate

import (
	"bytes"

	"freshet/internal/record"
	"freshet/internal/rule"
)

// lines checks lines of text, on which there are no rules. It does what record
// does for many of them, one thing at a time.
func (s *Segment) lines(offset int64) int64 {
	sum, c, b, l := s.sum, &s.sum.counts, &s.block, &s.taken
	var hashes [record.MostLines]uint64
	for {
		offset += s.empty()
		if b.Lines(l, int(s.plan.Options.MaxRecordBytes)); l.N == 0 {
			return offset
		}
		keys := hashes[:l.N]
		for i := range keys {
			keys[i] = valueHash(l.Line(b, i))
		}
		s.textField().lines(b, l, keys)
		at := Mark{offset, c.lines, c.records}
		s.keep(sum.seen.addLines(keys, l.Starts[:], at))
		sum.index.noteLines(l.Starts[:l.N], at)
		for _, key := range keys {
			sum.sample.add(key)
		}
		c.crlf += int64(l.CRLF)
		c.lf += int64(l.N - l.CRLF)
		c.lines += int64(l.N)
		c.records += int64(l.N)
		offset += int64(l.Starts[l.N] - l.Starts[0])
	}
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
