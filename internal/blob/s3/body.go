package s3

import (
	"encoding/base64"
	"errors"
	"hash"
	"io"
	"net/http"
	"sync"

	"freshet/internal/blob"

	"github.com/minio/crc64nvme"
)

// checksum is the header that carries the CRC64-NVME of a body. It rides behind
// the body, so that this goes through once and is not signed: a form that every
// store takes and compares.
const checksum = "X-Amz-Checksum-Crc64nvme"

// body is what one request sends: the next size bytes of a source, which must end there.
type body struct {
	mu      sync.Mutex
	source  io.Reader
	size    int64
	got     int64
	crc     hash.Hash64
	trailer http.Header
	touched bool // something was asked of the source
	over    bool
	err     error // of the source
}

func newBody(source io.Reader, size int64) *body {
	b := &body{source: source, size: size, crc: crc64nvme.New()}
	// of the right length: that of the request is told before
	b.trailer = http.Header{checksum: {base64.StdEncoding.EncodeToString(b.crc.Sum(nil))}}
	if size == 0 {
		b.finish() // nobody reads it; what is wrong end tells
	}
	return b
}

var errOver = errors.New("the request is over")

// Read implements io.Reader.
func (b *body) Read(p []byte) (n int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return 0, errOver
	}
	if b.err != nil {
		return 0, b.err
	}
	if b.got == b.size {
		return 0, b.finish()
	}
	b.touched = true
	n, err = b.source.Read(p[:min(int64(len(p)), b.size-b.got)])
	b.crc.Write(p[:n])
	b.got += int64(n)
	switch {
	case err == io.EOF && b.got == b.size:
		err = b.finish()
	case err == io.EOF:
		b.err = blob.Short(b.got, b.size)
		err = b.err
	case err != nil:
		err = b.fail(err)
	}
	return n, err
}

// finish sees that the source has ended, too, and tells the checksum.
func (b *body) finish() error {
	var more [1]byte
	n, err := io.ReadFull(b.source, more[:])
	switch {
	case n > 0:
		b.err = misuse("there are more than the %d bytes that were announced", b.size)
		return b.err
	case err != io.EOF:
		return b.fail(err)
	}
	b.trailer.Set(checksum, base64.StdEncoding.EncodeToString(b.crc.Sum(nil)))
	return io.EOF
}

// fail keeps an error of the source, or of what it read from the store.
func (b *body) fail(err error) error {
	var ours *storeError
	if b.err = error(&sourceError{err}); errors.As(err, &ours) {
		b.err = ours.cause
	}
	return b.err
}

// end waits until nobody reads the source, and lets nobody from then on: a
// request may return while its body is still being sent. It tells whether the
// source was read, and what was wrong with it.
func (b *body) end() (touched bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
	return b.touched, b.err
}

// sourceError is an error of who gives the bytes rather than of the store.
type sourceError struct{ cause error }

func (e *sourceError) Error() string { return e.cause.Error() }
func (e *sourceError) Unwrap() error { return e.cause }
