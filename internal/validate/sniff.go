package validate

import (
	"bytes"
	"fmt"
	"iter"
	"strings"

	"freshet/internal/record"
	"freshet/internal/rule"
)

// sniff decides the format from name and content together. The content says
// how the file is read; a name that says otherwise is an error.
func (p *Plan) sniff(head []byte, whole bool) {
	ext := p.extension()
	named := map[string]string{
		".jsonl": "jsonl", ".ndjson": "jsonl", ".jsonlines": "jsonl", ".json": "json",
		".csv": "csv", ".tsv": "tsv", ".tab": "tsv",
		".parquet": "parquet", ".pq": "parquet",
		".txt": "text", ".text": "text", ".md": "text",
	}[ext]
	if len(head) == 0 {
		p.Format = named
		if named == "" {
			p.Format = "text"
		}
		return
	}
	if c := contentOf(head); c.name != "" {
		p.Format, p.opaque = c.name, true
		if c.name == "parquet" && p.Compression == "" {
			if named != "" && named != c.name {
				p.tell(rule.FormatMismatch, fmt.Sprintf("the name ends in %s, but the content is parquet", ext), "")
			}
			return
		}
		p.refused = NotAllowed
		p.tell(rule.UnknownFormat, "the content is "+c.is+", not "+orElse(named, "JSON Lines, CSV or text"), c.hint)
		return
	}
	if enc := wideEncoding(head); enc != "" {
		p.Encoding, p.Format, p.opaque = enc, orElse(named, "text"), true
		p.tell(rule.NotUTF8, "the file is "+strings.ToUpper(enc)+", not UTF-8", "convert it: iconv -f "+strings.ToUpper(enc)+" -t UTF-8")
		return
	}
	p.BOM = bytes.HasPrefix(head, bom)
	body := p.body(head)
	if crOnly(body, whole) {
		p.Format, p.opaque = orElse(named, "text"), true
		p.tell(rule.CRNewlines, "lines end with a carriage return alone", "")
		return
	}
	if isDocument(named, body, whole) {
		p.Format = "json"
		if named == "jsonl" {
			p.tell(rule.FormatMismatch, fmt.Sprintf("the name ends in %s, but the content is one JSON array", ext), "name it .json, or write one record a line: jq -c '.[]' in.json > out.jsonl")
		}
		return
	}
	p.Format = p.choose(named, body, whole)
	if p.Format == "tsv" && named == "csv" {
		p.Format = "csv" // a .csv with tabs does not lie
	}
	if p.isCSV() {
		p.header(body, whole)
	}
	switch {
	case named == "" || named == p.Format || named == "json" && p.Format == "jsonl" || named == "text":
	default:
		p.tell(rule.FormatMismatch, fmt.Sprintf("the name ends in %s, but the content is %s", ext, p.Format), "")
	}
}

var bom = []byte("\xef\xbb\xbf")

func (p *Plan) body(head []byte) []byte {
	if p.BOM {
		return head[len(bom):]
	}
	return head
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// choose weighs the content against what the name says.
func (p *Plan) choose(named string, body []byte, whole bool) string {
	json, object := false, false // a first line is JSON; is an object
	n := 0
	var j record.JSON
	for line := range firstLines(body, whole, len(body)) {
		parsed := j.Parse(line) == nil
		if n == 0 {
			object = parsed && j.Tok[0].Kind == record.Object
		}
		json = json || parsed || line[0] == '{'
		n++
	}
	if n == 0 { // one line longer than the head, or blank lines only
		t := bytes.TrimLeft(body, " \t\r\n")
		json, object = len(t) > 0 && t[0] == '{', false
	}
	switch named {
	case "jsonl", "json":
		if json || n == 0 {
			return "jsonl"
		}
	case "csv", "tsv":
		if object {
			return "jsonl"
		}
		return p.delimited(body, whole, true)
	case "text":
		if object {
			return "jsonl"
		}
		return "text"
	default:
		if object || json && bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
			return "jsonl"
		}
	}
	if f := p.delimited(body, whole, false); f != "" {
		return f
	}
	return "text"
}

// firstLines gives up to 20 lines of the head that are not blank and are there whole.
func firstLines(body []byte, whole bool, _ int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for n := 0; n < 20 && len(body) > 0; {
			line, rest, ended := bytes.Cut(body, []byte{'\n'})
			if !ended && !whole {
				return
			}
			body = rest
			if line = bytes.TrimSpace(line); len(line) == 0 {
				continue
			}
			n++
			if !yield(line) {
				return
			}
		}
	}
}

