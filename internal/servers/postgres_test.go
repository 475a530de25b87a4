package servers_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"freshet/internal/servers"

	"github.com/jackc/pgx/v5"
)

// TestDatabases: every caller has a database of its own.
func TestDatabases(t *testing.T) {
	a, b := servers.Postgres(t), servers.Postgres(t)
	for _, address := range []string{a, b} {
		c, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Exec(t.Context(), "CREATE TABLE only_here (n INT)"); err != nil {
			t.Error(err)
		}
		var fsync string
		if err := c.QueryRow(t.Context(), "SHOW fsync").Scan(&fsync); err != nil || fsync != "on" {
			t.Errorf("fsync is %s, %v", fsync, err)
		}
		c.Close(t.Context())
	}
}

// TestEndsWithTheProcess: a server is gone, with its directory, when the
// process that started it was killed.
func TestEndsWithTheProcess(t *testing.T) {
	temp := t.TempDir()
	if err := os.Chmod(temp, 0o777); err != nil { // the server may be another user
		t.Fatal(err)
	}
	for d := temp; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	self := exec.Command(os.Args[0], "-test.run", "^TestHoldsServer$")
	self.Env = append(os.Environ(), "FRESHET_HOLD_SERVER=1", "TMPDIR="+temp)
	out, err := self.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Start(); err != nil {
		t.Fatal(err)
	}
	address := ""
	for s := bufio.NewScanner(out); address == "" && s.Scan(); {
		address, _ = strings.CutPrefix(s.Text(), "SERVER ")
		if !strings.HasPrefix(address, "postgres://") {
			address = ""
		}
	}
	if address == "" {
		t.Fatal("no server was started")
	}
	if err := self.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	self.Wait() // it was killed
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		left, err := filepath.Glob(filepath.Join(temp, "freshet-*"))
		if err != nil {
			t.Fatal(err)
		}
		if len(left) == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%v are left", left)
		}
	}
	if c, err := pgx.Connect(t.Context(), address); err == nil {
		c.Close(t.Context())
		t.Error("the server still answers")
	}
}

// TestHoldsServer is the process of TestEndsWithTheProcess.
func TestHoldsServer(t *testing.T) {
	if os.Getenv("FRESHET_HOLD_SERVER") == "" {
		return
	}
	address := servers.Postgres(t)
	os.Stdout.WriteString("SERVER " + address + "\n")
	select {}
}
