package blob

import (
	"context"
	"errors"
	"io"
)

// PutFile writes the first size bytes of r as an object, durably.
func PutFile(ctx context.Context, s Store, key string, r io.ReaderAt, size int64) error {
	h, err := s.Begin(ctx, key, size)
	if err != nil {
		return err
	}
	part := Part{Number: 1, Size: size}
	if _, err := s.WritePart(ctx, key, h, part, io.NewSectionReader(r, 0, size)); err != nil {
		return errors.Join(err, s.Abort(context.WithoutCancel(ctx), key, h))
	}
	return s.Complete(ctx, key, h, size, []Part{part})
}
