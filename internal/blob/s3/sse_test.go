package s3_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"

	"freshet/internal/blob/s3"
	"freshet/internal/errs"
	"freshet/internal/servers"
)

// TestEncryptionIsVerified: a store that does not encrypt as it was asked to is
// refused at the start; nothing of the attempt is left in it.
func TestEncryptionIsVerified(t *testing.T) {
	for name, server := range map[string]servers.S3{"minio without a key": servers.MinIO(t), "versitygw": servers.VersityGW(t)} {
		for _, sse := range []string{"s3", "kms:some-key"} {
			t.Run(name+" "+sse, func(t *testing.T) {
				server.Setenv(t)
				bucket := server.Bucket(t)
				_, err := s3.Open(t.Context(), server.URL(bucket, "sse", sse))
				if !errs.HasCode(err, "storage-not-encrypted") {
					t.Errorf("Open = %v, want storage-not-encrypted", err)
				}
				wantEmpty(t, server, bucket)
			})
		}
	}
	server := servers.SecureMinIO(t)
	server.Setenv(t)
	bucket := server.Bucket(t)
	for _, sse := range []string{"s3", "kms:" + servers.KMSKey} {
		if _, err := s3.Open(t.Context(), server.URL(bucket, "sse", sse)); err != nil {
			t.Errorf("sse=%s: %v", sse, err)
		}
		wantEmpty(t, server, bucket)
	}
}

// TestEncryptionOfEachWay: it is not enough that a store encrypts what comes in one
// way. One that encrypts all is made to say that some objects are not, or otherwise.
func TestEncryptionOfEachWay(t *testing.T) {
	server := servers.SecureMinIO(t)
	server.Setenv(t)
	target, err := url.Parse(server.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(server.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	suffix := func(s string) func(string) bool { return func(path string) bool { return strings.HasSuffix(path, s) } }
	all := func(string) bool { return true }
	for name, c := range map[string]struct {
		sse, header, says string
		of                func(path string) bool
		want              string
	}{
		"all is well":    {"s3", sseHeader, "", func(string) bool { return false }, ""},
		"a request":      {"s3", sseHeader, "", func(p string) bool { return !suffix("-parts")(p) && !suffix("-copy")(p) }, "and does not"},
		"parts":          {"s3", sseHeader, "", suffix("-parts"), "and does not"},
		"copies":         {"s3", sseHeader, "", suffix("-copy"), "and does not"},
		"another way":    {"kms:" + servers.KMSKey, sseHeader, "AES256", all, "by aws:kms, and does by AES256"},
		"another key":    {"kms:" + servers.KMSKey, sseHeader + "-Aws-Kms-Key-Id", "arn:aws:kms:other", all, "another key"},
		"a key, by name": {"kms:" + servers.KMSKey, sseHeader + "-Aws-Kms-Key-Id", "arn:aws:kms:us-east-1:1:key/" + servers.KMSKey, all, ""},
	} {
		t.Run(name, func(t *testing.T) {
			front := httptest.NewServer(&httputil.ReverseProxy{
				Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}},
				Rewrite: func(r *httputil.ProxyRequest) {
					r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = target.Scheme, target.Host, r.In.Host
				},
				ModifyResponse: func(r *http.Response) error {
					if r.Request.Method == http.MethodHead && c.of(r.Request.URL.Path) && r.Header.Get(sseHeader) != "" {
						r.Header.Set(c.header, c.says)
						if c.says == "" {
							r.Header.Del(c.header)
						}
					}
					return nil
				},
			})
			defer front.Close()
			bucket := server.Bucket(t)
			_, err := s3.Open(t.Context(), servers.S3{Endpoint: front.URL}.URL(bucket, "sse", c.sse))
			if c.want == "" && err != nil || c.want != "" && (!errs.HasCode(err, "storage-not-encrypted") || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("Open = %v, want an error with %q", err, c.want)
			}
			wantEmpty(t, server, bucket)
		})
	}
}

const sseHeader = "X-Amz-Server-Side-Encryption"

func wantEmpty(t *testing.T, server servers.S3, bucket string) {
	t.Helper()
	c, err := server.Client()
	if err != nil {
		t.Fatal(err)
	}
	l, err := c.ListObjectsV2(bucket, "", "", "", "", 100)
	if err != nil || len(l.Contents) > 0 {
		t.Errorf("%d objects are left, %v", len(l.Contents), err)
	}
}
