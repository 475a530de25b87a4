// Command scalesim says what a day of uploads needs: nodes, connections, commits,
// rows, requests; which of them is used up first; and what changes of the design
// would buy. What one file and one GiB take is measured by
//
//	go run ./bench/run -only costs -json bench/scalesim/costs.json
//
// and the rest is multiplication, minute by minute, and assumptions that are
// flags. The same arguments give the same answer.
//
//	go run ./bench/scalesim -bytes-a-day 1PB -files-a-day 200000000
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"freshet/bench/scalesim/costs"
)

//go:embed costs.json
var measured []byte

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "scalesim:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	p, c, err := parse(args)
	if err != nil {
		return err
	}
	return print(out, p, c)
}

func parse(args []string) (*params, *costs.Costs, error) {
	p := &params{}
	f := flag.NewFlagSet("scalesim", flag.ContinueOnError)
	file := f.String("costs", "", "file of bench/run -only costs -json; default: the one measured with this version")
	bytes := f.String("bytes-a-day", "1PB", "with KB, MB, GB, TB or PB, or KiB and so on")
	below := f.String("form-below", "64MiB", "smaller files come as forms, others in parts")
	f.Float64Var(&p.files, "files-a-day", 200e6, "files a day")
	f.Float64Var(&p.sigma, "sigma", 1.5, "of the log-normal distribution of sizes")
	f.Float64Var(&p.peak, "peak", 2, "rate at the busiest minute, over the mean")
	f.Float64Var(&p.rechecks, "rechecks", 0.01, "share of files that are checked once more")
	f.Float64Var(&p.nodeCores, "node-cores", 16, "cores of a node, as fast as the one measured")
	f.Float64Var(&p.nodeGbit, "node-gbit", 25, "network of a node, each way")
	f.Float64Var(&p.pool, "node-connections", 16, "max_connections of a node")
	f.Float64Var(&p.dbCores, "db-cores", 32, "cores of a database")
	f.Float64Var(&p.dbWAL, "db-wal", 500, "MB of WAL a second that a database takes (assumed)")
	f.Float64Var(&p.dbWrites, "db-writes", 30000, "writing commits a second that a database takes in parallel (assumed)")
	f.Float64Var(&p.dbOrdered, "db-ordered", 0, "commits with history a second, one after the other; 0: as measured. About 1000 / ms of a sync")
	f.Float64Var(&p.bucketGbit, "bucket-gbit", 1000, "bytes that the bucket writes and reads (assumed)")
	f.Float64Var(&p.bucketReq, "bucket-requests", 50000, "requests a second that the bucket takes (assumed)")
	f.Float64Var(&p.keepDays, "keep-days", 30, "days that files and their rows are kept")
	f.Float64Var(&p.target, "below", 0.7, "utilisation at the peak to stay below")
	f.Uint64Var(&p.seed, "seed", 1, "same seed, same answer")
	if err := f.Parse(args); err != nil {
		return nil, nil, err
	}
	var err error
	if p.bytes, err = parseBytes(*bytes); err != nil {
		return nil, nil, err
	}
	if p.formBelow, err = parseBytes(*below); err != nil {
		return nil, nil, err
	}
	for name, v := range map[string]float64{"files-a-day": p.files, "bytes-a-day": p.bytes, "node-cores": p.nodeCores, "node-gbit": p.nodeGbit, "db-cores": p.dbCores,
		"db-wal": p.dbWAL, "db-writes": p.dbWrites, "bucket-gbit": p.bucketGbit, "bucket-requests": p.bucketReq, "node-connections": p.pool} {
		if !(v > 0) || math.IsInf(v, 0) {
			return nil, nil, fmt.Errorf("-%s must be more than 0", name)
		}
	}
	if p.peak < 1 || p.peak > 30 || p.target <= 0 || p.target >= 1 || p.sigma < 0 || p.sigma > 4 || p.keepDays < 0 || p.rechecks < 0 || p.dbOrdered < 0 {
		return nil, nil, fmt.Errorf("-peak is from 1 to 30, -below between 0 and 1, -sigma from 0 to 4, and nothing is negative")
	}
	c, err := costs.Parse(measured)
	if *file != "" {
		c, err = costs.Read(*file)
	}
	return p, c, err
}

var units = []string{"K", "M", "G", "T", "P"}

