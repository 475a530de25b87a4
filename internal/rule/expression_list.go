package rule

import (
	"reflect"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// listValue is an array of the record.
type listValue struct {
	x      *evaluation
	tok    int
	looked bool
	toks   []int
}

func (l *listValue) look() {
	if l.looked {
		return
	}
	l.looked = true
	j := l.x.j
	for i, end := l.tok+1, j.Next(l.tok); i < end && l.x.pay(1); i = j.Next(i) {
		l.toks = append(l.toks, i)
	}
}

func (l *listValue) Get(index ref.Val) ref.Val {
	l.look()
	i, err := types.IndexOrError(index)
	if err != nil {
		return types.WrapErr(err)
	}
	if l.x.spent {
		return errSpent
	}
	if i < 0 || i >= len(l.toks) {
		return types.NewErr("index out of bounds: %d", i)
	}
	return l.x.value(l.toks[i])
}

func (l *listValue) Contains(v ref.Val) ref.Val {
	l.look()
	for _, tok := range l.toks {
		if types.Equal(l.x.value(tok), v) == types.True {
			return types.True
		}
	}
	return types.False
}

func (l *listValue) Size() ref.Val {
	l.look()
	return types.Int(len(l.toks))
}

// IsZeroValue is for optional values.
func (l *listValue) IsZeroValue() bool { return l.x.j.Next(l.tok) == l.tok+1 }

func (l *listValue) Iterator() traits.Iterator {
	l.look()
	return &iterator{n: len(l.toks), next: func(i int) ref.Val {
		if v := l.x.value(l.toks[i]); !l.x.spent {
			return v
		}
		return nil
	}}
}

func (l *listValue) Equal(other ref.Val) ref.Val {
	m, ok := other.(traits.Lister)
	if !ok || m.Size() != l.Size() {
		return types.False
	}
	for i, tok := range l.toks {
		if types.Equal(l.x.value(tok), m.Get(types.Int(i))) != types.True {
			return types.False
		}
	}
	return types.True
}

func (l *listValue) Add(other ref.Val) ref.Val {
	l.look()
	values := make([]ref.Val, 0, len(l.toks))
	for _, tok := range l.toks {
		values = append(values, l.x.value(tok))
	}
	return types.NewRefValList(types.DefaultTypeAdapter, values).Add(other)
}

func (l *listValue) ConvertToNative(t reflect.Type) (any, error) { return native(l, t) }
func (l *listValue) ConvertToType(t ref.Type) ref.Val            { return converted(l, t) }
func (l *listValue) Type() ref.Type                              { return types.ListType }
func (l *listValue) Value() any                                  { return l }
func (l *listValue) String() string                              { return "a list" }
