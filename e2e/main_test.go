// Package e2e_test drives the real program over real connections: what is
// tested here is what a client, a script or an operator sees.
package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const api = "/data/efficient"

// patience bounds every wait for something that the server does.
const patience = 20 * time.Second

var binary string

// TestMain builds the program once. FRESHET_RACE=1 has it watch for data races.
func TestMain(m *testing.M) {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "tmp", "freshet")
	args := []string{"build", "-o", binary}
	if os.Getenv("FRESHET_RACE") == "1" {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "../cmd/freshet")...)
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
	watchSources()
	os.Exit(m.Run())
}

// watchSources looks at every source file, so that go test does not take a
// result for good that was had with another program.
func watchSources() {
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".go" {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		panic(err)
	}
}

// server is one process and its data directory, which outlives it.
type server struct {
	t    *testing.T
	dir  string
	addr string
	key  string // sent with every request, unless empty
	args []string
	env  []string
	log  *logBuffer
	cmd  *exec.Cmd
	over chan struct{} // closed once the process ended
}

// start runs a server on a free port with a data directory of its own.
func start(t *testing.T, args ...string) *server {
	t.Helper()
	return startIn(t, t.TempDir(), nil, args...)
}

func startIn(t *testing.T, dir string, env []string, args ...string) *server {
	t.Helper()
	s := &server{t: t, dir: dir, args: args, env: env, log: &logBuffer{}}
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("log of the server:\n%s", s.log)
		}
		if strings.Contains(s.log.String(), "DATA RACE") || strings.Contains(s.log.String(), `"error":"panic:`) {
			t.Errorf("the server raced or panicked:\n%s", s.log)
		}
	})
	s.launch()
	return s
}

// command is the program with an environment free of the developer's settings.
func command(env []string, args ...string) *exec.Cmd {
	c := exec.Command(binary, args...)
	c.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "FRESHET_") })
	c.Env = append(c.Env, env...)
	return c
}

func (s *server) launch() { s.t.Helper(); s.launchAt("127.0.0.1:0") }

// relaunch starts a server that has ended at the address where it was.
func (s *server) relaunch() { s.t.Helper(); s.launchAt(s.addr) }

func (s *server) launchAt(listen string) {
	s.t.Helper()
	from := s.log.Len()
	args := append([]string{"serve", "--data-dir", s.dir, "--listen", listen, "--disk-reserve", "0"}, s.args...)
	s.cmd = command(s.env, args...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	over := make(chan struct{})
	s.over = over
	go func(c *exec.Cmd) { c.Wait(); close(over) }(s.cmd)
	s.addr = ""
	s.until("it is ready", func() bool {
		select {
		case <-over:
			s.t.Fatalf("the server ended at once: %s", s.cmd.ProcessState)
		default:
		}
		if s.addr == "" {
			s.addr = s.log.address(from)
		}
		if s.addr == "" {
			return false
		}
		r, err := http.Get(s.url("/readyz"))
		if err != nil {
			return false
		}
		r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
}

// until polls: it is for conditions that no event tells of.
func (s *server) until(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(15 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("waited %s in vain until %s", patience, what)
		}
	}
}

// ended waits for the process and gives its exit code.
func (s *server) ended() int {
	s.t.Helper()
	select {
	case <-s.over:
	case <-time.After(40 * time.Second):
		s.t.Fatal("the server does not end")
	}
	return s.cmd.ProcessState.ExitCode()
}

// stop asks the server to stop, and gives its exit code.
func (s *server) stop() int {
	s.t.Helper()
	s.signal(syscall.SIGTERM)
	return s.ended()
}

func (s *server) signal(sig os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// kill ends the process as a power cut would.
func (s *server) kill() {
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Error(err)
	}
	<-s.over
}

// restart starts a server again on the same data directory, and stops it first
// if it runs; the port is another.
func (s *server) restart() {
	s.t.Helper()
	select {
	case <-s.over:
	default:
		s.stop()
	}
	s.launch()
}

func (s *server) url(path string) string { return "http://" + s.addr + path }

// files lists what lies under a directory of the store, by key.
func (s *server) files(under string) []string {
	s.t.Helper()
	root := filepath.Join(s.dir, "blobs")
	var keys []string
	err := filepath.WalkDir(filepath.Join(root, under), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // also what is moved while we look
		}
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(root, path)
			keys = append(keys, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return keys
}

// wantNoBytes fails unless nothing of an upload is left on the disk.
func (s *server) wantNoBytes(id string) {
	s.t.Helper()
	if parts := s.files(".parts"); len(parts) > 0 {
		s.t.Errorf("parts were left: %v", parts)
	}
	for _, key := range s.files("training-data") {
		if strings.Contains(key, id) {
			s.t.Errorf("bytes were left: %s", key)
		}
	}
}

// logBuffer takes what the server says, while others read it.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logBuffer) Len() int { return len(l.String()) }

// address is that of the first ready line after an offset.
func (l *logBuffer) address(from int) string {
	for line := range strings.Lines(l.String()[from:]) {
		var v struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &v) == nil && v.Msg == "ready" {
			return v.Address
		}
	}
	return ""
}
