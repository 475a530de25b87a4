package fsck_test

import (
	"testing"

	"freshet/internal/blob/s3"
	"freshet/internal/catalog"
	"freshet/internal/servers"
)

// TestManyNodes: all of it on Postgres and a bucket.
func TestManyNodes(t *testing.T) {
	server := servers.MinIO(t)
	server.Setenv(t)
	everyKind(t, func(t *testing.T) *house {
		facts, err := catalog.Open(t.Context(), servers.Postgres(t))
		if err != nil {
			t.Fatal(err)
		}
		bucket, err := s3.Open(t.Context(), server.URL(server.Bucket(t)))
		if err != nil {
			t.Fatal(err)
		}
		return over(t, facts, bucket)
	}, false)
}
