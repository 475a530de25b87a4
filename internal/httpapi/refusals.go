package httpapi

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"freshet/internal/access"
	"freshet/internal/catalog"
)

// refusals puts on record who was turned away, without letting a flood of
// them fill the disk or hold up other writers: the first of a kind in a minute is
// a row at once, the others are counted and are one row at its end. Nothing is
// left out in silence: of what is beyond mostRefusals kinds it is on record how
// many they were.
type refusals struct {
	mu     sync.Mutex
	kinds  map[refusal]*folded
	beyond int64
}

// refusal is a kind: who, from where, at what and why.
type refusal struct{ source, actor, project, action, route, code string }

type folded struct {
	since time.Time
	more  int64 // that are no rows yet
}

const (
	mostRefusals = 200
	foldFor      = time.Minute
)

// refused tells what of an answer is a refusal that is put on record: of who it
// is, of what it may, of how much, and of what is another project's, which looks
// as if it were not there.
func (info *requestInfo) refused(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return true
	case http.StatusNotFound, http.StatusGone:
		return info.unseen.Load() != nil || info.code == "unknown-project"
	}
	return slices.Contains([]string{"too-many-failures", "too-many-requests"}, info.code) // which upload protocols tell by another status
}

// rememberRefusal is called for each answer.
func (s *Server) rememberRefusal(r *http.Request, info *requestInfo, pattern string, status int) {
	if !info.refused(status) {
		return
	}
	source, _, err := net.SplitHostPort(info.caller.Source)
	if err != nil {
		source = info.caller.Source
	}
	k := refusal{source: source, actor: info.actor, project: access.Everywhere, action: "refused", route: routeName(r, pattern), code: info.code}
	if k.code == "" {
		k.code = fmt.Sprint(status)
	}
	if k.route == "POST "+Prefix+sessionPath && status != http.StatusForbidden {
		k.action = "sign-in"
	}
	if info.caller.Project != "" && info.code != "unknown-project" {
		k.project = info.caller.Project
	}
	if p := info.unseen.Load(); p != nil {
		k.project = *p
	}
	if !s.refusals.first(k) {
		return
	}
	detail := info.path // never the query
	if secret, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && status == http.StatusUnauthorized {
		if id, ok := access.KeyID(strings.TrimSpace(secret)); ok {
			detail += " by what says that it is key " + id
		}
	}
	a := k.act()
	a.Detail = detail
	if err := s.Catalog.Audit(r.Context(), a); err != nil {
		s.refusals.add(k, 1) // it is told with the next ones
		s.Log.Error("a refusal cannot be put on record yet", "request_id", info.id, "error", err.Error())
	}
}

func (k *refusal) act() catalog.Act {
	return catalog.Act{Action: k.action, Actor: k.actor, Source: k.source, Project: k.project, Object: k.route, Result: k.code}
}

// routeName is what was asked for, from a set that is bounded.
func routeName(r *http.Request, pattern string) string {
	method := r.Method
	if !slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}, method) {
		method = "OTHER"
	}
	if pattern == "" {
		return method + " (no route)"
	}
	if name := route(r, pattern); rights[name] != (takes{}) {
		return name
	}
	return method + " " + pattern[strings.Index(pattern, " ")+1:]
}

// first tells whether a refusal is the first of its kind in this minute, and
// counts it otherwise.
func (f *refusals) first(k refusal) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch of := f.kinds[k]; {
	case of != nil:
		of.more++
	case len(f.kinds) >= mostRefusals:
		f.beyond++
	default:
		if f.kinds == nil {
			f.kinds = map[refusal]*folded{}
		}
		f.kinds[k] = &folded{since: time.Now()}
		return true
	}
	return false
}

func (f *refusals) add(k refusal, n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if of := f.kinds[k]; of != nil {
		of.more += n
		return
	}
	f.beyond += n
}

// take gives rows for what was counted, and begins another minute. Kinds that
// began in the last minute stay, unless all are to be told.
func (f *refusals) take(all bool) (out []catalog.Act) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for k, of := range f.kinds {
		age := time.Since(of.since)
		if age < foldFor && !all {
			continue
		}
		delete(f.kinds, k)
		if of.more > 0 {
			a := k.act()
			a.Detail = fmt.Sprintf("%d more in %d s", of.more, int(age.Seconds()))
			out = append(out, a)
		}
	}
	if f.beyond > 0 {
		out = append(out, catalog.Act{Action: "refused", Actor: "system", Object: "*", Result: "folded",
			Detail: fmt.Sprintf("%d more of other kinds than the %d that are told apart at a time", f.beyond, mostRefusals)})
		f.beyond = 0
	}
	return out
}

// RememberRefusals writes down what was counted, again and again, until ctx ends,
// and then what is left.
func (s *Server) RememberRefusals(ctx context.Context) {
	var behind []catalog.Act // that could not be written yet
	tick := time.NewTicker(foldFor / 12)
	defer tick.Stop()
	for over := false; !over; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			over = true
		}
		if len(behind) == 0 {
			behind = s.refusals.take(over)
		} else if over {
			behind = append(behind, s.refusals.take(true)...)
		}
		if len(behind) == 0 {
			continue
		}
		if err := s.Catalog.Audit(context.WithoutCancel(ctx), behind...); err != nil {
			s.Log.Error("refusals cannot be put on record yet", "rows", len(behind), "error", err.Error())
			continue // what comes meanwhile is counted
		}
		behind = nil
	}
}
