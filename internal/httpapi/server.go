// Package httpapi is the edge: it parses a request, calls one service, and
// answers. One file per part of the API; one table from kinds of errors to
// statuses (problem.go).
//
// JSON routes are described and checked by huma, byte routes are plain
// handlers; all are in the OpenAPI document.
package httpapi

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"freshet/internal/access"
	"freshet/internal/audit"
	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/live"
	"freshet/internal/promote"
	"freshet/internal/upload"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"golang.org/x/time/rate"
)

// Prefix is where the guide's API begins.
const Prefix = "/data/efficient"

// Settings are those of the edge.
type Settings struct {
	CORSOrigins     []string
	MinRate         int64 // bytes a second
	Stall           time.Duration
	MaxFileSize     int64
	MaxFindings     int64
	FailedAfter     time.Duration
	AbandonedAfter  time.Duration
	DeprecatedAfter time.Duration
	Manual          bool
	MemoryBudget    int64
	PartSize        int64
	MaxWorkers      int
	MaxOpenUploads  int64
	Version         string
	KeyRequests     int            // a second, of one key; 0: any number
	KeyRate         int64          // bytes a second, of one key; 0: as they come
	Proxies         []netip.Prefix // who may say from whom a request is
	MetricsApart    bool           // /metrics is at the admin address only
}

// Server answers HTTP requests.
type Server struct {
	Catalog  *catalog.Store
	Blobs    blob.Store
	Uploads  *upload.Service
	Checks   *check.Service
	Promoter *promote.Promoter
	Board    *live.Board
	Audit    *audit.Log
	Settings Settings
	Log      *slog.Logger

	// Console is the files of the browser console, index.html among them.
	Console fs.FS

	// Tokens, unless nil, finds who a token of an identity provider stands for.
	Tokens func(context.Context, string) (access.Identity, error)
	// Connections tells how many are open and how many were refused.
	Connections func() (open int, refused int64)

	// Ready tells whether the server takes work; its error says what is missing.
	Ready func(context.Context) error

	events     *broker
	flights    flights
	refusals   refusals
	teller     teller
	metrics    *metrics
	admissions admissions
	console    console
	failures   *buckets // sign-ins that failed
	requests   *buckets // of a key; nil: they are not limited
	bytes      *buckets // of a key; nil: they are not limited
	api        huma.API
}

// Handler builds the routes.
func (s *Server) Handler() http.Handler {
	s.events = newBroker()
	s.metrics = newMetrics(s)
	s.failures = newBuckets(rate.Every(failureEvery), failuresAtOnce)
	if n := s.Settings.KeyRequests; n > 0 {
		s.requests = newBuckets(rate.Limit(n), max(2*n, 10))
	}
	if n := s.Settings.KeyRate; n > 0 {
		s.bytes = newBuckets(rate.Limit(n), int(max(n, paceMost)))
	}
	s.Catalog.Notify(s.events.step)
	mux := http.NewServeMux()
	s.api = humago.New(mux, s.document())
	s.fileRoutes()
	s.actionRoutes()
	s.ruleSetRoutes()
	s.previewRoute()
	s.partRoutes()
	s.serverRoutes()
	s.sessionRoutes()
	s.keyRoutes()
	s.projectRoutes()
	s.retentionRoutes()
	s.certificateRoute()
	s.byteRoutes(mux)
	s.docRoutes(mux)
	s.console.serve(mux, s.Console)
	return s.middleware(mux)
}

// Drain refuses new requests but those that ask for the server's state, and
// returns when the ones under way are answered, or ctx ends.
func (s *Server) Drain(ctx context.Context) {
	s.events.close()
	select {
	case <-s.flights.drain():
	case <-ctx.Done():
	}
}

// handle registers a JSON route: what f returns as an error becomes a problem.
func handle[I, O any](s *Server, op huma.Operation, f func(context.Context, *I) (*O, error)) {
	op.Path = Prefix + op.Path
	op.MaxBodyBytes = maxJSONBody
	op.BodyReadTimeout = -1 // the body is paced, see middleware; a deadline here would outlast the body
	op.Errors = append(op.Errors, http.StatusUnprocessableEntity, http.StatusServiceUnavailable)
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
}

const maxJSONBody = 1 << 20

// body is an answer with a JSON body.
type body[T any] struct{ Body T }

// FileParam is the path parameter of most routes.
type FileParam struct {
	FileID string `path:"file_id" maxLength:"200" doc:"file_ and 32 hexadecimal digits, or an alias"`
}
