package s3_test

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"freshet/internal/blob"
	"freshet/internal/blob/s3"
	"freshet/internal/errs"
	"freshet/internal/servers"
)

// TestAddress: what is wrong with an address is said, without repeating it.
func TestAddress(t *testing.T) {
	for raw, want := range map[string]string{
		"file:///x":                                "begins with s3://",
		"s3://":                                    `"" is not the name of a bucket`,
		"s3://No_Bucket":                           "not the name of a bucket",
		"s3://AK:secret@bucket":                    "credentials do not belong there",
		"s3://bucket/some/where":                   "a prefix is set by prefix=",
		"s3://bucket?colour=red":                   `there is no parameter "colour"`,
		"s3://bucket?region=a&region=b":            "region is given more than once",
		"s3://bucket?endpoint=ftp://h":             "endpoint must be",
		"s3://bucket?endpoint=http://h/path":       "endpoint must be",
		"s3://bucket?endpoint=http://u:secret@h":   "endpoint must be",
		"s3://bucket?path-style=perhaps":           "path-style must be",
		"s3://bucket?prefix=../x":                  "is not a prefix",
		"s3://bucket?prefix=.tails":                "is not a prefix",
		"s3://bucket?sse=c":                        "sse must be",
		"s3://bucket?sse=kms:":                     "sse must be",
		"s3://bucket?ca-file=/no/such/file":        "no such file",
		"s3://bucket?endpoint=http%3A%2F%2F%zz":    "parameters cannot be read",
		"s3://bucket?ca-file=" + notCertificate(t): "no certificate",
	} {
		_, err := s3.Open(t.Context(), raw)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("Open(%s) = %v, want %q", raw, err, want)
		}
	}
}

func notCertificate(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "x.pem")
	noErr(t, os.WriteFile(path, []byte("none"), 0o600))
	return path
}

// TestOpenSays: what is wrong with a store is said when it is opened.
func TestOpenSays(t *testing.T) {
	eachStore(t, func(t *testing.T, server servers.S3) {
		server.Setenv(t)
		bucket := server.Bucket(t)
		if _, err := s3.Open(t.Context(), server.URL("no-such-bucket-here")); !errs.HasCode(err, "no-bucket") {
			t.Errorf("without the bucket: %v", err)
		}
		t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret-key")
		_, err := s3.Open(t.Context(), server.URL(bucket))
		if !errs.HasCode(err, "storage-denied") || strings.Contains(err.Error(), "wrong-secret-key") {
			t.Errorf("with a wrong key: %v", err)
		}
	})
}

// TestCredentials: they are looked for where AWS's own programs do.
func TestCredentials(t *testing.T) {
	server := servers.MinIO(t)
	bucket := server.Bucket(t)
	for _, k := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY", "AWS_SECRET_KEY"} {
		t.Setenv(k, "")
	}
	file := filepath.Join(t.TempDir(), "credentials")
	noErr(t, os.WriteFile(file, fmt.Appendf(nil, "[default]\naws_access_key_id = no\naws_secret_access_key = no-no-no\n\n[freshet]\naws_access_key_id = %s\naws_secret_access_key = %s\n",
		servers.S3AccessKey, servers.S3SecretKey), 0o600))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	t.Setenv("AWS_PROFILE", "freshet")
	if _, err := s3.Open(t.Context(), server.URL(bucket)); err != nil {
		t.Errorf("with a profile: %v", err)
	}
	t.Setenv("AWS_PROFILE", "")
	if _, err := s3.Open(t.Context(), server.URL(bucket)); !errs.HasCode(err, "storage-denied") {
		t.Errorf("with the default profile: %v", err)
	}
}

