package s3

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"freshet/internal/blob"
	"freshet/internal/errs"

	"github.com/cenkalti/backoff/v5"
	"github.com/minio/minio-go/v7"
)

// idHeader is metadata of an object that became one by Complete: which key the
// upload was for. Keys are used once, so an object at a key with the key's mark is
// what was uploaded for it.
const idHeader = "Freshet-Id"

// mark is what the header holds.
func (s *Store) mark(name string) string {
	h := sha256.Sum256([]byte(strings.TrimPrefix(name, s.prefix)))
	return hex.EncodeToString(h[:16])
}

// Begin implements blob.Store. The handle is the store's own id of the upload.
func (s *Store) Begin(ctx context.Context, key string, _ int64) (string, error) {
	name, err := s.name(key)
	if err != nil {
		return "", err
	}
	o := minio.PutObjectOptions{ServerSideEncryption: s.sse, UserMetadata: map[string]string{
		idHeader: s.mark(name),
		// the store makes the object's CRC64-NVME of those of its parts, and keeps it
		"X-Amz-Checksum-Algorithm": "CRC64NVME", "X-Amz-Checksum-Type": "FULL_OBJECT",
	}}
	id, err := again(ctx, s, func() (string, error) { return s.core.NewMultipartUpload(ctx, s.bucket, name, o) })
	return handleOf(id), s.fault(ctx, "begin", key, err)
}

// handleOf is the upload's id in a form that no path can be mistaken for.
func handleOf(id string) string { return url.PathEscape(id) }

// upload gives the object's name and the store's id of the upload.
func (s *Store) upload(key, handle string) (name, id string, err error) {
	if name, err = s.name(key); err != nil {
		return "", "", err
	}
	id, err = url.PathUnescape(handle)
	if err != nil || id == "" || handleOf(id) != handle || strings.Trim(handle, ".") == "" {
		return "", "", errs.E(errs.Invalid, "bad-handle", "%q is not an upload", handle)
	}
	return name, id, nil
}

// WritePart implements blob.Store. What ends a part makes it a part of the
// store's; what does not becomes a tail.
func (s *Store) WritePart(ctx context.Context, key, handle string, part blob.Part, add blob.Stretch, r io.Reader) (blob.Part, error) {
	name, id, err := s.upload(key, handle)
	if err != nil {
		return part, err
	}
	if add.Size < 0 {
		return part, misuse("the size of a stretch must be known")
	}
	was, err := parseTag(part.Tag)
	if err != nil {
		return part, err
	}
	if part.Size == 0 {
		was = tag{} // written again, from the front
	}
	if add.Size == 0 && !add.Last {
		return part, nil
	}
	if was.size() != part.Size {
		return part, misuse("part %d has %d bytes by its tag, and should have %d", part.Number, was.size(), part.Size)
	}
	var now tag
	if add.Last {
		var got minio.ObjectPart
		got, err = s.whole(ctx, name, id, part.Number, was.tails, r, add.Size)
		now.etag, now.replaced = got.ETag, was.tails
	} else {
		now, err = s.grow(ctx, key, id, part.Number, was, r, add.Size)
	}
	if err != nil {
		err = s.gone(ctx, name, id, part.Number, err)
		return part, s.fault(ctx, "write part of", key, err)
	}
	part.Size += add.Size
	part.Tag = now.String()
	return part, nil
}

// whole has the store take tails and what follows them as a part.
func (s *Store) whole(ctx context.Context, name, id string, number int, tails []tail, r io.Reader, size int64) (got minio.ObjectPart, err error) {
	_, err = s.send(ctx, &joined{store: s, ctx: ctx, dir: s.partDir(id, number), tails: tails, r: r}, size, func(b *body) (string, error) {
		o := minio.PutObjectPartOptions{DisableContentSha256: true, Trailer: b.trailer}
		if b.size == 0 { // there is nothing for it to ride behind
			o.Trailer, o.CustomHeader = nil, b.trailer
		}
		var err error
		got, err = s.core.PutObjectPart(ctx, s.bucket, name, id, number, b, b.size, o)
		return got.ETag, err
	})
	return got, err
}

