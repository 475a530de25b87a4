package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/errs"

	"golang.org/x/mod/sumdb/note"
)

// Check holds an audit log against heads: those of its catalog and of places.
type Check struct {
	Catalog *catalog.Store
	Places  []Place
	Names   []string       // of the places, as they are told
	Keys    note.Verifiers // nil: there are none yet; a head is then an error
	Now     time.Time      // zero: by the catalog's clock
}

// Verified is what was found.
type Verified struct {
	Rows      int64     `json:"rows"`
	Heads     int64     `json:"heads"`             // in the catalog that fit
	Kept      int64     `json:"checkpoints"`       // in places that fit
	Signed    int64     `json:"signed_rows"`       // that a head covers
	SignedAt  time.Time `json:"signed_time"`       // of the last head
	Problem   *Problem  `json:"problem,omitempty"` // the first; the rest is not looked at
	signedYet int64     // rows that a head was right about so far
	lacking   *lack     // the first that was found
}

// lack is a head of the catalog that a place does not have.
type lack struct {
	place int // of the check's
	size  int64
}

// Lag is how old a head is at least when a place that lacks it is told: heads are
// brought there right after they are signed, and after a fault a minute later.
const Lag = 2 * Every

// Run looks at every row, the oldest first, with the memory of a page of them.
// The first problem ends it. What is written meanwhile does not disturb it.
func (c *Check) Run(ctx context.Context) (v Verified, err error) {
	if c.Now.IsZero() {
		c.Now = c.Catalog.Now()
	}
	// heads first, the places' before the catalog's: all rows of those that are
	// seen are there by the time when rows are read
	var sources []source
	for _, p := range c.Places {
		names, err := p.List(ctx)
		if err != nil {
			return v, fmt.Errorf("list the heads of the audit log: %w", err)
		}
		sources = append(sources, &kept{place: p, names: names, empty: len(names) == 0})
	}
	last, err := c.Catalog.LastAuditHead(ctx)
	if err != nil {
		return v, err
	}
	own := &stored{catalog: c.Catalog, most: last.Size}
	sources = append(sources, own)
	w := &walk{edge: &edge{}}
	for full := true; full; {
		rows, err := c.Catalog.AuditRows(ctx, catalog.AuditQuery{After: w.after(), OldestFirst: true, Limit: pageRows})
		if err != nil {
			return v, err
		}
		for i := range rows {
			if v.Problem = w.next(&rows[i]); v.Problem != nil {
				return v, nil
			}
			v.Rows = w.number
			if v.Problem, err = c.heads(ctx, sources, w, &v); v.Problem != nil || err != nil {
				return v, err
			}
		}
		full = len(rows) == pageRows
	}
	for _, s := range sources {
		size, err := s.next(ctx)
		if err != nil {
			return v, err
		}
		if size == 0 {
			continue
		}
		text, err := s.take(ctx)
		if err != nil {
			return v, err
		}
		if _, v.Problem, err = c.open(text, size); v.Problem == nil && err == nil {
			v.Problem = &Problem{w.number + 1, fmt.Sprintf("the rows to %d are missing: a head of %d rows was signed", size, size)}
		}
		return v, err
	}
	if v.lacking == nil {
		return v, nil
	}
	at := c.Names[v.lacking.place]
	if sources[v.lacking.place].(*kept).empty {
		return v, errs.E(errs.NotFound, "no-checkpoint", "there are no heads at %s, and the catalog has them", at).WithHint("name the place that the server was given by --audit-checkpoints, or find out who emptied it")
	}
	v.Problem = &Problem{v.lacking.size, fmt.Sprintf("the head of %d rows is in the catalog and not at %s: it was removed there, or did not come there", v.lacking.size, at)}
	return v, nil
}

// Chain looks at every row, as Run does, and at no head.
func Chain(ctx context.Context, c *catalog.Store) (*Problem, error) {
	w := &walk{}
	for {
		rows, err := c.AuditRows(ctx, catalog.AuditQuery{After: w.after(), OldestFirst: true, Limit: pageRows})
		if err != nil {
			return nil, err
		}
		for i := range rows {
			if p := w.next(&rows[i]); p != nil {
				return p, nil
			}
		}
		if len(rows) < pageRows {
			return nil, nil
		}
	}
}

