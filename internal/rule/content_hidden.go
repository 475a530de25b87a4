package rule

import (
	"fmt"
	"unicode/utf8"
)

// HiddenUnicode finds characters that nobody sees.
var HiddenUnicode = &Rule{Name: "hidden-unicode", Label: "Hidden characters", Severity: Off, Scope: Content, Scan: scanHidden, Needs: hasHidden,
	Doc:  "A value holds characters that are not seen or that turn text round.\n\nZero width characters, controls of writing direction, and tags, by which text can be hidden from people and not from a model. Joiners inside emoji and in scripts that need them, marks of direction in text that runs right to left, and flags made of tags are not told. Told once a value, with the first.",
	Hint: "remove them"}

func scanHidden(v *Scanned) {
	p, count, first := v.Text, 0, Span{}
	prev, flag := rune(0), false
	marks, looked := false, false // whether marks of direction belong here, once that was looked at
	for i := 0; i < len(p); {
		if p[i] < utf8.RuneSelf {
			prev, flag = rune(p[i]), false
			i++
			continue
		}
		r, n := utf8.DecodeRune(p[i:])
		flag = r == 0x1F3F4 || flag && isTag(r) && endsFlag(p[i:])
		if isMark(r) && !looked {
			marks, looked = runsLeft(p), true
		}
		if isHidden(r) && !(flag && isTag(r)) && !(marks && isMark(r)) && !joins(p[i+n:], prev, r) {
			if count++; count == 1 {
				first = Span{i, i + n}
			}
		}
		prev = r
		i += n
	}
	switch r, _ := utf8.DecodeRune(p[first.From:]); {
	case count == 1:
		v.found(first, fmt.Sprintf("an invisible character: U+%04X, %s", r, hiddenName(r)))
	case count > 1:
		v.found(first, fmt.Sprintf("%d invisible characters; the first is U+%04X, %s", count, r, hiddenName(r)))
	}
}

func isTag(r rune) bool { return r >= 0xE0000 && r <= 0xE007F }

func isHidden(r rune) bool {
	return r >= 0x200B && r <= 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2060 && r <= 0x206F || r == 0x061C || r == 0x180E || r == 0xFEFF || isTag(r)
}

func hiddenName(r rune) string {
	switch {
	case r == 0x200B:
		return "zero width space"
	case r == 0x200C:
		return "zero width non-joiner"
	case r == 0x200D:
		return "zero width joiner"
	case r == 0xFEFF:
		return "byte order mark"
	case r == 0x180E:
		return "vowel separator"
	case isTag(r):
		return "a tag"
	case r >= 0x2060 && r <= 0x2064:
		return "an invisible operator"
	}
	return "a control of writing direction"
}

// endsFlag tells whether the tags at the front of p end as those of a flag do,
// which has at most six before its end.
func endsFlag(p []byte) bool {
	for range 7 {
		r, n := utf8.DecodeRune(p)
		if r == 0xE007F {
			return true
		}
		if r < 0xE0030 || r > 0xE007A {
			return false
		}
		p = p[n:]
	}
	return false
}

// isMark tells of marks of direction, which text that runs left needs.
func isMark(r rune) bool { return r == 0x200E || r == 0x200F || r == 0x061C }

// joins tells whether the joiner r between prev and rest has its use there.
func joins(rest []byte, prev, r rune) bool {
	switch r {
	case 0x200C, 0x200D:
		next, _ := utf8.DecodeRune(rest)
		return needsJoiners(prev) || r == 0x200D && isEmoji(prev) && isEmoji(next)
	case 0x180E:
		return needsJoiners(prev)
	}
	return false
}

// isEmoji is generous: symbols, pictures, and what changes their look.
func isEmoji(r rune) bool {
	return r >= 0x1F000 && r <= 0x1FAFF || r >= 0x2190 && r <= 0x2BFF || r == 0xFE0F || r == 0x3030 || r == 0x303D
}

// needsJoiners are letters of scripts in which joiners tell words apart: of
// Arabic kind, of India and its neighbours, Khmer, Mongolian.
func needsJoiners(r rune) bool {
	return r >= 0x0600 && r <= 0x109F || r >= 0x1780 && r <= 0x18AF || r >= 0xFB50 && r <= 0xFEFC
}

// runsLeft tells of text with letters that are written from right to left.
func runsLeft(p []byte) bool {
	for len(p) > 0 {
		r, n := utf8.DecodeRune(p)
		if r >= 0x0590 && r <= 0x08FF && r != 0x061C || r >= 0xFB1D && r <= 0xFEFC || r >= 0x10800 && r <= 0x10FFF {
			return true
		}
		p = p[n:]
	}
	return false
}
