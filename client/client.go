// Package client talks to a Freshet server from Go.
//
//	c := client.New("http://127.0.0.1:8002", "")
//	res, err := c.Upload(ctx, client.File{Name: "data.jsonl", Body: f, Size: size})
//
// A file is sent in parts, side by side, each safe once it is answered: a cut
// connection costs a part at most, and an upload that was interrupted goes on
// where it stood, see File.Resume.
//
// Every call returns an *api.Problem as its error where the server refused.
package client

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"freshet/api"
)

// DefaultServer is where a server listens unless it is told otherwise.
const DefaultServer = "http://127.0.0.1:8002"

const prefix = "/data/efficient"

// Client is safe for use by several goroutines.
type Client struct {
	server string
	key    string
	http   *http.Client
	// Project is where files are sent to, listed and looked for. Empty: the only one
	// that the key has a role in, else the default one. It is set before first use.
	Project string
}

// New makes a client of the server at a URL; key may be empty.
func New(server, key string) *Client {
	if server == "" {
		server = DefaultServer
	}
	if !strings.Contains(server, "://") {
		server = "http://" + server
	}
	return &Client{server: strings.TrimRight(server, "/"), key: key, http: &http.Client{Transport: transport()}}
}

// Trust has the client believe certificates of these authorities, in place of
// those that the machine knows. It is called before the first request.
func (c *Client) Trust(authorities *x509.CertPool) {
	c.http.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}
}

// transport is the default one but for larger buffers and more connections kept:
// parts go side by side, again and again.
func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	dial := t.DialContext
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return struct{ net.Conn }{c}, nil // hides ReadFrom, which would copy in small pieces past the buffer
	}
	t.ForceAttemptHTTP2 = false
	t.WriteBufferSize, t.MaxIdleConnsPerHost = 256<<10, 64
	return t
}

// ErrUnreachable says that no server answered.
var ErrUnreachable = errors.New("the server cannot be reached")

// ErrUntrusted says that a server answered whose certificate is not believed.
var ErrUntrusted = errors.New("the server's certificate is not trusted")

// do sends a request and gives the answer, which the caller closes.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, body io.Reader, header http.Header, length int64) (*http.Response, error) {
	u := c.server + prefix + path
	if len(query) > 0 {
		u += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, u, body)
	if err != nil {
		return nil, err
	}
	if length >= 0 && body != nil {
		req.ContentLength = length
	}
	for k, v := range header {
		req.Header[k] = v
	}
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	if c.Project != "" {
		req.Header.Set("X-Project", c.Project)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var untrusted *tls.CertificateVerificationError
		if errors.As(err, &untrusted) {
			return nil, fmt.Errorf("%w: %w", ErrUntrusted, untrusted.Err)
		}
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if resp.StatusCode >= 400 {
		defer resp.Body.Close()
		return nil, problem(resp)
	}
	return resp, nil
}

// problem reads the refusal in an answer.
func problem(resp *http.Response) error {
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	}
	p := &api.Problem{}
	wait, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // none is fine
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") && json.Unmarshal(b, p) == nil {
		p.RetryAfter = time.Duration(wait) * time.Second
		return p
	}
	return &api.Problem{RetryAfter: time.Duration(wait) * time.Second, Status: resp.StatusCode, Title: resp.Status, Code: "not-freshet", Detail: fmt.Sprintf("the server answered %s: %s", resp.Status, firstLine(b)), Hint: "is it a Freshet server, and is there a proxy in between?"}
}

func firstLine(b []byte) string {
	l, _, _ := bytes.Cut(b, []byte{'\n'})
	return strconv.Quote(string(l[:min(len(l), 200)]))
}

// call sends JSON and reads JSON.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, in []byte, out any) error {
	var body io.Reader
	header := http.Header{}
	if in != nil {
		body = bytes.NewReader(in)
		header.Set("Content-Type", "application/json")
	}
	resp, err := c.do(ctx, method, path, query, body, header, int64(len(in)))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}

func get[T any](ctx context.Context, c *Client, path string, query url.Values) (T, error) {
	var out T
	return out, c.call(ctx, http.MethodGet, path, query, nil, &out)
}

// Info is what is known of a file.
func (c *Client) Info(ctx context.Context, id string) (api.File, error) {
	return get[api.File](ctx, c, "/file-info/"+url.PathEscape(id), nil)
}

// Progress is how far a file is.
func (c *Client) Progress(ctx context.Context, id string) (api.Progress, error) {
	return get[api.Progress](ctx, c, "/upload-progress/"+url.PathEscape(id), nil)
}

// Report is the report on a file's records, provisional while it arrives.
func (c *Client) Report(ctx context.Context, id string) (api.Report, error) {
	return get[api.Report](ctx, c, "/validation-report/"+url.PathEscape(id), nil)
}

// RecordOverlap tells which of a file's records other fresh files hold already.
func (c *Client) RecordOverlap(ctx context.Context, id string) (api.RecordOverlap, error) {
	return get[api.RecordOverlap](ctx, c, "/record-overlap/"+url.PathEscape(id), nil)
}

// History is what happened to a file.
func (c *Client) History(ctx context.Context, id string) (api.History, error) {
	return get[api.History](ctx, c, "/history/"+url.PathEscape(id), nil)
}

// Health is the state of the server.
func (c *Client) Health(ctx context.Context) (api.Health, error) {
	return get[api.Health](ctx, c, "/health", nil)
}

