package validate

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"slices"
)

// pile keeps items in the order in which they came: the newest in memory, more
// in a scratch file. Lines and records in items count from the start of the
// segment that found them, so an extent carries what to add, and the piles of
// neighbours join without a look at their items.
type pile struct {
	scratch Scratch
	n       int64 // items
	extents []extent
	growing bool // the last extent may get more items
	mem     []byte
	file    *os.File
	end     int64   // bytes in file; those in memory follow
	lent    []*lent // where extents lie that are not our own
}

// extent is a stretch of items with one base.
type extent struct {
	src      *lent // nil: the pile's own bytes
	at, size int64
	n        int64 // items
	base     Mark
}

// lent is a file that extents of several piles may lie in; the last to let go closes it.
type lent struct {
	Bulk
	users int
}

func (l *lent) release() error {
	if l.users--; l.users > 0 {
		return nil
	}
	return l.Close()
}

var (
	pileMemory = 256 << 10
	// pileCopied is the most that is copied into the pile that comes before; what
	// is larger stays in its file, which stays open.
	pileCopied = int64(4 << 20)
)

// last is the extent that the next item belongs to.
func (p *pile) last() *extent {
	if !p.growing {
		p.begin(Mark{})
	}
	return &p.extents[len(p.extents)-1]
}

func (p *pile) begin(base Mark) *extent {
	p.growing = true
	p.extents = append(p.extents, extent{at: p.end + int64(len(p.mem)), base: base})
	return &p.extents[len(p.extents)-1]
}

// grew is told after an item of so many bytes was added to mem.
func (p *pile) grew(size int) error {
	e := p.last()
	e.size += int64(size)
	e.n++
	p.n++
	if len(p.mem) < pileMemory {
		return nil
	}
	return p.flush()
}

func (p *pile) flush() error {
	if p.file == nil {
		f, err := p.scratch()
		if err != nil {
			return err
		}
		p.file = f
	}
	if _, err := p.file.WriteAt(p.mem, p.end); err != nil {
		return err
	}
	p.end += int64(len(p.mem))
	p.mem = p.mem[:0]
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
	switch {
	case e.src != nil:
		return io.NewSectionReader(e.src, e.at, e.size)
	case e.at >= p.end:
		return bytes.NewReader(p.mem[e.at-p.end:][:e.size])
	case e.at+e.size <= p.end:
		return io.NewSectionReader(p.file, e.at, e.size)
	}
	return io.MultiReader(io.NewSectionReader(p.file, e.at, p.end-e.at), bytes.NewReader(p.mem[:e.at+e.size-p.end]))
}

func (p *pile) reader(e *extent) *bufio.Reader {
	return bufio.NewReaderSize(p.section(e), 64<<10)
}

// absorb takes the items of q, which follow; q is empty afterwards.
func (p *pile) absorb(q *pile, line, recd int64) error {
	p.growing = false
	if q.size() < pileCopied {
		for i := range q.extents {
			if err := p.copy(q, &q.extents[i], line, recd); err != nil {
				return err
			}
		}
		p.n += q.n
		q.close()
		return nil
	}
	if err := q.lend(); err != nil {
		return err
	}
	for _, e := range q.extents {
		e.base.Line += line
		e.base.Record += recd
		p.extents = append(p.extents, e)
	}
	p.n += q.n
	p.lent = append(p.lent, q.lent...)
	*q = pile{scratch: q.scratch}
	return nil
}

// copy adds an extent of q to the pile's own bytes.
func (p *pile) copy(q *pile, e *extent, line, recd int64) error {
	to := p.begin(Mark{e.base.Offset, e.base.Line + line, e.base.Record + recd})
	p.growing = false
	to.n, to.size = e.n, e.size
	r := q.section(e)
	for left := int(e.size); left > 0; {
		if len(p.mem) >= pileMemory {
			if err := p.flush(); err != nil {
				return err
			}
		}
		n := min(left, pileMemory-len(p.mem))
		p.mem = slices.Grow(p.mem, n)
		if _, err := io.ReadFull(r, p.mem[len(p.mem):][:n]); err != nil {
			return err
		}
		p.mem = p.mem[:len(p.mem)+n]
		left -= n
	}
	return nil
}

// lend puts all own bytes into the scratch file and makes it one that may change hands.
func (p *pile) lend() error {
	if len(p.mem) > 0 {
		if err := p.flush(); err != nil {
			return err
		}
	}
	if p.file == nil {
		return nil
	}
	l := &lent{p.file, 1}
	for i := range p.extents {
		if e := &p.extents[i]; e.src == nil {
			e.src = l
		}
	}
	p.lent = append(p.lent, l)
	p.file, p.end = nil, 0
	return nil
}

// close gives back the files. One that does not close costs nothing but its descriptor.
func (p *pile) close() {
	for _, l := range p.lent {
		l.release()
	}
	if p.file != nil {
		p.file.Close()
	}
	*p = pile{scratch: p.scratch}
}
