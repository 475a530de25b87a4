package rule

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"

	"freshet/internal/record"
)

// compiler makes nodes of the schemas in a document, one for each place.
type compiler struct {
	at      string // of the document in the rules, for messages
	doc     any
	base    *url.URL // $id of the root
	nodes   map[string]*node
	anchors map[string]string // name to place
	refs    []pendingRef
	schema  *Schema
}

// pendingRef is a reference that is resolved once all anchors are known.
type pendingRef struct {
	from      *node
	at, value string
}

func (c *compiler) fault(at, format string, args ...any) error {
	return fault(c.at+at, format, args...)
}

func (c *compiler) compile(at string, v any) (*node, error) {
	if n, known := c.nodes[at]; known {
		return n, nil
	}
	n := &node{path: at}
	c.nodes[at] = n
	switch v := v.(type) {
	case bool:
		n.never = !v
	case map[string]any:
		for _, key := range sortedNames(v) { // the first fault told does not depend on the map's order
			if err := c.keyword(n, key, v[key], v); err != nil {
				return nil, err
			}
		}
	default:
		return nil, c.fault(at, "a schema must be an object, true or false")
	}
	return n, nil
}

func sortedNames(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}

func (c *compiler) list(at string, v any) ([]*node, error) {
	l, ok := v.([]any)
	if !ok || len(l) == 0 {
		return nil, c.fault(at, "must be a list of schemas, not empty")
	}
	out := make([]*node, len(l))
	for i, e := range l {
		n, err := c.compile(pointer(at, i), e)
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return out, nil
}

// each compiles every schema of an object of them, by name.
func (c *compiler) each(at string, v any, f func(name string, n *node) error) error {
	m, ok := v.(map[string]any)
	if !ok {
		return c.fault(at, "must be an object of schemas")
	}
	for _, name := range sortedNames(m) {
		n, err := c.compile(pointer(at, name), m[name])
		if err == nil {
			err = f(name, n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *compiler) count(at string, v any) (int, error) {
	n, ok := v.(json.Number)
	f, err := strconv.ParseFloat(n.String(), 64)
	if !ok || err != nil || f < 0 || f != math.Trunc(f) || f > 1<<53 {
		return 0, c.fault(at, "must be a whole number, not negative")
	}
	return int(f), nil
}

func (c *compiler) text(at string, v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", c.fault(at, "must be a string")
	}
	return s, nil
}

func (c *compiler) names(at string, v any) ([]string, error) {
	l, ok := v.([]any)
	if !ok {
		return nil, c.fault(at, "must be a list of strings")
	}
	var out []string
	for i, e := range l {
		s, ok := e.(string)
		if !ok || slices.Contains(out, s) {
			return nil, c.fault(pointer(at, i), "must be a string that is not there before")
		}
		out = append(out, s)
	}
	return out, nil
}

func (c *compiler) pattern(at, s string) (*pattern, error) {
	re, err := compilePattern(s)
	if err != nil {
		return nil, c.fault(at, "%v", err)
	}
	return re, nil
}

// compilePattern takes what ECMA 262 and RE2 have in common, which runs in time
// linear in the text.
func compilePattern(s string) (*pattern, error) {
	p, err := syntax.Parse(s, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("the pattern does not compile as RE2: %w", err)
	}
	prog, err := syntax.Compile(p.Simplify())
	if err != nil {
		return nil, err
	}
	if len(prog.Inst) > maxPattern {
		return nil, fmt.Errorf("the pattern makes a program of %d instructions; at most %d are allowed", len(prog.Inst), maxPattern)
	}
	re, err := regexp.Compile(s)
	if err != nil {
		return nil, err
	}
	return &pattern{re, len(prog.Inst)}, nil
}

var kindsByName = map[string]record.Kind{"object": record.Object, "array": record.Array, "string": record.String,
	"number": record.Number, "integer": record.Number, "boolean": record.Bool, "null": record.Null}

func (c *compiler) types(n *node, at string, v any) error {
	if s, ok := v.(string); ok {
		v = []any{s}
	}
	names, err := c.names(at, v)
	if err != nil {
		return err
	}
	n.types, n.kinds = names, kindSet{set: true, whole: !slices.Contains(names, "number")}
	for _, name := range names {
		k, ok := kindsByName[name]
		if !ok {
			return c.fault(at, "there is no type %q", clip([]byte(name)))
		}
		n.kinds.kinds[k] = true
	}
	return nil
}
