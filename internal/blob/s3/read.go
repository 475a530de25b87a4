package s3

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"

	"freshet/internal/blob"
	"freshet/internal/errs"

	"github.com/minio/minio-go/v7"
)

func (s *Store) stat(ctx context.Context, name string) (minio.ObjectInfo, error) {
	return again(ctx, s, func() (minio.ObjectInfo, error) {
		return s.core.StatObject(ctx, s.bucket, name, minio.StatObjectOptions{})
	})
}

// Stat implements blob.Store.
func (s *Store) Stat(ctx context.Context, key string) (blob.Info, error) {
	name, err := s.name(key)
	if err != nil {
		return blob.Info{}, err
	}
	i, err := s.stat(ctx, name)
	return blob.Info{Key: key, Size: i.Size, Time: i.LastModified}, s.fault(ctx, "stat", key, err)
}

// Read implements blob.Store.
func (s *Store) Read(ctx context.Context, key string, offset, n int64) (io.ReadCloser, error) {
	name, err := s.name(key)
	if err != nil {
		return nil, err
	}
	return s.open(ctx, name, key, offset, n)
}

// ReadBack implements blob.Store: parts can be read once they are an object.
func (s *Store) ReadBack(ctx context.Context, key, handle string, offset, n int64) (io.ReadCloser, error) {
	name, _, err := s.upload(key, handle)
	if err != nil {
		return nil, err
	}
	i, err := s.stat(ctx, name)
	if err == nil && !s.ours(name, &i) {
		err = minio.ErrorResponse{Code: minio.NoSuchKey, StatusCode: http.StatusNotFound}
	}
	if err != nil {
		return nil, s.fault(ctx, "read back", key, err)
	}
	return s.open(ctx, name, key, offset, n)
}

// open reads n bytes of an object from an offset, all that follow if n < 0.
func (s *Store) open(ctx context.Context, name, what string, offset, n int64) (io.ReadCloser, error) {
	if n == 0 {
		_, err := s.stat(ctx, name)
		return http.NoBody, s.fault(ctx, "read", what, err)
	}
	r := &reader{store: s, ctx: ctx, name: name, what: what, at: offset, end: -1}
	if n > 0 {
		r.end = offset + n
	}
	err := r.request()
	var e minio.ErrorResponse
	if errors.As(err, &e) && e.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		return http.NoBody, nil // it begins where the object has ended
	}
	if err != nil {
		return nil, s.fault(ctx, "read", what, err)
	}
	return r, nil
}

// reader reads an object and goes on by itself where a connection broke, if the
// object is still the same.
type reader struct {
	store  *Store
	ctx    context.Context
	name   string
	what   string
	at     int64
	end    int64 // -1 until it is known
	etag   string
	body   io.ReadCloser
	cancel context.CancelFunc
	dog    *time.Timer // gives up a body that stalls
	stuck  int         // requests in a row that gave nothing
	err    error
}

// mostStuck is how many requests in a row may give no byte.
const mostStuck = 5

var errStalled = errors.New("the store gives no more bytes")

// request asks for what is left.
func (r *reader) request() error {
	ctx, cancel := context.WithCancel(r.ctx)
	var o minio.GetObjectOptions
	if r.at > 0 || r.end >= 0 {
		if err := o.SetRange(r.at, max(r.end-1, 0)); err != nil {
			cancel()
			return err
		}
	}
	if r.etag != "" {
		if err := o.SetMatchETag(r.etag); err != nil {
			cancel()
			return err
		}
	}
	type answer struct {
		body io.ReadCloser
		info minio.ObjectInfo
	}
	a, err := again(ctx, r.store, func() (a answer, err error) {
		a.body, a.info, _, err = r.store.core.GetObject(ctx, r.store.bucket, r.name, o)
		return a, err
	})
	if err != nil {
		cancel()
		return err
	}
	r.body, r.cancel, r.etag = a.body, cancel, a.info.ETag
	r.end = r.at + a.info.Size // of what is answered
	r.dog = time.AfterFunc(r.store.stall, cancel)
	return nil
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	for r.err == nil && r.at < r.end {
		if r.body == nil {
			r.err = r.store.fault(r.ctx, "read", r.what, r.request())
			continue
		}
		r.dog.Reset(r.store.stall)
		n, err := r.body.Read(p)
		r.at += int64(n)
		if n > 0 {
			r.stuck = 0
			return n, nil
		}
		if err == nil {
			continue
		}
		r.hangUp()
		if errors.Is(err, context.Canceled) {
			err = errStalled
		}
		if r.stuck++; r.stuck > mostStuck || r.ctx.Err() != nil {
			r.err = r.store.fault(r.ctx, "read", r.what, err)
		}
	}
	if r.err != nil {
		return 0, r.err
	}
	return 0, io.EOF
}

func (r *reader) hangUp() {
	if r.body != nil {
		r.dog.Stop()
		r.cancel()
		r.body.Close() // it is broken, or nobody wants the rest
		r.body = nil
	}
}

// Close implements io.Closer.
func (r *reader) Close() error {
	if r.at == r.end && r.body != nil {
		io.Copy(io.Discard, io.LimitReader(r.body, 1)) // its end is read, so that the connection can be used again
	}
	r.hangUp()
	if r.err == nil {
		r.err = errors.New("it is closed")
	}
	return nil
}

// page is how many keys are asked for at once.
const page = 1000

// List implements blob.Store.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		if prefix != "" && blob.CheckKey(strings.TrimSuffix(prefix, "/")) != nil {
			yield(blob.Info{}, errs.E(errs.Invalid, "bad-key", "%q is not a prefix", prefix))
			return
		}
		for o, err := range s.objects(ctx, s.prefix+prefix) {
			i := blob.Info{Key: strings.TrimPrefix(o.Key, s.prefix), Size: o.Size, Time: o.LastModified}
			if err == nil && hidden(i.Key) {
				continue
			}
			if !yield(i, s.fault(ctx, "list", "objects", err)) {
				return
			}
		}
	}
}

// objects lists what is there by its full name, a page at a time, and each page
// again as long as that may help.
func (s *Store) objects(ctx context.Context, prefix string) iter.Seq2[minio.ObjectInfo, error] {
	return func(yield func(minio.ObjectInfo, error) bool) {
		for last := ""; ; {
			list, err := again(ctx, s, func() (list []minio.ObjectInfo, err error) {
				o := minio.ListObjectsOptions{Prefix: prefix, Recursive: true, StartAfter: last, MaxKeys: page}
				for i := range s.core.ListObjectsIter(ctx, s.bucket, o) {
					if i.Err != nil {
						return nil, i.Err
					}
					if list = append(list, i); len(list) == page {
						break
					}
				}
				return list, ctx.Err()
			})
			if err != nil {
				yield(minio.ObjectInfo{}, err)
				return
			}
			for _, i := range list {
				if last = i.Key; !yield(i, nil) {
					return
				}
			}
			if len(list) < page {
				return
			}
		}
	}
}
