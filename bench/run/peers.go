package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// peer is a reader of somebody else's that goes over the same files.
type peer struct {
	name     string
	probe    []string            // succeeds where the peer is installed, and prints its version
	commands map[string][]string // that read a file of a kind; its name is added
}

const peersDir = "bench/peers"

// peers read every value, on one thread. They keep no place of a fault, no
// statistics, no duplicates: what they do is less than what the engine does.
func (b *bench) peers() []peer {
	simdjson := filepath.Join(b.dir, "simdjson")
	table := func(engine, kind string) []string { return []string{"node", peersDir + "/table.mjs", engine, kind} }
	python := func(reader string) []string { return []string{"python3", peersDir + "/lines.py", reader} }
	values, lines := []string{"jq", "-n", "reduce inputs as $v (0; . + 1)"}, []string{"jq", "-Rn", "reduce inputs as $v (0; . + 1)"}
	return []peer{
		{"simdjson", []string{"g++", "-O3", "-march=native", "-std=c++17", peersDir + "/simdjson.cpp", "-lsimdjson", "-o", simdjson},
			map[string][]string{"chat": {simdjson}, "flat": {simdjson}}},
		{"DuckDB", []string{"node", "-p", "'DuckDB ' + require('./" + peersDir + "/node_modules/@duckdb/node-api').version()"},
			map[string][]string{"chat": table("duckdb", "chat"), "flat": table("duckdb", "flat"), "csv": table("duckdb", "csv"), "text": table("duckdb", "text")}},
		{"polars", []string{"node", "-p", "require('./" + peersDir + "/node_modules/nodejs-polars'), 'polars ' + require('./" + peersDir + "/node_modules/nodejs-polars/package.json').version"},
			map[string][]string{"chat": table("polars", "chat"), "flat": table("polars", "flat"), "csv": table("polars", "csv")}},
		{"orjson", []string{"env", pythonPath, "python3", "-c", "import orjson; print('orjson', orjson.__version__)"},
			map[string][]string{"chat": python("orjson"), "flat": python("orjson")}},
		{"Python", []string{"python3", "--version"},
			map[string][]string{"chat": python("json"), "flat": python("json"), "csv": python("csv"), "text": python("io")}},
		{"jq", []string{"jq", "--version"},
			map[string][]string{"chat": values, "flat": values, "text": lines}},
	}
}

const pythonPath = "PYTHONPATH=" + peersDir + "/python"

// installed gives the peers that are here. One that is not is told by name in
// the table: a comparison that leaves it out in silence would look better.
func (b *bench) installed() []peer {
	var there []peer
	for _, p := range b.peers() {
		out, err := exec.Command(p.probe[0], p.probe[1:]...).CombinedOutput()
		version := strings.TrimSpace(string(out))
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s is missing: %v: %.300s\n", p.name, err, version)
			b.add("engine, beside "+p.name, "", "missing: scripts/bench-deps.sh", "", "")
			continue
		}
		if version != "" {
			p.name = version
		}
		there = append(there, p)
	}
	return there
}
