package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"freshet/internal/blob"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are those for Prometheus, all named freshet_….
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	uploads  *prometheus.CounterVec
	bytes    prometheus.Counter
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "freshet_http_request_duration_seconds", Help: "Time to answer, by route and status.",
			Buckets: []float64{.001, .005, .02, .1, .5, 2, 10, 60, 600}}, []string{"method", "route", "status"}),
		uploads: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "freshet_uploads_total", Help: "Uploads that ended, by result."}, []string{"result"}),
		bytes:   prometheus.NewCounter(prometheus.CounterOpts{Name: "freshet_uploaded_bytes_total", Help: "Bytes of uploads that succeeded."}),
	}
	m.registry.MustRegister(m.requests, m.uploads, m.bytes, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &state{s})
	return m
}

func (m *metrics) request(method, pattern string, status int, d time.Duration) {
	if pattern == "" {
		pattern = "none" // an unknown path must not make a label
	}
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
	default:
		method = "other"
	}
	m.requests.WithLabelValues(method, pattern, strconv.Itoa(status)).Observe(d.Seconds())
}

func (m *metrics) upload(ok bool, size int64) {
	if !ok {
		m.uploads.WithLabelValues("failed").Inc()
		return
	}
	m.uploads.WithLabelValues("ok").Inc()
	m.bytes.Add(float64(size))
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// state reads gauges from the catalog and the board when they are asked for.
type state struct{ server *Server }

var (
	filesDesc = prometheus.NewDesc("freshet_files", "Files by status and type.", []string{"status", "data_type"}, nil)
	sizeDesc  = prometheus.NewDesc("freshet_files_bytes", "Bytes of files by status and type.", []string{"status", "data_type"}, nil)
	liveDesc  = prometheus.NewDesc("freshet_live_uploads", "Uploads and checks under way in this process.", nil, nil)
	freeDesc  = prometheus.NewDesc("freshet_storage_free_bytes", "Bytes that may still be stored.", nil, nil)
	openDesc  = prometheus.NewDesc("freshet_connections", "Connections that are open.", nil, nil)
	overDesc  = prometheus.NewDesc("freshet_connections_refused_total", "Connections that were over a bound.", nil, nil)
	upDesc    = prometheus.NewDesc("freshet_component_up", "1 while a dependency answers.", []string{"component"}, nil)
)

// Describe implements prometheus.Collector.
func (*state) Describe(c chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{filesDesc, sizeDesc, liveDesc, freeDesc, openDesc, overDesc, upDesc} {
		c <- d
	}
}

// Collect implements prometheus.Collector.
func (st *state) Collect(c chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), probeTime)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		c <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	up := func(name string, err error) {
		v := 1.0
		if err != nil {
			v = 0
		}
		gauge(upDesc, v, name)
	}
	open, refused := st.server.Connections()
	gauge(openDesc, float64(open))
	c <- prometheus.MustNewConstMetric(overDesc, prometheus.CounterValue, float64(refused))
	counters, err := st.server.Catalog.Counters(ctx, "")
	up("catalog", err)
	for _, k := range counters {
		gauge(filesDesc, float64(k.Files), string(k.Status), k.DataType)
		gauge(sizeDesc, float64(k.Bytes), string(k.Status), k.DataType)
	}
	gauge(liveDesc, float64(len(st.server.Board.Here())))
	free, err := st.server.Blobs.Free(ctx)
	up("storage", blob.Reach(ctx, st.server.Blobs))
	up("audit", st.server.Audit.Err(ctx))
	if c := st.server.Checks.Scanner; c != nil {
		var away error
		if state := c.State(); !state.Up {
			away = errors.New(state.Reason)
		}
		up("scanner", away)
	}
	if err == nil && free >= 0 {
		gauge(freeDesc, float64(free))
	}
}
