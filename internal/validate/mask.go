package validate

import (
	"bytes"
	"strings"

	"freshet/api"
	"freshet/internal/rule"
)

// maskMargin is how far around an excerpt what must not be shown is looked for:
// it may begin before it and end behind it.
const maskMargin = 4096

// excerpt is the text around byte i of the record, and where in it the fault is.
// Under rules that find what is private it shows none of that, whichever rule
// the finding is of.
func (s *Segment) excerpt(i int, fault span) (string, *[2]int) {
	p := s.raw.Bytes
	if !s.plan.private {
		return excerpt(p, i, fault)
	}
	i = max(0, min(i, len(p)))
	from, to := max(0, i-maskMargin), min(len(p), i+maskMargin)
	window := bytes.Clone(p[from:to])
	hide(window, rule.Private(s.plan.record, nil, s.unescaped(window)))
	for _, h := range s.ctx.Hidden {
		hide(window, []rule.Span{{From: h.From - from, To: h.To - from}})
	}
	return excerpt(window, i-from, span{fault.from - from, fault.to - from})
}

// unescaped is text of a record with blanks in place of JSON's escapes, which
// would look like letters of a word.
func (s *Segment) unescaped(p []byte) []byte {
	if s.ctx.JSON == nil {
		return p
	}
	p = bytes.Clone(p)
	for i := bytes.IndexByte(p, '\\'); i >= 0 && i < len(p); i++ {
		if p[i] != '\\' {
			continue
		}
		n := 2
		if i+1 < len(p) && p[i+1] == 'u' {
			n = 6
		}
		for k := i; k < min(i+n, len(p)); k++ {
			p[k] = ' '
		}
		i += n - 1
	}
	return p
}

// masked is a message or a path without what is private.
func (s *Segment) masked(text string) string {
	return s.plan.masked("", text)
}

// masked is a value of the field without what is private.
func (p *Plan) masked(field, text string) string {
	if !p.private {
		return text
	}
	b := []byte(text)
	hide(b, rule.Private(p.record, []byte(field), b))
	return string(b)
}

// mask hides what is private in the names and frequent values of fields.
func (p *Plan) mask(fields []api.Field) {
	for i := range fields {
		f := &fields[i]
		name := f.Path[strings.LastIndexByte(f.Path, '.')+1:]
		for k := range f.Top {
			f.Top[k].Value = p.masked(name, f.Top[k].Value)
		}
		f.Path = p.masked("", f.Path)
	}
}

// hide overwrites spans, as far as they lie in p.
func hide(p []byte, spans []rule.Span) {
	for _, s := range spans {
		for i := max(0, s.From); i < min(s.To, len(p)); i++ {
			p[i] = '*'
		}
	}
}
