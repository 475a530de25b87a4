package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"freshet/api"

	"golang.org/x/sync/errgroup"
)

// File is what is sent.
type File struct {
	Name string
	// Body gives the bytes. With a Size it must be an io.ReaderAt, such as *os.File:
	// its parts are sent side by side and again where needed. Without one it is read
	// from the front, and parts wait in memory until they are safe.
	Body io.Reader
	Size int64 // -1 if it is not known

	ID          string
	DataType    string
	Description string
	Metadata    []byte // a JSON object, or nothing
	Rules       []byte // as JSON, or nothing
	RuleSet     string // NAME or NAME@VERSION, whose keys Rules override
	SHA256      string // hex, to be compared with what arrives
	PartSize    int64  // asked for, 0: the server chooses

	// Resume is the upload to go on with, or empty. One that the server does not
	// have any more is begun anew.
	Resume string
	// Began is told the upload once there is one, to be resumed later.
	Began func(api.UploadCreated)
	// Changed, unless nil, tells before the end whether the source is still what it
	// was; its error ends the upload.
	Changed func() error
	// Progress, unless nil, counts.
	Progress *Progress
}

// Progress is counted while a file is sent.
type Progress struct {
	Sent   atomic.Int64 // bytes that left, those sent again not counted twice
	Stored atomic.Int64 // bytes that are safe
}

// Options are how files are sent.
type Options struct {
	Parallel int           // parts at once, default 4
	Stall    time.Duration // a request on which nothing moves for so long is sent again, default 60 s
	Patience time.Duration // how long is waited between tries of a request in all, default 10 min
	Rate     int64         // bytes a second of all files together, 0: no limit
}

// ErrChanged says that the source is not what was sent before.
var ErrChanged = errors.New("the file changed since its upload began")

// Uploader sends files. What it has in flight is shared by all of them.
type Uploader struct {
	client  *Client
	options Options
	slots   chan struct{}
	pace    *pace
	reached atomic.Bool // the server has answered once
}

// Uploader makes one. It is safe for use by several goroutines.
func (c *Client) Uploader(o Options) *Uploader {
	if o.Parallel <= 0 {
		o.Parallel = 4
	}
	if o.Stall <= 0 {
		o.Stall = time.Minute
	}
	if o.Patience <= 0 {
		o.Patience = 10 * time.Minute
	}
	return &Uploader{client: c, options: o, slots: make(chan struct{}, o.Parallel), pace: newPace(o.Rate)}
}

// Upload sends a file with default options. It returns once the server has it
// safely; the verdict in the answer is on its data.
func (c *Client) Upload(ctx context.Context, f File) (api.Uploaded, error) {
	return c.Uploader(Options{}).Upload(ctx, f)
}

// Upload sends a file in parts, side by side, each with its checksum, and again
// where a connection fails. It returns once the server has the file safely; the
// verdict in the answer is on its data.
func (u *Uploader) Upload(ctx context.Context, f File) (api.Uploaded, error) {
	if f.Progress == nil {
		f.Progress = &Progress{}
	}
	if f.Began == nil {
		f.Began = func(api.UploadCreated) {}
	}
	s := &sending{uploader: u, file: f}
	if s.at, _ = f.Body.(io.ReaderAt); f.Size < 0 {
		s.at = nil
	} else if s.at == nil {
		return api.Uploaded{}, errors.New("a body whose size is known must be an io.ReaderAt")
	}
	out, err := s.run(ctx)
	if s.gone(err) { // it expired meanwhile, or was deleted
		s.file.Resume = ""
		out, err = s.run(ctx)
	}
	return out, err
}

// sending is one file on its way.
type sending struct {
	uploader *Uploader
	file     File
	at       io.ReaderAt // nil: the body is read once, from the front
	upload   api.UploadCreated
	safe     map[int]string // checksums of the parts that the server has
	began    bool           // bytes of a body that is read once have gone
}

// gone tells that the upload is to be begun anew.
func (s *sending) gone(err error) bool {
	p := asProblem(err)
	return p != nil && (p.Code == "unknown-upload" || p.Code == "unknown-file" || p.Code == "upload-lost" || p.Status == http.StatusGone && p.Code == "upload-expired") && (s.at != nil || !s.began)
}

func asProblem(err error) *api.Problem {
	var p *api.Problem
	errors.As(err, &p)
	return p
}

func (s *sending) run(ctx context.Context) (api.Uploaded, error) {
	s.safe = map[int]string{}
	s.file.Progress.Sent.Store(0)
	s.file.Progress.Stored.Store(0)
	var held *api.Uploaded
	var err error
	if s.file.Resume != "" && s.at != nil {
		held, err = s.resume(ctx)
	} else {
		held, err = s.create(ctx)
	}
	if held != nil || err != nil {
		return orZero(held), err
	}
	if s.at != nil {
		err = s.sendParts(ctx)
	} else {
		err = s.sendStream(ctx)
	}
	if err == nil && s.file.Changed != nil {
		err = s.file.Changed()
	}
	if err != nil {
		return api.Uploaded{}, s.why(ctx, err)
	}
	return s.complete(ctx)
}

