package validate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"os"

	"freshet/api"
)

// spool keeps findings in file order: the first in memory, more in a scratch
// file. Lines and records in it count from the start of the segment that found
// them, so an extent carries what to add.
type spool struct {
	scratch Scratch
	max     int64 // findings kept at most
	n       int64
	mem     bytes.Buffer // NDJSON of the newest extent's tail
	file    *os.File
	files   []*os.File
	end     int64
	extents []extent
}

type extent struct {
	mem        []byte
	file       *os.File
	at, size   int64
	n          int64
	line, recd int64
}

const spoolMemory = 256 << 10

func (s *spool) full() bool { return s.n >= s.max }

func (s *spool) add(f *api.Finding) error {
	if s.full() {
		return nil
	}
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	s.mem.Write(b)
	s.mem.WriteByte('\n')
	s.n++
	s.tail().n++
	if s.mem.Len() < spoolMemory {
		return nil
	}
	return s.flush()
}

// tail is the extent that is still in memory.
func (s *spool) tail() *extent {
	if k := len(s.extents); k > 0 && s.extents[k-1].file == nil && s.extents[k-1].mem == nil {
		return &s.extents[k-1]
	}
	s.extents = append(s.extents, extent{})
	return &s.extents[len(s.extents)-1]
}

func (s *spool) flush() error {
	if s.mem.Len() == 0 {
		return nil
	}
	if s.file == nil {
		f, err := s.scratch()
		if err != nil {
			return err
		}
		s.file, s.end = f, 0
		s.files = append(s.files, f)
	}
	t := s.tail()
	if _, err := s.file.WriteAt(s.mem.Bytes(), s.end); err != nil {
		return err
	}
	t.file, t.at, t.size = s.file, s.end, int64(s.mem.Len())
	s.end += t.size
	s.mem.Reset()
	return nil
}

// absorb takes over the findings of t, which follow.
func (s *spool) absorb(t *spool, line, recd int64) {
	if s.mem.Len() > 0 {
		s.tail().mem = bytes.Clone(s.mem.Bytes())
		s.mem.Reset()
	}
	if t.mem.Len() > 0 {
		t.tail().mem = bytes.Clone(t.mem.Bytes())
	}
	for _, e := range t.extents {
		e.line += line
		e.recd += recd
		s.extents = append(s.extents, e)
	}
	s.n += t.n // more than max is cut when they are read
	s.files = append(s.files, t.files...)
	t.files, t.extents = nil, nil
}

// findings gives them in file order, with lines and records of the file.
func (s *spool) findings() iter.Seq2[*api.Finding, error] {
	return func(yield func(*api.Finding, error) bool) {
		left := s.max
		for _, e := range s.extents {
			var src io.Reader
			switch {
			case e.file != nil:
				src = io.NewSectionReader(e.file, e.at, e.size)
			case e.mem != nil:
				src = bytes.NewReader(e.mem)
			default:
				src = bytes.NewReader(s.mem.Bytes())
			}
			dec := json.NewDecoder(bufio.NewReaderSize(src, 64<<10))
			for range e.n {
				if left == 0 {
					return
				}
				left--
				f := new(api.Finding)
				if err := dec.Decode(f); err != nil {
					yield(nil, err)
					return
				}
				f.Line += e.line
				f.Record += e.recd
				if !yield(f, nil) {
					return
				}
			}
		}
	}
}

func (s *spool) close() {
	for _, f := range s.files {
		f.Close()
	}
	s.files, s.extents, s.file = nil, nil, nil
}
