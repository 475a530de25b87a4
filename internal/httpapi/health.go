package httpapi

import (
	"context"
	"net/http"
	"time"

	"freshet/api"
	"freshet/internal/access"
	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/rule"
	"freshet/internal/upload"
	"freshet/internal/validate"

	"github.com/danielgtaylor/huma/v2"
)

// serverRoutes tell of the server itself.
func (s *Server) serverRoutes() {
	tag := []string{"server"}
	handle(s, huma.Operation{OperationID: "health", Method: http.MethodGet, Path: "/health", Summary: "State of the server and of what it depends on", Tags: tag},
		func(ctx context.Context, _ *struct{}) (*body[api.Health], error) {
			return &body[api.Health]{s.health(ctx)}, nil
		})
	handle(s, huma.Operation{OperationID: "metrics", Method: http.MethodGet, Path: "/metrics", Summary: "Figures as the guide's clients read them", Tags: tag},
		func(ctx context.Context, _ *struct{}) (*body[api.Metrics], error) {
			m, err := s.figures(ctx)
			return &body[api.Metrics]{m}, err
		})
	handle(s, huma.Operation{OperationID: "limits", Method: http.MethodGet, Path: "/limits", Summary: "The limits in force", Tags: tag},
		func(ctx context.Context, _ *struct{}) (*body[api.Limits], error) {
			l, err := s.limits(ctx)
			return &body[api.Limits]{l}, err
		})
}

// probeTime is how long a dependency may take to answer before it counts as down.
const probeTime = 2 * time.Second

func (s *Server) health(ctx context.Context) api.Health {
	h := api.Health{Status: "healthy", MaxWorkers: s.Settings.MaxWorkers, ChunkSize: upload.PartSize(0, s.Settings.PartSize), Version: s.Settings.Version, Components: map[string]api.Component{}}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	check := func(name, works string, err error) {
		c := api.Component{Status: "up"}
		if err != nil {
			h.Status = "degraded"
			c = api.Component{Status: "down", Detail: works}
			s.Log.Warn("component is down", "component", name, "error", err.Error())
		}
		h.Components[name] = c
	}
	counters, err := s.counters(ctx)
	if err == nil {
		err = s.Catalog.Ping(ctx)
	}
	check("catalog", "no request that needs facts is answered; nothing acknowledged is lost", err)
	for _, c := range counters {
		h.TotalFiles += c.Files
		switch c.Status {
		case catalog.Fresh:
			h.FreshFiles += c.Files
		case catalog.Failed:
			h.FailedUploads += c.Files
		case catalog.Uploading:
			h.ActiveUploads += c.Files
		}
	}
	free, err := s.Blobs.Free(ctx)
	if err == nil {
		err = blob.Reach(ctx, s.Blobs)
	}
	if c := s.Checks.Scanner; c != nil {
		h.Components["scanner"] = api.Component{Status: "up", Detail: c.State().Version}
		if state := c.State(); !state.Up {
			h.Status = "degraded"
			h.Components["scanner"] = api.Component{Status: "down", Detail: "files that passed wait in processing, and are scanned by themselves: " + state.Reason + "; " + state.Hint}
		}
	}
	check("storage", "files are neither taken nor given; lists and reports work", err)
	if err == nil && free == 0 {
		h.Status = "degraded"
		h.Components["space"] = api.Component{Status: "down", Detail: "the storage is almost full: new files are refused, all else works"}
	}
	check("audit", "what is done is on record, but is not signed; see the log, and freshet audit verify", s.Audit.Err(ctx))
	return h
}

func (s *Server) figures(ctx context.Context) (api.Metrics, error) {
	m := api.Metrics{ByStatus: map[string]int64{}, ByType: map[string]int64{}}
	counters, err := s.Catalog.Counters(ctx, access.Project(ctx))
	if err != nil {
		return m, err
	}
	for _, c := range counters {
		m.TotalUploads += c.Files
		m.TotalSize += c.Bytes
		m.ByStatus[string(c.Status)] += c.Files
		m.ByType[c.DataType] += c.Files
		switch c.Status {
		case catalog.Fresh, catalog.Used, catalog.Archived, catalog.Deprecated:
			m.SuccessfulUploads += c.Files
		case catalog.Failed:
			m.FailedUploads += c.Files
		}
	}
	if m.TotalUploads > 0 {
		m.AverageFileSize = float64(m.TotalSize) / float64(m.TotalUploads)
	}
	return m, nil
}

