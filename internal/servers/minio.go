package servers

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// minioVersion is built by scripts/test-servers.sh, which reads it here. Upstream
// has archived the project; its users' servers run on.
const minioVersion = "v0.0.0-20260212201848-7aac2a2c5b7c"

// MinIO is a server that the whole process shares.
func MinIO(t testing.TB) S3 {
	t.Helper()
	return must(t, SharedMinIO)
}

// SecureMinIO is one with a certificate of its own CA, at localhost, with buckets
// as virtual hosts (BUCKET.localhost) and with a key for SSE-S3 and SSE-KMS.
func SecureMinIO(t testing.TB) S3 {
	t.Helper()
	return must(t, secureMinIO)
}

func must(t testing.TB, start func() (S3, error)) S3 {
	t.Helper()
	s, err := start()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// SharedMinIO is MinIO for who is not a test.
var SharedMinIO = sync.OnceValues(func() (S3, error) { return startMinIO(false) })

var secureMinIO = sync.OnceValues(func() (S3, error) { return startMinIO(true) })

// KMSKey is the name of the key that SecureMinIO has.
const KMSKey = "freshet-key"

func startMinIO(secure bool) (S3, error) {
	program, err := binary("minio", minioVersion)
	if err != nil {
		return S3{}, err
	}
	dir, err := newDir("minio", owner{})
	if err != nil {
		return S3{}, err
	}
	port, err := freePort()
	if err != nil {
		return S3{}, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	s, client := S3{Endpoint: "http://" + address}, http.DefaultClient
	// an open upload is kept for a week, as operators are told to
	env := []string{"MINIO_ROOT_USER=" + S3AccessKey, "MINIO_ROOT_PASSWORD=" + S3SecretKey, "MINIO_BROWSER=off", "MINIO_API_STALE_UPLOADS_EXPIRY=168h", "MINIO_UPDATE=off"}
	argv := []string{program, "server", "--quiet", "--address", address}
	if secure {
		certs := filepath.Join(dir, "certs")
		if s.CAFile, err = makeCerts(certs); err != nil {
			return S3{}, err
		}
		t, err := trusting(s.CAFile)
		if err != nil {
			return S3{}, err
		}
		s.Endpoint, client = fmt.Sprintf("https://localhost:%d", port), &http.Client{Transport: t}
		env = append(env, "MINIO_DOMAIN=localhost", "MINIO_KMS_SECRET_KEY="+KMSKey+":"+base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
		argv = append(argv, "--certs-dir", certs)
	}
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o750); err != nil {
		return S3{}, errors.Join(err, os.RemoveAll(dir))
	}
	_, err = start(command{dir: dir, argv: append(argv, data), env: env, signal: "TERM", ready: answers(client, s.Endpoint+"/minio/health/ready")})
	return s, err
}
