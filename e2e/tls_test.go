package e2e_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"freshet/client"
	"freshet/internal/servers"
)

// authority is a CA of a test, and a certificate from it.
type authority struct{ ca, cert, key string }

func newAuthority(t *testing.T) authority {
	t.Helper()
	ca, cert, key, err := servers.Certificates(filepath.Join(t.TempDir(), "certs"))
	if err != nil {
		t.Fatal(err)
	}
	return authority{ca, cert, key}
}

func (a authority) pool(t *testing.T) *x509.CertPool {
	t.Helper()
	b, err := os.ReadFile(a.ca)
	p := x509.NewCertPool()
	if err != nil || !p.AppendCertsFromPEM(b) {
		t.Fatal(err)
	}
	return p
}

// trust has this test's requests believe certificates of these authorities.
func trust(t *testing.T, all ...authority) {
	t.Helper()
	pool := x509.NewCertPool()
	for _, a := range all {
		b, err := os.ReadFile(a.ca)
		if err != nil || !pool.AppendCertsFromPEM(b) {
			t.Fatal(err)
		}
	}
	askBy(t, &tls.Config{RootCAs: pool})
}

// askBy has this test's requests go by a configuration.
func askBy(t *testing.T, c *tls.Config) {
	swap := func(at *http.RoundTripper) {
		was := *at
		own := was.(*http.Transport).Clone()
		own.TLSClientConfig = c
		*at = own
		t.Cleanup(func() { own.CloseIdleConnections(); *at = was })
	}
	swap(&http.DefaultTransport)
	swap(&plain.Transport)
}

// secure is a server with a certificate that this test's requests believe.
func secure(t *testing.T, a authority, args ...string) *server {
	t.Helper()
	onDisk(t) // TLS is of a process; before nodes it ends at the proxy
	trust(t, a)
	return start(t, append([]string{"--tls-cert", a.cert, "--tls-key", a.key}, args...)...)
}

// shake gives what a handshake comes to.
func (s *server) shake(c *tls.Config) (tls.ConnectionState, error) {
	s.t.Helper()
	conn, err := tls.Dial("tcp", s.addr, c)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer conn.Close()
	return conn.ConnectionState(), nil
}

// By https everything is as without, the cookie is one for TLS alone, and
// browsers are told to come by https from then on.
func TestTLS(t *testing.T) {
	a := newAuthority(t)
	s := secure(t, a)
	data := good(50, "tls")
	id := s.upload(file("a.jsonl", data)).ok(200).json().str("file_id")
	if got := s.get("/download-file/" + id).ok(200); string(got.body) != data {
		t.Errorf("the download gives %d other bytes", len(got.body))
	}
	_, key := s.makeKey("laptop")
	c := s.post("/session", `{"key":"`+key+`"}`).ok(200).cookie()
	if c == nil || c.Name != "__Host-freshet_session" || !c.Secure || c.Domain != "" {
		t.Errorf("the cookie is %v", c)
	}
	for host, want := range map[string]string{"freshet.example.com": "max-age=31536000", "localhost": "", "127.0.0.1": ""} {
		if got := s.do("GET", "/livez", "", "Host", host).ok(200).header.Get("Strict-Transport-Security"); got != want {
			t.Errorf("%s: Strict-Transport-Security %q, want %q", host, got, want)
		}
	}
	for name, c := range map[string]struct {
		config *tls.Config
		works  bool
	}{
		"TLS 1.3":                      {&tls.Config{MinVersion: tls.VersionTLS13}, true},
		"TLS 1.2":                      {&tls.Config{MaxVersion: tls.VersionTLS12}, true},
		"TLS 1.1":                      {&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
		"a cipher that does not seal":  {&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}}, false},
		"no forward secrecy":           {&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}}, false},
		"HTTP/2, if there is any":      {&tls.Config{NextProtos: []string{"h2", "http/1.1"}}, true},
		"a name that nobody certifies": {&tls.Config{ServerName: "freshet.example.com"}, false},
	} {
		c.config.RootCAs = a.pool(t)
		state, err := s.shake(c.config)
		if (err == nil) != c.works {
			t.Errorf("%s: %v, want it to work: %v", name, err, c.works)
		}
		if err == nil && state.NegotiatedProtocol == "h2" {
			t.Errorf("%s: HTTP/2 is spoken", name)
		}
	}
	// plain HTTP at the same address gets nothing
	r, err := http.Get("http://" + s.addr + "/livez")
	if err == nil {
		r.Body.Close()
		if r.StatusCode != 400 {
			t.Errorf("plain HTTP is answered %d", r.StatusCode)
		}
	}
}

