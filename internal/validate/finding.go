package validate

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"freshet/api"
	"freshet/internal/rule"
)

// fault is a finding before it has a line.
type fault struct {
	rule    *rule.Rule
	offset  int64 // in the file
	path    string
	message string
	hint    string
}

// at is the file offset of byte i of the record at hand.
func (s *Segment) at(i int) int64 { return s.raw.Offset + int64(s.base+i) }

// tellf counts and keeps a fault at byte i of the record.
func (s *Segment) tellf(r *rule.Rule, i int, path, format string, args ...any) {
	f := fault{rule: r, offset: s.at(i), path: path, hint: r.Hint}
	if !s.ctx.Mute {
		f.message = fmt.Sprintf(format, args...)
	}
	s.tell(f)
}

// broken is where rules report: the place is a token, a CSV field, or none.
func (s *Segment) broken(r *rule.Rule, where int, message, hint string) {
	f := fault{rule: r, offset: s.raw.Offset, message: message, hint: hint}
	switch {
	case where == rule.NoPlace:
	case s.ctx.JSON != nil:
		f.offset = s.at(s.json.Place(where))
		if !s.ctx.Mute {
			f.path = s.json.Path(where)
		}
	default:
		f.offset, f.path = s.at(s.csv.Fields[where].Start), s.column(where)
	}
	if s.ctx.Span.To > 0 {
		f.offset = s.at(s.ctx.Span.From)
	}
	s.tell(f)
}

func (s *Segment) tell(f fault) {
	i := s.plan.indexOf(f.rule)
	s.sum.byRule[i]++
	if s.plan.severity[i] == rule.Error {
		s.errors++
	}
	if s.ctx.Mute {
		return
	}
	if s.listed++; s.listed >= mostOfRecord {
		s.ctx.Mute = true // what is wrong a hundred times in one record is counted, not told again
	}
	c := &s.sum.counts
	s.keep(s.sum.found.add(&api.Finding{
		Rule: f.rule.Name, Severity: s.plan.severity[i].String(),
		Line: c.lines, Record: c.records, // made to count from 1 when the report is made
		Column: f.offset - s.raw.Offset + 1, ByteOffset: f.offset,
		Path: shorten(s.masked(f.path)), Message: shorten(s.masked(f.message)), Hint: shorten(f.hint),
		Excerpt: s.excerpt(int(f.offset-s.raw.Offset) - s.base),
	}))
}

const (
	excerptSize  = 120
	mostText     = 2048
	mostOfRecord = 100
)

// shorten keeps names that are data from making findings as long as records.
func shorten(s string) string {
	if len(s) <= mostText {
		return s
	}
	n := mostText
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// excerpt is the text around byte i of a record, fit for a terminal.
func excerpt(p []byte, i int) string {
	from := max(0, min(i, len(p))-excerptSize/3)
	to := min(len(p), from+excerptSize)
	for from > 0 && from < len(p) && !utf8.RuneStart(p[from]) {
		from++
	}
	for to < len(p) && to > from && !utf8.RuneStart(p[to]) {
		to--
	}
	var b strings.Builder
	if from > 0 {
		b.WriteString("…")
	}
	for q := p[from:to]; len(q) > 0; {
		r, n := utf8.DecodeRune(q)
		switch {
		case r == utf8.RuneError && n <= 1:
			fmt.Fprintf(&b, `\x%02x`, q[0])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unprintable(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		q = q[n:]
	}
	if to < len(p) {
		b.WriteString("…")
	}
	return b.String()
}

// unprintable are control characters and those that turn or hide text.
func unprintable(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0xfeff ||
		r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x2069
}
