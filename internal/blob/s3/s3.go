// Package s3 keeps objects in a bucket of a store that speaks S3.
//
//	PREFIX/training-data/…              objects, by key
//	PREFIX/.tails/HANDLE/PART/RANDOM    bytes of parts that are not whole yet
//
// An upload is a multipart upload, its parts are the store's parts: a stretch
// that is a whole part goes through as it comes. A bucket takes no less than 5
// MiB as a part, so what is smaller waits in tails, objects of its own; what a
// part consists of is in its tag (tails.go). Nothing is kept in this process.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"freshet/internal/blob"
	"freshet/internal/errs"

	"github.com/google/uuid"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/encrypt"
)

// What S3 allows.
const (
	minPart  = 5 << 20
	maxParts = 10_000
	maxSize  = 5 << 40 // as AWS has it
	maxKey   = 1024    // bytes of an object's name
)

// Store is a bucket, or what is under a prefix of one.
type Store struct {
	core   *minio.Core
	bucket string
	prefix string // empty, or ends in a slash
	sse    encrypt.ServerSide
	kmsKey string // that it names, if it does

	patience time.Duration // how long a request that fails is tried again
	pause    time.Duration // before the second time
	stall    time.Duration // how long a body that is read may give nothing
	copyOnce int64         // bytes: what is larger is copied in ranges
	copyPart int64         // bytes of such a range at least
}

var _ blob.Store = (*Store)(nil)

// openTime is how long Open waits for a store that does not answer yet.
const openTime = 30 * time.Second

// Open uses the bucket of an address,
//
//	s3://BUCKET?endpoint=…&region=…&path-style=true&prefix=…&ca-file=…&sse=s3|kms:KEY
//
// with the credentials that AWS's own programs would find. It writes and deletes
// a small object, so that a wrong bucket, address or permission is told now. A
// store that does not answer is waited for, for 30 s; then Open fails, as a
// service that is started again until it stands expects.
func Open(ctx context.Context, address string) (*Store, error) {
	c, err := parse(address)
	if err != nil {
		return nil, err
	}
	core, err := c.client(ctx)
	if err != nil {
		return nil, err
	}
	s := &Store{core: core, bucket: c.bucket, prefix: c.prefix, sse: c.sse, kmsKey: c.kmsKey,
		patience: time.Minute, pause: 100 * time.Millisecond, stall: stallTime, copyOnce: 1 << 30, copyPart: 256 << 20}
	return s, s.check(ctx)
}

// check sees that the bucket is there and can be written to.
func (s *Store) check(ctx context.Context) error {
	now := *s
	now.patience = openTime
	if _, err := again(ctx, &now, func() (struct{}, error) { return struct{}{}, s.head(ctx) }); err != nil {
		return s.fault(ctx, "open", "the bucket", err)
	}
	name := s.prefix + tailsDir + "check-" + uuid.NewString()
	err := now.put(ctx, name, &joined{r: strings.NewReader("freshet")}, int64(len("freshet")), nil)
	var e minio.ErrorResponse
	if errors.As(err, &e) && e.StatusCode == http.StatusNotImplemented && s.sse != nil {
		return notEncrypted("the storage was asked to encrypt objects, and refuses to take any").Because(err)
	}
	if errors.As(err, &e) && (e.StatusCode == http.StatusNotImplemented || e.StatusCode == http.StatusBadRequest && e.Region == "") {
		return errs.E(errs.Unavailable, "storage-unfit", "the storage does not take a body with its CRC64-NVME behind it, as S3 does: %s", e.Code).Because(err)
	}
	if err != nil {
		return s.fault(ctx, "write to", "the bucket", err)
	}
	if s.sse != nil {
		err = now.encrypts(ctx, name)
	}
	return errors.Join(err, s.remove(ctx, name))
}

func (s *Store) head(ctx context.Context) error {
	there, err := s.core.BucketExists(ctx, s.bucket)
	if err == nil && !there {
		return errs.E(errs.NotFound, "no-bucket", "there is no bucket %q", s.bucket).WithHint("make it, or name another with --blobs")
	}
	return err
}

