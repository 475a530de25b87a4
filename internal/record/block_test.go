package record_test

import (
	"bytes"
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
			for rest := data; ; {
				line, crlf, ok := b.Line()
				end := bytes.IndexByte(rest, '\n')
				if ok != (end >= 0) {
					t.Fatalf("%s: %q: a line is there: %v, before %q", form, data, ok, rest)
				}
				if !ok {
					break
				}
				want := bytes.TrimSuffix(rest[:end], []byte("\r"))
				if !bytes.Equal(line, want) || crlf != (len(want) < end) {
					t.Fatalf("%s: %q: line %q, want %q", form, data, line, want)
				}
				rest = rest[end+1:]
			}
		})
	})
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
