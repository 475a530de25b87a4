package form

import (
	"bytes"
	"io"
)

// match is what the bytes after a separator make of it.
type match int

const (
	unsure match = iota // more bytes are needed
	ends                // the part ends here
	data                // it only looks like one: --boundaryX
)

func after(rest []byte, eof bool) match {
	if len(rest) == 0 {
		if eof {
			return ends
		}
		return unsure
	}
	switch rest[0] {
	case ' ', '\t', '\r', '\n':
		return ends
	case '-':
		if len(rest) == 1 {
			if eof {
				return data
			}
			return unsure
		}
		if rest[1] == '-' {
			return ends
		}
	}
	return data
}

// Fill reads until dst is full or the part ends; the end is told with io.EOF,
// with or without bytes. A form that breaks off gives io.ErrUnexpectedEOF.
// progress, unless nil, is told of bytes as they come.
func (p *Part) Fill(dst []byte, progress func(int)) (int, error) {
	f := p.form
	if !p.begun {
		p.begun = true
		p.ended = f.startsWith(f.dash) // nothing between header and boundary
	}
	if p.ended {
		return 0, io.EOF
	}
	told := 0
	tell := func(n int) {
		if progress != nil && n > told {
			progress(n - told)
			told = n
		}
	}
	n := 0
	from := 0 // no separator begins before it
	for n < len(dst) {
		m, err := f.into(dst[n:])
		n += m
		for {
			i := bytes.Index(dst[from:n], f.sep)
			if i < 0 {
				from = max(from, n-len(f.sep)+1)
				break
			}
			at := from + i
			if what := after(dst[at+len(f.sep):n], false); what == ends || what == unsure && f.confirms(dst[at:n]) {
				f.unread(dst[at:n])
				p.ended = true
				tell(at)
				return at, io.EOF
			}
			from = at + 1
		}
		if err != nil {
			tell(n)
			return n, unexpected(err)
		}
		if n < len(dst) {
			// what may turn out to be the front of a separator is told later
			tell(n - f.front(dst[:n]))
		}
	}
	if k := f.front(dst[from:n]); k > 0 && f.confirms(dst[n-k:n]) {
		f.unread(dst[n-k : n])
		p.ended = true
		tell(n - k)
		return n - k, io.EOF
	}
	tell(n)
	return n, nil
}

// front is the length of the longest end of p that could be the front of a
// separator. Its first byte occurs in it once, so there is one candidate.
func (f *Reader) front(p []byte) int {
	p = p[max(0, len(p)-len(f.sep)+1):]
	i := bytes.LastIndexByte(p, f.sep[0])
	if i < 0 || !bytes.HasPrefix(f.sep, p[i:]) {
		return 0
	}
	return len(p) - i
}

// confirms tells whether the separator that begins with head, which was read
// already, goes on in the bytes that follow, and ends the part.
func (f *Reader) confirms(head []byte) bool {
	need := len(f.sep) + 2 - len(head)
	f.want(need)
	whole := append(bytes.Clone(head), f.buf[:min(len(f.buf), max(need, 0))]...)
	rest, ok := bytes.CutPrefix(whole, f.sep)
	return ok && after(rest, f.err != nil && len(f.buf) < need) == ends
}

// startsWith tells whether a boundary is next, without a line break before it.
func (f *Reader) startsWith(dash []byte) bool {
	f.want(len(dash) + 2)
	rest, ok := bytes.CutPrefix(f.buf, dash)
	return ok && after(rest, f.err != nil && len(rest) < 2) == ends
}
