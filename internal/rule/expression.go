package rule

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/interpreter"
)

// Expression is a rule of the user's own: a CEL expression that is true of
// records that are fine. In reports it is a rule of the name expression:NAME.
type Expression struct {
	Name     string `json:"name"`
	Expr     string `json:"expr"`
	Severity string `json:"severity"`
	Message  string `json:"message,omitempty"`

	rule *Rule
}

// Limits of expressions. A cost is that of CEL: about one for an operation, one
// for a hundred bytes of a string that is searched.
const (
	ExpressionCost     = 250_000 // of one expression on one record
	maxExpressions     = 32
	maxExpressionBytes = 4096
	maxMessageBytes    = 1024
)

var expressionName = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

func parseExpressions(dst *[]Expression, v json.RawMessage, path string) error {
	var list []json.RawMessage
	if json.Unmarshal(v, &list) != nil {
		return fault(path, "must be a list of expressions")
	}
	if len(list) > maxExpressions {
		return fault(path, "has more than %d entries", maxExpressions)
	}
	var out []Expression
	for i, m := range list {
		e := Expression{Severity: "error"}
		at := pointer(path, i)
		if err := e.parse(m, at); err != nil {
			return err
		}
		if slices.ContainsFunc(out, func(other Expression) bool { return other.Name == e.Name }) {
			return fault(at+"/name", "%q is the name of two expressions", e.Name)
		}
		out = append(out, e)
	}
	*dst = out
	return nil
}

func (e *Expression) parse(v json.RawMessage, path string) error {
	var m map[string]any
	if json.Unmarshal(v, &m) != nil || m == nil {
		return fault(path, "must be an object with name and expr")
	}
	for _, key := range sortedNames(m) {
		dst := map[string]*string{"name": &e.Name, "expr": &e.Expr, "severity": &e.Severity, "message": &e.Message}[key]
		s, ok := m[key].(string)
		switch {
		case dst == nil:
			return fault(pointer(path, key), "no such key; an expression has name, expr, severity and message")
		case !ok:
			return fault(pointer(path, key), "must be a string")
		}
		*dst = s
	}
	switch {
	case !expressionName.MatchString(e.Name):
		return fault(path+"/name", "must be 1 to 64 of a-z, 0-9 and -")
	case ByName(e.Name) != nil:
		return fault(path+"/name", "%q is the name of another rule", e.Name)
	case e.Severity != "error" && e.Severity != "warning":
		return fault(path+"/severity", "must be error or warning")
	case len(e.Message) > maxMessageBytes:
		return fault(path+"/message", "is longer than %d bytes", maxMessageBytes)
	case e.Expr == "":
		return fault(path+"/expr", "is missing")
	case len(e.Expr) > maxExpressionBytes:
		return fault(path+"/expr", "is longer than %d bytes", maxExpressionBytes)
	}
	program, err := compileExpression(e.Expr)
	if err != nil {
		return fault(path+"/expr", "%v", err)
	}
	severity := Error
	if e.Severity == "warning" {
		severity = Warning
	}
	e.rule = &Rule{Name: expressionPrefix + e.Name, Label: e.Name, Severity: severity, Scope: EveryFile, Hint: "wanted is " + oneLine(e.Expr),
		Doc: "An expression of the user's own.", Check: e.check(program)}
	return nil
}

const expressionPrefix = "expression:"

// oneLine is an expression fit for a hint.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= 200 {
		return s
	}
	n := 200
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// environment is what expressions may speak of. There is no clock in it, no
// chance and no way out.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		cel.Variable("record", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable("bytes", cel.IntType),
		cel.CrossTypeNumericComparisons(true),
		cel.OptionalTypes(),
		cel.ParserExpressionSizeLimit(maxExpressionBytes),
		cel.ParserRecursionLimit(50),
	)
})

func compileExpression(s string) (cel.Program, error) {
	env, err := environment()
	if err != nil {
		return nil, err
	}
	compiled, issues := env.Compile(s)
	if issues != nil && len(issues.Errors()) > 0 {
		e := issues.Errors()[0]
		if line := e.Location.Line(); line > 0 {
			return nil, fmt.Errorf("line %d, column %d: %s", line, e.Location.Column()+1, e.Message)
		}
		return nil, errors.New(e.Message)
	}
	if t := compiled.OutputType(); !t.IsExactType(types.BoolType) {
		return nil, fmt.Errorf("must be true or false, but its type is %s; compare it with something", t)
	}
	patterns, err := checkSyntax(compiled.NativeRep())
	if err != nil {
		return nil, err
	}
	cost, err := env.EstimateCost(compiled, patterns)
	if err != nil {
		return nil, err
	}
	if cost.Min > ExpressionCost {
		return nil, fmt.Errorf("costs %d at least; at most %d is allowed on a record", cost.Min, ExpressionCost)
	}
	return env.Program(compiled, cel.EvalOptions(cel.OptOptimize), cel.CostTracking(patterns), cel.CostLimit(ExpressionCost))
}

func (e *Expression) check(program cel.Program) func(*Context) {
	message := e.Message
	if message == "" {
		message = "the expression is false"
	}
	return func(c *Context) {
		x := &c.expression
		x.begin(c)
		out, _, err := program.Eval(x)
		var cancelled interpreter.EvalCancelledError
		switch {
		case x.spent || errors.As(err, &cancelled) && cancelled.Cause == interpreter.CostLimitExceeded:
			c.reportHint(NoPlace, "write it with fewer loops, or split it", "the expression costs more than is allowed on a record and was not decided")
		case err != nil:
			c.reportHint(NoPlace, "guard what may be missing: has(record.x) && …, or record.?x.orValue(…)", "the expression cannot be decided: %s", err)
		case out != types.True:
			c.Report(NoPlace, "%s", message)
		}
	}
}
