package e2e_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A disk that is almost full takes no files; all else works.
func TestDiskAlmostFull(t *testing.T) {
	onDisk(t)
	s := start(t, "--disk-reserve", "1000TiB")
	id := newID()
	a := s.uploadAs(id, file("a.jsonl", good(3, "full")))
	a.problem(507, "no-space")
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	s.wantNoBytes(id)
	s.get("/file-info/"+id).problem(404, "")
	s.get("/staged-files").ok(200)
	h := s.get("/health").ok(200).json()
	h.want(t, obj{"status": "degraded"})
}

// Two servers on one data directory would ruin it: the second says who was first.
func TestSecondServer(t *testing.T) {
	onDisk(t)
	s := start(t)
	out, err := s.command("serve", "--listen", "127.0.0.1:0").CombinedOutput()
	if err == nil {
		t.Fatal("a second server ran on the same data directory")
	}
	if pid := fmt.Sprint(s.cmd.Process.Pid); !strings.Contains(string(out), pid) {
		t.Errorf("it does not say that process %s holds it: %s", pid, out)
	}
	s.get("/health").ok(200)
	s.upload(file("a.jsonl", good(2, "x"))).ok(200)
}

// A lock that a killed server left does not keep the next from starting.
func TestStartAfterKill(t *testing.T) {
	s := start(t)
	s.kill()
	s.restart()
	s.get("/health").ok(200)
}

func TestRefusesToStart(t *testing.T) {
	busy := start(t)
	config := filepath.Join(t.TempDir(), "freshet.yaml")
	if err := os.WriteFile(config, []byte("max_fiel_size: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		args  []string
		code  int
		names string
	}{
		{"address in use", []string{"--listen", busy.addr}, 1, busy.addr},
		{"not loopback and no key", []string{"--listen", "0.0.0.0:0", "--behind-proxy", "10.0.0.1"}, 1, "freshet keys create"},
		{"all addresses and no key", []string{"--listen", ":0", "--behind-proxy", "none"}, 1, "freshet keys create"},
		{"admin address not loopback and no key", []string{"--admin-listen", "0.0.0.0:0", "--behind-proxy", "none"}, 1, "freshet keys create"},
		{"behind a proxy and no key", []string{"--behind-proxy", "127.0.0.1"}, 1, "freshet keys create"},
		{"not loopback and no TLS", []string{"--listen", "0.0.0.0:0", "--bootstrap-key", strings.Repeat("k", 32)}, 2, "--behind-proxy"},
		{"all addresses and no TLS", []string{"--listen", ":0", "--bootstrap-key", strings.Repeat("k", 32)}, 2, "--tls-cert"},
		{"admin address not loopback and no TLS", []string{"--admin-listen", ":0", "--bootstrap-key", strings.Repeat("k", 32)}, 2, "--admin-listen"},
		{"certificate without its key", []string{"--tls-cert", config}, 2, "--tls-key"},
		{"certificate that is none", []string{"--tls-cert", config, "--tls-key", config}, 2, "certificate"},
		{"certificate that is not there", []string{"--tls-cert", config + ".none", "--tls-key", config}, 2, "--tls-cert"},
		{"certificates from two places", []string{"--tls-cert", config, "--tls-key", config, "--autocert", "freshet.example.com"}, 2, "--autocert"},
		{"certificate for an address", []string{"--autocert", "10.0.0.1"}, 2, "10.0.0.1"},
		{"proxy that is everybody", []string{"--behind-proxy", "0.0.0.0/0"}, 2, "name the proxies"},
		{"proxy that is none", []string{"--behind-proxy", "proxy.example.com"}, 2, "proxy.example.com"},
		{"bad address", []string{"--listen", "nowhere"}, 2, "nowhere"},
		{"bad size", []string{"--max-file-size", "lots"}, 2, "lots"},
		{"part size no power of two", []string{"--part-size", "3MiB"}, 2, "part-size"},
		{"wildcard origin", []string{"--cors-origin", "*"}, 2, "cors-origin"},
		{"unknown flag", []string{"--no-such-flag"}, 2, "no-such-flag"},
		{"unknown key in the configuration", []string{"--config", config}, 2, "max_fiel_size"},
		{"short bootstrap key", []string{"--bootstrap-key", "short"}, 2, "bootstrap-key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := command(nil, append([]string{"serve", "--data-dir", t.TempDir(), "--listen", "127.0.0.1:0"}, c.args...)...)
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatal("it started, and ended well")
			}
			if got := cmd.ProcessState.ExitCode(); got != c.code {
				t.Errorf("exit code %d, want %d: %s", got, c.code, out)
			}
			if !strings.Contains(string(out), c.names) {
				t.Errorf("it does not name %q: %s", c.names, out)
			}
		})
	}
}

// What the server keeps is for its user and group, also in a directory that all may look into.
func TestFilesArePrivate(t *testing.T) {
	onDisk(t)
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := startIn(t, dir, nil)
	s.upload(file("a.jsonl", good(2, "private"))).ok(200)
	seen := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return nil // it went meanwhile
		}
		seen++
		if info.Mode().Perm()&0o007 != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		return nil
	})
	if err != nil || seen < 5 {
		t.Errorf("%d files were looked at, %v", seen, err)
	}
}
