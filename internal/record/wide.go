package record

import "unicode/utf8"

// blanks pad the last block of a record.
var blanks = func() (b [64]byte) {
	for i := range b {
		b[i] = ' '
	}
	return b
}()

// Wide names the form in which bytes are scanned here: avx512, avx2, or plain.
func Wide() string { return wide.name }

// form is one way to scan bytes. All come to the same.
type form struct {
	name string
	// json indexes a record, or whole lines with their newlines; nil: the exact
	// parser reads all of them.
	json func(p []byte, lines bool, x *index) (ok, high bool)
	// utf8 tells whether p is UTF-8 throughout.
	utf8 func(p []byte) bool
	// rows indexes CSV, ends the newlines of p; ok tells that there is no NUL,
	// high that a byte lies outside ASCII.
	rows func(p []byte, delim byte, x *index) (ok, high bool)
	ends func(p []byte, x *index) (ok, high bool)
	// shorts looks at short values.
	shorts func(s *Shorts, numbers bool)
}

var plainForm = form{"plain", nil, validUTF8, rowsPlain, endsPlain, shortsPlain}

// wide is the best form that the processor and the build have.
var wide = forms()[0]

// endsWhole tells that the last character of p is not cut off, as far as its
// first byte tells.
func endsWhole(p []byte) bool {
	for k := 1; k <= 3 && k <= len(p); k++ {
		switch c := p[len(p)-k]; {
		case c < utf8.RuneSelf:
			return true
		case c >= 0xC0:
			return k >= 2 && c < 0xE0 || k >= 3 && c < 0xF0
		}
	}
	return true
}