// heads compares the tree with the heads of its size. A place's must be the catalog's, too.
func (c *Check) heads(ctx context.Context, sources []source, w *walk, v *Verified) (*Problem, error) {
	var first string
	var old bool                             // there is one of the catalog that places should have by now
	for i := len(sources) - 1; i >= 0; i-- { // the catalog's is the last
		s := sources[i]
		size, err := s.next(ctx)
		if err != nil {
			return nil, err
		}
		if size == 0 || size > w.number {
			if k, ok := s.(*kept); ok && old && v.lacking == nil && k.all() {
				v.lacking = &lack{i, w.number}
			}
			continue
		}
		text, err := s.take(ctx)
		if err != nil {
			return nil, err
		}
		_, own := s.(*stored)
		if p, err := c.head(text, w, v); p != nil || err != nil {
			return p, err
		}
		if own {
			first, old = text, c.Now.Sub(v.SignedAt) > Lag
			v.Heads++
			continue
		}
		if text != first {
			return &Problem{w.number, fmt.Sprintf("the catalog's head of %d rows was removed or replaced", w.number)}, nil
		}
		v.Kept++
	}
	return nil, nil
}

func (c *Check) head(text string, w *walk, v *Verified) (*Problem, error) {
	h, p, err := c.open(text, w.number)
	if p != nil || err != nil {
		return p, err
	}
	if h.Root != w.edge.root() || !bytes.Equal(h.Last, w.hash) {
		return &Problem{v.signedYet + 1, fmt.Sprintf("one of the rows from here to %d was altered, inserted, moved or removed, and the hashes after it made anew: they are not what was signed", w.number)}, nil
	}
	v.signedYet, v.Signed, v.SignedAt = w.number, w.number, h.At
	return nil, nil
}

// open reads a head that should be of so many rows.
func (c *Check) open(text string, size int64) (Head, *Problem, error) {
	if c.Keys == nil {
		return Head{}, nil, errs.E(errs.NotFound, "no-audit-key", "heads were signed, and there is no key to check them with").WithHint("give it with --key; freshet audit key prints it where the server's data directory is")
	}
	h, err := open([]byte(text), c.Keys)
	switch {
	case errors.Is(err, errForeign):
		return h, &Problem{size, fmt.Sprintf("the head of %d rows was signed by another key than those given by --key", size)}, nil
	case err != nil, h.Size != size:
		return h, &Problem{size, fmt.Sprintf("the head of %d rows is not what was signed", size)}, nil
	}
	return h, nil, nil
}

// source gives heads, the smallest first.
type source interface {
	// next is the size of the next head, 0 where there is none.
	next(context.Context) (int64, error)
	// take gives it, and goes on.
	take(context.Context) (string, error)
}

// kept are the heads of a place.
type kept struct {
	place Place
	names []string
	empty bool
}

// all tells whether a place should have every head: a file has one.
func (k *kept) all() bool {
	_, one := k.place.(File)
	return !one
}

func (k *kept) next(context.Context) (int64, error) {
	if len(k.names) == 0 {
		return 0, nil
	}
	n, _ := sizeOf(k.names[0])
	return n, nil
}

func (k *kept) take(ctx context.Context) (string, error) {
	b, err := k.place.Read(ctx, k.names[0])
	k.names = k.names[1:]
	return string(b), err
}

// stored are the heads of the catalog, up to one.
type stored struct {
	catalog *catalog.Store
	most    int64
	last    int64 // that was read
	page    []catalog.AuditHead
}

func (s *stored) next(ctx context.Context) (int64, error) {
	if len(s.page) == 0 && s.last < s.most {
		var err error
		if s.page, err = s.catalog.AuditHeads(ctx, s.last, false, pageHeads); err != nil {
			return 0, err
		}
		if len(s.page) == 0 {
			s.last = s.most
			return 0, nil
		}
		s.last = s.page[len(s.page)-1].Size
	}
	if len(s.page) == 0 || s.page[0].Size > s.most {
		return 0, nil
	}
	return s.page[0].Size, nil
}

func (s *stored) take(context.Context) (string, error) {
	h := s.page[0]
	s.page = s.page[1:]
	return h.Note, nil
}

// File is one head that somebody kept, as a place: a file of any name.
type File string

// Create implements Place: nothing is added to it.
func (f File) Create(context.Context, string, []byte) error { return os.ErrExist }

// List implements Place.
func (f File) List(context.Context) ([]string, error) {
	b, err := os.ReadFile(string(f))
	if err != nil {
		return nil, err
	}
	h, err := unsigned(b)
	if err != nil {
		return nil, errs.E(errs.Invalid, "bad-checkpoint", "%s is not a head of an audit log", string(f))
	}
	return []string{nameOf(h.Size)}, nil
}

// Read implements Place.
func (f File) Read(context.Context, string) ([]byte, error) { return os.ReadFile(string(f)) }
