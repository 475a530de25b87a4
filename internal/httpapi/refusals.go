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
// a row of its own, the others are counted and are one row at its end. Nothing is
// left out in silence, and nobody's flood hides what another does: each actor has
// so many kinds of its own, those whom nobody knows have fewer by their network
// and in all, and what is beyond is on record by its number.
type refusals struct {
	mu    sync.Mutex
	kinds map[refusal]*folded
	told  map[string]int // how many kinds are told apart, of each owner
	news  []catalog.Act  // the first of their kinds, to be written
}

// refusal is a kind: who, from where, at what and why.
type refusal struct{ source, actor, project, action, route, code string }

type folded struct {
	since  time.Time
	more   int64    // that are no rows yet
	owners []string // in whose numbers of kinds it counts
}

// How many kinds are told apart in a minute: of an actor that is known, of a
// network that nobody is known of, and of all such networks.
const (
	kindsOfActor   = 100
	kindsOfNetwork = 50
	kindsOfNobody  = 500
	foldFor        = time.Minute
	// tellEvery is how often rows are written: by a clock, so that no answer takes
	// longer for what it puts on record, which would tell what it does not say.
	tellEvery = time.Second
)

const nobody = "anonymous"

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
	a := k.act()
	a.Request, a.Detail = info.id, info.path // never the query
	if secret, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && status == http.StatusUnauthorized {
		if id, ok := access.KeyID(strings.TrimSpace(secret)); ok {
			a.Detail += " by what says that it is key " + id
		}
	}
	s.refusals.note(k, networkOf(info.remote), a)
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

// note counts a refusal, and keeps its row where it is the first of its kind.
func (f *refusals) note(k refusal, network string, row catalog.Act) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kinds == nil {
		f.kinds, f.told = map[refusal]*folded{}, map[string]int{}
	}
	if of := f.kinds[k]; of != nil {
		of.more++
		return
	}
	owners, most := []string{k.actor}, []int{kindsOfActor}
	if k.actor == nobody {
		owners, most = []string{nobody, nobody + " of " + network}, []int{kindsOfNobody, kindsOfNetwork}
	}
	for i, owner := range owners {
		if f.told[owner] >= most[i] {
			f.fold(k)
			return
		}
	}
	for _, owner := range owners {
		f.told[owner]++
	}
	f.kinds[k] = &folded{since: time.Now(), owners: owners}
	f.news = append(f.news, row)
}

// others is the route of the row that tells how many were not told apart.
const others = "*"

// fold counts one that is not told apart: for its actor, in the project whose
// administrators read of it unless these are too many, too.
func (f *refusals) fold(k refusal) {
	rest := refusal{actor: k.actor, project: k.project, action: "refused", route: others, code: "folded"}
	owner := "the rest of " + k.actor
	if f.kinds[rest] == nil && f.told[owner] >= kindsOfActor {
		rest.project, owner = access.Everywhere, owner+" everywhere"
	}
	if f.kinds[rest] == nil {
		f.told[owner]++
		f.kinds[rest] = &folded{since: time.Now(), owners: []string{owner}}
	}
	f.kinds[rest].more++
}

// take gives the rows of what is new and of what was counted for a minute, or
// of all that was counted, and begins another minute for these.
func (f *refusals) take(all bool) []catalog.Act {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.news
	f.news = nil
	for k, of := range f.kinds {
		age := time.Since(of.since)
		if age < foldFor && !all {
			continue
		}
		delete(f.kinds, k)
		for _, owner := range of.owners {
			if f.told[owner]--; f.told[owner] == 0 {
				delete(f.told, owner)
			}
		}
		if of.more > 0 {
			a := k.act()
			a.Detail = fmt.Sprintf("%d more in %d s", of.more, int(age.Seconds()))
			if k.route == others {
				a.Detail = fmt.Sprintf("%d of other kinds than those that are told apart, in %d s", of.more, int(age.Seconds()))
			}
			out = append(out, a)
		}
	}
	return out
}

// teller writes refusals down, what could not be written yet before what came since.
type teller struct {
	mu     sync.Mutex
	behind []catalog.Act
}

// tellRefusals writes down what is to be told by now, or all. It is the server's
// own act: the rows say whose the requests were.
func (s *Server) tellRefusals(all bool) {
	t := &s.teller
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.behind) == 0 || all { // else what comes meanwhile is counted
		t.behind = append(t.behind, s.refusals.take(all)...)
	}
	if len(t.behind) == 0 {
		return
	}
	if err := s.Catalog.Audit(context.Background(), t.behind...); err != nil {
		s.Log.Error("refusals cannot be put on record yet", "rows", len(t.behind), "error", err.Error())
		return
	}
	t.behind = nil
}

// RememberRefusals writes down who was turned away, again and again, until ctx
// ends, and then what is left.
func (s *Server) RememberRefusals(ctx context.Context) {
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.tellRefusals(false)
		case <-ctx.Done():
			s.tellRefusals(true)
			return
		}
	}
}
