package s3

import (
	"context"
	"encoding/base64"
	"iter"
	"net/url"
	"strings"
	"time"

	"freshet/internal/blob"

	"github.com/minio/minio-go/v7"
)

// Handles implements blob.Store. It gives the uploads that the store tells of, and
// those that have tails. MinIO, once it was started again, tells of none that was
// begun before: Holds knows.
func (s *Store) Handles(ctx context.Context) iter.Seq2[blob.Handle, error] {
	return func(yield func(blob.Handle, error) bool) {
		fail := func(err error) { yield(blob.Handle{}, s.fault(ctx, "list", "uploads", err)) }
		// tails first: whose upload is not told of afterwards is not about to begin
		newest := map[string]minio.ObjectInfo{}
		for o, err := range s.objects(ctx, s.prefix+tailsDir) {
			if err != nil {
				fail(err)
				return
			}
			dir, _, ok := strings.Cut(strings.TrimPrefix(o.Key, s.prefix+tailsDir), "/")
			if ok && o.LastModified.After(newest[dir].LastModified) {
				newest[dir] = o
			}
		}
		for u, err := range s.uploads(ctx) {
			if err != nil {
				fail(err)
				return
			}
			delete(newest, handleOf(u.UploadID))
			key, ours := strings.CutPrefix(u.Key, s.prefix)
			if ours && !yield(blob.Handle{Key: key, Handle: handleOf(u.UploadID), Time: u.Initiated}, nil) {
				return
			}
		}
		for dir, o := range newest {
			key, err := s.tailKey(ctx, o.Key)
			if err != nil {
				fail(err)
				return
			}
			if id, err := url.PathUnescape(dir); err != nil || handleOf(id) != dir || blob.CheckKey(key) != nil {
				continue // not ours: what a person put there
			}
			if !yield(blob.Handle{Key: key, Handle: dir, Time: o.LastModified}, nil) {
				return
			}
		}
	}
}

// tailKey is the key of the upload that a tail is of, empty where it is no more.
func (s *Store) tailKey(ctx context.Context, name string) (string, error) {
	i, err := s.stat(ctx, name)
	if notThere(err) {
		return "", nil
	}
	key, _ := base64.RawURLEncoding.DecodeString(i.Metadata.Get("X-Amz-Meta-" + keyHeader)) // none of ours if it is not one
	return string(key), err
}

// uploads lists the multipart uploads of the bucket: MinIO knows no prefix there.
func (s *Store) uploads(ctx context.Context) iter.Seq2[minio.ObjectMultipartInfo, error] {
	return func(yield func(minio.ObjectMultipartInfo, error) bool) {
		for key, id := "", ""; ; {
			l, err := again(ctx, s, func() (minio.ListMultipartUploadsResult, error) {
				return s.core.ListMultipartUploads(ctx, s.bucket, "", key, id, "", page)
			})
			if err != nil {
				yield(minio.ObjectMultipartInfo{}, err)
				return
			}
			for _, u := range l.Uploads {
				if u.Initiated.IsZero() {
					u.Initiated = time.Now() // not told: it is not old, then
				}
				if !yield(u, nil) {
					return
				}
			}
			if !l.IsTruncated || l.NextKeyMarker == key && l.NextUploadIDMarker == id {
				return
			}
			key, id = l.NextKeyMarker, l.NextUploadIDMarker
		}
	}
}
