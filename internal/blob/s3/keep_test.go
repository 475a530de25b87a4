package s3_test

import (
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"freshet/internal/blob/s3"
	"freshet/internal/errs"
	"freshet/internal/servers"

	"github.com/minio/minio-go/v7"
)

// TestKeep: what is created once stays as it is.
func TestKeep(t *testing.T) {
	eachStore(t, func(t *testing.T, server servers.S3) {
		server.Setenv(t)
		k, err := s3.OpenKeep(t.Context(), server.URL(server.Bucket(t), "prefix", "audit"))
		if err != nil {
			t.Fatal(err)
		}
		if names, err := k.List(t.Context()); err != nil || len(names) != 0 {
			t.Errorf("List of nothing = %v, %v", names, err)
		}
		if _, err := k.Read(t.Context(), "1.note"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("Read of nothing = %v", err)
		}
		for _, name := range []string{"2.note", "1.note"} {
			if err := k.Create(t.Context(), name, []byte("of "+name)); err != nil {
				t.Fatal(err)
			}
		}
		if err := k.Create(t.Context(), "1.note", []byte("other")); !errors.Is(err, os.ErrExist) {
			t.Errorf("Create again = %v, want ErrExist", err)
		}
		if b, err := k.Read(t.Context(), "1.note"); err != nil || string(b) != "of 1.note" {
			t.Errorf("Read = %q, %v", b, err)
		}
		if names, err := k.List(t.Context()); err != nil || !slices.Equal(names, []string{"1.note", "2.note"}) {
			t.Errorf("List = %v, %v", names, err)
		}
		if _, err := s3.OpenKeep(t.Context(), server.URL(server.Bucket(t), "retain", "10d")); !errs.HasCode(err, "no-object-lock") {
			t.Errorf("OpenKeep of a bucket without object lock = %v", err)
		}
		for _, retain := range []string{"10", "d", "0d", "-1d", "1y"} {
			if _, err := s3.OpenKeep(t.Context(), server.URL("bucket", "retain", retain)); !errs.HasCode(err, "bad-setting") {
				t.Errorf("OpenKeep with retain=%s = %v", retain, err)
			}
		}
	})
}

// TestRetain: an object that is retained can be deleted by nobody, be he root.
func TestRetain(t *testing.T) {
	server := servers.MinIO(t)
	server.Setenv(t)
	client, err := server.Client()
	if err != nil {
		t.Fatal(err)
	}
	bucket := server.Bucket(t) + "-locked"
	if err := client.MakeBucket(t.Context(), bucket, minio.MakeBucketOptions{ObjectLocking: true}); err != nil {
		t.Fatal(err)
	}
	k, err := s3.OpenKeep(t.Context(), server.URL(bucket, "retain", "10d"))
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Create(t.Context(), "1.note", []byte("kept")); err != nil {
		t.Fatal(err)
	}
	mode, until, err := client.GetObjectRetention(t.Context(), bucket, "1.note", "")
	if err != nil || *mode != minio.Compliance || time.Until(*until) < 9*24*time.Hour {
		t.Fatalf("GetObjectRetention = %v, %v, %v", mode, until, err)
	}
	info, err := client.Client.StatObject(t.Context(), bucket, "1.note", minio.StatObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.RemoveObject(t.Context(), bucket, "1.note", minio.RemoveObjectOptions{VersionID: info.VersionID, GovernanceBypass: true}); err == nil {
		t.Error("it was deleted")
	}
	if err := k.Create(t.Context(), "1.note", []byte("other")); !errors.Is(err, os.ErrExist) {
		t.Errorf("Create again = %v", err)
	}
}
