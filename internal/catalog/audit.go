package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"freshet/internal/access"
)

// Act is something that was done, or refused, as the audit log has it. Who did
// it, from where and by which request is told by the context that it is done in.
type Act struct {
	Action  string
	Source  string // from where, where no caller tells
	Request string // by which request, where no caller tells
	Actor   string // who did it, where that is not the caller: who signs in, "system"
	Project string // whose administrators may read of it; empty: all projects', or the server's own
	Object  string // what it was done to: an id, a name, a route
	Result  string // empty: it was done; else the code of its refusal
	Detail  string
}

// Done is the result of what was not refused.
const Done = "ok"

// act is a step of a file for the audit log.
func (e *Event) act() Act {
	a := Act{Action: e.Action, Actor: e.Actor, Project: e.Project, Object: e.FileID, Detail: string(e.To)}
	if e.To == Deleted {
		a.Detail = "deleted"
	}
	if e.From != "" && e.From != e.To {
		a.Detail = fmt.Sprintf("%s to %s", e.From, a.Detail)
	}
	if e.Detail != "" {
		a.Detail += "; " + e.Detail
	}
	return a
}

// bySystem is the actor of what the server does by itself.
const bySystem = "system"

// doer is who does a step of a file: whoever asks for it, be the upload that it
// ends another's, unless the server does it by itself meanwhile. Where nobody
// asks it is whom the step names.
func doer(ctx context.Context, named string) string {
	if c := access.From(ctx); c != nil && named != bySystem {
		return c.Actor
	}
	return named
}

// sourceOf is the address that what happens in a context came from. A port says
// nothing of who it was.
func sourceOf(ctx context.Context) string {
	c := access.From(ctx)
	if c == nil {
		return ""
	}
	if host, _, err := net.SplitHostPort(c.Source); err == nil {
		return host
	}
	return c.Source
}

// row is an act as a row without a number, time and hash.
func (a *Act) row(ctx context.Context) AuditRow {
	r := AuditRow{Actor: a.Actor, Source: cmp.Or(a.Source, sourceOf(ctx)), RequestID: a.Request, Project: a.Project, Action: a.Action, Object: a.Object, Result: a.Result, Detail: a.Detail}
	c := access.From(ctx)
	if c != nil {
		r.RequestID = c.Request
	}
	if by := access.Actor(ctx); by != "" && (c == nil || r.Actor == "") {
		r.Actor = by
	}
	for _, field := range []struct{ of, instead *string }{{&r.Actor, new(bySystem)}, {&r.Project, new(access.Everywhere)}, {&r.Result, new(Done)}} {
		if *field.of == "" {
			*field.of = *field.instead
		}
	}
	r.makeSafe()
	return r
}

// audit writes acts down in the transaction that does them, which they end: from
// here on writers wait for each other, so that numbers have no gaps and rise in
// the order of commits. On Postgres the lock is that of the history.
func (s *Store) audit(ctx context.Context, tx *sql.Tx, list ...Act) error {
	rows := make([]AuditRow, len(list))
	for i := range list {
		rows[i] = list[i].row(ctx)
	}
	return s.auditRows(ctx, tx, rows)
}

func (s *Store) auditRows(ctx context.Context, tx *sql.Tx, list []AuditRow) error {
	var last sql.NullInt64
	var hash []byte
	if err := tx.QueryRowContext(ctx, s.lastAudit).Scan(&last, &hash); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("audit: %w", err)
	}
	number := last.Int64
	for batch := range slices.Chunk(list, 50) {
		var q strings.Builder
		q.WriteString(`INSERT INTO audit (` + auditColumns + `) VALUES `)
		var args []any
		for i := range batch {
			r := &batch[i]
			number++
			r.Number, r.At = number, s.Now()
			r.Hash = r.Chain(hash)
			hash = r.Hash
			if i > 0 {
				q.WriteString(", ")
			}
			n := len(args)
			fmt.Fprintf(&q, "($%d, $%d, $%d, $%d, $%d, $%d, $%d, $%d, $%d, $%d, $%d)", n+1, n+2, n+3, n+4, n+5, n+6, n+7, n+8, n+9, n+10, n+11)
			args = append(args, r.Number, micros(r.At), r.Actor, r.Source, r.RequestID, r.Project, r.Action, r.Object, r.Result, r.Detail, r.Hash)
		}
		if _, err := tx.ExecContext(ctx, q.String(), args...); err != nil {
			return fmt.Errorf("audit: %w", err)
		}
	}
	return nil
}

// acts are those that wait to be written by themselves. Whoever finds nobody at
// it writes all that wait, in one transaction: those that come meanwhile share
// the next one. It never holds more than there are callers waiting.
type acts struct {
	mu      sync.Mutex
	busy    bool
	waiting []*waitingAct
}

type waitingAct struct {
	rows []AuditRow
	turn chan bool // true: to write what waits; false: it is written, or err
	err  error
}

// auditTime is how long a row may take to be written.
const auditTime = 15 * time.Second

// Audit writes down acts that change no facts: a download, a refusal. When it
// returns without an error the rows are durable.
func (s *Store) Audit(ctx context.Context, list ...Act) error {
	w := &waitingAct{turn: make(chan bool, 1)}
	for i := range list {
		w.rows = append(w.rows, list[i].row(ctx))
	}
	q := &s.acts
	q.mu.Lock()
	q.waiting = append(q.waiting, w)
	mine := !q.busy
	q.busy = true
	q.mu.Unlock()
	if !mine && !<-w.turn {
		return w.err
	}
	q.mu.Lock()
	batch := q.waiting
	q.waiting = nil
	q.mu.Unlock()
	err := s.auditAll(ctx, batch)
	for _, other := range batch {
		other.err = err
		if other != w {
			other.turn <- false
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) > 0 {
		q.waiting[0].turn <- true
	} else {
		q.busy = false
	}
	return err
}

// auditAll is done for others, too: that one's client is gone must not stop it.
func (s *Store) auditAll(ctx context.Context, batch []*waitingAct) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTime)
	defer cancel()
	var list []AuditRow
	for _, w := range batch {
		list = append(list, w.rows...)
	}
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error { return s.auditRows(ctx, tx, list) })
}
