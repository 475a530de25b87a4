package scan_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"freshet/internal/scan"
	"freshet/internal/servers"
)

// watched is a scanner that is watched until the test ends.
func watched(t *testing.T, setting string) *scan.Scanner {
	t.Helper()
	c, err := scan.Parse(setting)
	if err != nil {
		t.Fatal(err)
	}
	s := scan.New(c, slog.New(slog.DiscardHandler))
	run(t, s)
	return s
}

func run(t *testing.T, s *scan.Scanner) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

// records is an endless file of harmless ones.
type records struct{ at int }

const line = `{"text": "nothing that anybody would look for in here"}` + "\n"

var many = bytes.Repeat([]byte(line), 5000)

func (r *records) Read(p []byte) (int, error) {
	n := copy(p, many[r.at:])
	r.at = (r.at + n) % len(many)
	return n, nil
}

// around is n bytes with the test string at an offset.
func around(n, at int64) io.Reader {
	e := servers.EICAR()
	return io.MultiReader(io.LimitReader(&records{}, at), bytes.NewReader(e), io.LimitReader(&records{}, n-at-int64(len(e))))
}

func TestSettings(t *testing.T) {
	for _, s := range []string{"", "off"} {
		if c, err := scan.Parse(s); c != nil || err != nil {
			t.Errorf("%q gives %v, %v", s, c, err)
		}
	}
	for _, s := range []string{"on", "clamd:", "clamd://", "clamd://host", "clamd://:3310", "clamd://host:", "http://host:1", "clamd:/path"} {
		if c, err := scan.Parse(s); err == nil {
			t.Errorf("%q gives %v", s, c)
		}
	}
}

// TestScan: what is found, and where, over both ways to clamd.
func TestScan(t *testing.T) {
	d := servers.StartClamd(t, servers.ClamdLimits{})
	const edge = scan.Window
	step := int64(edge - scan.Overlap)
	half := int64(len(servers.EICAR()) / 2)
	for _, way := range []string{d.URL(), d.TCP()} {
		s := watched(t, way)
		large := way == d.URL() // once is enough
		for what, c := range map[string]struct {
			r     io.Reader
			found bool
			size  int64
		}{
			"nothing":                       {strings.NewReader(""), false, 0},
			"a clean file":                  {strings.NewReader(line), false, int64(len(line))},
			"a clean file of a window":      {io.LimitReader(&records{}, edge), false, edge},
			"a clean file of one byte more": {io.LimitReader(&records{}, edge+1), false, edge + 1},
			"the string alone":              {bytes.NewReader(servers.EICAR()), true, int64(len(servers.EICAR()))},
			"at the end of a window":        {around(edge, edge-2*half), true, edge},
			"across a window's edge":        {around(edge+1000, edge-half), true, edge + 1000},
			"across the next one's":         {around(edge+step+1000, edge+step-half), true, edge + step + 1000},
			"past 100 MB":                   {around(110<<20, 105<<20), true, 110 << 20},
			"a clean file of 130 MiB":       {io.LimitReader(&records{}, 130<<20), false, 130 << 20},
		} {
			if c.size > edge && !large {
				continue
			}
			r, err := s.Scan(t.Context(), c.r)
			if err != nil || (r.Found == servers.EICARName) != c.found || r.Found != "" && !c.found {
				t.Errorf("%s: found %q, %v", what, r.Found, err)
			}
			if r.Found == "" && r.Bytes != c.size {
				t.Errorf("%s: %d bytes were looked at, want %d", what, r.Bytes, c.size)
			}
			if !strings.HasPrefix(r.Version, "ClamAV ") {
				t.Errorf("%s: the version is %q", what, r.Version)
			}
		}
	}
}

// TestScanPastTwoGiB takes as long as clamd does for that much: about 10 s.
func TestScanPastTwoGiB(t *testing.T) {
	s := watched(t, servers.StartClamd(t, servers.ClamdLimits{}).URL())
	started := time.Now()
	const size = 2<<30 + 100<<20
	r, err := s.Scan(t.Context(), around(size, 2<<30+50<<20))
	if err != nil || r.Found != servers.EICARName {
		t.Errorf("found %q, %v", r.Found, err)
	}
	t.Logf("%d MiB in %s", r.Bytes>>20, time.Since(started))
}

// TestNotTrusted: a clamd that would say OK to what it does not look at is not
// used, and the settings to change are told.
func TestNotTrusted(t *testing.T) {
	for what, limits := range map[string]servers.ClamdLimits{
		"a stream's length": {StreamMaxLength: "25M"}, "a file's size": {MaxFileSize: "25M"}, "a scan's size": {MaxScanSize: "25M"},
		"as Debian has them": {StreamMaxLength: "25M", MaxFileSize: "25M", MaxScanSize: "100M"},
	} {
		t.Run(what, func(t *testing.T) {
			d := servers.StartClamd(t, limits)
			for _, way := range []string{d.URL(), d.TCP()} {
				s := watched(t, way)
				_, err := s.Scan(t.Context(), strings.NewReader(line))
				var down *scan.Down
				if !errors.As(err, &down) || !strings.Contains(down.Hint, "MaxFileSize") {
					t.Fatalf("Scan = %v", err)
				}
				if state := s.State(); state.Up || state.Reason != down.Reason || !strings.Contains(state.Hint, "StreamMaxLength") {
					t.Errorf("the state is %+v", state)
				}
			}
		})
	}
}

