package record_test

import (
	"strings"
	"testing"

	"freshet/internal/record"
)

// TestErrorPlaces: a person is sent to a byte and a path, so both must be
// right. ‸ marks the byte at fault and is not part of the record. It is the
// first byte that cannot go on a valid record, with two exceptions, both for
// the reader's sake: an unclosed string is told at its opening quote, since its
// end is only where the line happens to end, and a bad escape at its backslash.
func TestErrorPlaces(t *testing.T) {
	for _, c := range []struct{ in, rule, path string }{
		// nothing, or not all of it
		{"‸", "json-syntax", ""},
		{" \t‸", "json-syntax", ""},
		{"{‸", "json-syntax", ""},
		{"[‸", "json-syntax", ""},
		{`{"a"‸`, "json-syntax", "/a"},
		{`{"a":‸`, "json-syntax", "/a"},
		{`{"a":1‸`, "json-syntax", "/a"},
		{`{"a":1,‸`, "json-syntax", "/a"},
		{`{"a":[1,{"b":[‸`, "json-syntax", "/a/1/b"},
		{`{"a":{"b":1}‸`, "json-syntax", "/a"},
		// commas and colons
		{`‸,`, "json-syntax", ""},
		{`{"a":1,‸}`, "json-syntax", "/a"},
		{`[1,‸]`, "json-syntax", "/0"},
		{`{‸,"a":1}`, "json-syntax", ""},
		{`{"a":1,‸,"b":2}`, "json-syntax", "/a"},
		{`[1 ‸2]`, "json-syntax", "/0"},
		{`{"a" ‸1}`, "json-syntax", "/a"},
		{`{"a":‸:1}`, "json-syntax", "/a"},
		{`["a"‸:1]`, "json-syntax", "/0"},
		{`{"a"‸,"b"}`, "json-syntax", "/a"},
		{`{"a":‸}`, "json-syntax", "/a"},
		// brackets
		{`{"a":1‸]`, "json-syntax", "/a"},
		{`[1‸}`, "json-syntax", "/0"},
		{`‸}`, "json-syntax", ""},
		{`‸]`, "json-syntax", ""},
		// what follows the record
		{`{}‸x`, "json-syntax", ""},
		{`{"a":{"b":1}} ‸{"a":2}`, "json-syntax", ""},
		{`{"a":1}‸}`, "json-syntax", ""},
		{`"a"‸"b"`, "json-syntax", ""},
		{`1 ‸2`, "json-syntax", ""},
		// names
		{`{‸a:1}`, "json-syntax", ""},
		{`{‸'a':1}`, "json-syntax", ""},
		{`{‸1:2}`, "json-syntax", ""},
		{`{"a~/":[‸x]}`, "json-syntax", "/a~0~1"},
		{`{"a":1,‸"b`, "json-syntax", "/a"},
		// strings
		{`{"a":‸"b}`, "json-syntax", "/a"},
		{`{"a":‸"b\"}`, "json-syntax", "/a"},
		{`{"a":"b‸\x41"}`, "json-syntax", "/a"},
		{`{"a":"b‸\u12g4"}`, "json-syntax", "/a"},
		{`{"a":"b‸\u12"}`, "json-syntax", "/a"},
		{`{"a":"b‸\`, "json-syntax", "/a"},
		{"{\"a\":\"0123456789‸\n\"}", "json-syntax", "/a"},
		{"{\"a\":\"b\",\"c\":[\"d\",\"‸\x1f\"]}", "json-syntax", "/c/0"},
		// numbers
		{`{"a":0‸1}`, "json-syntax", "/a"},
		{`{"a":-‸}`, "json-syntax", "/a"},
		{`{"a":-‸`, "json-syntax", "/a"},
		{`{"a":-0‸0}`, "json-syntax", "/a"},
		{`{"a":1.‸}`, "json-syntax", "/a"},
		{`{"a":1.5‸.2}`, "json-syntax", "/a"},
		{`{"a":1e‸}`, "json-syntax", "/a"},
		{`{"a":1e+‸,"b":1}`, "json-syntax", "/a"},
		{`{"a":‸+1}`, "json-syntax", "/a"},
		{`{"a":‸.5}`, "json-syntax", "/a"},
		{`{"a":0‸x1f}`, "json-syntax", "/a"},
		{`{"a":-‸Infinity}`, "json-syntax", "/a"},
		{`[0,1,1‸_000]`, "json-syntax", "/1"},
		// words
		{`{"a":‸NaN}`, "json-syntax", "/a"},
		{`{"a":‸True}`, "json-syntax", "/a"},
		{`{"a":tru‸}`, "json-syntax", "/a"},
		{`{"a":nul‸`, "json-syntax", "/a"},
		{`{"a":fa‸1se}`, "json-syntax", "/a"},
		{`{"a":true‸r}`, "json-syntax", "/a"},
		{`{"a":null‸"b"}`, "json-syntax", "/a"},
		{`{"a":n‸an}`, "json-syntax", "/a"},
		// bytes that have no place in any record
		{"{\"a\":\"b‸\xff\"}", "invalid-utf8", "/a"},
		{"{\"a\":\"é‸\xc3\"}", "invalid-utf8", "/a"},
		{"{\"a\":\"é‸\xc3", "invalid-utf8", "/a"},
		{"{\"a\":\"‸\xed\xa0\x80\"}", "invalid-utf8", "/a"}, // half of a surrogate pair in UTF-8
		{"{\"a\":‸\xff}", "invalid-utf8", "/a"},
		{"{\"‸\xff\":1}", "invalid-utf8", ""},
		{"{\"a\":\"‸\xffb\n\"}", "invalid-utf8", "/a"}, // the first fault is told, not the newline after it
		{"{\"a\":\"‸\xff\\q\"}", "invalid-utf8", "/a"},
		{"{\"a\":\"b‸\x00\"}", "nul-byte", "/a"},
		{"{\"a\":‸\x00}", "nul-byte", "/a"},
		{"{\"a\":1}‸\x00", "nul-byte", ""},
		{"‸\x00\x00", "nul-byte", ""},
		{"{\"a\":‸\u00a01}", "json-syntax", "/a"}, // a space, though not JSON's
		{"‸\ufeff{}", "json-syntax", ""},
		// too deep
		{strings.Repeat("[", 512) + "‸[" + strings.Repeat("]", 513), "json-depth", strings.Repeat("/0", 511)},
		{strings.Repeat(`{"a":`, 512) + "‸{}" + strings.Repeat("}", 512), "json-depth", strings.Repeat("/a", 512)},
		{strings.Repeat("[", 512) + "‸", "json-syntax", strings.Repeat("/0", 511)},
	} {
		offset := strings.Index(c.in, "‸")
		in := strings.Replace(c.in, "‸", "", 1)
		name := in
		if len(name) > 40 {
			name = name[:40]
		}
		t.Run(name, func(t *testing.T) {
			var j record.JSON
			err := j.Parse([]byte(in))
			if err == nil {
				t.Fatalf("%q was accepted", in)
			}
			if err.Rule != c.rule || err.Offset != offset {
				t.Errorf("%q: %s at %d (%s), want %s at %d", in, err.Rule, err.Offset, err.Message, c.rule, offset)
			}
			if got := j.PathOfError(); got != c.path {
				t.Errorf("%q: path %q, want %q", in, got, c.path)
			}
		})
	}
}

// TestParseForgets: a record is reused, and one that broke off must leave nothing behind.
func TestParseForgets(t *testing.T) {
	var j record.JSON
	if err := j.Parse([]byte(`{"a":[[["\ud800",1e999`)); err == nil {
		t.Fatal("a record that breaks off was accepted")
	}
	if err := j.Parse([]byte(`{"b":[1]}`)); err != nil {
		t.Fatal(err)
	}
	if j.Seen != record.IsKey || len(j.Tok) != 4 {
		t.Errorf("%d tokens, flags %b", len(j.Tok), j.Seen)
	}
	if i := j.Lookup("b"); i < 0 || j.Path(i+1) != "/b/0" {
		t.Errorf("b is at %d", i)
	}
	if err := j.Parse([]byte(" ")); err == nil || j.PathOfError() != "" {
		t.Errorf("an empty record after one that was fine: %v at %q", err, j.PathOfError())
	}
}