// why says what ended an upload: of parts side by side only one hears of the
// finding, the others that it is over.
func (s *sending) why(ctx context.Context, err error) error {
	p := asProblem(err)
	if p == nil || p.Code != "upload-failed" {
		return err
	}
	f, e := s.uploader.client.Info(ctx, s.upload.FileID)
	if e != nil || f.Verdict != "failed" || f.ProcessingError == "" {
		return err
	}
	return &api.Problem{Status: http.StatusUnprocessableEntity, Title: http.StatusText(http.StatusUnprocessableEntity), Code: "checks-failed", Detail: f.ProcessingError,
		Hint: "freshet report " + f.FileID + " has the findings; mend the data and send it again"}
}

func orZero(u *api.Uploaded) api.Uploaded {
	if u == nil {
		return api.Uploaded{}
	}
	return *u
}

// create begins an upload. Content that the server holds already is told at once.
func (s *sending) create(ctx context.Context) (*api.Uploaded, error) {
	f := &s.file
	in := api.NewUpload{FileName: f.Name, DataType: f.DataType, Description: f.Description, Metadata: f.Metadata, Rules: f.Rules, RuleSet: f.RuleSet, FileID: f.ID, SHA256: f.SHA256, PartSize: f.PartSize}
	if f.Size >= 0 {
		in.FileSize = &f.Size
	}
	b, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("describe the file: %w", err)
	}
	header := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {rand.Text()}}
	var held *api.Uploaded
	err = s.uploader.retry(ctx, func(ctx context.Context) error {
		resp, err := s.uploader.client.do(ctx, http.MethodPost, "/uploads", nil, bytes.NewReader(b), header, int64(len(b)))
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			held = &api.Uploaded{}
			return json.NewDecoder(resp.Body).Decode(held)
		}
		return json.NewDecoder(resp.Body).Decode(&s.upload)
	})
	if err == nil && held == nil {
		f.Began(s.upload)
	}
	return held, err
}

// resume goes on with an upload: the server tells what it has, and what it has
// is compared with the source.
func (s *sending) resume(ctx context.Context) (*api.Uploaded, error) {
	id := s.file.Resume
	var st api.UploadStatus
	err := s.uploader.retry(ctx, func(ctx context.Context) (err error) {
		st, err = get[api.UploadStatus](ctx, s.uploader.client, "/uploads/"+url.PathEscape(id), url.Values{"checksums": {"true"}})
		return err
	})
	switch {
	case s.gone(err), err == nil && st.State != "open" && st.State != "complete":
		return s.create(ctx)
	case err != nil:
		return nil, err
	case st.State == "complete":
		return s.completed(ctx, &st)
	case st.FileSize == nil || *st.FileSize != s.file.Size:
		return nil, ErrChanged
	}
	s.upload = api.UploadCreated{UploadID: st.UploadID, FileID: st.FileID, PartSize: st.PartSize, PartCount: st.PartCount, ExpiresAt: st.ExpiresAt}
	s.file.Began(s.upload)
	for _, c := range st.Checksums {
		s.safe[c.Part] = c.CRC64NVME
		off, size := s.place(c.Part)
		if size != c.Size {
			return nil, ErrChanged
		}
		sum, err := checksum(ctx, s.at, off, size)
		if err != nil {
			return nil, err
		}
		if sum != c.CRC64NVME {
			return nil, ErrChanged
		}
		s.file.Progress.Sent.Add(size)
		s.file.Progress.Stored.Add(size)
	}
	return nil, nil
}

// completed is for an upload that had its end before who sent it: if the file is
// still the same, that is the answer; else it is a new file.
func (s *sending) completed(ctx context.Context, st *api.UploadStatus) (*api.Uploaded, error) {
	f, err := s.uploader.client.Info(ctx, st.FileID)
	if s.gone(err) || err == nil && f.FileSize != s.file.Size {
		return s.create(ctx)
	}
	if err != nil {
		return nil, err
	}
	sum, err := hashOf(ctx, s.at, s.file.Size)
	if err != nil {
		return nil, err
	}
	if sum != f.FileHash {
		return s.create(ctx)
	}
	s.upload.UploadID, s.upload.FileID = st.UploadID, st.FileID
	s.file.Progress.Sent.Store(s.file.Size)
	s.file.Progress.Stored.Store(s.file.Size)
	out, err := s.complete(ctx)
	return &out, err
}

// place is where part n of a file whose size is known lies.
func (s *sending) place(n int) (off, size int64) {
	off = int64(n-1) * s.upload.PartSize
	return off, min(s.upload.PartSize, s.file.Size-off)
}

