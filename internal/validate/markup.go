package validate

import (
	"bytes"
	"slices"
)

// Markup and scripts are text, too. What tells them from a text that speaks of
// them is how they go on.

// markupOf names a text that is a document of markup, or a program.
func markupOf(p []byte) content {
	p = bytes.TrimPrefix(p, bom)
	switch t := p[:min(len(p), 4096)]; {
	case isScript(t):
		return program("script", "a script")
	case isPHP(t):
		return program("php", "a PHP script")
	case len(t) > 0 && (t[0] == '<' || isSpace(t[0])):
		return markup(bytes.TrimLeft(t, " \t\r\n"))
	}
	return content{}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// isScript tells a line that names an interpreter: an absolute path in a
// directory of programs, and options. A sentence that begins like one goes on with words.
func isScript(p []byte) bool {
	rest, ok := bytes.CutPrefix(p, []byte("#!"))
	if !ok {
		return false
	}
	line, _, _ := bytes.Cut(rest, []byte{'\n'})
	words := bytes.Fields(line)
	if len(words) == 0 || words[0][0] != '/' || !bytes.Contains(words[0], []byte("bin/")) || bytes.ContainsAny(words[0], `,;|"'`) {
		return false
	}
	if bytes.HasSuffix(words[0], []byte("/env")) {
		return len(words) > 1 && len(words) < 6
	}
	return len(words) < 4 && !slices.ContainsFunc(words[1:], func(w []byte) bool { return w[0] != '-' })
}

// isPHP tells a line of PHP, or one with nothing but its opening.
func isPHP(p []byte) bool {
	rest, ok := bytes.CutPrefix(p, []byte("<?php"))
	if !ok || len(rest) == 0 || !isSpace(rest[0]) {
		return false
	}
	line, _, _ := bytes.Cut(rest, []byte{'\n'})
	line = bytes.TrimSpace(line)
	return len(line) == 0 || bytes.ContainsAny(line, ";$({") || bytes.HasPrefix(line, []byte("/"))
}

// markup names a document of HTML, SVG or XML: its first tag, which another
// follows, or the declaration that only XML begins with.
func markup(p []byte) content {
	for bytes.HasPrefix(p, []byte("<!--")) {
		_, rest, ended := bytes.Cut(p, []byte("-->"))
		if !ended {
			return content{}
		}
		p = bytes.TrimLeft(rest, " \t\r\n")
	}
	tag, rest, ended := bytes.Cut(p, []byte{'>'})
	if !ended || len(tag) < 2 {
		return content{}
	}
	name := bytes.ToLower(tag[1:])
	if i := bytes.IndexAny(name, " \t\r\n/"); i > 0 {
		name = name[:i]
	}
	if string(name) == "script" && bytes.Contains(bytes.ToLower(rest), []byte("</script")) {
		return content{"html", "an HTML document", hintMarkup}
	}
	rest = bytes.TrimLeft(rest, " \t\r\n")
	if len(rest) == 0 || rest[0] != '<' {
		return content{}
	}
	html := content{"html", "an HTML document", hintMarkup}
	switch string(name) {
	case "html", "head", "body":
		return html
	case "svg":
		return content{"svg", "an SVG image", hintMarkup}
	case "!doctype":
		kind := bytes.Fields(bytes.ToLower(tag))
		switch {
		case len(kind) > 1 && string(kind[1]) == "html":
			return html
		case len(kind) > 1 && string(kind[1]) == "svg":
			return content{"svg", "an SVG image", hintMarkup}
		}
		return content{"xml", "an XML document", hintMarkup}
	case "?xml":
		if !bytes.Contains(tag, []byte("version=")) || !bytes.HasSuffix(tag, []byte{'?'}) {
			return content{}
		}
		if inner := markup(rest); inner.name != "" {
			return inner
		}
		return content{"xml", "an XML document", hintMarkup}
	}
	return content{}
}
