package rule

import (
	"unicode/utf8"

	"freshet/internal/record"
)

// How much a record may cost: a step looks at one value by one schema, or at
// some bytes of a string. Schemas that branch can want any number of them.
const (
	stepsPerByte  = 100
	stepsAtLeast  = 20_000
	bytesPerStep  = 64
	patternWeight = 16
)

// visit is a record on its way through a schema.
type visit struct {
	c      *Context
	j      *record.JSON
	steps  int
	spent  bool
	quiet  int // inside a schema that may fail without the record failing
	tracks bool

	seen   []int // values that a schema of this one looked at, for unevaluated…
	slots  []int // members that were found, of all objects that are open
	buf    []byte
	names  hashSet
	unique hashSet
}

func checkSchema(c *Context) {
	s, v := c.Options.JSONSchema, &c.visit
	v.c, v.j, v.tracks = c, c.fields(), s.tracks
	v.quiet, v.spent, v.steps = 0, false, stepsAtLeast+stepsPerByte*len(v.j.Raw)
	v.seen, v.slots = v.seen[:0], v.slots[:0]
	v.valid(s.root, 0)
	if v.spent {
		c.Report(NoPlace, "checking the record by the schema takes too many steps; what is left of it is not checked")
	}
}

// check is one keyword, or several that go together, on the value at a token.
type check func(v *visit, n *node, tok int) bool

// plan lists the checks that the node has.
func (n *node) plan() {
	add := func(has bool, c check) {
		if has {
			n.checks = append(n.checks, c)
		}
	}
	add(n.kinds.set, (*visit).typed)
	add(n.values != nil, (*visit).listed)
	add(n.number != nil, (*visit).number)
	add(n.text != nil, (*visit).text)
	add(n.list != nil, (*visit).list)
	add(n.object != nil, (*visit).object)
	add(n.ref != nil || n.all != nil, (*visit).allOf)
	add(n.any != nil, (*visit).anyOf)
	add(n.one != nil, (*visit).oneOf)
	add(n.not != nil, (*visit).notThis)
	add(n.when != nil, (*visit).ifThen)
	add(n.depends != nil, (*visit).dependentSchemas)
}

// valid tells whether the value at tok is as n wants it, and reports what is
// not, unless nobody wants to know.
func (v *visit) valid(n *node, tok int) bool {
	if !v.pay(1) {
		return false
	}
	if n.never {
		return v.fail(n, tok, "", "no value is allowed here")
	}
	from, good := len(v.seen), true
	for _, c := range n.checks {
		if !c(v, n, tok) {
			if good = false; v.quiet > 0 {
				return false
			}
		}
	}
	if n.rest != nil && v.j.Tok[tok].Kind == record.Object {
		good = v.unevaluatedProperties(n, tok, from) && good
	}
	if n.others != nil && v.j.Tok[tok].Kind == record.Array {
		good = v.unevaluatedItems(n, tok, from) && good
	}
	return good
}

// pay takes steps; without enough left nothing that follows counts.
func (v *visit) pay(steps int) bool {
	if v.steps -= steps; v.steps < 0 {
		v.spent = true
	}
	return !v.spent
}

// fail says what the keyword of n wants of the value at tok.
func (v *visit) fail(n *node, tok int, keyword, format string, args ...any) bool {
	if v.quiet > 0 || v.spent {
		return false
	}
	place := n.path
	if keyword != "" {
		place, format = pointer(n.path, keyword), keyword+": "+format
	}
	v.c.reportHint(v.c.placeOf(tok), "see "+orRoot(place)+" in the schema", format, args...)
	return false
}

