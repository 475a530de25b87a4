// Package servers starts real servers of other people for tests and benchmarks,
// on free loopback ports, with their data in a temporary directory. Each is
// started once per process and ends with it, however that ends.
package servers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// readyTime is how long a server may take until it answers.
const readyTime = 60 * time.Second

// supervise runs a server until the pipe on its standard input closes, which
// the kernel does when our process is gone, even by SIGKILL; then it stops the
// server and removes its directory. It is a session of its own, so that no
// signal to the tests' process group takes it away before it has cleaned up.
const supervise = `exec 3<&0
dir=$1 signal=$2; shift 2
"$@" </dev/null & pid=$!
{ read -r _ <&3; kill -s "$signal" $pid; } &
wait $pid
cd / && rm -rf "$dir"`

// process is a server that runs.
type process struct {
	dir  string
	tie  io.WriteCloser
	done chan struct{} // closed when it has ended
}

// command says how a server is run.
type command struct {
	dir    string // its own, removed at the end
	argv   []string
	env    []string
	signal string                      // that stops it
	ready  func(context.Context) error // until it gives nil
	attr   owner
}

// newDir makes the directory of a server for a user to own.
func newDir(name string, as owner) (string, error) {
	dir, err := os.MkdirTemp("", "freshet-"+name+"-")
	if err != nil {
		return "", err
	}
	if err := as.own(dir); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// freePort is a loopback port that nobody listens on at the moment, and that no
// connection gets by chance before the server does, as those from the system's own
// range would.
func freePort() (int, error) {
	for range 100 {
		port := 10_000 + rand.IntN(10_000)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no port is free")
}

// start runs a server and waits until it is ready.
func start(c command) (*process, error) {
	// the log is beside the directory, which some servers want empty
	log, err := os.Create(c.dir + ".log")
	if err != nil {
		return nil, err
	}
	defer log.Close()
	defer os.Remove(log.Name()) // stays readable to who has it open
	keep, err := os.Open(log.Name())
	if err != nil {
		return nil, err
	}
	defer keep.Close()
	cmd := exec.Command("/bin/sh", append([]string{"-c", supervise, "sh", c.dir, c.signal}, c.argv...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.Env = "/", log, log, append(os.Environ(), c.env...)
	cmd.SysProcAttr = c.attr.attr()
	tie, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{dir: c.dir, tie: tie, done: make(chan struct{})}
	go func() {
		cmd.Wait() // how it ended is told by its log
		close(p.done)
	}()
	if err := p.await(c.ready); err != nil {
		out, _ := io.ReadAll(io.LimitReader(keep, 8<<10)) // to be helpful
		p.stop()
		return nil, fmt.Errorf("%s: %w\n%s", filepath.Base(c.argv[0]), err, strings.TrimSpace(string(out)))
	}
	return p, nil
}

// await asks until the server is ready, has ended, or has had its time.
func (p *process) await(ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), readyTime)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond) // there is no event of a stranger's start
	defer tick.Stop()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("it is not ready after %s: %w", readyTime, err)
		case <-tick.C:
		}
	}
}

// stop ends the server and waits until its directory is gone.
func (p *process) stop() {
	p.tie.Close()
	<-p.done
}

// find is the path of a program: of the newest version in directories that
// match a pattern, or from PATH. The error says how it is installed.
func find(name, pattern string) (string, error) {
	dirs, err := filepath.Glob(pattern)
	if err != nil {
		return "", err
	}
	for i := len(dirs) - 1; i >= 0; i-- {
		if path := filepath.Join(dirs[i], name); executable(path) {
			return path, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("the tests need %s, which is not here: scripts/test-deps.sh installs it", name)
	}
	return path, nil
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
