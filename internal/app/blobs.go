package app

import (
	"context"
	"path/filepath"
	"strings"

	"freshet/internal/blob"
	"freshet/internal/blob/local"
	"freshet/internal/blob/s3"
	"freshet/internal/config"
	"freshet/internal/seal"
)

// OpenBlobs opens the store that --blobs names, for the server and for commands.
func OpenBlobs(ctx context.Context, c config.Config) (blob.Store, error) {
	ring, err := seal.Parse(c.MasterKey)
	if err != nil {
		return nil, err
	}
	if dir, ok := strings.CutPrefix(c.Blobs, "file://"); ok {
		return local.Open(ctx, filepath.FromSlash(dir), int64(c.DiskReserve), ring)
	}
	return s3.Open(ctx, c.Blobs)
}
