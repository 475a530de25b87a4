// Command freshet receives large training-data files, checks every record while
// they arrive, and keeps them until they are safe to train on.
package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"freshet/api"
	"freshet/client"
	"freshet/internal/errs"
	"freshet/internal/record"

	"github.com/alecthomas/kong"
)

// version is set when a release is built.
var version = "0.1.0"

// Exit codes, as every command's help prints them.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2
	exitDataFailed  = 3
	exitUnreachable = 4
	exitInterrupted = 130
)

// Voice: what a program wants goes to standard output; what a person wants to
// know while it runs goes to standard error, after "freshet: ", in lower case
// and without a full stop.

// cli is the command line: one file for each verb.
type cli struct {
	Serve     serveCmd     `cmd:"" help:"Run the server."`
	Upload    uploadCmd    `cmd:"" help:"Send files and wait for the verdict."`
	Validate  validateCmd  `cmd:"" help:"Check local files; needs no server."`
	Fix       fixCmd       `cmd:"" help:"Put mended records back into a file."`
	Ls        lsCmd        `cmd:"" help:"List files."`
	Status    statusCmd    `cmd:"" help:"Show the server's state, or a file's."`
	Report    reportCmd    `cmd:"" help:"Show the report on a file's records."`
	Download  downloadCmd  `cmd:"" help:"Get a file's bytes."`
	Rejected  rejectedCmd  `cmd:"" help:"Get the bad records of a file, to mend them."`
	Clean     cleanCmd     `cmd:"" help:"Get all of a file but its bad records."`
	Process   processCmd   `cmd:"" help:"Check a stored file, with other rules if given."`
	Retry     retryCmd     `cmd:"" help:"Check a failed file again."`
	Cleanup   cleanupCmd   `cmd:"" help:"Delete old failed files and abandoned uploads."`
	Adopt     adoptCmd     `cmd:"" help:"Take files that lie in the store already into the catalog."`
	Fsck      fsckCmd      `cmd:"" help:"Compare facts with bytes, and repair."`
	Migrate   migrateCmd   `cmd:"" help:"Copy a stopped installation to another catalog and store."`
	Rules     rulesCmd     `cmd:"" help:"Keep rules under a name: put, get, list and delete them."`
	Projects  projectsCmd  `cmd:"" help:"List, make and set projects: limits, retention."`
	Retention retentionCmd `cmd:"" help:"Delete what a project's rules do not keep any longer."`
	Hold      holdCmd      `cmd:"" help:"Keep a file from being deleted."`
	Release   releaseCmd   `cmd:"" help:"End a hold."`
	Audit     auditCmd     `cmd:"" help:"Show, export and verify the log of who did what."`
	Keys      keysCmd      `cmd:"" help:"Make, list and revoke API keys; replace the master key."`
	Version   versionCmd   `cmd:"" help:"Print the version."`
	Docs      docsCmd      `cmd:"" hidden:"" help:"Write docs/rules.md."`
}

// env is what a command gets besides its flags.
type env struct {
	ctx    context.Context
	in     io.Reader
	out    io.Writer
	err    io.Writer
	isTerm bool // standard error is a terminal
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	e := &env{ctx: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr, isTerm: isTerminal(os.Stderr)}
	os.Exit(run(e, os.Args[1:]))
}

func run(e *env, args []string) int {
	code := -1
	var c cli
	parser, err := kong.New(&c,
		kong.Name("freshet"),
		kong.Description("The way large training-data files get into storage and become safe to train on.\n\nExit codes: 0 fine, 1 error, 2 usage, 3 the data failed its checks (fsck: problems remain; audit verify: something was changed), 4 server not reachable, 130 interrupted."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Configuration(yamlLoader), kong.Writers(e.out, e.err), kong.Exit(func(n int) { code = n; panic(exited{}) }),
	)
	if err != nil {
		panic(err) // the grammar is ours
	}
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(exited); !ok {
				panic(v)
			}
		}
	}()
	var k *kong.Context
	func() {
		defer func() {
			if v := recover(); v != nil {
				if _, ok := v.(exited); !ok {
					panic(v)
				}
			}
		}()
		k, err = parser.Parse(args)
	}()
	if code >= 0 {
		return code // --help
	}
	if err != nil {
		fmt.Fprintf(e.err, "freshet: %s\n", err)
		fmt.Fprintln(e.err, "freshet: hint: freshet --help, or freshet COMMAND --help")
		return exitUsage
	}
	return e.fail(k.Run(e), wantsJSON(args))
}

