package validate

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const excerptSize = 120

// excerpt is the text around byte i of a record, fit for a terminal or a page,
// and where in it the fault is: in UTF-16 code units, as scripts in a page count
// text; nil where there is no such place.
func excerpt(p []byte, i int, fault span) (string, *[2]int) {
	from := max(0, min(i, len(p))-excerptSize/3)
	to := min(len(p), from+excerptSize)
	if from > 0 {
		from += toRune(p[from:to])
	}
	if to < len(p) {
		to -= fromRune(p[from : to+1])
	}
	var b strings.Builder
	units := 0
	write := func(s string) {
		b.WriteString(s)
		for _, r := range s {
			units += utf16.RuneLen(r)
		}
	}
	if from > 0 {
		write("…")
	}
	begin, end := -1, -1
	for at := from; at < to; {
		if begin < 0 && at >= fault.from {
			begin = units
		}
		if end < 0 && at >= fault.to {
			end = units
		}
		r, n := utf8.DecodeRune(p[at:to])
		write(shown(r, n, p[at]))
		at += n
	}
	if begin < 0 {
		begin = units
	}
	if end < 0 {
		end = units
	}
	if to < len(p) {
		write("…")
	}
	if fault.to < fault.from {
		return b.String(), nil
	}
	return b.String(), &[2]int{begin, max(begin, end)}
}

// toRune is how many bytes at the front of p are the rest of a character.
func toRune(p []byte) (n int) {
	for n < min(len(p), utf8.UTFMax-1) && !utf8.RuneStart(p[n]) {
		n++
	}
	return n
}

// fromRune is how many bytes before the last of p belong to a character that
// goes on there.
func fromRune(p []byte) (n int) {
	for n < min(len(p)-1, utf8.UTFMax-1) && !utf8.RuneStart(p[len(p)-1-n]) {
		n++
	}
	return n
}

// shown is a character of n bytes as it is shown; first is the first of them.
func shown(r rune, n int, first byte) string {
	switch {
	case r == utf8.RuneError && n <= 1:
		return fmt.Sprintf(`\x%02x`, first)
	case r == '\n':
		return `\n`
	case r == '\t':
		return `\t`
	case unprintable(r):
		return fmt.Sprintf(`\u%04x`, r)
	}
	return string(r)
}

// fit is text that is data, fit for a terminal, and no longer than an excerpt.
func fit(text []byte) string {
	s, _ := excerpt(text, 0, nowhere)
	return s
}

// unprintable are control characters and those that turn or hide text.
func unprintable(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0xfeff ||
		r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x2069
}
