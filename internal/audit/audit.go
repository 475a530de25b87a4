// Package audit makes the audit log provable: heads of the tree that its rows
// make are signed and kept in a second place, and a log is held against them.
//
// The rows themselves are the catalog's, written in the transactions of what
// they tell of. Their hashes form a chain, which shows what was changed by who
// did not know of it; a head shows what was changed by who made the chain anew.
package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"freshet/internal/catalog"

	"golang.org/x/mod/sumdb/note"
)

// Every is how often a head is signed, if rows came.
const Every = time.Minute

const (
	pageRows  = 1000
	pageHeads = 100
	// again is how many old rows each round looks at once more, so that all are in turn.
	againRows = 10_000
	// late is the age at which a row that no head covers tells that signing does not work.
	late = 3 * Every
)

// Log signs the heads of a catalog's audit log.
type Log struct {
	Catalog *catalog.Store
	Key     *Key
	Place   Place
	Log     *slog.Logger

	round  sync.Mutex // one at a time
	signed Head       // the largest that this process knows, zero before the first round
	note   string     // it, as it was signed
	old    walk       // over rows that were signed, again and again

	mu    sync.Mutex
	fault error
}

// Run signs heads until ctx ends, and a last one then.
func (l *Log) Run(ctx context.Context) {
	tick := time.NewTicker(Every)
	defer tick.Stop()
	for {
		l.Round(ctx, false)
		select {
		case <-tick.C:
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			l.Round(last, true)
			return
		}
	}
}

// Round signs a head if rows came and, unless it is the last, none was signed a
// minute ago; and brings to the place what is not there. It signs nothing that
// does not follow from what was signed before.
func (l *Log) Round(ctx context.Context, last bool) error {
	l.round.Lock()
	defer l.round.Unlock()
	err := l.sign(ctx, last)
	if err == nil {
		err = l.publish(ctx)
	}
	var changed *Problem
	switch {
	case errors.As(err, &changed):
		l.Log.Error("the audit log was changed, and is not signed any more; see freshet audit verify", "row", changed.Number, "error", err.Error())
	case err != nil && ctx.Err() == nil:
		l.Log.Error("the audit log cannot be signed", "error", err.Error())
	}
	l.mu.Lock()
	l.fault = err
	l.mu.Unlock()
	return err
}

// Err tells what keeps the log from being signed, on this node or at all.
func (l *Log) Err(ctx context.Context) error {
	l.mu.Lock()
	err := l.fault
	l.mu.Unlock()
	if err != nil {
		return err
	}
	at, err := l.Catalog.AuditUnsigned(ctx)
	if age := l.Catalog.Now().Sub(at); err == nil && !at.IsZero() && age > late {
		err = fmt.Errorf("a row has waited %s for a head", age.Round(time.Second))
	}
	return err
}

func (l *Log) sign(ctx context.Context, last bool) error {
	before, err := l.Catalog.LastAuditHead(ctx)
	if err != nil {
		return err
	}
	w, err := l.follow(ctx, &before)
	if err != nil {
		return err
	}
	if err := l.lookAgain(ctx, before.Size); err != nil {
		return err
	}
	if !last && l.Catalog.Now().Sub(before.At) < Every-5*time.Second {
		return nil // another node has
	}
	for full := true; full; {
		rows, err := l.Catalog.AuditRows(ctx, catalog.AuditQuery{After: w.after(), OldestFirst: true, Limit: pageRows})
		if err != nil {
			return err
		}
		for i := range rows {
			if p := w.next(&rows[i]); p != nil {
				return p
			}
		}
		full = len(rows) == pageRows
	}
	if w.number == before.Size {
		return nil
	}
	head := Head{Size: w.number, Root: w.edge.root(), Last: w.hash, At: l.Catalog.Now()}
	text, err := note.Sign(&note.Note{Text: head.Text()}, l.Key)
	if err != nil {
		return err
	}
	added, err := l.Catalog.AddAuditHead(ctx, catalog.AuditHead{Size: head.Size, At: head.At, Last: head.Last, Edge: w.edge.marshal(), Note: string(text)}, before.Size)
	if err == nil && added {
		l.signed, l.note = head, string(text)
	}
	return err
}

