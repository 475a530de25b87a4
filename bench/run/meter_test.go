package main

import (
	"net/http/httptest"
	"os"
	"testing"
	"time"
)

// TestS3Request: requests are counted under the names that S3 has for them.
func TestS3Request(t *testing.T) {
	for _, c := range []struct {
		method, target, copied, want string
	}{
		{"POST", "/b/k?uploads=", "", "CreateMultipartUpload"},
		{"PUT", "/b/k?partNumber=1&uploadId=u", "", "UploadPart"},
		{"PUT", "/b/k?partNumber=1&uploadId=u", "/b/from", "UploadPartCopy"},
		{"POST", "/b/k?uploadId=u", "", "CompleteMultipartUpload"},
		{"GET", "/b/k?uploadId=u", "", "ListParts"},
		{"PUT", "/b/k", "/b/from", "CopyObject"},
		{"PUT", "/b/k", "", "PutObject"},
		{"HEAD", "/b/k", "", "HeadObject"},
		{"DELETE", "/b/k", "", "DeleteObject"},
		{"GET", "/b/?list-type=2", "", "ListObjects"},
	} {
		r := httptest.NewRequest(c.method, c.target, nil)
		if c.copied != "" {
			r.Header.Set("X-Amz-Copy-Source", c.copied)
		}
		if got := s3Request(r); got != c.want {
			t.Errorf("%s %s is counted as %q, want %q", c.method, c.target, got, c.want)
		}
	}
}

// TestFamilyCPU: what this process burns is seen in /proc.
func TestFamilyCPU(t *testing.T) {
	before, err := familyCPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); time.Since(begin) < 2*time.Second; {
		if now, err := familyCPU(os.Getpid()); err != nil || now >= before+50 {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Error("50 ms of CPU were not seen in 2 s of work")
}