// TestSecure: a store with a certificate of its own CA, buckets by path and as
// virtual hosts, and encryption of objects by the store.
func TestSecure(t *testing.T) {
	server := servers.SecureMinIO(t)
	u, err := url.Parse(server.Endpoint)
	noErr(t, err)
	var mu sync.Mutex
	var hosts []string
	defer s3.Dial(func(address string) (string, error) { // names below localhost are not known everywhere
		mu.Lock()
		defer mu.Unlock()
		hosts = append(hosts, strings.TrimSuffix(address, ":"+u.Port()))
		return "127.0.0.1:" + u.Port(), nil
	})()
	bucket := server.Bucket(t)
	server.Setenv(t)
	unknown := servers.S3{Endpoint: server.Endpoint}
	if _, err := s3.Open(t.Context(), unknown.URL(bucket)); !errs.HasCode(err, "storage-denied") || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without the CA: %v", err)
	}
	for _, c := range []struct{ path, host, sse, want string }{
		{"true", "localhost", "s3", "AES256"}, {"false", bucket + ".localhost", "kms:" + servers.KMSKey, "aws:kms"},
	} {
		hosts = nil
		s := openBucket(t, server, bucket, "path-style", c.path, "sse", c.sse)
		life(t, s)
		if i := stat(t, server, bucket, "fresh/b"); i.Metadata.Get("X-Amz-Server-Side-Encryption") != c.want {
			t.Errorf("sse=%s: the object is encrypted by %q, want %q", c.sse, i.Metadata.Get("X-Amz-Server-Side-Encryption"), c.want)
		}
		mu.Lock()
		if got := slices.Compact(slices.Clone(hosts)); !slices.Equal(got, []string{c.host}) {
			t.Errorf("path-style=%s: connections to %q, want %q", c.path, got, c.host)
		}
		mu.Unlock()
		noErr(t, s.Delete(t.Context(), "fresh/b"))
	}
}

// generated gives bytes that cost no memory, and watches how much there is.
type generated struct {
	left int64
	most uint64
	n    int
}

func (g *generated) Read(p []byte) (int, error) {
	if g.left == 0 {
		return 0, io.EOF
	}
	if g.n++; g.n%64 == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		g.most = max(g.most, m.HeapAlloc)
	}
	n := min(int64(len(p)), g.left)
	g.left -= n
	for i := range p[:n] {
		p[i] = byte(i)
	}
	return int(n), nil
}

// TestStreams: a part goes through with no buffer to speak of.
func TestStreams(t *testing.T) {
	for start, size := range map[string]int64{"minio": 256 * mebi, "versitygw": 64 * mebi} {
		server := stores[start](t)
		s := open(t, server)
		h, err := s.Begin(t.Context(), key, size)
		noErr(t, err)
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		g := &generated{left: size}
		part, err := s.WritePart(t.Context(), key, h, blob.Part{Number: 1}, blob.Stretch{Size: size, Last: true}, g)
		noErr(t, err)
		if g.most > before.HeapAlloc+8*mebi {
			t.Errorf("%d MiB more were held", (g.most-before.HeapAlloc)/mebi)
		}
		noErr(t, s.Complete(t.Context(), key, h, size, []blob.Part{part}))
		if i, err := s.Stat(t.Context(), key); err != nil || i.Size != size {
			t.Errorf("Stat = %+v, %v", i, err)
		}
		noErr(t, s.Delete(t.Context(), key))
	}
}

// TestReads: a reader begins anywhere, and ends with the object.
func TestReads(t *testing.T) {
	eachStore(t, func(t *testing.T, server servers.S3) {
		s := open(t, server)
		noErr(t, s.Put(t.Context(), "a", bytes.NewReader([]byte("0123456789")), 10))
		for _, c := range []struct {
			off, n int64
			want   string
		}{{10, -1, ""}, {20, 5, ""}, {9, -1, "9"}, {5, -1, "56789"}, {0, 1, "0"}, {3, 0, ""}} {
			r, err := s.Read(t.Context(), "a", c.off, c.n)
			noErr(t, err)
			b, err := io.ReadAll(r)
			if noErr(t, err); string(b) != c.want {
				t.Errorf("Read(%d, %d) = %q, want %q", c.off, c.n, b, c.want)
			}
			noErr(t, r.Close())
		}
		for _, n := range []int64{0, 1, -1} {
			if _, err := s.Read(t.Context(), "none", 0, n); !errs.HasCode(err, "no-object") {
				t.Errorf("Read of nothing = %v", err)
			}
		}
	})
}

// TestReadsOneObject: a reader whose connection broke does not go on in another
// object that has come to the place.
func TestReadsOneObject(t *testing.T) {
	eachStore(t, func(t *testing.T, server servers.S3) {
		p, by := startProxy(t, server)
		s := open(t, by)
		data := randomBytes(2 * mebi)
		noErr(t, s.Put(t.Context(), "a", bytes.NewReader(data), int64(len(data))))
		p.will("GetObject", cutAnswer)
		r, err := s.Read(t.Context(), "a", 0, -1)
		noErr(t, err)
		defer r.Close()
		noErr(t, s.Put(t.Context(), "a", bytes.NewReader(make([]byte, len(data))), int64(len(data))))
		b, err := io.ReadAll(r)
		if !errs.HasCode(err, "object-changed") || !bytes.HasPrefix(data, b) {
			t.Errorf("read %d bytes, %v; want the first half, and object-changed", len(b), err)
		}
	})
}
