package rule

import (
	"fmt"
	"math"
	"reflect"

	"freshet/internal/record"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"
)

// evaluation is what an expression sees of a record: values that are made of
// its tokens once they are asked for. How much looking costs is bounded, as
// CEL counts neither the members of an object nor comparing what lies deep.
type evaluation struct {
	j     *record.JSON
	size  types.Int
	steps int
	spent bool
	open  map[int]ref.Val // objects and arrays that were looked at, and long strings
}

func (x *evaluation) begin(c *Context) {
	x.j, x.size = c.fields(), types.Int(c.size())
	x.spent, x.steps = false, stepsAtLeast+stepsPerByte*len(x.j.Raw)
	if len(x.open) > 1<<10 {
		x.open = nil // one large record should not cost its memory for the rest of the file
	}
	if x.open == nil {
		x.open = map[int]ref.Val{}
	}
	clear(x.open)
}

// ResolveName gives CEL the variables.
func (x *evaluation) ResolveName(name string) (any, bool) {
	switch name {
	case "record":
		return x.value(0), true
	case "bytes":
		return x.size, true
	}
	return nil, false
}

// Parent is that of an activation of CEL: none.
func (x *evaluation) Parent() interpreter.Activation { return nil }

func (x *evaluation) pay(steps int) bool {
	if x.steps -= steps; x.steps < 0 {
		x.spent = true
	}
	return !x.spent
}

var errSpent = types.NewErr("the expression looks at too much of the record")

const longString = 256

// value is that at tok. Numbers are doubles, as JSON has it in CEL.
func (x *evaluation) value(tok int) ref.Val {
	t := &x.j.Tok[tok]
	if !x.pay(1) || t.Kind == record.String && !x.pay(int(t.N)) {
		return errSpent
	}
	switch t.Kind {
	case record.Null:
		return types.NullValue
	case record.Bool:
		return types.Bool(x.j.Raw[t.Start] == 't')
	case record.Number:
		return types.Double(number(x.j.Text(tok)))
	}
	if v, ok := x.open[tok]; ok {
		return v
	}
	var v ref.Val
	switch t.Kind {
	case record.Object:
		v = &objectValue{x: x, tok: tok}
	case record.Array:
		v = &listValue{x: x, tok: tok}
	default:
		if t.Flags&record.Escaped != 0 {
			v = types.String(x.j.Decode(nil, tok))
		} else {
			v = types.String(x.j.Text(tok))
		}
		if t.N < longString {
			return v
		}
	}
	x.open[tok] = v
	return v
}

// number is the double nearest to a JSON number, an infinity beyond their range.
func number(p []byte) float64 {
	f, _ := record.ParseNumber(p)
	if math.IsInf(f, 0) && p[0] == '-' {
		return math.Inf(-1)
	}
	return f
}

// objectValue is an object of the record. Of a name that is there twice the last counts.
type objectValue struct {
	x     *evaluation
	tok   int
	names []string
	index map[string]int
}

// look finds the names, the first time that they are asked for.
func (o *objectValue) look() {
	if o.index != nil {
		return
	}
	o.index = map[string]int{}
	j := o.x.j
	for name, end := o.tok+1, j.Next(o.tok); name < end; name = j.Next(name + 1) {
		if !o.x.pay(1 + int(j.Tok[name].N)/8) {
			return
		}
		s := string(j.Text(name))
		if j.Tok[name].Flags&record.Escaped != 0 {
			s = string(j.Decode(nil, name))
		}
		if _, twice := o.index[s]; !twice {
			o.names = append(o.names, s)
		}
		o.index[s] = name + 1
	}
}

func (o *objectValue) Find(key ref.Val) (ref.Val, bool) {
	name, ok := key.(types.String)
	if !ok {
		return nil, false
	}
	o.look()
	if o.x.spent {
		return errSpent, true
	}
	tok, ok := o.index[string(name)]
	if !ok {
		return nil, false
	}
	return o.x.value(tok), true
}

func (o *objectValue) Get(key ref.Val) ref.Val {
	v, ok := o.Find(key)
	if !ok {
		return types.NewErr("no such key: %v", key)
	}
	return v
}

func (o *objectValue) Contains(key ref.Val) ref.Val {
	_, ok := o.Find(key)
	return types.Bool(ok)
}

func (o *objectValue) Size() ref.Val {
	o.look()
	return types.Int(len(o.names))
}

// IsZeroValue is for optional values.
func (o *objectValue) IsZeroValue() bool { return o.x.j.Next(o.tok) == o.tok+1 }

func (o *objectValue) Iterator() traits.Iterator {
	o.look()
	return &iterator{n: len(o.names), next: func(i int) ref.Val {
		if !o.x.pay(1) {
			return nil
		}
		return types.String(o.names[i])
	}}
}

func (o *objectValue) Equal(other ref.Val) ref.Val {
	m, ok := other.(traits.Mapper)
	if !ok || m.Size() != o.Size() {
		return types.False
	}
	for _, name := range o.names {
		theirs, found := m.Find(types.String(name))
		if !found || !o.x.pay(1) || types.Equal(o.x.value(o.index[name]), theirs) != types.True {
			return types.False
		}
	}
	return types.True
}

func (o *objectValue) ConvertToNative(t reflect.Type) (any, error) { return native(o, t) }
func (o *objectValue) ConvertToType(t ref.Type) ref.Val            { return converted(o, t) }
func (o *objectValue) Type() ref.Type                              { return types.MapType }
func (o *objectValue) Value() any                                  { return o }
func (o *objectValue) String() string                              { return "an object" }

// native is for what converts to Go's types, which no expression does.
func native(v ref.Val, t reflect.Type) (any, error) {
	if reflect.TypeOf(v).AssignableTo(t) {
		return v, nil
	}
	return nil, fmt.Errorf("a value of a record does not convert to %v", t)
}

func converted(v ref.Val, t ref.Type) ref.Val {
	switch t {
	case v.Type():
		return v
	case types.TypeType:
		return v.Type().(*types.Type)
	}
	return types.NewErr("type conversion error from '%s' to '%s'", v.Type(), t)
}

// iterator goes over n values; next gives nil when there is no going on.
type iterator struct {
	n, at int
	next  func(int) ref.Val
}

func (i *iterator) HasNext() ref.Val { return types.Bool(i.at < i.n) }

func (i *iterator) Next() ref.Val {
	v := i.next(i.at)
	if i.at++; v == nil {
		i.at = i.n
		return errSpent
	}
	return v
}

func (i *iterator) ConvertToNative(t reflect.Type) (any, error) { return native(i, t) }
func (i *iterator) ConvertToType(t ref.Type) ref.Val            { return converted(i, t) }
func (i *iterator) Equal(ref.Val) ref.Val                       { return types.False }
func (i *iterator) Type() ref.Type                              { return types.IteratorType }
func (i *iterator) Value() any                                  { return i }