// The program and the Go client take a certificate of an authority that only
// their user knows, and say what to do without it.
func TestOwnAuthority(t *testing.T) {
	a := newAuthority(t)
	s := secure(t, a)
	path := filepath.Join(t.TempDir(), "a.jsonl")
	if err := os.WriteFile(path, []byte(good(20, "own CA")), 0o600); err != nil {
		t.Fatal(err)
	}
	at := "https://" + s.addr
	home := "XDG_CACHE_HOME=" + t.TempDir()
	for _, c := range []struct {
		name string
		env  []string
		args []string
		code int
		says string
	}{
		{"not known", nil, nil, 4, "--ca-file"},
		{"--ca-file", nil, []string{"--ca-file", a.ca}, 0, ""},
		{"FRESHET_CA_FILE", []string{"FRESHET_CA_FILE=" + a.ca}, nil, 0, ""},
		{"SSL_CERT_FILE", []string{"SSL_CERT_FILE=" + a.ca}, nil, 0, ""},
		{"another authority", nil, []string{"--ca-file", newAuthority(t).ca}, 4, "not trusted"},
		{"no certificate in it", nil, []string{"--ca-file", path}, 2, "no certificate"},
		{"no such file", nil, []string{"--ca-file", path + ".pem"}, 2, "--ca-file"},
	} {
		cmd := command(append([]string{home}, c.env...), append([]string{"upload", path, "--server", at}, c.args...)...)
		out, err := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != c.code || !strings.Contains(string(out), c.says) {
			t.Errorf("%s: exit code %d, %v, want %d and %q\n%s", c.name, got, err, c.code, c.says, out)
		}
	}
	own := client.New(at, "")
	own.Trust(a.pool(t))
	data := []byte(good(30, "Go client"))
	res, err := own.Upload(t.Context(), client.File{Name: "b.jsonl", Body: bytes.NewReader(data), Size: int64(len(data))})
	if err != nil || res.FileStatus != "fresh" {
		t.Errorf("the Go client: %+v, %v", res, err)
	}
}

