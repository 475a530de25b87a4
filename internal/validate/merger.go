package validate

import (
	"bufio"
	"container/heap"
	"encoding/binary"
	"io"
	"iter"
	"slices"
)

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
		line:   int64(binary.LittleEndian.Uint64(b[16:])),
		record: int64(binary.LittleEndian.Uint64(b[24:])),
	}
	return true
}

type runHeap []*runCursor

func (h runHeap) Len() int      { return len(h) }
func (h runHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Less is byKey without copies of the entries, since it is asked the most.
func (h runHeap) Less(i, j int) bool {
	a, b := &h[i].head, &h[j].head
	return a.key < b.key || a.key == b.key && a.offset < b.offset
}

func (h *runHeap) Push(x any) { *h = append(*h, x.(*runCursor)) }

func (h *runHeap) Pop() any {
	old := *h
	c := old[len(old)-1]
	*h = old[:len(old)-1]
	return c
}
