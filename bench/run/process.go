package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// build makes the binary and this program's twin that serves bare.
func (b *bench) build() error {
	cmd := exec.Command("go", "build", "-trimpath", "-o", b.bin, "./cmd/freshet")
	cmd.Env = append(os.Environ(), "GOEXPERIMENT=simd", "CGO_ENABLED=0") // as the Makefile builds it
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// data makes a file of a kind and size once.
func (b *bench) data(kind, size string) (string, error) {
	ext := map[string]string{"csv": ".csv", "quotes": ".csv", "text": ".txt"}[kind]
	if ext == "" {
		ext = ".jsonl"
	}
	name := filepath.Join(b.dir, kind+"-"+size+ext)
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	cmd := exec.Command("go", "run", "./bench/gen", "-kind", kind, "-size", size)
	cmd.Stdout, cmd.Stderr = f, os.Stderr
	return name, cmd.Run()
}

// server is a process that receives forms.
type server struct {
	cmd     *exec.Cmd
	url     string
	dir     string
	started time.Duration // until it was ready
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// freshet starts the server on an empty directory.
func (b *bench) freshet(args ...string) (*server, error) {
	addr, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(b.dir, "data-*")
	if err != nil {
		return nil, err
	}
	return b.freshetAt(addr, dir, args...)
}

// freshetAt starts the server on a directory that may have seen one before.
func (b *bench) freshetAt(addr, dir string, args ...string) (*server, error) {
	s := &server{url: "http://" + addr, dir: dir}
	s.cmd = exec.Command(b.bin, append([]string{"serve", "--listen", addr, "--data-dir", dir}, args...)...)
	return s, s.start("/readyz")
}

// bare starts the reference: io.Copy of the body to a file, then fsync.
func (b *bench) bare() (*server, error) {
	addr, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(b.dir, "bare-*")
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{url: "http://" + addr, dir: dir}
	s.cmd = exec.Command(self, "-bare", addr+","+filepath.Join(dir, "file"))
	return s, s.start("/")
}

// serveBare is the least that can be done with bytes that come: POST copies
// them to a file and syncs it, PUT writes them at an offset, 256 KiB at a time,
// and syncs. It knows nothing of what they are, and forgets them when it ends.
func serveBare(arg string) error {
	addr, file, _ := strings.Cut(arg, ",")
	return http.ListenAndServe(addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		switch r.Method {
		case http.MethodPost:
			err = bareCopy(file, r.Body)
		case http.MethodPut:
			err = bareWriteAt(file, r)
		}
		if err != nil {
			http.Error(w, err.Error(), 500)
		}
	}))
}

func bareCopy(file string, body io.Reader) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(f, body); err != nil {
		return err
	}
	return f.Sync()
}

func bareWriteAt(file string, r *http.Request) error {
	at, err := strconv.ParseInt(r.URL.Query().Get("at"), 10, 64)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE, 0o640)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.CopyBuffer(io.NewOffsetWriter(f, at), r.Body, make([]byte, 256<<10)); err != nil {
		return err
	}
	return f.Sync()
}

func (s *server) start(ready string) error {
	log, err := os.Create(filepath.Join(s.dir, "server.log"))
	if err != nil {
		return err
	}
	s.cmd.Stderr = log
	begin := time.Now()
	if err := s.cmd.Start(); err != nil {
		return err
	}
	for time.Since(begin) < 20*time.Second {
		resp, err := http.Get(s.url + ready)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == 200 {
				s.started = time.Since(begin)
				return nil
			}
		}
		time.Sleep(5 * time.Millisecond) // nothing tells us of the first moment
	}
	return fmt.Errorf("the server did not get ready")
}

// usage is what a server took.
type usage struct {
	cpu     time.Duration
	peakRSS int64
}

// stop ends the server and removes what it kept.
func (s *server) stop() (usage, error) {
	peak, err := peakRSS(s.cmd.Process.Pid)
	if err != nil {
		return usage{}, err
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	s.cmd.Wait()
	st := s.cmd.ProcessState
	return usage{st.UserTime() + st.SystemTime(), peak}, os.RemoveAll(s.dir)
}

func peakRSS(pid int) (int64, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var kb int64
		if n, _ := fmt.Sscanf(sc.Text(), "VmHWM: %d kB", &kb); n == 1 {
			return kb << 10, nil
		}
	}
	return 0, fmt.Errorf("no VmHWM")
}

// post sends a file as a form and gives the time to the answer.
func post(url, file string, fields ...string) (time.Duration, []byte, error) {
	return postAs("", url, file, fields...)
}

// postAs is post by the holder of a key.
func postAs(key, url, file string, fields ...string) (time.Duration, []byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, nil, err
	}
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	for i := 0; i+1 < len(fields); i += 2 {
		form.WriteField(fields[i], fields[i+1])
	}
	form.CreateFormFile("file", filepath.Base(file))
	tail := "\r\n--" + form.Boundary() + "--\r\n"
	req, err := http.NewRequest(http.MethodPost, url+"/data/efficient/upload-large-file", io.MultiReader(&head, &bigReads{f}, strings.NewReader(tail)))
	if err != nil {
		return 0, nil, err
	}
	req.ContentLength = int64(head.Len()) + info.Size() + int64(len(tail))
	req.Header.Set("Content-Type", form.FormDataContentType())
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	client := &http.Client{Transport: &http.Transport{WriteBufferSize: 1 << 20}}
	begin := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	took := time.Since(begin)
	if err == nil && resp.StatusCode != 200 {
		err = fmt.Errorf("%s: %s", resp.Status, body)
	}
	return took, body, err
}

type bigReads struct{ f *os.File }

func (b *bigReads) Read(p []byte) (int, error) { return b.f.Read(p) }
