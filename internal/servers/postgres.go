package servers

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgresBin is where Debian keeps the programs, which are not in PATH.
const postgresBin = "/usr/lib/postgresql/*/bin"

// PostgresPassword is that of every database's one user, so that tests can tell
// that nobody shows it.
const PostgresPassword = "not-to-be-shown"

// Postgres gives a new, empty database of a server that the whole process
// shares, and drops it when the test ends.
func Postgres(t testing.TB) string {
	t.Helper()
	address, drop, err := NewPostgres(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Error(err)
		}
	})
	return address
}

var databases atomic.Int64

// NewPostgres is Postgres for who is not a test: drop it afterwards.
func NewPostgres(ctx context.Context) (address string, drop func() error, err error) {
	admin, err := postgres()
	if err != nil {
		return "", nil, err
	}
	name := fmt.Sprintf("freshet_%d", databases.Add(1))
	if err := execute(ctx, admin, "CREATE DATABASE "+name); err != nil {
		return "", nil, err
	}
	u, err := url.Parse(admin)
	if err != nil {
		return "", nil, err
	}
	u.Path = "/" + name
	return u.String(), func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTime)
		defer cancel()
		return execute(ctx, admin, "DROP DATABASE "+name+" WITH (FORCE)")
	}, nil
}

func execute(ctx context.Context, address, sql string) error {
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, sql)
	return errors.Join(err, c.Close(ctx))
}

// postgres starts the server once, and gives the URL of its first database.
var postgres = sync.OnceValues(func() (string, error) {
	initdb, err := find("initdb", postgresBin)
	if err != nil {
		return "", err
	}
	server, err := find("postgres", postgresBin)
	if err != nil {
		return "", err
	}
	as, err := notRoot("postgres")
	if err != nil {
		return "", err
	}
	dir, err := newDir("postgres", as)
	if err != nil {
		return "", err
	}
	data, secret := filepath.Join(dir, "data"), filepath.Join(dir, "secret")
	if err := errors.Join(os.WriteFile(secret, []byte(PostgresPassword), 0o600), as.own(secret)); err != nil {
		return "", err
	}
	init := exec.Command(initdb, "--pgdata", data, "--username", "freshet", "--pwfile", secret, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
	init.Dir, init.SysProcAttr = "/", as.attr()
	if out, err := init.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	address := fmt.Sprintf("postgres://freshet:%s@127.0.0.1:%d/postgres?sslmode=disable", PostgresPassword, port)
	_, err = start(command{
		dir: dir, attr: as, signal: "INT", // INT: it ends its sessions and stops
		argv: []string{server, "-D", data, "-p", fmt.Sprint(port), "-h", "127.0.0.1", "-k", dir, "-c", "max_connections=300"},
		ready: func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			c, err := pgx.Connect(ctx, address)
			if err != nil {
				return err
			}
			return c.Close(ctx)
		},
	})
	return address, err
})
