package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"freshet/internal/app"
	"freshet/internal/catalog"
	"freshet/internal/config"
	"freshet/internal/errs"
	"freshet/internal/migrate"
)

type migrateCmd struct {
	From          string   `placeholder:"DIR" help:"The data directory to be moved, of a server that does not run."`
	FromCatalog   string   `placeholder:"URL" help:"Where its facts are, if not in its data directory."`
	FromBlobs     string   `placeholder:"URL" help:"Where its bytes are, if not in its data directory."`
	Catalog       string   `required:"" placeholder:"URL" help:"Where facts go: an empty catalog."`
	Blobs         string   `required:"" placeholder:"URL" help:"Where bytes go."`
	MasterKey     []string `env:"FRESHET_MASTER_KEY" help:"Seal the files that go to a disk by a master key, as the server does."`
	FromMasterKey []string `env:"FRESHET_FROM_MASTER_KEY" help:"The master keys that the files to be moved are sealed by."`
	EndUploads    bool     `help:"End uploads that are open, which cannot move; their clients begin again."`
	DryRun        bool     `help:"Say what there is to be moved, and change nothing."`
	JSON          bool     `name:"json" help:"Print JSON."`
}

func (c *migrateCmd) Help() string {
	return "Verifies every hash. What was interrupted goes on when the same command is run again. The source stays as it is."
}

func (c *migrateCmd) Run(e *env) (err error) {
	from, to, err := c.sides()
	if err != nil {
		return err
	}
	source, err := app.OpenTools(e.ctx, from, e.warnings())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	lock, err := source.Alone(e.ctx, from)
	if err != nil {
		return err
	}
	defer lock.Close()
	m := &migrate.Migration{From: side(source), EndUploads: c.EndUploads, Warn: e.say}
	if c.DryRun {
		return c.survey(e, m)
	}
	target, err := app.NewTools(e.ctx, to, e.warnings())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	held, err := target.Alone(e.ctx, to)
	if err != nil {
		return err
	}
	defer held.Close()
	m.To = side(target)
	if m.Jobs, err = source.Webhooks(e.ctx); err != nil {
		return err
	}
	began := time.Now()
	show := newMeter(e, func() string { return figures(&m.Progress, time.Since(began)) })
	m.Warn = func(format string, args ...any) { show.pause(func() { e.say(format, args...) }) }
	result, err := m.Run(e.acting())
	show.close()
	if errs.HasCode(err, "open-uploads") {
		c.open(e, m)
	}
	if err != nil {
		return err
	}
	return c.conclude(e, result)
}

// sides are the settings of both installations.
func (c *migrateCmd) sides() (from, to config.Config, err error) {
	if c.From == "" && (c.FromCatalog == "" || c.FromBlobs == "") {
		return from, to, errUsage{errors.New("--from names the data directory to be moved; without it --from-catalog and --from-blobs are needed")}
	}
	if from, err = installation(dataDir(c.From, c.FromCatalog), c.FromCatalog, c.FromBlobs, c.FromMasterKey); err != nil {
		return from, to, err
	}
	if to, err = installation(dataDir("", c.Catalog), c.Catalog, c.Blobs, c.MasterKey); err != nil {
		return from, to, err
	}
	if from.Catalog == to.Catalog || from.Blobs == to.Blobs {
		err = errUsage{errors.New("the target is the source: both its catalog and its store must be others")}
	}
	return from, to, err
}

// dataDir is the directory that a server of the catalog would hold.
func dataDir(dir, catalog string) string {
	if path, ok := strings.CutPrefix(catalog, "sqlite://"); dir == "" && ok {
		return filepath.Dir(filepath.FromSlash(path))
	}
	return dir
}

func side(t *app.Tools) migrate.Side {
	return migrate.Side{Catalog: t.Catalog, Blobs: t.Blobs, Promoter: t.Promoter, Uploads: t.Uploads}
}

func figures(p *migrate.Progress, since time.Duration) string {
	s := fmt.Sprintf("%s of %s files, %s of %s", thousands(p.Files.Load()), thousands(p.AllFiles.Load()), size(p.Bytes.Load()), size(p.AllBytes.Load()))
	if rows := p.Rows.Load(); rows > 0 {
		return s + fmt.Sprintf(", %s of %s rows copied and compared", thousands(rows), thousands(p.AllRows.Load()))
	}
	return s + fmt.Sprintf(", %s/s", size(int64(float64(p.Bytes.Load())/max(since.Seconds(), 0.001))))
}

func (c *migrateCmd) survey(e *env, m *migrate.Migration) error {
	s, err := m.Survey(e.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		open := []string{}
		for i := range s.Open {
			open = append(open, s.Open[i].ID)
		}
		return e.printJSON(map[string]any{"files": s.Files, "bytes": s.Bytes, "findings": s.Findings, "rows": s.Rows, "unfinished_moves": s.Moving, "open_uploads": open})
	}
	fmt.Fprintf(e.out, "%s files, %s, and %s lists of findings\n", thousands(s.Files), size(s.Bytes), thousands(s.Findings))
	for _, t := range catalog.Tables() {
		fmt.Fprintf(e.out, "%s rows of %s\n", thousands(s.Rows[t]), t)
	}
	if s.Moving > 0 {
		fmt.Fprintf(e.out, "%s moves that broke off, which are finished first\n", thousands(s.Moving))
	}
	printOpen(e, s.Open)
	return nil
}

// open lists the uploads that stand in the way.
func (c *migrateCmd) open(e *env, m *migrate.Migration) {
	if s, err := m.Survey(e.ctx); err == nil && !c.JSON {
		printOpen(e, s.Open)
	}
}

func printOpen(e *env, open []catalog.Upload) {
	for _, u := range open {
		of := u.FileID
		if of == "" {
			of = "a piece of a later upload"
		}
		total := "?"
		if u.Size >= 0 {
			total = size(u.Size)
		}
		fmt.Fprintf(e.out, "open: %s  %s  %s of %s, untouched since %s\n", u.ID, of, size(u.Committed), total, u.Updated.Local().Format("2006-01-02 15:04"))
	}
}

func (c *migrateCmd) conclude(e *env, r migrate.Result) error {
	if c.JSON {
		return e.printJSON(map[string]any{"files": r.Files, "bytes": r.Bytes, "copied_bytes": r.Copied, "left_files": r.Left, "rows": r.Rows, "ended_uploads": r.Ended, "complete_before": r.Again})
	}
	if r.Again {
		_, err := fmt.Fprintln(e.out, "the migration of this installation was complete before; nothing was done")
		return err
	}
	var rows int64
	for _, n := range r.Rows {
		rows += n
	}
	_, err := fmt.Fprintf(e.out, "%s files, %s (%s copied now), and %s rows are at the target, every hash and row compared\n", thousands(r.Files), size(r.Bytes), size(r.Copied), thousands(rows))
	return err
}