func (s *Server) limits(ctx context.Context) (api.Limits, error) {
	set := &s.Settings
	l := api.Limits{
		MaxRecordBytes: rule.DefaultMaxRecordBytes, LargestRecordBytes: rule.LargestMaxRecordBytes, MaxHeaderBytes: maxHeaderBytes, MaxFieldBytes: maxField,
		MaxFindings: set.MaxFindings, ShownFindings: validate.ShownFindings, MaxParts: upload.MaxParts, Formats: rule.Formats, Schemas: rule.Schemas,
		DataTypes: []string{"sample", "red_team", "combined", "custom", "model_specific"}, MinBytesPerSecond: set.MinRate, StallSeconds: int64(set.Stall.Seconds()),
		FailedFileHours: set.FailedAfter.Hours(), AbandonedUploadHours: set.AbandonedAfter.Hours(), ManualPromotion: set.Manual, MemoryBudget: set.MemoryBudget, MaxConcurrentUploads: set.MemoryBudget / upload.StreamMemory,
		MaxOpenUploads: set.MaxOpenUploads, RequestsPerSecond: int64(set.KeyRequests), BytesPerSecond: set.KeyRate, MinPartSize: s.Uploads.SmallestPart(), MaxPartSize: upload.MaxPartSize,
	}
	l.Scanned, l.ContentPolicy, l.ServerPolicy = s.Checks.Scanner != nil, map[string]string{}, map[string]string{}
	if err := s.limitsOfProject(ctx, &l); err != nil {
		return l, err
	}
	if l.MaxFindings == 0 {
		l.MaxFindings = validate.DefaultMaxFindings
	}
	if set.MaxFileSize > 0 {
		l.MaxFileSize = &set.MaxFileSize
	}
	if set.DeprecatedAfter > 0 {
		h := set.DeprecatedAfter.Hours()
		l.DeprecatedFileHours = &h
	}
	below := func(n int64) *int64 { return &n }
	if set.PartSize > 0 {
		l.PartSizes = []api.PartTop{{PartSize: set.PartSize}}
	} else {
		l.PartSizes = []api.PartTop{{Below: below(100 << 20), PartSize: upload.SmallPart}, {Below: below(1 << 30), PartSize: upload.MediumPart}, {PartSize: upload.LargePart}}
	}
	free, err := s.Blobs.Free(ctx)
	if err != nil {
		return l, err
	}
	if free >= 0 {
		l.FreeBytes = &free
	}
	counters, err := s.counters(ctx)
	for _, c := range counters {
		if c.Status != catalog.Uploading {
			l.StoredBytes += c.Bytes
		}
	}
	return l, err
}

// counters are those of the project in which is asked; of one that the caller may
// not read, none.
func (s *Server) counters(ctx context.Context) ([]catalog.Counter, error) {
	project := access.Project(ctx)
	if !access.From(ctx).May(project, access.Read) {
		return nil, nil
	}
	return s.Catalog.Counters(ctx, project)
}

// limitsOfProject adds those of the project in which is asked, if the caller has
// a role there.
func (s *Server) limitsOfProject(ctx context.Context, l *api.Limits) error {
	name := access.Project(ctx)
	if !access.From(ctx).Sees(name) {
		return nil
	}
	p, err := s.Catalog.Project(ctx, name)
	if err != nil {
		return err
	}
	of, err := s.project(ctx, &p)
	if err != nil {
		return err
	}
	policy, err := s.Checks.PolicyOf(ctx, name)
	for rule, action := range policy {
		l.ContentPolicy[rule] = string(action)
	}
	for rule, action := range s.Checks.Policy {
		l.ServerPolicy[rule] = string(action)
	}
	l.Project = &of
	return err
}

// ready answers /readyz.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), probeTime)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		w.Header().Set("Retry-After", "1")
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}
