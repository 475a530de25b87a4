package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"freshet/internal/audit"
	"freshet/internal/blob/s3"
	"freshet/internal/config"
)

// OpenPlace opens a second place of the audit log's heads: file:DIR or s3://….
func OpenPlace(ctx context.Context, address string) (audit.Place, error) {
	if dir, ok := strings.CutPrefix(address, "file:"); ok {
		return audit.Dir(filepath.FromSlash(strings.TrimPrefix(dir, "//"))), nil
	}
	return s3.OpenKeep(ctx, address)
}

// OpenCheckpoint is OpenPlace for who verifies: also a directory, or a file with
// one head.
func OpenCheckpoint(ctx context.Context, address string) (audit.Place, error) {
	if strings.HasPrefix(address, "file:") || strings.HasPrefix(address, "s3://") {
		return OpenPlace(ctx, address)
	}
	info, err := os.Stat(address)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return audit.Dir(address), nil
	}
	return audit.File(address), nil
}

// openAudit opens what signs the audit log.
func (a *App) openAudit(ctx context.Context, c *config.Config) (*audit.Log, error) {
	key, err := audit.LoadKey(c.AuditKey, true)
	if err != nil {
		return nil, err
	}
	place, err := OpenPlace(ctx, c.AuditPlace)
	if err != nil {
		return nil, err
	}
	return &audit.Log{Catalog: a.catalog, Key: key, Place: place, Log: a.log}, nil
}

// background runs f until the function that it gives is called, which waits for its end.
func background(ctx context.Context, f func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	over := make(chan struct{})
	go func() {
		defer close(over)
		f(ctx)
	}()
	return func() {
		cancel()
		<-over
	}
}
