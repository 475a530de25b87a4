package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"text/tabwriter"
	"time"

	"freshet/internal/access"
	"freshet/internal/app"
	"freshet/internal/audit"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/httpapi"
)

// errAuditChanged ends a verification that found something: all was said already.
var errAuditChanged = errors.New("the audit log is not what was signed")

// acting is the context of a command that changes facts: who runs it is on record.
func (e *env) acting() context.Context {
	name := fmt.Sprint(os.Getuid()) // where it has no name, as in a container
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return access.By(e.ctx, "command:"+name)
}

type auditCmd struct {
	Ls     auditLsCmd     `cmd:"" help:"Show rows, the newest first."`
	Export auditExportCmd `cmd:"" help:"Write rows as NDJSON, the oldest first."`
	Verify auditVerifyCmd `cmd:"" help:"Find the first row that was altered, inserted, moved or removed."`
	Key    auditKeyCmd    `cmd:"" help:"Print the public key that heads are checked with."`
}

// auditFilter is which rows are wanted.
type auditFilter struct {
	Actor   string    `help:"Only what this one did: key:ID, oidc:SUBJECT, command:USER, local, anonymous, system."`
	Action  string    `help:"Only this, such as download or refused."`
	Object  string    `help:"Only what was done to this: an id, a name, a route."`
	Result  string    `help:"ok, or the code of a refusal."`
	Project string    `help:"Only what is of this project; *: of several, or of the server itself."`
	Since   time.Time `placeholder:"2026-11-28T09:30:00Z" help:"From this time on."`
	Until   time.Time `placeholder:"2026-11-28T09:30:00Z" help:"Before this time."`
}

func (f *auditFilter) query() catalog.AuditQuery {
	return catalog.AuditQuery{Actor: f.Actor, Action: f.Action, Object: f.Object, Result: f.Result, Project: f.Project, Since: f.Since, Until: f.Until}
}

// there opens the catalog of an installation that is there: an empty one that was
// made just now holds, and says nothing.
func (l *localFlags) there(e *env) (*catalog.Store, error) {
	c, err := installation(l.DataDir, l.Catalog, "", nil)
	if err != nil {
		return nil, err
	}
	return app.OpenFacts(e.ctx, c)
}

// auditPage is how many rows are read at once.
const auditPage = 1000

type auditLsCmd struct {
	localFlags
	auditFilter
	Limit int `short:"n" default:"50" help:"How many rows."`
}

func (c *auditLsCmd) Run(e *env) error {
	if c.Limit < 1 {
		return errUsage{errors.New("--limit must be at least 1")}
	}
	s, err := c.there(e)
	if err != nil {
		return err
	}
	defer s.Close()
	q := c.query()
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	if !c.JSON {
		fmt.Fprintln(w, "NUMBER\tTIME\tACTOR\tFROM\tPROJECT\tACTION\tOBJECT\tRESULT\tDETAIL")
	}
	for left := c.Limit; left > 0; {
		q.Limit = min(left, auditPage)
		rows, err := s.AuditRows(e.ctx, q)
		if err != nil {
			return err
		}
		for i := range rows {
			r := &rows[i]
			if c.JSON {
				err = e.printJSON(httpapi.AuditRow(r))
			} else {
				_, err = fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Number, r.At.Local().Format("2006-01-02 15:04:05"), clean(r.Actor), clean(r.Source), clean(r.Project), clean(r.Action), clean(r.Object), clean(r.Result), clean(r.Detail))
			}
			if err != nil {
				return err
			}
		}
		if len(rows) < q.Limit {
			break
		}
		left -= len(rows)
		q.Before = rows[len(rows)-1].Number
	}
	return w.Flush()
}

type auditExportCmd struct {
	localFlags
	auditFilter
	After int64 `help:"Only rows after the one of this number, to go on with an export."`
}

func (c *auditExportCmd) Run(e *env) error {
	s, err := c.there(e)
	if err != nil {
		return err
	}
	defer s.Close()
	q := c.query()
	q.After, q.OldestFirst, q.Limit = c.After, true, auditPage
	for {
		rows, err := s.AuditRows(e.ctx, q)
		if err != nil {
			return err
		}
		for i := range rows {
			if err := e.printJSON(httpapi.AuditRow(&rows[i])); err != nil {
				return err
			}
		}
		if len(rows) < auditPage {
			return nil
		}
		q.After = rows[len(rows)-1].Number
	}
}

// auditKeyFlag names the signing key, from which the public one follows.
type auditKeyFlag struct {
	AuditKey string `env:"FRESHET_AUDIT_KEY" placeholder:"FILE" help:"File of the key that heads are signed with, or the key itself, if not in the data directory."`
}

