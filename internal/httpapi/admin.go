package httpapi

import (
	"net/http"
	"net/http/pprof"

	"freshet/internal/errs"
)

// AdminHandler answers at an address of its own: metrics, and profiles of the
// process, which are nowhere else. Beyond loopback a key is needed as for all
// else; on loopback nothing, since who is there could read the process anyway.
// It is made after Handler.
func (s *Server) AdminHandler(needsKey bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.handler())
	mux.HandleFunc("GET /debug/pprof/", pprof.Index) // not cmdline: keys may be among the flags
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return s.logged(func(rec *recorder, r *http.Request, info *requestInfo) {
		h, pattern := mux.Handler(r)
		info.pattern = pattern
		err := checkHead(r)
		switch {
		case err != nil:
			s.refuseHead(rec, r, mux, err)
			return
		case needsKey:
			if err = s.admit(r, info, http.NewCrossOriginProtection(), pattern); err == nil {
				err = s.permit(r, info.caller, pattern)
			}
		case !isLoopback(r.Host) || !sameOrigin(r): // a web page is not who is meant
			err = errs.E(errs.Forbidden, "host-not-allowed", "the admin address answers to a loopback name only, not to %q", r.Host)
		}
		switch {
		case err != nil:
			s.turnAway(rec, r, err)
		case pattern == "":
			s.noRoute(rec, r, h)
		default:
			mux.ServeHTTP(rec, r)
		}
	})
}
