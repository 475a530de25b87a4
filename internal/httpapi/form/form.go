// Package form reads multipart/form-data (RFC 7578) at the speed of a copy: it
// searches for the boundary in large reads and puts a file's bytes straight
// into the buffers that the caller gives, aligned from the file's first byte.
//
// What counts as a boundary, a header or an end is the same as in
// mime/multipart, which the fuzz test compares it with.
package form

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/textproto"
)

const (
	maxHeader   = 64 << 10
	maxBoundary = 200
)

// Reader reads the parts of a form one after the other.
type Reader struct {
	src  io.Reader
	buf  []byte // read and not used yet
	err  error  // of src, sticky
	dash []byte // --boundary
	nl   []byte // \r\n, or \n where the first boundary line ends so
	sep  []byte // nl + dash
	part *Part
	n    int   // parts begun
	read int64 // bytes taken from src
}

// NewReader reads a form with that boundary.
func NewReader(src io.Reader, boundary string) (*Reader, error) {
	if boundary == "" || len(boundary) > maxBoundary {
		return nil, fmt.Errorf("a boundary must have 1 to %d characters", maxBoundary)
	}
	sep := []byte("\r\n--" + boundary)
	return &Reader{src: src, dash: sep[2:], nl: sep[:2], sep: sep}, nil
}

// Part is one field or file of a form.
type Part struct {
	Header   textproto.MIMEHeader
	Name     string // of the field
	FileName string // as given: never a path to use
	IsFile   bool   // it has a filename, be it empty

	form  *Reader
	begun bool
	ended bool
}

// more reads from src into the buffer. It returns false when there is no more.
func (f *Reader) more() bool {
	if f.err != nil {
		return false
	}
	const step = 32 << 10
	if cap(f.buf)-len(f.buf) < step {
		grown := make([]byte, len(f.buf), len(f.buf)+step)
		copy(grown, f.buf)
		f.buf = grown
	}
	n, err := f.src.Read(f.buf[len(f.buf) : len(f.buf)+step])
	f.buf = f.buf[:len(f.buf)+n]
	f.read += int64(n)
	f.err = err
	return n > 0 || err == nil
}

// want has at least n bytes in the buffer, unless the source ends before.
func (f *Reader) want(n int) {
	for len(f.buf) < n && f.more() {
	}
}

// unread puts p in front of what comes next.
func (f *Reader) unread(p []byte) {
	if len(p) == 0 {
		return
	}
	f.buf = append(bytes.Clone(p), f.buf...)
}

// into reads into p: first what is buffered, else straight from the source.
func (f *Reader) into(p []byte) (int, error) {
	if len(f.buf) > 0 {
		n := copy(p, f.buf)
		if f.buf = f.buf[n:]; len(f.buf) == 0 {
			f.buf = nil
		}
		return n, nil
	}
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.src.Read(p)
	f.read += int64(n)
	f.err = err
	if n > 0 {
		err = nil
	}
	return n, err
}

// line takes the next line with its ending. A line longer than the limit comes
// in pieces, none of which can be a boundary.
func (f *Reader) line() ([]byte, error) {
	for searched := 0; ; {
		if i := bytes.IndexByte(f.buf[searched:], '\n'); i >= 0 {
			l := f.buf[:searched+i+1]
			f.buf = f.buf[searched+i+1:]
			return l, nil
		}
		if searched = len(f.buf); searched > 4<<10 {
			l := f.buf
			f.buf = nil
			return l, nil
		}
		if !f.more() {
			l := f.buf
			f.buf = nil
			return l, f.err
		}
	}
}

// Next gives the next part, skipping what is left of the one before. After the
// last part it returns io.EOF.
func (f *Reader) Next() (*Part, error) {
	if f.part != nil {
		if err := f.part.skip(); err != nil {
			return nil, err
		}
	}
	expect := false // the line break before a boundary was seen
	for {
		line, err := f.line()
		if err == io.EOF && f.final(line) {
			return nil, io.EOF
		}
		if err != nil {
			return nil, unexpected(err)
		}
		if f.delimiter(line) {
			f.n++
			return f.begin()
		}
		switch {
		case f.final(line):
			return nil, io.EOF
		case expect:
			return nil, fmt.Errorf("a boundary was expected, not %q", line[:min(len(line), 40)])
		case f.n == 0: // preamble
		case bytes.Equal(line, f.nl):
			expect = true
		default:
			return nil, fmt.Errorf("a boundary was expected, not %q", line[:min(len(line), 40)])
		}
	}
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (f *Reader) delimiter(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, f.dash)
	if !ok {
		return false
	}
	rest = bytes.TrimLeft(rest, " \t")
	if f.n == 0 && len(rest) == 1 && rest[0] == '\n' {
		f.nl, f.sep = f.nl[1:], f.sep[1:] // a sender that ends lines with \n alone
	}
	return bytes.Equal(rest, f.nl)
}

func (f *Reader) final(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, f.dash)
	if ok {
		rest, ok = bytes.CutPrefix(rest, []byte("--"))
	}
	rest = bytes.TrimLeft(rest, " \t")
	return ok && (len(rest) == 0 || bytes.Equal(rest, f.nl))
}

// begin reads a part's header.
func (f *Reader) begin() (*Part, error) {
	var head []byte
	for {
		line, err := f.line()
		head = append(head, line...)
		if err != nil {
			return nil, unexpected(err)
		}
		if len(head) > maxHeader {
			return nil, errors.New("a part's header is longer than 64 KiB")
		}
		if len(line) == 1 || len(line) == 2 && line[0] == '\r' {
			break
		}
	}
	h, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(head))).ReadMIMEHeader()
	if err != nil {
		return nil, fmt.Errorf("a part's header cannot be read: %w", err)
	}
	p := &Part{Header: h, form: f}
	if kind, params, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil && kind == "form-data" {
		p.Name = params["name"]
		p.FileName, p.IsFile = params["filename"]
	}
	f.part = p
	return p, nil
}

// skip passes over the rest of a part.
func (p *Part) skip() error {
	scratch := make([]byte, 64<<10)
	for {
		if _, err := p.Fill(scratch, nil); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// Left is how many bytes the part has, if it is the last of a form of total
// bytes that has no epilogue. It is exact then, and a bound else.
func (p *Part) Left(total int64) int64 {
	f := p.form
	at := f.read - int64(len(f.buf))
	return max(0, total-at-int64(len(f.sep))-int64(len("--"))-int64(len(f.nl)))
}

// Text reads the part as a short value of at most limit bytes.
func (p *Part) Text(limit int) (string, error) {
	buf := make([]byte, 0, 512)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := p.Fill(buf[len(buf):cap(buf)], nil)
		buf = buf[:len(buf)+n]
		if len(buf) > limit {
			return "", ErrTooLong
		}
		if err == io.EOF {
			return string(buf), nil
		}
		if err != nil {
			return "", err
		}
	}
}

// ErrTooLong says that a field is longer than the caller allows.
var ErrTooLong = errors.New("the field is too long")
