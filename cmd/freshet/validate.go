package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"freshet/api"
	"freshet/internal/errs"
	"freshet/internal/rule"
	"freshet/internal/validate"
)

type validateCmd struct {
	Files       []string `arg:"" name:"file" help:"Files to check; - is standard input."`
	Rules       string   `type:"existingfile" help:"File with rules as JSON."`
	Schema      string   `help:"Record schema: auto, none, openai-chat, prompt-completion, preference or text."`
	Name        string   `default:"stdin" help:"Name of standard input: its ending tells the format."`
	MaxFindings int64    `default:"1000" help:"Findings printed of each file; the summary counts all."`
	JSON        bool     `name:"json" help:"Print one report a line, in the order given."`
}

func (c *validateCmd) Run(e *env) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	failed := false
	for _, name := range c.Files {
		r, err := c.check(e, name, options)
		if err != nil {
			return err
		}
		failed = failed || r.Verdict == validate.Failed
		if c.JSON {
			err = e.printJSON(r)
		} else {
			err = summarize(e.out, name, r)
		}
		if err != nil {
			return err
		}
	}
	if failed {
		return errDataFailed
	}
	return nil
}

func (c *validateCmd) options() (rule.Options, error) {
	var data []byte
	if c.Rules != "" {
		var err error
		if data, err = os.ReadFile(c.Rules); err != nil {
			return rule.Options{}, err
		}
	}
	o, err := rule.ParseOptions(data)
	if err != nil || c.Schema == "" {
		return o, err
	}
	with, err := rule.ParseOptions(fmt.Appendf(nil, `{"schema":%q}`, c.Schema))
	o.Schema = with.Schema
	return o, err
}

// check checks one file; findings are printed as they are made, like a compiler's.
func (c *validateCmd) check(e *env, name string, o rule.Options) (*api.Report, error) {
	in, base := e.in, c.Name
	config := validate.Config{Scratch: validate.ScratchIn(os.TempDir())}
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in, base = f, filepath.Base(name)
		config.Reread = func(offset, n int64) (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(f, offset, n)), nil
		}
	} else {
		name = c.Name
	}
	started := time.Now()
	st := validate.NewStream(base, o, config)
	defer st.Close()
	if _, err := st.Feed(e.ctx, in, func(p []byte) error { _, err := st.Write(p); return err }); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	printed := int64(0)
	res, err := st.Finish(func(f *api.Finding) error {
		if c.JSON || printed == c.MaxFindings {
			return nil
		}
		printed++
		return printFinding(e.out, name, f)
	})
	if errors.Is(err, validate.ErrReread) {
		return nil, errs.E(errs.Invalid, "not-from-stdin", "Parquet is read from its end, which standard input does not allow").WithHint("give the file's name")
	}
	if err != nil {
		return nil, err
	}
	r := res.Report
	now := time.Now().UTC()
	r.Engine, r.Started, r.Finished = "freshet "+version, started.UTC(), &now
	r.BytesPerSecond = int64(float64(r.Bytes) / max(now.Sub(started).Seconds(), 1e-9))
	if n := r.Errors + r.Warnings; !c.JSON && n > printed {
		fmt.Fprintf(e.out, "%s: %d more findings\n", name, n-printed)
	}
	return r, nil
}

func printFinding(w io.Writer, file string, f *api.Finding) error {
	sev := ""
	if f.Severity != "error" {
		sev = f.Severity + ": "
	}
	_, err := fmt.Fprintf(w, "%s:%d:%d: %s%s: %s\n", clean(file), f.Line, f.Column, sev, f.Rule, clean(f.Message))
	return err
}

// summarize prints the verdict on a file in a line or two.
func summarize(w io.Writer, name string, r *api.Report) error {
	dup := ""
	if r.DuplicateRecords != nil && *r.DuplicateRecords > 0 {
		dup = fmt.Sprintf(", %s duplicates", thousands(*r.DuplicateRecords))
	}
	_, err := fmt.Fprintf(w, "%s: %s: %s, %s records%s, %s errors, %s warnings (%s, %s/s)\n", clean(name), r.Verdict, describeFormat(r), thousands(r.Records), dup,
		thousands(r.Errors), thousands(r.Warnings), size(r.Bytes), size(r.BytesPerSecond))
	return err
}

func describeFormat(r *api.Report) string {
	s := r.Format
	if r.Compression != "" {
		s += " in " + r.Compression
	}
	if r.Schema != "none" && r.Schema != "" {
		s += " (" + r.Schema + ")"
	}
	return s
}
