// Package config is the server's settings: one struct, each field with its
// flag, unit and default. A flag wins over the environment (FRESHET_…), that
// over the file of --config, that over the default.
package config

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"freshet/internal/errs"
)

// Config is what `freshet serve` runs with.
type Config struct {
	Listen          string        `default:"127.0.0.1:8002" env:"FRESHET_LISTEN" help:"Address to listen on."`
	TLSCert         string        `name:"tls-cert" env:"FRESHET_TLS_CERT" help:"PEM file of the certificate for https. Read again when it changes."`
	TLSKey          string        `name:"tls-key" env:"FRESHET_TLS_KEY" help:"PEM file of its key."`
	Autocert        []string      `env:"FRESHET_AUTOCERT" help:"Host names for which certificates are got by ACME; port 443 of each must lead here."`
	ACMEDirectory   string        `name:"acme-directory" env:"FRESHET_ACME_DIRECTORY" help:"URL of the authority that gives them. Default: Let's Encrypt."`
	BehindProxy     []Proxy       `env:"FRESHET_BEHIND_PROXY" help:"Addresses or networks of proxies, which alone may say from whom a request is; one of them ends TLS. none: something else does, which says nothing."`
	AdminListen     string        `env:"FRESHET_ADMIN_LISTEN" help:"Another address for /metrics, which is at --listen else, and /debug/pprof/, which is nowhere else."`
	MaxConnections  int           `default:"4096" env:"FRESHET_MAX_CONNECTIONS" help:"Connections that may be open at once. 0: no limit."`
	MaxPerAddress   int           `name:"max-connections-per-address" default:"1024" env:"FRESHET_MAX_CONNECTIONS_PER_ADDRESS" help:"Of them from one address, which is not counted for proxies. 0: no limit."`
	DataDir         string        `default:"./freshet-data" env:"FRESHET_DATA_DIR" help:"Directory for everything that the server keeps."`
	Catalog         string        `env:"FRESHET_CATALOG" help:"Where facts are kept: sqlite://PATH, or postgres://USER@HOST/DATABASE for many nodes (its parameters: max_connections, 16; statement_timeout, 30s). Default: catalog.db in the data directory."`
	Blobs           string        `env:"FRESHET_BLOBS" help:"Where bytes are kept: file://DIR, or s3://BUCKET for many nodes (its parameters: endpoint, region, path-style, prefix, ca-file, sse). Default: blobs in the data directory."`
	MasterKey       []string      `env:"FRESHET_MASTER_KEY" help:"Seal all that is kept on the disk by a master key: file:PATH or env:NAME (32 random bytes, as they are, in hex or in base64), vault://HOST/transit/KEY (token: VAULT_TOKEN), or awskms:KEY-ARN. Given more than once the first seals and all open."`
	LogFormat       string        `default:"json" enum:"json,text" env:"FRESHET_LOG_FORMAT" help:"json, or text for people."`
	CORSOrigin      []string      `name:"cors-origin" env:"FRESHET_CORS_ORIGIN" help:"Origins of front ends elsewhere that may use the API, exactly as browsers send them."`
	BootstrapKey    string        `env:"FRESHET_BOOTSTRAP_KEY" help:"A key that is known from the start, for containers: at least 32 characters."`
	Scan            string        `default:"off" env:"FRESHET_SCAN" help:"ClamAV's clamd, which files are scanned by before they are fresh: off, clamd://HOST:PORT or clamd:///path/to.sock."`
	ContentPolicy   []string      `env:"FRESHET_CONTENT_POLICY" help:"What is done about what a content rule finds, RULE=off|warn|quarantine|refuse; repeatable. A file's own rules may be stricter, never laxer."`
	Promote         string        `default:"auto" enum:"auto,manual" env:"FRESHET_PROMOTE" help:"auto, or manual: files that passed wait for promote-file."`
	PartSize        Size          `default:"0" env:"FRESHET_PART_SIZE" help:"Size of parts, a power of two from 1MiB. 0: by file size."`
	MaxFileSize     Size          `default:"0" env:"FRESHET_MAX_FILE_SIZE" help:"Largest file taken. 0: no limit."`
	MemoryBudget    Size          `default:"256MiB" env:"FRESHET_MEMORY_BUDGET" help:"Memory for bytes in flight, of all uploads together."`
	DiskReserve     Size          `default:"1GiB" env:"FRESHET_DISK_RESERVE" help:"Space that stays free on the disk: uploads are refused before."`
	MinRate         Size          `default:"1KiB" env:"FRESHET_MIN_RATE" help:"Bytes a second that a client must send on average over 30 s."`
	StallTimeout    time.Duration `default:"60s" env:"FRESHET_STALL_TIMEOUT" help:"How long a client may send nothing."`
	SHA256          bool          `name:"sha256" env:"FRESHET_SHA256" help:"Compute the SHA-256 of every file."`
	MaxFindings     int64         `default:"1000000" env:"FRESHET_MAX_FINDINGS" help:"Findings kept of one file; counts are exact beyond."`
	FailedAfter     time.Duration `default:"24h" env:"FRESHET_FAILED_AFTER" help:"Age at which failed files are deleted."`
	AbandonedAfter  time.Duration `default:"24h" env:"FRESHET_ABANDONED_AFTER" help:"How long an upload waits for its client: it expires that long after its last byte."`
	MaxOpenUploads  int64         `default:"10000" env:"FRESHET_MAX_OPEN_UPLOADS" help:"Uploads that may be open at once."`
	SweepEvery      time.Duration `default:"1h" env:"FRESHET_SWEEP_EVERY" help:"How often that is looked after."`
	DeprecatedAfter time.Duration `default:"0" env:"FRESHET_DEPRECATED_AFTER" help:"Age at which deprecated files are deleted. 0: never."`
	AuditKey        string        `env:"FRESHET_AUDIT_KEY" help:"File of the key that the audit log is signed with, made if it is not there; or the key itself, as freshet audit key --new prints it. Nodes of one catalog share one. Default: audit.key in the data directory."`
	AuditPlace      string        `name:"audit-checkpoints" env:"FRESHET_AUDIT_CHECKPOINTS" help:"Second place of the audit log's signed heads, which should be out of reach of who can change the catalog: file:DIR, or s3://BUCKET with the parameters of --blobs and retain=365d for object lock. Default: audit in the data directory."`
	KeyRequests     int           `default:"0" env:"FRESHET_KEY_REQUESTS" help:"Requests a second that one key may make. 0: any number."`
	KeyRate         Size          `default:"0" env:"FRESHET_KEY_RATE" help:"Bytes a second that one key may send, and be sent. 0: as they come."`
	OIDCIssuer      string        `name:"oidc-issuer" env:"FRESHET_OIDC_ISSUER" help:"URL of an identity provider whose tokens are taken like keys."`
	OIDCAudience    string        `name:"oidc-audience" env:"FRESHET_OIDC_AUDIENCE" help:"For whom these tokens must be."`
	OIDCAlgorithm   []string      `name:"oidc-algorithm" env:"FRESHET_OIDC_ALGORITHM" help:"By which they may be signed. Default: RS, ES and PS with 256, 384 and 512 bits, and EdDSA."`
	OIDCGrant       []string      `name:"oidc-grant" env:"FRESHET_OIDC_GRANT" help:"What a claim gives: CLAIM=VALUE:ROLE@PROJECT, such as groups=ml:uploader@vision. Without @PROJECT: everywhere."`
	WebhookURL      string        `env:"FRESHET_WEBHOOK_URL" help:"Is told of files that became fresh, failed or quarantined."`
	WebhookSecret   string        `env:"FRESHET_WEBHOOK_SECRET" help:"Signs what is told (HMAC-SHA-256)."`
}

