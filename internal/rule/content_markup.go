package rule

import (
	"bytes"

	"freshet/internal/record"
)

// HTML finds markup that runs programs where it is shown.
var HTML = &Rule{Name: "html-script", Label: "Script in markup", Severity: Off, Scope: Content, Scan: scanHTML, Needs: hasMarkup,
	Doc: "A value holds markup that runs a program where it is shown.\n\n`<script>`, a `javascript:` address, a tag with a handler such as `onclick=`.", Hint: "remove it, unless the data is about it"}

const longestTag = 4096

func scanHTML(v *Scanned) {
	p := v.Text
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case ':':
			const name = "javascript"
			if from := i - len(name); from >= 0 && bytes.EqualFold(p[from:i], []byte(name)) && !isAlnum(before(p, from)) {
				v.found(Span{from, i + 1}, "a javascript: address")
			}
		case '<':
			if isUpper(after(p, i+1) &^ 0x20) {
				scanTag(v, i)
			}
		}
	}
}

// scanTag looks at the tag that opens at p[i].
func scanTag(v *Scanned, i int) {
	p := v.Text
	const script = "<script"
	if to := i + len(script); to <= len(p) && bytes.EqualFold(p[i:to], []byte(script)) && !isAlnum(after(p, to)) && after(p, to) != '-' {
		v.found(Span{i, to}, "a script tag")
		return
	}
	tag := p[i+1 : min(len(p), i+longestTag)]
	if end := bytes.IndexAny(tag, "<>"); end >= 0 {
		tag = tag[:end]
	}
	for k := 1; k+3 < len(tag); k++ {
		if tag[k]&^0x20 != 'O' || tag[k+1]&^0x20 != 'N' || bytes.IndexByte([]byte(" \t\r\n\"'/"), tag[k-1]) < 0 {
			continue
		}
		end := k + 2
		for end < len(tag) && isUpper(tag[end]&^0x20) {
			end++
		}
		if end-k >= 5 && bytes.HasPrefix(bytes.TrimLeft(tag[end:], " \t\r\n"), []byte("=")) {
			from := i + 1 + k
			v.found(Span{from, i + 1 + end}, "a handler in a tag: "+clip(p[from:i+1+end])+"=")
			return
		}
	}
}

// CSVFormula finds fields that a spreadsheet runs.
var CSVFormula = &Rule{Name: "csv-formula", Label: "Spreadsheet formula", Severity: Off, Scope: CSV, Scan: scanFormula, Needs: always,
	Doc: "A field begins like a formula.\n\nWith =, +, -, @, a tab or a carriage return, which spreadsheets run when the file is opened. Numbers, and a sign alone, are fine.", Hint: "put an apostrophe in front of it"}

func scanFormula(v *Scanned) {
	if len(v.Text) == 0 {
		return
	}
	switch rest := v.Text[1:]; v.Text[0] {
	case '+', '-':
		if len(rest) == 0 || isNumber(rest) && rest[0] != '-' || len(rest) > 1 && rest[0] == '.' && isNumber(append([]byte("0"), rest...)) {
			return
		}
	case '=', '@', '\t', '\r':
	default:
		return
	}
	v.found(Span{0, 1}, "the field begins like a formula")
}

func isNumber(p []byte) bool {
	_, ok := record.ParseNumber(p)
	return ok
}
