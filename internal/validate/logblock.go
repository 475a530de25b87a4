package validate

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

var errLog = errors.New("a log of records is damaged")

// block is a block of a log that is read.
type block struct {
	keys   []uint64
	first  Mark
	places []byte
}

// each gives all blocks to f on so many cores: f is called side by side, with
// the number of the core, in no order, and keeps nothing of a block.
func (l *recordLog) each(cores int, f func(core int, b *block) error) error {
	if err := l.seal(); err != nil {
		return err
	}
	var next atomic.Int64
	g, ctx := errgroup.WithContext(context.Background())
	for core := range min(cores, len(l.extents)) {
		g.Go(func() error {
			b, buf := &block{}, pileBuffers.Get().(*pileBuffer)
			defer pileBuffers.Put(buf)
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(l.extents) {
					break
				}
				if err := l.extent(i, buf[:0], b, func(b *block) error { return f(core, b) }); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// extent gives the blocks of one extent in file order.
func (l *recordLog) extent(i int, buf []byte, b *block, f func(*block) error) error {
	e := &l.extents[i]
	p, err := l.bytes(e, buf)
	left := e.n
	for err == nil && len(p) > 0 {
		if p, err = b.read(p, e); err == nil {
			left -= int64(len(b.keys))
			err = f(b)
		}
	}
	if err == nil && left != 0 {
		err = errLog
	}
	return err
}

// read takes the block at the front of p.
func (b *block) read(p []byte, e *extent) (rest []byte, err error) {
	var head [5]int64
	for i := range head {
		v, n := binary.Uvarint(p)
		if n <= 0 || v > math.MaxInt64/4 {
			return nil, errLog
		}
		head[i], p = int64(v), p[n:]
	}
	n, size := head[0], head[1]
	if n == 0 || n > logBlock || size > int64(len(p)) || 8*n > int64(len(p))-size {
		return nil, errLog
	}
	b.first = Mark{head[2], head[3] + e.line, head[4] + e.recd}
	b.keys = append(b.keys[:0], make([]uint64, n)...)
	for i := range b.keys {
		b.keys[i] = binary.LittleEndian.Uint64(p[8*i:])
	}
	b.places = p[8*n:][:size]
	return p[8*n+size:], nil
}

// entries adds those with the numbers in which, which rise, to out.
func (b *block) entries(which []int32, out []entry) ([]entry, error) {
	at, p := Mark{b.first.Offset, b.first.Line - 1, b.first.Record - 1}, b.places
	for i := int32(0); len(which) > 0; i++ {
		if len(p) >= 2 && p[0]&0x81 == 0x80 && p[1] < 0x80 { // of most entries
			at = Mark{at.Offset + int64(p[0]&0x7f)>>1 + int64(p[1])<<6, at.Line + 1, at.Record + 1}
			p = p[2:]
			if i == which[0] {
				out, which = append(out, entry{b.keys[i], at.Offset, at.Line, at.Record}), which[1:]
			}
			continue
		}
		offset, n := binary.Uvarint(p)
		if n <= 0 {
			return nil, errLog
		}
		p = p[n:]
		line, recd := uint64(2), uint64(1)
		if offset&1 != 0 {
			var n, m int
			line, n = binary.Uvarint(p)
			recd, m = binary.Uvarint(p[max(n, 0):])
			if n <= 0 || m <= 0 {
				return nil, errLog
			}
			p = p[n+m:]
		}
		at = Mark{at.Offset + int64(offset>>1), at.Line + int64(line>>1), at.Record + int64(recd)}
		if i < which[0] {
			continue
		}
		e := entry{b.keys[i], at.Offset, at.Line, at.Record}
		if line&1 != 0 {
			e.line |= badRecord
		}
		out, which = append(out, e), which[1:]
	}
	return out, nil
}