func orRoot(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// inside checks a value that is part of the one at hand.
func (v *visit) inside(n *node, tok int) bool {
	from := len(v.seen)
	good := v.valid(n, tok)
	if v.seen = v.seen[:from]; v.tracks {
		v.seen = append(v.seen, tok)
	}
	return good
}

// maybe checks without reporting. What a schema that fails looked at was not looked at.
func (v *visit) maybe(n *node, tok int) bool {
	from := len(v.seen)
	v.quiet++
	good := v.valid(n, tok)
	if v.quiet--; !good {
		v.seen = v.seen[:from]
	}
	return good
}

// string is the string or name at tok once decoded, until the next call.
func (v *visit) string(tok int) []byte {
	if v.j.Tok[tok].Flags&record.Escaped == 0 {
		return v.j.Text(tok)
	}
	v.buf = v.j.Decode(v.buf[:0], tok)
	return v.buf
}

func (v *visit) typed(n *node, tok int) bool {
	k := v.j.Tok[tok].Kind
	if !n.kinds.kinds[k] {
		return v.fail(n, tok, "type", "wanted is %s, not %s", oneOf(n.types), kindWord(k))
	}
	if k == record.Number && n.kinds.whole && !isWhole(v.j.Text(tok)) {
		return v.fail(n, tok, "type", "wanted is %s, not a number with a fraction", oneOf(n.types))
	}
	return true
}

func (v *visit) listed(n *node, tok int) bool {
	return n.values.has(v, tok) || v.fail(n, tok, n.values.keyword, "wanted is %s", n.values.shown)
}

func (v *visit) number(n *node, tok int) bool {
	if v.j.Tok[tok].Kind != record.Number {
		return true
	}
	x, d, good := v.j.Text(tok), n.number, true
	if !v.pay(len(x) / 8) {
		return false
	}
	if d.min != nil && d.min.compare(x) < 0 {
		good = v.fail(n, tok, "minimum", "at least %s is wanted", d.min.source)
	}
	if d.max != nil && d.max.compare(x) > 0 {
		good = v.fail(n, tok, "maximum", "at most %s is wanted", d.max.source)
	}
	if d.above != nil && d.above.compare(x) <= 0 {
		good = v.fail(n, tok, "exclusiveMinimum", "more than %s is wanted", d.above.source)
	}
	if d.below != nil && d.below.compare(x) >= 0 {
		good = v.fail(n, tok, "exclusiveMaximum", "less than %s is wanted", d.below.source)
	}
	if d.multiple != nil && !d.multiple.divides(x) {
		good = v.fail(n, tok, "multipleOf", "a multiple of %s is wanted", d.multiple.source)
	}
	return good
}

func (v *visit) text(n *node, tok int) bool {
	if v.j.Tok[tok].Kind != record.String {
		return true
	}
	d, good := n.text, true
	size := int(v.j.Tok[tok].N) // of a character there are one to four bytes
	if d.min > 0 && size/4 < d.min || d.max >= 0 && size > d.max {
		if !v.pay(size / bytesPerStep) {
			return false
		}
		count := utf8.RuneCount(v.string(tok))
		if count < d.min {
			good = v.fail(n, tok, "minLength", "at least %d characters are wanted, there are %d", d.min, count)
		}
		if d.max >= 0 && count > d.max {
			good = v.fail(n, tok, "maxLength", "at most %d characters are wanted, there are %d", d.max, count)
		}
	}
	if d.pattern != nil && !v.matches(d.pattern, tok) {
		good = v.fail(n, tok, "pattern", "a string that matches %q is wanted", clip([]byte(d.pattern.String())))
	}
	return good
}

func (v *visit) matches(p *pattern, tok int) bool {
	return v.pay(1+int(v.j.Tok[tok].N)*(p.size+patternWeight)/(bytesPerStep*patternWeight)) && p.Match(v.string(tok))
}

func (v *visit) allOf(n *node, tok int) bool {
	good := n.ref == nil || v.valid(n.ref, tok)
	for _, m := range n.all {
		if !good && v.quiet > 0 {
			break
		}
		good = v.valid(m, tok) && good
	}
	return good
}

func (v *visit) anyOf(n *node, tok int) bool {
	good := false
	for _, m := range n.any {
		if good = v.maybe(m, tok) || good; good && !v.tracks {
			break
		}
	}
	return good || v.fail(n, tok, "anyOf", "the value fits none of the %d schemas", len(n.any))
}

func (v *visit) oneOf(n *node, tok int) bool {
	first := -1
	for i, m := range n.one {
		if !v.maybe(m, tok) {
			continue
		}
		if first >= 0 {
			return v.fail(n, tok, "oneOf", "the value fits schema %d and schema %d; exactly one is wanted", first, i)
		}
		first = i
	}
	return first >= 0 || v.fail(n, tok, "oneOf", "the value fits none of the %d schemas", len(n.one))
}

func (v *visit) notThis(n *node, tok int) bool {
	from := len(v.seen)
	fits := v.maybe(n.not, tok)
	v.seen = v.seen[:from]
	return !v.spent && (!fits || v.fail(n, tok, "not", "the value fits the schema that it must not fit"))
}

func (v *visit) ifThen(n *node, tok int) bool {
	switch fits := v.maybe(n.when, tok); {
	case fits && n.then != nil:
		return v.valid(n.then, tok)
	case !fits && n.orElse != nil:
		return v.valid(n.orElse, tok)
	}
	return true
}

func (v *visit) dependentSchemas(n *node, tok int) bool {
	good := true
	if v.j.Tok[tok].Kind == record.Object {
		for _, d := range n.depends {
			if v.pay((v.j.Next(tok)-tok)/8) && v.j.Member(tok, d.name) >= 0 {
				good = v.valid(d.schema, tok) && good
			}
		}
	}
	return good
}
