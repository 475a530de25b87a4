package httpapi

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// admissions remembers who was let in, for the time in which the catalog cannot
// be asked: who looks why nothing works must get an answer.
type admissions struct {
	mu    sync.Mutex
	open  bool // there were no keys when it was asked last
	known map[string]admitted
}

type admitted struct {
	who     access.Identity
	session *catalog.Session
	at      time.Time
}

// rememberedFor is how long who was let in may ask for what works without the catalog.
const rememberedFor = 10 * time.Minute

// worksWithoutCatalog tells of requests that are answered though the catalog is
// down, and tell nothing of files.
func (s *Server) worksWithoutCatalog(r *http.Request, pattern string) bool {
	return r.Method == http.MethodGet && (r.URL.Path == "/data/efficient/health" || r.URL.Path == "/metrics") || s.console.routes[pattern]
}

// admit says who a request is from, or refuses it. The pattern is that of its
// route: what needs no key is told by it, rather than by how a path is written.
func (s *Server) admit(r *http.Request, info *requestInfo, origins *http.CrossOriginProtection, pattern string) error {
	if r.URL.Path == "/livez" || r.URL.Path == "/readyz" {
		return nil
	}
	if err := origins.Check(r); err != nil {
		return errs.E(errs.Forbidden, "cross-origin", "a page of another origin may not write here").WithHint("start the server with --cors-origin for it")
	}
	asksForSession := sessionRoutes[pattern]
	if asksForSession && r.Method != http.MethodGet && r.Method != http.MethodHead && !sameOrigin(r) {
		return errs.E(errs.Forbidden, "cross-origin", "only a page of this server may begin or end a session").WithHint("send Authorization: Bearer KEY with each request instead")
	}
	locked, err := s.locked(r, pattern)
	if err != nil {
		return err
	}
	if !locked && !isLoopback(r.Host) {
		return errs.E(errs.Forbidden, "host-not-allowed", "without keys only requests to a loopback name are answered, not to %q", r.Host).WithHint("freshet keys create makes a key")
	}
	if !locked && (!info.remote.IsLoopback() || forwarded(r)) {
		return errs.E(errs.Forbidden, "source-not-allowed", "without keys only this machine is answered, not what a proxy passes on").WithHint("freshet keys create makes a key")
	}
	if s.console.routes[pattern] {
		return nil // the same for everybody
	}
	if !locked {
		info.actor = "local"
		info.caller.Actor, info.caller.Grants = info.actor, access.Grants{access.Everywhere: access.Administrator}
		info.ended = func() bool {
			locked, err := s.locked(r, pattern)
			return err == nil && locked
		}
		return nil
	}
	if err := s.identify(r, info, pattern); err != nil && !(asksForSession && (errs.Is(err, errs.Unauthorized) || errs.Is(err, errs.TooMany))) {
		return err
	}
	return nil
}

// locked tells whether requests need a key, or a token.
func (s *Server) locked(r *http.Request, pattern string) (bool, error) {
	if s.Tokens != nil {
		return true, nil
	}
	has, err := s.Catalog.HasKeys(r.Context())
	a := &s.admissions
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		a.open = !has
		return has, nil
	}
	if s.worksWithoutCatalog(r, pattern) {
		return !a.open, nil
	}
	return true, err
}

// identify finds whose a request is: by the key that it brings, else by its
// session. One that brings a key, be it a wrong one, is never taken for the session's.
func (s *Server) identify(r *http.Request, info *requestInfo, pattern string) error {
	if sameOrigin(r) {
		info.cookie = sessionCookie(r, info.secure)
	}
	ctx := r.Context()
	var as, secret string
	var ask, again func() (admitted, error)
	given := r.Header.Values("Authorization")
	switch {
	case len(given) > 0:
		bearer, ok := strings.CutPrefix(given[0], "Bearer ")
		if secret = strings.TrimSpace(bearer); !ok || secret == "" {
			return noKey()
		}
		as, ask = "key "+catalog.HashKey(secret), func() (admitted, error) {
			who, err := s.authenticate(ctx, secret)
			return admitted{who: who}, err
		}
		again = ask
	case info.cookie != "":
		session := func(find func(context.Context, string) (catalog.Session, error)) func() (admitted, error) {
			return func() (admitted, error) {
				n, err := find(ctx, info.cookie)
				return admitted{who: n.Who, session: &n}, err
			}
		}
		as, ask = "session "+catalog.HashKey(info.cookie), session(s.Catalog.UseSession)
		again = session(s.Catalog.Session) // a stream that is open is no use of it
	default:
		return noKey()
	}
	who, err := s.recall(r, pattern, as, ask)
	if errs.Is(err, errs.Unauthorized) {
		err = s.failed(info, secret, err)
	}
	if err != nil {
		return err
	}
	info.ended = func() bool {
		_, err := s.recall(r, pattern, as, again)
		return errs.Is(err, errs.Unauthorized)
	}
	info.be(&who.who, who.session)
	return nil
}

// authenticate finds who a key or a token stands for.
func (s *Server) authenticate(ctx context.Context, secret string) (access.Identity, error) {
	if s.Tokens != nil && strings.Count(secret, ".") == 2 {
		return s.Tokens(ctx, secret)
	}
	if access.Mistyped(secret) {
		return access.Identity{}, errs.E(errs.Unauthorized, "bad-key", "the key was mistyped or cut off: its checksum does not fit").WithHint("copy all of it, from fsh_ on")
	}
	k, err := s.Catalog.Authenticate(ctx, secret)
	return k.Identity(), err
}

// be has a request be somebody's.
func (info *requestInfo) be(who *access.Identity, session *catalog.Session) {
	info.actor, info.who, info.session = who.Actor, who, session
	c := info.caller
	c.Actor, c.Grants, c.Scopes = who.Actor, who.Grants, who.Scopes
}

func noKey() error {
	return errs.E(errs.Unauthorized, "no-key", "the request has no key").WithHint("send Authorization: Bearer KEY")
}

// recall asks the catalog, or where it is down what it said before.
func (s *Server) recall(r *http.Request, pattern, as string, ask func() (admitted, error)) (admitted, error) {
	who, err := ask()
	a := &s.admissions
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err == nil:
		if a.known == nil || len(a.known) > 1000 {
			a.known = map[string]admitted{}
		}
		who.at = time.Now()
		a.known[as] = who
	case errs.Is(err, errs.Unauthorized):
		delete(a.known, as)
	case s.worksWithoutCatalog(r, pattern):
		if was, ok := a.known[as]; ok && time.Since(was.at) < rememberedFor {
			return was, nil
		}
	}
	return who, err
}

// isLoopback tells whether a Host header names this machine by a loopback name,
// so that no web page can reach the server through a name of its own.
func isLoopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(strings.ToLower(host), "[]")
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