// Needs implements blob.Store.
func (s *Store) Needs() blob.Needs {
	return blob.Needs{Whole: true, MinPart: minPart, Parts: maxParts, MaxSize: maxSize}
}

// Free implements blob.Store: a bucket does not tell.
func (s *Store) Free(context.Context) (int64, error) { return -1, nil }

// Release implements blob.Store: parts are kept until they are an object.
func (s *Store) Release(context.Context, string, string, int64) error { return nil }

// URL implements blob.Store.
func (s *Store) URL(key string) string { return "s3://" + s.bucket + "/" + s.prefix + key }

// name is the object of a key.
func (s *Store) name(key string) (string, error) {
	if err := blob.CheckKey(key); err != nil {
		return "", err
	}
	if len(s.prefix)+len(key) > maxKey || hidden(key) {
		return "", errs.E(errs.Invalid, "bad-key", "%q is not a key", key)
	}
	return s.prefix + key, nil
}

// fault gives an error of the store its kind. What is shown of it names neither
// the store's address nor its bucket.
func (s *Store) fault(ctx context.Context, op, what string, err error) error {
	if err == nil {
		return nil
	}
	var source *sourceError
	if errors.As(err, &source) {
		return fmt.Errorf("%s %s: %w", op, what, source.cause)
	}
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("%s %s: %w", op, what, cause)
	}
	var known *errs.Error
	if errors.As(err, &known) {
		return err
	}
	if untrusted(err) {
		return denied("the storage's certificate is not one that the server trusts").Because(err)
	}
	var e minio.ErrorResponse
	if !errors.As(err, &e) {
		return down().Because(fmt.Errorf("%s %s: %w", op, what, err))
	}
	err = fmt.Errorf("%s %s: %s: %w", op, what, e.Code, err)
	switch {
	case e.Code == minio.NoSuchKey, e.Code == minio.NoSuchUpload:
		return errs.E(errs.NotFound, noObject, "%s %q: not there", op, what).Because(err)
	case e.StatusCode == http.StatusPreconditionFailed:
		return errs.E(errs.Conflict, "object-changed", "%s %q: it changed meanwhile", op, what).Because(err)
	case e.Code == minio.NoSuchBucket:
		return errs.E(errs.Unavailable, "no-bucket", "the storage's bucket is not there").After(retryAfter).Because(err)
	case e.Code == "XMinioStorageFull", e.Code == "QuotaExceeded", e.Code == "XMinioAdminBucketQuotaExceeded", e.StatusCode == http.StatusInsufficientStorage:
		return errs.E(errs.NoSpace, "no-space", "the storage is full").WithHint("free space or delete files, then send it again").Because(err)
	case e.Code == "RequestTimeTooSkewed":
		return denied("the server's clock and the storage's differ too much").Because(err)
	case e.StatusCode == http.StatusForbidden, e.StatusCode == http.StatusUnauthorized:
		return denied("the storage does not allow it: its operator has to look at the server's credentials and permissions").Because(err)
	case e.StatusCode == http.StatusMovedPermanently, e.Code == "AuthorizationHeaderMalformed":
		return denied("the storage's bucket is in another region than the server was told").Because(err)
	case passing(err):
		return down().Because(err)
	}
	return err
}

// Codes that others act on.
const (
	noObject    = "no-object"
	storageDown = "storage-down"
)

// retryAfter is when a client should try again while the store is not to be used.
const retryAfter = 5 * time.Second

func down() *errs.Error {
	return errs.E(errs.Unavailable, storageDown, "the storage cannot be reached").After(retryAfter)
}

func denied(why string) *errs.Error {
	return errs.E(errs.Unavailable, "storage-denied", "%s", why).After(retryAfter)
}

// misuse is an error of who calls, or of what was kept for us.
func misuse(format string, args ...any) error {
	return errs.E(errs.Internal, "storage-misused", format, args...)
}
