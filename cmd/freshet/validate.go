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
	checkFlags
	splitFlags
	Files []string `arg:"" name:"file" help:"Files to check; - is standard input."`
	Name  string   `default:"stdin" help:"Name of standard input: its ending tells the format."`
}

func (c *validateCmd) Run(e *env) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	if err := c.splitFlags.check(c.Files); err != nil {
		return err
	}
	failed := false
	for _, name := range c.Files {
		r, err := c.one(e, name, options)
		if err != nil {
			return err
		}
		failed = failed || r.Verdict == validate.Failed
	}
	if failed {
		return errDataFailed
	}
	return nil
}

// one checks one file, says what was found, and splits the file if asked for.
func (c *validateCmd) one(e *env, name string, o rule.Options) (*api.Report, error) {
	in, base := e.in, c.Name
	var f *os.File
	var was os.FileInfo
	if name == "-" {
		name = c.Name
	} else {
		var err error
		if f, err = os.Open(name); err != nil {
			return nil, err
		}
		defer f.Close()
		if was, err = f.Stat(); err != nil {
			return nil, err
		}
		in, base = f, filepath.Base(name)
	}
	k := &checking{name: name, base: base, options: o, rejects: c.wanted(), printed: c.shown(e)}
	defer k.close()
	r, err := k.run(e, in)
	if err == nil {
		err = c.tell(e, name, r)
	}
	if err == nil && c.wanted() {
		err = c.split(e, f, was, k)
	}
	return r, err
}

// checkFlags are those of commands that check local files.
type checkFlags struct {
	Rules       string `type:"existingfile" help:"File with rules as JSON."`
	Schema      string `help:"Record schema: auto, none, openai-chat, prompt-completion, preference or text."`
	MaxFindings int64  `default:"1000" help:"Findings printed of each file; the summary counts all."`
	JSON        bool   `name:"json" help:"Print one report a line, in the order given."`
}

func (c *checkFlags) options() (rule.Options, error) {
	var data []byte
	if c.Rules != "" {
		var err error
		if data, err = os.ReadFile(c.Rules); err != nil {
			return rule.Options{}, err
		}
	}
	o, err := rule.ParseOptions(data)
	if err == nil && o.RuleSet != "" {
		err = errs.E(errs.Invalid, "no-rule-sets", "validation rule /rule_set: rule sets are kept by a server").WithHint("freshet rules get %s prints the rules of the set", o.RuleSet)
	}
	if err != nil || c.Schema == "" {
		return o, err
	}
	with, err := rule.ParseOptions(fmt.Appendf(nil, `{"schema":%q}`, c.Schema))
	o.Schema = with.Schema
	return o, err
}

// shown is how findings are printed as they are made, nil if they are not.
func (c *checkFlags) shown(e *env) *findingsPrinter {
	if c.JSON {
		return nil
	}
	return &findingsPrinter{w: e.out, left: c.MaxFindings}
}

func (c *checkFlags) tell(e *env, name string, r *api.Report) error {
	if c.JSON {
		return e.printJSON(r)
	}
	return summarize(e.out, name, r)
}

// checking is the check of one file.
type checking struct {
	name    string // as it is printed
	base    string // as it tells the format
	options rule.Options
	rejects bool // remember which records are bad
	printed *findingsPrinter
	stream  *validate.Stream
}

func (k *checking) run(e *env, in io.Reader) (*api.Report, error) {
	started := time.Now()
	config := validate.Config{Scratch: validate.ScratchIn(os.TempDir()), Rejects: k.rejects, MaxFindings: validate.ShownFindings}
	if k.printed != nil { // no more are kept than are told
		config.MaxFindings = max(config.MaxFindings, k.printed.left)
	}
	k.stream = validate.NewStream(k.base, k.options, config)
	if err := checkAll(e.ctx, k.stream, in); err != nil {
		return nil, fmt.Errorf("read %s: %w", k.name, err)
	}
	res, err := k.stream.Finish(func(f *api.Finding) error { return k.printed.print(k.name, f) })
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
	return r, k.printed.more(k.name, r)
}

func (k *checking) close() {
	if k.stream != nil {
		k.stream.Close()
	}
}

// findingsPrinter prints findings like a compiler's, up to a number.
type findingsPrinter struct {
	w             io.Writer
	left, printed int64
}

func (p *findingsPrinter) print(file string, f *api.Finding) error {
	if p == nil || p.left == 0 {
		return nil
	}
	p.left--
	p.printed++
	return printFinding(p.w, file, f)
}

func (p *findingsPrinter) more(file string, r *api.Report) (err error) {
	if p == nil {
		return nil
	}
	if n := r.Errors + r.Warnings; n > p.printed {
		_, err = fmt.Fprintf(p.w, "%s: %d more findings\n", file, n-p.printed)
	}
	return err
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
