package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"freshet/internal/access"
	"freshet/internal/app"
	"freshet/internal/catalog"
)

// local is the flags of commands that open the data directory themselves, also
// beside a running server.
type localFlags struct {
	DataDir string `default:"./freshet-data" env:"FRESHET_DATA_DIR" help:"The server's data directory."`
	Catalog string `env:"FRESHET_CATALOG" help:"Where facts are kept, if not in the data directory."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// masterFlags are those of commands that read what the server stored.
type masterFlags struct {
	MasterKey []string `env:"FRESHET_MASTER_KEY" help:"The master keys that files on the disk are sealed by, as the server has them."`
}

func (l *localFlags) open(e *env) (*catalog.Store, error) {
	c, err := installation(l.DataDir, l.Catalog, "", nil)
	if err != nil {
		return nil, err
	}
	return app.OpenCatalog(e.ctx, c)
}

type keysCmd struct {
	Create keysCreateCmd `cmd:"" help:"Make a key and print it, once."`
	List   keysListCmd   `cmd:"" help:"List keys."`
	Revoke keysRevokeCmd `cmd:"" help:"End a key for good."`
	Rotate keysRotateCmd `cmd:"" name:"rotate-master" help:"Replace the master key that files on the disk are sealed by."`
}

type keysCreateCmd struct {
	localFlags
	Name    string        `arg:"" optional:"" help:"Whose key it is, for the list."`
	Role    string        `default:"admin" enum:"viewer,uploader,curator,admin" help:"What its owner is: viewer, uploader, curator or admin."`
	Project []string      `help:"In which projects; can be given more than once. Without it: in all there are and will be, and of the server itself."`
	Scope   []string      `help:"Only these of what the role allows: read, download, upload, use, curate, rules, admin."`
	Expires time.Duration `help:"After how long it ends by itself, such as 2160h for 90 days. Without it: never."`
}

// key is the one that is asked for.
func (c *keysCreateCmd) key() catalog.Key {
	k := catalog.Key{Name: c.Name, Grants: access.Grants{}}
	for _, p := range c.Project {
		k.Grants[p] = access.Role(c.Role)
	}
	if len(c.Project) == 0 {
		k.Grants[access.Everywhere] = access.Role(c.Role)
	}
	for _, s := range c.Scope {
		k.Scopes = append(k.Scopes, access.Right(s))
	}
	if c.Expires != 0 {
		k.Expires = time.Now().Add(c.Expires)
	}
	return k
}

func (c *keysCreateCmd) Run(e *env) error {
	s, err := c.open(e)
	if err != nil {
		return err
	}
	defer s.Close()
	k, secret, err := s.NewKey(e.acting(), c.key())
	if err != nil {
		return err
	}
	if c.JSON {
		return e.printJSON(map[string]string{"id": k.ID, "name": k.Name, "key": secret})
	}
	fmt.Fprintln(e.out, secret)
	fmt.Fprintf(e.err, "freshet: this is key %s; it is not stored and cannot be shown again\n", k.ID)
	fmt.Fprintln(e.err, "freshet: from now on every request needs a key: Authorization: Bearer KEY, or FRESHET_KEY for this program")
	return nil
}

type keysListCmd struct{ localFlags }

func (c *keysListCmd) Run(e *env) error {
	s, err := c.open(e)
	if err != nil {
		return err
	}
	defer s.Close()
	keys, err := s.Keys(e.ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	if !c.JSON {
		fmt.Fprintln(w, "ID\tNAME\tROLES\tCREATED\tLAST USED\tSTATE")
	}
	for _, k := range keys {
		state := "active"
		switch {
		case !k.Revoked.IsZero():
			state = "revoked"
		case !k.Live(time.Now()):
			state = "expired"
		case !k.Expires.IsZero():
			state = "until " + k.Expires.Local().Format("2006-01-02 15:04")
		}
		if c.JSON {
			if err := e.printJSON(map[string]any{"id": k.ID, "name": k.Name, "roles": k.Grants, "scopes": k.Scopes, "created": k.Created, "expires": timeOrNil(k.Expires), "last_used": timeOrNil(k.LastUsed), "revoked": timeOrNil(k.Revoked), "state": state}); err != nil {
				return err
			}
			continue
		}
		used := "never"
		if !k.LastUsed.IsZero() {
			used = k.LastUsed.Local().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, clean(k.Name), roles(&k), k.Created.Local().Format("2006-01-02 15:04"), used, state)
	}
	return w.Flush()
}

// roles are those of a key in a line: "curator of vision, text (read, upload)".
func roles(k *catalog.Key) string {
	var all []string
	for _, role := range access.Roles {
		var of []string
		for _, p := range slices.Sorted(maps.Keys(k.Grants)) {
			if k.Grants[p] == role {
				of = append(of, strings.Replace(p, access.Everywhere, "all", 1))
			}
		}
		if len(of) > 0 {
			all = append(all, fmt.Sprintf("%s of %s", role, strings.Join(of, ", ")))
		}
	}
	s := strings.Join(all, "; ")
	if len(k.Scopes) > 0 {
		s += fmt.Sprintf(" %v", k.Scopes)
	}
	return s
}

func timeOrNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

type keysRevokeCmd struct {
	localFlags
	ID string `arg:"" help:"The key's id, from keys list."`
}

func (c *keysRevokeCmd) Run(e *env) error {
	s, err := c.open(e)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.RevokeKey(e.acting(), c.ID, nil); err != nil {
		return err
	}
	if c.JSON {
		return e.printJSON(map[string]string{"id": c.ID, "state": "revoked"})
	}
	fmt.Fprintf(e.err, "freshet: key %s is revoked\n", c.ID)
	return nil
}
