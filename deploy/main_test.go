// Package deploy_test holds the files of this directory to what the program
// does: proxies stream to it, rules name metrics that it has, a backup restores.
package deploy_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const api = "/data/efficient"

// key is that of servers which have one.
const key = "a key that only the tests in here know of"

// patience bounds every wait.
const patience = 20 * time.Second

var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run builds the program once and looks at every source file, so that go test
// does not take a result for good that was had with another program.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "freshet-deploy-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "freshet")
	build := exec.Command("go", "build", "-o", binary, "../cmd/freshet")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		return 1
	}
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".go" {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		panic(err)
	}
	return m.Run()
}

// installed gives the path of a program that scripts/test-deps.sh installs.
func installed(t *testing.T, name string) string {
	t.Helper()
	t.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is needed: run scripts/test-deps.sh", name)
	}
	return path
}

// process is a program that runs until the test ends.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	over chan struct{}
	mu   sync.Mutex
	said bytes.Buffer
}

// launch starts a program, whose lines of standard error each is told.
func launch(t *testing.T, cmd *exec.Cmd, each func(line string)) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, over: make(chan struct{})}
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		lines := bufio.NewReader(out)
		for {
			line, err := lines.ReadString('\n')
			p.mu.Lock()
			p.said.WriteString(line)
			p.mu.Unlock()
			if each != nil {
				each(line)
			}
			if err != nil {
				break
			}
		}
		cmd.Wait()
		close(p.over)
	}()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(cmd.Path), p.log())
		}
	})
	return p
}

// stop asks the program to end, and makes it.
func (p *process) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.over:
	case <-time.After(patience):
		p.t.Errorf("%s does not end", p.cmd.Path)
		p.cmd.Process.Kill()
		<-p.over
	}
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// clean is the environment without the developer's settings.
func clean(env ...string) []string {
	out := env
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "FRESHET_") {
			out = append(out, v)
		}
	}
	return out
}

// serve starts the program on a data directory; it gives the address.
func serve(t *testing.T, dir string, args ...string) (*process, string) {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"serve", "--data-dir", dir, "--listen", "127.0.0.1:0", "--disk-reserve", "0"}, args...)...)
	cmd.Env = clean()
	ready := make(chan string, 1)
	p := launch(t, cmd, func(line string) {
		var v struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &v) == nil && v.Msg == "ready" {
			ready <- v.Address
		}
	})
	select {
	case addr := <-ready:
		return p, addr
	case <-p.over:
		t.Fatalf("the server ended at once:\n%s", p.log())
	case <-time.After(patience):
		t.Fatalf("the server is not ready:\n%s", p.log())
	}
	return nil, ""
}

// freeAddress is one on which nothing listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// reachable waits for a program of others that tells of no event.
func reachable(t *testing.T, url string) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(15 * time.Millisecond) {
		r, err := http.Get(url)
		if err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(end) {
			t.Fatalf("%s does not answer: %v", url, err)
		}
	}
}

// records is size bytes of JSONL, others for each seed.
func records(seed string, size int) []byte {
	var b bytes.Buffer
	b.Grow(size + 1024)
	filler := strings.Repeat("clear water runs fast ", 40)
	for n := 0; b.Len() < size; n++ {
		fmt.Fprintf(&b, `{"id":"%s-%d","text":"%s"}`+"\n", seed, n, filler)
	}
	return b.Bytes()
}
