package rule

import (
	"fmt"

	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/overloads"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// checkSyntax refuses what the cost of an expression does not account for:
//   - patterns that a record brings, which take any amount of memory to compile;
//   - lists of lists, which a few steps can double again and again, so that
//     comparing two of them takes for ever.
//
// It gives what the patterns cost.
func checkSyntax(a *ast.AST) (patterns costs, err error) {
	patterns = costs{}
	refuse := func(e ast.Expr, format string, args ...any) {
		if err != nil {
			return
		}
		err = fmt.Errorf(format, args...)
		if at := a.SourceInfo().GetStartLocation(e.ID()); at.Line() > 0 {
			err = fmt.Errorf("line %d, column %d: %w", at.Line(), at.Column()+1, err)
		}
	}
	scalar := func(e ast.Expr) bool {
		switch a.GetType(e.ID()).Kind() {
		case types.BoolKind, types.IntKind, types.UintKind, types.DoubleKind, types.StringKind, types.NullTypeKind:
			return true
		}
		return false
	}
	variables := map[string]bool{}
	ast.PreOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.ComprehensionKind:
			variables[e.AsComprehension().IterVar()] = true
		case ast.ListKind:
			list := e.AsList().Elements()
			if len(list) == 1 && list[0].Kind() == ast.IdentKind && variables[list[0].AsIdent()] {
				return // what filter keeps of a list
			}
			for _, m := range list {
				if !scalar(m) {
					refuse(m, "a list that an expression makes can hold strings, numbers and booleans only: convert with string(…) or double(…)")
				}
			}
		case ast.MapKind, ast.StructKind:
			refuse(e, "an expression cannot make objects")
		case ast.CallKind:
			call := e.AsCall()
			if call.FunctionName() != overloads.Matches {
				return
			}
			p := call.Args()[len(call.Args())-1]
			s, ok := "", p.Kind() == ast.LiteralKind
			if ok {
				s, ok = p.AsLiteral().Value().(string)
			}
			if !ok {
				refuse(p, "the pattern of matches must be a string as it stands")
			} else if compiled, bad := compilePattern(s); bad != nil {
				refuse(p, "%w", bad)
			} else {
				patterns[s] = compiled.size
			}
		}
	}))
	return patterns, err
}

// costs are those of functions on strings, by how long these take here: CEL
// takes some for free, and others for many times what they are. The keys are
// patterns, with how many instructions they make.
type costs map[string]int

const bytesPerCost = 100

// CallCost gives nothing for what CEL knows better.
func (c costs) CallCost(function, _ string, args []ref.Val, _ ref.Val) *uint64 {
	lengths := make([]uint64, 0, 2)
	for _, a := range args {
		if s, ok := a.(types.String); ok {
			lengths = append(lengths, uint64(len(s)))
		}
	}
	if len(lengths) == 0 {
		return nil
	}
	cost := lengths[0]
	switch function {
	case overloads.Size, overloads.TypeConvertInt, overloads.TypeConvertUint, overloads.TypeConvertDouble, overloads.TypeConvertBool,
		overloads.TypeConvertTimestamp, overloads.TypeConvertDuration:
	case overloads.Contains:
	case operators.Equals, operators.NotEquals:
		if len(lengths) == 2 {
			cost = min(cost, lengths[1])
		}
	case overloads.Matches:
		pattern := args[len(args)-1].(types.String) // checkSyntax has seen to it
		cost *= uint64(c[string(pattern)]+patternWeight) / patternWeight
	default:
		return nil
	}
	cost = 1 + cost/bytesPerCost
	return &cost
}

// EstimateSize says nothing: records may have any size.
func (costs) EstimateSize(checker.AstNode) *checker.SizeEstimate { return nil }

// EstimateCallCost leaves it to CEL.
func (costs) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}
