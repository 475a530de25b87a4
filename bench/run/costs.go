package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"freshet/api"
	"freshet/bench/scalesim/costs"
	"freshet/client"

	"github.com/jackc/pgx/v5"
)

// costRun is what the steps of the measure share.
type costRun struct {
	b     *bench
	st    *stores
	node  *server
	meter *meter
	out   costs.Costs
	ids   []string // of small files sent
	next  int      // number of the next small file
}

// costsTime bounds the measure.
const costsTime = 6 * time.Minute

// costs measures what a GiB, an upload, a part, a job and an idle second take of
// a node, its Postgres and its bucket. Steps that write few rows come first:
// each file queues jobs that run a minute later.
func (b *bench) costs() error {
	ctx, cancel := context.WithTimeout(b.ctx, costsTime)
	defer cancel()
	st, err := b.newStores()
	if err != nil {
		return err
	}
	r := &costRun{b: b, st: st}
	if r.node, err = b.node(st); err != nil {
		return err
	}
	if r.meter, err = newMeter(ctx, st, r.node); err != nil {
		return err
	}
	defer r.meter.db.Close(b.ctx)
	for _, step := range []struct {
		name string
		f    func(context.Context) error
	}{{"idle", r.idle}, {"bytes", r.bytes}, {"parts", r.parts}, {"uploads", r.uploads}, {"small files by parts", r.byParts}, {"backstops", r.backstops}, {"checks", r.rechecks}, {"most", r.most}, {"commits", r.commits}} {
		fmt.Fprintln(os.Stderr, "bench: costs:", step.name, "…")
		if err := step.f(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	u, err := r.node.stop()
	if err = firstOf(err, r.requests()); err != nil {
		return err
	}
	r.out.PeakRSS = u.peakRSS
	if err := r.machine(ctx); err != nil {
		return err
	}
	r.print()
	if b.json != "" {
		err = r.out.Write(b.json)
	}
	return firstOf(err, st.empty(b), st.drop())
}

func (r *costRun) size(full, short int) int {
	if r.b.short {
		return short
	}
	return full
}

// idle is taken off all that follows.
func (r *costRun) idle(ctx context.Context) error {
	if err := r.small(ctx, 8, 8, nil); err != nil { // connections, caches
		return err
	}
	a, err := r.meter.read(ctx)
	if err != nil {
		return err
	}
	if err := pause(ctx, 5*time.Second); err != nil {
		return err
	}
	z, err := r.meter.read(ctx)
	r.out.IdlePerSecond = z.work.Minus(a.work, 1).Per(z.at.Sub(a.at).Seconds())
	r.meter.idle = r.out.IdlePerSecond
	return err
}

// bytes is the slope between two files of the same kind.
func (r *costRun) bytes(ctx context.Context) error {
	var w [2]costs.Work
	sizes := [2]string{"512MiB", "64MiB"}
	if r.b.short {
		sizes = [2]string{"256MiB", "64MiB"}
	}
	var n [2]float64
	for i, size := range sizes {
		file, err := r.b.data("chat", size)
		if err != nil {
			return err
		}
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		n[i] = float64(info.Size())
		w[i], err = r.meter.of(ctx, func() error {
			_, _, err := sendParts(r.node.url, file, client.File{PartSize: 64 << 20}, client.Options{Parallel: 4})
			return err
		})
		if err != nil {
			return err
		}
	}
	r.out.GiB = w[0].Minus(w[1], 1).Per((n[0] - n[1]) / (1 << 30))
	return nil
}

// parts is the slope between many parts and few of the same bytes, which then is
// taken off the cost of bytes.
func (r *costRun) parts(ctx context.Context) error {
	file, err := r.b.data("chat", "256MiB")
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	times, variant := r.size(2, 1), 0
	var w [2]costs.Work
	var count [2]float64
	for i, partSize := range []int64{8 << 20, 64 << 20} {
		w[i], err = r.meter.of(ctx, func() error {
			for range times {
				variant++
				head := fmt.Appendf(nil, chatRecord, variant, "")
				size := int64(len(head)) + info.Size()
				count[i] += float64((size-1)/partSize + 1)
				out, err := client.New(r.node.url, "").Upload(ctx, client.File{Name: "parts.jsonl", Body: &joined{head, f}, Size: size, PartSize: partSize})
				if err = firstOf(err, fresh(out)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	r.out.Part = w[0].Minus(w[1], 1).Per(count[0] - count[1])
	r.out.GiB = r.out.GiB.Minus(r.out.Part, 16) // parts of 64 MiB in a GiB
	return nil
}

// uploads is the cost of a small form, and what it leaves.
func (r *costRun) uploads(ctx context.Context) error {
	n := r.size(400, 100)
	before, err := r.tables(ctx)
	if err != nil {
		return err
	}
	var took []time.Duration
	w, err := r.meter.of(ctx, func() error { return r.small(ctx, n, 8, &took) })
	if err != nil {
		return err
	}
	slices.Sort(took)
	r.out.Upload = w.Per(float64(n))
	r.out.UploadP50MS, r.out.UploadP95MS = ms(took[n/2]), ms(took[n*95/100])
	after, err := r.tables(ctx)
	r.out.Tables = map[string]costs.Table{}
	for name, t := range after {
		t = costs.Table{Rows: (t.Rows - before[name].Rows) / float64(n), Bytes: (t.Bytes - before[name].Bytes) / float64(n), Index: (t.Index - before[name].Index) / float64(n)}
		if t.Rows != 0 || t.Bytes != 0 {
			r.out.Tables[name] = t
		}
	}
	return err
}

// tables counts rows and bytes once dead rows are gone.
func (r *costRun) tables(ctx context.Context) (map[string]costs.Table, error) {
	if _, err := r.meter.db.Exec(ctx, "VACUUM"); err != nil {
		return nil, err
	}
	rows, err := r.meter.db.Query(ctx, `SELECT relname, pg_total_relation_size(oid)::FLOAT8, pg_indexes_size(oid)::FLOAT8 FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`)
	if err != nil {
		return nil, err
	}
	out := map[string]costs.Table{}
	var name string
	var t costs.Table
	if _, err := pgx.ForEachRow(rows, []any{&name, &t.Bytes, &t.Index}, func() error { out[name] = t; return nil }); err != nil {
		return nil, err
	}
	for name, t := range out {
		if err := r.meter.db.QueryRow(ctx, "SELECT COUNT(*)::FLOAT8 FROM "+pgx.Identifier{name}.Sanitize()).Scan(&t.Rows); err != nil {
			return nil, err
		}
		out[name] = t
	}
	return out, nil
}

// byParts sends small files by the protocol of parts.
func (r *costRun) byParts(ctx context.Context) error {
	n := r.size(100, 40)
	w, err := r.meter.of(ctx, func() error {
		return many(n, 8, func(int) error { _, err := r.smallByParts(ctx, r.node.url); return err })
	})
	r.out.UploadParts = w.Per(float64(n))
	return err
}

// smallMu guards the numbers of small files.
var smallMu sync.Mutex

func (r *costRun) content() []byte {
	smallMu.Lock()
	defer smallMu.Unlock()
	r.next++
	var b bytes.Buffer
	for b.Len() < 4<<10 {
		fmt.Fprintf(&b, chatRecord, r.next*100+b.Len()/300, strings.Repeat("some words of an answer ", 10))
	}
	return b.Bytes()
}

const chatRecord = `{"messages":[{"role":"system","content":"s"},{"role":"user","content":"%d"},{"role":"assistant","content":"a %s"}]}` + "\n"

func (r *costRun) smallByParts(ctx context.Context, url string) (api.Uploaded, error) {
	b := r.content()
	out, err := client.New(url, "").Upload(ctx, client.File{Name: "small.jsonl", Body: bytes.NewReader(b), Size: int64(len(b))})
	return out, firstOf(err, fresh(out))
}

func fresh(u api.Uploaded) error {
	if u.FileStatus != "fresh" {
		return fmt.Errorf("not fresh: %s", u.Message)
	}
	return nil
}

// small sends files of 4 KiB by form, some at once.
func (r *costRun) small(ctx context.Context, n, parallel int, took *[]time.Duration) error {
	times, ids := make([]time.Duration, n), make([]string, n)
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: parallel}}
	defer c.CloseIdleConnections()
	err := many(n, parallel, func(i int) error {
		begin := time.Now()
		var err error
		ids[i], err = r.form(ctx, c, r.node.url)
		times[i] = time.Since(begin)
		return err
	})
	if took != nil {
		*took = times
	}
	r.ids = append(r.ids, ids...)
	return err
}

func (r *costRun) form(ctx context.Context, c *http.Client, url string) (string, error) {
	body := fmt.Sprintf("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"small.jsonl\"\r\n\r\n%s\r\n--b--\r\n", r.content())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/data/efficient/upload-large-file", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	var out api.Uploaded
	err = answer(c, req, &out)
	return out.FileID, firstOf(err, fresh(out))
}

// answer reads JSON that is the answer to a request.
func answer(c *http.Client, req *http.Request, out any) error {
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, b)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(b, out)
}

// many calls f n times, some at once.
func many(n, parallel int, f func(int) error) error {
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	fails := make(chan error, n)
	var wg sync.WaitGroup
	for range parallel {
		wg.Go(func() {
			for i := range next {
				if err := f(i); err != nil {
					fails <- err
					return
				}
			}
		})
	}
	wg.Wait()
	if len(fails) > 0 {
		return <-fails
	}
	return nil
}

// backstops waits for the jobs that stand behind the uploads so far; all find
// everything done.
func (r *costRun) backstops(ctx context.Context) error {
	const waiting = `SELECT COUNT(*) FROM river_job WHERE args->>'job' = 'settle' AND finalized_at IS NULL`
	var n, left int
	if err := r.meter.db.QueryRow(ctx, waiting).Scan(&n); err != nil {
		return err
	}
	r.out.JobsPerUpload = r.out.Tables["river_job"].Rows
	w, err := r.meter.of(ctx, func() error {
		for left = n; left > 0; { // no event tells us of the last
			if err := pause(ctx, time.Second); err != nil {
				return err
			}
			if err := r.meter.db.QueryRow(ctx, waiting).Scan(&left); err != nil {
				return err
			}
		}
		return nil
	})
	if n == 0 {
		return firstOf(err, fmt.Errorf("the jobs behind %d uploads had all run", len(r.ids)))
	}
	r.out.Backstop = w.Per(float64(n))
	return err
}

// rechecks has small files checked again, each by a job.
func (r *costRun) rechecks(ctx context.Context) error {
	n := r.size(200, 60)
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	defer c.CloseIdleConnections()
	w, err := r.meter.of(ctx, func() error {
		return many(n, 8, func(i int) error {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.node.url+"/data/efficient/process-file/"+r.ids[i]+"?wait=30s", nil)
			if err != nil {
				return err
			}
			var out struct{ Status string }
			err = answer(c, req, &out)
			if err == nil && out.Status != "success" {
				err = fmt.Errorf("the check ended with %s", out.Status)
			}
			return err
		})
	})
	r.out.Recheck = w.Per(float64(n))
	return err
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (r *costRun) machine(ctx context.Context) error {
	var version string
	err := r.meter.db.QueryRow(ctx, "SELECT split_part(current_setting('server_version'), '.', 1), current_setting('fsync')").Scan(&version, &r.out.Fsync)
	r.out.Machine = fmt.Sprintf("%d cores, Postgres %s and MinIO on the same machine, fsync %s", runtime.NumCPU(), version, r.out.Fsync)
	return err
}

// print adds the figures to the table.
func (r *costRun) print() {
	o := &r.out
	b := r.b
	for _, l := range []struct {
		what string
		w    costs.Work
	}{{"a GiB in parts of 64 MiB, without their rows", o.GiB}, {"an upload of 4 KiB by form", o.Upload}, {"an upload of 4 KiB by parts", o.UploadParts}, {"a part", o.Part},
		{"a check again, by a job", o.Recheck}, {"a job that finds all done", o.Backstop}, {"a second of an idle node", o.IdlePerSecond}} {
		b.add(l.what+": CPU ms of node, Postgres, MinIO", fmt.Sprintf("%.2f, %.2f, %.2f", l.w.NodeMS, l.w.PostgresMS, l.w.BucketMS), "", "", "")
		b.add("  WAL bytes, transactions, those that write, rows of history", fmt.Sprintf("%.0f, %.1f, %.1f, %.1f", l.w.WALBytes, l.w.Transactions, l.w.Writes, l.w.Events), "", "", "")
	}
	b.add("peak RSS of the node", mib(o.PeakRSS), "", "", "")
	b.add("an upload of 4 KiB, 8 at once, wall p50, p95", fmt.Sprintf("%.0f ms, %.0f ms", o.UploadP50MS, o.UploadP95MS), "", "", "")
	b.add("  requests to the bucket", counted(o.Requests), "", "", "")
	b.add("requests of a part", counted(o.RequestsPerPart), "", "", "")
	for _, name := range slices.Sorted(maps.Keys(o.Tables)) {
		t := o.Tables[name]
		b.add("a file leaves in "+name, fmt.Sprintf("%.2f rows, %.0f B, of them %.0f B of indexes", t.Rows, t.Bytes, t.Index), "", "", "")
	}
	m := o.Most
	b.add("4 KiB by form, 16 at once", fmt.Sprintf("%.0f a second", m.UploadsPerSecond), "", "", "")
	b.add("  cores in use by node, Postgres, MinIO", fmt.Sprintf("%.2f, %.2f, %.2f", m.NodeCores, m.PostgresCores, m.BucketCores), "", "", "")
	b.add("  sessions at work by what they wait for", counted(m.Waits), "", "", "")
	b.add("a commit of one row, one session", fmt.Sprintf("%.2f ms", m.SerialMS), "", "", "")
	b.add("commits a second, 16 sessions: any row; a row of history", fmt.Sprintf("%.0f; %.0f", m.PlainPerSecond, m.OrderedPerSecond), "", "", "")
}

func counted(m map[string]float64) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, fmt.Sprintf("%s %.2f", k, m[k]))
	}
	return strings.Join(out, ", ")
}