// delimited finds the delimiter among , ; TAB and |: the one that gives the
// most records of the first's width. Without one, a file that is named CSV has one column.
func (p *Plan) delimited(body []byte, whole, must bool) string {
	best, bestFits, bestWidth := byte(','), 0, 0
	for _, d := range []byte(",;\t|") {
		fits, width, n := 0, 0, 0
		c := record.CSV{Delim: d}
		for raw := range firstRecords(body, whole, blank) {
			c.Parse(raw.Bytes)
			if n == 0 {
				width = len(c.Fields)
			}
			if len(c.Fields) == width && width > 1 {
				fits++
			}
			n++
		}
		if !must && (fits < 2 || fits*10 < n*9) {
			continue
		}
		if fits > bestFits || fits == bestFits && width > bestWidth && fits > 0 {
			best, bestFits, bestWidth = d, fits, width
		}
	}
	if bestFits == 0 && !must {
		return ""
	}
	p.Delim = best
	if best == '\t' {
		return "tsv"
	}
	return "csv"
}

// firstRecords gives up to 20 CSV records of the head that are there whole, and not blank.
func firstRecords(body []byte, whole bool, blank func([]byte) bool) iter.Seq[*record.Raw] {
	return func(yield func(*record.Raw) bool) {
		s := record.Splitter{Quotes: true, Max: HeadSize}
		var raw record.Raw
		for n := 0; n < 20 && len(body) > 0; {
			used, ok := s.Next(body, &raw)
			body = body[used:]
			if !ok && (!whole || !s.Last(&raw)) {
				return
			}
			if blank(raw.Bytes) {
				continue
			}
			if n++; !yield(&raw) {
				return
			}
		}
	}
}

// header takes the first record as the names of the columns.
func (p *Plan) header(body []byte, whole bool) {
	c := record.CSV{Delim: p.Delim}
	for raw := range firstRecords(body, whole, p.blank) {
		c.Parse(raw.Bytes)
		for i := range c.Fields {
			p.Columns = append(p.Columns, strings.ToValidUTF8(string(c.Value(i)), "\uFFFD"))
		}
		if p.headerAt = raw.Offset; p.BOM && p.headerAt > 0 { // the mark is of the first record
			p.headerAt += int64(len(bom))
		}
		return
	}
}

// crOnly tells that lines end with a carriage return alone.
func crOnly(body []byte, whole bool) bool {
	if bytes.IndexByte(body, '\n') >= 0 {
		return false
	}
	i := bytes.IndexByte(body, '\r')
	return i >= 0 && len(bytes.TrimSpace(body[i:])) > 0
}

// isDocument tells that the body is one JSON document over one line or many: an
// array of records, or, in a file that is named .json, any array or one object.
func isDocument(named string, body []byte, whole bool) bool {
	t := bytes.TrimLeft(body, " \t\r\n")
	if len(t) == 0 || t[0] != '[' && (t[0] != '{' || named != "json") || named == "text" || named == "csv" || named == "tsv" {
		return false
	}
	var j record.JSON
	for line := range firstLines(t, whole, len(t)) {
		err := j.Parse(line)
		if err == nil { // a value on a line of its own: is it all?
			rest := t[bytes.Index(t, line)+len(line):]
			return whole && len(bytes.TrimSpace(rest)) == 0 && (named == "json" || len(j.Tok) > 1 && j.Tok[1].Kind <= record.Array)
		}
		if t[0] == '{' { // one that goes on in the next line is not a record of JSON Lines
			return err.Offset == len(line)
		}
		break
	}
	if named == "json" {
		return t[0] == '['
	}
	inner := bytes.TrimLeft(t[1:], " \t\r\n")
	return len(inner) > 0 && (inner[0] == '{' || inner[0] == '[' || inner[0] == '"')
}

// firstElements gives up to 20 elements of a JSON document that are in the head whole.
func firstElements(head []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		e := record.Elements{Max: HeadSize}
		var raw record.Raw
		for n := 0; n < 20 && len(head) > 0; {
			used, found := e.Next(head, &raw)
			head = head[used:]
			if found != record.Element {
				continue
			}
			if n++; !yield(raw.Bytes) {
				return
			}
		}
	}
}

// wideEncoding tells UTF-16 and UTF-32 by mark or by the zeros of ASCII text.
func wideEncoding(p []byte) string {
	switch {
	case bytes.HasPrefix(p, []byte{0xff, 0xfe, 0, 0}):
		return "utf-32le"
	case bytes.HasPrefix(p, []byte{0, 0, 0xfe, 0xff}):
		return "utf-32be"
	case bytes.HasPrefix(p, []byte{0xff, 0xfe}):
		return "utf-16le"
	case bytes.HasPrefix(p, []byte{0xfe, 0xff}):
		return "utf-16be"
	}
	p = p[:min(len(p), 512)&^1]
	if len(p) < 16 {
		return ""
	}
	var zeros [2]int
	for i, c := range p {
		if c == 0 {
			zeros[i&1]++
		}
	}
	half := len(p) / 2
	switch {
	case zeros[1] > half*3/4 && zeros[0] < half/4:
		return "utf-16le"
	case zeros[0] > half*3/4 && zeros[1] < half/4:
		return "utf-16be"
	}
	return ""
}
