package servers

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Credentials of every store, so that tests can tell that nobody shows them.
const (
	S3AccessKey = "freshet"
	S3SecretKey = "not-to-be-shown"
	s3Region    = "us-east-1"
)

// S3 is a store that speaks S3.
type S3 struct {
	Endpoint string // http://127.0.0.1:PORT
	CAFile   string // of its certificate, where it has one
}

// Client is a client of the store that is not ours.
func (s S3) Client() (*minio.Core, error) {
	secure, host := false, strings.TrimPrefix(s.Endpoint, "http://")
	o := &minio.Options{Creds: credentials.NewStaticV4(S3AccessKey, S3SecretKey, ""), Region: s3Region, BucketLookup: minio.BucketLookupPath}
	if s.CAFile != "" {
		t, err := trusting(s.CAFile)
		if err != nil {
			return nil, err
		}
		secure, host, o.Transport = true, strings.TrimPrefix(s.Endpoint, "https://"), t
	}
	o.Secure = secure
	return minio.NewCore(host, o)
}

var buckets atomic.Int64

// NewBucket makes a new, empty bucket.
func (s S3) NewBucket(ctx context.Context) (string, error) {
	c, err := s.Client()
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("freshet-%d-%d", os.Getpid(), buckets.Add(1))
	return name, c.MakeBucket(ctx, name, minio.MakeBucketOptions{Region: s3Region})
}

// Bucket makes a new, empty bucket for a test.
func (s S3) Bucket(t testing.TB) string {
	t.Helper()
	name, err := s.NewBucket(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// URL is the bucket's address for --blobs; more are further parameters, in pairs.
func (s S3) URL(bucket string, more ...string) string {
	q := url.Values{"endpoint": {s.Endpoint}, "region": {s3Region}, "path-style": {"true"}}
	if s.CAFile != "" {
		q.Set("ca-file", s.CAFile)
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return "s3://" + bucket + "?" + q.Encode()
}

// Env is the environment of a process that uses the store: its credentials, and
// nothing that this machine has of its own.
func (S3) Env() []string {
	return []string{"AWS_ACCESS_KEY_ID=" + S3AccessKey, "AWS_SECRET_ACCESS_KEY=" + S3SecretKey, "AWS_SESSION_TOKEN=", "AWS_PROFILE=", "AWS_EC2_METADATA_DISABLED=true"}
}

// Setenv has the test's own process use the store.
func (s S3) Setenv(t testing.TB) {
	for _, kv := range s.Env() {
		k, v, _ := strings.Cut(kv, "=")
		t.Setenv(k, v)
	}
}

// binary is the path of a server that scripts/test-servers.sh built.
func binary(name, version string) (string, error) {
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		cache = filepath.Join(home, ".cache")
	}
	path := filepath.Join(cache, "freshet-servers", "bin", name+"-"+version)
	if !executable(path) {
		return "", fmt.Errorf("the tests need %s %s, which is not here: scripts/test-servers.sh builds it", name, version)
	}
	return path, nil
}

// answers asks a server's health page.
func answers(client *http.Client, page string) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("it answers %s", resp.Status)
		}
		return nil
	}
}
