package validate

import (
	"freshet/internal/record"
	"freshet/internal/rule"
)

func (s *Segment) checkCSV() {
	if !s.plainText() {
		return
	}
	var bad *record.CSVFault
	if !s.parsed {
		var cr *record.CSVFault
		bad, cr = s.csv.Parse(s.raw.Bytes)
		s.quoting(bad)
		s.quoting(cr)
	}
	if got, want := s.csv.N, len(s.plan.Columns); got != want {
		if bad == nil { // after a quoting error the number of fields says nothing
			s.tellf(rule.CSVColumnCount, 0, nowhere, "", "the record has %d fields, the header %d", got, want)
		}
		return
	}
	s.whole = true
	if s.parsed {
		s.block.Keep(len(s.columns))
	} else {
		for i, n := range s.columns {
			if n != nil {
				n.field(s.csv.Value(i))
			}
		}
	}
	s.run()
}

// count adds what the block kept to the statistics, a field at a time.
func (s *Segment) count() {
	s.sum.fields.flush(s.block.Bytes())
	t := s.block.Table()
	for i, n := range s.columns {
		if n != nil && len(t.Rows) > 0 {
			s.sum.fields.column(n, s.block.Bytes(), t.Fields[i:], t.Rows, len(s.columns))
		}
	}
}

func (s *Segment) quoting(f *record.CSVFault) {
	if f == nil {
		return
	}
	if r := rule.ByName(f.Rule); s.plan.severity[ruleIndex[r]] != rule.Off {
		s.tell(fault{r, s.at(f.Offset), s.character(f.Offset), s.column(f.Field), f.Message, f.Hint})
	}
}

func (s *Segment) column(i int) string {
	if i < len(s.plan.Columns) {
		return fit([]byte(s.plan.Columns[i]))
	}
	return ""
}

func (s *Segment) header() {
	if !s.plainText() {
		return
	}
	bad, cr := s.csv.Parse(s.raw.Bytes)
	s.quoting(bad)
	s.quoting(cr)
	seen := map[string]bool{}
	for i := range s.csv.Fields {
		name, at := string(s.csv.Value(i)), s.field(i)
		if name == "" {
			s.tellf(rule.CSVEmptyHeader, at.from, at, "", "column %d has no name", i+1)
		} else if seen[name] {
			s.tellf(rule.CSVDuplicateHeader, at.from, at, fit([]byte(name)), "two columns are named %q", name)
		}
		seen[name] = true
	}
}

// rows checks rows of CSV.
func (s *Segment) rows(offset int64) int64 {
	b, r, c, most := &s.block, &s.raw, &s.sum.counts, s.plan.Options.MaxRecordBytes
	quick := s.plain && len(s.plan.record) == 0 && len(s.plan.Options.UniqueFields) == 0
	for s.sum.stopped == "" {
		if offset += s.empty(); !b.Row(&s.csv, r) {
			break
		}
		if !quick || offset == s.plan.headerAt || len(s.csv.Fields) != len(s.columns) || r.Size > most || r.Size == 0 || r.Bytes[0] <= ' ' {
			offset = s.indexed(offset)
			continue
		}
		b.Keep(len(s.columns))
		at, key := Mark{offset, c.lines, c.records}, valueHash(r.Bytes)
		s.keep(s.sum.seen.add(key, at, false))
		s.sum.sample.add(key)
		s.sum.index.note(at)
		c.lines += r.Lines
		c.records++
		offset += r.Size + 1
		if r.CRLF {
			c.crlf++
			offset++
		} else {
			c.lf++
		}
	}
	return offset
}
