package record

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// unexpected says what stands at i and what was wanted there instead.
func (j *JSON) unexpected(i int, st state) *SyntaxError {
	if err := j.notText(i); err != nil {
		return err
	}
	c := j.Raw[i]
	e := &SyntaxError{Rule: "json-syntax", Offset: i}
	if st == wantEnd {
		e.Message = fmt.Sprintf("%s after the end of the record", j.quote(i))
		e.Hint = "one record a line: put what follows on a line of its own"
		return e
	}
	e.Message = fmt.Sprintf("%s where %s was expected", j.quote(i), j.wanted(st))
	switch {
	case c == '\'':
		e.Hint = "JSON strings are in double quotes"
	case (c == '}' || c == ']') && (st == wantKey || st == wantValue):
		e.Hint = "remove the comma before it"
		if st == wantValue && j.depth > 0 && j.Tok[j.open[j.depth-1]].Kind == Object {
			e.Hint = "give the member a value"
		}
	case c == 'N' || c == 'I':
		e.Hint = "JSON has no NaN or Infinity; use null or a string"
	case c == 'T' || c == 'F':
		e.Hint = "JSON writes true and false in lower case"
	case c == '/' || c == '#':
		e.Hint = "JSON has no comments"
	case st == wantCommaOrClose && c == '"':
		e.Hint = "a comma is missing before it, or a quote inside the string before it is not escaped"
	case c == '+' || c == '.':
		e.Hint = "a JSON number starts with a digit or a minus"
	case st == wantCommaOrClose && j.Raw[i-1] == '"':
		e.Hint = `a quote inside a string is written \"`
	case st == wantCommaOrClose:
		e.Hint = "put a comma before it, or close what is open"
	case st == wantColon:
		e.Hint = "a colon goes between a member's name and its value"
	case st == wantKey || st == wantKeyOrClose:
		e.Hint = "put the member's name in double quotes"
	default:
		e.Hint = "a value is a string in double quotes, a number, an object, a list, true, false or null"
	}
	return e
}

// notText tells of a byte at i that no text holds, wherever it stands.
func (j *JSON) notText(i int) *SyntaxError {
	switch {
	case i >= len(j.Raw) || j.Raw[i] != 0 && j.Raw[i] < utf8.RuneSelf:
		return nil
	case j.Raw[i] == 0:
		return &SyntaxError{Rule: "nul-byte", Offset: i, Message: "a NUL byte", Hint: "remove it"}
	case firstInvalid(j.Raw[i:min(len(j.Raw), i+utf8.UTFMax)]) == 0:
		return j.badUTF8(i, len(j.Raw))
	}
	return nil
}

func (j *JSON) wanted(st state) string {
	switch st {
	case wantValue:
		return "a value"
	case wantValueOrClose:
		return "a value or ]"
	case wantKey:
		return "a member name in double quotes"
	case wantKeyOrClose:
		return "a member name in double quotes or }"
	case wantColon:
		return "a colon"
	}
	if j.Tok[j.open[j.depth-1]].Kind == Object {
		return "a comma or }"
	}
	return "a comma or ]"
}

func (j *JSON) unfinished(st state) *SyntaxError {
	e := &SyntaxError{Rule: "json-syntax", Offset: len(j.Raw), Hint: "the line was cut off, or a record goes over several lines: one record a line"}
	if j.depth == 0 {
		e.Message = "an empty record"
		return e
	}
	what := "object"
	if j.Tok[j.open[j.depth-1]].Kind == Array {
		what = "array"
	}
	e.Message = fmt.Sprintf("the line ends inside an %s where %s was expected", what, j.wanted(st))
	return e
}

func (j *JSON) badNumber(start, bad int) *SyntaxError {
	if err := j.notText(bad); err != nil {
		return err
	}
	e := &SyntaxError{Rule: "json-syntax", Offset: bad, begun: bad - start, Message: "a number that JSON does not allow"}
	p := j.Raw[start:min(bad+1, len(j.Raw))]
	switch {
	case bad >= len(j.Raw):
		e.Message = "the line ends inside a number"
	case len(p) >= 2 && (p[0] == '0' || p[0] == '-' && p[1] == '0') && j.Raw[bad]-'0' <= 9:
		e.Hint = "no leading zeros"
	case j.Raw[bad] == 'I':
		e.Hint = "JSON has no NaN or Infinity; use null or a string"
	}
	return e
}

func (j *JSON) badLiteral(start, bad int) *SyntaxError {
	if err := j.notText(bad); err != nil {
		return err
	}
	e := &SyntaxError{Rule: "json-syntax", Offset: bad, begun: bad - start, Message: "a word that JSON does not have", Hint: "JSON has true, false and null, in lower case"}
	switch {
	case bad >= len(j.Raw):
		e.Message = "the line ends inside a word"
	case j.Raw[start] == 'n' && j.Raw[bad] == 'a':
		e.Hint = "JSON has no NaN or Infinity; use null or a string"
	}
	return e
}

func (j *JSON) badUTF8(from, to int) *SyntaxError {
	at := from + firstInvalid(j.Raw[from:to])
	return &SyntaxError{Rule: "invalid-utf8", Offset: at, Message: fmt.Sprintf("byte 0x%02X is not UTF-8", j.Raw[at]), Hint: "save the file as UTF-8"}
}

// quote shows the character at i.
func (j *JSON) quote(i int) string {
	r, _ := utf8.DecodeRune(j.Raw[i:])
	if r < 0x20 || r == 0x7f {
		return controlName(byte(r))
	}
	if !unicode.IsPrint(r) {
		return fmt.Sprintf("character U+%04X", r)
	}
	if r == '\'' || r == '"' {
		return string(r)
	}
	return "'" + string(r) + "'"
}

func controlName(c byte) string {
	switch c {
	case '\n':
		return "newline"
	case '\r':
		return "carriage return"
	case '\t':
		return "tab"
	}
	return fmt.Sprintf("control character 0x%02X", c)
}

func controlEscape(c byte) string {
	switch c {
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	}
	return fmt.Sprintf(`\u%04x`, c)
}

// Span is the bytes of the record that are at fault: a number or a word to its
// end, an escape, else one character; nothing where something is missing.
func (e *SyntaxError) Span(raw []byte) (from, to int) {
	at := e.Offset
	if at >= len(raw) {
		return at - e.begun, at
	}
	_, size := utf8.DecodeRune(raw[at:])
	to = at + size
	switch {
	case e.Rule == "json-syntax" && raw[at] == '\\' && to < len(raw):
		_, size = utf8.DecodeRune(raw[to:])
		if to += size; raw[at+1] == 'u' {
			for end := min(to+4, len(raw)); to < end && wordByte(raw[to]); {
				to++
			}
		}
	case e.begun > 0 && !wordByte(raw[at]):
		to = at // what it should have been did not come
	case e.Rule == "json-syntax" && wordByte(raw[at]):
		for to < len(raw) && wordByte(raw[to]) {
			to++
		}
	}
	return at - e.begun, to
}

// wordByte tells what a number, or a word that is none of JSON's, is made of.
func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '.' || c == '+' || c == '-'
}