func (c *auditKeyFlag) load(dataDir string) (*audit.Key, error) {
	path := c.AuditKey
	if path == "" {
		path = filepath.Join(dataDir, audit.KeyFile)
	}
	return audit.LoadKey(path, false)
}

type auditKeyCmd struct {
	auditKeyFlag
	DataDir string `default:"./freshet-data" env:"FRESHET_DATA_DIR" help:"The server's data directory."`
	New     bool   `help:"Make a key and print it, secret as it is, for --audit-key of nodes that share a catalog."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

func (c *auditKeyCmd) Run(e *env) error {
	if c.New {
		return c.make(e)
	}
	k, err := c.load(c.DataDir)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.printJSON(map[string]string{"verifier": k.Verifier})
	}
	_, err = fmt.Fprintln(e.out, k.Verifier)
	return err
}

func (c *auditKeyCmd) make(e *env) error {
	secret, err := audit.NewKey()
	if err != nil {
		return err
	}
	k, err := audit.LoadKey(secret, false)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.printJSON(map[string]string{"key": secret, "verifier": k.Verifier})
	}
	fmt.Fprintln(e.out, secret)
	fmt.Fprintf(e.err, "freshet: it is not stored; what it signs is checked with %s\n", k.Verifier)
	return nil
}

type auditVerifyCmd struct {
	localFlags
	auditKeyFlag
	AuditCheckpoints string   `env:"FRESHET_AUDIT_CHECKPOINTS" placeholder:"PLACE" help:"The server's second place of heads, if not in the data directory."`
	Checkpoint       []string `placeholder:"FILE|DIR|PLACE" help:"Heads to hold the log against instead: a file with one, a directory, file:DIR or s3://BUCKET?…; can be given more than once."`
	Key              []string `placeholder:"VERIFIER" help:"Public key that heads must be signed by, as freshet audit key prints it, instead of the data directory's; can be given more than once."`
}

func (c *auditVerifyCmd) Help() string {
	return "Works beside running servers. Who may change the catalog may also change the data directory: give --key and --checkpoint from elsewhere to be sure. Exit codes: 0 all holds, 3 something was changed, 1 it could not look at everything, or a place has no heads."
}

func (c *auditVerifyCmd) Run(e *env) error {
	check, err := c.check(e)
	if err != nil {
		return err
	}
	defer check.Catalog.Close()
	began := time.Now()
	v, err := check.Run(e.ctx)
	if err != nil {
		return err
	}
	if err := c.tell(e, &v, time.Since(began)); err != nil {
		return err
	}
	if v.Problem != nil {
		return errAuditChanged
	}
	return nil
}

func (c *auditVerifyCmd) check(e *env) (*audit.Check, error) {
	check := &audit.Check{}
	keys, places, open := c.Key, c.Checkpoint, app.OpenCheckpoint
	if len(keys) == 0 {
		k, err := c.load(c.DataDir)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return nil, err
		}
		if err == nil {
			keys = []string{k.Verifier}
		}
	}
	var err error
	if len(keys) > 0 {
		if check.Keys, err = audit.Verifiers(keys...); err != nil {
			return nil, err
		}
	}
	if len(places) == 0 { // which the server makes when it signs first
		open = app.OpenPlace
		if places = []string{c.AuditCheckpoints}; c.AuditCheckpoints == "" {
			places = []string{"file:" + filepath.Join(c.DataDir, "audit")}
		}
	}
	for _, address := range places {
		p, err := open(e.ctx, address)
		if errors.Is(err, os.ErrNotExist) {
			return nil, errs.E(errs.NotFound, "no-checkpoint", "there is nothing at %s", address)
		}
		if err != nil {
			return nil, err
		}
		check.Places, check.Names = append(check.Places, p), append(check.Names, address)
	}
	check.Catalog, err = c.there(e)
	return check, err
}

func (c *auditVerifyCmd) tell(e *env, v *audit.Verified, took time.Duration) error {
	if c.JSON {
		return e.printJSON(v)
	}
	if p := v.Problem; p != nil {
		_, err := fmt.Fprintf(e.out, "row %d: %s\n", p.Number, clean(p.What))
		return err
	}
	signed := "no head was signed yet"
	if v.Signed > 0 {
		signed = fmt.Sprintf("the first %s are signed, last at %s", thousands(v.Signed), v.SignedAt.Local().Format("2006-01-02 15:04:05"))
	}
	_, err := fmt.Fprintf(e.out, "%s rows hold, with %s heads and %s checkpoints; %s (%.1f s)\n", thousands(v.Rows), thousands(v.Heads), thousands(v.Kept), signed, took.Seconds())
	return err
}
