//go:build unix

package durable

import "golang.org/x/sys/unix"

// DiskFree is what an ordinary user may still write on the disk of path.
func DiskFree(path string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * int64(st.Bsize), nil
}
