package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"text/tabwriter"

	"freshet/api"
	"freshet/internal/config"
)

type projectsCmd struct {
	Ls  projectsLsCmd  `cmd:"" help:"List projects with their limits, and what of these is used."`
	Set projectsSetCmd `cmd:"" help:"Make a project, or change what is said of one."`
	Rm  projectsRmCmd  `cmd:"" help:"End a project that owns nothing."`
}

type projectsLsCmd struct{ remote }

func (c *projectsLsCmd) Run(e *env) error {
	list, err := c.client().Projects(e.ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	if !c.JSON {
		fmt.Fprintln(w, "PROJECT\tROLE\tFILES\tBYTES\tOPEN UPLOADS\tRETENTION RULES")
	}
	for _, p := range list.Projects {
		if c.JSON {
			if err := e.printJSON(p); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\n", p.Name, p.Role, used(p.Files, p.MaxFiles), used(p.Bytes, p.MaxBytes), used(p.OpenUploads, p.MaxOpenUploads), len(p.Retention))
	}
	return w.Flush()
}

// used is "3 of 10", or "3" where there is no limit.
func used(n, most int64) string {
	if most == 0 {
		return strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%d of %d", n, most)
}

type projectsSetCmd struct {
	remote
	Name           string            `arg:"" help:"Name: a-z, 0-9, _ and -."`
	MaxFiles       *int64            `help:"Files that it may own. 0: no limit."`
	MaxBytes       *config.Size      `help:"Bytes of all its files, such as 2TiB. 0: no limit."`
	MaxOpenUploads *int64            `help:"Uploads under way at once. 0: no limit but the server's."`
	ContentPolicy  map[string]string `help:"What is done about what a content rule finds: RULE=off, warn, quarantine or refuse; several with ; between. They take the place of those before."`
	Retention      string            `type:"existingfile" help:"A file with the rules of retention, a JSON list of status, data_type, keep_days, keep_last."`
}

// Run changes what is said and leaves all else as it is.
func (c *projectsSetCmd) Run(e *env) error {
	p, err := c.client().ProjectNamed(e.ctx, c.Name)
	var refused *api.Problem
	if err != nil && !(errors.As(err, &refused) && refused.Status == 404) {
		return err
	}
	set := p.ProjectSettings
	if c.MaxFiles != nil {
		set.MaxFiles = *c.MaxFiles
	}
	if c.MaxBytes != nil {
		set.MaxBytes = int64(*c.MaxBytes)
	}
	if c.MaxOpenUploads != nil {
		set.MaxOpenUploads = *c.MaxOpenUploads
	}
	if len(c.ContentPolicy) > 0 {
		set.ContentPolicy = c.ContentPolicy
	}
	if c.Retention != "" {
		b, err := os.ReadFile(c.Retention)
		if err != nil {
			return err
		}
		set.Retention = nil
		rules := json.NewDecoder(bytes.NewReader(b))
		rules.DisallowUnknownFields()
		if err := rules.Decode(&set.Retention); err != nil {
			return errUsage{fmt.Errorf("%s is not a list of rules: %w", c.Retention, err)}
		}
	}
	if p, err = c.client().PutProject(e.ctx, c.Name, set); err != nil {
		return err
	}
	if c.JSON {
		return e.printJSON(p)
	}
	_, err = fmt.Fprintln(e.out, p.Name)
	return err
}

type projectsRmCmd struct {
	remote
	Name string `arg:"" help:"Name of the project."`
}

func (c *projectsRmCmd) Run(e *env) error {
	if err := c.client().DeleteProject(e.ctx, c.Name); err != nil {
		return err
	}
	if c.JSON {
		return e.printJSON(map[string]string{"name": c.Name, "state": "deleted"})
	}
	e.say("the project %s is ended", c.Name)
	return nil
}

type retentionCmd struct {
	remote
	DryRun bool `help:"Only tell what would be deleted."`
}

func (c *retentionCmd) Run(e *env) error {
	out, err := c.client().ApplyRetention(e.ctx, c.DryRun)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.printJSON(out)
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	for _, f := range out.Files {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", f.FileID, clean(f.OriginalName), f.FileSize, f.Reason)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	e.say("%s", out.Message)
	return nil
}

type holdCmd struct {
	remote
	FileID string `arg:"" help:"The file."`
	Reason string `arg:"" help:"Why it must not be deleted."`
}

func (c *holdCmd) Run(e *env) error {
	f, err := c.client().Hold(e.ctx, c.FileID, c.Reason)
	return c.held(e, f, "on hold", err)
}

type releaseCmd struct {
	remote
	FileID string `arg:"" help:"The file."`
}

func (c *releaseCmd) Run(e *env) error {
	f, err := c.client().Release(e.ctx, c.FileID)
	return c.held(e, f, "released", err)
}

// held tells what became of a file.
func (r *remote) held(e *env, f api.File, what string, err error) error {
	if err != nil {
		return err
	}
	if r.JSON {
		return e.printJSON(f)
	}
	e.say("%s is %s", f.FileID, what)
	return nil
}
