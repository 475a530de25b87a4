package local

import (
	"sync"

	"freshet/internal/durable"
	"freshet/internal/seal"
)

// output collects sealed blocks, whose length is no multiple of a page, into writes
// that go to the disk directly. Only where it begins and ends inside a page is the
// rest of that page another's, and written the plain way.
type output struct {
	f     *durable.File
	buf   []byte
	base  int64 // offset in the file of buf[0], a page's beginning
	begin int   // of what is to be written, less than a page
	end   int
}

// outputBlocks is how many blocks are written at once.
const outputBlocks = 8

var outputPool = sync.Pool{New: func() any {
	b := durable.Buffer(outputBlocks*seal.Package + 2*durable.Align)
	return &b
}}

func newOutput(f *durable.File, at int64) *output {
	begin := int(at % durable.Align)
	return &output{f: f, buf: *outputPool.Get().(*[]byte), base: at - int64(begin), begin: begin, end: begin}
}

// room is where the next n bytes go, at most a sealed block.
func (o *output) room(n int) ([]byte, error) {
	if o.end+n > len(o.buf) {
		if err := o.write(o.end - o.end%durable.Align); err != nil {
			return nil, err
		}
	}
	o.end += n
	return o.buf[o.end-n : o.end], nil
}

// flush writes all that there is.
func (o *output) flush() error { return o.write(o.end) }

// write writes up to buf[to]; what follows begins a page.
func (o *output) write(to int) error {
	if o.begin > 0 && to > o.begin { // inside a page that others write to
		front := min(durable.Align, to)
		if _, err := o.f.WriteAt(o.buf[o.begin:front], o.base+int64(o.begin)); err != nil {
			return err
		}
		o.begin = front
	}
	if to > o.begin {
		if _, err := o.f.WriteAt(o.buf[o.begin:to], o.base+int64(o.begin)); err != nil {
			return err
		}
	}
	left := copy(o.buf, o.buf[to:o.end])
	o.base, o.begin, o.end = o.base+int64(to), 0, left
	return nil
}

func (o *output) close() {
	buf := o.buf
	o.buf = nil
	outputPool.Put(&buf)
}
