package validate

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"os"
	"runtime"
	"slices"
	"sync"
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
	batchSize  = 16 << 10 // entries in memory: 512 KiB, and as much to sort in
	maxRuns    = 64
	readBuffer = 16 << 10
)

// sorter sorts entries by key and offset in bounded memory: full batches go to
// a scratch file as sorted runs, which are merged when they are read.
type sorter struct {
	scratch Scratch
	batch   []entry
	spare   []entry // room to sort in
	runs    []run
	current *runFile // that batches are written to
}

// run is a sorted stretch of a scratch file.
type run struct {
	file  *runFile
	at, n int64
	level int // 0: a batch; else made of maxRuns runs of the level below
}

// runFile is closed once no run lies in it.
type runFile struct {
	*os.File
	end  int64
	runs int
}

func (r *run) drop() error {
	if r.file.runs--; r.file.runs > 0 {
		return nil
	}
	return r.file.Close()
}

// entryBatch is the memory of a sorter that has more than a little. It goes from
// sorter to sorter.
type entryBatch [batchSize]entry

const littleBatch = 512

var entryBatches = sync.Pool{New: func() any { return new(entryBatch) }}

func (s *sorter) add(e entry) error {
	if len(s.batch) == littleBatch && cap(s.batch) < batchSize {
		b := entryBatches.Get().(*entryBatch)
		s.batch = b[:copy(b[:], s.batch)]
	}
	s.batch = append(s.batch, e)
	if len(s.batch) < batchSize {
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

const (
	bucketBits = 12
	fullBucket = 64 // more than that: the keys are not hashes, or mostly equal
)

// sortBatch sorts the batch. Keys that are hashes spread evenly, so putting each
// into the bucket of its first bits leaves a few neighbours to be put in order.
func (s *sorter) sortBatch() {
	if len(s.batch) < 1<<bucketBits {
		slices.SortFunc(s.batch, byKey)
		return
	}
	var end [1 << bucketBits]int32
	for i := range s.batch {
		end[s.batch[i].key>>(64-bucketBits)]++
	}
	if slices.Max(end[:]) > fullBucket {
		slices.SortFunc(s.batch, byKey)
		return
	}
	sum := int32(0)
	for i, n := range end {
		end[i] = sum
		sum += n
	}
	if s.spare == nil {
		s.spare = entryBatches.Get().(*entryBatch)[:] // a little is not sorted here
	}
	out := s.spare[:len(s.batch)]
	for i := range s.batch {
		b := s.batch[i].key >> (64 - bucketBits)
		out[end[b]] = s.batch[i]
		end[b]++
	}
	// each bucket is in place; entries move only within it
	for i := 1; i < len(out); i++ {
		e := out[i]
		k := i
		for ; k > 0 && byKey(e, out[k-1]) < 0; k-- {
			out[k] = out[k-1]
		}
		out[k] = e
	}
	s.batch, s.spare = out, s.batch[:0]
}

func (s *sorter) spill() error {
	if len(s.batch) == 0 {
		return nil
	}
	s.sortBatch()
	if s.current == nil {
		f, err := s.scratch()
		if err != nil {
			return err
		}
		s.current = &runFile{File: f}
	}
	r, err := s.current.write(slices.Values(s.batch), 0)
	if err != nil {
		return err
	}
	s.runs = append(s.runs, r)
	s.batch = s.batch[:0]
	return s.compact()
}

// compact merges the runs of a level, once there are many, into one of the next:
// an entry is written again once a level, however many there are.
func (s *sorter) compact() error {
	for level := 0; ; level++ {
		var same, rest []run
		for _, r := range s.runs {
			if r.level == level {
				same = append(same, r)
			} else {
				rest = append(rest, r)
			}
		}
		if len(same) < maxRuns {
			return nil
		}
		f, err := s.scratch()
		if err != nil {
			return err
		}
		m := merger{runs: same}
		r, err := (&runFile{File: f}).write(m.entries(), level+1)
		if err == nil {
			err = m.err
		}
		if err != nil {
			return errors.Join(err, f.Close())
		}
		for i := range same {
			if same[i].file == s.current {
				s.current = nil
			}
			if err := same[i].drop(); err != nil {
				return err
			}
		}
		s.runs = append(rest, r)
	}
}

// write appends a run to the file.
func (f *runFile) write(entries iter.Seq[entry], level int) (run, error) {
	r := run{file: f, at: f.end, level: level}
	w := bufio.NewWriterSize(io.NewOffsetWriter(f, f.end), 64<<10)
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
	f.end += r.n * entrySize
	f.runs++
	return r, w.Flush()
}

// sorted gives all entries in order. It may be called again.
func (s *sorter) sorted() (*merger, error) {
	if len(s.runs) == 0 {
		s.sortBatch()
		return &merger{batch: s.batch}, nil
	}
	if err := s.spill(); err != nil {
		return nil, err
	}
	return &merger{runs: s.runs}, nil
}

func (s *sorter) close() {
	for i := range s.runs {
		s.runs[i].drop() // a scratch file that does not close costs nothing but its descriptor
	}
	for _, b := range [][]entry{s.batch, s.spare} {
		if cap(b) == batchSize {
			entryBatches.Put((*entryBatch)(b[:batchSize]))
		}
	}
	s.runs, s.current, s.batch, s.spare = nil, nil, nil, nil
}
