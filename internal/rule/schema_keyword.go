package rule

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
)

// annotations say something of a value and ask nothing of it.
var annotations = []string{"$schema", "$comment", "$vocabulary", "title", "description", "default", "examples", "example", "deprecated",
	"readOnly", "writeOnly", "format", "contentEncoding", "contentMediaType", "contentSchema", "discriminator"}

// keyword compiles one keyword of the schema whose members are all.
func (c *compiler) keyword(n *node, key string, v any, all map[string]any) (err error) {
	at := pointer(n.path, key)
	switch key {
	case "$schema":
		if s, ok := v.(string); !ok || s != "https://json-schema.org/draft/2020-12/schema" && s != "https://json-schema.org/draft/2020-12/schema#" {
			return c.fault(at, "must be https://json-schema.org/draft/2020-12/schema, the only draft that is run here")
		}
	case "$id":
		return c.identify(n, at, v)
	case "$anchor", "$dynamicAnchor":
		s, err := c.text(at, v)
		if err != nil {
			return err
		}
		if other, twice := c.anchors[s]; twice && other != n.path {
			return c.fault(at, "is the name of another schema, too")
		}
		c.anchors[s] = n.path
	case "$ref":
		s, err := c.text(at, v)
		if err != nil {
			return err
		}
		c.refs = append(c.refs, pendingRef{n, at, s})
	case "$defs", "definitions":
		return c.each(at, v, func(string, *node) error { return nil })
	case "type":
		return c.types(n, at, v)
	case "enum":
		list, ok := v.([]any)
		if !ok {
			return c.fault(at, "must be a list of values")
		}
		n.values, err = newValues(key, n.values, list)
	case "const":
		n.values, err = newValues(key, n.values, []any{v})
	case "allOf":
		n.all, err = c.list(at, v)
	case "anyOf":
		n.any, err = c.list(at, v)
	case "oneOf":
		n.one, err = c.list(at, v)
	case "not":
		n.not, err = c.compile(at, v)
	case "if":
		n.when, err = c.compile(at, v)
	case "then":
		n.then, err = c.compile(at, v)
	case "else":
		n.orElse, err = c.compile(at, v)
	case "unevaluatedProperties":
		c.schema.tracks = true
		n.rest, err = c.compile(at, v)
	case "unevaluatedItems":
		c.schema.tracks = true
		n.others, err = c.compile(at, v)
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf":
		return c.numberKeyword(n, key, at, v)
	case "minLength", "maxLength", "pattern":
		return c.stringKeyword(n, key, at, v)
	case "minItems", "maxItems", "prefixItems", "items", "contains", "minContains", "maxContains", "uniqueItems":
		return c.listKeyword(n, key, at, v)
	case "minProperties", "maxProperties", "properties", "required", "patternProperties", "additionalProperties", "propertyNames",
		"dependentRequired", "dependentSchemas":
		return c.objectKeyword(n, key, at, v)
	case "$dynamicRef", "$recursiveRef":
		return c.fault(at, "is not run here; use $ref")
	case "dependencies":
		return c.fault(at, "is of an older draft; use dependentRequired or dependentSchemas")
	case "additionalItems":
		return c.fault(at, "is of an older draft; use prefixItems and items")
	default:
		if !slices.Contains(annotations, key) && !(len(key) > 2 && key[:2] == "x-") {
			return c.fault(at, "there is no such keyword, so that it would never be checked; notes of your own begin with x-")
		}
	}
	return err
}

// identify takes the name of the root; schemas inside have none of their own.
func (c *compiler) identify(n *node, at string, v any) error {
	s, err := c.text(at, v)
	if err != nil {
		return err
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Fragment != "":
		return c.fault(at, "must be a URI without a fragment")
	case n.path != "":
		return c.fault(at, "only the schema as a whole may have an $id; use $anchor")
	}
	c.base = u
	return nil
}

