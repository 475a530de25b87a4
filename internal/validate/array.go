package validate

import (
	"freshet/api"
	"freshet/internal/record"
	"freshet/internal/rule"
)

// elements checks the next bytes of a JSON document, whose records are elements
// of one array, or the one object that it is.
func (s *Segment) elements(p []byte) {
	e := &s.sum.elements
	for len(p) > 0 && s.sum.stopped == "" {
		used, found := e.Next(p, &s.raw)
		s.element(found)
		p = p[used:]
	}
	s.countLines()
}

// endElements checks what is left when the document's bytes end.
func (s *Segment) endElements() {
	for s.sum.stopped == "" && !s.sum.cut() {
		found := s.sum.elements.Last(&s.raw)
		if found == record.Nothing {
			break
		}
		s.element(found)
	}
	s.countLines()
	if !s.sum.elements.Ended() {
		s.sum.counts.lines++
	}
}

func (s *Segment) element(found record.Found) {
	e := &s.sum.elements
	switch found {
	case record.Element:
		s.sum.counts.lines = e.Line()
		s.record()
	case record.Fault:
		f := &e.Fault
		s.ctx.Hidden = s.ctx.Hidden[:0] // that was in the record before
		text, mark := s.excerpt(0, s.character(0))
		s.tellFile(rule.JSONSyntax, &api.Finding{Line: f.Line, Column: s.raw.Offset - f.Begun + 1, ByteOffset: s.raw.Offset,
			Message: f.Message, Hint: f.Hint, Excerpt: text, Mark: mark})
	}
	if e.Lost() {
		s.sum.broken = true // what follows was not read
	}
}

func (s *Segment) countLines() {
	c := &s.sum.counts
	all, crlf := s.sum.elements.Newlines()
	c.lines, c.lf, c.crlf = all, all-crlf, crlf
}

// tellFile counts and keeps a finding about the file as a whole, at a place in
// it. No number of errors that are tolerated forgives it.
func (s *Segment) tellFile(r *rule.Rule, f *api.Finding) {
	i := s.plan.indexOf(r)
	s.sum.byRule[i]++
	s.sum.broken = true
	f.Rule, f.Severity = r.Name, s.plan.severity[i].String()
	if f.Hint == "" {
		f.Hint = r.Hint
	}
	s.keep(s.sum.found.add(f))
}

// isJSON tells whether records are JSON values, one a line or elements of one document.
func (p *Plan) isJSON() bool { return p.Format == "jsonl" || p.Format == "json" }

// unit is what people call a record of JSON.
func (p *Plan) unit() string {
	if p.Format == "json" {
		return "element"
	}
	return "line"
}
