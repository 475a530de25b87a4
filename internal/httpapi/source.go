package httpapi

import (
	"encoding/base64"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"net/http"
	"strings"

	"freshet/internal/errs"
	"freshet/internal/upload"

	"crypto/sha256"
	"crypto/sha512"

	"github.com/minio/crc64nvme"
)

// bodySource gives the bytes of a request's body to an upload.
type bodySource struct{ body *pacedReader }

func newSource(r *http.Request) *bodySource { return &bodySource{r.Body.(*pacedReader)} }

// Fill implements upload.Source.
func (s *bodySource) Fill(p []byte, progress func(int)) (n int, err error) {
	for n < len(p) {
		k, err := s.body.Read(p[n:])
		n += k
		progress(k)
		if err == io.EOF {
			return n, io.EOF
		}
		if err != nil {
			return n, bodyError(err)
		}
	}
	return n, nil
}

// Interrupt implements upload.Interrupter.
func (s *bodySource) Interrupt() { s.body.interrupt() }

// bodyError gives an error of reading a body its kind.
func bodyError(err error) error {
	var e *errs.Error
	if errors.As(err, &e) {
		return err
	}
	return errs.E(errs.Malformed, "body-cut-off", "the body ended before its end").WithHint("ask where the upload stands and go on from there").Because(err)
}

// checksums reads those that a request sends of its body: Content-Digest (RFC
// 9530), X-Checksum-CRC32 and X-Checksum-CRC64NVME (as S3 writes them). Other
// algorithms of Content-Digest are passed over, as it says.
func checksums(h http.Header) ([]*upload.Checksum, error) {
	var out []*upload.Checksum
	add := func(header, name, value string, make hash.Hash) error {
		want, err := base64.StdEncoding.DecodeString(value)
		if err != nil || len(want) != make.Size() {
			return errs.E(errs.Malformed, "bad-checksum", "the header %s has no %s of %d bytes in base64", header, name, make.Size())
		}
		out = append(out, &upload.Checksum{Name: name, Hash: make, Want: want})
		return nil
	}
	for _, v := range h.Values("Content-Digest") {
		for d := range strings.SplitSeq(v, ",") {
			alg, text, _ := strings.Cut(strings.TrimSpace(d), "=")
			var make hash.Hash
			switch strings.ToLower(alg) {
			case "sha-256":
				make = sha256.New()
			case "sha-512":
				make = sha512.New()
			default:
				continue
			}
			text, ok := strings.CutPrefix(text, ":")
			text, closed := strings.CutSuffix(text, ":")
			if !ok || !closed {
				return nil, errs.E(errs.Malformed, "bad-checksum", "the header Content-Digest is not %s=:BASE64:", alg)
			}
			if err := add("Content-Digest", alg, text, make); err != nil {
				return nil, err
			}
		}
	}
	if v := h.Get("X-Checksum-Crc32"); v != "" {
		if err := add("X-Checksum-CRC32", "crc32", v, crc32.NewIEEE()); err != nil {
			return nil, err
		}
	}
	if v := h.Get("X-Checksum-Crc64nvme"); v != "" {
		if err := add("X-Checksum-CRC64NVME", "crc64nvme", v, crc64nvme.New()); err != nil {
			return nil, err
		}
	}
	return out, nil
}
