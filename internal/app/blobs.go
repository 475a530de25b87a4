package app

import (
	"context"
	"path/filepath"
	"strings"

	"freshet/internal/blob"
	"freshet/internal/blob/local"
	"freshet/internal/blob/s3"
	"freshet/internal/config"
)

// OpenBlobs opens the store that --blobs names, for the server and for commands.
func OpenBlobs(ctx context.Context, c config.Config) (blob.Store, error) {
	if dir, ok := strings.CutPrefix(c.Blobs, "file://"); ok {
		return local.Open(filepath.FromSlash(dir), int64(c.DiskReserve))
	}
	return s3.Open(ctx, c.Blobs)
}