type exited struct{}

func wantsJSON(args []string) bool {
	for _, a := range args {
		if a == "--json" {
			return true
		}
	}
	return false
}

// errDataFailed ends a command whose data failed: all was said already.
var errDataFailed = errors.New("the data failed its checks")

// errUsage marks faults of the command line.
type errUsage struct{ error }

// fail prints an error and gives the exit code. It is the one table from errors to codes.
func (e *env) fail(err error, asJSON bool) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errDataFailed), errors.Is(err, errProblemsRemain), errors.Is(err, errAuditChanged):
		return exitDataFailed
	case e.ctx.Err() != nil:
		fmt.Fprintln(e.err, "freshet: interrupted")
		return exitInterrupted
	}
	code, detail, hint, id := exitError, err.Error(), "", "error"
	var usage errUsage
	var p *api.Problem
	var known *errs.Error
	switch {
	case errors.As(err, &usage):
		code, id = exitUsage, "usage"
	case errors.Is(err, client.ErrUnreachable):
		code, id, hint = exitUnreachable, "unreachable", "is it running (freshet serve), and is --server right?"
	case errors.Is(err, client.ErrUntrusted):
		code, id, hint = exitUnreachable, "untrusted", "give --ca-file FILE if it is from an authority of your own"
	case errors.As(err, &p):
		detail, hint, id = err.Error(), p.Hint, p.Code // with the name of the file that it is about
		if p.Code == "checks-failed" || p.Code == "content-not-allowed" {
			code = exitDataFailed
		}
	case errors.As(err, &known):
		detail, hint, id = known.Error(), known.Hint, known.Code
		if known.Kind == errs.Invalid {
			code = exitUsage
		}
	}
	if asJSON {
		json.NewEncoder(e.err).Encode(map[string]any{"code": id, "detail": detail, "hint": hint, "exit_code": code})
		return code
	}
	fmt.Fprintf(e.err, "freshet: %s\n", detail)
	if hint != "" {
		fmt.Fprintf(e.err, "freshet: hint: %s\n", hint)
	}
	return code
}

// printJSON writes one JSON value on a line.
func (e *env) printJSON(v any) error {
	enc := json.NewEncoder(e.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// remote is the flags of commands that talk to a server.
type remote struct {
	Server  string `env:"FRESHET_SERVER" default:"http://127.0.0.1:8002" help:"Server to talk to."`
	Key     string `env:"FRESHET_KEY" help:"API key."`
	Project string `env:"FRESHET_PROJECT" help:"Project to send to and to list. Without it: the only one of the key, else the default one."`
	CAFile  string `name:"ca-file" env:"FRESHET_CA_FILE" help:"PEM file of an authority of your own, which the server's certificate is from."`
	JSON    bool   `name:"json" help:"Print JSON."`

	authorities *x509.CertPool
}

// AfterApply reads what --ca-file names: a client that trusts nobody is of no use.
func (r *remote) AfterApply() error {
	if r.CAFile == "" {
		return nil
	}
	pem, err := os.ReadFile(r.CAFile)
	if err != nil {
		return fmt.Errorf("--ca-file: %w", err)
	}
	if r.authorities = x509.NewCertPool(); !r.authorities.AppendCertsFromPEM(pem) {
		return fmt.Errorf("--ca-file %s has no certificate in PEM", r.CAFile)
	}
	return nil
}

func (r *remote) client() *client.Client {
	c := client.New(r.Server, r.Key)
	c.Project = r.Project
	if r.authorities != nil {
		c.Trust(r.authorities)
	}
	return c
}

type versionCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (v *versionCmd) Run(e *env) error {
	info, _ := debug.ReadBuildInfo()
	goVersion := ""
	if info != nil {
		goVersion = info.GoVersion
	}
	if v.JSON {
		return e.printJSON(map[string]string{"version": version, "go": goVersion, "scan": record.Wide()})
	}
	_, err := fmt.Fprintf(e.out, "freshet %s (%s, scans by %s)\n", version, goVersion, record.Wide())
	return err
}
