package client

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/minio/crc64nvme"
	"golang.org/x/time/rate"
	"lukechampine.com/blake3"
)

var errStalled = errors.New("nothing moved for too long")

// body gives a part to the connection: counted, paced, and watched. It has no
// limit of time as a whole: only a standstill ends it.
type body struct {
	io.Reader
	ctx    context.Context
	pace   *pace
	total  *atomic.Int64
	sent   atomic.Int64
	stall  time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

func (u *Uploader) newBody(ctx context.Context, r io.Reader, total *atomic.Int64) *body {
	b := &body{Reader: r, pace: u.pace, total: total, stall: u.options.Stall}
	b.ctx, b.cancel = context.WithCancelCause(ctx)
	b.timer = time.AfterFunc(b.stall, func() { b.cancel(fmt.Errorf("%w: %w", errStalled, ErrUnreachable)) })
	return b
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	b.timer.Reset(b.stall)
	n, err := b.Reader.Read(b.pace.cut(p))
	b.sent.Add(int64(n))
	b.total.Add(int64(n))
	if e := b.pace.wait(b.ctx, n); e != nil && (err == nil || err == io.EOF) {
		err = e
	}
	return n, err
}

func (b *body) end() {
	b.timer.Stop()
	b.cancel(nil)
}

// pace keeps all parts together below a rate.
type pace struct{ limit *rate.Limiter }

const burst = 64 << 10

func newPace(bytesPerSecond int64) *pace {
	if bytesPerSecond <= 0 {
		return &pace{}
	}
	return &pace{rate.NewLimiter(rate.Limit(bytesPerSecond), burst)}
}

func (p *pace) cut(b []byte) []byte {
	if p.limit != nil && len(b) > burst {
		return b[:burst]
	}
	return b
}

func (p *pace) wait(ctx context.Context, n int) error {
	if p.limit == nil || n == 0 {
		return nil
	}
	return p.limit.WaitN(ctx, n)
}

// checksum is the CRC64-NVME of a stretch of the source, as the server writes it.
func checksum(ctx context.Context, r io.ReaderAt, off, size int64) (string, error) {
	buf := make([]byte, 256<<10)
	crc := uint64(0)
	for n := int64(0); n < size; {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		k, err := r.ReadAt(buf[:min(int64(len(buf)), size-n)], off+n)
		crc = crc64nvme.Update(crc, buf[:k])
		n += int64(k)
		if err == io.EOF && n < size {
			return "", ErrChanged // it is shorter than it was
		}
		if err != nil && err != io.EOF {
			return "", err
		}
	}
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, crc)), nil
}

// hashOf is the hash of the source, as the server writes it.
func hashOf(ctx context.Context, r io.ReaderAt, size int64) (string, error) {
	h := blake3.New(32, nil)
	src := io.NewSectionReader(r, 0, size)
	buf := make([]byte, 1<<20)
	for {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		n, err := src.Read(buf)
		h.Write(buf[:n])
		if err == io.EOF {
			return "blake3:" + hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
	}
}
