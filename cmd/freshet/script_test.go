package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be the command, so that scripts run it as a
// process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"freshet": main})
}

// TestScripts runs the command as people do. The command serve-on starts a
// server for the rest of a script, or until serve-off, and sets FRESHET_SERVER.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"serve-on": serveOn, "serve-off": serveOff},
	})
}

func serveOn(ts *testscript.TestScript, _ bool, args []string) {
	log, err := os.Create(filepath.Join(ts.Getenv("WORK"), "serve.log"))
	ts.Check(err)
	l, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free
	ts.Check(err)
	addr := l.Addr().String()
	ts.Check(l.Close())
	cmd := exec.Command("freshet", append([]string{"serve", "--listen", addr, "--data-dir", "data"}, args...)...)
	cmd.Dir, cmd.Stderr = ts.Getenv("WORK"), log
	cmd.Env = append(os.Environ(), "PATH="+ts.Getenv("PATH"))
	path, err := exec.LookPath("freshet")
	ts.Check(err)
	cmd.Path = path
	ts.Check(cmd.Start())
	stop := sync.OnceFunc(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
		log.Close()
	})
	ts.Defer(stop)
	stops.Store(ts, stop)
	ts.Setenv("FRESHET_SERVER", "http://"+addr)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if resp, err := http.Get("http://" + addr + "/readyz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
	}
	b, _ := os.ReadFile(log.Name())
	ts.Fatalf("the server did not get ready: %s", b)
}

// stops ends the server that a script started last.
var stops sync.Map

func serveOff(ts *testscript.TestScript, _ bool, _ []string) {
	stop, ok := stops.Load(ts)
	if !ok {
		ts.Fatalf("no server runs")
	}
	stop.(func())()
}

// TestDocsAreCurrent: docs/rules.md is what the rules say.
func TestDocsAreCurrent(t *testing.T) {
	var b bytes.Buffer
	if err := writeRules(&b); err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Error("docs/rules.md is not what the rules say: run make docs")
	}
}

// TestInterrupted: a command that is interrupted says so and exits with 130.
func TestInterrupted(t *testing.T) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGUSR1)
	defer stop()
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	var out, errs bytes.Buffer
	e := &env{ctx: ctx, in: bytes.NewReader([]byte("{}\n")), out: &out, err: &errs}
	if code := run(e, []string{"validate", "-"}); code != exitInterrupted {
		t.Errorf("exit code %d, want %d: %s", code, exitInterrupted, errs.String())
	}
}
