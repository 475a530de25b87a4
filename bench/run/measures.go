package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite"
)

func (b *bench) add(what, value, reference, ratio, target string) {
	b.rows = append(b.rows, row{what, value, reference, ratio, target})
}

func mib(n int64) string { return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20)) }

func median[T int64 | float64 | time.Duration](v []T) T {
	slices.Sort(v)
	return v[len(v)/2]
}

// start measures the time to /readyz on an empty directory.
func (b *bench) start() error {
	var times []time.Duration
	for range max(3, b.runs) {
		s, err := b.freshet()
		if err != nil {
			return err
		}
		times = append(times, s.started)
		if _, err := s.stop(); err != nil {
			return err
		}
	}
	b.add("start to /readyz, empty directory", fmt.Sprintf("%.2f s", median(times).Seconds()), "", "", "≤ 1 s")
	return nil
}

// check measures the engine alone, on one core, against a plain read.
func (b *bench) check() error {
	size := "1GiB"
	if b.short {
		size = "256MiB"
	}
	for _, kind := range []string{"chat", "flat", "csv", "text"} {
		file, err := b.data(kind, size)
		if err != nil {
			return err
		}
		var speeds []float64
		for range b.runs {
			cpu, _, err := timed([]string{b.bin, "validate", "--json", file}, []string{"GOMAXPROCS=1"})
			if err != nil {
				return err
			}
			gb, err := gigabytes(file)
			if err != nil {
				return err
			}
			speeds = append(speeds, gb/cpu.Seconds())
		}
		target := ""
		if kind == "chat" {
			target = "≥ 0.3 GB/s"
		}
		b.add("check "+size+" "+kind+", per core", fmt.Sprintf("%.2f GB/s", median(speeds)), "", "", target)
	}
	return nil
}

// form measures one form POST to fresh against a bare copy and fsync of the same body.
func (b *bench) form() error {
	size := "2GiB"
	if b.short {
		size = "512MiB"
	}
	file, err := b.data("chat", size)
	if err != nil {
		return err
	}
	var ours, bare, ratios []float64
	var peak int64
	var cpu time.Duration
	for i := range b.runs + 1 {
		o, u, err := b.once(b.freshet, file)
		if err != nil {
			return err
		}
		r, _, err := b.once(func(...string) (*server, error) { return b.bare() }, file)
		if err != nil {
			return err
		}
		if i == 0 {
			continue // pages touched for the first time cost up to twice
		}
		ours, bare, ratios = append(ours, o), append(bare, r), append(ratios, o/r)
		peak, cpu = max(peak, u.peakRSS), u.cpu
	}
	b.add("form POST "+size+" chat to fresh, wall", fmt.Sprintf("%.2f s", median(ours)), fmt.Sprintf("%.2f s io.Copy+fsync", median(bare)), fmt.Sprintf("%.2f", median(ratios)), "≤ 3")
	b.add("  server CPU, start and stop included", fmt.Sprintf("%.2f s", cpu.Seconds()), "", "", "")
	b.add("  server peak RSS", mib(peak), "", "", "≤ 96 MiB")
	return nil
}

func (b *bench) once(start func(...string) (*server, error), file string) (float64, usage, error) {
	s, err := start()
	if err != nil {
		return 0, usage{}, err
	}
	took, body, err := post(s.url, file)
	u, e := s.stop()
	if err == nil {
		err = e
	}
	if err == nil && len(body) > 0 && !strings.Contains(string(body), `"file_status":"fresh"`) {
		err = fmt.Errorf("not fresh: %s", body)
	}
	return took.Seconds(), u, err
}

// rss measures the peak for a file five times as large.
func (b *bench) rss() error {
	size := "10GiB"
	if b.short {
		size = "2GiB"
	}
	file, err := b.data("chat", size)
	if err != nil {
		return err
	}
	took, u, err := b.once(b.freshet, file)
	if err != nil {
		return err
	}
	b.add("form POST "+size+" chat, peak RSS", mib(u.peakRSS), "", "", "≤ 96 MiB")
	b.add("  wall, server CPU", fmt.Sprintf("%.1f s, %.1f s", took, u.cpu.Seconds()), "", "", "")
	return os.Remove(file)
}

