package s3

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"freshet/internal/errs"

	"github.com/minio/minio-go/v7"
)

// Keep is a place in a bucket for small objects that are written once and, where
// the bucket has object lock, cannot be deleted for a time.
type Keep struct {
	store  *Store
	retain time.Duration
}

// OpenKeep uses the bucket of an address as Open has it, with one parameter more:
// retain=365d, for how long nobody may delete an object (object lock, in
// compliance mode). The bucket must have object lock then.
func OpenKeep(ctx context.Context, raw string) (*Keep, error) {
	raw, retain, err := cutRetain(raw)
	var c *address
	if err == nil {
		c, err = parse(raw)
	}
	var e *errs.Error
	if errors.As(err, &e) { // it is the setting of another flag
		return nil, errs.E(e.Kind, e.Code, "--audit-checkpoints: %s", strings.TrimPrefix(e.Detail, "--blobs: ")).WithHint("s3://BUCKET?endpoint=https://HOST&region=…&path-style=true&prefix=…&retain=365d")
	}
	if err != nil {
		return nil, err
	}
	core, err := c.client(ctx)
	if err != nil {
		return nil, err
	}
	k := &Keep{&Store{core: core, bucket: c.bucket, prefix: c.prefix, sse: c.sse, patience: openTime, pause: 100 * time.Millisecond, stall: stallTime}, retain}
	if _, err := again(ctx, k.store, func() (struct{}, error) { return struct{}{}, k.store.head(ctx) }); err != nil {
		return nil, k.store.fault(ctx, "open", "the bucket", err)
	}
	if retain == 0 {
		return k, nil
	}
	enabled, _, _, _, err := core.GetObjectLockConfig(ctx, c.bucket)
	var answer minio.ErrorResponse
	if err == nil && enabled != "Enabled" || errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound {
		return nil, errs.E(errs.Invalid, "no-object-lock", "--audit-checkpoints: the bucket has no object lock, which retain needs").WithHint("make a bucket with object lock, or leave retain out")
	}
	return k, k.store.fault(ctx, "look at", "the bucket", err)
}

// cutRetain takes the parameter that only this address has.
func cutRetain(raw string) (string, time.Duration, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return raw, 0, nil // parse says so
	}
	q := u.Query()
	v := q.Get("retain")
	if v == "" {
		return raw, 0, nil
	}
	days, err := strconv.Atoi(strings.TrimSuffix(v, "d"))
	if err != nil || !strings.HasSuffix(v, "d") || days < 1 || days > 36500 {
		return raw, 0, bad("retain must be a number of days, such as 365d")
	}
	q.Del("retain")
	u.RawQuery = q.Encode()
	return u.String(), time.Duration(days) * 24 * time.Hour, nil
}

// Create makes an object, durably. One that is there is os.ErrExist.
func (k *Keep) Create(ctx context.Context, key string, b []byte) error {
	name, err := k.store.name(key)
	if err != nil {
		return err
	}
	sum, digest := sha256.Sum256(b), md5.Sum(b)
	_, err = again(ctx, k.store, func() (struct{}, error) {
		o := minio.PutObjectOptions{ServerSideEncryption: k.store.sse, ContentType: "text/plain; charset=utf-8"}
		o.SetMatchETagExcept("*")
		if k.retain > 0 {
			o.Mode, o.RetainUntilDate = minio.Compliance, time.Now().Add(k.retain)
		}
		_, err := k.store.core.PutObject(ctx, k.store.bucket, name, bytes.NewReader(b), int64(len(b)), base64.StdEncoding.EncodeToString(digest[:]), hex.EncodeToString(sum[:]), o)
		return struct{}{}, err
	})
	var answer minio.ErrorResponse
	if errors.As(err, &answer) && answer.StatusCode == http.StatusPreconditionFailed {
		return fmt.Errorf("create %q: %w", key, os.ErrExist)
	}
	return k.store.fault(ctx, "create", key, err)
}

// mostKept is how large an object that is read may be.
const mostKept = 1 << 20

// Read gives an object. One that is not there is os.ErrNotExist.
func (k *Keep) Read(ctx context.Context, key string) ([]byte, error) {
	r, err := k.store.Read(ctx, key, 0, -1)
	if errs.Is(err, errs.NotFound) {
		return nil, fmt.Errorf("read %q: %w", key, os.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(r, mostKept))
	return b, errors.Join(err, r.Close())
}

// List gives the names of all objects, in order.
func (k *Keep) List(ctx context.Context) (out []string, err error) {
	for o, err := range k.store.List(ctx, "") {
		if err != nil {
			return nil, err
		}
		out = append(out, o.Key)
	}
	return out, nil
}
