package main

import (
	"bufio"
	"fmt"
	"io"
)

// pattern is a file made to cost more than others of its size: one thing over
// and over, between a beginning and an end.
type pattern struct {
	begin, end string
	next       func(b []byte, i int) []byte
}

func same(s string) func([]byte, int) []byte {
	return func(b []byte, _ int) []byte { return append(b, s...) }
}

var hostile = map[string]pattern{
	"brackets": {next: same("[")},
	"string":   {begin: `{"a":"`, end: "\"}\n", next: same("x")},
	"newlines": {begin: "{}\n", next: same("\n")},
	"names": {begin: "{", end: "\"last\":0}\n", next: func(b []byte, i int) []byte {
		return fmt.Appendf(b, `"k%07d":1,`, i)
	}},
	// as many names an object as a record may have
	"objects": {begin: "{", end: "\"last\":0}\n", next: func(b []byte, i int) []byte {
		if i%900_000 == 899_999 {
			return fmt.Appendf(b, "\"k%07d\":1}\n{", i)
		}
		return fmt.Appendf(b, `"k%07d":1,`, i)
	}},
	"quotes": {begin: "a,b\n", next: same(`"`)},
}

func (p pattern) write(out io.Writer, want int64) error {
	w := bufio.NewWriterSize(out, 1<<20)
	w.WriteString(p.begin) // an error stays with the writer and is told at the end
	written := int64(len(p.begin) + len(p.end))
	var b []byte
	for i := 0; written < want; i++ {
		b = p.next(b[:0], i)
		w.Write(b)
		written += int64(len(b))
	}
	w.WriteString(p.end)
	return w.Flush()
}
