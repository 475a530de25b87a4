package validate

import (
	"bytes"

	"freshet/internal/record"
	"freshet/internal/rule"

	"github.com/zeebo/xxh3"
)

// Segment checks the bytes of one stretch of a file as they come.
type Segment struct {
	plan  *Plan
	sum   *Summary
	split record.Splitter
	raw   record.Raw
	json  record.JSON
	csv   record.CSV
	block record.Block
	taken record.Lines
	// columns is where the statistics of each are; those of one name share theirs
	columns []*fieldNode
	ctx     rule.Context
	sink    rule.Sink

	// of the record at hand
	base   int   // bytes of a byte order mark before it
	errors int   // error findings
	plain  bool  // it is known to be plain text
	parsed bool  // the block holds its structure; csv its fields, and they are sure
	listed int   // findings told one by one
	whole  bool  // it was read to its end, so that its fields are sure
	failed error // first fault of a scratch file
}

// Segment begins at a file offset. In CSV, inQuote says that the first byte lies
// inside quotes; elsewhere it is false.
func (p *Plan) Segment(offset int64, inQuote bool) *Segment {
	return p.Resume(p.newSummary(offset, inQuote))
}

// Resume goes on after what sum has seen.
func (p *Plan) Resume(sum *Summary) *Segment {
	s := &Segment{plan: p, sum: sum}
	s.split = record.Splitter{Quotes: p.isCSV(), Max: int(p.Options.MaxRecordBytes)}
	s.csv.Delim = p.Delim
	s.ctx = rule.Context{Options: &p.Options, Columns: p.columns}
	switch p.Format {
	case "jsonl", "json":
		s.ctx.JSON = &s.json
	case "csv", "tsv":
		s.ctx.CSV = &s.csv
		s.columns = sum.columns(p.Columns)
	}
	s.sink = func(r *rule.Rule, where int, message, hint string) { s.broken(r, where, message, hint) }
	if sum.bounded {
		s.split.Restore(&sum.open)
	} else {
		s.split.Max = maxEnd
		s.split.Restore(&sum.head)
	}
	return s
}

// Write checks the next bytes. It keeps none of p.
func (s *Segment) Write(p []byte) (int, error) {
	if s.sum.packed != nil {
		return s.writePacked(p)
	}
	return s.take(p)
}

// take checks the next bytes of what the file holds.
func (s *Segment) take(p []byte) (int, error) {
	n := len(p)
	s.sum.Bytes += int64(n)
	if s.plan.opaque || s.sum.stopped != "" {
		return n, nil
	}
	if !s.sum.bounded {
		end := s.split.Boundary(p)
		if end < 0 {
			s.split.Hold(p)
			return n, nil
		}
		s.split.Hold(p[:end])
		s.bound()
		p = p[end+1:]
	}
	switch s.plan.Format {
	case "json":
		s.elements(p)
	default:
		s.blocks(p)
	}
	return n, s.failed
}

// next checks the record at the front of p and gives back the rest.
func (s *Segment) next(p []byte) []byte {
	used, ok := s.split.Next(p, &s.raw)
	if ok {
		s.record()
	}
	return p[used:]
}

// end checks the last record when the file does not end with a newline.
func (s *Segment) end() error {
	if s.sum.packed != nil {
		s.unpack(nil, true)
	}
	if s.plan.Format == "json" {
		s.endElements()
	}
	if !s.plan.opaque && s.sum.stopped == "" && !s.sum.cut() && s.split.Last(&s.raw) {
		s.record()
	}
	return s.failed
}

// record checks the record in s.raw.
func (s *Segment) record() {
	r, c := &s.raw, &s.sum.counts
	if r.Partial() {
		if err := s.reread(); err != nil {
			s.keep(err)
			return
		}
	}
	s.base, s.errors, s.listed = 0, 0, 0
	s.whole = false
	s.ctx.Mute = s.sum.found.full()
	at := Mark{r.Offset, c.lines, c.records}
	if r.Ended {
		if r.CRLF {
			c.crlf++
		} else {
			c.lf++
		}
	}
	if r.Offset == 0 && s.plan.BOM {
		s.base = len(bom)
		r.Bytes = r.Bytes[min(len(bom), len(r.Bytes)):]
	}
	switch {
	case r.Oversized && r.InQuote:
		c.records++
		s.tellf(rule.CSVUnclosedQuote, 0, nowhere, "", "a quote that opens in this record is never closed")
	case r.Oversized:
		c.records++
		s.tellf(rule.RecordTooLong, 0, nowhere, "", "the record has %d bytes; at most %d are allowed", r.Size, s.plan.Options.MaxRecordBytes)
	case s.plan.blank(r.Bytes):
		c.blank++
		if !s.plan.Options.AllowBlankLines && s.plan.severity[ruleIndex[rule.BlankLine]] != rule.Off {
			s.tellf(rule.BlankLine, 0, nowhere, "", "a blank line")
		}
		c.lines += r.Lines
		return
	case s.isHeader(at):
		s.header()
		s.sum.rejects.header(r, s.base)
		c.lines += r.Lines
		return
	default:
		c.records++
		s.check()
		s.remember(at)
	}
	s.sum.index.note(at)
	c.lines += r.Lines
	if s.errors > 0 {
		c.bad++
		s.keep(s.sum.rejects.add(r.Offset))
		s.tooMany()
	}
}

