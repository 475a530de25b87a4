package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"
	"sync"
	"time"

	"freshet/client"
	"freshet/internal/servers"

	"github.com/minio/minio-go/v7"
)

// stores are a database and a bucket on this machine.
type stores struct {
	args   []string
	s3     servers.S3
	bucket string
	drop   func() error
}

// newStores makes them, with nothing in them.
func (b *bench) newStores() (*stores, error) {
	s3, err := servers.SharedMinIO()
	if err != nil {
		return nil, err
	}
	bucket, err := s3.NewBucket(b.ctx)
	if err != nil {
		return nil, err
	}
	catalog, drop, err := servers.NewPostgres(b.ctx)
	return &stores{args: []string{"--catalog", catalog, "--blobs", s3.URL(bucket)}, s3: s3, bucket: bucket, drop: drop}, err
}

// empty removes what a run left in the bucket.
func (st *stores) empty(b *bench) error {
	c, err := st.s3.Client()
	if err != nil {
		return err
	}
	for o := range c.Client.ListObjects(b.ctx, st.bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			return o.Err
		}
		if err := c.Client.RemoveObject(b.ctx, st.bucket, o.Key, minio.RemoveObjectOptions{}); err != nil {
			return err
		}
	}
	return nil
}

// node starts a server on the stores.
func (b *bench) node(st *stores) (*server, error) {
	for _, kv := range st.s3.Env() { // for it, and for the client of the reference
		k, v, _ := strings.Cut(kv, "=")
		if err := os.Setenv(k, v); err != nil {
			return nil, err
		}
	}
	return b.freshet(st.args...)
}

// intoBucket measures 2 GiB by 4 parallel parts, and by one form, into MinIO against
// a client that puts 4 sections there itself.
func (b *bench) intoBucket() error {
	file, err := b.data("chat", b.two())
	if err != nil {
		return err
	}
	var copies, walls []float64
	send := func(how func(url string) (string, time.Duration, error)) func() (time.Duration, usage, error) {
		return func() (time.Duration, usage, error) {
			st, err := b.newStores()
			if err != nil {
				return 0, usage{}, err
			}
			s, err := b.node(st)
			if err != nil {
				return 0, usage{}, err
			}
			id, took, err := how(s.url)
			if err == nil {
				var c time.Duration
				c, err = copying(s.url, id)
				copies, walls = append(copies, c.Seconds()), append(walls, took.Seconds())
			}
			u, e := s.stop()
			return took, u, firstOf(err, e, st.empty(b), st.drop())
		}
	}
	direct := func() (time.Duration, usage, error) {
		st, err := b.newStores()
		if err != nil {
			return 0, usage{}, err
		}
		took, err := st.putDirect(b, file, 4)
		return took, usage{}, firstOf(err, st.empty(b), st.drop())
	}
	err = b.pair("4 parallel parts, "+b.two()+" chat into MinIO, to fresh, wall", "minio-go, 4 sections", "≤ 1.35", send(func(url string) (string, time.Duration, error) {
		out, took, err := sendParts(url, file, client.File{}, client.Options{Parallel: 4})
		return out.FileID, took, err
	}), direct)
	if err != nil {
		return err
	}
	told := func() {
		b.add("  of it the copy to fresh/ within the bucket; the rest", fmt.Sprintf("%.2f s; %.2f s", median(copies), median(walls)-median(copies)), "", "", "")
		copies, walls = nil, nil
	}
	told()
	defer told()
	return b.pair("form POST "+b.two()+" chat into MinIO, to fresh, wall", "minio-go, 4 sections", "≤ 1.6", send(func(url string) (string, time.Duration, error) {
		took, body, err := post(url, file)
		var out struct {
			FileID     string `json:"file_id"`
			FileStatus string `json:"file_status"`
		}
		if err == nil {
			err = json.Unmarshal(body, &out)
		}
		if err == nil && out.FileStatus != "fresh" {
			err = fmt.Errorf("not fresh: %s", body)
		}
		return out.FileID, took, err
	}), direct)
}

// copying is how long a file took from its verdict to fresh.
func copying(url, id string) (time.Duration, error) {
	h, err := client.New(url, "").History(context.Background(), id)
	if err != nil {
		return 0, err
	}
	var from, to time.Time
	for _, e := range h.Events {
		switch e.ToStatus {
		case "uploaded":
			from = e.At
		case "fresh":
			to = e.At
		}
	}
	return to.Sub(from), nil
}

