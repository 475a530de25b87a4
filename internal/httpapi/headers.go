package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"freshet/internal/errs"
)

// Of a header the edge takes so much; the fields of one that is smaller may
// still be many, and each costs more than its bytes.
const (
	maxHeaderBytes  = 64 << 10
	maxHeaderFields = 200
)

// answerPolicy is for answers that are no page: should a browser show one after
// all, a file with HTML in it among them, it runs nothing, loads nothing, and is
// of no origin.
const answerPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

// harden sets what every answer says to browsers. Pages have policies of their
// own in place of answerPolicy.
func harden(h http.Header, r *http.Request, secure bool) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
	h.Set("Content-Security-Policy", answerPolicy)
	// also with --cors-origin: what its pages ask for by CORS is not held to this
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if strings.HasPrefix(r.URL.Path, Prefix) {
		h.Set("Cache-Control", "no-store") // of who asks, and of this moment
	}
	if secure && !isLoopback(r.Host) { // "localhost" is the name of other programs, too
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// checkHead refuses what no client of ours sends, before it is looked at: large
// headers, and methods that no route has. TRACE would send back what it was sent.
func checkHead(r *http.Request) error {
	bytes, fields := len(r.RequestURI), 0
	for k, vs := range r.Header {
		for _, v := range vs {
			bytes += len(k) + len(v) + 4
			fields++
		}
	}
	switch {
	case bytes > maxHeaderBytes:
		return errs.E(errs.HeaderTooBig, "header-too-large", "the header is larger than %d bytes", maxHeaderBytes)
	case fields > maxHeaderFields:
		return errs.E(errs.HeaderTooBig, "too-many-headers", "the header has more than %d fields", maxHeaderFields)
	}
	if slices.Contains(methods, r.Method) {
		return nil
	}
	return errs.E(errs.BadMethod, "method-not-allowed", "%q is possible nowhere here", r.Method)
}

// refuseHead answers such a request. What it goes on to send is not read, so the
// connection ends with it.
func (s *Server) refuseHead(w http.ResponseWriter, r *http.Request, mux *http.ServeMux, err error) {
	if errs.Is(err, errs.BadMethod) {
		w.Header().Set("Allow", allows(mux, r))
	}
	w.Header().Set("Connection", "close")
	s.turnAway(w, r, err)
}

// methods are those that any route has.
var methods = []string{http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPatch, http.MethodPost, http.MethodPut}

// allows are the methods of a path; of one that is none, those of the server.
func allows(mux *http.ServeMux, r *http.Request) string {
	var these []string
	for _, m := range methods {
		as := *r
		as.Method = m
		if _, pattern := mux.Handler(&as); pattern != "" {
			these = append(these, m)
		}
	}
	if these == nil {
		these = methods
	}
	return strings.Join(these, ", ")
}
