package rule

import (
	"slices"

	"freshet/internal/record"
)

// object checks the members of an object. Of a name that is there twice the
// last counts, as most readers have it.
func (v *visit) object(n *node, tok int) bool {
	if v.j.Tok[tok].Kind != record.Object {
		return true
	}
	o, base := n.object, len(v.slots)
	defer func() { v.slots = v.slots[:base] }()
	for range o.members {
		v.slots = append(v.slots, -1)
	}
	count, good := 0, true
	each := o.additional != nil || o.patterns != nil || o.names != nil
	var last map[string]int
	if each || o.min >= 0 || o.max >= 0 {
		last = v.repeated(tok)
	}
	for name, end := tok+1, v.j.Next(tok); name < end; name = v.j.Next(name + 1) {
		if !v.pay(1) || !good && v.quiet > 0 {
			return false
		}
		if last != nil && last[string(v.string(name))] != name+1 {
			continue
		}
		count++
		i, known := o.index[string(v.string(name))]
		if known {
			v.slots[base+i] = name + 1
			known = o.members[i].schema != nil
		}
		if each {
			good = v.member(n, name, known) && good
		}
	}
	if o.min >= 0 && count < o.min {
		good = v.fail(n, tok, "minProperties", "at least %d members are wanted, there are %d", o.min, count)
	}
	if o.max >= 0 && count > o.max {
		good = v.fail(n, tok, "maxProperties", "at most %d members are wanted, there are %d", o.max, count)
	}
	for i := range o.members {
		if !v.pay(1) || !good && v.quiet > 0 {
			return false
		}
		good = v.named(n, tok, base, i) && good
	}
	return good
}

// member checks one member by what does not speak of its very name.
func (v *visit) member(n *node, name int, known bool) bool {
	o, good := n.object, true
	for _, p := range o.patterns {
		if v.matches(p.pattern, name) {
			known = true
			good = v.inside(p.schema, name+1) && good
		}
	}
	switch {
	case known || o.additional == nil:
	case o.additional.never:
		good = v.fail(n, name+1, "additionalProperties", "a member %q is not allowed", clip(v.string(name)))
	default:
		good = v.inside(o.additional, name+1) && good
	}
	if o.names != nil {
		from := len(v.seen)
		good = v.valid(o.names, name) && good
		v.seen = v.seen[:from]
	}
	return good
}

// named checks what is asked of the member with index i, if it is there.
func (v *visit) named(n *node, tok, base, i int) bool {
	m, value, good := &n.object.members[i], v.slots[base+i], true
	if value < 0 {
		return !m.required || v.fail(n, tok, "required", "%q is missing", clip([]byte(m.name)))
	}
	if m.schema != nil {
		good = v.inside(m.schema, value)
	}
	for _, k := range m.needs {
		if v.slots[base+k] < 0 {
			good = v.fail(n, tok, "dependentRequired", "%q is missing where %q is", clip([]byte(n.object.members[k].name)), clip([]byte(m.name)))
		}
	}
	return good
}

// repeated is where each name of the object has its last value, nil when no
// name is there twice.
func (v *visit) repeated(tok int) map[string]int {
	v.names.reset()
	twice := false
	for name, end := tok+1, v.j.Next(tok); name < end; name = v.j.Next(name + 1) {
		if !v.pay(1) {
			return nil
		}
		s := v.string(name)
		if twice = v.names.has(s); twice {
			break
		}
		v.names.add(s)
	}
	if !twice {
		return nil
	}
	last := map[string]int{}
	for name, end := tok+1, v.j.Next(tok); name < end; name = v.j.Next(name + 1) {
		if !v.pay(1) {
			return nil
		}
		last[string(v.string(name))] = name + 1
	}
	return last
}

// unevaluatedProperties checks the members that no other keyword of n looked at.
func (v *visit) unevaluatedProperties(n *node, tok, from int) bool {
	looked, good := v.looked(from), true
	last := v.repeated(tok)
	for name, end := tok+1, v.j.Next(tok); name < end; name = v.j.Next(name + 1) {
		if !v.pay(1) {
			return false
		}
		if last != nil && last[string(v.string(name))] != name+1 {
			continue
		}
		if _, ok := slices.BinarySearch(looked, name+1); ok {
			continue
		}
		if n.rest.never {
			good = v.fail(n, name+1, "unevaluatedProperties", "a member %q is not allowed", clip(v.string(name)))
		} else {
			good = v.inside(n.rest, name+1) && good
		}
	}
	return good
}

// looked is the values looked at since from, in order.
func (v *visit) looked(from int) []int {
	looked := slices.Clone(v.seen[from:])
	slices.Sort(looked)
	return looked
}