// many sends many files at once.
func (b *bench) many() error {
	n, size := 32, "256MiB"
	if b.short {
		n, size = 8, "64MiB"
	}
	s, err := b.freshet()
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	fails := make(chan error, n)
	base, err := b.data("chat", size)
	if err != nil {
		return err
	}
	begin := time.Now()
	for i := range n {
		wg.Go(func() {
			// one record more at the end makes each file's content its own
			if err := postVariant(s.url, base, i); err != nil {
				fails <- err
			}
		})
	}
	wg.Wait()
	took := time.Since(begin)
	u, err := s.stop()
	if err != nil {
		return err
	}
	if len(fails) > 0 {
		return <-fails
	}
	b.add(fmt.Sprintf("%d uploads of %s at once, peak RSS", n, size), mib(u.peakRSS), "", "", "≤ 384 MiB")
	b.add("  wall, all fresh", fmt.Sprintf("%.1f s", took.Seconds()), "", "", "")
	return nil
}

func postVariant(url, base string, i int) error {
	f, err := os.Open(base)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	head := fmt.Sprintf("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f%d.jsonl\"\r\n\r\n", i)
	tail := fmt.Sprintf("{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"%d\"},{\"role\":\"assistant\",\"content\":\"a\"}],\"id\":0}\n\r\n--b--\r\n", i)
	req, err := http.NewRequest(http.MethodPost, url+"/data/efficient/upload-large-file", io.MultiReader(strings.NewReader(head), f, strings.NewReader(tail)))
	if err != nil {
		return err
	}
	req.ContentLength = int64(len(head)) + info.Size() + int64(len(tail))
	req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	resp, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && !strings.Contains(string(body), `"file_status":"fresh"`) {
		err = fmt.Errorf("not fresh: %s", body)
	}
	return err
}

// list measures a page of a catalog of a million files.
func (b *bench) list() error {
	n := 1_000_000
	if b.short {
		n = 100_000
	}
	s, err := b.freshet("--failed-after", "876000h") // the rows are old: they are not to be swept
	if err != nil {
		return err
	}
	defer s.stop()
	if err := fill(filepath.Join(s.dir, "catalog.db"), n); err != nil {
		return err
	}
	for _, q := range []string{"", "?status=failed", "?data_type=sample&status=fresh", "?sort=original_name", "?q=-000077"} {
		var times []time.Duration
		for range 15 {
			begin := time.Now()
			resp, err := http.Get(s.url + "/data/efficient/staged-files" + q)
			if err != nil {
				return err
			}
			var page struct {
				Total    int              `json:"total_count"`
				ByStatus map[string]int64 `json:"by_status"`
			}
			err = json.NewDecoder(resp.Body).Decode(&page)
			resp.Body.Close()
			if err != nil || page.Total == 0 || len(page.ByStatus) == 0 {
				return fmt.Errorf("%s: %v, %v", q, page, err)
			}
			times = append(times, time.Since(begin))
		}
		target := "≤ 20 ms"
		if strings.HasPrefix(q, "?q") {
			target = ""
		}
		b.add(fmt.Sprintf("staged-files%s of %d files", q, n), fmt.Sprintf("%.1f ms", float64(median(times).Microseconds())/1000), "", "", target)
	}
	return nil
}

// fill writes rows as uploads would have.
func fill(path string, n int) error {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(20000)&_pragma=synchronous(off)")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.Exec(fmt.Sprintf(`
WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < %d)
INSERT INTO files (id, name, name_fold, data_type, status, object_key, size, hash, upload_time, updated_time, verdict)
SELECT printf('file_%%032x', i), printf('file-%%09d.jsonl', i), printf('file-%%09d.jsonl', i), CASE i %% 3 WHEN 0 THEN 'sample' ELSE 'custom' END,
	CASE WHEN i %% 50 = 0 THEN 'failed' WHEN i %% 10 = 1 THEN 'used' ELSE 'fresh' END, printf('training-data/fresh/file_%%032x/f.jsonl', i), i, printf('blake3:%%064x', i), 1700000000000000 + i * 1000, 1700000000000000 + i * 1000, 'passed' FROM k;
INSERT INTO counters (status, data_type, files, bytes) SELECT status, data_type, COUNT(*), SUM(size) FROM files GROUP BY 1, 2;
ANALYZE;`, n))
	return err
}
