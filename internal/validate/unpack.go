package validate

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"freshet/internal/rule"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Limits of unpacking. They keep a small file from costing what a huge one does.
const (
	mostRatio   = 200     // unpacked bytes for each byte of the file,
	ratioFrom   = 8 << 20 // once there are so many
	mostWindow  = 8 << 20 // of zstd: what a decoder must remember; RFC 8878 asks for no more
	unpackPiece = 64 << 10
)

// compressionOf names the compression of a file that begins with head, or is empty.
func compressionOf(head []byte) string {
	if m := magicOf(head); m == "gzip" || m == "zstd" {
		return m
	}
	return ""
}

// errTrailing says that the compressed data ended, and other bytes follow.
var errTrailing = errors.New("bytes that are not compressed follow")

// unpacking reads what a compressed stream unpacks to. It keeps to memory that
// does not depend on the stream, and knows how far in it it is.
type unpacking struct {
	compression string
	source      counter
	packed      *bufio.Reader
	gzip        *gzip.Reader
	zstd        *zstd.Decoder
	out         int64
}

// counter counts what a reader gave, and remembers how it failed.
type counter struct {
	io.Reader
	n   int64
	err error
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	if err != io.EOF {
		c.err = err
	}
	return n, err
}

func newUnpacking(compression string, r io.Reader) *unpacking {
	u := &unpacking{compression: compression, source: counter{Reader: r}}
	u.packed = bufio.NewReaderSize(&u.source, unpackPiece)
	return u
}

// at is how many bytes of the compressed stream were used.
func (u *unpacking) at() int64 { return u.source.n - int64(u.packed.Buffered()) }

// Read implements io.Reader. What is wrong with the stream comes as an error of unpackError.
func (u *unpacking) Read(p []byte) (n int, err error) {
	if u.compression == "gzip" {
		n, err = u.members(p)
	} else {
		n, err = u.frames(p)
	}
	u.out += int64(n)
	if err == nil && u.out > ratioFrom && u.out > mostRatio*u.at() {
		err = errRatio
	}
	return n, err
}

func (u *unpacking) close() {
	if u.zstd != nil {
		u.zstd.Close()
	}
}

// members reads gzip, one member after another.
func (u *unpacking) members(p []byte) (n int, err error) {
	for n == 0 && err == nil {
		if u.gzip == nil {
			if u.gzip, err = gzip.NewReader(u.packed); err != nil {
				return 0, noEOF(err)
			}
			u.gzip.Multistream(false)
		}
		if n, err = u.gzip.Read(p); err == io.EOF {
			err = u.nextMember()
		}
	}
	return n, err
}

// nextMember goes on to the member behind one that ended.
func (u *unpacking) nextMember() error {
	magic, err := u.packed.Peek(2)
	switch {
	case len(magic) == 0 && err == io.EOF:
		return io.EOF
	case compressionOf(magic) != "gzip":
		return errTrailing
	}
	if err := u.gzip.Reset(u.packed); err != nil {
		return noEOF(err)
	}
	u.gzip.Multistream(false)
	return nil
}

// frames reads zstd, one frame after another.
func (u *unpacking) frames(p []byte) (n int, err error) {
	if u.zstd == nil {
		u.zstd, err = zstd.NewReader(u.packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(mostWindow), zstd.WithDecoderMaxMemory(1<<62))
		if err != nil {
			return 0, err
		}
	}
	n, err = u.zstd.Read(p)
	if errors.Is(err, zstd.ErrMagicMismatch) && u.at() > int64(len(zstdMagic)) {
		err = errTrailing
	}
	return n, err
}

const zstdMagic = "\x28\xb5\x2f\xfd"

// noEOF is err, where the end of the input is no good end.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

var errRatio = errors.New("the ratio is too high")

// fault says what an error of Read, other than io.EOF, means for who sent the file.
func (u *unpacking) fault(err error) (r *rule.Rule, message, hint string) {
	switch {
	case errors.Is(err, errRatio):
		return rule.DecompressionLimit, fmt.Sprintf("the first %d bytes of the file unpack to more than %d times as many", u.at(), mostRatio), ""
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return rule.DecompressionLimit, fmt.Sprintf("unpacking the zstd frame takes a window of more than %d MiB", mostWindow>>20), "compress it without --ultra and --long (zstd -19 and below stay within 8 MiB)"
	case errors.Is(err, errTrailing):
		return rule.CompressedDamaged, fmt.Sprintf("at byte %d of the file its %s data ends, and other bytes follow", u.at(), u.compression), "take away what follows"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return rule.CompressedDamaged, fmt.Sprintf("the file breaks off at byte %d, in the middle of its %s data", u.at(), u.compression), ""
	}
	return rule.CompressedDamaged, fmt.Sprintf("the %s data cannot be unpacked near byte %d of the file: %v", u.compression, u.at(), err), ""
}

// Unpack reads what a stored file unpacks to, for who looks into it: the file
// itself, where it is not compressed. One that is damaged ends where the damage is.
func Unpack(r io.Reader) (unpacked io.Reader, compressed bool, err error) {
	in := bufio.NewReaderSize(r, unpackPiece)
	magic, err := in.Peek(len(zstdMagic))
	if err != nil && err != io.EOF {
		return nil, false, err
	}
	c := compressionOf(magic)
	if c == "" {
		return in, false, nil
	}
	return &untilFault{newUnpacking(c, in)}, true, nil
}

// untilFault ends where the stream is at fault, of which the report tells.
type untilFault struct{ unpacking *unpacking }

func (u *untilFault) Read(p []byte) (int, error) {
	n, err := u.unpacking.Read(p)
	if err != nil {
		u.unpacking.close()
		if err = u.unpacking.source.err; err == nil {
			err = io.EOF
		}
	}
	return n, err
}

// unpackHead is the front of what a file unpacks to, of which head is the front:
// at most HeadSize bytes, all of them when whole is set.
func unpackHead(compression string, head []byte, whole bool) ([]byte, bool) {
	u := newUnpacking(compression, bytes.NewReader(head))
	defer u.close()
	out, err := io.ReadAll(io.LimitReader(u, HeadSize+1))
	return out[:min(len(out), HeadSize)], whole && err == nil && len(out) <= HeadSize
}
