package e2e_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// from opens a connection from one of this machine's loopback addresses; nil: it
// was reset at once.
func (s *server) from(ip string) net.Conn {
	s.t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
	c, err := d.Dial("tcp", s.addr)
	if errors.Is(err, syscall.ECONNRESET) {
		return nil
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	return c
}

// answers tells whether a request over a connection is answered; a refused one
// is closed, or reset.
func (s *server) answers(c net.Conn) bool {
	s.t.Helper()
	if c == nil {
		return false
	}
	c.SetDeadline(time.Now().Add(patience))
	fmt.Fprintf(c, "GET /livez HTTP/1.1\r\nHost: %s\r\n\r\n", s.addr)
	var b [12]byte
	n, err := io.ReadFull(c, b[:])
	if n == 0 && (err == io.EOF || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)) {
		return false
	}
	if err != nil || string(b[:]) != "HTTP/1.1 200" {
		s.t.Fatalf("%q, %v", b[:n], err)
	}
	return true
}

// One address cannot take the places of all, a proxy can; over the limit of all
// nobody is let in. A place is free again once its connection is closed.
func TestConnectionsAreBounded(t *testing.T) {
	onDisk(t)
	for _, c := range []struct {
		proxies        string
		fromOne, inAll int
	}{{"none", 8, 12}, {"127.0.0.1", 12, 12}} {
		t.Run(c.proxies, func(t *testing.T) {
			s := start(t, "--max-connections", "12", "--max-connections-per-address", "8", "--behind-proxy", c.proxies, "--bootstrap-key", strings.Repeat("k", 32), "--log-format", "json")
			s.t, s.key = t, strings.Repeat("k", 32)
			http.DefaultTransport.(*http.Transport).CloseIdleConnections() // those that saw it was ready
			plain.CloseIdleConnections()
			s.until("no connection is open", func() bool {
				// the one that asks is the only one
				con := s.from("127.0.0.3")
				if con == nil {
					return false
				}
				defer con.Close()
				fmt.Fprintf(con, "GET /metrics HTTP/1.0\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", s.addr, strings.Repeat("k", 32))
				b, err := io.ReadAll(con)
				return err == nil && strings.Contains(string(b), "\nfreshet_connections 1\n")
			})
			var held []net.Conn
			open := func(ip string, want int) {
				t.Helper()
				// the one before may be closed here and not there yet
				s.until(fmt.Sprintf("%s has %d connections", ip, want), func() bool {
					if want > 0 {
						if con := s.from(ip); s.answers(con) {
							held, want = append(held, con), want-1
						}
					}
					return want == 0
				})
				if s.answers(s.from(ip)) {
					t.Errorf("%s has one more", ip)
				}
			}
			open("127.0.0.1", c.fromOne)
			open("127.0.0.2", c.inAll-c.fromOne)
			held[0].Close()
			s.until("a place is free", func() bool {
				con := s.from("127.0.0.1")
				return s.answers(con) && con.Close() == nil
			})
			for _, con := range held {
				con.Close()
			}
			s.until("it is counted", func() bool {
				r, err := http.NewRequestWithContext(t.Context(), "GET", s.url("/metrics"), nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Authorization", "Bearer "+s.key)
				a, err := http.DefaultTransport.RoundTrip(r)
				if err != nil {
					return false // those that are closed here may not be there yet
				}
				defer a.Body.Close()
				b, err := io.ReadAll(a.Body)
				return err == nil && strings.Contains(string(b), "freshet_connections_refused_total") && !strings.Contains(string(b), "freshet_connections_refused_total 0\n")
			})
			if !strings.Contains(s.log.String(), "connections are refused") {
				t.Error("the log does not tell of it")
			}
		})
	}
}

// Who opens a connection and says nothing, or only now and then a byte of a
// header or of a handshake, is cut off: 20 s after it came.
func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	s := secure(t, newAuthority(t))
	begin := time.Now()
	handshake := s.from("127.0.0.1")
	hello := s.from("127.0.0.1")
	silent, err := tls.Dial("tcp", s.addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	header, err := tls.Dial("tcp", s.addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer header.Close()
	cut := make(chan string, 4)
	wait := func(name string, c net.Conn) {
		c.SetDeadline(begin.Add(60 * time.Second))
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: it is open after 60 s", name)
		}
		cut <- name
	}
	trickle := func(c net.Conn, first, then string) {
		if _, err := io.WriteString(c, first); err != nil {
			return
		}
		for tick := time.NewTicker(time.Second); ; <-tick.C { // which is what is tried here
			if _, err := io.WriteString(c, then); err != nil {
				tick.Stop()
				return
			}
		}
	}
	go wait("no handshake", handshake)
	go wait("half a handshake", hello)
	go wait("nothing said", silent)
	go wait("a header without an end", header)
	go trickle(hello, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "x")
	go trickle(header, "GET /livez HTTP/1.1\r\nHost: x\r\n", "A: b\r\n")
	for range 4 {
		name := <-cut
		if took := time.Since(begin); took < 15*time.Second || took > 40*time.Second {
			t.Errorf("%s: cut off after %s", name, took)
		}
	}
}

// Who asks for a file and does not take it is cut off; who takes it slowly, but
// as fast as the least rate has it, is not.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	s := start(t, "--stall-timeout", "1s", "--min-rate", "1MiB").single()
	data := strings.Repeat(`{"text":"`+strings.Repeat("slow", 2000)+`"}`+"\n", 4000) // 32 MB, more than the kernel takes
	id := s.upload(file("a.jsonl", data)).ok(200).json().str("file_id")
	ask := func() *conn {
		c := s.dial()
		c.SetReadBuffer(64 << 10)
		c.say("GET %s/download-file/%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", api, id, s.addr)
		return c
	}
	deaf, slow := ask(), ask()
	var got int64
	for begin := time.Now(); ; {
		n, err := io.CopyN(io.Discard, slow, 512<<10)
		got += n
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("after %d bytes and %s: %v", got, time.Since(begin), err)
		}
		time.Sleep(50 * time.Millisecond) // 10 MiB/s: slow is what is tried here
	}
	if got < int64(len(data)) {
		t.Errorf("who reads slowly got %d bytes of %d", got, len(data))
	}
	s.until("who does not read is cut off", func() bool { return strings.Count(s.log.String(), "/download-file/"+id) == 2 })
	n, _ := io.Copy(io.Discard, deaf)
	if n >= int64(len(data)) {
		t.Errorf("who did not read got all %d bytes", n)
	}
	// the connection of the next answer is not held to the deadline of the last
	s.get("/health").ok(200)
}
