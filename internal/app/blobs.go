package app

import (
	"context"
	"path/filepath"
	"strings"

	"freshet/internal/blob"
	"freshet/internal/blob/local"
	"freshet/internal/blob/s3"
	"freshet/internal/config"
	"freshet/internal/errs"
	"freshet/internal/seal"
)

// OpenBlobs opens the store that --blobs names, for the server and for commands.
func OpenBlobs(ctx context.Context, c config.Config) (blob.Store, error) {
	if dir, ok := strings.CutPrefix(c.Blobs, "file://"); ok {
		return openDisk(ctx, c, dir)
	}
	return s3.Open(ctx, c.Blobs)
}

// OpenDisk opens the store of an installation that keeps its files on a disk.
func OpenDisk(ctx context.Context, c config.Config) (*local.Store, error) {
	dir, ok := strings.CutPrefix(c.Blobs, "file://")
	if !ok {
		return nil, errs.E(errs.Invalid, "bad-setting", "the files are in a bucket, which seals them itself")
	}
	if err := there(c.Blobs); err != nil {
		return nil, err
	}
	return openDisk(ctx, c, dir)
}

func openDisk(ctx context.Context, c config.Config, dir string) (*local.Store, error) {
	ring, err := seal.Parse(c.MasterKey)
	if err != nil {
		return nil, err
	}
	return local.Open(ctx, filepath.FromSlash(dir), int64(c.DiskReserve), ring)
}
