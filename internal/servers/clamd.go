package servers

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// eicarTest is what every scanner finds by agreement and harms nobody. It is put
// together here, so that neither the source nor a program made of it is found.
var eicarTest = []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$` + eicarRest())

func eicarRest() string { return "EICAR-STANDARD-" + "ANTIVIRUS-TEST-" + "FILE!$H+H*" }

// EICAR gives the test string.
func EICAR() []byte { return bytes.Clone(eicarTest) }

// EICARName is what Clamd calls it.
const EICARName = "Eicar-Test-Signature.UNOFFICIAL"

// ClamdLimits are lines of clamd.conf that the tests vary; empty: as large as
// docs/scanning.md asks for.
type ClamdLimits struct {
	StreamMaxLength, MaxFileSize, MaxScanSize string
	// WholeFiles has signatures find the test string only where it is a file of
	// its own, as those that clamd is delivered with do.
	WholeFiles bool
}

// Clamd is Debian's clamd with signatures of its own, on a unix socket and a TCP
// port. It can be stopped and started again at the same place.
type Clamd struct {
	Socket  string // path of the unix socket
	Address string // HOST:PORT
	t       testing.TB
	limits  ClamdLimits
	process *process
}

// NewClamd finds a place for a clamd, which does not run yet.
func NewClamd(t testing.TB, limits ClamdLimits) *Clamd {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "freshet-clamd-at-") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	c := &Clamd{Socket: filepath.Join(dir, "clamd.sock"), Address: fmt.Sprintf("127.0.0.1:%d", port), t: t, limits: limits}
	t.Cleanup(func() {
		c.Kill()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return c
}

// StartClamd is one that runs.
func StartClamd(t testing.TB, limits ClamdLimits) *Clamd {
	t.Helper()
	c := NewClamd(t, limits)
	c.Start()
	return c
}

// URL is its address for --scan: of the unix socket.
func (c *Clamd) URL() string { return "clamd://" + c.Socket }

// TCP is that of the TCP port.
func (c *Clamd) TCP() string { return "clamd://" + c.Address }

// Kill ends it at once, whatever it does; it does nothing where it does not run.
func (c *Clamd) Kill() {
	if c.process != nil {
		c.process.stop()
		c.process = nil
	}
}

// Start runs it.
func (c *Clamd) Start() {
	c.t.Helper()
	if err := c.start(); err != nil {
		c.t.Fatal(err)
	}
}

func (c *Clamd) start() error {
	program, err := find("clamd", "/usr/sbin")
	if err != nil {
		return err
	}
	dir, err := newDir("clamd", owner{})
	if err != nil {
		return err
	}
	port := c.Address[strings.LastIndexByte(c.Address, ':')+1:]
	limit := func(s, otherwise string) string {
		if s == "" {
			return otherwise
		}
		return s
	}
	signatures := "Eicar-Test-Signature:0:*:" + hex.EncodeToString(eicarTest) + "\n"
	name := "eicar.ndb"
	if c.limits.WholeFiles {
		sum := md5.Sum(eicarTest)
		signatures, name = fmt.Sprintf("%x:%d:Eicar-Test-Signature\n", sum, len(eicarTest)), "eicar.hdb"
	}
	conf := strings.Join([]string{
		"Foreground yes", "DatabaseDirectory " + filepath.Join(dir, "db"), "TemporaryDirectory " + dir,
		"LocalSocket " + c.Socket, "FixStaleSocket yes", "TCPAddr 127.0.0.1", "TCPSocket " + port,
		"StreamMaxLength " + limit(c.limits.StreamMaxLength, "100M"), "MaxFileSize " + limit(c.limits.MaxFileSize, "100M"), "MaxScanSize " + limit(c.limits.MaxScanSize, "400M"), "",
	}, "\n")
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "db"), 0o755),
		os.WriteFile(filepath.Join(dir, "db", name), []byte(signatures), 0o644),
		os.WriteFile(filepath.Join(dir, "clamd.conf"), []byte(conf), 0o644)); err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	c.process, err = start(command{dir: dir, argv: []string{program, "--config-file", filepath.Join(dir, "clamd.conf")}, signal: "KILL", ready: c.answers})
	return err
}

// answers asks it for a sign of life on both ways.
func (c *Clamd) answers(ctx context.Context) error {
	for network, address := range map[string]string{"unix": c.Socket, "tcp": c.Address} {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return err
		}
		reply := make([]byte, 5)
		err = conn.SetDeadline(time.Now().Add(5 * time.Second))
		if err == nil {
			_, err = conn.Write([]byte("zPING\x00"))
		}
		if err == nil {
			_, err = conn.Read(reply)
		}
		if err = errors.Join(err, conn.Close()); err != nil {
			return err
		}
		if string(reply) != "PONG\x00" {
			return fmt.Errorf("it answers %q", reply)
		}
	}
	return nil
}
