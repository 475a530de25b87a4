package httpapi

import (
	"io"

	"freshet/internal/record"
	"freshet/internal/validate"
)

// cutter finds the records of a file of some format.
type cutter interface {
	next(p []byte, raw *record.Raw) (used int, ok bool)
	last(raw *record.Raw) bool
	at() int64 // line, from 0, of the record that was found last
}

func cutterAt(format string, m validate.Mark) cutter {
	if format == "json" {
		c := &elementCutter{record.Elements{Max: shownRecord}}
		if m.Offset > 0 {
			c.Resume(m.Offset, m.Line)
		}
		return c
	}
	c := &lineCutter{Splitter: record.Splitter{Quotes: format == "csv" || format == "tsv", Max: shownRecord}, after: m.Line}
	c.Reset(m.Offset, false)
	return c
}

// lineCutter finds records that end with a newline.
type lineCutter struct {
	record.Splitter
	line, after int64 // of the record, and behind it
}

func (c *lineCutter) next(p []byte, raw *record.Raw) (int, bool) {
	used, ok := c.Next(p, raw)
	return used, c.found(ok, raw)
}

func (c *lineCutter) last(raw *record.Raw) bool { return c.found(c.Last(raw), raw) }

func (c *lineCutter) found(ok bool, raw *record.Raw) bool {
	if ok {
		c.line, c.after = c.after, c.after+raw.Lines
	}
	return ok
}

func (c *lineCutter) at() int64 { return c.line }

// elementCutter finds the elements of a JSON document.
type elementCutter struct{ record.Elements }

func (c *elementCutter) next(p []byte, raw *record.Raw) (int, bool) {
	used, found := c.Next(p, raw)
	return used, found == record.Element
}

func (c *elementCutter) last(raw *record.Raw) bool { return c.Last(raw) == record.Element }
func (c *elementCutter) at() int64                 { return c.Line() }

// eachRecord gives the records of r and the lines on which they begin, until f says no.
func eachRecord(r io.Reader, c cutter, f func(line int64, raw *record.Raw) bool) error {
	buf := make([]byte, recordBuffer)
	var raw record.Raw
	for {
		n, err := r.Read(buf)
		for p := buf[:n]; len(p) > 0; {
			used, ok := c.next(p, &raw)
			p = p[used:]
			if ok && !f(c.at(), &raw) {
				return nil
			}
		}
		if err == io.EOF {
			if c.last(&raw) {
				f(c.at(), &raw)
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
}
