package validate

import (
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
	r := newLogReader(l, &l.extents[i])
	for left := l.extents[i].n; left > 0; {
		batch = batch[:min(left, logBatch)]
		for k := range batch {
			if err := r.next(&batch[k]); err != nil {
				return err
			}
		}
		if left -= int64(len(batch)); left == 0 && !r.ended() {
			return errLog
		}
		if err := f(batch); err != nil {
			return err
		}
	}
	return nil
}

// logReader takes entries from the front of a buffer.
type logReader struct {
	r   io.Reader
	b   []byte // what is read and not taken
	buf []byte
	err error // of r, once it has no more
	at  Mark
}

const (
	longestEntry = 8 + 3*binary.MaxVarintLen64
	logBuffer    = 64 << 10
)

func newLogReader(l *recordLog, x *extent) *logReader {
	return &logReader{r: l.section(x), buf: make([]byte, logBuffer), at: x.base}
}

// fill reads on. Behind the last entry there are zeros enough to look at.
func (r *logReader) fill() {
	n := copy(r.buf, r.b)
	for n < len(r.buf)-longestEntry && r.err == nil {
		var m int
		m, r.err = r.r.Read(r.buf[n : len(r.buf)-longestEntry])
		n += m
	}
	clear(r.buf[n:min(n+longestEntry, len(r.buf))])
	r.b = r.buf[:n]
}

func (r *logReader) ended() bool {
	if len(r.b) == 0 && r.err == nil {
		r.fill()
	}
	return len(r.b) == 0 && r.err == io.EOF
}

func (r *logReader) next(e *entry) error {
	if len(r.b) < longestEntry && r.err == nil {
		r.fill()
	}
	if len(r.b) < 9 {
		if r.err != nil && r.err != io.EOF {
			return r.err
		}
		return errLog
	}
	b := r.b[:min(len(r.b), longestEntry):longestEntry]
	b = b[:longestEntry]
	e.key = binary.LittleEndian.Uint64(b)
	used := 9
	offset, line, recd := uint64(b[8]), uint64(2), uint64(1)
	if offset >= 0x80 {
		if b[9] < 0x80 { // of most entries
			offset = offset&0x7f | uint64(b[9])<<7
			used = 10
		} else if offset, used = longNumber(b, 8); used < 0 {
			return errLog
		}
	}
	if offset&1 != 0 {
		if line, used = longNumber(b, used); used > 0 {
			recd, used = longNumber(b, used)
		}
	}
	if used < 0 || used > len(r.b) {
		return errLog
	}
	r.b = r.b[used:]
	r.at.Offset += int64(offset >> 1)
	r.at.Line += int64(line >> 1)
	r.at.Record += int64(recd)
	e.offset, e.line, e.record = r.at.Offset, r.at.Line, r.at.Record
	if line&1 != 0 {
		e.line |= badRecord
	}
	return nil
}

// longNumber reads the number at b[at:] and tells where the next is; -1: there is none.
func longNumber(b []byte, at int) (v uint64, next int) {
	v, n := binary.Uvarint(b[at:])
	if n <= 0 || v > math.MaxInt64/4 {
		return 0, -1
	}
	return v, at + n
}
