package httpapi

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// logged is what requests at every address pass first: an id, what headers say
// of the answer, a line in the log, and a problem for what a handler did wrong.
func (s *Server) logged(next func(*recorder, *http.Request, *requestInfo)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := &requestInfo{id: rand.Text()[:16], path: r.URL.EscapedPath(), actor: "anonymous", header: w.Header()}
		if info.path == "" { // CONNECT names no path
			info.path = "/"
		}
		info.remote, info.secure = s.client(r)
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, info))
		rec := &recorder{ResponseWriter: w}
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
			s.logRequest(r, rec, info, info.pattern, start)
		}()
		rec.Header().Set("X-Request-Id", info.id)
		harden(rec.Header(), r, info.secure)
		next(rec, r, info)
	})
}

// recorder knows what was answered, for the log.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
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
		attrs = append(attrs, "error", info.cause.Error())
	}
	s.Log.Log(r.Context(), level, "request", attrs...)
}
