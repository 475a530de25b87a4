package validate

import (
	"bytes"
	"io"
)

// inlinePile is how many bytes of a pile stay in the row.
var inlinePile = int64(4 << 10)

// pile writes the bytes of all extents one after the other, and where each ends.
func (w *writer) pile(p *pile) {
	total := p.size()
	inline := total <= inlinePile
	w.bool(inline)
	if inline {
		var b bytes.Buffer
		w.copy(&b, p)
		w.string(b.String())
	} else {
		w.int(w.at)
		w.int(total)
		w.copy(w, p)
	}
	w.section(func(w *writer) {
		w.int(int64(len(p.extents)))
		for i := range p.extents {
			e := &p.extents[i]
			w.int(e.size)
			w.int(e.n)
			w.int(e.line)
			w.int(e.recd)
		}
	})
}

func (w *writer) copy(to io.Writer, p *pile) {
	for i := range p.extents {
		if w.err == nil {
			_, w.err = io.Copy(to, p.section(&p.extents[i]))
		}
	}
}

func (r *reader) pile(p *pile) {
	var src *lent
	at, total := int64(0), int64(0)
	if r.bool() {
		p.mem = bytes.Clone(r.bytes(r.count(1)))
		total = int64(len(p.mem))
	} else {
		at, total = r.int(), r.int()
		if src = r.bulk; src == nil {
			r.damaged()
			return
		}
		src.join()
		p.lent = append(p.lent, src)
	}
	r.section(func(r *reader) {
		for range r.count(4) {
			e := extent{src: src, at: at, size: r.int(), n: r.int(), line: r.int(), recd: r.int()}
			if r.err != nil || e.size > min(total, mostExtent) || e.n > e.size {
				r.damaged()
				return
			}
			at += e.size
			total -= e.size
			p.n += e.n
			p.extents = append(p.extents, e)
		}
		if total != 0 {
			r.damaged()
		}
	})
}
