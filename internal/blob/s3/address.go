package s3

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"freshet/internal/blob"
	"freshet/internal/errs"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/encrypt"
	"github.com/minio/minio-go/v7/pkg/s3utils"
)

// address is what a store's URL says.
type address struct {
	bucket string
	prefix string // empty, or ends in a slash
	host   string // HOST[:PORT] of the endpoint
	secure bool
	region string
	style  minio.BucketLookupType
	caFile string
	sse    encrypt.ServerSide
	kmsKey string
}

// amazon is the endpoint when none is given.
const amazon = "https://s3.amazonaws.com"

func bad(format string, args ...any) error {
	return errs.E(errs.Invalid, "bad-setting", "--blobs: "+format, args...).
		WithHint("s3://BUCKET?endpoint=https://HOST&region=…&path-style=true&prefix=…&ca-file=…&sse=s3")
}

// parse reads an address. Its errors do not repeat it: people put secrets there.
func parse(raw string) (*address, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "s3" || u.Opaque != "" {
		return nil, bad("it is not a URL that begins with s3://")
	}
	if u.User != nil {
		return nil, bad("credentials do not belong there, but in the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY")
	}
	a := &address{bucket: u.Host, secure: true}
	if err := s3utils.CheckValidBucketNameStrict(a.bucket); err != nil {
		return nil, bad("%q is not the name of a bucket", a.bucket)
	}
	if strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return nil, bad("what follows the bucket is not understood; a prefix is set by prefix=")
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, bad("its parameters cannot be read")
	}
	for k, v := range q {
		if len(v) != 1 {
			return nil, bad("%s is given more than once", k)
		}
		if err := a.set(k, v[0]); err != nil {
			return nil, err
		}
	}
	if a.host == "" {
		if err := a.set("endpoint", amazon); err != nil {
			return nil, err
		}
	}
	if a.region == "" {
		a.region = cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	}
	if a.region == "" && !a.amazon() {
		a.region = "us-east-1" // what stores that have no regions are told
	}
	return a, nil
}

func (a *address) amazon() bool {
	return s3utils.IsAmazonEndpoint(url.URL{Host: a.host})
}

func (a *address) set(name, value string) error {
	switch name {
	case "endpoint":
		u, err := url.Parse(value)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
			return bad("endpoint must be http://HOST or https://HOST, with a port or without")
		}
		a.host, a.secure = u.Host, u.Scheme == "https"
	case "region":
		a.region = value
	case "path-style":
		path, err := strconv.ParseBool(value)
		if err != nil {
			return bad("path-style must be true or false")
		}
		if a.style = minio.BucketLookupDNS; path {
			a.style = minio.BucketLookupPath
		}
	case "prefix":
		p := strings.TrimSuffix(value, "/")
		if blob.CheckKey(p) != nil || hidden(p) || len(p) > maxKey/2 {
			return bad("%q is not a prefix", value)
		}
		a.prefix = p + "/"
	case "ca-file":
		a.caFile = value
	case "sse":
		return a.encrypt(value)
	default:
		return bad("there is no parameter %q", name)
	}
	return nil
}

func (a *address) encrypt(value string) (err error) {
	key, kms := strings.CutPrefix(value, "kms:")
	switch {
	case value == "s3":
		a.sse = encrypt.NewSSE()
	case kms && key != "":
		a.kmsKey = key
		a.sse, err = encrypt.NewSSEKMS(key, nil)
	default:
		err = bad("sse must be s3 or kms:KEY")
	}
	return err
}

// client makes the client of all requests. It tries nothing again by itself:
// what may be, and for how long, is known here.
func (a *address) client(ctx context.Context) (*minio.Core, error) {
	t, err := transport(a.caFile)
	if err != nil {
		return nil, err
	}
	creds := credentials.NewChainCredentials([]credentials.Provider{
		&credentials.EnvAWS{}, &credentials.FileAWSCredentials{},
		&credentials.IAM{Client: &http.Client{Timeout: 5 * time.Second}, Region: a.region},
	})
	v, err := creds.GetWithContext(&credentials.CredContext{Client: &http.Client{Timeout: 5 * time.Second}})
	if err != nil {
		return nil, fmt.Errorf("find credentials of the storage: %w", err)
	}
	if v.SignerType.IsAnonymous() || v.AccessKeyID == "" {
		return nil, errs.E(errs.Unavailable, "no-credentials", "there are no credentials of the storage").
			WithHint("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the machine a role")
	}
	return minio.NewCore(a.host, &minio.Options{Creds: creds, Secure: a.secure, Transport: t, Region: a.region, BucketLookup: a.style, MaxRetries: 1, TrailingHeaders: true})
}

// keys that are ours.
const tailsDir = ".tails/"

func hidden(key string) bool {
	return slices.Contains([]string{key, key + "/"}, tailsDir) || strings.HasPrefix(key, tailsDir)
}
