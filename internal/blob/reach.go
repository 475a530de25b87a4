package blob

import (
	"context"

	"freshet/internal/errs"
)

// Reach tells whether a store answers.
func Reach(ctx context.Context, s Store) error {
	if _, err := s.Free(ctx); err != nil {
		return err
	}
	_, err := s.Stat(ctx, "reach")
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	return err
}
