package s3_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"freshet/internal/blob"
	"freshet/internal/blob/s3"
	"freshet/internal/errs"
	"freshet/internal/servers"
)

const (
	key  = "training-data/uploads/file_1/name.jsonl"
	mebi = 1 << 20
)

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return b
}

func noErr(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, s *s3.Store, handle string, p blob.Part, data []byte, last bool) blob.Part {
	t.Helper()
	p, err := s.WritePart(t.Context(), key, handle, p, blob.Stretch{Size: int64(len(data)), Last: last}, bytes.NewReader(data))
	noErr(t, err)
	noErr(t, s.Settle(t.Context(), key, handle, p))
	return p
}

func read(t *testing.T, s *s3.Store, key string) []byte {
	t.Helper()
	r, err := s.Read(t.Context(), key, 0, -1)
	noErr(t, err)
	defer r.Close()
	b, err := io.ReadAll(r)
	noErr(t, err)
	return b
}

// everything is what the bucket holds, and what was begun in it.
func everything(t *testing.T, server servers.S3, bucket string) (list []string) {
	t.Helper()
	c, err := server.Client()
	noErr(t, err)
	objects, err := c.ListObjectsV2(bucket, "", "", "", "", 1000)
	noErr(t, err)
	for _, o := range objects.Contents {
		list = append(list, o.Key)
	}
	uploads, err := c.ListMultipartUploads(t.Context(), bucket, "", "", "", "", 1000)
	noErr(t, err)
	for _, u := range uploads.Uploads {
		list = append(list, "upload of "+u.Key)
	}
	return list
}

// life takes an object through all that is done with one.
func life(t *testing.T, s *s3.Store) {
	t.Helper()
	data := randomBytes(7*mebi + 999)
	h, err := s.Begin(t.Context(), key, 0)
	noErr(t, err)
	one := write(t, s, h, blob.Part{Number: 1}, data[:10], false)
	one = write(t, s, h, one, data[10:1000], false)
	one = write(t, s, h, one, data[1000:6*mebi], true)
	two := write(t, s, h, blob.Part{Number: 2, Offset: 6 * mebi}, data[6*mebi:7*mebi], false)
	two = write(t, s, h, two, data[7*mebi:], false)
	noErr(t, s.Complete(t.Context(), key, h, int64(len(data)), []blob.Part{one, two}))
	if !bytes.Equal(read(t, s, key), data) {
		t.Fatal("read differs from written")
	}
	noErr(t, s.Move(t.Context(), key, "fresh/a"))
	s.Copies(1, 5*mebi)
	noErr(t, s.Move(t.Context(), "fresh/a", "fresh/b"))
	s.Copies(1<<30, 5*mebi)
	if !bytes.Equal(read(t, s, "fresh/b"), data) {
		t.Fatal("what was moved differs")
	}
	noErr(t, s.Put(t.Context(), "checks/x", strings.NewReader("found"), 5))
	noErr(t, s.Delete(t.Context(), key))
	noErr(t, s.Delete(t.Context(), "fresh/a"))
	if got := read(t, s, "checks/x"); string(got) != "found" {
		t.Fatalf("read %q", got)
	}
	gone, err := s.Begin(t.Context(), key, 0)
	noErr(t, err)
	write(t, s, gone, blob.Part{Number: 1}, data[:10], false)
	noErr(t, s.Abort(t.Context(), key, gone))
}

// TestFaults: whatever happens once to each kind of request, nothing is lost,
// nothing is twice, and nothing is left.
func TestFaults(t *testing.T) {
	writes := []string{"UploadPart", "PutObject", "CopyObject", "UploadPartCopy", "CompleteMultipartUpload", "DeleteObject", "AbortMultipartUpload"}
	all := append([]string{"CreateMultipartUpload", "GetObject", "HeadObject", "ListParts", "ListObjectsV2"}, writes...)
	cases := map[string]struct {
		f   fault
		ops []string
	}{
		"500":                 {answer(500, "InternalError"), all},
		"503":                 {answer(503, "SlowDown"), all},
		"429":                 {answer(429, "TooManyRequests"), all},
		"refused unread":      {refuse, all},
		"request cut":         {cutRequest, all},
		"answer lost":         {dropAnswer, all},
		"answer cut":          {cutAnswer, slices.DeleteFunc(slices.Clone(all), func(op string) bool { return op == "HeadObject" })},
		"answer stalls":       {stallAnswer, []string{"GetObject"}},
		"200 and an error":    {answer(200, "InternalError"), []string{"CompleteMultipartUpload", "CopyObject", "UploadPartCopy"}},
		"a byte on its way":   {flip, []string{"UploadPart", "PutObject"}},
		"200 and no sentence": {func(_ *proxy, w http.ResponseWriter, _ *http.Request) {}, []string{"CompleteMultipartUpload", "CopyObject", "UploadPartCopy", "UploadPart", "CreateMultipartUpload"}},
	}
	eachStore(t, func(t *testing.T, server servers.S3) {
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				p, by := startProxy(t, server)
				bucket := server.Bucket(t)
				s := openBucket(t, by, bucket)
				s.Hurry(20*time.Second, 300*time.Millisecond)
				for _, op := range c.ops {
					p.will(op, c.f)
				}
				life(t, s)
				if left := p.left(); len(left) > 0 {
					t.Errorf("not tried: %v", left)
				}
				got := everything(t, server, bucket)
				if name == "answer lost" || name == "answer cut" { // of which nobody was told, and a sweep is
					for h, err := range s.Handles(t.Context()) {
						noErr(t, err)
						noErr(t, s.Abort(t.Context(), h.Key, h.Handle))
					}
					got = everything(t, server, bucket)
				}
				if want := []string{"checks/x", "fresh/b"}; !slices.Equal(got, want) {
					t.Errorf("the bucket has %q, want %q", got, want)
				}
			})
		}
	})
}

