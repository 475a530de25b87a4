package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"freshet/api"
	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// change is a step that is committed.
type change struct {
	event catalog.Event
	file  catalog.File
}

// broker hands steps to whoever listens.
type broker struct {
	mu   sync.Mutex
	subs map[chan change]bool
	done bool
}

func newBroker() *broker { return &broker{subs: map[chan change]bool{}} }

// backlog is how many steps a listener may be behind; one that is further is
// cut off and resumes by the id of the last event that it saw.
const backlog = 256

func (b *broker) subscribe() (<-chan change, func()) {
	c := make(chan change, backlog)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.done {
		close(c)
		return c, func() {}
	}
	b.subs[c] = true
	return c, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.subs[c] {
			delete(b.subs, c)
			close(c)
		}
	}
}

// step is told of every committed step.
func (b *broker) step(e catalog.Event, f catalog.File) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.subs {
		select {
		case c <- change{e, f}:
		default:
			delete(b.subs, c)
			close(c)
		}
	}
}

func (b *broker) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done = true
	for c := range b.subs {
		delete(b.subs, c)
		close(c)
	}
}

const (
	progressEvery  = 250 * time.Millisecond
	heartbeatEvery = 15 * time.Second
	admitEvery     = 5 * time.Second // who is let in by then no more is told nothing more
	snapshotFiles  = 100
	replayEvents   = 10_000
)

// snapshot is the first event of a stream: where everything stands.
type snapshot struct {
	Files    []api.File       `json:"files" doc:"The newest, and all that arrive or are checked"`
	ByStatus map[string]int64 `json:"by_status"`
}

// fileEvent is a step of one file.
type fileEvent struct {
	Event api.Event `json:"event"`
	File  *api.File `json:"file" doc:"null once it is deleted"`
}

// eventStream sends server-sent events of a project: a snapshot, then changes. Steps have
// ids, so that a client that was cut off resumes with Last-Event-ID; figures of
// running uploads come between them without.
func (s *Server) eventStream(w http.ResponseWriter, r *http.Request) {
	last := int64(-1)
	if v := r.Header.Get("Last-Event-ID"); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < 0 {
			s.fail(w, r, errs.E(errs.Invalid, "bad-event-id", "Last-Event-ID %q is not the id of an event", v))
			return
		}
		last = n
	}
	changes, stop := s.events.subscribe() // before looking, so that nothing is missed
	defer stop()
	st := &sse{server: s, w: w, control: http.NewResponseController(w)}
	if err := st.open(r.Context(), last); err != nil {
		if !st.begun {
			s.fail(w, r, err)
			return
		}
		requestFrom(r.Context()).cause = err
		return
	}
	if err := st.follow(r.Context(), changes); err != nil {
		requestFrom(r.Context()).cause = err
	}
}

type sse struct {
	server  *Server
	w       http.ResponseWriter
	control *http.ResponseController
	begun   bool
	known   int64 // id of the newest event that the opening told of
}

func (st *sse) send(name string, id int64, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if !st.begun {
		h := st.w.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Accel-Buffering", "no")
		st.w.WriteHeader(http.StatusOK)
		st.begun = true
	}
	if err := st.control.SetWriteDeadline(time.Now().Add(heartbeatEvery)); err != nil {
		return err
	}
	if id > 0 {
		fmt.Fprintf(st.w, "id: %d\n", id)
	}
	if _, err := fmt.Fprintf(st.w, "event: %s\ndata: %s\n\n", name, b); err != nil {
		return err
	}
	return st.control.Flush()
}