// Query selects files; zero values select all, newest first.
type Query struct {
	Status, DataType, Search, Sort, Cursor string
	Limit                                  int
}

// List gives a page of files.
func (c *Client) List(ctx context.Context, q Query) (api.FileList, error) {
	v := url.Values{}
	for k, s := range map[string]string{"status": q.Status, "data_type": q.DataType, "q": q.Search, "sort": q.Sort, "cursor": q.Cursor} {
		if s != "" {
			v.Set(k, s)
		}
	}
	if q.Limit > 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	return get[api.FileList](ctx, c, "/staged-files", v)
}

func waiting(wait time.Duration) url.Values {
	if wait <= 0 {
		return nil
	}
	return url.Values{"wait": {wait.String()}}
}

// Process has a file checked with rules, those of before when there are none,
// and waits for the verdict so long.
func (c *Client) Process(ctx context.Context, id string, rules []byte, wait time.Duration) (api.Processed, error) {
	var out api.Processed
	return out, c.call(ctx, http.MethodPost, "/process-file/"+url.PathEscape(id), waiting(wait), rules, &out)
}

// Retry has a failed file checked again.
func (c *Client) Retry(ctx context.Context, id string, wait time.Duration) (api.Processed, error) {
	var out api.Processed
	return out, c.call(ctx, http.MethodPost, "/retry-failed-file/"+url.PathEscape(id), waiting(wait), nil, &out)
}

// Cleanup deletes failed files and abandoned uploads that are older than hours.
func (c *Client) Cleanup(ctx context.Context, hours float64, dryRun bool) (api.CleanedUp, error) {
	var out api.CleanedUp
	q := url.Values{"hours_old": {strconv.FormatFloat(hours, 'g', -1, 64)}, "dry_run": {strconv.FormatBool(dryRun)}}
	return out, c.call(ctx, http.MethodDelete, "/cleanup-failed-uploads", q, nil, &out)
}

// Download gives a file's bytes from an offset on; the caller closes it.
func (c *Client) Download(ctx context.Context, id string, from int64) (io.ReadCloser, error) {
	h := http.Header{}
	if from > 0 {
		h.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	resp, err := c.do(ctx, http.MethodGet, "/download-file/"+url.PathEscape(id), nil, nil, h, -1)
	if err != nil {
		return nil, err
	}
	if from > 0 && resp.StatusCode != http.StatusPartialContent {
		resp.Body.Close()
		return nil, fmt.Errorf("the server did not give the bytes from %d on", from)
	}
	return resp.Body, nil
}

// Rejected streams the bad records of a file as they are; the caller closes it.
func (c *Client) Rejected(ctx context.Context, id string) (io.ReadCloser, error) {
	return c.stream(ctx, "/rejected-records/"+url.PathEscape(id), nil)
}

// Clean streams all of a file but its bad records; the caller closes it.
func (c *Client) Clean(ctx context.Context, id string) (io.ReadCloser, error) {
	return c.stream(ctx, "/clean-records/"+url.PathEscape(id), nil)
}

// stream gives the body of an answer.
func (c *Client) stream(ctx context.Context, path string, q url.Values) (io.ReadCloser, error) {
	resp, err := c.do(ctx, http.MethodGet, path, q, nil, nil, -1)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

// Findings streams every finding that is kept, one JSON object a line; the
// caller closes it. rule may be empty.
func (c *Client) Findings(ctx context.Context, id, rule string) (io.ReadCloser, error) {
	q := url.Values{}
	if rule != "" {
		q.Set("rule", rule)
	}
	return c.stream(ctx, "/validation-findings/"+url.PathEscape(id), q)
}

// Settled waits until a file is neither arriving nor being checked: it follows
// the server's events and looks again at each that concerns the file.
func (c *Client) Settled(ctx context.Context, id string) (api.File, error) {
	for {
		resp, err := c.do(ctx, http.MethodGet, "/events", nil, nil, nil, -1)
		if err != nil {
			return api.File{}, err
		}
		f, done, err := c.follow(ctx, resp.Body, id)
		resp.Body.Close()
		if done || err != nil {
			return f, err
		}
		// the server let go of the stream: begin again
	}
}

func (c *Client) follow(ctx context.Context, stream io.Reader, id string) (api.File, bool, error) {
	lines := bufio.NewReader(stream)
	for look := true; ; {
		if look {
			f, err := c.Info(ctx, id)
			if err != nil || f.Status != "uploading" && f.Status != "processing" && !f.Rechecking && !(f.Status == "uploaded" && (f.Verdict == "in_progress" || f.Verdict == "none")) {
				return f, true, err
			}
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			if ctx.Err() != nil {
				return api.File{}, false, context.Cause(ctx)
			}
			return api.File{}, false, nil
		}
		look = line == "event: file\n"
	}
}

// Adopt has the server take the objects under a prefix of its store into the
// catalog. each is told of them one by one.
func (c *Client) Adopt(ctx context.Context, in api.Adopt, each func(api.Adopted) error) error {
	b, err := json.Marshal(in)
	if err != nil {
		return err
	}
	resp, err := c.do(ctx, http.MethodPost, "/adopt", nil, bytes.NewReader(b), http.Header{"Content-Type": {"application/json"}}, int64(len(b)))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	for dec := json.NewDecoder(resp.Body); ; {
		var a api.Adopted
		if err := dec.Decode(&a); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		if err := each(a); err != nil {
			return err
		}
	}
}