// sendParts sends the parts that the server lacks, the first one first.
func (s *sending) sendParts(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	count := int((s.file.Size + s.upload.PartSize - 1) / s.upload.PartSize)
	for n := 1; n <= count; n++ {
		if _, has := s.safe[n]; has {
			continue
		}
		if !s.take(ctx) {
			break
		}
		off, size := s.place(n)
		g.Go(func() error {
			defer s.give()
			sum, err := checksum(ctx, s.at, off, size)
			if err != nil {
				return err
			}
			return s.part(ctx, n, s.at, off, size, sum)
		})
	}
	return cause(ctx, g.Wait())
}

// sendStream reads the body from its front and sends it part by part.
func (s *sending) sendStream(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	buffers := sync.Pool{New: func() any { b := make([]byte, s.upload.PartSize); return &b }}
	for n := 1; s.take(ctx); n++ {
		buf := buffers.Get().(*[]byte)
		k, err := readFull(ctx, s.file.Body, *buf)
		s.began = s.began || k > 0
		if k > 0 {
			g.Go(func() error {
				defer s.give()
				defer buffers.Put(buf)
				r := bytes.NewReader((*buf)[:k])
				sum, err := checksum(ctx, r, 0, int64(k))
				if err != nil {
					return err
				}
				return s.part(ctx, n, r, 0, int64(k), sum)
			})
		} else {
			s.give()
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			g.Go(func() error { return fmt.Errorf("read: %w", err) })
			break
		}
	}
	return cause(ctx, g.Wait())
}

// readFull is io.ReadFull that ends with ctx, though the read itself may go on:
// a terminal, or a pipe, gives nothing for as long as it likes.
func readFull(ctx context.Context, r io.Reader, p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := io.ReadFull(r, p)
		done <- result{n, err}
	}()
	select {
	case got := <-done:
		return got.n, got.err
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

// cause prefers the error of a part over the end of the context that it caused.
func cause(ctx context.Context, err error) error {
	if err == nil && ctx.Err() != nil && !errors.Is(context.Cause(ctx), context.Canceled) {
		return context.Cause(ctx)
	}
	return err
}

func (s *sending) take(ctx context.Context) bool {
	select {
	case s.uploader.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *sending) give() { <-s.uploader.slots }

// part sends part n until it is safe.
func (s *sending) part(ctx context.Context, n int, r io.ReaderAt, off, size int64, sum string) error {
	path := "/uploads/" + url.PathEscape(s.upload.UploadID) + "/parts/" + strconv.Itoa(n)
	header := http.Header{"Content-Type": {"application/octet-stream"}, "X-Checksum-Crc64nvme": {sum}}
	return s.uploader.retry(ctx, func(ctx context.Context) error {
		b := s.uploader.newBody(ctx, io.NewSectionReader(r, off, size), &s.file.Progress.Sent)
		defer b.end()
		resp, err := s.uploader.client.do(b.ctx, http.MethodPut, path, nil, b, header, size)
		if err != nil {
			s.file.Progress.Sent.Add(-b.sent.Load())
			if p := asProblem(err); p != nil && p.Code == "part-differs" {
				return ErrChanged
			}
			return err
		}
		defer resp.Body.Close()
		var got api.PartReceived
		if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
			s.file.Progress.Sent.Add(-b.sent.Load())
			return fmt.Errorf("%w: read the answer: %w", ErrUnreachable, err)
		}
		if got.CRC64NVME != sum {
			return fmt.Errorf("the server has part %d with the checksum %s, not %s", n, got.CRC64NVME, sum)
		}
		s.file.Progress.Stored.Add(size)
		return nil
	})
}

// complete ends the upload.
func (s *sending) complete(ctx context.Context) (api.Uploaded, error) {
	var out api.Uploaded
	err := s.uploader.retry(ctx, func(ctx context.Context) error {
		return s.uploader.client.call(ctx, http.MethodPost, "/uploads/"+url.PathEscape(s.upload.UploadID)+"/complete", nil, nil, &out)
	})
	return out, err
}

// UploadStatus is where an upload stands.
func (c *Client) UploadStatus(ctx context.Context, id string) (api.UploadStatus, error) {
	return get[api.UploadStatus](ctx, c, "/uploads/"+url.PathEscape(id), nil)
}

// AbortUpload takes an open upload back. One that has ended is fine.
func (c *Client) AbortUpload(ctx context.Context, id string) error {
	resp, err := c.do(ctx, http.MethodDelete, "/uploads/"+url.PathEscape(id), nil, nil, nil, -1)
	if p := asProblem(err); p != nil && (p.Status == http.StatusNotFound || p.Status == http.StatusGone || p.Code == "upload-complete") {
		return nil
	}
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
