package main

import (
	"math"
	"slices"

	"freshet/bench/scalesim/costs"
)

// params are the day and the machines.
type params struct {
	bytes, files, peak, sigma float64
	formBelow                 float64 // bytes; smaller files come as forms
	rechecks                  float64 // share of files that are checked once more
	nodeCores, nodeGbit       float64
	dbCores, dbWAL, dbWrites  float64 // WAL in MB/s
	dbOrdered                 float64 // commits a second that write history; 0: as measured
	bucketGbit, bucketReq     float64
	keepDays                  float64
	target                    float64 // utilisation at the peak
	pool                      float64 // connections of a node
	seed                      uint64
}

// design is what of the program the simulation changes.
type design struct {
	name      string
	unordered bool    // history is ordered without holding others up until the commit
	direct    string  // bytes go from clients to the bucket; "": they pass the nodes
	share     float64 // of today's transactions, their CPU and WAL that an upload takes
	commits   float64 // commits with history of an upload; 0: as measured
	jobs      float64 // jobs behind an upload; 0: as measured
	batch     float64 // small files whose steps are one transaction; 0: one. Rows, CPU and WAL stay
}

// Ways of direct.
const (
	readBack  = "read back" // nodes read each file once to check it, whenever they have time
	unchecked = "unchecked" // nobody looks at records
)

// load is what a second asks of all stations.
type load struct {
	files, gib            float64
	nodeCores             float64 // busy
	netIn, netOut         float64 // Gbit/s, of all nodes
	dbCores               float64
	transactions, writes  float64
	ordered               float64 // commits with history
	wal                   float64 // MB/s
	bucketGbit, bucketReq float64
}

// perFile is what a file of the day takes on average, without its bytes.
func perFile(p *params, c *costs.Costs, s sizes, d *design) costs.Work {
	w := costs.Work{}.Plus(c.Upload, 1-s.byParts).Plus(c.UploadParts, s.byParts)
	w = w.Plus(c.Part, max(0, s.parts-s.byParts)) // its first part is in UploadParts
	jobs := c.JobsPerUpload
	if d.jobs > 0 {
		jobs = d.jobs
	}
	w = w.Plus(c.Backstop, jobs)
	if d.share > 0 {
		w.PostgresMS, w.Transactions, w.Writes, w.WALBytes = w.PostgresMS*d.share, w.Transactions*d.share, w.Writes*d.share, w.WALBytes*d.share
	}
	if d.commits > 0 {
		w.Events = d.commits
	}
	if d.batch > 0 {
		n := s.byParts + (1-s.byParts)/d.batch
		w.Transactions, w.Writes, w.Events = w.Transactions*n, w.Writes*n, w.Events*n
	}
	return clip(w.Plus(c.Recheck, p.rechecks))
}

// clip takes costs below nothing, which noise can make, for nothing.
func clip(w costs.Work) costs.Work {
	for _, f := range []*float64{&w.NodeMS, &w.PostgresMS, &w.BucketMS, &w.WALBytes, &w.Transactions, &w.Writes, &w.Events} {
		*f = max(0, *f)
	}
	return w
}

// loads runs the day minute by minute for a number of nodes.
func loads(p *params, c *costs.Costs, s sizes, d *design, minutes []minute, nodes float64) []load {
	w, gib, idle := perFile(p, c, s, d), clip(c.GiB), clip(c.IdlePerSecond)
	requests := total(c.Requests)
	// parts beyond the first of a file, and copies by ranges
	more := total(c.RequestsPerPart)*max(0, s.parts+s.formParts-1) + s.ranges
	var dayGiB float64
	for _, m := range minutes {
		dayGiB += m.bytes / (1 << 30)
	}
	out := make([]load, len(minutes))
	for i, m := range minutes {
		n, g := m.files/60, m.bytes/(1<<30)/60
		through, back := g, 0.0 // GiB a second that pass the nodes, that they read
		switch d.direct {
		case readBack:
			through, back = 0, dayGiB/86400 // spread over the day
		case unchecked:
			through = 0
		}
		gbit := 8 * float64(1<<30) / 1e9
		out[i] = load{
			files: n, gib: g,
			nodeCores: (n*w.NodeMS + (through+back)*gib.NodeMS + nodes*idle.NodeMS) / 1000,
			netIn:     (through + back) * gbit, netOut: through * gbit,
			dbCores:      (n*w.PostgresMS + g*gib.PostgresMS + nodes*idle.PostgresMS) / 1000,
			transactions: n*w.Transactions + g*gib.Transactions + nodes*idle.Transactions,
			writes:       n*w.Writes + g*gib.Writes + nodes*idle.Writes,
			ordered:      n * w.Events,
			wal:          (n*w.WALBytes + g*gib.WALBytes + nodes*idle.WALBytes) / 1e6,
			bucketGbit:   (2*g + back) * gbit, // it is written, and copied at promotion
			bucketReq:    n * (requests + more),
		}
	}
	return out
}

