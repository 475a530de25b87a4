package httpapi

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"

	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// requestInfo is what is known of a request besides the request.
type requestInfo struct {
	id         string
	path       string
	pattern    string // of its route, empty where there is none
	actor      string
	caller     *access.Caller   // who asks, as facts are told
	who        *access.Identity // of whom it is, nil where it is nobody's
	session    *catalog.Session // in which it is asked, if it is
	cookie     string           // the session's secret, if it came and may count
	ended      func() bool      // tells, for answers that go on, whether it would be refused by now
	remote     netip.Addr       // of the client, as far as it is known
	secure     bool             // the client came by TLS
	header     http.Header      // of the answer
	retryAfter string
	cause      error                  // for the log
	code       string                 // of the problem that it is answered with
	unseen     atomic.Pointer[string] // project of an object that it asked for and does not see
	fileID     string
}

type requestKey struct{}

func requestFrom(ctx context.Context) *requestInfo {
	if info, ok := ctx.Value(requestKey{}).(*requestInfo); ok {
		return info
	}
	return &requestInfo{actor: "system"}
}

func actor(ctx context.Context) string { return requestFrom(ctx).actor }

// middleware is what every request passes, from the outside in: an id and a log
// line, limits of the header, who it is, where it may come from, and problems
// instead of plain text for unknown routes.
func (s *Server) middleware(mux *http.ServeMux) http.Handler {
	origins := http.NewCrossOriginProtection()
	for _, o := range s.Settings.CORSOrigins {
		if err := origins.AddTrustedOrigin(o); err != nil {
			panic(err) // the configuration was checked
		}
	}
	return s.logged(func(rec *recorder, r *http.Request, info *requestInfo) {
		if r.Header.Get("Tus-Resumable") != "" { // its clients want it with every answer, refusals included
			rec.Header().Set("Tus-Resumable", tusVersion)
		}
		if len(r.TransferEncoding) > 0 {
			// what both a length and chunks claimed may hide a second request
			rec.Header().Set("Connection", "close")
		}
		if err := checkHead(r); err != nil {
			s.refuseHead(rec, r, mux, err)
			return
		}
		if s.cors(rec, r) {
			return
		}
		if probe := r.URL.Path == "/livez" || r.URL.Path == "/readyz"; !probe {
			if !s.flights.enter() {
				rec.Header().Set("Connection", "close")
				s.turnAway(rec, r, errs.E(errs.Unavailable, "stopping", "the server is stopping").WithHint("try again in a moment"))
				return
			}
			defer s.flights.leave()
		}
		h, pattern := mux.Handler(r)
		info.pattern = pattern
		err := s.admit(r, info, origins, pattern)
		if err == nil {
			err = s.limit(info)
		}
		if err == nil {
			err = s.permit(r, info.caller, pattern)
		}
		if err != nil {
			if pattern == "" && errs.Is(err, errs.Unauthorized) && s.console.nothingHere(rec, r) {
				return
			}
			s.turnAway(rec, r, err)
			return
		}
		r.Body = &pacedReader{s.paced(rec, r), r.Body}
		rec.pace, rec.ctx = s.pace(info), r.Context()
		if pattern == "" {
			s.noRoute(rec, r, h)
			return
		}
		mux.ServeHTTP(rec, r)
	})
}

// turnAway refuses a request before it is looked at.
func (s *Server) turnAway(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problem(r.Context(), err)
	if strings.HasPrefix(r.URL.Path, tusPath) {
		adapt(w, r, p)
	}
	writeProblem(w, r, p)
}

// Headers that pages of other origins may read and send.
const (
	exposed = "Accept-Patch, Content-Disposition, Content-Length, Content-Range, ETag, Location, Repr-Digest, Retry-After, X-File-Id, X-Record-Count, X-Request-Id, " +
		"Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, " +
		"Upload-Complete, Upload-Concat, Upload-Defer-Length, Upload-Draft-Interop-Version, Upload-Expires, Upload-Length, Upload-Limit, Upload-Metadata, Upload-Offset"
	allowed = "Authorization, Content-Digest, Content-Disposition, Content-Type, Idempotency-Key, If-None-Match, If-Range, Last-Event-ID, Range, Repr-Digest, " +
		"Tus-Resumable, Upload-Checksum, Upload-Complete, Upload-Concat, Upload-Defer-Length, Upload-Draft-Interop-Version, Upload-Length, Upload-Metadata, Upload-Offset, " +
		"X-Checksum-Crc32, X-Checksum-Crc64nvme, X-File-Id, X-Http-Method-Override, X-Project, X-Request-Id, X-Requested-With"
)

// cors answers preflights and lets listed origins read. It returns true when
// the request is answered.
func (s *Server) cors(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if len(s.Settings.CORSOrigins) > 0 {
		w.Header().Add("Vary", "Origin")
	}
	if origin == "" || !slices.Contains(s.Settings.CORSOrigins, origin) {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", exposed)
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
	h.Set("Access-Control-Allow-Headers", allowed)
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// noRoute makes a problem of the plain text that the multiplexer would send.
func (s *Server) noRoute(w http.ResponseWriter, r *http.Request, h http.Handler) {
	probe := &prober{header: http.Header{}}
	h.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.header.Get("Allow"))
		s.fail(w, r, errs.E(errs.BadMethod, "method-not-allowed", "%s is not possible here; %s is", r.Method, probe.header.Get("Allow")))
		return
	}
	if s.console.nothingHere(w, r) {
		return
	}
	s.fail(w, r, errs.E(errs.NotFound, "unknown-route", "there is nothing at %s", requestFrom(r.Context()).path).WithHint("GET /docs lists what there is"))
}

// problems makes problems of the plain-text refusals of handlers that are not
// ours. Before they give anything, that is before 200 or 206, give, unless nil, is
// asked whether they may.
func (s *Server) problems(w http.ResponseWriter, r *http.Request, give func(status int, h http.Header) error) http.ResponseWriter {
	return &translator{ResponseWriter: w, server: s, request: r, give: give}
}

type translator struct {
	http.ResponseWriter
	server  *Server
	request *http.Request
	give    func(status int, h http.Header) error
	refused bool
}

// errRefused ends who would go on to write what is not wanted.
var errRefused = errors.New("the request was refused")

func (t *translator) WriteHeader(status int) {
	var e error
	switch status {
	case http.StatusNotFound:
		e = errs.E(errs.NotFound, "unknown-route", "there is nothing at %s", requestFrom(t.request.Context()).path)
	case http.StatusRequestedRangeNotSatisfiable:
		e = errs.E(errs.BadRange, "bad-range", "the range %q lies outside the file", t.request.Header.Get("Range"))
	case http.StatusOK, http.StatusPartialContent:
		if t.give != nil {
			e = t.give(status, t.Header())
		}
		if e != nil {
			t.Header().Del("Content-Range")
		}
	}
	if e == nil {
		t.ResponseWriter.WriteHeader(status)
		return
	}
	t.refused = true
	for _, h := range []string{"Content-Disposition", "ETag", "Repr-Digest", "Last-Modified"} {
		t.Header().Del(h)
	}
	t.server.fail(t.ResponseWriter, t.request, e)
}

func (t *translator) Write(b []byte) (int, error) {
	if t.refused {
		return 0, errRefused
	}
	return t.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach what is underneath.
func (t *translator) Unwrap() http.ResponseWriter { return t.ResponseWriter }

type prober struct {
	header http.Header
	status int
}

func (p *prober) Header() http.Header         { return p.header }
func (p *prober) Write(b []byte) (int, error) { return len(b), nil }
func (p *prober) WriteHeader(status int)      { p.status = status }
