package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"
)

// reader is what is timed: ours or a peer's, on one file.
type reader struct {
	name  string
	env   []string
	args  []string
	speed []float64 // GB per core-second
	wall  []float64 // GB per second
}

// timed runs a command: the CPU time and the time it took. An exit code among
// those that are fine is no failure.
func timed(args, env []string, fine ...int) (cpu, wall time.Duration, err error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), env...)
	var said bytes.Buffer
	cmd.Stderr = &said
	begin := time.Now()
	err = cmd.Run()
	wall = time.Since(begin)
	if err != nil && (cmd.ProcessState == nil || !slices.Contains(fine, cmd.ProcessState.ExitCode())) {
		return 0, 0, fmt.Errorf("%s: %w: %s", args[0], err, said.Bytes())
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), wall, nil
}

// engine measures what reading a file costs the engine and readers of others, in
// turn. Each also reads a file of 1 MiB, and what that costs is taken off:
// starting an interpreter is not reading.
func (b *bench) engine() error {
	size := "256MiB"
	if b.short {
		size = "64MiB"
	}
	there := b.installed()
	for _, kind := range []string{"chat", "flat", "csv", "text"} {
		small, err := b.data(kind, "1MiB")
		if err != nil {
			return err
		}
		file, err := b.data(kind, size)
		if err != nil {
			return err
		}
		ours := []string{b.bin, "validate", "--json"}
		readers := []*reader{
			{name: "1 core", env: []string{"GOMAXPROCS=1"}, args: ours},
			{name: "2 cores", env: []string{"GOMAXPROCS=2"}, args: ours},
		}
		for _, p := range there {
			if args := p.commands[kind]; args != nil {
				readers = append(readers, &reader{name: p.name, env: []string{"POLARS_MAX_THREADS=1", pythonPath}, args: args})
			}
		}
		for range b.runs {
			for _, r := range readers {
				if err := r.time(small, file); err != nil {
					return err
				}
			}
		}
		one := readers[0]
		what := "engine, " + size + " " + kind
		b.add(what+", 1 core", perCore(one), "", "", "")
		b.add("  2 cores", perCore(readers[1]), fmt.Sprintf("%.2f GB/s on 2, %.2f on 1", median(readers[1].wall), median(one.wall)), fmt.Sprintf("%.2f", median(readers[1].wall)/median(one.wall)), "")
		for _, r := range readers[2:] {
			b.add("  beside "+r.name, perCore(one), perCore(r), fmt.Sprintf("%.2f", median(one.speed)/median(r.speed)), "")
		}
	}
	return nil
}

func perCore(r *reader) string { return fmt.Sprintf("%.3f GB/core-s", median(r.speed)) }

// time adds one run over each file.
func (r *reader) time(small, file string) error {
	var cpu, wall [2]time.Duration
	var gb [2]float64
	for i, f := range []string{small, file} {
		var err error
		if cpu[i], wall[i], err = timed(slices.Concat(r.args, []string{f}), r.env); err != nil {
			return err
		}
		if gb[i], err = gigabytes(f); err != nil {
			return err
		}
	}
	r.speed = append(r.speed, (gb[1]-gb[0])/(cpu[1]-cpu[0]).Seconds())
	r.wall = append(r.wall, (gb[1]-gb[0])/(wall[1]-wall[0]).Seconds())
	return nil
}

func gigabytes(file string) (float64, error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return float64(info.Size()) / 1e9, nil
}