// putDirect puts a file into the bucket as one object, some parts at once.
func (st *stores) putDirect(b *bench, file string, parallel int) (time.Duration, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	c, err := st.s3.Client()
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	id, err := c.NewMultipartUpload(b.ctx, st.bucket, "direct", minio.PutObjectOptions{})
	if err != nil {
		return 0, err
	}
	const size = 128 << 20
	parts := make([]minio.CompletePart, (info.Size()-1)/size+1)
	fails := make(chan error, len(parts))
	next := make(chan int)
	var wg sync.WaitGroup
	for range parallel {
		wg.Go(func() {
			for i := range next {
				at := int64(i) * size
				n := min(size, info.Size()-at)
				p, err := c.PutObjectPart(b.ctx, st.bucket, "direct", id, i+1, io.NewSectionReader(f, at, n), n, minio.PutObjectPartOptions{DisableContentSha256: true})
				if err != nil {
					fails <- err
				}
				parts[i] = minio.CompletePart{PartNumber: i + 1, ETag: p.ETag}
			}
		})
	}
	for i := range parts {
		next <- i
	}
	close(next)
	wg.Wait()
	if len(fails) > 0 {
		return 0, <-fails
	}
	_, err = c.CompleteMultipartUpload(b.ctx, st.bucket, "direct", id, parts, minio.PutObjectOptions{})
	return time.Since(begin), err
}

// twoNodes sends 16 files at once, the parts of each to both nodes, and compares
// the reports with those of a single process.
func (b *bench) twoNodes() error {
	n, size := 16, "256MiB"
	if b.short {
		n, size = 4, "64MiB"
	}
	file, err := b.data("chat", size)
	if err != nil {
		return err
	}
	st, err := b.newStores()
	if err != nil {
		return err
	}
	var nodes []*server
	for range 2 {
		s, err := b.node(st)
		if err != nil {
			return err
		}
		nodes = append(nodes, s)
	}
	one, err := b.freshet()
	if err != nil {
		return err
	}
	defer func() { // what a failure leaves running; those that ended say so, which is well
		for _, s := range append(nodes, one) {
			_ = s.cmd.Process.Kill()
		}
	}()
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	proxy, err := newTurns(nodes[0].url, nodes[1].url)
	if err != nil {
		return err
	}
	defer proxy.close()
	ids := make([]string, n)
	fails := make(chan error, n)
	begin := time.Now()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			var err error
			if ids[i], err = sendVariant(proxy.url, f, i); err != nil {
				fails <- err
			}
		})
	}
	wg.Wait()
	took := time.Since(begin)
	if len(fails) > 0 {
		return <-fails
	}
	equal := 0
	for i := range n {
		id, err := sendVariant(one.url, f, i)
		if err != nil {
			return err
		}
		a, err := report(nodes[i%2].url, ids[i])
		if err != nil {
			return err
		}
		want, err := report(one.url, id)
		if err != nil {
			return err
		}
		if reflect.DeepEqual(a, want) {
			equal++
		}
	}
	u0, e0 := nodes[0].stop()
	u1, e1 := nodes[1].stop()
	_, e2 := one.stop()
	b.add(fmt.Sprintf("two nodes, %d uploads of %s at once, parts of each on both, wall, all fresh", n, size), fmt.Sprintf("%.1f s", took.Seconds()), "", "", "")
	b.add("  reports equal to a single process's", fmt.Sprintf("%d of %d", equal, n), "", "", fmt.Sprint(n))
	b.add("  server CPU; peak RSS of each", fmt.Sprintf("%.1f s; %s, %s", (u0.cpu+u1.cpu).Seconds(), mib(u0.peakRSS), mib(u1.peakRSS)), "", "", "")
	return firstOf(e0, e1, e2, st.empty(b), st.drop())
}

// report is a file's, without what differs from run to run.
func report(url, id string) (map[string]any, error) {
	resp, err := http.Get(url + "/data/efficient/validation-report/" + id)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var r map[string]any
	err = json.NewDecoder(resp.Body).Decode(&r)
	for _, k := range []string{"file_id", "started", "finished", "bytes_per_second"} {
		delete(r, k)
	}
	return r, err
}
