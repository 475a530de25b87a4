package rule

import "freshet/internal/record"

// Scanned is a value that rules on content look into: every string of a record,
// every field, every line of text. They are off until `severity` turns them on.
type Scanned struct {
	Text []byte
	Name []byte // of the member or column, where it has one

	c     *Context // that wants to know what is found
	place int
	spans []Span // of what was found, where no context is

	// read bytes of Text end at this offset in the record; what is found next
	// lies mostly behind it, so that finding much in one value costs little
	read, at int
}

// Span is a stretch of bytes: From up to To.
type Span struct{ From, To int }

// triggers are bytes without which a rule has nothing to look for, so that most
// values are looked at once for all rules.
type triggers uint8

const (
	hasDigit triggers = 1 << iota
	hasAt
	hasMarkup
	hasHidden
	always
)

var triggerOf = func() (t [256]triggers) {
	for c := '0'; c <= '9'; c++ {
		t[c] = hasDigit
	}
	t['@'] = hasAt
	t['<'], t[':'] = hasMarkup, hasMarkup
	for _, lead := range []byte{0xD8, 0xE1, 0xE2, 0xEF, 0xF3} { // of the characters that hidden-unicode knows
		t[lead] = hasHidden
	}
	return t
}()

// scan runs rules that look into content over all values of the record.
func (c *Context) scan(rules []*Rule) {
	if len(rules) == 0 {
		return
	}
	v := &c.scanned
	v.c = c
	switch {
	case c.JSON != nil:
		for i := range c.JSON.Tok {
			if t := &c.JSON.Tok[i]; t.Kind != record.String || t.Flags&record.IsKey != 0 {
				continue
			}
			v.Text, v.Name, v.place = c.text(i), nil, i
			if c.JSON.Tok[i-1].Flags&record.IsKey != 0 { // the record is an object, so that a token comes before
				v.Name = c.JSON.Text(i - 1)
			}
			v.scan(rules)
		}
	case c.CSV != nil:
		t := c.fields()
		for k, col := range c.table.columns {
			v.Text, v.Name, v.place = t.Text(2*k+2), t.Text(2*k+1), col.index
			v.scan(rules)
		}
	default:
		v.Text, v.Name, v.place = c.Line, nil, NoPlace
		v.scan(rules)
	}
	c.Span = Span{}
}

func (v *Scanned) scan(rules []*Rule) {
	has := always
	for _, b := range v.Text {
		has |= triggerOf[b]
	}
	for _, r := range rules {
		if has&r.Needs != 0 {
			v.c.rule, v.read, v.at = r, 0, v.start()
			r.Scan(v)
		}
	}
}

// found is called by rules: what they look for is at s.
func (v *Scanned) found(s Span, what string) {
	c := v.c
	if c == nil {
		v.spans = append(v.spans, s)
		return
	}
	s = Span{v.offset(s.From), v.offset(s.To)}
	if c.Span = s; c.rule.Private {
		c.Hidden = append(c.Hidden, s)
	}
	c.Report(v.place, "%s", what)
}

// start is where the value begins in the record.
func (v *Scanned) start() int {
	switch c := v.c; {
	case c.JSON != nil:
		return int(c.JSON.Tok[v.place].Start)
	case c.CSV != nil:
		return int(c.CSV.Fields[v.place].Start)
	}
	return 0
}

// offset is where byte n of the text stands in the record.
func (v *Scanned) offset(n int) int {
	if n < v.read {
		v.read, v.at = 0, v.start()
	}
	switch c := v.c; {
	case c.JSON != nil:
		v.at = c.JSON.Skip(v.place, v.at, n-v.read)
	case c.CSV != nil:
		v.at = c.CSV.Skip(v.place, v.at, n-v.read)
	default:
		v.at = n
	}
	v.read = n
	return v.at
}

// Private gives the stretches of text that reports must not repeat under the
// rules. name is that of the field that holds it, if there is one.
func Private(rules []*Rule, name, text []byte) []Span {
	v := Scanned{Text: text, Name: name}
	for _, r := range rules {
		if r.Private {
			r.Scan(&v)
		}
	}
	return v.spans
}

func isDigit(c byte) bool { return c-'0' <= 9 }
func isUpper(c byte) bool { return c-'A' < 26 }
func isAlnum(c byte) bool { return isDigit(c) || isUpper(c&^0x20) }

// before and after are the bytes around a stretch, 0 at the ends.
func before(p []byte, i int) byte {
	if i == 0 {
		return 0
	}
	return p[i-1]
}

func after(p []byte, i int) byte {
	if i >= len(p) {
		return 0
	}
	return p[i]
}
