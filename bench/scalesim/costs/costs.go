// Package costs is what the measure "costs" of bench/run writes and scalesim
// reads: what one unit of work takes, with everything fixed taken off.
package costs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// Work is what one unit takes of each station. It may be slightly negative
// where a cost is lost in the noise of the machine.
type Work struct {
	NodeMS       float64 `json:"node_cpu_ms"`
	PostgresMS   float64 `json:"postgres_cpu_ms"`
	BucketMS     float64 `json:"bucket_cpu_ms"` // of MinIO
	WALBytes     float64 `json:"wal_bytes"`
	Transactions float64 `json:"transactions"` // pg_stat_database.xact_commit: reading ones, too
	Writes       float64 `json:"writes"`       // those that got an id, which write and sync
	Events       float64 `json:"events"`       // rows of history, whose transactions commit one after the other
}

// Table is what a file leaves in one table.
type Table struct {
	Rows  float64 `json:"rows"`
	Bytes float64 `json:"bytes"` // indexes included
	Index float64 `json:"index_bytes"`
}

// Costs are the figures of one run on one machine.
type Costs struct {
	Machine string `json:"machine"`
	Fsync   string `json:"fsync"`

	IdlePerSecond Work `json:"idle_node_second"` // of one node with nothing to do
	GiB           Work `json:"gib"`              // 64 MiB parts, without their rows
	Upload        Work `json:"upload"`           // a form of 4 KiB, to the answer
	UploadParts   Work `json:"upload_by_parts"`  // 4 KiB by the protocol of parts, its one part included
	Part          Work `json:"part"`
	Recheck       Work `json:"recheck"`  // a job with work: a small file checked again
	Backstop      Work `json:"backstop"` // a job that finds everything done

	PeakRSS         int64              `json:"peak_rss_bytes"`
	UploadP50MS     float64            `json:"upload_p50_ms"`
	UploadP95MS     float64            `json:"upload_p95_ms"`
	JobsPerUpload   float64            `json:"jobs_per_upload"`
	Requests        map[string]float64 `json:"s3_requests_per_upload"` // of a form of 4 KiB
	RequestsPerPart map[string]float64 `json:"s3_requests_per_part"`
	Tables          map[string]Table   `json:"tables_per_file"`

	Most Most `json:"most"`
}

// Most is how fast one Postgres takes the uploads of one node, and commits.
type Most struct {
	UploadsPerSecond float64            `json:"uploads_per_second"`
	NodeCores        float64            `json:"node_cores"` // in use meanwhile
	PostgresCores    float64            `json:"postgres_cores"`
	BucketCores      float64            `json:"bucket_cores"`
	Waits            map[string]float64 `json:"active_sessions"` // by what they wait for, on average

	SerialMS         float64 `json:"serial_commit_ms"`           // one session, one row
	PlainPerSecond   float64 `json:"plain_commits_per_second"`   // 16 sessions, a row without order each
	OrderedPerSecond float64 `json:"ordered_commits_per_second"` // 16 sessions, a row of history each
	ParallelSessions int     `json:"parallel_sessions"`          // of the two above
	UploadsAtOnce    int     `json:"uploads_at_once"`            // of uploads_per_second
}

// Read reads a file that the measure wrote; a key that is not known is an error.
func Read(path string) (*Costs, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(b)
}

// Parse reads what is in such a file.
func Parse(b []byte) (*Costs, error) {
	c := &Costs{}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		return nil, fmt.Errorf("read the costs: %w", err)
	}
	if c.Upload.Writes <= 0 || c.Most.OrderedPerSecond <= 0 {
		return nil, fmt.Errorf("read the costs: figures are missing")
	}
	return c, nil
}

// Write writes the file.
func (c *Costs) Write(path string) error {
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}

// Minus is what is left of w without n units of v.
func (w Work) Minus(v Work, n float64) Work { return w.Plus(v, -n) }

// Plus is w and n units of v.
func (w Work) Plus(v Work, n float64) Work {
	return Work{
		NodeMS: w.NodeMS + n*v.NodeMS, PostgresMS: w.PostgresMS + n*v.PostgresMS, BucketMS: w.BucketMS + n*v.BucketMS,
		WALBytes: w.WALBytes + n*v.WALBytes, Transactions: w.Transactions + n*v.Transactions, Writes: w.Writes + n*v.Writes, Events: w.Events + n*v.Events,
	}
}

// Per is w for one of n.
func (w Work) Per(n float64) Work { return Work{}.Plus(w, 1/n) }
