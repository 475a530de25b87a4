package e2e_test

import (
	"os"
	"os/exec"
	"testing"
)

// The browser tests of the console, against two nodes on Postgres and MinIO.
func TestConsoleOnNodes(t *testing.T) {
	if !clustered {
		t.Skip("these run against one process by scripts/test-web.sh, and against nodes by make cluster")
	}
	s := start(t, "--part-size", "8MiB")
	cmd := exec.Command("npx", "vitest", "run", "test/", "--maxWorkers=1")
	cmd.Dir = "../web/console"
	cmd.Env = append(os.Environ(), "FRESHET_URL="+s.url(""))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