func (c *compiler) numberKeyword(n *node, key, at string, v any) error {
	num, ok := v.(json.Number)
	if !ok || !sane(num.String()) {
		return c.fault(at, "must be a number in the range of a double")
	}
	b := newBound(num.String())
	if n.number == nil {
		n.number = &numberNode{}
	}
	switch key {
	case "minimum":
		n.number.min = b
	case "maximum":
		n.number.max = b
	case "exclusiveMinimum":
		n.number.above = b
	case "exclusiveMaximum":
		n.number.below = b
	default:
		if b.float <= 0 {
			return c.fault(at, "must be more than 0")
		}
		if len(b.exact.digits) > maxDivisorDigits {
			return c.fault(at, "has more than %d digits", maxDivisorDigits)
		}
		n.number.multiple = b
	}
	return nil
}

func (c *compiler) stringKeyword(n *node, key, at string, v any) (err error) {
	if n.text == nil {
		n.text = &stringNode{min: -1, max: -1}
	}
	switch key {
	case "minLength":
		n.text.min, err = c.count(at, v)
	case "maxLength":
		n.text.max, err = c.count(at, v)
	default:
		s, err := c.text(at, v)
		if err != nil {
			return err
		}
		n.text.pattern, err = c.pattern(at, s)
		return err
	}
	return err
}

func (c *compiler) listKeyword(n *node, key, at string, v any) (err error) {
	if n.list == nil {
		n.list = &listNode{min: -1, max: -1, least: -1, most: -1}
	}
	l := n.list
	switch key {
	case "minItems":
		l.min, err = c.count(at, v)
	case "maxItems":
		l.max, err = c.count(at, v)
	case "minContains":
		l.least, err = c.count(at, v)
	case "maxContains":
		l.most, err = c.count(at, v)
	case "prefixItems":
		l.prefix, err = c.list(at, v)
	case "items":
		if _, ok := v.([]any); ok {
			return c.fault(at, "a list is of an older draft; use prefixItems")
		}
		l.items, err = c.compile(at, v)
	case "contains":
		l.contains, err = c.compile(at, v)
	default:
		unique, ok := v.(bool)
		if !ok {
			return c.fault(at, "must be true or false")
		}
		l.unique = unique
	}
	return err
}

func (c *compiler) objectKeyword(n *node, key, at string, v any) (err error) {
	if n.object == nil {
		n.object = &objectNode{min: -1, max: -1, index: map[string]int{}}
	}
	o := n.object
	switch key {
	case "minProperties":
		o.min, err = c.count(at, v)
	case "maxProperties":
		o.max, err = c.count(at, v)
	case "properties":
		return c.each(at, v, func(name string, s *node) error {
			o.members[o.member(name)].schema = s
			return nil
		})
	case "required":
		names, err := c.names(at, v)
		for _, name := range names {
			o.members[o.member(name)].required = true
		}
		return err
	case "patternProperties":
		return c.each(at, v, func(expr string, s *node) error {
			p, err := c.pattern(pointer(at, expr), expr)
			o.patterns = append(o.patterns, patternMember{p, s})
			return err
		})
	case "additionalProperties":
		o.additional, err = c.compile(at, v)
	case "propertyNames":
		o.names, err = c.compile(at, v)
	case "dependentSchemas":
		return c.each(at, v, func(name string, s *node) error {
			n.depends = append(n.depends, dependent{name, s})
			return nil
		})
	default:
		return c.dependentRequired(o, at, v)
	}
	return err
}

func (c *compiler) dependentRequired(o *objectNode, at string, v any) error {
	m, ok := v.(map[string]any)
	if !ok {
		return c.fault(at, "must be an object of lists of names")
	}
	for _, name := range sortedNames(m) {
		names, err := c.names(pointer(at, name), m[name])
		if err != nil {
			return err
		}
		i := o.member(name)
		for _, needed := range names {
			k := o.member(needed)
			o.members[i].needs = append(o.members[i].needs, k)
		}
	}
	return nil
}

// member is the index of the name, which is added when it is new.
func (o *objectNode) member(name string) int {
	i, ok := o.index[name]
	if !ok {
		i = len(o.members)
		o.index[name] = i
		o.members = append(o.members, member{name: name})
	}
	return i
}

// sane tells whether a number fits a double.
func sane(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}
