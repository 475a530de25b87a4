package validate

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"os"
	"runtime"
	"slices"
)

// Scratch makes a file for what does not fit into memory; it vanishes when closed.
type Scratch func() (*os.File, error)

// ScratchIn makes scratch files in a directory. Their names go at once where the
// system allows it, so that even a crash leaves none; elsewhere whoever owns the
// directory empties it.
func ScratchIn(dir string) Scratch {
	return func() (*os.File, error) {
		f, err := os.CreateTemp(dir, "scratch-*")
		if err != nil {
			return nil, err
		}
		if err := os.Remove(f.Name()); err != nil && runtime.GOOS != "windows" {
			return nil, errors.Join(err, f.Close())
		}
		return f, nil
	}
}

// entry is a record's key with where the record is.
type entry struct {
	key    uint64
	offset int64
	line   int64
	record int64
}

// badRecord marks the records that had an error already, so that none is counted twice.
const badRecord = int64(1) << 62

const (
	entrySize  = 32
	sortBatch  = 32 << 10 // entries in memory: 1 MiB
	maxRuns    = 64
	readBuffer = 16 << 10
)

// sorter sorts entries by key and offset in bounded memory: full batches go to
// a scratch file as sorted runs, which are merged when they are read.
type sorter struct {
	scratch Scratch
	batch   []entry
	runs    []run
	files   []*os.File // all that runs lie in; the last one is written to
	end     int64      // of what was written to it
	total   int64
}

// run is a sorted stretch of a scratch file. Lines and records count from bases.
type run struct {
	file       *os.File
	at, n      int64
	line, recd int64
}

func (s *sorter) add(e entry) error {
	s.total++
	s.batch = append(s.batch, e)
	if len(s.batch) < sortBatch {
		return nil
	}
	return s.spill()
}

func byKey(a, b entry) int {
	switch {
	case a.key < b.key:
		return -1
	case a.key > b.key:
		return 1
	}
	return cmp.Compare(a.offset, b.offset)
}

func (s *sorter) spill() error {
	if len(s.batch) == 0 {
		return nil
	}
	slices.SortFunc(s.batch, byKey)
	r, err := s.write(slices.Values(s.batch))
	if err != nil {
		return err
	}
	s.runs = append(s.runs, r)
	s.batch = s.batch[:0]
	if len(s.runs) < maxRuns {
		return nil
	}
	return s.compact()
}

// compact merges all runs into one, in a new file.
func (s *sorter) compact() error {
	old := s.files
	runs := s.runs
	s.files, s.runs, s.end = nil, nil, 0
	m := merger{runs: runs}
	r, err := s.write(m.entries())
	if err == nil {
		err = m.err
	}
	for _, f := range old {
		f.Close()
	}
	s.runs = []run{r}
	return err
}

func (s *sorter) write(entries iter.Seq[entry]) (run, error) {
	if len(s.files) == 0 {
		f, err := s.scratch()
		if err != nil {
			return run{}, err
		}
		s.files = append(s.files, f)
		s.end = 0
	}
	f := s.files[len(s.files)-1]
	r := run{file: f, at: s.end}
	w := bufio.NewWriterSize(io.NewOffsetWriter(f, s.end), 64<<10)
	var b [entrySize]byte
	for e := range entries {
		binary.LittleEndian.PutUint64(b[0:], e.key)
		binary.LittleEndian.PutUint64(b[8:], uint64(e.offset))
		binary.LittleEndian.PutUint64(b[16:], uint64(e.line))
		binary.LittleEndian.PutUint64(b[24:], uint64(e.record))
		if _, err := w.Write(b[:]); err != nil {
			return r, err
		}
		r.n++
	}
	s.end += r.n * entrySize
	return r, w.Flush()
}

// absorb takes over the entries of t, whose lines and records follow bases.
func (s *sorter) absorb(t *sorter, line, record int64) error {
	if len(t.runs) == 0 { // small: stays in memory
		for _, e := range t.batch {
			e.line += line
			e.record += record
			if err := s.add(e); err != nil {
				return err
			}
		}
		return nil
	}
	if err := t.spill(); err != nil {
		return err
	}
	if err := s.spill(); err != nil {
		return err
	}
	for _, r := range t.runs {
		r.line += line
		r.recd += record
		s.runs = append(s.runs, r)
	}
	s.total += t.total
	// our own file stays last, since it is the one written to
	if len(s.files) == 0 {
		s.end = t.end
	}
	s.files = append(slices.Clone(t.files), s.files...)
	t.files, t.runs = nil, nil
	if len(s.runs) >= maxRuns {
		return s.compact()
	}
	return nil
}

// sorted gives all entries in order. It may be called again.
func (s *sorter) sorted() (*merger, error) {
	if len(s.runs) == 0 {
		slices.SortFunc(s.batch, byKey)
		return &merger{batch: s.batch}, nil
	}
	if err := s.spill(); err != nil {
		return nil, err
	}
	return &merger{runs: s.runs}, nil
}

func (s *sorter) close() {
	for _, f := range s.files {
		f.Close()
	}
	s.files, s.runs, s.batch = nil, nil, nil
}

// merger reads sorted runs side by side.
type merger struct {
	batch []entry
	runs  []run
	err   error // why entries ended early
}

func (m *merger) entries() iter.Seq[entry] {
	if m.runs == nil {
		return slices.Values(m.batch)
	}
	return func(yield func(entry) bool) {
		h := make(runHeap, 0, len(m.runs))
		for _, r := range m.runs {
			c := &runCursor{run: r, r: bufio.NewReaderSize(io.NewSectionReader(r.file, r.at, r.n*entrySize), readBuffer)}
			if c.next() {
				h = append(h, c)
			} else if c.err != nil {
				m.err = c.err
				return
			}
		}
		heap.Init(&h)
		for len(h) > 0 {
			c := h[0]
			if !yield(c.head) {
				return
			}
			if c.next() {
				heap.Fix(&h, 0)
			} else {
				if c.err != nil {
					m.err = c.err
					return
				}
				heap.Pop(&h)
			}
		}
	}
}

type runCursor struct {
	run
	r    *bufio.Reader
	head entry
	buf  [entrySize]byte
	err  error
}

func (c *runCursor) next() bool {
	b := &c.buf
	if _, err := io.ReadFull(c.r, b[:]); err != nil {
		if err != io.EOF {
			c.err = err
		}
		return false
	}
	c.head = entry{
		key:    binary.LittleEndian.Uint64(b[0:]),
		offset: int64(binary.LittleEndian.Uint64(b[8:])),
		line:   int64(binary.LittleEndian.Uint64(b[16:])) + c.line,
		record: int64(binary.LittleEndian.Uint64(b[24:])) + c.recd,
	}
	return true
}

type runHeap []*runCursor

func (h runHeap) Len() int           { return len(h) }
func (h runHeap) Less(i, j int) bool { return byKey(h[i].head, h[j].head) < 0 }
func (h runHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *runHeap) Push(x any)        { *h = append(*h, x.(*runCursor)) }
func (h *runHeap) Pop() any {
	old := *h
	c := old[len(old)-1]
	*h = old[:len(old)-1]
	return c
}