// Complete fills the defaults that depend on other settings, and refuses what
// cannot work.
func (c *Config) Complete() error {
	dir, err := filepath.Abs(c.DataDir)
	if err != nil {
		return err
	}
	c.DataDir = dir
	if c.Catalog == "" {
		c.Catalog = "sqlite://" + filepath.ToSlash(filepath.Join(dir, "catalog.db"))
	}
	if c.Blobs == "" {
		c.Blobs = "file://" + filepath.ToSlash(filepath.Join(dir, "blobs"))
	}
	if c.AuditKey == "" {
		c.AuditKey = filepath.Join(dir, "audit.key")
	}
	if c.AuditPlace == "" {
		c.AuditPlace = "file:" + filepath.ToSlash(filepath.Join(dir, "audit"))
	}
	if err := checkCatalog(c.Catalog); err != nil {
		return err
	}
	bucket := strings.HasPrefix(c.Blobs, "s3://")
	switch {
	case !bucket && !strings.HasPrefix(c.Blobs, "file://"):
		return bad("--blobs must be file://DIR or s3://BUCKET?endpoint=…&region=…&path-style=true")
	case !strings.HasPrefix(c.AuditPlace, "s3://") && (!strings.HasPrefix(c.AuditPlace, "file:") || strings.TrimLeft(c.AuditPlace[len("file:"):], "/") == ""):
		return bad("--audit-checkpoints must be file:DIR or s3://BUCKET?endpoint=…&region=…&retain=365d")
	case bucket && c.PartSize != 0 && c.PartSize < 8<<20:
		return bad("--part-size must be at least 8MiB with a bucket, not %s", c.PartSize)
	case bucket && c.MemoryBudget < 32<<20:
		return bad("--memory-budget must be at least 32MiB with a bucket: parts wait in memory until they are whole")
	case bucket && len(c.MasterKey) > 0:
		return bad("--master-key seals files on a disk; a bucket seals its own: --blobs s3://BUCKET?sse=s3 or ?sse=kms:KEY")
	case c.PartSize != 0 && (c.PartSize < 1<<20 || c.PartSize&(c.PartSize-1) != 0 || c.PartSize > 4<<30):
		return bad("--part-size must be a power of two from 1MiB to 4GiB, not %s", c.PartSize)
	case c.MemoryBudget < 4<<20:
		return bad("--memory-budget must be at least 4MiB")
	case c.MaxFileSize < 0 || c.DiskReserve < 0 || c.MinRate < 0 || c.MaxFindings < 0:
		return bad("sizes must not be negative")
	case c.StallTimeout <= 0 || c.SweepEvery <= 0:
		return bad("--stall-timeout and --sweep-every must be more than 0")
	case c.FailedAfter < 0 || c.DeprecatedAfter < 0:
		return bad("ages must not be negative")
	case c.AbandonedAfter < time.Minute || c.MaxOpenUploads < 1:
		return bad("--abandoned-after must be at least 1m, --max-open-uploads at least 1")
	case c.BootstrapKey != "" && len(c.BootstrapKey) < 32:
		return bad("--bootstrap-key must have at least 32 characters")
	}
	if c.KeyRequests < 0 || c.KeyRate < 0 {
		return bad("--key-requests and --key-rate must not be negative")
	}
	if c.OIDCIssuer != "" {
		u, err := url.Parse(c.OIDCIssuer)
		if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
			return bad("--oidc-issuer must be an https URL; http is for this machine alone")
		}
	} else if c.OIDCAudience != "" || len(c.OIDCGrant) > 0 {
		return bad("--oidc-audience and --oidc-grant need --oidc-issuer")
	}
	if err := c.checkAddresses(); err != nil {
		return err
	}
	if c.WebhookURL != "" {
		if u, err := url.Parse(c.WebhookURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return bad("--webhook-url must be an http or https URL")
		}
	}
	for _, o := range c.CORSOrigin {
		if u, err := url.Parse(o); err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" || strings.Contains(o, "*") {
			return bad("--cors-origin %q is not an origin such as https://app.example.com", o)
		}
	}
	return nil
}

