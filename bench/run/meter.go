package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"freshet/bench/scalesim/costs"

	"github.com/jackc/pgx/v5"
)

// meter reads what a node, its Postgres and its MinIO have taken so far. CPU
// seconds are theirs alone, whatever else the machine does.
type meter struct {
	db       *pgx.Conn
	node     int // pids
	postgres int
	minio    int
	idle     costs.Work // a second
}

type reading struct {
	at   time.Time
	work costs.Work
}

// statsDelay is how long Postgres may keep a session's counts to itself.
const statsDelay = 11 * time.Second

func newMeter(ctx context.Context, st *stores, s *server) (*meter, error) {
	m := &meter{node: s.cmd.Process.Pid}
	var err error
	if m.db, err = pgx.Connect(ctx, st.args[1]); err != nil {
		return nil, err
	}
	var backend int
	if err := m.db.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&backend); err != nil {
		return nil, err
	}
	p, err := procOf(backend)
	if err != nil {
		return nil, err
	}
	m.postgres = p.parent
	m.minio, err = pidOf("minio", strings.TrimPrefix(st.s3.Endpoint, "http://"))
	return m, err
}

// read waits until the counts are told, so it includes what a node does after
// its answers, and what it does when idle.
func (m *meter) read(ctx context.Context) (r reading, err error) {
	if err := pause(ctx, statsDelay); err != nil {
		return r, err
	}
	return m.readNow(ctx)
}

// readNow has everything but transactions up to this moment.
func (m *meter) readNow(ctx context.Context) (r reading, err error) {
	w := &r.work
	err = m.db.QueryRow(ctx, `SELECT (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database())::FLOAT8,
		pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::FLOAT8, pg_snapshot_xmax(pg_current_snapshot())::TEXT::FLOAT8, (SELECT COUNT(*) FROM history)::FLOAT8`).
		Scan(&w.Transactions, &w.WALBytes, &w.Writes, &w.Events)
	if err != nil {
		return r, err
	}
	for _, p := range []struct {
		pid int
		to  *float64
	}{{m.node, &w.NodeMS}, {m.postgres, &w.PostgresMS}, {m.minio, &w.BucketMS}} {
		if *p.to, err = familyCPU(p.pid); err != nil {
			return r, err
		}
	}
	r.at = time.Now()
	return r, nil
}

// between is what was taken from one reading to another, without what an idle
// node takes in that time.
func (m *meter) between(a, b reading) costs.Work {
	return b.work.Minus(a.work, 1).Minus(m.idle, b.at.Sub(a.at).Seconds())
}

// of measures what f does.
func (m *meter) of(ctx context.Context, f func() error) (costs.Work, error) {
	a, err := m.readNow(ctx)
	if err != nil {
		return costs.Work{}, err
	}
	if err := f(); err != nil {
		return costs.Work{}, err
	}
	b, err := m.read(ctx)
	return m.between(a, b), err
}

// pause lets time pass that is measured, or that a counter needs.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// proc is a process as /proc has it; its CPU includes children that have ended.
type proc struct {
	parent int
	cpuMS  float64
}

func procOf(pid int) (p proc, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return p, err
	}
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:])) // from the state on
	if len(f) < 15 {
		return p, fmt.Errorf("/proc/%d/stat is short", pid)
	}
	p.parent, err = strconv.Atoi(f[1])
	for _, ticks := range f[11:15] { // utime, stime, cutime, cstime
		n, e := strconv.ParseFloat(ticks, 64)
		p.cpuMS, err = p.cpuMS+n*10, firstOf(err, e) // USER_HZ is 100 on every Linux
	}
	return p, err
}

// familyCPU is that of a process and its children in ms.
func familyCPU(pid int) (float64, error) {
	p, err := procOf(pid)
	if err != nil {
		return 0, err
	}
	dirs, err := filepath.Glob("/proc/[0-9]*")
	for _, d := range dirs {
		n, e := strconv.Atoi(filepath.Base(d))
		if c, gone := procOf(n); e == nil && gone == nil && c.parent == pid {
			p.cpuMS += c.cpuMS
		}
	}
	return p.cpuMS, err
}

// pidOf is the process of a program that has an argument.
func pidOf(program, arg string) (int, error) {
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		b, gone := os.ReadFile(f)
		argv := strings.Split(string(b), "\x00")
		if gone == nil && strings.HasPrefix(filepath.Base(argv[0]), program) && strings.Contains(string(b), "\x00"+arg+"\x00") {
			return strconv.Atoi(filepath.Base(filepath.Dir(f)))
		}
	}
	return 0, firstOf(err, fmt.Errorf("no process %s with %s", program, arg))
}