// TestStreamOnce: bytes that come once are sent once, and a fault is told.
func TestStreamOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, server servers.S3) {
		p, by := startProxy(t, server)
		s := open(t, by)
		h, err := s.Begin(t.Context(), key, 0)
		noErr(t, err)
		data := randomBytes(6 * mebi)
		for _, f := range []fault{answer(503, "SlowDown"), refuse, cutRequest, dropAnswer} {
			before := p.count("UploadPart")
			p.will("UploadPart", f)
			_, err := s.WritePart(t.Context(), key, h, blob.Part{Number: 1}, blob.Stretch{Size: int64(len(data)), Last: true}, io.MultiReader(bytes.NewReader(data)))
			if !errs.HasCode(err, "storage-down") {
				t.Errorf("WritePart = %v, want storage-down", err)
			}
			if n := p.count("UploadPart") - before; n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		}
		part, err := s.WritePart(t.Context(), key, h, blob.Part{Number: 1}, blob.Stretch{Size: int64(len(data)), Last: true}, io.MultiReader(bytes.NewReader(data)))
		noErr(t, err)
		noErr(t, s.Complete(t.Context(), key, h, part.Size, []blob.Part{part}))
		if !bytes.Equal(read(t, s, key), data) {
			t.Error("read differs from written")
		}
	})
}

// TestStreamWaits: bytes that come once wait for a store that is not there when
// they begin to come.
func TestStreamWaits(t *testing.T) {
	s := open(t, servers.MinIO(t))
	h, err := s.Begin(t.Context(), key, 0)
	noErr(t, err)
	// the one connection ends with an answer that nobody reads
	noErr(t, s.Put(t.Context(), "large", bytes.NewReader(make([]byte, 8*mebi)), 8*mebi))
	r, err := s.Read(t.Context(), "large", 0, -1)
	noErr(t, err)
	noErr(t, r.Close())
	refused := 0
	defer s3.Dial(func(address string) (string, error) {
		if refused < 3 {
			refused++
			return "", errors.New("nobody is there")
		}
		return address, nil
	})()
	_, err = s.WritePart(t.Context(), key, h, blob.Part{Number: 1}, blob.Stretch{Size: 3, Last: true}, io.MultiReader(strings.NewReader("abc")))
	if err != nil || refused < 3 {
		t.Errorf("WritePart = %v after %d", err, refused)
	}
}

// TestSaid: what a fault is said to be, with nothing in it that clients must not see.
func TestSaid(t *testing.T) {
	p, by := startProxy(t, servers.MinIO(t))
	s := open(t, by)
	s.Hurry(300*time.Millisecond, time.Second)
	many := func(f fault) []fault { return slices.Repeat([]fault{f}, 20) }
	for _, c := range []struct {
		faults []fault
		kind   errs.Kind
		code   string
		tries  int // 0 for any
	}{
		{many(answer(403, "AccessDenied")), errs.Unavailable, "storage-denied", 1},
		{many(answer(403, "SignatureDoesNotMatch")), errs.Unavailable, "storage-denied", 1},
		{many(answer(403, "RequestTimeTooSkewed")), errs.Unavailable, "storage-denied", 1},
		{many(answer(507, "XMinioStorageFull")), errs.NoSpace, "no-space", 1},
		{many(answer(404, "NoSuchBucket")), errs.Unavailable, "no-bucket", 1},
		{many(answer(400, "InvalidRequest")), errs.Internal, "", 1},
		{many(answer(503, "SlowDown")), errs.Unavailable, "storage-down", 0},
		{many(dropAnswer), errs.Unavailable, "storage-down", 0},
	} {
		before := p.count("PutObject")
		p.will("PutObject", c.faults...)
		err := s.Put(t.Context(), "a/b", strings.NewReader("abc"), 3)
		p.left()
		if errs.KindOf(err) != c.kind || err == nil {
			t.Errorf("Put = %v, want kind %d", err, c.kind)
		}
		if n := p.count("PutObject") - before; c.tries > 0 && n != c.tries || c.tries == 0 && n < 2 {
			t.Errorf("%s: %d requests", c.code, n)
		}
		var e *errs.Error
		if c.code == "" || !errors.As(err, &e) {
			continue
		}
		if e.Code != c.code || e.Kind == errs.Unavailable && e.RetryAfter == 0 {
			t.Errorf("Put = %s, again after %v; want %s", e.Code, e.RetryAfter, c.code)
		}
		for _, secret := range []string{servers.S3SecretKey, "127.0.0.1", "http://"} {
			if strings.Contains(e.Detail+e.Hint, secret) {
				t.Errorf("%q is shown: %s %s", secret, e.Detail, e.Hint)
			}
		}
	}
}
