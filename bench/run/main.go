// Command run measures Freshet against bare references in the same minutes and
// prints one table with ratios: absolute times depend on the machine and the
// hour, ratios less so.
//
//	go run ./bench/run            everything at full size (needs 30 GB of disk)
//	go run ./bench/run -short     smaller sizes
//	go run ./bench/run -only form
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

// row is one line of the table.
type row struct{ what, value, reference, ratio, target string }

// bench is what the measurements share.
type bench struct {
	ctx   context.Context
	dir   string // for data; removed at the end
	bin   string
	short bool
	runs  int
	json  string // where the costs are written, or empty
	rows  []row
}

func main() {
	short := flag.Bool("short", false, "smaller sizes")
	only := flag.String("only", "", "start, check, engine, hostile, form, parts, tus, resume, rss, rss-parts, many, many-parts, list, bucket, nodes, browser, secure or costs; several with commas")
	dir := flag.String("dir", "", "where data is made; default: a temporary directory")
	runs := flag.Int("runs", 3, "runs of each timed pair; medians are shown")
	costs := flag.String("json", "", "file that -only costs writes its figures to, for scalesim")
	bare := flag.String("bare", "", "be the bare server: receive to this file")
	flag.Parse()
	if *bare != "" {
		if err := serveBare(*bare); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(*short, *only, *dir, *runs, *costs); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(short bool, only, dir string, runs int, json string) error {
	tmp, err := os.MkdirTemp(dir, "freshet-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	b := &bench{ctx: context.Background(), dir: tmp, bin: filepath.Join(tmp, "freshet"), short: short, runs: runs, json: json}
	if err := b.build(); err != nil {
		return err
	}
	for _, m := range []struct {
		name string
		f    func() error
	}{{"start", b.start}, {"check", b.check}, {"engine", b.engine}, {"hostile", b.hostile}, {"form", b.form}, {"parts", b.parts}, {"tus", b.tus}, {"resume", b.resume}, {"rss", b.rss}, {"rss-parts", b.rssParts}, {"many", b.many}, {"many-parts", b.manyParts}, {"list", b.list}, {"bucket", b.intoBucket}, {"nodes", b.twoNodes}, {"browser", b.browser}, {"secure", b.secure}, {"costs", b.costs}} {
		if only != "" && !strings.Contains(","+only+",", ","+m.name+",") {
			continue
		}
		fmt.Fprintln(os.Stderr, "bench:", m.name, "…")
		if err := m.f(); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "MEASURE\tFRESHET\tREFERENCE\tRATIO\tTARGET")
	for _, r := range b.rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.what, r.value, r.reference, r.ratio, r.target)
	}
	return w.Flush()
}