func parseBytes(s string) (float64, error) {
	number, base := strings.TrimSuffix(s, "B"), 1000.0
	if cut, ok := strings.CutSuffix(number, "i"); ok {
		number, base = cut, 1024
	}
	factor := 1.0
	if number != "" {
		if i := slices.Index(units, number[len(number)-1:]); i >= 0 {
			number, factor = number[:len(number)-1], math.Pow(base, float64(i+1))
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%q is not a number of bytes such as 1PB or 64MiB", s)
	}
	return n * factor, nil
}

// designs are today's, each change by itself, and together in their order.
func designs() []design {
	const lean = 0.5
	return []design{
		{name: "as it is"},
		{name: "history ordered without a lock over the commit", unordered: true},
		{name: "two steps a file, one job behind it", share: lean, commits: 2, jobs: 1},
		{name: "small files 20 to a transaction", batch: 20},
		{name: "parts direct to S3, checks read them back", direct: readBack},
		{name: "parts direct to S3, nobody checks records", direct: unchecked},
		{name: "history without lock, two steps, one job", unordered: true, share: lean, commits: 2, jobs: 1},
		{name: "all of it, read back", unordered: true, share: lean, commits: 2, jobs: 1, direct: readBack},
	}
}

func print(out io.Writer, p *params, c *costs.Costs) error {
	var all []result
	for _, d := range designs() {
		all = append(all, simulate(p, c, d))
	}
	today, s := all[0], draw(p)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(format string, a ...any) { fmt.Fprintf(w, format+"\n", a...) }
	line("costs measured on: %s", c.Machine)
	line("a day: %s in %s files, mean %s, median %s, %.2f%% in parts; peak %.1f times the mean\n", unit(p.bytes), count(p.files), unit(s.bytes), unit(s.median), 100*s.byParts, p.peak)

	line("AS IT IS\tMEAN\tPEAK")
	for _, r := range []struct {
		name       string
		mean, peak float64
	}{
		{"files/s", today.mean.files, today.peak.files}, {"GiB/s from clients", today.mean.gib, today.peak.gib}, {"cores busy on nodes", today.mean.nodeCores, today.peak.nodeCores},
		{"Gbit/s into nodes, and the same out to the bucket", today.mean.netIn, today.peak.netIn}, {"cores busy in the database", today.mean.dbCores, today.peak.dbCores},
		{"transactions/s", today.mean.transactions, today.peak.transactions}, {"of them writing/s", today.mean.writes, today.peak.writes}, {"of them with history, one after the other/s", today.mean.ordered, today.peak.ordered},
		{"WAL MB/s", today.mean.wal, today.peak.wal}, {"requests/s to the bucket", today.mean.bucketReq, today.peak.bucketReq}, {"Gbit/s that the bucket writes (copies count)", today.mean.bucketGbit, today.peak.bucketGbit},
		{"history read by all nodes, rows/s", today.mean.ordered * today.nodes, today.peak.ordered * today.nodes},
	} {
		line("%s\t%s\t%s", r.name, figure(r.mean), figure(r.peak))
	}
	line("\nSTATION, one database, %.0f nodes\tUSED AT THE PEAK\t", today.nodes)
	for _, st := range today.stations {
		line("%s\t%.0f%%\t%s", st.name, 100*st.use, st.note)
	}
	line("\nbreaks first: %s", today.stations[0].name)

	line("\nAFTER %.0f DAYS\tROWS\tBYTES", p.keepDays)
	rows, size := 0.0, 0.0
	for _, name := range sorted(c.Tables) {
		t := c.Tables[name]
		n := p.files * min(p.keepDays, lifetime(name))
		if t.Rows < 0.05 {
			continue // counters and the like: they do not grow with files
		}
		rows, size = rows+n*t.Rows, size+n*t.Bytes
		line("%s\t%s\t%s", name, count(n*t.Rows), unit(n*t.Bytes))
	}
	line("all tables\t%s\t%s", count(rows), unit(size))
	line("objects in the bucket\t%s\t%s", count(p.files*p.keepDays), unit(p.bytes*p.keepDays))

	line("\nTO STAY BELOW %.0f%%\tNODES\tDATABASES\tCONNECTIONS BUSY\tOF POOLS\tFIRST AT ITS END WITH ONE DATABASE", 100*p.target)
	for _, r := range all {
		line("%s\t%.0f\t%.0f\t%.0f\t%.0f\t%s %.0f%%", r.design.name, r.nodes, r.databases, math.Ceil(r.little), r.connections, r.stations[0].name, 100*r.stations[0].use)
	}
	return w.Flush()
}

// lifetime is how many days rows stay that go before their file.
func lifetime(table string) float64 {
	switch table {
	case "uploads":
		return 7 // so long an upload that has ended is told from one that never was
	case "river_job":
		return 1 // the queue's own retention of jobs that are done
	}
	return math.Inf(1)
}

func sorted(m map[string]costs.Table) []string {
	var names []string
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func unit(n float64) string {
	for _, u := range []string{"B", "kB", "MB", "GB", "TB", "PB"} {
		if n < 1000 || u == "PB" {
			return fmt.Sprintf("%.3g %s", n, u)
		}
		n /= 1000
	}
	return ""
}

func count(n float64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f G", n/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.0f M", n/1e6)
	}
	return fmt.Sprintf("%.0f", n)
}

func figure(n float64) string {
	if n < 100 {
		return fmt.Sprintf("%.1f", n)
	}
	return fmt.Sprintf("%.0f", n)
}
