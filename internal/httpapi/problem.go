package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/errs"

	"github.com/danielgtaylor/huma/v2"
)

// statusOf is the one table from kinds of errors to statuses.
var statusOf = map[errs.Kind]int{
	errs.Internal:       http.StatusInternalServerError,
	errs.Malformed:      http.StatusBadRequest,
	errs.Unauthorized:   http.StatusUnauthorized,
	errs.Forbidden:      http.StatusForbidden,
	errs.NotFound:       http.StatusNotFound,
	errs.BadMethod:      http.StatusMethodNotAllowed,
	errs.Timeout:        http.StatusRequestTimeout,
	errs.Gone:           http.StatusGone,
	errs.Conflict:       http.StatusConflict,
	errs.Unsupported:    http.StatusPreconditionFailed,
	errs.LengthRequired: http.StatusLengthRequired,
	errs.TooLarge:       http.StatusRequestEntityTooLarge,
	errs.BadMedia:       http.StatusUnsupportedMediaType,
	errs.BadRange:       http.StatusRequestedRangeNotSatisfiable,
	errs.Invalid:        http.StatusUnprocessableEntity,
	errs.TooMany:        http.StatusTooManyRequests,
	errs.HeaderTooBig:   http.StatusRequestHeaderFieldsTooLarge,
	errs.Unavailable:    http.StatusServiceUnavailable,
	errs.NoSpace:        http.StatusInsufficientStorage,
}

// problem is an error as the client gets it; internal ones are logged in full
// and shown as such.
func (s *Server) problem(ctx context.Context, err error) *api.Problem {
	info := requestFrom(ctx)
	var e *errs.Error
	if !errors.As(err, &e) || e.Kind == errs.Internal {
		if ctx.Err() != nil { // the client is gone, or we are
			e = errs.E(errs.Unavailable, "stopped", "the request was stopped")
		} else {
			info.cause = err
			e = errs.E(errs.Internal, "internal", "the server made a mistake").WithHint("the log has more under the request_id")
		}
	} else if e.Cause != nil {
		info.cause = err
	}
	e = asClientsTakeIt(info.path, e)
	info.code = e.Code
	p := info.problem(e)
	if e.RetryAfter > 0 {
		info.retryAfter = strconv.Itoa(int(e.RetryAfter.Seconds()))
	} else if e.Kind == errs.Unavailable || e.Kind == errs.NoSpace {
		info.retryAfter = "5"
	}
	if info.header != nil && e.Kind == errs.Unauthorized {
		info.header.Set("WWW-Authenticate", `Bearer realm="freshet"`)
	}
	if info.header != nil && info.retryAfter != "" {
		info.header.Set("Retry-After", info.retryAfter)
	}
	return p
}

// problem is an error that is shown as it is, but for keys that were sent in
// place of names.
func (info *requestInfo) problem(e *errs.Error) *api.Problem {
	return &api.Problem{Type: "about:blank", Title: http.StatusText(statusOf[e.Kind]), Status: statusOf[e.Kind], Detail: catalog.WithoutCredentials(e.Detail), Code: e.Code, Hint: catalog.WithoutCredentials(e.Hint), Instance: info.path, RequestID: info.id}
}

// fail answers a byte route with a problem.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	writeProblem(w, r, s.problem(r.Context(), err))
}

func writeProblem(w http.ResponseWriter, r *http.Request, p *api.Problem) {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // a struct of strings always encodes
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		w.Write(b)
	}
}

// unreadBody is what huma says of every body that it cannot read to its end.
const unreadBody = "cannot read request body"

// bodyFault is whose fault that was: the client's, which was too slow, went away,
// or framed it wrongly.
func bodyFault(faults []error) *errs.Error {
	var e *errs.Error
	if errors.As(errors.Join(faults...), &e) {
		return e
	}
	return errs.E(errs.Malformed, "body-cut-off", "the body broke off, or its framing is wrong").WithHint("send it again")
}

// newHumaError makes problems of what huma refuses by itself: wrong types, bodies too large.
func newHumaError(ctx huma.Context, status int, msg string, faults ...error) huma.StatusError {
	info := &requestInfo{}
	if ctx != nil {
		info = requestFrom(ctx.Context())
	}
	p := &api.Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: msg, Code: "invalid-request", Instance: info.path, RequestID: info.id}
	if status == http.StatusInternalServerError && msg == unreadBody {
		return info.problem(bodyFault(faults))
	}
	var details []string
	for _, f := range faults {
		if f == nil {
			continue
		}
		var d *huma.ErrorDetail
		if errors.As(f, &d) {
			details = append(details, strings.TrimPrefix(d.Location, "query.")+": "+d.Message)
			continue
		}
		details = append(details, f.Error())
	}
	if len(details) > 0 {
		p.Detail = catalog.WithoutCredentials(strings.Join(details, "; "))
	}
	if status >= 500 {
		info.cause = errors.Join(faults...)
		p.Code, p.Detail = "internal", "the server made a mistake"
	}
	return p
}
