package record_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"freshet/internal/record"

	"github.com/google/go-cmp/cmp"
)

// FuzzBlock: every form of scanning gives the rows and lines that a splitter
// and the exact parser do.
func FuzzBlock(f *testing.F) {
	for _, s := range []string{"", "a,b\n", "a,\"b,\nc\"\r\nd\n", "\"a\"\"\",\"\"\n", "a\rb\n", "a\"b\n", "\"a\"b\nc\n", "\"open\n", ",,\n\n \n", "é,\xff\n\x00\n", "a\r\n\r\n\r"} {
		f.Add([]byte(s))
		f.Add([]byte("0123456789,0123456789,0123456789,0123456789,\"0123456789\n01\"\n" + s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		record.Forms(func(form string) {
			plain := utf8.Valid(data) && bytes.IndexByte(data, 0) < 0
			var b record.Block
			if got := b.ScanRows(data, ','); got != plain {
				t.Fatalf("%s: %q is plain: %v", form, data, got)
			}
			checkRows(t, form, &b, data)
			if got := b.ScanLines(data); got != plain {
				t.Fatalf("%s: %q is plain: %v", form, data, got)
			}
			checkTaken(t, form, &b, data)
		})
	})
}

// checkTaken: lines are taken up to one that is blank, or longer than 12 bytes.
func checkTaken(t *testing.T, form string, b *record.Block, data []byte) {
	var l record.Lines
	for rest := data; ; {
		b.Lines(&l, 12)
		crlf := 0
		for i := range l.N {
			end := bytes.IndexByte(rest, '\n')
			if end < 0 {
				t.Fatalf("%s: %q: a line, where %q is left", form, data, rest)
			}
			want := bytes.TrimSuffix(rest[:end], []byte("\r"))
			if got := l.Line(b, i); !bytes.Equal(got, want) || len(bytes.Trim(want, " \t\r")) == 0 || len(want) > 12 {
				t.Fatalf("%s: %q: line %q, want %q", form, data, got, want)
			}
			crlf += end - len(want)
			if rest = rest[end+1:]; !bytes.Equal(data[l.Starts[i+1]:], rest) {
				t.Fatalf("%s: %q: %q is left, want %q", form, data, data[l.Starts[i+1]:], rest)
			}
		}
		if l.CRLF != crlf || !bytes.Equal(b.Rest(), rest) {
			t.Fatalf("%s: %q: %d lines of %d end in CRLF; %q is left, want %q", form, data, l.CRLF, l.N, b.Rest(), rest)
		}
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			return
		}
		if l.N < record.MostLines {
			if line := bytes.TrimSuffix(rest[:end], []byte("\r")); len(line) <= 12 && len(bytes.Trim(line, " \t\r")) > 0 {
				t.Fatalf("%s: %q: %q was not taken", form, data, line)
			}
			b.Skip(end + 1)
			rest = rest[end+1:]
		}
	}
}

func checkRows(t *testing.T, form string, b *record.Block, data []byte) {
	s := record.Splitter{Quotes: true, Max: 1 << 20}
	got, want := record.CSV{Delim: ','}, record.CSV{Delim: ','}
	offset := int64(0)
	for rest := data; len(rest) > 0; {
		var raw, wantRaw record.Raw
		used, ended := s.Next(rest, &wantRaw)
		ok := b.Row(&got, &raw)
		if ok && !ended {
			t.Fatalf("%s: %q: a row in %q, which has no end", form, data, rest)
		}
		if !ended {
			return
		}
		bad, cr := want.Parse(wantRaw.Bytes)
		if ok != (bad == nil && cr == nil) {
			t.Fatalf("%s: %q: row %q is taken: %v; faults: %v, %v", form, data, wantRaw.Bytes, ok, bad, cr)
		}
		if ok {
			raw.Offset = offset
			if d := cmp.Diff(wantRaw, raw); d != "" {
				t.Fatalf("%s: %q: row, want (-), got (+):\n%s", form, data, d)
			}
			if d := cmp.Diff(want.Fields, got.Fields); d != "" {
				t.Fatalf("%s: %q: fields, want (-), got (+):\n%s", form, data, d)
			}
		} else {
			b.Skip(used)
		}
		rest = rest[used:]
		offset += int64(used)
		if !bytes.Equal(b.Rest(), rest) {
			t.Fatalf("%s: %q: %q is left, want %q", form, data, b.Rest(), rest)
		}
	}
}

// FuzzLines: lines that are scanned together read as each of them does alone.
func FuzzLines(f *testing.F) {
	for _, s := range []string{"{}\n", "{\"a\":1}\r\n\n[\"b\\\"\", true]\n", "\"\\u00e9\\ud83d\\ude00\"\n\"\\\\\"\n", "{\"a\": \"é\"}\n", "{\"a\":\n", "\"open\n\"\n", "\"\x01\"\n", "\xff\n", "1 2\n", "a\n0\n", "{\"a\":-0.5e1,\"b\":false}\nnull\n", "\"\\ud83d\\", "\\\n\"\n"} {
		f.Add([]byte(s))
		f.Add([]byte("{\"0123456789\":\"0123456789\\n\",\"a\":[0123456789,{}]}\n" + s + s))
		f.Add(bytes.Repeat([]byte("\""+strings.Repeat("\\\\", 9)+"\"\n"+s), 200))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		record.Forms(func(form string) {
			var b record.Block
			if !b.ScanJSON(data) {
				if form != "plain" && utf8.Valid(data) && allValid(data) {
					t.Fatalf("%s: %q is not taken", form, data)
				}
				return
			}
			var got, want record.JSON
			rest := data
			for {
				var raw record.Raw
				ok := b.JSON(&raw)
				end := bytes.IndexByte(rest, '\n')
				if ok != (end >= 0) {
					t.Fatalf("%s: %q: a line is there: %v, before %q", form, data, ok, rest)
				}
				if !ok {
					break
				}
				line := bytes.TrimSuffix(rest[:end], []byte("\r"))
				if !bytes.Equal(raw.Bytes, line) || raw.CRLF != (len(line) < end) || raw.Size != int64(len(line)) {
					t.Fatalf("%s: %q: line %+v, want %q", form, data, raw, line)
				}
				errGot, errWant := got.ParseLine(&b, raw.Bytes), want.Parse(line)
				if (errGot == nil) != (errWant == nil) || errGot != nil && *errGot != *errWant {
					t.Fatalf("%s: %q: line %q: %v, alone %v", form, data, line, errGot, errWant)
				}
				if !slices.Equal(want.Tok, got.Tok) || want.Seen != got.Seen {
					t.Fatalf("%s: %q: line %q, alone (-), among others (+):\n%s", form, data, line, cmp.Diff(want.Tok, got.Tok))
				}
				if rest = rest[end+1:]; !bytes.Equal(b.Rest(), rest) {
					t.Fatalf("%s: %q: %q is left, want %q", form, data, b.Rest(), rest)
				}
			}
		})
	})
}

// allValid tells that data is whole lines, each JSON.
func allValid(data []byte) bool {
	for line := range bytes.Lines(data) {
		if !bytes.HasSuffix(line, []byte("\n")) || !json.Valid(line) {
			return false
		}
	}
	return true
}
