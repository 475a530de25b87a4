package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"freshet/internal/access"
	"freshet/internal/catalog"

	"golang.org/x/time/rate"
)

// logged is what requests at every address pass first: an id, what headers say
// of the answer, a line in the log, and a problem for what a handler did wrong.
func (s *Server) logged(next func(*recorder, *http.Request, *requestInfo)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := &requestInfo{id: rand.Text()[:16], path: shownPath(r.URL), actor: nobody, header: w.Header()}
		if info.path == "" { // CONNECT names no path
			info.path = "/"
		}
		info.remote, info.secure = s.client(r)
		info.caller = &access.Caller{Actor: info.actor, Source: info.remote.String(), Request: info.id, Unseen: func(project string) { info.unseen.Store(&project) }}
		r = r.WithContext(access.With(context.WithValue(r.Context(), requestKey{}, info), info.caller))
		rec := &recorder{ResponseWriter: w, patience: s.patience, control: http.NewResponseController(w)}
		rec.control.SetWriteDeadline(time.Time{}) // what the answer before on this connection left
		start := time.Now()
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					panic(v)
				}
				info.cause = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
				if rec.status == 0 {
					s.fail(rec, r, info.cause)
				}
			}
			s.rememberRefusal(r, info, info.pattern, rec.status)
			s.logRequest(r, rec, info, info.pattern, start)
		}()
		rec.Header().Set("X-Request-Id", info.id)
		harden(rec.Header(), r, info.secure)
		if r.Method == http.MethodOptions && r.RequestURI == "*" { // of the server as a whole: it lives
			rec.WriteHeader(http.StatusOK)
			return
		}
		next(rec, r, info)
	})
}

// shownPath is the path of a request as it is logged, answered and put on record:
// without keys and secrets of sessions, whatever way they are written in it.
func shownPath(u *url.URL) string {
	segments := strings.Split(catalog.WithoutCredentials(u.Path), "/")
	for i, name := range segments {
		if ofSession(name) {
			segments[i] = "[secret]"
		}
	}
	if shown := strings.Join(segments, "/"); shown != u.Path {
		return brackets.Replace((&url.URL{Path: shown}).EscapedPath())
	}
	return u.EscapedPath()
}

var brackets = strings.NewReplacer("%5B", "[", "%5D", "]")

// ofSession tells whether a name looks like the secret of a session: 32 random
// bytes in base64url, among which digits and letters of both cases are.
func ofSession(name string) bool {
	b, err := base64.RawURLEncoding.DecodeString(name)
	return err == nil && len(b) == 32 && strings.ContainsAny(name, "0123456789") && strings.ToLower(name) != name && strings.ToUpper(name) != name
}

// recorder knows what was answered, for the log, and gives up on a client that
// does not take the answer: it would hold what is open for it for ever.
type recorder struct {
	http.ResponseWriter
	status   int
	bytes    int64
	patience func(n int) time.Duration
	control  *http.ResponseController
	own      bool            // the handler sets deadlines itself
	pace     *rate.Limiter   // nil: as fast as the client takes it
	ctx      context.Context // of the request
}

// patience is how long a client may take for n bytes of an answer.
func (s *Server) patience(n int) time.Duration {
	d := s.Settings.Stall
	if rate := s.Settings.MinRate; rate > 0 {
		d += time.Duration(n) * time.Second / time.Duration(rate)
	}
	return d
}

// SetWriteDeadline is for handlers that know better.
func (r *recorder) SetWriteDeadline(t time.Time) error {
	r.own = true
	return r.control.SetWriteDeadline(t)
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	if err := slow(r.ctx, r.pace, len(b)); err != nil {
		return 0, err
	}
	if !r.own {
		if err := r.control.SetWriteDeadline(time.Now().Add(r.patience(len(b)))); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return 0, err
		}
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach deadlines and flushing.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (s *Server) logRequest(r *http.Request, rec *recorder, info *requestInfo, pattern string, start time.Time) {
	d := time.Since(start)
	s.metrics.request(r.Method, pattern, rec.status, d)
	level := slog.LevelInfo
	if rec.status >= 500 {
		level = slog.LevelError
	}
	if r.URL.Path == "/livez" || r.URL.Path == "/readyz" {
		level = slog.LevelDebug
	}
	attrs := []any{"request_id", info.id, "method", r.Method, "path", info.path, "status", rec.status, "bytes", rec.bytes, "seconds", d.Seconds(), "actor", info.actor, "remote", info.remote.String()}
	if info.fileID != "" {
		attrs = append(attrs, "file_id", info.fileID)
	}
	if info.cause != nil {
		attrs = append(attrs, "error", catalog.WithoutCredentials(info.cause.Error()))
	}
	s.Log.Log(r.Context(), level, "request", attrs...)
}
