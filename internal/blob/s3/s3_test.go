package s3_test

import (
	"testing"

	"freshet/internal/blob"
	"freshet/internal/blob/blobtest"
	"freshet/internal/blob/s3"
	"freshet/internal/servers"
)

// stores are the servers that everything must work with.
var stores = map[string]func(testing.TB) servers.S3{"minio": servers.MinIO, "versitygw": servers.VersityGW}

// eachStore runs a test on every server.
func eachStore(t *testing.T, test func(t *testing.T, server servers.S3)) {
	for name, start := range stores {
		t.Run(name, func(t *testing.T) { test(t, start(t)) })
	}
}

func open(t *testing.T, server servers.S3, more ...string) *s3.Store {
	t.Helper()
	return openBucket(t, server, server.Bucket(t), more...)
}

func openBucket(t *testing.T, server servers.S3, bucket string, more ...string) *s3.Store {
	t.Helper()
	server.Setenv(t)
	s, err := s3.Open(t.Context(), server.URL(bucket, more...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	eachStore(t, func(t *testing.T, server servers.S3) {
		blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, server) })
	})
}

// TestPrefix: what lies beside the prefix is neither seen nor touched.
func TestPrefix(t *testing.T) {
	eachStore(t, func(t *testing.T, server servers.S3) {
		blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, server, "prefix", "some/where") })
	})
}
