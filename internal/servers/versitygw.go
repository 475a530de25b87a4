package servers

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// versitygwVersion is built by scripts/test-servers.sh, which reads it here.
const versitygwVersion = "v1.8.0"

// VersityGW is a server that the whole process shares: S3 over a directory, by
// other people than MinIO's, so that nothing leans on one of them.
func VersityGW(t testing.TB) S3 {
	t.Helper()
	return must(t, versityGW)
}

var versityGW = sync.OnceValues(func() (S3, error) {
	program, err := binary("versitygw", versitygwVersion)
	if err != nil {
		return S3{}, err
	}
	dir, err := newDir("versitygw", owner{})
	if err != nil {
		return S3{}, err
	}
	root, versions := filepath.Join(dir, "root"), filepath.Join(dir, "versions")
	if err := errors.Join(os.Mkdir(root, 0o750), os.Mkdir(versions, 0o750)); err != nil {
		return S3{}, errors.Join(err, os.RemoveAll(dir))
	}
	port, err := freePort()
	if err != nil {
		return S3{}, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	s := S3{Endpoint: "http://" + address}
	_, err = start(command{
		dir: dir, signal: "TERM", env: []string{"ROOT_ACCESS_KEY=" + S3AccessKey, "ROOT_SECRET_KEY=" + S3SecretKey},
		argv:  []string{program, "--port", address, "--health", "/healthz", "--region", s3Region, "--quiet", "posix", "--versioning-dir", versions, root},
		ready: answers(http.DefaultClient, s.Endpoint+"/healthz"),
	})
	return s, err
})
