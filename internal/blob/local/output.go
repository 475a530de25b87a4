package local

import (
	"sync"

	"freshet/internal/durable"
	"freshet/internal/seal"
)

// output collects sealed blocks, whose length is no multiple of a page, into writes
// that go to the disk directly, each while the next is sealed. Only where it begins
// and ends inside a page is the rest of that page another's, and written the plain way.
type output struct {
	f     *durable.File
	buf   []byte
	base  int64 // offset in the file of buf[0], a page's beginning
	begin int   // of what is to be written, less than a page
	end   int
	other []byte     // what is being written, or nothing any more
	wrote chan error // what came of that; nil while nothing is
}

// outputBlocks is how many blocks are written at once.
const outputBlocks = 16

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

// flush writes all that there is, and waits for it.
func (o *output) flush() error {
	if err := o.write(o.end); err != nil {
		return err
	}
	return o.wait()
}

// write begins to write up to buf[to]; what follows begins a page, and goes on in
// the other buffer.
func (o *output) write(to int) error {
	if err := o.wait(); err != nil {
		return err
	}
	if o.other == nil {
		o.other = *outputPool.Get().(*[]byte)
	}
	left := copy(o.other, o.buf[to:o.end])
	b, begin, base := o.buf[:to], o.begin, o.base
	o.wrote = make(chan error, 1)
	go func() { o.wrote <- writeOut(o.f, b, begin, base) }()
	o.buf, o.other = o.other, o.buf
	o.base, o.begin, o.end = base+int64(to), 0, left
	return nil
}

// wait waits for what is being written.
func (o *output) wait() (err error) {
	if o.wrote != nil {
		err = <-o.wrote
		o.wrote = nil
	}
	return err
}

// writeOut writes what is in b from begin on; b[0] is at base.
func writeOut(f *durable.File, b []byte, begin int, base int64) error {
	if begin > 0 && len(b) > begin { // inside a page that others write to
		front := min(durable.Align, len(b))
		if _, err := f.WriteAt(b[begin:front], base+int64(begin)); err != nil {
			return err
		}
		begin = front
	}
	if len(b) == begin {
		return nil
	}
	_, err := f.WriteAt(b[begin:], base+int64(begin))
	return err
}

// close gives memory back, once nothing is written from it any more.
func (o *output) close() {
	_ = o.wait() // whoever closes without having flushed knows of a failure already
	for _, b := range [][]byte{o.buf, o.other} {
		if b != nil {
			outputPool.Put(&b)
		}
	}
	o.buf, o.other = nil, nil
}
