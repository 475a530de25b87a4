package app_test

import (
	"bufio"
	"bytes"
	"context"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"freshet/internal/app"
	"freshet/internal/catalog"
	"freshet/internal/config"
	"freshet/internal/servers"
)

// serve runs a node until the test ends, or what it gives is called.
func serve(t *testing.T, c config.Config) (address string, stop func()) {
	t.Helper()
	c.Listen, c.DataDir, c.Promote = "127.0.0.1:0", t.TempDir(), "auto"
	c.MemoryBudget, c.StallTimeout, c.SweepEvery, c.AbandonedAfter, c.FailedAfter, c.MaxOpenUploads = 64<<20, time.Minute, time.Hour, time.Hour, time.Hour, 100
	if err := c.Complete(); err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), c, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	listening, done := make(chan net.Addr, 1), make(chan struct{})
	go func() {
		defer close(done)
		if err := a.Run(ctx, func(l net.Addr) { listening <- l }); err != nil {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	select {
	case l := <-listening:
		return "http://" + l.String() + "/data/efficient", stop
	case <-done:
		t.Fatal("the node did not start")
		return "", nil
	}
}

// TestTwoNodes: what one node takes, the other tells of; each says that it lives, and that it is gone.
func TestTwoNodes(t *testing.T) {
	c := config.Config{Catalog: servers.Postgres(t), Blobs: "file://" + filepath.Join(t.TempDir(), "blobs")}
	a, stopA := serve(t, c)
	b, _ := serve(t, c)
	facts, err := catalog.Open(t.Context(), c.Catalog)
	if err != nil {
		t.Fatal(err)
	}
	defer facts.Close()
	alive := func(want int) {
		t.Helper()
		if n, err := facts.Nodes(t.Context()); err != nil || len(n) != want {
			t.Errorf("Nodes = %+v, %v, want %d", n, err, want)
		}
	}
	alive(2)

	patient, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(patient, http.MethodGet, b+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	lines.Buffer(nil, 1<<20)
	until := func(part string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), part) {
				return
			}
		}
		t.Fatalf("the stream ended without %s: %v", part, lines.Err())
	}
	until("event: snapshot")

	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "a.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	part.Write([]byte("{\"text\":\"one\"}\n{\"text\":\"two\"}\n"))
	w.Close()
	resp, err := http.Post(a+"/upload-large-file", w.FormDataContentType(), &form)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("upload: %s", resp.Status)
	}
	until(`"to_status":"fresh"`)
	if files, err := facts.List(t.Context(), catalog.Query{Statuses: []catalog.Status{catalog.Fresh}, Limit: 1}); err != nil || files.Total != 1 {
		t.Errorf("%d files are fresh, %v", files.Total, err)
	}
	stopA()
	alive(1)
}
