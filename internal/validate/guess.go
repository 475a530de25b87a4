package validate

import "freshet/internal/record"

// guessSample is how much of a segment's front a guess looks at.
const guessSample = 64 << 10

// GuessQuote tells whether a segment of CSV whose bytes begin with sample more
// likely begins inside quotes than outside: it is read both ways, and the one
// counts in which more of the records have the header's number of columns. It
// is false for other formats. Append tells when it was wrong.
func (p *Plan) GuessQuote(sample []byte) bool {
	if !p.isCSV() {
		return false
	}
	sample = sample[:min(len(sample), guessSample)]
	outside, of := p.fitting(sample, false)
	inside, in := p.fitting(sample, true)
	// a reading without a record is worth one half
	return (inside*2+1)*(of+1) > (outside*2+1)*(in+1)
}

// fitting counts the records of a sample, without the ragged ends, and those of them that fit the header.
func (p *Plan) fitting(sample []byte, inQuote bool) (fit, all int) {
	s := record.Splitter{Quotes: true, Max: guessSample}
	s.Reset(0, inQuote)
	end := s.Boundary(sample)
	if end < 0 {
		return 0, 0
	}
	sample = sample[end+1:]
	s.Reset(0, false)
	c := record.CSV{Delim: p.Delim}
	for raw := (record.Raw{}); ; {
		used, ok := s.Next(sample, &raw)
		if !ok {
			return fit, all
		}
		sample = sample[used:]
		if blank(raw.Bytes) {
			continue
		}
		all++
		if fault, _ := c.Parse(raw.Bytes); fault == nil && len(c.Fields) == len(p.Columns) {
			fit++
		}
	}
}
