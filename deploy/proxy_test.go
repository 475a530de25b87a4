package deploy_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Through nginx and through Caddy with the files here, with one node of two
// down, nothing waits for the last byte: the server has most of an upload while
// the client still has the end, events come at once, and a client that reads
// slowly does not fill the proxy's disk.
func TestProxiesStream(t *testing.T) {
	const size = 64 << 20
	for _, proxy := range []struct {
		name  string
		start func(t *testing.T, node, dead string) (addr string, p *process)
	}{{"nginx", nginx}, {"caddy", caddy}} {
		t.Run(proxy.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*patience) // 256 MiB pass, on a machine that may be busy
			defer cancel()
			_, node := serve(t, t.TempDir(), "--bootstrap-key", key)
			addr, running := proxy.start(t, node, freeAddress(t))
			c := &through{t: t, ctx: ctx, base: "http://" + addr}
			reachable(t, c.base+"/readyz")

			first := records("first", size)
			id := c.send(bytes.NewReader(first), "first.jsonl", int64(len(first)))
			download := c.get(api + "/download-file/" + id) // which is not read before the upload below is through

			events := c.get(api + "/events")
			lines := bufio.NewReaderSize(events.Body, 1<<20)
			if name, _ := nextEvent(t, lines); name != "snapshot" {
				t.Fatalf("the stream began with %q, want a snapshot", name)
			}
			second := records("second", size)
			body, w := io.Pipe()
			held := make(chan struct{})
			go func() {
				_, err := w.Write(second[:size-4<<20])
				if err == nil {
					<-held
					_, err = w.Write(second[size-4<<20:])
				}
				w.CloseWithError(err)
			}()
			go func() {
				defer close(held) // also in vain, so that the upload ends
				for {
					name, data := nextEvent(t, lines)
					if name == "" {
						return
					}
					if name == "progress" && data.BytesReceived >= size/2 {
						return
					}
				}
			}()
			c.send(body, "second.jsonl", -1) // chunked, as curl and browsers do with a length they do not know
			select {
			case <-held:
			default:
				t.Error("the upload ended before its last bytes were sent")
			}
			for name, data := nextEvent(t, lines); name != "file" || data.File == nil || data.File.Name != "second.jsonl" || data.File.Status != "fresh"; name, data = nextEvent(t, lines) {
				if name == "" {
					t.Fatal("no event told of the fresh file")
				}
			}
			got, err := io.ReadAll(download.Body)
			if err != nil || !bytes.Equal(got, first) {
				t.Errorf("the download gave %d bytes, %v; want the %d that were sent", len(got), err, len(first))
			}
			c.interim()
			if log := running.log(); strings.Contains(log, "temporary file") {
				t.Errorf("bytes went to the proxy's disk:\n%s", log)
			}
		})
	}
}

// A node that names its proxy is told the client's address by it, and a client
// that writes the proxies' headers itself is not believed.
func TestProxiesTellTheClient(t *testing.T) {
	for _, proxy := range []struct {
		name  string
		start func(t *testing.T, node, dead string) (addr string, p *process)
	}{{"nginx", nginx}, {"caddy", caddy}} {
		t.Run(proxy.name, func(t *testing.T) {
			p, node := serve(t, t.TempDir(), "--behind-proxy", "127.0.0.1", "--bootstrap-key", key)
			addr, _ := proxy.start(t, node, freeAddress(t))
			reachable(t, "http://"+addr+"/readyz")
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+api+"/session", nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"X-Forwarded-For", "X-Real-Ip"} {
				r.Header.Set(name, "203.0.113.7")
			}
			r.Header.Set("Forwarded", "for=203.0.113.7;proto=https")
			r.Header.Set("X-Forwarded-Proto", "https")
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != http.StatusOK || res.Header.Get("Strict-Transport-Security") != "" {
				t.Errorf("%s, Strict-Transport-Security %q", res.Status, res.Header.Get("Strict-Transport-Security"))
			}
			p.stop() // so that its log is whole
			for line := range strings.Lines(p.log()) {
				if strings.Contains(line, res.Header.Get("X-Request-Id")) {
					if !strings.Contains(line, `"remote":"127.0.0.1"`) {
						t.Errorf("the client wrote its own address: %s", line)
					}
					return
				}
			}
			t.Errorf("the request is not in the log:\n%s", p.log())
		})
	}
}

