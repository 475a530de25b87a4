package s3

import (
	"context"
	"errors"
	"strings"

	"freshet/internal/errs"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/encrypt"
)

const (
	sseHeader    = "X-Amz-Server-Side-Encryption"
	sseKeyHeader = "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"
)

// encrypts sees that the store encrypts as it was asked to, in each of the ways in
// which objects come to be: by a request (the one at name), of parts, and by a copy.
// Some servers take the wish and do nothing about it.
func (s *Store) encrypts(ctx context.Context, name string) error {
	whole, parts, copied := name, name+"-parts", name+"-copy"
	info, err := s.stat(ctx, whole)
	if err == nil {
		err = s.probeParts(ctx, parts)
	}
	if err == nil {
		err = s.copy(ctx, &info, copied)
	}
	if err != nil {
		err = s.fault(ctx, "write encrypted objects to", "the bucket", err)
	}
	for _, name := range []string{whole, parts, copied} {
		if err == nil {
			err = s.encrypted(ctx, name)
		}
	}
	return errors.Join(err, s.remove(ctx, parts), s.remove(ctx, copied))
}

// probeParts makes a small object as uploads do.
func (s *Store) probeParts(ctx context.Context, name string) error {
	o := minio.PutObjectOptions{ServerSideEncryption: s.sse, UserMetadata: map[string]string{
		"X-Amz-Checksum-Algorithm": "CRC64NVME", "X-Amz-Checksum-Type": "FULL_OBJECT",
	}}
	id, err := again(ctx, s, func() (string, error) { return s.core.NewMultipartUpload(ctx, s.bucket, name, o) })
	if err != nil {
		return err
	}
	part, err := s.whole(ctx, name, id, 1, nil, strings.NewReader("freshet"), int64(len("freshet")))
	if err == nil {
		_, err = again(ctx, s, func() (minio.UploadInfo, error) {
			list := []minio.CompletePart{{PartNumber: 1, ETag: part.ETag, ChecksumCRC64NVME: part.ChecksumCRC64NVME}}
			return s.core.CompleteMultipartUpload(ctx, s.bucket, name, id, list, minio.PutObjectOptions{ServerSideEncryption: s.sse})
		})
	}
	if noUpload(err) { // done, and the answer was lost: looking at it says so
		return nil
	}
	if err != nil {
		err = errors.Join(err, s.core.AbortMultipartUpload(context.WithoutCancel(ctx), s.bucket, name, id))
	}
	return err
}

// encrypted sees that an object is encrypted as was asked.
func (s *Store) encrypted(ctx context.Context, name string) error {
	i, err := s.stat(ctx, name)
	if err != nil {
		return s.fault(ctx, "look at", "an object", err)
	}
	got, key, want := i.Metadata.Get(sseHeader), i.Metadata.Get(sseKeyHeader), "AES256"
	if s.sse.Type() == encrypt.KMS {
		want = "aws:kms"
	}
	switch {
	case got == "":
		return notEncrypted("the storage was asked to encrypt objects, and does not")
	case got != want:
		return notEncrypted("the storage was asked to encrypt objects by %s, and does by %s", want, got)
	case s.kmsKey != "" && !sameKey(s.kmsKey, key):
		return notEncrypted("the storage was asked to encrypt objects by another key than it does")
	}
	return nil
}

// sameKey tells whether a key that a store names is the one that was asked for. An
// alias stands for a key that only the store knows.
func sameKey(asked, got string) bool {
	return asked == got || strings.HasSuffix(got, ":"+asked) || strings.HasSuffix(got, "/"+asked) ||
		got != "" && (strings.HasPrefix(asked, "alias/") || strings.Contains(asked, ":alias/"))
}

func notEncrypted(format string, args ...any) *errs.Error {
	return errs.E(errs.Unavailable, "storage-not-encrypted", format, args...).
		WithHint("turn encryption on in the storage (MinIO: MINIO_KMS_…), or leave sse= out of --blobs")
}
