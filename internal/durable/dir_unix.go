//go:build unix

package durable

import (
	"errors"
	"fmt"
	"os"
)

// SyncDir makes the names in a directory durable.
func SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return errors.Join(step("syncdir", d.Sync), d.Close())
}
