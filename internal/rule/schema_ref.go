package rule

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// finish resolves the references, and refuses chains of schemas on one value
// that never end or are very long.
func (c *compiler) finish() error {
	for len(c.refs) > 0 { // what a reference leads to may hold more
		r := c.refs[0]
		c.refs = c.refs[1:]
		var err error
		if r.from.ref, err = c.resolve(r); err != nil {
			return err
		}
	}
	places := make([]string, 0, len(c.nodes))
	for at := range c.nodes {
		places = append(places, at)
	}
	slices.Sort(places)
	for _, at := range places {
		if _, err := c.measure(c.nodes[at]); err != nil {
			return err
		}
		c.nodes[at].plan()
	}
	return nil
}

// inPlace are the schemas that look at the same value as n.
func (n *node) inPlace() []*node {
	out := slices.Concat(n.all, n.any, n.one)
	for _, d := range n.depends {
		out = append(out, d.schema)
	}
	for _, m := range []*node{n.ref, n.not, n.when, n.then, n.orElse} {
		if m != nil {
			out = append(out, m)
		}
	}
	return out
}

func (c *compiler) measure(n *node) (int, error) {
	switch {
	case n.depth < 0:
		return 0, c.fault(n.path, "refers to itself without going into the value, which never ends")
	case n.depth > 0:
		return n.depth, nil
	}
	n.depth = -1
	deepest := 0
	for _, m := range n.inPlace() {
		d, err := c.measure(m)
		if err != nil {
			return 0, err
		}
		deepest = max(deepest, d)
	}
	if deepest >= maxInPlace {
		return 0, c.fault(n.path, "more than %d schemas in a row look at the same value", maxInPlace)
	}
	n.depth = deepest + 1
	return n.depth, nil
}

const outside = "refers outside of the schema; nothing is ever fetched: put it under $defs"

func (c *compiler) resolve(r pendingRef) (*node, error) {
	ref, err := url.Parse(r.value)
	if err != nil {
		return nil, c.fault(r.at, "is not a URI reference")
	}
	fragment := ref.Fragment
	if whole := *ref; whole.Host != "" || whole.Path != "" || whole.Opaque != "" || whole.RawQuery != "" || whole.Scheme != "" {
		if c.base == nil {
			return nil, c.fault(r.at, outside)
		}
		to := c.base.ResolveReference(&whole)
		to.Fragment, to.RawFragment = "", ""
		if to.String() != c.base.String() {
			return nil, c.fault(r.at, outside)
		}
	}
	place := ""
	switch {
	case fragment == "":
	case fragment[0] != '/':
		at, ok := c.anchors[fragment]
		if !ok {
			return nil, c.fault(r.at, "the schema has no $anchor %q", clip([]byte(fragment)))
		}
		return c.nodes[at], nil
	default:
		place = fragment
	}
	v, at, ok := follow(c.doc, place)
	if !ok {
		return nil, c.fault(r.at, "the schema has nothing at %q", clip([]byte(place)))
	}
	return c.compile(at, v)
}

// follow gives the value at a JSON pointer, with the pointer as we write it.
func follow(v any, p string) (any, string, bool) {
	at := ""
	for p != "" {
		name, rest, more := strings.Cut(p[1:], "/")
		if p = ""; more {
			p = "/" + rest
		}
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		at = pointer(at, name)
		switch c := v.(type) {
		case map[string]any:
			e, ok := c[name]
			if !ok {
				return nil, "", false
			}
			v = e
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(c) || strconv.Itoa(i) != name {
				return nil, "", false
			}
			v = c[i]
		default:
			return nil, "", false
		}
	}
	return v, at, true
}
