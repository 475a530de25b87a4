package validate

import (
	"io"
	"slices"

	"freshet/internal/record"
	"freshet/internal/rule"
)

// Bulk holds what Save wrote.
type Bulk interface {
	io.ReaderAt
	io.Closer
}

// Save writes what is bulky (logs of records, findings beyond a little) to bulk
// and gives the rest as bytes, fit for a row. The summary can still be used, and
// its segment go on: what was saved stays as it is now.
func (s *Summary) Save(bulk io.Writer) (small []byte, err error) {
	if s.serial {
		return nil, errSerial
	}
	for _, l := range s.logs() {
		if err := l.seal(); err != nil {
			return nil, err
		}
	}
	w := &writer{bulk: bulk}
	w.int(s.Offset)
	w.int(s.Bytes)
	w.bool(s.bounded)
	w.bool(s.inQuote)
	w.open(s.head)
	w.open(s.open)
	for _, n := range s.counts.all() {
		w.int(*n)
	}
	w.byRule(s.rules, s.byRule)
	s.spots.save(w)
	for _, f := range s.firsts {
		if w.bool(f.seen); f.seen {
			w.mark(Mark{f.offset, f.line, f.record})
		}
	}
	w.string(s.stopped)
	w.section(s.fields.save)
	w.section(s.index.save)
	w.section(s.sample.save)
	w.int(int64(len(s.unique)))
	for _, p := range s.piles() {
		w.pile(p)
	}
	if w.err != nil {
		return nil, w.err
	}
	return seal(w.b), nil
}

// Load is the counterpart of Save, under the plan that made the summary. bulk
// holds what Save wrote; the summary reads from it until it is closed, and
// closes it. With an error bulk stays the caller's. Bytes that Save did not
// write, or not as this version does, give an error.
func (p *Plan) Load(small []byte, bulk Bulk) (*Summary, error) {
	body, err := unseal(small)
	if err != nil {
		return nil, err
	}
	return p.load(body, bulk)
}

func (p *Plan) load(body []byte, bulk Bulk) (*Summary, error) {
	r := &reader{b: body}
	if bulk != nil {
		r.bulk = newLent(bulk)
	}
	s := p.newSummary(r.int(), false)
	s.Bytes = r.int()
	s.bounded, s.inQuote = r.bool(), r.bool()
	s.head, s.open = r.open(), r.open()
	for _, n := range s.counts.all() {
		*n = r.int()
	}
	r.byRule(s.rules, s.byRule)
	s.spots.load(r)
	for i := range s.firsts {
		if r.bool() {
			m := r.mark()
			s.firsts[i] = place{true, m.Offset, m.Line, m.Record}
		}
	}
	s.stopped = r.string()
	s.fields = p.newFieldSet()
	r.section(s.fields.load)
	r.section(s.index.load)
	r.section(s.sample.load)
	if r.int() != int64(len(s.unique)) {
		r.damaged()
	}
	for _, q := range s.piles() {
		r.pile(q)
	}
	if r.err == nil && (len(r.b) > 0 || !p.fits(s)) {
		r.damaged()
	}
	if r.err != nil {
		for _, q := range s.piles() {
			q.lent = nil // the bulk is the caller's
		}
		s.Close()
		return nil, r.err
	}
	if bulk != nil {
		r.bulk.release() // the piles hold it, if they need it
	}
	return s, nil
}

// fits tells whether the ends of a summary lie where they must.
func (p *Plan) fits(s *Summary) bool {
	end := s.Offset + s.Bytes
	switch {
	case p.opaque || s.stopped != "":
		return true
	case s.bounded:
		return s.open.Offset+s.open.Size == end && s.head.Offset == s.Offset && s.head.Size <= s.Bytes
	}
	return s.Offset > 0 && s.head.Offset == s.Offset && s.head.Size == s.Bytes
}

func (c *counts) all() []*int64 {
	return []*int64{&c.lines, &c.records, &c.blank, &c.lf, &c.crlf, &c.bad}
}

// open writes an open record; of a long one the first bytes only.
func (w *writer) open(o record.Open) {
	o.Trim(maxEnd)
	w.int(o.Offset)
	w.int(o.Size)
	w.int(o.Lines)
	w.bool(o.InQuote)
	w.b = append(w.b, o.Last)
	w.string(string(o.Bytes))
}

func (r *reader) open() record.Open {
	o := record.Open{Offset: r.int(), Size: r.int(), Lines: r.int(), InQuote: r.bool(), Last: r.byte()}
	o.Bytes = r.bytes(r.count(1))
	if n := int64(len(o.Bytes)); n > o.Size || n < min(o.Size, record.Keep) || o.Lines > o.Size {
		r.damaged()
	}
	return o
}

// byRule writes counts by name: their order is that of the program.
func (w *writer) byRule(rules []*rule.Rule, counts []int64) {
	n := 0
	for _, c := range counts {
		if c > 0 {
			n++
		}
	}
	w.int(int64(n))
	for i, c := range counts {
		if c > 0 {
			w.string(rules[i].Name)
			w.int(c)
		}
	}
}

func (r *reader) byRule(rules []*rule.Rule, counts []int64) {
	for range r.count(2) {
		name := r.string()
		i := slices.IndexFunc(rules, func(known *rule.Rule) bool { return known.Name == name })
		if i < 0 {
			r.damaged()
			return
		}
		counts[i] = r.int()
	}
}