// put writes an object of tails and what follows them.
func (s *Store) put(ctx context.Context, name string, source *joined, size int64, metadata map[string]string) error {
	_, err := s.send(ctx, source, size, func(b *body) (string, error) {
		o := minio.PutObjectOptions{UserMetadata: metadata, DisableContentSha256: true, ServerSideEncryption: s.sse, Checksum: minio.ChecksumCRC64NVME}
		i, err := s.core.PutObject(ctx, s.bucket, name, b, b.size, "", "", o)
		return i.ETag, err
	})
	return err
}

// send makes a request with a body of tails and the size bytes that follow, again
// as long as that may help: where these can be gone back to, or were not touched.
func (s *Store) send(ctx context.Context, source *joined, size int64, request func(*body) (string, error)) (string, error) {
	seeker, canSeek := source.r.(io.Seeker)
	start := int64(0)
	if canSeek {
		var err error
		if start, err = seeker.Seek(0, io.SeekCurrent); err != nil {
			return "", &sourceError{err}
		}
	}
	return again(ctx, s, func() (string, error) {
		b := newBody(source, sizeOf(source.tails)+size)
		etag, err := request(b)
		touched, broken := b.end()
		if broken = cmp.Or(broken, source.rewind()); broken != nil {
			err = broken
		}
		if err == nil && etag == "" {
			err = errors.New("the store gave no ETag")
		}
		switch {
		case err == nil:
			return etag, nil
		case canSeek:
			if _, seekErr := seeker.Seek(start, io.SeekStart); seekErr != nil {
				err = &sourceError{seekErr}
			}
		case touched:
			err = backoff.Permanent(err)
		}
		return "", err
	})
}

// gone looks what it means that something of a part is not there: all of the
// upload, or a tail, that another writer has replaced.
func (s *Store) gone(ctx context.Context, name, id string, number int, err error) error {
	if !errs.HasCode(err, noObject) {
		return err
	}
	_, listErr := s.listParts(ctx, name, id, 0, 1)
	return cmp.Or(listErr, blob.PartsReplaced(err, number))
}

func (s *Store) listParts(ctx context.Context, name, id string, after, most int) (minio.ListObjectPartsResult, error) {
	return again(ctx, s, func() (minio.ListObjectPartsResult, error) {
		return s.core.ListObjectParts(ctx, s.bucket, name, id, after, most)
	})
}

// Holds implements blob.Store.
func (s *Store) Holds(ctx context.Context, key, handle string) (bool, error) {
	name, id, err := s.upload(key, handle)
	if err != nil {
		return false, err
	}
	_, err = s.listParts(ctx, name, id, 0, 1)
	if err = s.fault(ctx, "look for", key, err); errs.Is(err, errs.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// Settle implements blob.Store.
func (s *Store) Settle(ctx context.Context, key, handle string, part blob.Part) error {
	_, id, err := s.upload(key, handle)
	if err != nil {
		return err
	}
	t, err := parseTag(part.Tag)
	if err != nil {
		return err
	}
	for _, old := range t.replaced {
		err = errors.Join(err, s.remove(ctx, s.partDir(id, part.Number)+old.name))
	}
	return err
}

// remove deletes an object, or finds it deleted.
func (s *Store) remove(ctx context.Context, name string) error {
	_, err := again(ctx, s, func() (struct{}, error) {
		return struct{}{}, s.core.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{})
	})
	var e minio.ErrorResponse
	if errors.As(err, &e) && (e.StatusCode == http.StatusNotFound && e.Code != minio.NoSuchBucket) {
		return nil
	}
	return s.fault(ctx, "delete", "an object", err)
}
