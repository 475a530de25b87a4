package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"freshet/api"
	"freshet/client"
)

// pair runs ours and the reference in turn, and adds the medians.
func (b *bench) pair(what, reference, target string, ours, bare func() (time.Duration, usage, error)) error {
	var o, r, ratios []float64
	var peak int64
	var cpu []time.Duration
	for i := range b.runs + 1 {
		mine, u, err := ours()
		if err != nil {
			return err
		}
		ref, _, err := bare()
		if err != nil {
			return fmt.Errorf("reference: %w", err)
		}
		if i == 0 {
			continue // pages touched for the first time cost up to twice
		}
		o, r, ratios = append(o, mine.Seconds()), append(r, ref.Seconds()), append(ratios, mine.Seconds()/ref.Seconds())
		peak, cpu = max(peak, u.peakRSS), append(cpu, u.cpu)
	}
	b.add(what, fmt.Sprintf("%.2f s", median(o)), fmt.Sprintf("%.2f s %s", median(r), reference), fmt.Sprintf("%.2f", median(ratios)), target)
	b.add("  server CPU, start and stop included; peak RSS", fmt.Sprintf("%.2f s; %s", median(cpu).Seconds(), mib(peak)), "", "", "")
	return nil
}

func (b *bench) two() string {
	if b.short {
		return "512MiB"
	}
	return "2GiB"
}

// sendParts sends a file by the client, in parts, to fresh.
func sendParts(url, file string, f client.File, o client.Options) (api.Uploaded, time.Duration, error) {
	in, err := os.Open(file)
	if err != nil {
		return api.Uploaded{}, 0, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return api.Uploaded{}, 0, err
	}
	f.Body, f.Size = in, info.Size()
	if f.Name == "" {
		f.Name = info.Name()
	}
	begin := time.Now()
	out, err := client.New(url, "").Uploader(o).Upload(context.Background(), f)
	if err == nil && out.FileStatus != "fresh" {
		err = fmt.Errorf("not fresh: %s", out.Message)
	}
	return out, time.Since(begin), err
}

