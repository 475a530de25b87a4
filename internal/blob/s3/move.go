package s3

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"
)

// copies is how many ranges of an object are copied at once.
const copies = 4

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, key string, r io.ReaderAt, size int64) error {
	name, err := s.name(key)
	if err != nil {
		return err
	}
	return s.fault(ctx, "put", key, s.put(ctx, name, &joined{r: io.NewSectionReader(r, 0, size)}, size, nil))
}

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	name, err := s.name(key)
	if err != nil {
		return err
	}
	return s.remove(ctx, name)
}

// Move implements blob.Store: the store copies the object, with its metadata. The
// one at from stays.
func (s *Store) Move(ctx context.Context, from, to string) error {
	source, err := s.name(from)
	if err != nil {
		return err
	}
	target, err := s.name(to)
	if err != nil {
		return err
	}
	i, err := s.stat(ctx, source)
	if notThere(err) {
		if _, toErr := s.stat(ctx, target); !notThere(toErr) {
			err = toErr // a repeat
		}
	}
	if err == nil && i.Key != "" && from != to {
		err = s.copy(ctx, &i, target)
	}
	return s.fault(ctx, "move", from, err)
}

func notThere(err error) bool {
	var e minio.ErrorResponse
	return errors.As(err, &e) && (e.Code == minio.NoSuchKey || e.StatusCode == http.StatusNotFound && e.Code != minio.NoSuchBucket)
}

func (s *Store) copy(ctx context.Context, from *minio.ObjectInfo, to string) error {
	if from.Size > s.copyOnce {
		return s.copyRanges(ctx, from, to)
	}
	_, err := again(ctx, s, func() (minio.UploadInfo, error) {
		return s.core.Client.CopyObject(ctx, minio.CopyDestOptions{Bucket: s.bucket, Object: to, Encryption: s.sse},
			minio.CopySrcOptions{Bucket: s.bucket, Object: from.Key, MatchETag: from.ETag})
	})
	return err
}

// copyRanges copies what is too large for one request. What is at the target
// changes once all of it is there.
func (s *Store) copyRanges(ctx context.Context, from *minio.ObjectInfo, to string) (err error) {
	before, err := s.stat(ctx, to)
	if err != nil && !notThere(err) {
		return err
	}
	id, err := again(ctx, s, func() (string, error) {
		// no checksum is asked for: MinIO takes no copies where one is
		return s.core.NewMultipartUpload(ctx, s.bucket, to, minio.PutObjectOptions{UserMetadata: userMetadata(from), ServerSideEncryption: s.sse})
	})
	if err != nil {
		return err
	}
	parts, err := s.copyParts(ctx, from, to, id)
	if err == nil {
		_, err = again(ctx, s, func() (minio.UploadInfo, error) {
			return s.core.CompleteMultipartUpload(ctx, s.bucket, to, id, parts, minio.PutObjectOptions{ServerSideEncryption: s.sse})
		})
	}
	if noUpload(err) { // it took effect, and the answer was lost
		after, statErr := s.stat(ctx, to)
		if statErr == nil && after.Size == from.Size && (after.ETag != before.ETag || after.LastModified.After(before.LastModified)) {
			return nil
		}
	}
	if err != nil {
		abort := s.core.AbortMultipartUpload(context.WithoutCancel(ctx), s.bucket, to, id)
		if noUpload(abort) {
			abort = nil
		}
		return errors.Join(err, abort) // what remains Handles gives
	}
	return nil
}

func (s *Store) copyParts(ctx context.Context, from *minio.ObjectInfo, to, id string) ([]minio.CompletePart, error) {
	size := s.rangeSize(from.Size)
	parts := make([]minio.CompletePart, (from.Size+size-1)/size)
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(copies)
	match := map[string]string{"x-amz-copy-source-if-match": from.ETag}
	for n := range parts {
		at := int64(n) * size
		work.Go(func() (err error) {
			parts[n], err = again(ctx, s, func() (minio.CompletePart, error) {
				p, err := s.core.CopyObjectPart(ctx, s.bucket, from.Key, s.bucket, to, id, n+1, at, min(size, from.Size-at), match)
				if err == nil && p.ETag == "" {
					err = errors.New("the store gave no ETag") // 200, and an error inside
				}
				return p, err
			})
			return err
		})
	}
	return parts, work.Wait()
}

// rangeSize keeps to the number of parts that an object may have.
func (s *Store) rangeSize(size int64) int64 {
	const mebi = 1 << 20
	least := (size + maxParts - 1) / maxParts
	return max(s.copyPart, (least+mebi-1)/mebi*mebi)
}

func userMetadata(i *minio.ObjectInfo) map[string]string {
	m := map[string]string{}
	for k, v := range i.Metadata {
		if name, ok := strings.CutPrefix(k, "X-Amz-Meta-"); ok && len(v) > 0 {
			m[name] = v[0]
		}
	}
	return m
}
