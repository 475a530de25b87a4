package validate

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// recordLog keeps the key of each record with where the record is, in file
// order. Most entries follow the one before by one line and one record, so that
// ten bytes hold what would be thirty-two.
//
// An entry is the key, eight bytes, then uvarints: twice the distance of its
// offset from the entry before, plus one where more follows: twice the distance
// in lines, plus one for a bad record, and the distance in records. Without
// them it is one line, one record, and not bad.
type recordLog struct {
	pile
	before Mark // the entry before, while the last extent grows
}

func (l *recordLog) add(key uint64, at Mark, bad bool) error {
	if !l.growing {
		l.before = l.last().base
	}
	from := len(l.mem)
	m := binary.LittleEndian.AppendUint64(l.mem, key)
	offset, line, recd := uint64(at.Offset-l.before.Offset), uint64(at.Line-l.before.Line), uint64(at.Record-l.before.Record)
	if line == 1 && recd == 1 && !bad {
		m = binary.AppendUvarint(m, offset<<1)
	} else {
		m = binary.AppendUvarint(m, offset<<1|1)
		line <<= 1
		if bad {
			line |= 1
		}
		m = binary.AppendUvarint(m, line)
		m = binary.AppendUvarint(m, recd)
	}
	l.before, l.mem = at, m
	return l.grew(len(m) - from)
}

var errLog = errors.New("a log of records is damaged")

// logBatch is how many entries are handed on together: those of a batch are
// looked up side by side, so that waiting for memory overlaps.
const logBatch = 512

// each gives all entries to f, a batch at a time, on as many cores as there are:
// f is called side by side, in no order, and keeps none of a batch.
func (l *recordLog) each(f func([]entry) error) error {
	var next atomic.Int64
	g, ctx := errgroup.WithContext(context.Background())
	for range min(runtime.GOMAXPROCS(0), len(l.extents)) {
		g.Go(func() error {
			batch := make([]entry, 0, logBatch)
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(l.extents) {
					break
				}
				if err := l.extent(i, batch, f); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// extent gives the entries of one extent in file order.
func (l *recordLog) extent(i int, batch []entry, f func([]entry) error) error {
	x := &l.extents[i]
	r := logReader{r: l.reader(x), at: x.base}
	batch = batch[:0]
	for range x.n {
		e, err := r.next()
		if err != nil {
			return err
		}
		if batch = append(batch, e); len(batch) == logBatch {
			if err := f(batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	if _, err := r.r.ReadByte(); err != io.EOF {
		return errLog
	}
	return f(batch)
}

type logReader struct {
	r  *bufio.Reader
	at Mark
}

const longestEntry = 8 + 3*binary.MaxVarintLen64

func (r *logReader) next() (e entry, err error) {
	b, err := r.r.Peek(longestEntry)
	if len(b) < 9 {
		if err == nil || err == io.EOF {
			err = errLog
		}
		return e, err
	}
	e.key = binary.LittleEndian.Uint64(b)
	used := 8
	number := func() uint64 {
		v, n := binary.Uvarint(b[used:])
		if n <= 0 || v > math.MaxInt64/4 {
			err = errLog
			return 0
		}
		used += n
		return v
	}
	err = nil // fewer bytes than the longest entry has is no error
	offset, line, recd := number(), uint64(2), uint64(1)
	if offset&1 != 0 {
		line, recd = number(), number()
	}
	r.at.Offset += int64(offset >> 1)
	r.at.Line += int64(line >> 1)
	r.at.Record += int64(recd)
	e.offset, e.line, e.record = r.at.Offset, r.at.Line, r.at.Record
	if line&1 != 0 {
		e.line |= badRecord
	}
	if err == nil {
		_, err = r.r.Discard(used)
	}
	return e, err
}