// A renewed certificate is shown without a restart, by new connections, while an
// upload goes on over an old one; one that cannot be used changes nothing and is
// told of in the log, once.
func TestCertificateIsReadAgain(t *testing.T) {
	old, renewed := newAuthority(t), newAuthority(t)
	s := secure(t, old)
	trust(t, old, renewed)
	shown := func(by authority) bool {
		_, err := s.shake(&tls.Config{RootCAs: by.pool(t), ServerName: "localhost"})
		return err == nil
	}
	copyTo := func(from, to string) {
		t.Helper()
		b, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to+".new", b, 0o600)
		}
		if err == nil {
			err = os.Rename(to+".new", to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	body, w := io.Pipe()
	data := good(2000, "running")
	whole := form(file("a.jsonl", data))
	done := make(chan answer, 1)
	go func() {
		r, err := http.DefaultClient.Do(s.request("POST", api+"/upload-large-file", body, "Content-Type", formType))
		if err != nil {
			t.Error(err)
			close(done)
			return
		}
		done <- s.read("the upload", r)
	}()
	if _, err := io.WriteString(w, whole[:len(whole)/2]); err != nil {
		t.Fatal(err)
	}
	const failure = "the new certificate cannot be used"
	copyTo(renewed.cert, old.cert) // its key is still the old one's
	s.until("it is told that they do not fit", func() bool { return shown(old) && strings.Contains(s.log.String(), failure) })
	if err := os.WriteFile(old.cert, []byte("-----BEGIN CERTIFICATE-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	copyTo(renewed.cert, old.cert)
	copyTo(renewed.key, old.key)
	s.until("the new one is shown", func() bool { return shown(renewed) })
	if shown(old) {
		t.Error("the old one is shown still")
	}
	if n := strings.Count(s.log.String(), failure); n > 2 {
		t.Errorf("the log tells %d times of it", n)
	}
	if _, err := io.WriteString(w, whole[len(whole)/2:]); err != nil {
		t.Fatal(err)
	}
	w.Close()
	a, ok := <-done
	if !ok {
		t.FailNow()
	}
	a.ok(200).json().want(t, obj{"file_status": "fresh"})
	if key, err := os.ReadFile(old.key); err != nil || strings.Contains(s.log.String(), string(key[40:80])) {
		t.Errorf("the log tells of the key, or %v", err)
	}
}

// Certificates come from an authority by themselves, are kept, and are for the
// names that were given alone.
func TestAutocert(t *testing.T) {
	onDisk(t)
	const name = "data.freshet.test"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close() // for the server, which the authority must find there
	ca := servers.Pebble(t, port)
	root := authority{ca: ca.RootFile}
	askBy(t, &tls.Config{RootCAs: root.pool(t), ServerName: name})
	s := startIn(t, t.TempDir(), []string{"SSL_CERT_FILE=" + ca.CAFile}, "--listen", l.Addr().String(), "--autocert", name, "--acme-directory", ca.Directory)
	s.upload(file("a.jsonl", good(3, "autocert"))).ok(200)
	shown := func(name string) *x509.Certificate {
		t.Helper()
		state, err := s.shake(&tls.Config{RootCAs: root.pool(t), ServerName: name, NextProtos: []string{"h2", "http/1.1"}})
		if err != nil {
			return nil
		}
		if state.NegotiatedProtocol != "http/1.1" || state.Version != tls.VersionTLS13 {
			t.Errorf("%q is spoken, by %x", state.NegotiatedProtocol, state.Version)
		}
		return state.PeerCertificates[0]
	}
	first := shown(name)
	if first == nil || first.VerifyHostname(name) != nil {
		t.Fatalf("the certificate is %v", first)
	}
	for _, other := range []string{"other.freshet.test", "evil.example.com"} {
		if shown(other) != nil {
			t.Errorf("there is a certificate for %s", other)
		}
	}
	kept, err := os.Stat(filepath.Join(s.dir, "autocert", name))
	if err != nil || kept.Mode().Perm()&0o077 != 0 {
		t.Errorf("it is kept as %v, %v", kept, err)
	}
	s.restart()
	if again := shown(name); again == nil || !again.Equal(first) {
		t.Error("another certificate was got after a restart")
	}
}

// Whoever is not named as a proxy cannot say where a request comes from, nor
// that it came by TLS; whoever is can, and cannot be made to lie.
func TestForwardedHeaders(t *testing.T) {
	onDisk(t)
	const far, near = "203.0.113.7", "10.1.2.3"
	for _, c := range []struct {
		name    string
		proxies string
		headers []string
		remote  string
		tls     bool
	}{
		{"nobody is believed", "", []string{"X-Forwarded-For", far, "X-Forwarded-Proto", "https"}, "127.0.0.1", false},
		{"none is believed", "none", []string{"X-Forwarded-For", far, "X-Forwarded-Proto", "https", "Forwarded", "for=" + far + ";proto=https"}, "127.0.0.1", false},
		{"another is believed", near, []string{"X-Forwarded-For", far, "X-Forwarded-Proto", "https"}, "127.0.0.1", false},
		{"a proxy", "127.0.0.1", []string{"X-Forwarded-For", far, "X-Forwarded-Proto", "https"}, far, true},
		{"a network of proxies", "127.0.0.0/8", []string{"X-Forwarded-For", far, "X-Forwarded-Proto", "http"}, far, false},
		{"the client wrote first", "127.0.0.1", []string{"X-Forwarded-For", "1.1.1.1, " + far, "X-Forwarded-Proto", "https"}, far, true},
		{"two proxies", "127.0.0.1,10.0.0.0/8", []string{"X-Forwarded-For", "1.1.1.1, " + far + ", " + near, "X-Forwarded-Proto", "https, https, http"}, far, true},
		{"the client claims TLS", "127.0.0.1", []string{"X-Forwarded-For", "1.1.1.1, " + far, "X-Forwarded-Proto", "https, http"}, far, false},
		{"one of them is not known", "127.0.0.1", []string{"X-Forwarded-For", "1.1.1.1, " + near}, near, false},
		{"nothing but proxies", "127.0.0.1,10.0.0.0/8", []string{"X-Forwarded-For", near}, near, false},
		{"no address", "127.0.0.1", []string{"X-Forwarded-For", far + ", unknown"}, "127.0.0.1", false},
		{"with a port", "127.0.0.1", []string{"X-Forwarded-For", "[2001:db8::7]:4711"}, "2001:db8::7", false},
		{"Forwarded", "127.0.0.1", []string{"Forwarded", `for=1.1.1.1, for="[2001:db8::7]:4711";proto=https;by=x`}, "2001:db8::7", true},
		{"Forwarded by a client of a proxy that does not know it", "127.0.0.1", []string{"Forwarded", "for=1.1.1.1;proto=https", "X-Forwarded-For", far}, far, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := []string{"--bootstrap-key", strings.Repeat("k", 32)}
			if c.proxies != "" {
				args = append(args, "--behind-proxy", c.proxies)
			}
			s := start(t, args...)
			a := s.do("GET", api+"/session", "", c.headers...).ok(200)
			sts := s.do("GET", "/livez", "", append(slices.Clone(c.headers), "Host", "freshet.example.com")...).ok(200).header.Get("Strict-Transport-Security")
			if (sts != "") != c.tls {
				t.Errorf("Strict-Transport-Security %q, want it: %v", sts, c.tls)
			}
			s.until("it is logged", func() bool { return strings.Contains(s.log.String(), a.header.Get("X-Request-Id")) })
			for line := range strings.Lines(s.log.String()) {
				if strings.Contains(line, a.header.Get("X-Request-Id")) && !strings.Contains(line, `"remote":"`+c.remote+`"`) {
					t.Errorf("want %s in %s", c.remote, line)
				}
			}
		})
	}
}

// Beyond loopback TLS alone is enough, and keys are needed as ever.
func TestTLSBeyondLoopback(t *testing.T) {
	key := strings.Repeat("k", 32)
	s := secure(t, newAuthority(t), "--listen", "0.0.0.0:0", "--bootstrap-key", key)
	s.get("/staged-files").problem(401, "no-key")
	s.key = key
	s.get("/staged-files").ok(200)
}
