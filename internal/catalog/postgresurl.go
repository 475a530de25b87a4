package catalog

import (
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"freshet/internal/errs"

	"github.com/jackc/pgx/v5/pgxpool"
)

// postgresSettings is what a URL says, beyond what every client of Postgres understands.
type postgresSettings struct {
	pool             *pgxpool.Config
	statementTimeout time.Duration
}

// Defaults of the settings, and the least connections that work: the job queue
// listens on one of them, and a request may use two.
const (
	defaultConnections      = 16
	leastConnections        = 4
	defaultStatementTimeout = 30 * time.Second
	connectTimeout          = 5 * time.Second
	lockTimeout             = 10 * time.Second
)

// parsePostgres reads the URL of a Postgres. Ours of its parameters are taken
// off: max_connections, and statement_timeout as a duration. No error shows a secret.
func parsePostgres(rawURL string) (*postgresSettings, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, badPostgres("it is not a URL; special characters in the password are written as %%XX")
	}
	q := u.Query()
	set := &postgresSettings{statementTimeout: defaultStatementTimeout}
	connections := defaultConnections
	if v := q.Get("max_connections"); v != "" {
		if connections, err = strconv.Atoi(v); err != nil || connections < leastConnections || connections > 10_000 {
			return nil, badPostgres("max_connections must be a number from %d to 10000, not %q", leastConnections, v)
		}
	}
	if v := q.Get("statement_timeout"); v != "" {
		if set.statementTimeout, err = time.ParseDuration(v); err != nil || set.statementTimeout < time.Second {
			return nil, badPostgres("statement_timeout must be a duration of at least 1s such as 30s, not %q", v)
		}
	}
	q.Del("max_connections")
	q.Del("statement_timeout")
	u.RawQuery = q.Encode()
	if set.pool, err = pgxpool.ParseConfig(u.String()); err != nil {
		why := err.Error()
		if _, after, ok := strings.Cut(why, "`: "); ok {
			why = after // what is before is the URL
		}
		for _, secret := range append(q["password"], password(u)) {
			if secret != "" {
				why = strings.ReplaceAll(why, secret, "…")
			}
		}
		return nil, badPostgres("%s", why)
	}
	set.pool.MaxConns = int32(connections)
	c := set.pool.ConnConfig
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTimeout
	}
	// a peer that is gone without a word is noticed by itself
	c.DialFunc = (&net.Dialer{Timeout: c.ConnectTimeout, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3}}).DialContext
	set.pool.PingTimeout = c.ConnectTimeout
	for name, d := range map[string]time.Duration{
		"statement_timeout": set.statementTimeout, "lock_timeout": min(lockTimeout, set.statementTimeout), "idle_in_transaction_session_timeout": set.statementTimeout,
	} {
		if c.RuntimeParams[name] == "" {
			c.RuntimeParams[name] = strconv.FormatInt(d.Milliseconds(), 10)
		}
	}
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "freshet"
	}
	return set, nil
}

func password(u *url.URL) string {
	p, _ := u.User.Password()
	return p
}

func badPostgres(format string, args ...any) error {
	e := errs.E(errs.Invalid, "bad-catalog", format, args...).WithHint("postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full")
	e.Detail = "the catalog's URL does not work: " + e.Detail
	return e
}