func total(m map[string]float64) (n float64) {
	for _, v := range m {
		n += v
	}
	return n
}

// counterSlots is over how many rows the catalog spreads a counter.
const counterSlots = 16

// station is one thing that can be used up.
type station struct {
	name string
	use  float64 // of one, at the peak
	note string  // what the capacity is
	db   bool    // more databases help
}

// result is what a design needs.
type result struct {
	design      design
	peak, mean  load
	nodes       float64
	databases   float64
	little      float64 // connections that are busy at the peak, by Little's law
	connections float64 // that the nodes' pools hold
	stations    []station
}

// simulate finds the nodes that keep below the target, and how much one database
// and the bucket are used.
func simulate(p *params, c *costs.Costs, d design) result {
	s := draw(p)
	minutes := day(p, s)
	nodes, r := 1.0, result{design: d}
	for range 100 { // idle nodes cost, too, so more of them need a little more
		all := loads(p, c, s, &d, minutes, nodes)
		r.peak, r.mean = tops(all)
		need := max(1, math.Ceil(max(r.peak.nodeCores/p.nodeCores, r.peak.netIn/p.nodeGbit, r.peak.netOut/p.nodeGbit)/p.target))
		if need <= nodes {
			break
		}
		nodes = need
	}
	r.nodes = nodes
	ordered := p.dbOrdered
	if ordered == 0 {
		ordered = c.Most.OrderedPerSecond
	}
	if d.unordered {
		ordered = math.Inf(1)
	}
	r.stations = []station{
		{"nodes: CPU", r.peak.nodeCores / p.nodeCores / nodes, "of all nodes", false},
		{"nodes: network", max(r.peak.netIn, r.peak.netOut) / p.nodeGbit / nodes, "of all nodes", false},
		{"database: ordered commits", r.peak.ordered / ordered, "of one", true},
		{"database: rows of counters", 2 * r.peak.files * c.Most.SerialMS / 1000 / counterSlots, "of one: a file locks each of two twice, for a commit", true},
		{"database: CPU", r.peak.dbCores / p.dbCores, "of one", true},
		{"database: writing commits", r.peak.writes / p.dbWrites, "of one, assumed", true},
		{"database: WAL", r.peak.wal / p.dbWAL, "of one, assumed", true},
		{"bucket: bytes", r.peak.bucketGbit / p.bucketGbit, "assumed", false},
		{"bucket: requests", r.peak.bucketReq / p.bucketReq, "assumed", false},
	}
	slices.SortStableFunc(r.stations, func(a, b station) int {
		switch {
		case a.use > b.use:
			return -1
		case a.use < b.use:
			return 1
		}
		return 0
	})
	r.databases = 1
	for _, st := range r.stations {
		if st.db {
			r.databases = max(r.databases, math.Ceil(st.use/p.target))
		}
	}
	// a connection is busy for a commit, and who writes history waits for its turn
	wait := c.Most.SerialMS / 1000
	turn := 0.0
	if !d.unordered {
		turn = min(r.peak.ordered/ordered/r.databases, p.target) / (1 - min(r.peak.ordered/ordered/r.databases, p.target)) / ordered
	}
	r.little = r.peak.transactions*wait + r.peak.ordered*turn
	r.connections = nodes * p.pool
	return r
}

// tops gives the highest of each figure in the day, and its mean.
func tops(all []load) (peak, mean load) {
	for _, l := range all {
		for i, v := range l.figures() {
			*peak.figures()[i] = max(*peak.figures()[i], *v)
			*mean.figures()[i] += *v / float64(len(all))
		}
	}
	return peak, mean
}

func (l *load) figures() []*float64 {
	return []*float64{&l.files, &l.gib, &l.nodeCores, &l.netIn, &l.netOut, &l.dbCores, &l.transactions, &l.writes, &l.ordered, &l.wal, &l.bucketGbit, &l.bucketReq}
}
