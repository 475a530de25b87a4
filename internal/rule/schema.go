package rule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"freshet/internal/record"
)

// JSONSchema is the rule of `json_schema`.
var JSONSchema = &Rule{Name: "json-schema", Label: "Does not fit the JSON Schema", Severity: Error, Scope: EveryFile, Check: checkSchema,
	Doc: "A record breaks the `json_schema` sent along.\n\nTold with the place of the value, the keyword and what it wants; the hint names the place in the schema."}

// Limits of a schema.
const (
	maxSchemaBytes = 256 << 10
	maxSchemaDepth = 64
	maxInPlace     = 100  // schemas in a row that look at the same value
	maxPattern     = 1000 // instructions of a pattern's program
)

// Schema is a JSON Schema (draft 2020-12), compiled to checks on the tokens of
// a record. Nothing is decoded, and how much work a record may cost is bounded.
type Schema struct {
	source json.RawMessage
	root   *node
	// tracks tells that a keyword asks what others left unlooked at.
	tracks bool
}

// MarshalJSON gives the schema as it was sent.
func (s *Schema) MarshalJSON() ([]byte, error) { return s.source, nil }

// node is one schema of the document: what it asks of a value, by kind.
type node struct {
	path  string // JSON pointer from the schema's root
	never bool   // the schema false
	// depth of the chain of schemas that look at the same value, from here; -1 while it is measured
	depth  int
	checks []check

	types   []string
	kinds   kindSet
	values  *values // enum or const
	number  *numberNode
	text    *stringNode
	list    *listNode
	object  *objectNode
	ref     *node
	all     []*node
	any     []*node
	one     []*node
	not     *node
	when    *node
	then    *node
	orElse  *node
	depends []dependent // dependentSchemas
	rest    *node       // unevaluatedProperties
	others  *node       // unevaluatedItems
}

// kindSet says which kinds of value a type takes; a number may have to be whole.
type kindSet struct {
	set   bool
	kinds [record.NumKinds]bool
	whole bool
}

type numberNode struct {
	min, max, above, below *bound
	multiple               *bound
}

type stringNode struct {
	min, max int // -1: none
	pattern  *pattern
}

type listNode struct {
	min, max    int
	prefix      []*node
	items       *node
	contains    *node
	least, most int // of contains
	unique      bool
}

type objectNode struct {
	min, max   int
	index      map[string]int // into members
	members    []member
	patterns   []patternMember
	additional *node
	names      *node // propertyNames
}

// member is a name that properties, required or a dependency speak of.
type member struct {
	name     string
	schema   *node
	required bool
	needs    []int // dependentRequired: index of members
}

type patternMember struct {
	pattern *pattern
	schema  *node
}

type dependent struct {
	name   string
	schema *node
}

// pattern is a regular expression with what matching a byte may cost.
type pattern struct {
	*regexp.Regexp
	size int
}

// parseSchema compiles the schema in v, unless it is one that asks for nothing.
func parseSchema(dst **Schema, v json.RawMessage, path string) error {
	*dst = nil
	if len(v) > maxSchemaBytes {
		return fault(path, "has %d bytes; at most %d are allowed", len(v), maxSchemaBytes)
	}
	var source bytes.Buffer
	if !utf8.Valid(v) || json.Compact(&source, v) != nil {
		return fault(path, "is not JSON in UTF-8")
	}
	if s := source.String(); s == "null" || s == "{}" {
		return nil
	}
	sent := bytes.Clone(source.Bytes())
	dec := json.NewDecoder(&source)
	dec.UseNumber()
	var doc any
	if err := dec.Decode(&doc); err != nil {
		return fault(path, "is not JSON")
	}
	if deeper(doc, maxSchemaDepth) {
		return fault(path, "nests deeper than %d", maxSchemaDepth)
	}
	c := compiler{at: path, doc: doc, nodes: map[string]*node{}, anchors: map[string]string{}, schema: &Schema{source: sent}}
	root, err := c.compile("", doc)
	if err == nil {
		err = c.finish()
	}
	if err != nil {
		return err
	}
	c.schema.root = root
	*dst = c.schema
	return nil
}

// deeper tells whether a value nests deeper than so many levels.
func deeper(v any, levels int) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			if levels == 0 || deeper(e, levels-1) {
				return true
			}
		}
	case []any:
		for _, e := range v {
			if levels == 0 || deeper(e, levels-1) {
				return true
			}
		}
	}
	return false
}

var escapePointer = strings.NewReplacer("~", "~0", "/", "~1")

// pointer is a path that goes on with a name.
func pointer(path string, name any) string {
	return path + "/" + escapePointer.Replace(fmt.Sprint(name))
}