// nginx runs nginx.conf between a node that serves and one that is dead.
func nginx(t *testing.T, node, dead string) (string, *process) {
	dir, addr := t.TempDir(), freeAddress(t)
	conf := filepath.Join(dir, "nginx.conf")
	adapt(t, "proxy/nginx.conf", conf, map[string]string{"freshet-1:8002": dead, "freshet-2:8002": node, "listen 8002": "listen " + addr})
	args := []string{"-c", conf, "-e", "stderr", "-g", "daemon off; pid " + filepath.Join(dir, "pid") + "; error_log stderr warn;"}
	if out, err := exec.Command(installed(t, "nginx"), append([]string{"-t"}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("nginx does not take the file: %v\n%s", err, out)
	}
	return addr, launch(t, exec.Command(installed(t, "nginx"), args...), nil)
}

// caddy runs the Caddyfile in the same way.
func caddy(t *testing.T, node, dead string) (string, *process) {
	dir, addr := t.TempDir(), freeAddress(t)
	conf := filepath.Join(dir, "Caddyfile")
	adapt(t, "proxy/Caddyfile", conf, map[string]string{"freshet-1:8002": dead, "freshet-2:8002": node})
	cmd := exec.Command(installed(t, "caddy"), "run", "--config", conf, "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "FRESHET_SITE=http://"+addr, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	return addr, launch(t, cmd, nil)
}

// adapt writes a file with the addresses of this test.
func adapt(t *testing.T, from, to string, names map[string]string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for old, by := range names {
		if strings.Count(text, old) != 1 {
			t.Fatalf("%s does not have %q once", from, old)
		}
		text = strings.Replace(text, old, by, 1)
	}
	if err := os.WriteFile(to, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// through talks to a server by way of a proxy.
type through struct {
	t    *testing.T
	ctx  context.Context
	base string
}

func (c *through) get(path string) *http.Response {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		c.t.Fatalf("GET %s: %s", path, res.Status)
	}
	return res
}

// send uploads a file by a form, of a length unless that is negative, and gives its id.
func (c *through) send(file io.Reader, name string, length int64) string {
	c.t.Helper()
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	if _, err := form.CreateFormFile("file", name); err != nil {
		c.t.Fatal(err)
	}
	tail := "\r\n--" + form.Boundary() + "--\r\n"
	total := length
	if length >= 0 {
		total += int64(head.Len() + len(tail))
	}
	r, err := http.NewRequestWithContext(c.ctx, http.MethodPost, c.base+api+"/upload-large-file", io.MultiReader(&head, file, strings.NewReader(tail)))
	if err != nil {
		c.t.Fatal(err)
	}
	r.ContentLength = total
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Authorization", "Bearer "+key)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	var out struct {
		FileID  string `json:"file_id"`
		Verdict string
	}
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || json.Unmarshal(b, &out) != nil || out.Verdict != "passed" {
		c.t.Fatalf("upload of %s: %s, %v\n%s", name, res.Status, err, b)
	}
	return out.FileID
}

// interim uploads by the draft, whose answers in between must not be taken for
// the last one, and sends another request on the same connection.
func (c *through) interim() {
	c.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.base, "http://"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		c.t.Fatal(err)
	}
	const body = `{"text":"draft"}`
	fmt.Fprintf(conn, "POST %s/tus/ HTTP/1.1\r\nHost: %s\r\nUpload-Draft-Interop-Version: 6\r\nUpload-Complete: ?1\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", api, conn.RemoteAddr(), key, len(body), body)
	answers := bufio.NewReader(conn)
	next := func() *http.Response {
		r, err := http.ReadResponse(answers, nil)
		if err != nil {
			c.t.Fatal(err)
		}
		if r.StatusCode >= 200 {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				c.t.Fatal(err)
			}
		}
		return r
	}
	r := next()
	for r.StatusCode == 104 {
		r = next()
	}
	if r.StatusCode != http.StatusCreated {
		c.t.Fatalf("an upload by the draft: %s", r.Status)
	}
	fmt.Fprintf(conn, "GET /readyz HTTP/1.1\r\nHost: %s\r\n\r\n", conn.RemoteAddr())
	if r := next(); r.StatusCode != http.StatusOK {
		c.t.Errorf("the next request on that connection: %s", r.Status)
	}
}

type eventData struct {
	BytesReceived int64 `json:"bytes_received"`
	File          *struct {
		Name   string `json:"original_name"`
		Status string
	}
}

// nextEvent reads one server-sent event; its name is empty at the end.
func nextEvent(t *testing.T, lines *bufio.Reader) (name string, data eventData) {
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return "", data
		}
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch key {
		case "":
			return name, data
		case "event":
			name = value
		case "data":
			if err := json.Unmarshal([]byte(value), &data); err != nil {
				t.Errorf("data %q: %v", value, err)
			}
		}
	}
}