// TestWholeFileSignatures: a scanner that knows the test string only as a file
// of its own is trusted, too, by way of an archive.
func TestWholeFileSignatures(t *testing.T) {
	s := watched(t, servers.StartClamd(t, servers.ClamdLimits{WholeFiles: true}).URL())
	if r, err := s.Scan(t.Context(), bytes.NewReader(servers.EICAR())); err != nil || r.Found == "" {
		t.Errorf("Scan = %+v, %v", r, err)
	}
	small := watched(t, servers.StartClamd(t, servers.ClamdLimits{WholeFiles: true, MaxFileSize: "25M"}).URL())
	var down *scan.Down
	if _, err := small.Scan(t.Context(), bytes.NewReader(servers.EICAR())); !errors.As(err, &down) {
		t.Errorf("Scan = %v", err)
	}
}

// TestComesAndGoes: a scanner that is not there is not waited for, one that
// comes is told of, and one that dies in the middle of a scan gives no verdict.
func TestComesAndGoes(t *testing.T) {
	d := servers.NewClamd(t, servers.ClamdLimits{})
	c, err := scan.Parse(d.URL())
	if err != nil {
		t.Fatal(err)
	}
	s := scan.New(c, slog.New(slog.DiscardHandler))
	up := make(chan struct{}, 10)
	s.OnUp(func() { up <- struct{}{} })
	run(t, s)
	var down *scan.Down
	if _, err := s.Scan(t.Context(), strings.NewReader(line)); !errors.As(err, &down) || down.Hint == "" {
		t.Fatalf("Scan = %v before clamd runs", err)
	}
	d.Start()
	wait(t, up)
	if r, err := s.Scan(t.Context(), strings.NewReader(line)); err != nil || r.Found != "" {
		t.Fatalf("Scan = %+v, %v", r, err)
	}

	began, goOn := make(chan struct{}), make(chan struct{})
	go func() {
		<-began
		d.Kill()
		close(goOn)
	}()
	first := true
	_, err = s.Scan(t.Context(), io.MultiReader(io.LimitReader(&records{}, 10<<20), readFunc(func(p []byte) (int, error) {
		if first {
			first = false
			close(began)
			<-goOn
			return copy(p, line), nil
		}
		return 0, io.EOF
	})))
	if !errors.As(err, &down) {
		t.Errorf("Scan = %v when clamd died", err)
	}
	if _, err := s.Scan(t.Context(), strings.NewReader(line)); !errors.As(err, &down) {
		t.Errorf("Scan = %v after clamd died", err)
	}
	d.Start()
	wait(t, up)
	if r, err := s.Scan(t.Context(), bytes.NewReader(servers.EICAR())); err != nil || r.Found == "" {
		t.Errorf("Scan = %+v, %v", r, err)
	}
}

// TestHangs: who takes connections and says nothing, or something else, is no
// scanner, and nobody waits long to learn it.
func TestHangs(t *testing.T) {
	for says, reason := range map[string]string{"": "did not answer", "HTTP/1.1 400 Bad Request\r\n\x00": "not clamd", "OK\x00": "not clamd"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer c.Close()
					if says != "" {
						c.Write([]byte(says))
						if c, ok := c.(*net.TCPConn); ok {
							c.CloseWrite()
						}
					}
					io.Copy(io.Discard, c)
				}()
			}
		}()
		s := watched(t, "clamd://"+l.Addr().String())
		began := time.Now()
		var down *scan.Down
		if _, err := s.Scan(t.Context(), strings.NewReader(line)); !errors.As(err, &down) {
			t.Errorf("%q: Scan = %v", says, err)
		}
		if d := time.Since(began); d > 20*time.Second {
			t.Errorf("%q: that took %s", says, d)
		}
		end := time.Now().Add(60 * time.Second)
		for !strings.Contains(s.State().Reason, reason) { // no event tells of it
			if time.Now().After(end) {
				t.Fatalf("%q: the state is %+v, not %s", says, s.State(), reason)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func wait(t *testing.T, c chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(60 * time.Second):
		t.Fatal("nobody tells that the scanner is up")
	}
}

// TestSourceFails: what the source of the bytes says is no fault of the scanner.
func TestSourceFails(t *testing.T) {
	s := watched(t, servers.StartClamd(t, servers.ClamdLimits{}).URL())
	broken := errors.New("the store is down")
	for _, n := range []int64{0, 1000, scan.Window} {
		_, err := s.Scan(t.Context(), io.MultiReader(io.LimitReader(&records{}, n), readFunc(func([]byte) (int, error) { return 0, broken })))
		if !errors.Is(err, broken) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Scan(ctx, strings.NewReader(line)); !errors.Is(err, context.Canceled) {
		t.Errorf("Scan = %v when nobody wants it", err)
	}
	if state := s.State(); !state.Up {
		t.Errorf("the scanner is %+v", state)
	}
}

// TestPacked: the bytes of a compressed file are looked at as they are, too.
func TestPacked(t *testing.T) {
	s := watched(t, servers.StartClamd(t, servers.ClamdLimits{}).URL())
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.Copy(w, io.LimitReader(&records{}, 500<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if r, err := s.ScanPacked(t.Context(), &b); err != nil || r.Found != "" {
		t.Errorf("much in little is taken for a find: %+v, %v", r, err)
	}
	if r, err := s.ScanPacked(t.Context(), bytes.NewReader(servers.EICAR())); err != nil || r.Found == "" {
		t.Errorf("ScanPacked = %+v, %v", r, err)
	}
}

// FuzzAnswer: whatever answers at the address, only a clear OK is one.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{"stream: OK", "stream: X FOUND", "INSTREAM size limit exceeded. ERROR", "", "OK", "stream: OK ERROR", "stream: FOUND"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		found, err := scan.Verdict(line)
		clean := found == "" && err == nil
		if clean != (line == "OK" || strings.HasSuffix(line, ": OK") && strings.Count(line, ": ") == 1) {
			t.Errorf("%q is clean: %v (%q, %v)", line, clean, found, err)
		}
	})
}
