package rule

import (
	"slices"

	"freshet/internal/record"
)

func (v *visit) list(n *node, tok int) bool {
	if v.j.Tok[tok].Kind != record.Array {
		return true
	}
	l, count, good := n.list, 0, true
	for i, end := tok+1, v.j.Next(tok); i < end; i = v.j.Next(i) {
		if !v.pay(1) || !good && v.quiet > 0 {
			return false
		}
		switch {
		case count < len(l.prefix):
			good = v.inside(l.prefix[count], i) && good
		case l.items == nil:
		case l.items.never:
			good = v.fail(n, i, "items", "no more than %d elements are allowed", len(l.prefix))
		default:
			good = v.inside(l.items, i) && good
		}
		count++
	}
	if l.min >= 0 && count < l.min {
		good = v.fail(n, tok, "minItems", "at least %d elements are wanted, there are %d", l.min, count)
	}
	if l.max >= 0 && count > l.max {
		good = v.fail(n, tok, "maxItems", "at most %d elements are wanted, there are %d", l.max, count)
	}
	if l.contains != nil {
		good = v.containing(n, tok) && good
	}
	if l.unique {
		good = v.allUnique(n, tok) && good
	}
	return good
}

// containing counts the elements that fit contains.
func (v *visit) containing(n *node, tok int) bool {
	l, count := n.list, 0
	for i, end := tok+1, v.j.Next(tok); i < end && !v.spent; i = v.j.Next(i) {
		from := len(v.seen)
		fits := v.maybe(l.contains, i)
		v.seen = v.seen[:from]
		if fits {
			if count++; v.tracks {
				v.seen = append(v.seen, i)
			}
		}
	}
	least, keyword := l.least, "minContains"
	if least < 0 {
		least, keyword = 1, "contains"
	}
	if count < least {
		return v.fail(n, tok, keyword, "at least %d elements that fit are wanted, there are %d", least, count)
	}
	if l.most >= 0 && count > l.most {
		return v.fail(n, tok, "maxContains", "at most %d elements that fit are wanted, there are %d", l.most, count)
	}
	return true
}

func (v *visit) allUnique(n *node, tok int) bool {
	v.unique.reset()
	for i, end := tok+1, v.j.Next(tok); i < end; i = v.j.Next(i) {
		h := v.hash(i)
		key := h.Bytes()
		if v.spent {
			return false
		}
		if v.unique.has(key[:]) {
			return v.fail(n, i, "uniqueItems", "an element is equal to an earlier one")
		}
		v.unique.add(key[:])
	}
	return true
}

// unevaluatedItems checks the elements that no other keyword of n looked at.
func (v *visit) unevaluatedItems(n *node, tok, from int) bool {
	looked, good := v.looked(from), true
	for i, end := tok+1, v.j.Next(tok); i < end; i = v.j.Next(i) {
		if !v.pay(1) {
			return false
		}
		if _, ok := slices.BinarySearch(looked, i); ok {
			continue
		}
		if n.others.never {
			good = v.fail(n, i, "unevaluatedItems", "no further elements are allowed")
		} else {
			good = v.inside(n.others, i) && good
		}
	}
	return good
}
