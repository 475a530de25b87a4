package validate

import (
	"fmt"
	"unicode/utf8"

	"freshet/api"
	"freshet/internal/record"
	"freshet/internal/rule"
)

// fault is a finding before it has a line.
type fault struct {
	rule    *rule.Rule
	offset  int64 // in the file
	span    span  // of the record
	path    string
	message string
	hint    string
}

// span is the bytes of a record that are at fault: From up to To, which are the
// same where something is missing.
type span struct{ from, to int }

// nowhere is the span of what concerns a record as a whole.
var nowhere = span{0, -1}

// at is the file offset of byte i of the record at hand.
func (s *Segment) at(i int) int64 { return s.raw.Offset + int64(s.base+i) }

// tellf counts and keeps a fault at byte i of the record.
func (s *Segment) tellf(r *rule.Rule, i int, at span, path, format string, args ...any) {
	f := fault{rule: r, offset: s.at(i), span: at, path: path, hint: r.Hint}
	if !s.ctx.Mute {
		f.message = fmt.Sprintf(format, args...)
	}
	s.tell(f)
}

// broken is where rules report: the place is a token, a CSV field, or none.
func (s *Segment) broken(r *rule.Rule, where int, message, hint string) {
	f := fault{rule: r, offset: s.raw.Offset, span: nowhere, message: message, hint: hint}
	switch {
	case where == rule.NoPlace:
	case s.ctx.JSON != nil:
		f.span = s.token(where)
		f.offset = s.at(f.span.from)
		if where == 0 {
			f.span = nowhere // the record itself
		}
		if !s.ctx.Mute {
			f.path = s.json.Path(where)
		}
	default:
		f.span = s.field(where)
		f.offset, f.path = s.at(f.span.from), s.column(where)
	}
	if s.ctx.Span.To > 0 {
		f.span = span{s.ctx.Span.From, s.ctx.Span.To}
		f.offset = s.at(f.span.from)
	}
	s.tell(f)
}

// token is the bytes of a token, of a string with its quotes.
func (s *Segment) token(i int) span {
	t := &s.json.Tok[i]
	to := int(t.End)
	if t.Kind == record.String {
		to++
	}
	return span{s.json.Place(i), to}
}

// field is the bytes of a field of CSV, without its quotes.
func (s *Segment) field(i int) span {
	f := &s.csv.Fields[i]
	return span{int(f.Start), int(f.End)}
}

// character is the one at byte i of the record, as far as it is here.
func (s *Segment) character(i int) span {
	p := s.raw.Bytes
	if i >= len(p) {
		return span{i, i}
	}
	_, n := utf8.DecodeRune(p[i:])
	return span{i, i + n}
}

func (s *Segment) tell(f fault) {
	i := s.plan.indexOf(f.rule)
	s.sum.byRule[i]++
	if s.plan.severity[i] == rule.Error {
		s.errors++
		s.sum.spots.add(f.offset, 1)
	}
	if s.ctx.Mute {
		return
	}
	if s.listed++; s.listed >= mostOfRecord {
		s.ctx.Mute = true // what is wrong a hundred times in one record is counted, not told again
	}
	c := &s.sum.counts
	text, mark := s.excerpt(int(f.offset-s.raw.Offset)-s.base, f.span)
	s.keep(s.sum.found.add(&api.Finding{
		Rule: f.rule.Name, Severity: s.plan.severity[i].String(),
		Line: c.lines, Record: c.records, // made to count from 1 when the report is made
		Column: f.offset - s.raw.Offset + 1, ByteOffset: f.offset,
		Path: shorten(s.masked(f.path)), Message: shorten(s.masked(f.message)), Hint: shorten(f.hint),
		Excerpt: text, Mark: mark,
	}))
}

const (
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
