package rule_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"freshet/internal/errs"
	"freshet/internal/record"
	"freshet/internal/rule"

	"github.com/google/cel-go/cel"
	"pgregory.net/rapid"
)

func withExpression(expr string) (rule.Options, error) {
	e, err := json.Marshal(expr)
	if err != nil {
		return rule.Options{}, err
	}
	return rule.ParseOptions(fmt.Appendf(nil, `{"expressions":[{"name":"it","expr":%s}]}`, e))
}

// judged is what the expression finds wrong with the record.
func judged(t interface{ Fatalf(string, ...any) }, o *rule.Options, value string) (found []string) {
	c := rule.Context{JSON: &record.JSON{}, Options: o}
	if err := c.JSON.Parse([]byte(value)); err != nil {
		t.Fatalf("%s: %v", value, err)
	}
	c.Run(o.Rules()[len(rule.All):], func(r *rule.Rule, place int, message, hint string) { found = append(found, r.Name+": "+message) })
	return found
}

// TestExpressions evaluates on one record.
func TestExpressions(t *testing.T) {
	const value = `{"a":1,"b":[1,2.5,"x"],"c":{"d":null,"e":"\u00e9","\u0066":true},"a":2,"text":"hello","big":12345678901234567890,"off":-1e999}`
	for expr, want := range map[string]string{
		`record.a == 2`:               "", // of two the last
		`record.a == 2 && bytes > 50`: "",
		`record.a < 3 && record.a > 1.5 && record.a + 0.5 == 2.5`: "",
		`record.a == 1`: "the expression is false",
		`size(record) == 6 && size(record.b) == 3`:                          "",
		`record.b[1] == 2.5 && record.b[2] == "x"`:                          "",
		`record.b == [1, 2.5, "x"]`:                                         "",
		`record.b.exists(x, x == "x")`:                                      "",
		`record.b.filter(x, x == 1 || x == "x").size() == 2`:                "",
		`record.b.map(x, string(x)) == ["1", "2.5", "x"]`:                   "",
		`"x" in record.b && !("y" in record.b) && "d" in record.c`:          "",
		`(record.b + record.b).size() == 6`:                                 "",
		`record.c.all(k, k in ["d", "e", "f"])`:                             "",
		`has(record.c.d) && record.c.d == null && !has(record.c.x)`:         "",
		`record.c.e == "é" && record.c.f == true`:                           "",
		`record.c == record.c && record.c != record.b`:                      "",
		`record.?x.orValue("none") == "none"`:                               "",
		`record.?c.?e.orValue("") == "é"`:                                   "",
		`type(record.c) == map && type(record.b) == list`:                   "",
		`type(record.a) == double && int(record.a) % 2 == 0`:                "",
		`record.text.matches("^h.*o$") && record.text.startsWith("he")`:     "",
		`record.big > 1.2345678901234e19 && record.off < -1.0e308`:          "",
		`record.b[3] == 1`:                                                  "the expression cannot be decided: index out of bounds: 3",
		`record.nothing > 1`:                                                "the expression cannot be decided: no such key: nothing",
		`record.text > 1`:                                                   "the expression cannot be decided: no such overload",
		`record.c.d.e == 1`:                                                 "the expression cannot be decided: no such key: e",
		`record.b.all(x, record.b.all(y, record.b.all(z, x == x))) == true`: "",
	} {
		o, err := withExpression(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		got := strings.Join(judged(t, &o, value), "; ")
		if want != "" {
			want = "expression:it: " + want
		}
		if got != want {
			t.Errorf("%s: found %q, want %q", expr, got, want)
		}
	}
}

// TestExpressionFaults: what cannot run is refused, with its place.
func TestExpressionFaults(t *testing.T) {
	for in, want := range map[string]string{
		`{}`:                                     "/expressions: must be a list",
		`["a"]`:                                  "/expressions/0: must be an object",
		`[null]`:                                 "/expressions/0: must be an object",
		`[{"expr":"true"}]`:                      "/expressions/0/name: must be 1 to 64 of a-z, 0-9 and -",
		`[{"name":"A","expr":"true"}]`:           "/expressions/0/name: must be 1 to 64",
		`[{"name":"json-syntax","expr":"true"}]`: `/expressions/0/name: "json-syntax" is the name of another rule`,
		`[{"name":"a","expr":"true"},{"name":"a","expr":"true"}]`:                                    `/expressions/1/name: "a" is the name of two`,
		`[{"name":"a","expr":true}]`:                                                                 "/expressions/0/expr: must be a string",
		`[{"name":"a","expr":"true","level":"error"}]`:                                               "/expressions/0/level: no such key",
		`[{"name":"a","expr":"true","severity":"off"}]`:                                              "/expressions/0/severity: must be error or warning",
		`[{"name":"a","expr":"` + strings.Repeat("1", 5000) + `"}]`:                                  "/expressions/0/expr: is longer than 4096 bytes",
		`[{"name":"a","expr":"true","message":"` + strings.Repeat("m", 1025) + `"}]`:                 "/expressions/0/message: is longer than 1024",
		`[{"name":"a","expr":"record.a == 1"},{"name":"b","expr":"true &&\n  recrd.a"}]`:             "/expressions/1/expr: line 2, column 3: undeclared reference to 'recrd'",
		`[{"name":"a","expr":"record.a +"}]`:                                                         "/expressions/0/expr: line 1, column 11: Syntax error",
		`[{"name":"a","expr":"record.a"}]`:                                                           "/expressions/0/expr: must be true or false, but its type is dyn",
		`[{"name":"a","expr":"size(record)"}]`:                                                       "/expressions/0/expr: must be true or false, but its type is int",
		`[{"name":"a","expr":"record.a.matches(record.b)"}]`:                                         "/expressions/0/expr: line 1, column 24: the pattern of matches must be a string as it stands",
		`[{"name":"a","expr":"record.a.matches('(a')"}]`:                                             "/expressions/0/expr: line 1, column 18: the pattern does not compile",
		`[{"name":"a","expr":"record.a.matches('(a{1,100}){1,9}b{1,999}')"}]`:                        "the pattern makes a program of",
		`[{"name":"a","expr":"[record.a, 1].exists(x, x == 1)"}]`:                                    "line 1, column 8: a list that an expression makes can hold strings, numbers and booleans only",
		`[{"name":"a","expr":"[1].map(a, [a, a]) == [[1, 1]]"}]`:                                     "a list that an expression makes",
		`[{"name":"a","expr":"record.a == {'b': 1}"}]`:                                               "an expression cannot make objects",
		`[{"name":"a","expr":"` + strings.Repeat("(", 60) + "true" + strings.Repeat(")", 60) + `"}]`: "/expressions/0/expr: ",
		`[` + strings.Repeat(`{"name":"a","expr":"true"},`, 32) + `{"name":"a","expr":"true"}]`:      "/expressions: has more than 32",
	} {
		_, err := rule.ParseOptions([]byte(`{"expressions":` + in + `}`))
		if !errs.HasCode(err, "invalid-rules") || !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.90s: %v, want %q", in, err, want)
		}
	}
}

