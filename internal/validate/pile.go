package validate

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"sync"
)

// pile keeps items in the order in which they came: the newest in memory, more
// in a scratch file. Lines and records in items count from the start of the
// segment that found them, so an extent carries what to add, and the piles of
// neighbours join without a look at their items.
type pile struct {
	arena   *arena
	n       int64 // items
	extents []extent
	growing bool   // the last extent may get more items
	mem     []byte // items that are in no file
	lent    []*lent
}

// extent is a stretch of items that lie together.
type extent struct {
	src        *lent // nil: the pile's memory
	at, size   int64
	n          int64 // items
	line, recd int64 // to add to those of the items
}

var (
	pileMemory = 256 << 10
	// pileCopied is the most that is copied into the pile that comes before; what
	// is larger stays in its file, which stays open.
	pileCopied = int64(4 << 20)
)

// mostExtent bounds the size of an extent: memory and the longest item.
const mostExtent = 4 << 20

// pileBuffer is the memory of a pile that has more than a little: enough for
// pileMemory and one item more. It goes from pile to pile.
type pileBuffer [288 << 10]byte

const pileLittle = 16 << 10

var pileBuffers = sync.Pool{New: func() any { return new(pileBuffer) }}

// room makes room for n bytes more in memory.
func (p *pile) room(n int) {
	switch had, want := cap(p.mem), len(p.mem)+n; {
	case want <= had:
	case want <= pileLittle || want > len(pileBuffer{}):
		p.mem = slices.Grow(p.mem, n)
	default:
		b := pileBuffers.Get().(*pileBuffer)
		p.mem = b[:copy(b[:], p.mem)]
	}
}

// last is the extent that the next item belongs to.
func (p *pile) last() *extent {
	if !p.growing {
		p.growing = true
		p.extents = append(p.extents, extent{at: int64(len(p.mem))})
	}
	return &p.extents[len(p.extents)-1]
}

// grew is told after so many items, of so many bytes together, were added to mem.
func (p *pile) grew(items, size int) error {
	e := p.last()
	e.size += int64(size)
	e.n += int64(items)
	p.n += int64(items)
	return p.spill()
}

// spill puts what is in memory into the scratch file once it is much.
func (p *pile) spill() error {
	if len(p.mem) < pileMemory {
		return nil
	}
	file, l, at, err := p.arena.room(p, len(p.mem))
	if err != nil {
		return err
	}
	if _, err := file.WriteAt(p.mem, at); err != nil {
		return err
	}
	for i := range p.extents {
		if e := &p.extents[i]; e.src == nil {
			e.src = l
			e.at += at
		}
	}
	p.mem, p.growing = p.mem[:0], false
	return nil
}

// size is the bytes of all items.
func (p *pile) size() (total int64) {
	for i := range p.extents {
		total += p.extents[i].size
	}
	return total
}

// section reads the bytes of an extent.
func (p *pile) section(e *extent) io.Reader {
	if e.src != nil {
		return io.NewSectionReader(e.src, e.at, e.size)
	}
	return bytes.NewReader(p.mem[e.at:][:e.size])
}

func (p *pile) reader(e *extent) *bufio.Reader {
	return bufio.NewReaderSize(p.section(e), 64<<10)
}

// bytes gives those of an extent, in buf if they come from a file.
func (p *pile) bytes(e *extent, buf []byte) ([]byte, error) {
	if e.src == nil {
		return p.mem[e.at:][:e.size], nil
	}
	buf = slices.Grow(buf[:0], int(e.size))[:e.size]
	_, err := e.src.ReadAt(buf, e.at)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return buf, err
}

// absorb takes the items of q, which follow; q is empty afterwards.
func (p *pile) absorb(q *pile, line, recd int64) error {
	p.growing = false
	copied := q.size() < pileCopied
	for i := range q.extents {
		e := &q.extents[i]
		var err error
		if e.src == nil || copied && !p.arena.owns(e.src) {
			err = p.copy(q, e, line, recd)
		} else {
			p.move(e, line, recd)
		}
		if err != nil {
			return err
		}
	}
	p.n += q.n
	q.close()
	return nil
}

// move takes an extent where it lies.
func (p *pile) move(e *extent, line, recd int64) {
	if !slices.Contains(p.lent, e.src) {
		e.src.join() // it is open, since its pile holds it
		p.lent = append(p.lent, e.src)
	}
	p.extents = append(p.extents, extent{e.src, e.at, e.size, e.n, e.line + line, e.recd + recd})
}

// copy adds an extent of q to the pile's own bytes.
func (p *pile) copy(q *pile, e *extent, line, recd int64) error {
	at := len(p.mem)
	p.room(int(e.size))
	p.mem = p.mem[:at+int(e.size)]
	if _, err := io.ReadFull(q.section(e), p.mem[at:]); err != nil {
		return err
	}
	p.extents = append(p.extents, extent{nil, int64(at), e.size, e.n, e.line + line, e.recd + recd})
	return p.spill()
}

// close gives back the files.
func (p *pile) close() {
	for _, l := range p.lent {
		l.release()
	}
	if cap(p.mem) == len(pileBuffer{}) {
		pileBuffers.Put((*pileBuffer)(p.mem[:cap(p.mem)]))
	}
	*p = pile{arena: p.arena}
}
