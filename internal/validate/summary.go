package validate

import (
	"freshet/internal/record"
	"freshet/internal/rule"
)

// Summary is the result of checking a stretch of a file. Lines and records
// count from its start, offsets from the start of the file.
type Summary struct {
	Offset int64 // of its first byte in the file
	Bytes  int64

	// head is what comes before the first record boundary, open the record that
	// begins after the last: nobody has looked at them yet. A segment at the front
	// of the file has no head; one without a boundary has only a head. Of either
	// the bytes may be its first ones only.
	head    record.Open
	open    record.Open
	bounded bool // there is a boundary, or this is the front of the file
	inQuote bool // guess: the first byte lies inside quotes (CSV)

	counts  counts
	spots   spots
	rules   []*rule.Rule // of the plan
	byRule  []int64      // by index in rules
	firsts  [rule.NumFirsts]place
	fields  *fieldSet
	seen    *recordLog   // one entry a record: hash of its bytes
	unique  []*recordLog // one for each of unique_fields: hash of the value
	sample  sample       // of the hashes of records
	found   *spool
	index   lineIndex
	stopped string   // why checking ended early
	rejects *rejects // nil unless asked for

	// Of files that are checked from the front to the end.
	packed   *packed         // of a compressed one
	elements record.Elements // of a JSON document
	serial   bool
	broken   bool // the file as a whole cannot be read, or not to its end
}

// counts add up.
type counts struct {
	lines, records, blank int64
	lf, crlf              int64
	bad                   int64 // records with at least one error
}

func (c *counts) add(d *counts) {
	c.lines += d.lines
	c.records += d.records
	c.blank += d.blank
	c.lf += d.lf
	c.crlf += d.crlf
	c.bad += d.bad
}

// place is where a thing was seen first. Its line and record count from 0.
type place struct {
	seen         bool
	offset       int64
	line, record int64
}

func (p *Plan) newSummary(offset int64, inQuote bool) *Summary {
	s := &Summary{Offset: offset, bounded: offset == 0, inQuote: inQuote,
		rules: p.rules, byRule: make([]int64, len(p.rules)), fields: p.newFieldSet(),
		stopped: p.refused,
	}
	a := p.arena
	if a == nil {
		a = &arena{scratch: p.config.Scratch}
	}
	s.found, s.seen = &spool{pile{arena: a}, p.config.MaxFindings}, newLog(a)
	s.serial, s.elements.Max = p.Serial(), int(p.Options.MaxRecordBytes)
	if p.Compression != "" {
		s.packed = &packed{}
	}
	if p.config.Rejects {
		s.rejects = &rejects{bad: sorter{scratch: p.config.Scratch}}
	}
	s.head = record.Open{Offset: offset, InQuote: inQuote}
	s.open.Offset = offset
	for range p.Options.UniqueFields {
		s.unique = append(s.unique, newLog(a))
	}
	return s
}

func newLog(a *arena) *recordLog { return &recordLog{pile: pile{arena: a}} }

// columns gives the statistics of CSV columns, nil of those that there are too many of.
func (s *Summary) columns(names []string) []*fieldNode {
	out := make([]*fieldNode, len(names))
	for range 2 { // a later column may take the place of an earlier one
		for i, c := range names {
			out[i] = s.fields.child(s.fields.root, []byte(c))
		}
	}
	return out
}

// piles is what grows with the number of records.
func (s *Summary) piles() []*pile {
	out := []*pile{&s.found.pile}
	for _, l := range s.logs() {
		out = append(out, &l.pile)
	}
	return out
}

func (s *Summary) logs() []*recordLog { return append([]*recordLog{s.seen}, s.unique...) }

// Close gives back the scratch files, and the bulk of a summary that was loaded.
func (s *Summary) Close() {
	s.packed.close()
	for _, p := range s.piles() {
		p.close()
	}
	if s.rejects != nil {
		s.rejects.bad.close()
	}
}

// absorb adds the body of b, which follows and whose head was dealt with.
func (s *Summary) absorb(b *Summary) error {
	line, recd := s.counts.lines, s.counts.records
	s.counts.add(&b.counts)
	s.spots.merge(&b.spots)
	for i, n := range b.byRule {
		s.byRule[i] += n
	}
	for i, f := range b.firsts {
		if f.seen && !s.firsts[i].seen {
			f.line += line
			f.record += recd
			s.firsts[i] = f
		}
	}
	s.fields.merge(b.fields)
	for _, l := range append(s.logs(), b.logs()...) {
		if err := l.seal(); err != nil {
			return err
		}
	}
	piles := b.piles()
	for i, p := range s.piles() {
		if err := p.absorb(piles[i], line, recd); err != nil {
			return err
		}
	}
	if err := s.rejects.absorb(b.rejects); err != nil {
		return err
	}
	s.index.absorb(&b.index, line, recd)
	s.sample.absorb(&b.sample)
	if s.stopped == "" {
		s.stopped = b.stopped
	}
	return nil
}
