package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// TestGolden: the committed costs give the output that docs/scale.md shows.
func TestGolden(t *testing.T) {
	var out bytes.Buffer
	if err := run(nil, &out); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "1pb.txt")
	if os.Getenv("FRESHET_UPDATE") != "" {
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), want) {
		t.Errorf("the output has changed; FRESHET_UPDATE=1 writes it anew:\n%s", out.String())
	}
	doc, err := os.ReadFile("../../docs/scale.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(doc, want) {
		t.Error("docs/scale.md shows another output")
	}
	var again bytes.Buffer
	if err := run([]string{"-costs", "costs.json"}, &again); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Errorf("the same costs give another output, %v", err)
	}
}

// days are any that the flags allow.
func days(t *rapid.T) *params {
	p, _, err := parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.files = rapid.Float64Range(1e6, 1e9).Draw(t, "files")
	p.bytes = p.files * rapid.Float64Range(1e3, 1e9).Draw(t, "mean")
	p.peak = rapid.Float64Range(1, 10).Draw(t, "peak")
	p.sigma = rapid.Float64Range(0, 2.5).Draw(t, "sigma")
	p.seed = rapid.Uint64().Draw(t, "seed")
	return p
}

// TestFilesAndCommits: twice the files are twice the commits, whatever the bytes;
// nothing is negative; a day has the files and bytes that were asked for.
func TestFilesAndCommits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := days(t)
		_, c, err := parse(nil)
		if err != nil {
			t.Fatal(err)
		}
		c.IdlePerSecond, c.GiB.Writes, c.GiB.Transactions = c.IdlePerSecond.Per(math.Inf(1)), 0, 0
		d := designs()[rapid.IntRange(0, len(designs())-1).Draw(t, "design")]
		s := draw(p)
		_, mean := tops(loads(p, c, s, &d, day(p, s), 1))
		twice := *p
		twice.files, twice.bytes = 2*p.files, 2*p.bytes
		peak2, mean2 := tops(loads(&twice, c, s, &d, day(&twice, s), 1))
		for _, f := range []struct{ a, b float64 }{{mean.writes, mean2.writes}, {mean.ordered, mean2.ordered}, {mean.transactions, mean2.transactions}} {
			if math.Abs(f.b/f.a-2) > 0.01 {
				t.Errorf("twice the files are %.3f times the commits", f.b/f.a)
			}
		}
		for i, f := range peak2.figures() {
			if *f < 0 || math.IsNaN(*f) || *f < *mean2.figures()[i]*0.999 {
				t.Errorf("figure %d: peak %g, mean %g", i, *f, *mean2.figures()[i])
			}
		}
		if r := mean.files * 86400 / p.files; math.Abs(r-1) > 0.01 {
			t.Errorf("%.3f of the files came", r)
		}
	})
}

// TestPeak: the curve has the peak that was asked for, and a mean of 1.
func TestPeak(t *testing.T) {
	for _, peak := range []float64{1, 1.5, 2, 10} {
		sum, top := 0.0, 0.0
		for _, v := range wave(peak) {
			sum, top = sum+v/1440, max(top, v)
		}
		if math.Abs(sum-1) > 1e-6 || math.Abs(top-peak) > 0.01 {
			t.Errorf("peak %g: mean %g, top %g", peak, sum, top)
		}
	}
}

// TestMoreIsNeeded: a day of more bytes needs more nodes, one of more files more
// of the database, and each change takes something away from what it is for.
func TestMoreIsNeeded(t *testing.T) {
	p, c, err := parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	all := designs()
	today := simulate(p, c, all[0])
	bytes, files := *p, *p
	bytes.bytes *= 4
	files.files *= 4
	if r := simulate(&bytes, c, all[0]); r.nodes < 2*today.nodes {
		t.Errorf("four times the bytes: %.0f nodes after %.0f", r.nodes, today.nodes)
	}
	if r := simulate(&files, c, all[0]); r.databases < 3*today.databases {
		t.Errorf("four times the files: %.0f databases after %.0f", r.databases, today.databases)
	}
	for i, less := range map[int]func(r result) bool{
		1: func(r result) bool { return r.databases < today.databases },
		2: func(r result) bool { return r.databases < today.databases },
		3: func(r result) bool { return r.databases < today.databases },
		4: func(r result) bool { return r.peak.nodeCores < today.peak.nodeCores },
		5: func(r result) bool { return r.nodes < today.nodes && r.peak.netIn == 0 },
	} {
		if !less(simulate(p, c, all[i])) {
			t.Errorf("%q takes nothing away", all[i].name)
		}
	}
}

// TestBadFlags: what makes no sense is refused.
func TestBadFlags(t *testing.T) {
	for _, args := range [][]string{{"-bytes-a-day", "many"}, {"-bytes-a-day", "-1GB"}, {"-files-a-day", "0"}, {"-peak", "0.5"}, {"-below", "1"}, {"-node-gbit", "-1"}, {"-costs", "none.json"}} {
		if err := run(args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}