// parts measures 4 parallel parts of plain text, and of chat, against a server
// that only writes 4 parallel chunks and syncs each.
func (b *bench) parts() error {
	five := "5GiB"
	if b.short {
		five = "1GiB"
	}
	for _, of := range []struct{ kind, size, target string }{{"text", b.two(), "≤ 1.5"}, {"chat", five, "≤ 1.6"}} {
		file, err := b.data(of.kind, of.size)
		if err != nil {
			return err
		}
		err = b.pair("4 parallel parts, "+of.size+" "+of.kind+" to fresh, wall", "pwrite+fsync", of.target,
			func() (time.Duration, usage, error) { return b.byClient(file) },
			func() (time.Duration, usage, error) {
				s, err := b.bare()
				if err != nil {
					return 0, usage{}, err
				}
				took, err := putChunks(s.url, file, 4, 128<<20)
				u, e := s.stop()
				return took, u, firstOf(err, e)
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// byClient sends a file by the Go client, 4 parts at once, to a new server.
func (b *bench) byClient(file string) (time.Duration, usage, error) {
	s, err := b.freshet()
	if err != nil {
		return 0, usage{}, err
	}
	_, took, err := sendParts(s.url, file, client.File{}, client.Options{Parallel: 4})
	u, e := s.stop()
	return took, u, firstOf(err, e)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// putChunks sends a file in chunks, some at once, as the client does but for checksums.
func putChunks(url, file string, parallel int, size int64) (time.Duration, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	c := &http.Client{Transport: &http.Transport{WriteBufferSize: 256 << 10, MaxIdleConnsPerHost: parallel}}
	begin := time.Now()
	offsets := make(chan int64)
	fails := make(chan error, parallel)
	var wg sync.WaitGroup
	for range parallel {
		wg.Go(func() {
			for off := range offsets {
				n := min(size, info.Size()-off)
				req, err := http.NewRequest(http.MethodPut, fmt.Sprintf("%s/?at=%d", url, off), io.NopCloser(io.NewSectionReader(f, off, n)))
				if err == nil {
					req.ContentLength = n
					err = expect(c, req, 200)
				}
				if err != nil && len(fails) < cap(fails) {
					fails <- err
				}
			}
		})
	}
	for off := int64(0); off < info.Size(); off += size {
		offsets <- off
	}
	close(offsets)
	wg.Wait()
	if len(fails) > 0 {
		return 0, <-fails
	}
	return time.Since(begin), nil
}

func expect(c *http.Client, req *http.Request, status int) error {
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != status {
		err = fmt.Errorf("%s: %s", resp.Status, body)
	}
	return err
}

// tus measures one PATCH with the whole file against a bare copy and fsync.
func (b *bench) tus() error {
	file, err := b.data("text", b.two())
	if err != nil {
		return err
	}
	return b.pair("tus, one PATCH, "+b.two()+" text to fresh, wall", "io.Copy+fsync", "≤ 1.1",
		func() (time.Duration, usage, error) {
			s, err := b.freshet()
			if err != nil {
				return 0, usage{}, err
			}
			took, err := patch(s.url, file)
			u, e := s.stop()
			return took, u, firstOf(err, e)
		},
		func() (time.Duration, usage, error) {
			s, err := b.bare()
			if err != nil {
				return 0, usage{}, err
			}
			took, err := postRaw(s.url, file)
			u, e := s.stop()
			return took, u, firstOf(err, e)
		})
}

func rawBody(method, url, file string) (*http.Request, func(), error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequest(method, url, io.NopCloser(&bigReads{f}))
	if err != nil {
		return nil, nil, err
	}
	req.ContentLength = info.Size()
	return req, func() { f.Close() }, nil
}

func postRaw(url, file string) (time.Duration, error) {
	req, done, err := rawBody(http.MethodPost, url, file)
	if err != nil {
		return 0, err
	}
	defer done()
	begin := time.Now()
	err = expect(&http.Client{Transport: &http.Transport{WriteBufferSize: 1 << 20}}, req, 200)
	return time.Since(begin), err
}

func patch(url, file string) (time.Duration, error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	c := &http.Client{Transport: &http.Transport{WriteBufferSize: 1 << 20}}
	begin := time.Now()
	create, err := http.NewRequest(http.MethodPost, url+"/data/efficient/tus/", bytes.NewReader(nil))
	if err != nil {
		return 0, err
	}
	create.Header.Set("Tus-Resumable", "1.0.0")
	create.Header.Set("Upload-Length", fmt.Sprint(info.Size()))
	create.Header.Set("Upload-Metadata", "filename dGV4dC50eHQ=") // text.txt
	resp, err := c.Do(create)
	if err != nil {
		return 0, err
	}
	resp.Body.Close()
	at := url + resp.Header.Get("Location")
	req, done, err := rawBody(http.MethodPatch, at, file)
	if err != nil {
		return 0, err
	}
	defer done()
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Upload-Offset", "0")
	req.Header.Set("Content-Type", "application/offset+octet-stream")
	if err := expect(c, req, 204); err != nil {
		return 0, err
	}
	took := time.Since(begin)
	info2, err := client.New(url, "").Info(context.Background(), resp.Header.Get("X-File-Id"))
	if err == nil && info2.Status != "fresh" {
		err = fmt.Errorf("not fresh: %s", info2.Status)
	}
	return took, err
}

// resume kills the server at nine tenths of a file, and counts what is sent and
// read again after that.
func (b *bench) resume() error {
	file, err := b.data("chat", b.two())
	if err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	s, err := b.freshet()
	if err != nil {
		return err
	}
	addr := strings.TrimPrefix(s.url, "http://")
	var again *server
	var restarted error
	var reads *accesses
	killed := make(chan int64, 1)
	p := &client.Progress{}
	done := make(chan struct{})
	go func() { // no event tells of nine tenths
		defer close(done)
		for p.Sent.Load() < info.Size()*9/10 {
			time.Sleep(time.Millisecond)
		}
		killed <- p.Stored.Load()
		s.cmd.Process.Signal(syscall.SIGKILL)
		s.cmd.Wait()
		if reads, restarted = watchReads(s.dir, info.Size()/2); restarted == nil {
			again, restarted = b.freshetAt(addr, s.dir)
		}
	}()
	const parallel = 4
	_, _, err = sendParts(s.url, file, client.File{Progress: p}, client.Options{Parallel: parallel})
	<-done
	if err = firstOf(err, restarted); err != nil {
		return err
	}
	times, err := reads.count()
	if err != nil {
		return err
	}
	read, err := readBytes(again.cmd.Process.Pid)
	if err != nil {
		return err
	}
	stored := <-killed
	u, err := again.stop()
	if err != nil {
		return err
	}
	b.add("kill -9 at 90 % of "+b.two()+", 4 parts at once: acknowledged before", mib(stored), "", "", "")
	b.add("  reads of the file by the server after the restart, to fresh", fmt.Sprint(times), "", "", "0")
	b.add("  all bytes read, sockets and saved checks included", mib(read), mib(info.Size()-stored)+" not acknowledged", "", "")
	b.add("  peak RSS", mib(u.peakRSS), "", "", "")
	return nil
}

// readBytes is what a process read by calls of any kind.
func readBytes(pid int) (n int64, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid))
	if err == nil {
		_, err = fmt.Sscanf(string(b), "rchar: %d", &n)
	}
	return n, err
}

// rssParts measures the peak for a large file in parts.
func (b *bench) rssParts() error {
	size := "10GiB"
	if b.short {
		size = "2GiB"
	}
	file, err := b.data("chat", size)
	if err != nil {
		return err
	}
	s, err := b.freshet()
	if err != nil {
		return err
	}
	_, took, err := sendParts(s.url, file, client.File{}, client.Options{Parallel: 4})
	u, e := s.stop()
	if err = firstOf(err, e); err != nil {
		return err
	}
	b.add("4 parallel parts, "+size+" chat, peak RSS", mib(u.peakRSS), "", "", "≤ 64 MiB")
	b.add("  wall, server CPU", fmt.Sprintf("%.1f s, %.1f s", took.Seconds(), u.cpu.Seconds()), "", "", "")
	return os.Remove(file)
}

// manyParts sends 64 files at once, each in parts.
func (b *bench) manyParts() error {
	n, size := 64, "128MiB"
	if b.short {
		n, size = 16, "32MiB"
	}
	s, err := b.freshet()
	if err != nil {
		return err
	}
	fails := make(chan error, n)
	var wg sync.WaitGroup
	begin := time.Now()
	base, err := b.data("chat", size)
	if err != nil {
		return err
	}
	for i := range n {
		wg.Go(func() {
			f, err := os.Open(base)
			if err == nil {
				defer f.Close()
				_, err = sendVariant(s.url, f, i)
			}
			if err != nil {
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
	b.add(fmt.Sprintf("%d uploads of %s at once, 4 parts each, peak RSS", n, size), mib(u.peakRSS), "", "", "≤ 384 MiB")
	b.add("  wall, all fresh", fmt.Sprintf("%.1f s", took.Seconds()), "", "", "")
	return nil
}

// sendVariant sends a file with one record more at its front, which makes its content its own.
func sendVariant(url string, f *os.File, i int) (id string, err error) {
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	head := fmt.Appendf(nil, "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"%d\"},{\"role\":\"assistant\",\"content\":\"a\"}],\"id\":0}\n", i)
	out, err := client.New(url, "").Upload(context.Background(), client.File{Name: fmt.Sprintf("f%d.jsonl", i), Body: &joined{head, f}, Size: int64(len(head)) + info.Size()})
	if err == nil && out.FileStatus != "fresh" {
		err = fmt.Errorf("not fresh: %s", out.Message)
	}
	return out.FileID, err
}

// joined is a file with something before it.
type joined struct {
	head []byte
	f    *os.File
}

func (j *joined) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF } // parts are read by ReadAt

// ReadAt implements io.ReaderAt.
func (j *joined) ReadAt(p []byte, off int64) (n int, err error) {
	if off < int64(len(j.head)) {
		n = copy(p, j.head[off:])
		if n == len(p) {
			return n, nil
		}
	}
	k, err := j.f.ReadAt(p[n:], off+int64(n)-int64(len(j.head)))
	return n + k, err
}
