package record_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"freshet/internal/record"

	"github.com/google/go-cmp/cmp"
)

// FuzzJSON: we accept what the standard library does, less what is not UTF-8 or
// nests too deep, and read the same values from it.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		``, ` `, `{}`, `[]`, `""`, `0`, `-0.0e-0`, `true`, `nul`, `{"a":1,"b":[true,false,null,{"c":""}]}`, `{"a":1,"a":2,"\u0061":3}`,
		`"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"`, `"\ud83d"`, `"\ude00\ud83d"`, `"\ud83d\ud83d\ude00"`, `"\ud83dx"`, `"\ud83d\u0041"`, `"\uD83D\`, `"\u12"`,
		`1e400`, `-1E+999`, `01`, `1.`, `1e`, `-`, `1_0`, `0x1`, `NaN`, `{"a":}`, `{"a":1,}`, `[1,]`, `[1 2]`, `{"a" 1}`, `{a:1}`, `"a" "b"`, `{}}`, `truefalse`, `true:`,
		"\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\"é😀\"", "\xff", "\"\x00\"", "\x00", "\"\x1f\"", "\"\x7f\"", "\ufeff{}", "\u00a0{}", "{\"a\":\"0123456789abcdef\n\"}",
		"\t{ \"a\" :\r[ 1 , 2 ]\n} ", strings.Repeat("[", 512) + strings.Repeat("]", 512), strings.Repeat("[", 513) + strings.Repeat("]", 513),
		strings.Repeat(`{"a":[`, 256) + strings.Repeat(`]}`, 256), `{"` + strings.Repeat("k", 100) + `":"` + strings.Repeat("é", 100) + `"}`,
		`{"` + strings.Repeat(`a":0,"b":0,"`, 20) + `c":0}`,
	} {
		f.Add([]byte(s))
	}
	var j record.JSON // reused, as the engine does
	f.Fuzz(func(t *testing.T, data []byte) {
		in := bytes.Clone(data)
		want := accepted(data)
		record.Forms(func(form string) {
			for range 2 { // the second time its shape is known
				err := j.Parse(data)
				if !bytes.Equal(in, data) {
					t.Fatalf("Parse wrote to the record")
				}
				if want != (err == nil) {
					t.Fatalf("%s: %q: %v, want it accepted: %v", form, data, err, want)
				}
				if err != nil {
					checkError(t, &j, data, err)
					continue
				}
				checkTokens(t, &j)
				checkValues(t, &j, data)
				checkNames(t, &j)
				if j.Shape != nil && j.Shape.UniqueNames {
					j.DuplicateNames(func(int) { t.Fatalf("%s: %q: the shape says that names are unique", form, data) })
				}
			}
		})
	})
}

// accepted is what must be accepted, by the standard library's word.
func accepted(data []byte) bool {
	return json.Valid(data) && utf8.Valid(data) && depth(data) <= record.MaxDepth
}

// depth is how deep brackets nest in valid JSON.
func depth(data []byte) (most int) {
	deep, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '[' || c == '{':
			deep++
			most = max(most, deep)
		case c == ']' || c == '}':
			deep--
		}
	}
	return most
}

func checkError(t *testing.T, j *record.JSON, data []byte, err *record.SyntaxError) {
	at := err.Offset
	if at < 0 || at > len(data) {
		t.Fatalf("%q: an error at %d", data, at)
	}
	switch err.Rule {
	case "json-syntax":
	case "json-depth":
		if data[at] != '[' && data[at] != '{' {
			t.Fatalf("%q: too deep at %q", data, data[at])
		}
	case "nul-byte":
		if data[at] != 0 {
			t.Fatalf("%q: %q is told to be NUL", data, data[at])
		}
	case "invalid-utf8":
		if at != record.InvalidUTF8(data) {
			t.Fatalf("%q: not UTF-8 at %d, want %d", data, at, record.InvalidUTF8(data))
		}
	default:
		t.Fatalf("%q: rule %q", data, err.Rule)
	}
	if err.Message == "" || !utf8.ValidString(err.Message) {
		t.Fatalf("%q: message %q", data, err.Message)
	}
	// A place after the one where the standard library gives up cannot be the
	// first at fault. It may be before: at the beginning of a word or string.
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal(data, new(any)), &syntax) && int64(at) > syntax.Offset {
		t.Fatalf("%q: an error at %d, though byte %d is at fault", data, at, syntax.Offset-1)
	}
	if p := j.PathOfError(); p != "" && p[0] != '/' {
		t.Fatalf("%q: path %q", data, p)
	}
}

// checkTokens: brackets and quotes stand where tokens say, and containers hold
// just what is inside them.
func checkTokens(t *testing.T, j *record.JSON) {
	if len(j.Tok) == 0 || j.Next(0) != len(j.Tok) {
		t.Fatalf("%q: the root is not the whole record", j.Raw)
	}
	seen := uint8(0)
	for i := range j.Tok {
		k := &j.Tok[i]
		seen |= k.Flags
		if k.Start > k.End || int(k.End) > len(j.Raw) {
			t.Fatalf("%q: token %d is from %d to %d", j.Raw, i, k.Start, k.End)
		}
		text := j.Text(i)
		switch k.Kind {
		case record.Object, record.Array:
			if b := string(text[0]) + string(text[len(text)-1]); b != map[record.Kind]string{record.Object: "{}", record.Array: "[]"}[k.Kind] {
				t.Fatalf("%q: token %d is an %s in %q", j.Raw, i, k.Kind, b)
			}
			if int(k.N) <= i || int(k.N) > len(j.Tok) {
				t.Fatalf("%q: token %d ends before token %d", j.Raw, i, k.N)
			}
			last := k.Start
			for c := i + 1; c < int(k.N); c = j.Next(c) {
				// names and values take turns
				if isKey := j.Tok[c].Flags&record.IsKey != 0; k.Kind == record.Array && isKey {
					t.Fatalf("%q: token %d is a name in an array", j.Raw, c)
				} else if k.Kind == record.Object {
					if !isKey || j.Tok[c+1].Flags&record.IsKey != 0 {
						t.Fatalf("%q: tokens %d and %d are not a name and a value", j.Raw, c, c+1)
					}
					c++
				}
				if j.Tok[c].Start <= last || j.Tok[c].End >= k.End || j.Next(c) > int(k.N) {
					t.Fatalf("%q: token %d lies outside its container %d", j.Raw, c, i)
				}
				last = j.Tok[c].Start
			}
		case record.String:
			if j.Raw[k.Start-1] != '"' || j.Raw[k.End] != '"' {
				t.Fatalf("%q: no quotes around token %d", j.Raw, i)
			}
			if d := j.Decode(nil, i); len(d) != int(k.N) || !j.Is(i, string(d)) {
				t.Fatalf("%q: token %d decodes to %q, its length is told to be %d", j.Raw, i, d, k.N)
			}
		case record.Number:
			if !isNumber(text) {
				t.Fatalf("%q: token %d is %q, not a number", j.Raw, i, text)
			}
			var f float64
			if wide := json.Unmarshal(text, &f) != nil; wide != (k.Flags&record.OutOfRange != 0) || !wide && j.Float(i) != f {
				t.Fatalf("%q: token %d is %v, want %v", j.Raw, i, j.Float(i), f)
			}
		}
		if p := j.Path(i); i > 0 && p == "" {
			t.Fatalf("%q: token %d has no path", j.Raw, i)
		}
	}
	if seen != j.Seen {
		t.Fatalf("%q: flags %b, seen %b", j.Raw, seen, j.Seen)
	}
}

// checkValues reads the tokens beside those of the standard library.
func checkValues(t *testing.T, j *record.JSON, data []byte) {
	if j.Tok[0].Kind == record.String {
		var s string
		if err := json.Unmarshal(data, &s); err != nil || string(j.Decode(nil, 0)) != s {
			t.Fatalf("%q: %q, want %q (%v)", data, j.Decode(nil, 0), s, err)
		}
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	i := 0
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if tok == json.Delim('}') || tok == json.Delim(']') {
			continue
		}
		if i == len(j.Tok) {
			t.Fatalf("%q: only %d tokens", data, i)
		}
		want, kind := "", record.Null
		switch v := tok.(type) {
		case json.Delim:
			kind, want = record.Object, "{"
			if v == '[' {
				kind, want = record.Array, "["
			}
		case string:
			kind, want = record.String, v
		case json.Number:
			kind, want = record.Number, v.String()
		case bool:
			kind, want = record.Bool, map[bool]string{true: "true", false: "false"}[v]
		case nil:
			want = "null"
		}
		got := j.Text(i)
		switch kind {
		case record.Object, record.Array:
			got = got[:1]
		case record.String:
			got = j.Decode(nil, i)
		}
		if j.Tok[i].Kind != kind || string(got) != want {
			t.Fatalf("%q: token %d is a %s %q, want a %s %q", data, i, j.Tok[i].Kind, got, kind, want)
		}
		i++
	}
	if i != len(j.Tok) {
		t.Fatalf("%q: %d tokens, want %d", data, len(j.Tok), i)
	}
}

// checkNames compares the names told to be there twice with a plain map's.
func checkNames(t *testing.T, j *record.JSON) {
	want, got := map[int]bool{}, map[int]bool{}
	for i := range j.Tok {
		if j.Tok[i].Kind != record.Object {
			continue
		}
		names := map[string]bool{}
		for k := i + 1; k < j.Next(i); k = j.Next(k + 1) {
			name := string(j.Decode(nil, k))
			if names[name] {
				want[k] = true
			}
			names[name] = true
		}
	}
	j.DuplicateNames(func(tok int) {
		if got[tok] {
			t.Fatalf("%q: the name at token %d is told twice", j.Raw, tok)
		}
		got[tok] = true
	})
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("%q: duplicate names, want (-), got (+):\n%s", j.Raw, d)
	}
}

// FuzzSplitter: how the bytes are cut into pieces must not show in the records.
func FuzzSplitter(f *testing.F) {
	long := strings.Repeat("x", 3*record.Keep)
	for _, s := range []string{
		"", "\n", "\r\n", "a", "a\nb", "a\r\nb\r\n", "a\r", "\r\r\n", "a,\"b\nc\"\nd\n", "\"a\"\"b\n\"\r\n", "\"open\n", "a\"b\n\"c\nd", "\n\n\"\n\n\"\n\n",
		long, long + "\r\n" + long + "\n", long[:8] + "\n", long[:9] + "\r\n", long[:record.Keep] + "\r\n", long[:record.Keep+1] + "\r\nx", "\"" + long + "\n" + long + "\"\nx\n", "\"\n" + long,
	} {
		f.Add([]byte(s), []byte{1}, uint16(8))
		f.Add([]byte(s), []byte{0, 3, 200, 1, 255}, uint16(record.Keep))
		f.Add([]byte(s), []byte{2, 255, 7}, uint16(record.Keep+300))
	}
	f.Fuzz(func(t *testing.T, data, cuts []byte, limit uint16) {
		for _, quotes := range []bool{false, true} {
			most := 1 + int(limit)%4096
			one := split(record.Splitter{Quotes: quotes, Max: most}, data, nil)
			checkRecords(t, data, one, most)
			if d := cmp.Diff(one, split(record.Splitter{Quotes: quotes, Max: most}, data, cuts)); d != "" {
				t.Fatalf("%q, quotes %v, limit %d: in one piece (-), in pieces of %v (+):\n%s", data, quotes, most, cuts, d)
			}
		}
	})
}

// split gives the records of data, fed in pieces of these sizes over and over.
// A splitter must keep nothing of a piece, so each is spoilt once it is used.
func split(s record.Splitter, data, sizes []byte) []record.Raw {
	var out []record.Raw
	keep := func(r record.Raw) {
		r.Bytes = append([]byte{}, r.Bytes...)
		out = append(out, r)
	}
	var rec record.Raw
	for n := 0; len(data) > 0; n++ {
		size := len(data)
		if len(sizes) > 0 {
			size = min(size, 1+int(sizes[n%len(sizes)]))
		}
		piece := bytes.Clone(data[:size])
		for rest := piece; len(rest) > 0; {
			used, ok := s.Next(rest, &rec)
			if ok {
				keep(rec)
			}
			rest = rest[used:]
		}
		for i := range piece {
			piece[i] = '"'
		}
		data = data[size:]
	}
	if s.Last(&rec) {
		keep(rec)
	}
	return out
}

// FuzzPass: a stretch of a record that another splitter went over leaves no
// trace in the records, but that bytes may be missing of the one it lies in.
func FuzzPass(f *testing.F) {
	f.Add([]byte("a,b\r\n1,\"x\ny\"\r\n2,"+strings.Repeat("long ", 600)+"\r\n\"open"), uint16(7), uint16(9), true, uint16(4000))
	f.Add([]byte("{}\n"+strings.Repeat("x", 5000)+"\n{}\n"), uint16(500), uint16(4000), false, uint16(3000))
	f.Add([]byte("\"a\n\nb\"\r\nc"), uint16(1), uint16(4), true, uint16(3))
	f.Fuzz(func(t *testing.T, data []byte, from, size uint16, quotes bool, most uint16) {
		cut := min(int(from), len(data))
		s := record.Splitter{Quotes: quotes, Max: int(most)}
		want := split(s, data, nil)
		var got []record.Raw
		feed := func(p []byte) {
			for rec := (record.Raw{}); len(p) > 0; {
				used, ok := s.Next(p, &rec)
				p = p[used:]
				if ok {
					rec.Bytes = bytes.Clone(rec.Bytes)
					got = append(got, rec)
				}
			}
		}
		feed(data[:cut])
		other := record.Splitter{Quotes: quotes, Max: 100}
		other.Reset(int64(cut), s.InQuote())
		stretch := data[cut:min(len(data), cut+int(size))]
		if end := other.Boundary(stretch); end >= 0 {
			stretch = stretch[:end]
		}
		other.Hold(stretch)
		open := other.Save()
		open.Trim(0)
		s.Pass(&open)
		feed(data[cut+len(stretch):])
		if rec := (record.Raw{}); s.Last(&rec) {
			rec.Bytes = bytes.Clone(rec.Bytes)
			got = append(got, rec)
		}
		if len(got) != len(want) {
			t.Fatalf("%q: %d records, want %d", data, len(got), len(want))
		}
		for i := range got {
			g, w := &got[i], &want[i]
			if g.Partial() && len(g.Bytes) >= record.Keep && bytes.HasPrefix(w.Bytes, g.Bytes) {
				g.Bytes = w.Bytes
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%q: in one go (-), with a stretch passed over (+):\n%s", data, d)
		}
	})
}

// checkRecords: records follow each other without a gap and say what is in the file.
func checkRecords(t *testing.T, data []byte, records []record.Raw, most int) {
	at, lines := int64(0), int64(0)
	for i, r := range records {
		if r.Offset != at {
			t.Fatalf("%q: record %d begins at %d, want %d", data, i, r.Offset, at)
		}
		body := data[at : at+r.Size]
		if !bytes.HasPrefix(body, r.Bytes) || !r.Oversized && len(r.Bytes) != len(body) {
			t.Fatalf("%q: record %d is %q, want %q", data, i, r.Bytes, body)
		}
		if r.Oversized != (r.Size > int64(most)) || r.Oversized && len(r.Bytes) != min(len(body), record.Keep) {
			t.Fatalf("%q: record %d has %d bytes of which %d are kept; oversized: %v", data, i, r.Size, len(r.Bytes), r.Oversized)
		}
		want := int64(bytes.Count(body, []byte("\n"))) + 1
		if !r.Ended && bytes.HasSuffix(body, []byte("\n")) {
			want-- // the file ends inside quotes, after a line
		}
		if r.Lines != want {
			t.Fatalf("%q: record %d takes %d lines, want %d", data, i, r.Lines, want)
		}
		at += r.Size
		lines += r.Lines
		if r.CRLF {
			at++
		}
		if r.Ended {
			at++
		}
		if end := data[:at]; r.CRLF && !bytes.HasSuffix(end, []byte("\r\n")) || r.Ended && end[at-1] != '\n' || !r.Ended && i != len(records)-1 {
			t.Fatalf("%q: record %d ends with %q; CRLF: %v, ended: %v", data, i, end[max(0, at-2):], r.CRLF, r.Ended)
		}
	}
	if at != int64(len(data)) {
		t.Fatalf("%q: records reach to %d", data, at)
	}
	if n := int64(bytes.Count(data, []byte("\n"))); lines != n && lines != n+1 {
		t.Fatalf("%q: %d lines, %d newlines", data, lines, n)
	}
}

// FuzzCSV: what the standard library reads without complaint we read alike.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"", "a", "a,b\n1,2\n", "a;b\n1;2", "a\tb\n", ",\n,,\n", "\"\"\n", "\"\",\"\"\n", "a,\"b,c\"\n", "a,\"b\"\"c\"\n", "\"\"\"\"\n", "\"\"\"a\"\"\"\n", "\"a\nb\",c\n", "\"a\r\nb\"\r\nc\r\n",
		"a\rb\n", "\"a\rb\"\n", "a\r", "\n\na\n\n", "\r\n\r\na\r\n", "a\r\r\n", "\" a \", b \n", "é,😀\n", "\xff,\"\xfe\"\n", "a,\"b", "a\"b\n", "\"a\"b\n", "a,\n", "a,\"\"", "\"\n\n\"\n", "\x00,1\n",
	} {
		f.Add([]byte(s), uint8(0))
		f.Add([]byte(strings.ReplaceAll(s, ",", "|")), uint8(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, d uint8) {
		delim := ",;\t|"[d%4]
		r := csv.NewReader(bytes.NewReader(data))
		r.Comma, r.FieldsPerRecord = rune(delim), -1
		want, err := r.ReadAll()
		// the standard library drops a carriage return at the end of the file; for
		// us one without a newline is part of the record
		if err == nil {
			data = bytes.TrimSuffix(data, []byte("\r"))
		}
		var got [][]string
		c := record.CSV{Delim: delim}
		for _, raw := range split(record.Splitter{Quotes: true, Max: 1 << 20}, data, nil) {
			if len(raw.Bytes) == 0 {
				continue // the standard library skips empty lines; for us they are blank lines
			}
			fault, _ := c.Parse(raw.Bytes)
			checkFields(t, &c, fault)
			if err == nil && fault != nil && fault.Rule != "bare-cr" {
				t.Fatalf("%q: %s at %d of %q, though it is good CSV", data, fault.Rule, fault.Offset, raw.Bytes)
			}
			var fields []string
			for i := range c.Fields {
				v := string(c.Value(i))
				if c.Fields[i].Quoted { // the standard library ends all lines alike, we keep fields as they are
					v = strings.ReplaceAll(v, "\r\n", "\n")
				}
				fields = append(fields, v)
			}
			got = append(got, fields)
		}
		if err != nil {
			return
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q, delimiter %q: want (-), got (+):\n%s", data, delim, diff)
		}
	})
}

// checkFields: fields lie one after the other in the record, whatever it is.
func checkFields(t *testing.T, c *record.CSV, fault *record.CSVFault) {
	at := 0
	for i, f := range c.Fields {
		if int(f.Start) < at || f.End < f.Start || int(f.End) > len(c.Raw) {
			t.Fatalf("%q: field %d is from %d to %d, after %d", c.Raw, i, f.Start, f.End, at)
		}
		at = int(f.End)
		if i > 0 && bytes.IndexByte(c.Raw[c.Fields[i-1].End:f.Start], c.Delim) < 0 {
			t.Fatalf("%q: no delimiter before field %d", c.Raw, i)
		}
	}
	if fault != nil && (fault.Offset < 0 || fault.Offset >= len(c.Raw) || fault.Field >= len(c.Fields) || fault.Message == "") {
		t.Fatalf("%q: fault %+v in %d fields", c.Raw, *fault, len(c.Fields))
	}
}

func isNumber(p []byte) bool {
	_, ok := record.ParseNumber(p)
	return ok
}
