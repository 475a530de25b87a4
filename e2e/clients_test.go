package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"lukechampine.com/blake3"
)

// Clients of other people, as they come: tus-js-client in Node, Uppy in a
// browser, curl. scripts/test-deps.sh installs them; where one is missing, the
// test fails.

// clientTime bounds the run of one client.
const clientTime = 3 * time.Minute

const (
	tusAt = api + "/tus"
	kib   = 1 << 10
	mib   = 1 << 20
)

// sample is a file on the client's disk.
type sample struct {
	path, name string
	size       int64
	hash       string
}

// newSample writes records that pass, of a size and a bit; each seed gives others.
func newSample(t *testing.T, size int, seed string) sample {
	t.Helper()
	var b bytes.Buffer
	words := strings.Repeat("some words of a record, ", 40)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `{"id":"%s-%d","text":"%s"}`+"\n", seed, i, words)
	}
	sum := blake3.Sum256(b.Bytes())
	name := strings.NewReplacer(" ", "-", ",", "").Replace(seed) + ".jsonl"
	f := sample{filepath.Join(t.TempDir(), name), name, int64(b.Len()), "blake3:" + hex.EncodeToString(sum[:])}
	if err := os.WriteFile(f.path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

// wantSent fails unless an upload became a file that is fresh and is the sample.
func (s *server) wantSent(f sample, uploadURL string) obj {
	s.t.Helper()
	var u obj
	s.until("the upload is complete", func() bool {
		u = s.get("/uploads/" + path.Base(uploadURL)).ok(200).json()
		return u.str("state") == "complete"
	})
	info := s.settled(u.str("file_id"))
	info.want(s.t, obj{"status": "fresh", "original_name": f.name, "file_size": int(f.size), "file_hash": f.hash})
	return info
}

// standing is the Upload-Offset of an upload, by tus.
func (s *server) standing(id string) int64 {
	s.t.Helper()
	n, err := strconv.ParseInt(s.do("HEAD", tusAt+"/"+id, "", "Tus-Resumable", "1.0.0").ok(200).header.Get("Upload-Offset"), 10, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// listenAgain is the setting of an address that is the same after a restart. The
// port is below those that systems give to whoever asks for any.
func listenAgain(t *testing.T) []string {
	t.Helper()
	for port := 21000 + os.Getpid()%5000; port < 30000; port++ {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			l.Close()
			return []string{"--listen", l.Addr().String()}
		}
	}
	t.Fatal("no port is free")
	return nil
}

// said is a line of a client's script.
type said struct {
	Request *struct {
		Method, Concat string
		Offset         int64 // -1 where the request has none
		Status         int
	}
	Accepted            int64
	Stopped             bool
	Visit               int // whose Step or Done it is
	Step, Resumed, Done string
}

// runNode runs a script of clients/ with its job. What the script says is told
// as it is said, with a place for an answer, and is given at the end.
func runNode(t *testing.T, script string, job any, told func(said, io.Writer)) []said {
	t.Helper()
	arg, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	for _, needed := range []string{script, "package-lock.json", "node_modules/.installed"} {
		if _, err := os.Stat(filepath.Join("clients", needed)); err != nil { // looked at, so that go test does not take an old result
			t.Fatalf("%v; scripts/test-deps.sh installs the clients", err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), clientTime)
	defer cancel()
	c := exec.CommandContext(ctx, "node", filepath.Join("clients", script), string(arg))
	c.WaitDelay = 5 * time.Second
	var complaints bytes.Buffer
	c.Stderr = &complaints
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		stdin.Close()
		cancel()
		c.Wait() // again, unless the test gave up
		if t.Failed() {
			t.Logf("%s complained:\n%s", script, &complaints)
		}
	}()
	var all []said
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		var v said
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Errorf("%s said %q", script, lines.Text())
			continue
		}
		all = append(all, v)
		if told != nil {
			told(v, stdin)
		}
	}
	if err := c.Wait(); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	if len(all) == 0 {
		t.Fatalf("%s said nothing", script)
	}
	return all
}
