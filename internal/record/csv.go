package record

import "bytes"

// Field is one field of a CSV record. Start and End are its bytes in the
// record, without the quotes around it.
type Field struct {
	Start, End uint32
	Doubled    uint32 // quotes in it that are written twice
	Quoted     bool
}

// MaxFields is how many fields of a record are kept.
const (
	MaxFields  = 1 << 20
	keptFields = 1 << 16
)

// CSV reads one record at a time, reusing its fields.
type CSV struct {
	Delim  byte
	Raw    []byte
	Fields []Field // the first MaxFields
	N      int     // how many there are
	own    []Field // those of a record that was not in a block
	buf    []byte
}

// CSVFault is what is wrong with a record's quoting.
type CSVFault struct {
	Rule    string // csv-stray-quote, csv-text-after-quote, csv-unclosed-quote, bare-cr
	Offset  int
	Field   int // from 0
	Message string
	Hint    string
}

// Parse cuts a record, without its line ending, into fields. RFC 4180; a quote
// that breaks its rules toggles all the same, so that fields and records stay
// defined. Returned are the first fault of quoting, after which fields are not
// sure, and the first carriage return that stands alone.
func (c *CSV) Parse(raw []byte) (quoting, bareCR *CSVFault) {
	if cap(c.own) > keptFields {
		c.own = nil // one long record should not cost its memory for the rest of the file
	}
	c.Raw, c.Fields, c.N = raw, c.own[:0], 0
	report := func(rule string, at int, message, hint string) {
		f := &quoting
		if rule == "bare-cr" {
			f = &bareCR
		}
		if *f == nil {
			*f = &CSVFault{rule, at, c.N, message, hint}
		}
	}
	i, n := 0, len(raw)
	for {
		start, f := i, Field{Start: uint32(i)}
		if i < n && raw[i] == '"' {
			f.Quoted = true
			f.Start = uint32(i + 1)
			i++
			for {
				k := bytes.IndexByte(raw[i:], '"')
				if k < 0 {
					i = n
					report("csv-unclosed-quote", start, "the quote that opens here is never closed", "close it, or write a quote inside a field as two quotes")
					f.End = uint32(n)
					break
				}
				i += k
				if i+1 < n && raw[i+1] == '"' {
					f.Doubled++
					i += 2
					continue
				}
				f.End = uint32(i)
				i++
				break
			}
			if i < n && raw[i] != c.Delim {
				report("csv-text-after-quote", i, "text after the closing quote of a field", "write a quote inside a quoted field as two quotes")
			}
		}
		// what is unquoted, up to the next delimiter outside quotes
		inQuote := false
		for i < n && (inQuote || raw[i] != c.Delim) {
			switch raw[i] {
			case '"':
				if !f.Quoted {
					report("csv-stray-quote", i, "a quote inside a field that is not quoted", "quote the whole field and write the quote twice")
				}
				inQuote = !inQuote
			case '\r':
				if !inQuote {
					report("bare-cr", i, "a carriage return without a newline", "end records with a newline, or quote the field")
				}
			}
			i++
		}
		if inQuote {
			report("csv-unclosed-quote", start, "the quote that opens here is never closed", "close it, or write a quote inside a field as two quotes")
		}
		if !f.Quoted {
			f.End = uint32(i)
		}
		if c.N++; c.N <= MaxFields {
			c.Fields = append(c.Fields, f)
		}
		if i >= n {
			c.own = c.Fields
			return quoting, bareCR
		}
		i++
	}
}

// Value is field i with doubled quotes made single. It is valid until the next call.
func (c *CSV) Value(i int) []byte {
	f := &c.Fields[i]
	p := c.Raw[f.Start:f.End]
	if f.Doubled > 0 {
		c.buf = Single(c.buf[:0], p)
		return c.buf
	}
	return p
}

// Single adds p with doubled quotes made single.
func Single(to, p []byte) []byte {
	for {
		k := bytes.IndexByte(p, '"')
		if k < 0 {
			return append(to, p...)
		}
		to = append(to, p[:k+1]...)
		p = p[k+1:]
		if len(p) > 0 && p[0] == '"' {
			p = p[1:]
		}
	}
}
