package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"text/tabwriter"
	"time"

	"freshet/api"
	"freshet/client"
	"freshet/internal/durable"
)

type lsCmd struct {
	remote
	Status   string `help:"Only files of this status."`
	DataType string `name:"type" help:"Only files of this data type."`
	Search   string `short:"q" help:"Part of the name."`
	Sort     string `help:"-upload_time (default), original_name, file_size, … as the API has them."`
	Limit    int    `default:"50" help:"Files to list; 0: all."`
}

func (c *lsCmd) Run(e *env) error {
	q := client.Query{Status: c.Status, DataType: c.DataType, Search: c.Search, Sort: c.Sort, Limit: 1000}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	if !c.JSON {
		fmt.Fprintln(w, "FILE ID\tSTATUS\tSIZE\tRECORDS\tERRORS\tUPLOADED\tNAME")
	}
	left, listed := c.Limit, 0
	for {
		if c.Limit > 0 {
			q.Limit = min(1000, left)
		}
		page, err := c.client().List(e.ctx, q)
		if err != nil {
			return err
		}
		for i := range page.Files {
			f := &page.Files[i]
			if c.JSON {
				if err := e.printJSON(f); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", f.FileID, f.Status, size(f.FileSize), thousands(f.RecordCount), thousands(f.ErrorsFound), f.UploadTime.Local().Format("2006-01-02 15:04"), clean(f.OriginalName))
		}
		listed += len(page.Files)
		left -= len(page.Files)
		if page.NextCursor == nil || c.Limit > 0 && left <= 0 {
			if err := w.Flush(); err != nil {
				return err
			}
			if !c.JSON && int64(listed) < page.TotalCount {
				fmt.Fprintf(e.err, "freshet: %d of %d files; --limit 0 lists all\n", listed, page.TotalCount)
			}
			return nil
		}
		q.Cursor = *page.NextCursor
	}
}

type statusCmd struct {
	remote
	FileID string `arg:"" optional:"" help:"A file; without it the server's state is shown."`
}

func (c *statusCmd) Run(e *env) error {
	if c.FileID == "" {
		h, err := c.client().Health(e.ctx)
		if err != nil || c.JSON {
			return errors.Join(err, jsonIf(e, err == nil, h))
		}
		fmt.Fprintf(e.out, "%s: %s files, %s fresh, %s failed, %s arriving\n", h.Status, thousands(h.TotalFiles), thousands(h.FreshFiles), thousands(h.FailedUploads), thousands(h.ActiveUploads))
		for name, k := range h.Components {
			if k.Status != "up" {
				fmt.Fprintf(e.out, "%s is %s: %s\n", name, k.Status, k.Detail)
			}
		}
		return nil
	}
	p, err := c.client().Progress(e.ctx, c.FileID)
	if err != nil || c.JSON {
		return errors.Join(err, jsonIf(e, err == nil, p))
	}
	fmt.Fprintf(e.out, "%s: %s (%s), %.1f %%, %s received, %s records checked, %s errors\n", p.FileID, p.Status, p.Stage, p.Progress, size(p.BytesReceived), thousands(p.RecordsChecked), thousands(p.ErrorsFound))
	if p.Error != nil {
		fmt.Fprintln(e.out, *p.Error)
	}
	return nil
}

func jsonIf(e *env, ok bool, v any) error {
	if !ok {
		return nil
	}
	return e.printJSON(v)
}

type reportCmd struct {
	remote
	FileID string `arg:"" help:"A file."`
	All    bool   `help:"Print every finding, as NDJSON."`
	Rule   string `help:"With --all: only findings of this rule."`
}

func (c *reportCmd) Run(e *env) error {
	if c.All {
		r, err := c.client().Findings(e.ctx, c.FileID, c.Rule)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(e.out, r)
		return err
	}
	r, err := c.client().Report(e.ctx, c.FileID)
	if err != nil {
		return err
	}
	if c.JSON {
		err = e.printJSON(r)
	} else {
		err = errors.Join(printReport(e.out, &r), c.overlap(e))
	}
	if err == nil && r.Verdict == "failed" {
		return errDataFailed
	}
	return err
}

// overlap says which of the records are in another file, where that is known yet.
func (c *reportCmd) overlap(e *env) error {
	o, err := c.client().RecordOverlap(e.ctx, c.FileID)
	if p := (*api.Problem)(nil); errors.As(err, &p) && p.Status == http.StatusConflict {
		return nil
	}
	if err != nil || o.Message == "" {
		return err
	}
	_, err = fmt.Fprintf(e.out, "\n  %s\n", clean(o.Message))
	return err
}

type downloadCmd struct {
	remote
	FileID string `arg:"" help:"A file."`
	Output string `short:"o" help:"Where to write it; - is standard output. Default: its own name."`
	Force  bool   `short:"f" help:"Write over a file that is there."`
}

func (c *downloadCmd) Run(e *env) error {
	f, err := c.client().Info(e.ctx, c.FileID)
	if err != nil {
		return err
	}
	body, err := c.client().Download(e.ctx, c.FileID, 0)
	if err != nil {
		return err
	}
	defer body.Close()
	if c.Output == "-" {
		_, err = io.Copy(e.out, body)
		return err
	}
	name := c.Output
	if name == "" {
		name = baseOf(f.ObjectKey) // made safe by the server
	}
	if err := free(name, c.Force); err != nil {
		return err
	}
	n, err := saveTo(name, body)
	if err != nil {
		return err
	}
	if n != f.FileSize {
		return fmt.Errorf("%s has %d bytes instead of %d: the download broke off", name, n, f.FileSize)
	}
	if c.JSON {
		return e.printJSON(map[string]any{"file": name, "bytes": n})
	}
	fmt.Fprintf(e.err, "freshet: wrote %s (%s)\n", name, size(n))
	return nil
}

func baseOf(key string) string {
	for i := len(key) - 1; i >= 0; i-- {
		if key[i] == '/' {
			return key[i+1:]
		}
	}
	return key
}

// saveTo writes what r has.
func saveTo(name string, r io.Reader) (n int64, err error) {
	err = save(name, func(out *os.File) error {
		n, err = io.Copy(out, r)
		return err
	})
	return n, err
}

// save writes a neighbour first, so that a name never stands for half a file.
func save(name string, write func(*os.File) error) error {
	tmp := name + ".part"
	out, err := os.Create(tmp)
	if err != nil {
		return err
	}
	if err = write(out); err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return durable.Rename(tmp, name)
}

// free refuses a name that is taken, unless force is set.
func free(name string, force bool) error {
	if _, err := os.Lstat(name); err == nil && !force {
		return fmt.Errorf("%s is there already; --force writes over it", name)
	}
	return nil
}

type waitFlags struct {
	Wait time.Duration `default:"10m" help:"How long to wait for the verdict; 0 does not."`
}

type processCmd struct {
	remote
	waitFlags
	FileID string `arg:"" help:"A file."`
	Rules  string `type:"existingfile" help:"File with rules as JSON; without it those of before."`
}

func (c *processCmd) Run(e *env) error {
	var rules []byte
	if c.Rules != "" {
		var err error
		if rules, err = os.ReadFile(c.Rules); err != nil {
			return err
		}
	}
	out, err := c.client().Process(e.ctx, c.FileID, rules, c.Wait)
	return processed(e, c.JSON, out, err)
}

type retryCmd struct {
	remote
	waitFlags
	FileID string `arg:"" help:"A failed file."`
}

func (c *retryCmd) Run(e *env) error {
	out, err := c.client().Retry(e.ctx, c.FileID, c.Wait)
	return processed(e, c.JSON, out, err)
}

func processed(e *env, asJSON bool, out api.Processed, err error) error {
	if err != nil {
		return err
	}
	if asJSON {
		err = e.printJSON(out)
	} else {
		_, err = fmt.Fprintf(e.out, "%s: %s\n", out.FileID, out.Message)
	}
	if err == nil && out.Status == "error" {
		return errDataFailed
	}
	return err
}

type cleanupCmd struct {
	remote
	HoursOld float64 `default:"24" help:"Only what is older; 0: all."`
	DryRun   bool    `help:"Only say what would be deleted."`
}

func (c *cleanupCmd) Run(e *env) error {
	out, err := c.client().Cleanup(e.ctx, c.HoursOld, c.DryRun)
	if err != nil || c.JSON {
		return errors.Join(err, jsonIf(e, err == nil, out))
	}
	_, err = fmt.Fprintf(e.out, "%s files, %s\n", thousands(out.CleanedCount), size(out.BytesFreed))
	return err
}
