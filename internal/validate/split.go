package validate

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"freshet/internal/record"
)

// SplitName is the name of one side of a file: data.jsonl, rejected gives
// data.rejected.jsonl.
func SplitName(name, side string) string {
	ext := filepath.Ext(name)
	return name[:len(name)-len(ext)] + "." + side + ext
}

// ErrChanged says that a file is not the one that was checked before.
var ErrChanged = errors.New("the file changed since it was checked")

// Write reads the file again from its start and gives the bad records to
// rejected, all other bytes to clean, each as it stands there. The header of CSV
// goes to both. A side that is nil is passed over.
func (s *Split) Write(file io.ReadSeeker, rejected, clean io.Writer) error {
	bad, good := buffered(rejected), buffered(clean)
	c, err := s.cutter(file)
	if err != nil {
		return err
	}
	if h := s.sum.rejects; h.to > 0 {
		if err := c.copy(good, h.from); err != nil {
			return err
		}
		if err := c.copy(good.and(bad), h.to); err != nil {
			return err
		}
	}
	if err := s.each(c, good, func() error {
		_, err := c.record(bad)
		return err
	}); err != nil {
		return err
	}
	return errors.Join(bad.flush(), good.flush())
}

// each copies to good what lies between bad records, and calls f at each of those.
func (s *Split) each(c *cutter, good *side, f func() error) error {
	m, err := s.sum.rejects.bad.sorted()
	if err != nil {
		return err
	}
	for e := range m.entries() {
		at := int64(e.key)
		if at == 0 && s.plan.BOM {
			at = int64(len(bom)) // the mark is the file's, not the record's
		}
		if err := c.copy(good, at); err != nil {
			return err
		}
		if err := f(); err != nil {
			return err
		}
	}
	if m.err != nil {
		return m.err
	}
	if err := c.copy(good, s.bytes); err != nil {
		return err
	}
	if p, err := c.peek(); err != io.EOF {
		return errors.Join(err, c.changed(len(p)))
	}
	return nil
}

// cutter reads a file in stretches. What nobody wants is not read.
type cutter struct {
	file  io.ReadSeeker
	buf   *bufio.Reader
	at    int64
	split record.Splitter
}

const cutterBuffer = 256 << 10

func (s *Split) cutter(file io.ReadSeeker) (*cutter, error) {
	_, err := file.Seek(0, io.SeekStart)
	return &cutter{file: file, buf: bufio.NewReaderSize(file, cutterBuffer), split: record.Splitter{Quotes: s.plan.isCSV()}}, err
}

// peek gives the next bytes, at least one.
func (c *cutter) peek() ([]byte, error) {
	if _, err := c.buf.Peek(1); err != nil {
		return nil, err
	}
	return c.buf.Peek(c.buf.Buffered())
}

// take gives the first n of the bytes that peek gave to w.
func (c *cutter) take(w *side, p []byte) error {
	if err := w.write(p); err != nil {
		return err
	}
	c.at += int64(len(p))
	_, err := c.buf.Discard(len(p))
	return err
}

// copy gives what lies before an offset.
func (c *cutter) copy(w *side, end int64) error {
	if w == nil && end-c.at > int64(c.buf.Buffered()) {
		if _, err := c.file.Seek(end, io.SeekStart); err != nil {
			return err
		}
		c.buf.Reset(c.file)
		c.at = end
	}
	for c.at < end {
		p, err := c.peek()
		if err == io.EOF {
			return c.changed(0)
		}
		if err != nil {
			return err
		}
		if err := c.take(w, p[:min(int64(len(p)), end-c.at)]); err != nil {
			return err
		}
	}
	return nil
}

func (c *cutter) changed(more int) error {
	return fmt.Errorf("%w: its size is not what it was (at byte %d)", ErrChanged, c.at+int64(more))
}

// record gives the record that begins here, and tells how its line ends: by \n,
// \r\n, or not at all.
func (c *cutter) record(w *side) (ending string, err error) {
	c.split.Reset(c.at, false)
	last := byte(0)
	for {
		p, err := c.peek()
		if err == io.EOF {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		end := c.split.Boundary(p)
		if end > 0 {
			last = p[end-1]
		}
		if end >= 0 {
			ending = "\n"
			if last == '\r' {
				ending = "\r\n"
			}
			return ending, c.take(w, p[:end+1])
		}
		last = p[len(p)-1]
		if err := c.take(w, p); err != nil {
			return "", err
		}
	}
}

// side is where bytes go; nil takes none.
type side struct {
	w    *bufio.Writer
	also *side
}

func buffered(w io.Writer) *side {
	if w == nil {
		return nil
	}
	return &side{w: bufio.NewWriterSize(w, 64<<10)}
}

func (s *side) and(other *side) *side {
	if s == nil {
		return other
	}
	return &side{w: s.w, also: other}
}

func (s *side) write(p []byte) error {
	if s == nil {
		return nil
	}
	if _, err := s.w.Write(p); err != nil {
		return err
	}
	return s.also.write(p)
}

func (s *side) flush() error {
	if s == nil {
		return nil
	}
	return s.w.Flush()
}
