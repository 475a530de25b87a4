package e2e_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"freshet/internal/blob/local"
	"freshet/internal/seal"
)

// sealedDisks: all servers of these tests that keep files on a disk seal them.
// FRESHET_E2E=sealed says so.
var sealedDisks = os.Getenv("FRESHET_E2E") == "sealed"

// masterKey is the setting of a master key, in a file beside the program.
var masterKey = sync.OnceValue(func() string {
	path := filepath.Join(filepath.Dir(binary), "master.key")
	if err := os.WriteFile(path, []byte(strings.Repeat("5a", 32)), 0o600); err != nil {
		panic(err)
	}
	return "file:" + path
})

// sealedEnv is the settings of a program that seals its files.
func sealedEnv(env, args []string) (out []string) {
	if !sealedDisks {
		return nil
	}
	bucket := func(flag string) bool {
		i := slices.Index(args, flag)
		return i >= 0 && strings.HasPrefix(args[i+1], "s3:")
	}
	settled := func(v string) bool {
		return strings.HasPrefix(v, "FRESHET_BLOBS=s3:") || strings.HasPrefix(v, "FRESHET_MASTER_KEY=")
	}
	if !bucket("--blobs") && !slices.ContainsFunc(env, settled) {
		out = append(out, "FRESHET_MASTER_KEY="+masterKey())
	}
	if !bucket("--from-blobs") {
		out = append(out, "FRESHET_FROM_MASTER_KEY="+masterKey())
	}
	return out
}

// sealed tells whether the server seals its files.
func (s *server) sealed() bool {
	return sealedDisks || slices.ContainsFunc(s.env, func(v string) bool { return strings.HasPrefix(v, "FRESHET_MASTER_KEY=") })
}

// openSealed opens an object of a server that seals its files, whether it runs or not.
func (s *server) openSealed(key string) (io.ReadCloser, error) {
	ring, err := seal.Parse([]string{masterKey()})
	if err != nil {
		return nil, err
	}
	disk, err := local.Open(context.Background(), filepath.Join(s.dir, "blobs"), 0, ring)
	if err != nil {
		return nil, err
	}
	r, err := disk.Read(context.Background(), key, 0, -1)
	return r, errors.Join(err, disk.Close())
}

// content is an object's bytes.
func (s *server) content(key string) ([]byte, error) {
	r, err := s.object(key)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
