package s3_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"freshet/internal/blob"
	"freshet/internal/errs"
	"freshet/internal/servers"

	"github.com/minio/minio-go/v7"
)

func replaced(t *testing.T, err error, want ...int) {
	t.Helper()
	var r *blob.Replaced
	if !errs.HasCode(err, "part-replaced") || !errs.Is(err, errs.Conflict) || !errors.As(err, &r) || !slices.Equal(r.Numbers, want) {
		t.Errorf("got %v, want part-replaced of %v", err, want)
	}
}

// TestGhost: who writes over parts that are facts of others is found out, whether
// before completing or while it, and those parts can be sent again.
func TestGhost(t *testing.T) {
	eachStore(t, func(t *testing.T, server servers.S3) {
		p, by := startProxy(t, server)
		s := open(t, by)
		h, err := s.Begin(t.Context(), key, 0)
		noErr(t, err)
		data := randomBytes(11 * mebi)
		at := func(n int) blob.Part { return blob.Part{Number: n, Offset: int64(n-1) * 5 * mebi} }
		parts := []blob.Part{
			write(t, s, h, at(1), data[:5*mebi], true), write(t, s, h, at(2), data[5*mebi:10*mebi], true), write(t, s, h, at(3), data[10*mebi:], false),
		}
		complete := func() error { return s.Complete(t.Context(), key, h, int64(len(data)), parts) }
		ghost := func(n int) { write(t, s, h, at(n), randomBytes(5*mebi + n)[n:], true) }

		ghost(1)
		ghost(2)
		replaced(t, complete(), 1, 2)
		parts[0] = write(t, s, h, at(1), data[:5*mebi], true)
		parts[1] = write(t, s, h, at(2), data[5*mebi:10*mebi], true)

		p.will("ListParts", then(func() { ghost(2) })) // after it was compared
		replaced(t, complete(), 2)
		if left := p.left(); left != nil {
			t.Fatal(left)
		}
		parts[1] = write(t, s, h, at(2), data[5*mebi:10*mebi], true)
		noErr(t, complete())
		if !bytes.Equal(read(t, s, key), data) {
			t.Error("read differs from written")
		}
	})
}

// TestGhostTail: who goes on from a part that has grown since is told so, and
// what it writes does not show.
func TestGhostTail(t *testing.T) {
	eachStore(t, func(t *testing.T, server servers.S3) {
		s := open(t, server)
		h, err := s.Begin(t.Context(), key, 0)
		noErr(t, err)
		old := write(t, s, h, blob.Part{Number: 1}, []byte("ab"), false)
		now := write(t, s, h, old, []byte("cd"), false) // what old is of is deleted
		for _, last := range []bool{false, true} {
			_, err := s.WritePart(t.Context(), key, h, old, blob.Stretch{Size: 2, Last: last}, strings.NewReader("xx"))
			replaced(t, err, 1)
		}
		replaced(t, s.Complete(t.Context(), key, h, 2, []blob.Part{old}), 1)
		noErr(t, s.Complete(t.Context(), key, h, 4, []blob.Part{now}))
		if got := read(t, s, key); string(got) != "abcd" {
			t.Errorf("read %q", got)
		}
	})
}

// TestPurged: an upload that the store has thrown away is told as lost, by each
// call, and leaves nothing.
func TestPurged(t *testing.T) {
	eachStore(t, func(t *testing.T, server servers.S3) {
		bucket := server.Bucket(t)
		s := openBucket(t, server, bucket)
		h, err := s.Begin(t.Context(), key, 0)
		noErr(t, err)
		one := write(t, s, h, blob.Part{Number: 1}, randomBytes(5*mebi), true)
		two := write(t, s, h, blob.Part{Number: 2, Offset: 5 * mebi}, []byte("ab"), false)
		if held, err := s.Holds(t.Context(), key, h); !held || err != nil {
			t.Errorf("Holds = %v, %v, want true", held, err)
		}
		c, err := server.Client()
		noErr(t, err)
		id, err := url.PathUnescape(h)
		noErr(t, err)
		noErr(t, c.AbortMultipartUpload(t.Context(), bucket, key, id))

		if held, err := s.Holds(t.Context(), key, h); held || err != nil {
			t.Errorf("Holds = %v, %v, want false", held, err)
		}
		_, err = s.WritePart(t.Context(), key, h, two, blob.Stretch{Size: 1, Last: true}, strings.NewReader("c"))
		if !errs.HasCode(err, "no-object") {
			t.Errorf("WritePart = %v, want no-object", err)
		}
		if err := s.Complete(t.Context(), key, h, 5*mebi+2, []blob.Part{one, two}); !errs.HasCode(err, "no-object") {
			t.Errorf("Complete = %v, want no-object", err)
		}
		// an object of another's that is as large is not taken for it
		noErr(t, s.Put(t.Context(), key, bytes.NewReader(make([]byte, 5*mebi+2)), 5*mebi+2))
		if err := s.Complete(t.Context(), key, h, 5*mebi+2, []blob.Part{one, two}); !errs.HasCode(err, "no-object") {
			t.Errorf("Complete = %v, want no-object", err)
		}
		noErr(t, s.Delete(t.Context(), key))
		for u, err := range s.Handles(t.Context()) { // its tails are found though it is gone
			noErr(t, err)
			if u.Key != key || u.Handle != h || time.Since(u.Time) > time.Hour {
				t.Errorf("Handles gives %+v", u)
			}
			noErr(t, s.Abort(t.Context(), u.Key, u.Handle))
		}
		if left := everything(t, server, bucket); len(left) > 0 {
			t.Errorf("%q is left", left)
		}
	})
}