// checkCatalog shows nothing of a URL, which may hold a password.
func checkCatalog(raw string) error {
	scheme, rest, _ := strings.Cut(raw, "://")
	switch {
	case scheme == "sqlite" && rest != "":
		return nil
	case scheme == "sqlite":
		return bad("--catalog sqlite:// lacks the path of the database")
	case scheme != "postgres" && scheme != "postgresql":
		return bad("--catalog must be sqlite://PATH or postgres://USER@HOST/DATABASE")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return bad("--catalog is not a URL; special characters in the password are written as %%XX")
	case strings.Trim(u.Path, "/") == "" && u.Query().Get("dbname") == "":
		return bad("--catalog lacks the database: postgres://USER@HOST/DATABASE")
	}
	return nil
}

func bad(format string, args ...any) error {
	return errs.E(errs.Invalid, "bad-setting", format, args...).WithHint("freshet serve --help")
}

// Size is a number of bytes, written with or without KiB, MiB, GiB or TiB.
type Size int64

var units = []struct {
	suffix string
	bytes  int64
}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"KB", 1e3}, {"B", 1}, {"", 1}}

// UnmarshalText reads a size.
func (s *Size) UnmarshalText(text []byte) error {
	for _, u := range units {
		num, ok := strings.CutSuffix(string(text), u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(num), 10, 64)
		if err != nil || n < 0 || n > (1<<62)/u.bytes {
			break
		}
		*s = Size(n * u.bytes)
		return nil
	}
	return fmt.Errorf("%q is not a size such as 64MiB", text)
}

// String writes a size in the largest unit that divides it.
func (s Size) String() string {
	for _, u := range units[:4] {
		if s != 0 && int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.suffix
		}
	}
	return strconv.FormatInt(int64(s), 10)
}