// TestExpressionsCostIsBounded: what would take for ever ends soon, and says so.
func TestExpressionsCostIsBounded(t *testing.T) {
	list := "[" + strings.Repeat("1,", 20_000) + "1]"
	value := fmt.Sprintf(`{"list":%s,"same":%s,"text":%q}`, list, list, strings.Repeat("é", 1<<20))
	for _, expr := range []string{
		`record.list.all(x, record.list.all(y, record.list.all(z, x == y && y == z)))`,
		`record.list.all(x, record.list == record.same)`,
		`record.list.all(x, record == record)`,
		`record.list.all(x, size(record.text) > 1)`,
		`[record.text.matches("a")].all(b, record.list.all(x, record.text.contains("x") == b))`,
		`record.list.all(x, record.list.all(y, x in record.list && y in record.list))`,
		`[string(record.text)].all(s, record.list.all(x, size(s) > 1))`,
		`[string(record.text)].map(s, s + s).map(s, s + s).map(s, s + s).map(s, s + s).map(s, s + s).all(s, s == "")`,
	} {
		o, err := withExpression(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		started := time.Now()
		got := judged(t, &o, value)
		if len(got) != 1 || !strings.Contains(got[0], "costs more than is allowed") {
			t.Errorf("%s: found %q", expr, got)
		}
		if took := time.Since(started); took > 20*time.Second { // on a machine that does other things, too
			t.Errorf("%s took %v", expr, took)
		}
	}
}

// TestExpressionsSeeWhatIsThere compares values made of tokens with decoded ones.
func TestExpressionsSeeWhatIsThere(t *testing.T) {
	exprs := []string{
		`record.a == record.b`, `record.a != record.c`, `record.a == record.a`, `record.a in record.b`, `record.b in record`,
		`has(record.a) && has(record.a.b)`, `record.a.b == record.b.a`, `record.a.exists(x, x == record.c)`, `record.all(k, record[k] == record.a)`,
		`record.a[0] == record.b[1]`, `size(record.a) > size(record.b)`, `record.a + record.b == record.b + record.a`, `record.a < record.b`,
		`record.a.filter(x, x == 1) == record.b`, `record.b == record.a.filter(x, x == 1)`, `record.?a.?b.orValue(7) == 7`, `type(record.a) == type(record.b)`,
		`record.a == 1`, `record.a == [1, 2]`, `[1, 2] == record.a`, `record.a == null`, `string(record.a) == "1"`, `int(record.a) == 1`, `dyn(record.a) == record.a`,
	}
	env, err := cel.NewEnv(cel.Variable("record", cel.MapType(cel.StringType, cel.DynType)), cel.CrossTypeNumericComparisons(true), cel.OptionalTypes())
	if err != nil {
		t.Fatal(err)
	}
	for _, expr := range exprs {
		o, err := withExpression(expr)
		if err != nil {
			t.Fatalf("%s: %v", expr, err)
		}
		compiled, issues := env.Compile(expr)
		if issues.Err() != nil {
			t.Fatal(issues.Err())
		}
		program, err := env.Program(compiled)
		if err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(t *rapid.T) {
			g := maker{t}
			v := fmt.Sprintf(`{"a":%s,%s:%s}`, g.value(2), g.name(), g.value(2))
			var decoded map[string]any
			if err := json.Unmarshal([]byte(v), &decoded); err != nil {
				t.Fatal(err)
			}
			want := "expression:it: the expression is false"
			out, _, err := program.Eval(map[string]any{"record": decoded})
			switch {
			case err != nil:
				want = "expression:it: the expression cannot be decided: " + err.Error()
			case out.Value() == true:
				want = ""
			}
			if got := strings.Join(judged(t, &o, v), "; "); got != want {
				t.Fatalf("%s on %s: found %q, want %q", expr, v, got, want)
			}
		})
	}
}
