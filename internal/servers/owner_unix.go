//go:build unix

package servers

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// owner is the user that a server runs as; nil is who we are.
type owner struct{ uid, gid *uint32 }

// notRoot is a user of that name where we are root, since some servers refuse
// to be; otherwise we are fine ourselves.
func notRoot(name string) (owner, error) {
	if os.Getuid() != 0 {
		return owner{}, nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return owner{}, fmt.Errorf("the server does not run as root, and there is no user %s: scripts/test-deps.sh makes it: %w", name, err)
	}
	var ids [2]uint32
	for i, s := range []string{u.Uid, u.Gid} {
		n, err := strconv.ParseUint(s, 10, 32)
		if err != nil {
			return owner{}, err
		}
		ids[i] = uint32(n)
	}
	return owner{&ids[0], &ids[1]}, nil
}

func (o owner) own(path string) error {
	if o.uid == nil {
		return nil
	}
	return os.Chown(path, int(*o.uid), int(*o.gid))
}

func (o owner) attr() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setsid: true}
	if o.uid != nil {
		a.Credential = &syscall.Credential{Uid: *o.uid, Gid: *o.gid}
	}
	return a
}