// isHeader tells whether the record names the columns: the one that the plan took
// them from, else the first of the file that is not blank.
func (s *Segment) isHeader(at Mark) bool {
	switch c := &s.sum.counts; {
	case s.ctx.CSV == nil:
		return false
	case len(s.plan.Columns) > 0:
		return at.Offset == s.plan.headerAt
	default:
		return s.sum.Offset == 0 && c.records == 0 && c.blank == c.lines
	}
}

// TooManyBad is why fail_fast stops.
const TooManyBad = "fail_fast: too many records with errors"

// tooMany stops the work under fail_fast at the first bad record too many.
func (s *Segment) tooMany() {
	o := &s.plan.Options
	if o.FailFast && s.sum.counts.bad > o.Tolerated() {
		s.sum.stopped = TooManyBad
	}
}

func (s *Segment) check() {
	switch s.plan.Format {
	case "jsonl", "json":
		s.checkJSON()
	case "csv", "tsv":
		s.checkCSV()
	default:
		s.checkText()
	}
}

func (s *Segment) parse() *record.SyntaxError {
	if s.parsed {
		return s.json.ParseLine(&s.block, s.raw.Bytes)
	}
	return s.json.Parse(s.raw.Bytes)
}

func (s *Segment) checkJSON() {
	if err := s.parse(); err != nil {
		from, to := err.Span(s.raw.Bytes)
		s.tell(fault{rule.ByName(err.Rule), s.at(err.Offset), span{from, to}, s.json.PathOfError(), err.Message, err.Hint})
		return
	}
	if s.json.Tok[0].Kind != record.Object {
		s.tellf(rule.NotAnObject, s.json.Place(0), s.token(0), "", "the %s is valid JSON, but %s is not an object", s.plan.unit(), s.json.Tok[0].Kind)
		return
	}
	s.whole = true
	if s.parsed {
		s.sum.fields.record(&s.json, s.block.Bytes(), s.block.Place())
	} else {
		s.sum.fields.record(&s.json, nil, 0)
	}
	if s.plan.mixed && s.otherSchema() {
		return
	}
	if s.plan.Schema == rule.OpenAIChat {
		s.ctx.ReadChat()
	}
	s.run()
}

// otherSchema tells that the record is of another training schema than the file.
func (s *Segment) otherSchema() bool {
	pack := s.ctx.PackOf()
	if pack == "" {
		return false
	}
	f := rule.FirstOf(pack)
	s.first(f)
	if pack == s.plan.Schema {
		return false
	}
	s.errors++
	return true
}

func (s *Segment) first(f rule.First) {
	if p := &s.sum.firsts[f]; !p.seen {
		*p = place{true, s.raw.Offset, s.sum.counts.lines, s.sum.counts.records - 1}
	}
}

func (s *Segment) run() {
	s.ctx.Run(s.plan.record, s.sink)
	for f, seen := range s.ctx.Firsts {
		if seen {
			s.first(rule.First(f))
			s.ctx.Firsts[f] = false
		}
	}
}

// remember keeps the hashes by which duplicates are found at the end, and files compared.
func (s *Segment) remember(at Mark) {
	bad := s.errors > 0
	key := valueHash(s.raw.Bytes)
	s.keep(s.sum.seen.add(key, at, bad))
	s.sum.sample.add(key)
	for i, name := range s.plan.Options.UniqueFields {
		if !s.whole {
			break // not a record that has fields
		}
		if v, ok := s.ctx.Lookup(name); ok && v.Kind != record.Null {
			s.keep(s.sum.unique[i].add(xxh3.HashSeed(v.Text, uint64(v.Kind)), at, bad))
		}
	}
}

func (s *Segment) keep(err error) {
	if err != nil && s.failed == nil {
		s.failed = err
	}
}

// blank tells whether nothing stands on a line. A tab between fields is something.
func (p *Plan) blank(line []byte) bool {
	return blank(line) && (p.Format != "tsv" || bytes.IndexByte(line, '\t') < 0)
}

func blank(p []byte) bool {
	for _, c := range p {
		if c != ' ' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}