// TestForgotten: an upload that the store does not list, as MinIO does after a
// start, is held all the same.
func TestForgotten(t *testing.T) {
	p, by := startProxy(t, servers.MinIO(t))
	s := open(t, by)
	h, err := s.Begin(t.Context(), key, 0)
	noErr(t, err)
	write(t, s, h, blob.Part{Number: 1}, []byte("ab"), false)
	p.will("ListMultipartUploads", func(_ *proxy, w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>")
	})
	n := 0
	for u, err := range s.Handles(t.Context()) {
		noErr(t, err)
		if n++; u.Key != key || u.Handle != h {
			t.Errorf("Handles gives %+v", u)
		}
	}
	if held, err := s.Holds(t.Context(), key, h); n != 1 || !held || err != nil {
		t.Errorf("Handles gives %d, Holds %v, %v", n, held, err)
	}
}

// TestTailsAreFew: bytes that come one by one are written a few times each, not
// once for each that follows, and none of their objects is left.
func TestTailsAreFew(t *testing.T) {
	server := servers.VersityGW(t)
	p, by := startProxy(t, server)
	bucket := server.Bucket(t)
	s := openBucket(t, by, bucket)
	h, err := s.Begin(t.Context(), key, 0)
	noErr(t, err)
	const n = 200
	part := blob.Part{Number: 1}
	for i := range n {
		if part = write(t, s, h, part, []byte{byte(i)}, false); i%50 == 0 {
			if objects := len(everything(t, server, bucket)) - 1; objects > 9 {
				t.Fatalf("%d bytes are in %d objects", i+1, objects)
			}
		}
	}
	if gets := p.count("GetObject"); gets > 3*n { // each is a tail that was joined
		t.Errorf("%d tails were read for %d stretches", gets, n)
	}
	noErr(t, s.Complete(t.Context(), key, h, n, []blob.Part{part}))
	if got := everything(t, server, bucket); !slices.Equal(got, []string{key}) {
		t.Errorf("the bucket has %q", got)
	}
}

// TestRanges: what is large is copied in ranges, with its metadata, and keeps the
// whole object at the old place until it is deleted.
func TestRanges(t *testing.T) {
	eachStore(t, func(t *testing.T, server servers.S3) {
		p, by := startProxy(t, server)
		bucket := server.Bucket(t)
		s := openBucket(t, by, bucket)
		s.Copies(10*mebi, 5*mebi)
		data := randomBytes(32*mebi + 1)
		h, err := s.Begin(t.Context(), key, 0)
		noErr(t, err)
		part := write(t, s, h, blob.Part{Number: 1}, data, true)
		noErr(t, s.Complete(t.Context(), key, h, int64(len(data)), []blob.Part{part}))
		if i := stat(t, server, bucket, key); i.ChecksumCRC64NVME == "" || i.ChecksumMode != "FULL_OBJECT" {
			t.Errorf("the object's checksum is %q of %q", i.ChecksumCRC64NVME, i.ChecksumMode)
		}
		noErr(t, s.Move(t.Context(), key, "fresh/a"))
		if n := p.count("UploadPartCopy"); n != 7 {
			t.Errorf("%d ranges, want 7", n)
		}
		if !bytes.Equal(read(t, s, "fresh/a"), data) || !bytes.Equal(read(t, s, key), data) {
			t.Error("read differs from written")
		}
		was, now := stat(t, server, bucket, key), stat(t, server, bucket, "fresh/a")
		if id := was.UserMetadata["Freshet-Id"]; id == "" || now.UserMetadata["Freshet-Id"] != id {
			t.Errorf("metadata %v became %v", was.UserMetadata, now.UserMetadata)
		}
		// one that fails for good leaves nothing
		p.will("UploadPartCopy", answer(403, "AccessDenied"))
		if err := s.Move(t.Context(), key, "fresh/b"); !errs.HasCode(err, "storage-denied") {
			t.Errorf("Move = %v", err)
		}
		if got, want := everything(t, server, bucket), []string{"fresh/a", key}; !slices.Equal(got, want) {
			t.Errorf("the bucket has %q, want %q", got, want)
		}
	})
}

func stat(t *testing.T, server servers.S3, bucket, key string) minio.ObjectInfo {
	t.Helper()
	c, err := server.Client()
	noErr(t, err)
	i, err := c.StatObject(t.Context(), bucket, key, minio.StatObjectOptions{Checksum: true})
	noErr(t, err)
	return i
}