// follow begins behind the last head, which must be what was signed, and its last
// row still be there.
func (l *Log) follow(ctx context.Context, before *catalog.AuditHead) (*walk, error) {
	if before.Size < l.signed.Size || before.Size == l.signed.Size && before.Note != l.note {
		return nil, &Problem{before.Size + 1, fmt.Sprintf("the head of %d rows was removed or replaced", l.signed.Size)}
	}
	if l.signed.Size == 0 {
		if err := l.ahead(ctx, before.Size); err != nil {
			return nil, err
		}
	}
	if before.Size == 0 {
		return &walk{edge: &edge{}}, nil
	}
	wrong := func(what string) error {
		return &Problem{before.Size, fmt.Sprintf("the head of %d rows %s", before.Size, what)}
	}
	mine, err := Verifiers(l.Key.Verifier)
	if err != nil {
		return nil, err
	}
	_, err = open([]byte(before.Note), mine)
	switch {
	case errors.Is(err, errForeign) && l.signed.Size == 0:
		l.Log.Warn("the last head of the audit log was signed by another key than this server's; verifying takes both", "rows", before.Size)
	case err != nil && !errors.Is(err, errForeign):
		return nil, wrong("is not what was signed")
	}
	head, err := unsigned([]byte(before.Note))
	if err != nil || head.Size != before.Size || !bytes.Equal(head.Last, before.Last) {
		return nil, wrong("is not what was signed")
	}
	e, err := parseEdge(before.Size, before.Edge)
	if err != nil || e.root() != head.Root {
		return nil, wrong("is not that of its edge")
	}
	rows, err := l.Catalog.AuditRows(ctx, catalog.AuditQuery{After: before.Size - 1, Before: before.Size + 1, Limit: 1})
	switch {
	case err != nil:
		return nil, err
	case len(rows) == 0:
		return nil, &Problem{before.Size, "the row is missing, and was signed"}
	case !bytes.Equal(rows[0].Hash, head.Last):
		return nil, &Problem{before.Size, "the row is not the one that was signed: it or one before it was changed"}
	}
	l.signed, l.note = head, before.Note
	return &walk{before.Size, head.Last, e}, nil
}

// ahead refuses to begin where the place has heads of more rows than the catalog.
func (l *Log) ahead(ctx context.Context, size int64) error {
	names, err := l.Place.List(ctx)
	if err != nil || len(names) == 0 {
		return err
	}
	if n, _ := sizeOf(names[len(names)-1]); n > size {
		return &Problem{size + 1, fmt.Sprintf("a head of %d rows was signed, the catalog has the heads to %d only", n, size)}
	}
	return nil
}

// lookAgain walks over a stretch of the rows that were signed.
func (l *Log) lookAgain(ctx context.Context, size int64) error {
	for left := againRows; left > 0 && l.old.number < size; {
		rows, err := l.Catalog.AuditRows(ctx, catalog.AuditQuery{After: l.old.after(), Before: size + 1, OldestFirst: true, Limit: min(left, pageRows)})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return &Problem{l.old.number + 1, fmt.Sprintf("the rows to %d are missing", size)}
		}
		for i := range rows {
			if p := l.old.next(&rows[i]); p != nil {
				return p
			}
		}
		left -= len(rows)
	}
	if l.old.number >= size {
		l.old = walk{}
	}
	return nil
}

// publish brings heads to the place, the oldest that is not there first, so that
// all before one that is there are, too.
func (l *Log) publish(ctx context.Context) error {
	var missing []int64
	for below, full := int64(1)<<62, true; full; {
		heads, err := l.Catalog.AuditHeads(ctx, below, true, pageHeads)
		if err != nil {
			return err
		}
		full = len(heads) == pageHeads
		for i := range heads {
			h := &heads[i]
			there, err := l.Place.Read(ctx, nameOf(h.Size))
			if err == nil && string(there) != h.Note {
				return &Problem{h.Size, fmt.Sprintf("the head of %d rows is not the one that was signed before", h.Size)}
			}
			if err == nil {
				full = false
				break
			}
			if !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("read a head of the audit log: %w", err)
			}
			missing, below = append(missing, h.Size), h.Size
		}
	}
	for i := len(missing) - 1; i >= 0; i-- {
		heads, err := l.Catalog.AuditHeads(ctx, missing[i]-1, false, 1)
		if err != nil {
			return err
		}
		if len(heads) == 0 || heads[0].Size != missing[i] {
			return &Problem{missing[i], fmt.Sprintf("the head of %d rows was removed", missing[i])}
		}
		err = l.Place.Create(ctx, nameOf(missing[i]), []byte(heads[0].Note))
		if err != nil && !errors.Is(err, os.ErrExist) { // another node was first
			return fmt.Errorf("keep a head of the audit log: %w", err)
		}
	}
	return nil
}
