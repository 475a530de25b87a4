package rule_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"freshet/internal/errs"
	"freshet/internal/record"
	"freshet/internal/rule"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// fits tells whether the record fits the schema, by our checks.
func fits(t interface{ Fatalf(string, ...any) }, o *rule.Options, value string) bool {
	c := rule.Context{JSON: &record.JSON{}, Options: o}
	if err := c.JSON.Parse([]byte(value)); err != nil {
		t.Fatalf("%s: %v", value, err)
	}
	found := []string{}
	c.Run([]*rule.Rule{rule.JSONSchema}, func(r *rule.Rule, place int, message, hint string) { found = append(found, message) })
	for _, f := range found {
		if strings.Contains(f, "too many steps") {
			t.Fatalf("%s: %s", value, f)
		}
	}
	return len(found) == 0
}

func withSchema(schema string) (rule.Options, error) {
	return rule.ParseOptions([]byte(`{"json_schema":` + schema + `}`))
}

// peer is the schema as another implementation has it.
func peer(t interface{ Fatalf(string, ...any) }, schema string) *jsonschema.Schema {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schema))
	if err != nil {
		t.Fatalf("%s: %v", schema, err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("mem:///schema.json", doc); err != nil {
		t.Fatalf("%s: %v", schema, err)
	}
	s, err := c.Compile("mem:///schema.json")
	if err != nil {
		t.Fatalf("%s: %v", schema, err)
	}
	return s
}

// TestSchemaIsThatOfItsPeer makes random schemas and values and wants the
// verdict of an implementation that works on decoded values.
func TestSchemaIsThatOfItsPeer(t *testing.T) {
	verdicts := map[bool]int{}
	for range 20 { // of a hundred schemas each
		rapid.Check(t, func(t *rapid.T) {
			g := maker{t}
			s := g.object(g.schema(3), true)
			o, err := withSchema(s)
			if err != nil {
				t.Fatalf("%s: %v", s, err)
			}
			if o.JSONSchema == nil {
				return // asks for nothing
			}
			p := peer(t, s)
			for range 10 {
				v := g.value(3)
				decoded, err := jsonschema.UnmarshalJSON(strings.NewReader(v))
				if err != nil {
					t.Fatalf("%s: %v", v, err)
				}
				want := p.Validate(decoded) == nil
				verdicts[want]++
				if got := fits(t, &o, v); got != want {
					t.Fatalf("schema %s\nvalue %s\nfits: %v, by the peer %v: %v", s, v, got, want, p.Validate(decoded))
				}
			}
		})
	}
	if n := verdicts[true] + verdicts[false]; verdicts[true] < n/10 || verdicts[false] < n/10 {
		t.Errorf("the values are nearly all alike: %v", verdicts)
	}
}

// maker makes schemas of few names and small numbers, so that values meet them.
type maker struct{ *rapid.T }

func (g maker) pick(list ...string) string { return rapid.SampledFrom(list).Draw(g.T, "pick") }
func (g maker) upTo(n int) int             { return rapid.IntRange(0, n).Draw(g.T, "n") }

func (g maker) name() string { return g.pick(`"a"`, `"b"`, `"c"`, `"\u0061"`, `"é"`) }
func (g maker) scalar() string {
	return g.pick("null", "true", "false", `""`, `"a"`, `"ab"`, `"\u00e9\ud83d\ude00x"`, `"abc\n"`, "0", "1", "1.0", "2", "-1", "1.5", "10e-1", "3e2", "0.1", "0.30000000000000004", "12345678901234567890", "-0.0")
}

func (g maker) value(depth int) string {
	n := g.upTo(3)
	switch kind := g.upTo(5); {
	case depth == 0 || kind == 0:
		return g.scalar()
	case kind == 1:
		return g.pick("[]", "{}")
	case kind == 2:
		var e []string
		for range n {
			e = append(e, g.value(depth-1))
		}
		return "[" + strings.Join(e, ",") + "]"
	}
	var m []string
	for range n { // the same name may come twice
		m = append(m, g.name()+":"+g.value(depth-1))
	}
	return "{" + strings.Join(m, ",") + "}"
}

// object gives the schema the definitions that references lead to.
func (g maker) object(schema string, defs bool) string {
	if !strings.HasPrefix(schema, "{") {
		return schema
	}
	d := fmt.Sprintf(`"$defs":{"x":%s,"y/":{"$anchor":"why","type":%s}}`, g.leaf(), g.types())
	if schema == "{}" {
		return "{" + d + "}"
	}
	return "{" + d + "," + schema[1:]
}

func (g maker) types() string {
	return g.pick(`"object"`, `"array"`, `"string"`, `"number"`, `"integer"`, `"boolean"`, `"null"`, `["integer","string"]`, `["object","array"]`, `["number","integer"]`)
}

func (g maker) leaf() string {
	return g.pick(`{"type":"object"}`, `{"minimum":1}`, `{"properties":{"a":{"type":"string"}}}`, `{"properties":{"b":{"$ref":"#/$defs/x"}}}`, `{"items":{"$ref":"#"}}`, "true", "false")
}

func (g maker) list(depth int) string {
	var e []string
	for range 1 + g.upTo(2) {
		e = append(e, g.schema(depth-1))
	}
	return "[" + strings.Join(e, ",") + "]"
}

func (g maker) schemas(depth int, names ...string) string {
	var e []string
	for _, n := range names {
		if g.upTo(1) == 0 {
			e = append(e, n+":"+g.schema(depth-1))
		}
	}
	return "{" + strings.Join(e, ",") + "}"
}

func (g maker) schema(depth int) string {
	if depth == 0 || g.upTo(9) == 0 {
		return g.leaf()
	}
	m := map[string]json.RawMessage{}
	for range g.upTo(4) {
		key := g.pick("type", "enum", "const", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "$ref", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
			"minLength", "maxLength", "pattern", "minItems", "maxItems", "prefixItems", "items", "contains", "minContains", "maxContains", "uniqueItems",
			"minProperties", "maxProperties", "properties", "required", "patternProperties", "additionalProperties", "propertyNames",
			"dependentRequired", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems", "properties", "properties", "required", "title")
		m[key] = json.RawMessage(g.keyword(key, depth))
	}
	b, err := json.Marshal(m)
	if err != nil {
		g.Fatal(err)
	}
	return string(b)
}

func (g maker) keyword(key string, depth int) string {
	switch key {
	case "type":
		return g.types()
	case "enum":
		return "[" + g.value(1) + "," + g.value(2) + "," + g.scalar() + "]"
	case "const":
		return g.value(2)
	case "allOf", "anyOf", "oneOf", "prefixItems":
		return g.list(depth)
	case "$ref":
		return g.pick(`"#/$defs/x"`, `"#why"`, `"#/$defs/y~1"`, `"#/%24defs/x"`)
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
		return g.pick("0", "1", "1.0", "1.5", "-1", "0.3", "12345678901234567890")
	case "multipleOf":
		return g.pick("1", "0.5", "0.1", "2", "1.0e0", "3")
	case "minLength", "maxLength", "minItems", "maxItems", "minContains", "maxContains", "minProperties", "maxProperties":
		return g.pick("0", "1", "2", "3.0")
	case "pattern":
		return g.pick(`"^a"`, `"b$"`, `"\\S"`, `"é"`, `""`)
	case "uniqueItems":
		return g.pick("true", "false")
	case "properties", "dependentSchemas":
		return g.schemas(depth, `"a"`, `"b"`, `"c"`)
	case "patternProperties":
		return g.schemas(depth, `"a|b"`, `"[^a]"`)
	case "required":
		return g.pick(`[]`, `["a"]`, `["a","b"]`, `["d"]`)
	case "dependentRequired":
		return g.pick(`{}`, `{"a":["b"]}`, `{"b":["a","c"],"c":[]}`)
	case "title":
		return `"t"`
	}
	return g.schema(depth - 1)
}

// TestSchemaFaults: what does not compile is refused with the place of the fault.
func TestSchemaFaults(t *testing.T) {
	deep := strings.Repeat(`{"not":`, 70) + "{}" + strings.Repeat("}", 70)
	chain := `{"$ref":"#/$defs/0","$defs":{`
	for i := range 150 {
		chain += fmt.Sprintf(`"%d":{"$ref":"#/$defs/%d"},`, i, i+1)
	}
	chain += `"150":{}}}`
	for schema, want := range map[string]string{
		`7`:                     ": a schema must be an object, true or false",
		`{"type":"text"}`:       `/type: there is no type "text"`,
		`{"type":["string",1]}`: "/type/1: must be a string",
		`{"properties":{"a/b":{"minLength":-1}}}`:                  "/properties/a~1b/minLength: must be a whole number",
		`{"properties":[]}`:                                        "/properties: must be an object of schemas",
		`{"properties":{"a":1}}`:                                   "/properties/a: a schema must be",
		`{"required":"a"}`:                                         "/required: must be a list of strings",
		`{"requried":["a"]}`:                                       "/requried: there is no such keyword",
		`{"allOf":[]}`:                                             "/allOf: must be a list of schemas, not empty",
		`{"anyOf":[{},{"pattern":"(?=a)"}]}`:                       "/anyOf/1/pattern: the pattern does not compile as RE2",
		`{"pattern":"(a{1,100}){1,9}b{1,999}"}`:                    "/pattern: the pattern makes a program of",
		`{"patternProperties":{"[":{}}}`:                           "/patternProperties/[: the pattern does not compile",
		`{"minimum":"1"}`:                                          "/minimum: must be a number",
		`{"minimum":1e999999999}`:                                  "/minimum: must be a number in the range",
		`{"multipleOf":0}`:                                         "/multipleOf: must be more than 0",
		`{"multipleOf":1.0000000000000000000000000000000000001}`:   "/multipleOf: has more than",
		`{"maxLength":1.5}`:                                        "/maxLength: must be a whole number",
		`{"items":[{}]}`:                                           "/items: a list is of an older draft",
		`{"dependencies":{}}`:                                      "/dependencies: is of an older draft",
		`{"$schema":"http://json-schema.org/draft-07/schema#"}`:    "/$schema: must be https://json-schema.org/draft/2020-12/schema",
		`{"$ref":"https://example.com/a.json"}`:                    "/$ref: refers outside of the schema; nothing is ever fetched",
		`{"$ref":"file:///etc/passwd"}`:                            "/$ref: refers outside",
		`{"$ref":"other.json#/a"}`:                                 "/$ref: refers outside",
		`{"$id":"https://a.example/s","$ref":"https://b.example"}`: "/$ref: refers outside",
		`{"$ref":"#/$defs/no"}`:                                    `/$ref: the schema has nothing at "/$defs/no"`,
		`{"$ref":"#no"}`:                                           `/$ref: the schema has no $anchor "no"`,
		`{"$dynamicRef":"#a"}`:                                     "/$dynamicRef: is not run here",
		`{"properties":{"a":{"$id":"x"}}}`:                         "/properties/a/$id: only the schema as a whole",
		`{"$ref":"#"}`:                                             ": refers to itself without going into the value",
		`{"anyOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"not":{"$ref":"#/anyOf/0"}}}}`: " refers to itself",
		deep:  ": nests deeper than 64",
		chain: "more than 100 schemas in a row",
		`{"title":"` + strings.Repeat("x", 256<<10) + `"}`: ": has 262156 bytes; at most 262144",
		"{\"title\":\"\xff\"}":                             ": is not JSON in UTF-8",
	} {
		_, err := withSchema(schema)
		if want[0] == '/' || want[0] == ':' {
			want = " /json_schema" + want
		}
		if !errs.HasCode(err, "invalid-rules") || !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: %v, want %q", schema, err, want)
		}
	}
}

// TestSchemaNamesItself: a schema with an $id may be referred to by it.
func TestSchemaNamesItself(t *testing.T) {
	o, err := withSchema(`{"$id":"https://a.example/s/x.json","properties":{"a":{"$ref":"x.json#/$defs/s"},"b":{"$ref":"https://a.example/s/x.json#s"}},"$defs":{"s":{"$anchor":"s","type":"string"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	for v, want := range map[string]bool{`{"a":"x","b":"y"}`: true, `{"a":1}`: false, `{"b":1}`: false} {
		if fits(t, &o, v) != want {
			t.Errorf("%s: want %v", v, want)
		}
	}
}

// TestSchemaStepsAreBounded: a schema that branches at each level would look at
// a small record for years.
func TestSchemaStepsAreBounded(t *testing.T) {
	o, err := withSchema(`{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"properties":{"x":{"$ref":"#/$defs/a"},"y":false},"required":["y"]},{"properties":{"x":{"$ref":"#/$defs/a"}},"required":["y"]}]}}}`)
	if err != nil {
		t.Fatal(err)
	}
	c := rule.Context{JSON: &record.JSON{}, Options: &o}
	if err := c.JSON.Parse([]byte(strings.Repeat(`{"x":`, 100) + "1" + strings.Repeat("}", 100))); err != nil {
		t.Fatal(err)
	}
	var found []string
	c.Run([]*rule.Rule{rule.JSONSchema}, func(r *rule.Rule, place int, message, hint string) { found = append(found, message) })
	if len(found) != 1 || !strings.Contains(found[0], "too many steps") {
		t.Errorf("found %q", found)
	}
}

// TestSchemaLooksWithoutAllocating: records that fit cost no memory.
func TestSchemaLooksWithoutAllocating(t *testing.T) {
	o, err := withSchema(`{"type":"object","required":["id","tags"],"properties":{"id":{"type":"integer","minimum":1},"text":{"type":"string","minLength":2,"pattern":"^[a-z é]+$"},"tags":{"type":"array","items":{"enum":["a","b"]}}},"additionalProperties":false}`)
	if err != nil {
		t.Fatal(err)
	}
	c := rule.Context{JSON: &record.JSON{}, Options: &o}
	if err := c.JSON.Parse([]byte(`{"id":12,"text":"some words \u00e9","tags":["a","b","a"]}`)); err != nil {
		t.Fatal(err)
	}
	rules, sink := []*rule.Rule{rule.JSONSchema}, func(r *rule.Rule, place int, message, hint string) { t.Error(message) }
	if n := testing.AllocsPerRun(100, func() { c.Run(rules, sink) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