// open sends what the client has to know before changes make sense.
func (st *sse) open(ctx context.Context, last int64) error {
	s := st.server
	newest, err := s.Catalog.LastEvent(ctx)
	if err != nil {
		return err
	}
	if last >= 0 && newest-last <= replayEvents {
		events, err := s.Catalog.EventsAfter(ctx, last, replayEvents)
		if err != nil {
			return err
		}
		for i := range events {
			f, err := s.Catalog.File(ctx, events[i].FileID)
			if err != nil && !errs.Is(err, errs.NotFound) {
				return err
			}
			if err != nil {
				f = catalog.File{}
			}
			if err := st.step(change{events[i], f}); err != nil {
				return err
			}
		}
		if n := len(events); n > 0 {
			st.known = events[n-1].ID
			return nil
		}
	}
	snap, err := s.snapshot(ctx)
	if err != nil {
		return err
	}
	st.known = newest
	return st.send("snapshot", newest, snap)
}

func (s *Server) snapshot(ctx context.Context) (*snapshot, error) {
	p, err := s.Catalog.List(ctx, catalog.Query{Limit: snapshotFiles})
	if err != nil {
		return nil, err
	}
	out := &snapshot{Files: []api.File{}, ByStatus: map[string]int64{}}
	listed := map[string]bool{}
	for i := range p.Files {
		out.Files = append(out.Files, s.file(&p.Files[i]))
		listed[p.Files[i].ID] = true
	}
	for st, n := range p.ByStatus {
		out.ByStatus[string(st)] = n
	}
	for _, l := range s.Board.All() {
		if listed[l.FileID] {
			continue
		}
		f, err := s.Catalog.File(ctx, l.FileID)
		if notOurs(ctx, &f, err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out.Files = append(out.Files, s.file(&f))
	}
	return out, nil
}

// notOurs tells of a file that is gone, or not of the project that the stream is of.
func notOurs(ctx context.Context, f *catalog.File, err error) bool {
	return errs.Is(err, errs.NotFound) || errs.Is(err, errs.Forbidden) || err == nil && f.Project != access.Project(ctx)
}

func (st *sse) step(c change) error {
	out := fileEvent{Event: event(&c.event)}
	if c.file.ID != "" && c.event.To != catalog.Deleted {
		f := st.server.file(&c.file)
		out.File = &f
	}
	return st.send("file", c.event.ID, out)
}

// follow sends steps as they happen, and figures while there are any to tell.
func (st *sse) follow(ctx context.Context, changes <-chan change) error {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	admit := time.NewTicker(admitEvery)
	defer admit.Stop()
	ended := requestFrom(ctx).ended
	quiet := time.Now()
	told := map[string]int64{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case c, ok := <-changes:
			if !ok {
				return nil // too slow, or the server stops: the client comes back
			}
			if c.event.ID <= st.known || c.event.Project != access.Project(ctx) {
				continue // steps are told in no sure order, so only the opening's end counts
			}
			if err := st.step(c); err != nil {
				return err
			}
			quiet = time.Now()
		case <-admit.C:
			if ended() {
				return nil // the client comes back, and is refused
			}
		case <-tick.C:
			n, err := st.figures(ctx, told)
			if err != nil {
				return err
			}
			if n > 0 {
				quiet = time.Now()
			} else if time.Since(quiet) > heartbeatEvery {
				quiet = time.Now()
				if err := st.send("heartbeat", 0, struct{}{}); err != nil {
					return err
				}
			}
		}
	}
}

// figures sends the progress of what is live and moved since the last time.
func (st *sse) figures(ctx context.Context, told map[string]int64) (n int, err error) {
	for _, l := range st.server.Board.All() {
		now := l.Received.Load() + l.Tally().Bytes
		if told[l.FileID] == now {
			continue
		}
		told[l.FileID] = now
		f, err := st.server.Catalog.File(ctx, l.FileID)
		if notOurs(ctx, &f, err) {
			continue
		}
		if err != nil {
			return n, err
		}
		p, err := st.server.progress(ctx, &f, f.ID)
		if err == nil {
			err = st.send("progress", 0, p)
		}
		if err != nil {
			return n, err
		}
		n++
	}
	if len(told) > 1000 {
		clear(told)
	}
	return n, nil
}
