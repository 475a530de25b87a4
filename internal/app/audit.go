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
	if strings.HasPrefix(address, "file:") {
		return audit.Dir(dirOf(address)), nil
	}
	return s3.OpenKeep(ctx, address)
}

// dirOf is the directory that file:DIR names.
func dirOf(address string) string {
	return filepath.FromSlash(strings.TrimPrefix(strings.TrimPrefix(address, "file:"), "//"))
}

// OpenCheckpoint is OpenPlace for who verifies: also a directory, or a file with
// one head. What is not there is os.ErrNotExist.
func OpenCheckpoint(ctx context.Context, address string) (audit.Place, error) {
	if strings.HasPrefix(address, "s3://") {
		return OpenPlace(ctx, address)
	}
	path := address
	if strings.HasPrefix(address, "file:") {
		path = dirOf(address)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() || path != address {
		return audit.Dir(path), nil
	}
	return audit.File(path), nil
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
