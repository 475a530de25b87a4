// Package e2e_test drives the real program over real connections: what is
// tested here is what a client, a script or an operator sees.
package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
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

	"freshet/internal/servers"
)

const api = "/data/efficient"

// patience bounds every wait for something that the server does. Nodes learn of
// another's death only after a while.
var patience = map[bool]time.Duration{false: 20 * time.Second, true: 100 * time.Second}[clustered]

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
	// each request on a connection of its own, so that each may go to another node
	http.DefaultTransport.(*http.Transport).DisableKeepAlives = true
	for _, kv := range (servers.S3{}).Env() {
		k, v, _ := strings.Cut(kv, "=")
		if err := os.Setenv(k, v); err != nil {
			panic(err)
		}
	}
	// those that may run beside others mostly wait
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
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

// server is one process and its data directory, which outlives it; or several
// nodes behind one address.
type server struct {
	t    *testing.T
	dir  string
	addr string
	key  string // sent with every request, unless empty
	args []string
	env  []string
	log  *logBuffer
	*process
	cluster *cluster // nil of a single process
}

// process is one running program.
type process struct {
	cmd  *exec.Cmd
	over chan struct{} // closed once it ended
}

// start runs a server on a free port with a data directory of its own.
func start(t *testing.T, args ...string) *server {
	t.Helper()
	return startIn(t, t.TempDir(), nil, args...)
}

func startIn(t *testing.T, dir string, env []string, args ...string) *server {
	t.Helper()
	return startServer(t, dir, env, newCluster(t), args...)
}

func startServer(t *testing.T, dir string, env []string, c *cluster, args ...string) *server {
	t.Helper()
	s := &server{t: t, dir: dir, args: args, env: env, log: &logBuffer{}, cluster: c}
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

// command is the program with an environment free of the developer's settings;
// that in which steps fail, where the environment says which.
func command(env []string, args ...string) *exec.Cmd {
	program := binary
	if slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, "FRESHET_FAULTS=") }) {
		program = faultyBinary()
	}
	c := exec.Command(program, args...)
	c.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "FRESHET_") })
	c.Env = append(c.Env, env...)
	c.Env = append(c.Env, sealedEnv(env, args)...)
	return c
}

// command is another program beside the server, with the same stores.
func (s *server) command(args ...string) *exec.Cmd {
	return command(slices.Concat(s.env, s.cluster.env()), append(args, "--data-dir", s.dir)...)
}

func (s *server) launch() { s.t.Helper(); s.launchAt("127.0.0.1:0") }

// relaunch starts a server that has ended at the address where it was.
func (s *server) relaunch() { s.t.Helper(); s.launchAt(s.addr) }

func (s *server) launchAt(listen string) {
	s.t.Helper()
	if s.cluster != nil {
		s.cluster.launch(s)
		return
	}
	s.process, s.addr = s.run(s.dir, listen)
}

// run starts a process and waits until it is ready.
func (s *server) run(dir, listen string) (*process, string) {
	s.t.Helper()
	log := &logBuffer{}
	args := append([]string{"serve", "--data-dir", dir, "--listen", listen, "--disk-reserve", "0"}, s.args...)
	if i := slices.Index(s.args, "--listen"); i >= 0 && s.cluster != nil { // the address that stays is the proxy's
		args = slices.Delete(args, len(args)-len(s.args)+i, len(args)-len(s.args)+i+2)
	}
	p := &process{cmd: command(slices.Concat(s.env, s.cluster.env()), args...), over: make(chan struct{})}
	both := io.MultiWriter(log, s.log)
	p.cmd.Stdout, p.cmd.Stderr = both, both
	if err := p.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() { p.cmd.Wait(); close(p.over) }()
	addr := ""
	s.until("it is ready", func() bool {
		select {
		case <-p.over:
			s.t.Fatalf("the server ended at once: %s", p.cmd.ProcessState)
		default:
		}
		if addr == "" {
			addr = strings.Replace(log.address(), "[::]", "127.0.0.1", 1)
		}
		if addr == "" {
			return false
		}
		r, err := http.Get(s.scheme() + addr + "/readyz")
		if err != nil {
			return false
		}
		r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
	return p, addr
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

// ended waits for the server and gives its exit code.
func (s *server) ended() int {
	s.t.Helper()
	code := 0
	for _, p := range s.processes() {
		select {
		case <-p.over:
		case <-time.After(40 * time.Second):
			s.t.Fatal("the server does not end")
		}
		if c := p.cmd.ProcessState.ExitCode(); c != 0 {
			code = c
		}
	}
	return code
}

// stop asks the server to stop, and gives its exit code.
func (s *server) stop() int {
	s.t.Helper()
	s.signal(syscall.SIGTERM)
	return s.ended()
}

func (s *server) signal(sig os.Signal) {
	s.t.Helper()
	for _, p := range s.processes() {
		if err := p.cmd.Process.Signal(sig); err != nil {
			s.t.Fatal(err)
		}
	}
}

// kill ends all processes as a power cut would.
func (s *server) kill() {
	for _, p := range s.processes() {
		p.kill(s.t)
	}
}

func (p *process) kill(t *testing.T) {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	<-p.over
}

func (s *server) processes() []*process {
	if s.cluster != nil {
		return s.cluster.nodes
	}
	if s.process == nil {
		return nil
	}
	return []*process{s.process}
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

func (s *server) url(path string) string { return s.scheme() + s.addr + path }

func (s *server) scheme() string {
	if slices.Contains(s.args, "--tls-cert") || slices.Contains(s.args, "--autocert") {
		return "https://"
	}
	return "http://"
}

// files lists what lies under a directory of the store, by key.
func (s *server) files(under string) []string {
	s.t.Helper()
	if s.cluster != nil {
		return s.cluster.files(under)
	}
	var keys []string
	for _, root := range []string{filepath.Join(s.dir, "blobs"), filepath.Join(s.dir, "blobs", ".sealed")} {
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
	}
	return keys
}

// stored is where an object lies on the server's disk.
func (s *server) stored(key string) string {
	if strings.HasPrefix(key, ".parts") {
		return filepath.Join(s.dir, "blobs", filepath.FromSlash(key))
	}
	tree := ""
	if s.sealed() {
		tree = ".sealed"
	}
	return filepath.Join(s.dir, "blobs", tree, filepath.FromSlash(key))
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

// address is that of the first ready line.
func (l *logBuffer) address() string {
	for line := range strings.Lines(l.String()) {
		var v struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &v) == nil && v.Msg == "ready" {
			return v.Address
		}
	}
	return ""
}
