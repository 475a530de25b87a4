package servers

import (
	"context"
	bin "encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// order is how DNS writes numbers.
var order = bin.BigEndian

// pebbleVersion is built by scripts/test-servers.sh, which reads it here.
const pebbleVersion = "v2.10.3"

// ACME is an authority that gives certificates for names that it reaches by
// TLS-ALPN-01. To it every name is this machine.
type ACME struct {
	Directory string // its URL
	CAFile    string // whom its own certificate is from
	RootFile  string // whom those that it gives are from
}

// Pebble is an authority that asks for proofs at a port of this machine, until
// the test ends.
func Pebble(t testing.TB, port int) ACME {
	t.Helper()
	a, stop, err := startPebble(port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return a
}

func startPebble(port int) (a ACME, stop func(), err error) {
	program, err := binary("pebble", pebbleVersion)
	if err != nil {
		return a, nil, err
	}
	dir, err := newDir("pebble", owner{})
	if err != nil {
		return a, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	ca, cert, key, err := Certificates(filepath.Join(dir, "certs"))
	if err != nil {
		return a, nil, err
	}
	listen, err := freePort()
	if err != nil {
		return a, nil, err
	}
	manage, err := freePort()
	if err != nil {
		return a, nil, err
	}
	names, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return a, nil, err
	}
	go nameServer(names)
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": fmt.Sprintf("127.0.0.1:%d", listen), "managementListenAddress": fmt.Sprintf("127.0.0.1:%d", manage),
		"certificate": cert, "privateKey": key, "httpPort": 1, "tlsPort": port, "keyAlgorithm": "ecdsa", "retryAfter": map[string]int{"authz": 1, "order": 1},
		"profiles": map[string]any{"default": map[string]any{"description": "of a test", "validityPeriod": 7776000}},
	}})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "pebble.json"), config, 0o600)
	}
	if err != nil {
		return a, nil, errors.Join(err, names.Close())
	}
	t, err := trusting(ca)
	if err != nil {
		return a, nil, errors.Join(err, names.Close())
	}
	client := &http.Client{Transport: t}
	a = ACME{Directory: fmt.Sprintf("https://127.0.0.1:%d/dir", listen), CAFile: ca, RootFile: filepath.Join(dir, "root.pem")}
	ready := answers(client, a.Directory)
	p, err := start(command{dir: dir, signal: "TERM", env: []string{"PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0"}, ready: ready,
		argv: []string{program, "-config", filepath.Join(dir, "pebble.json"), "-dnsserver", names.Addr().String()}})
	if err != nil {
		return a, nil, errors.Join(err, names.Close())
	}
	stop = func() { p.stop(); names.Close() }
	if err = fetch(client, fmt.Sprintf("https://127.0.0.1:%d/roots/0", manage), a.RootFile); err != nil {
		stop()
		return a, nil, err
	}
	return a, stop, nil
}

func fetch(client *http.Client, url, path string) error {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, resp.Status)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o600)
}

// nameServer answers that every name has the address 127.0.0.1 and nothing else
// (RFC 1035, over TCP), until the listener is closed.
func nameServer(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			for answerName(c) == nil {
			}
		}()
	}
}

func answerName(c net.Conn) error {
	var length [2]byte
	if _, err := io.ReadFull(c, length[:]); err != nil {
		return err
	}
	q := make([]byte, order.Uint16(length[:]))
	if _, err := io.ReadFull(c, q); err != nil {
		return err
	}
	const header = 12
	end := header
	for end < len(q) && q[end] != 0 { // the name, a length before each label
		end += int(q[end]) + 1
	}
	if end += 5; end > len(q) { // its end, type and class
		return errors.New("no question")
	}
	out := q[:end]
	out[2], out[3] = 0x85, 0x80 // an answer of one who knows
	clear(out[6:header])        // how many answers, and more
	if order.Uint16(out[end-4:]) == 1 {
		out[7] = 1
		out = append(out, 0xc0, header, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1)
	}
	order.PutUint16(length[:], uint16(len(out)))
	_, err := c.Write(append(length[:], out...))
	return err
}
