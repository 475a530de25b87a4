package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"freshet/api"
	"freshet/client"
)

type uploadCmd struct {
	remote
	Files       []string `arg:"" name:"file" help:"Files, folders or patterns to send; - is standard input."`
	DataType    string   `name:"type" default:"custom" help:"sample, red_team, combined, custom, model_specific, or another word."`
	Description string   `help:"What the files are."`
	Metadata    string   `help:"A JSON object to keep with the files."`
	Rules       string   `type:"existingfile" help:"File with rules as JSON."`
	RuleSet     string   `help:"Rule set of the server, NAME or NAME@VERSION; --rules override its keys."`
	Name        string   `default:"stdin" help:"Name of standard input: its ending tells the format."`
	SHA256      string   `name:"sha256" help:"SHA-256 of the file, compared with what arrives."`
	Parallel    int      `default:"4" help:"Parts sent at once, of all files together."`
	PartSize    byteSize `default:"0" help:"Size of parts asked for, such as 4MiB on a weak link. 0: the server chooses."`
	LimitRate   byteSize `default:"0" help:"Bytes a second at most, such as 10MiB. 0: no limit."`
	Resume      bool     `negatable:"" default:"true" help:"Go on with an upload that was interrupted."`
	Wait        bool     `negatable:"" default:"true" help:"Wait for the verdict."`
}

func (c *uploadCmd) Run(e *env) error {
	items, err := findItems(c.Files, c.Name)
	if err != nil {
		return err
	}
	if c.SHA256 != "" && len(items) > 1 {
		return errUsage{fmt.Errorf("--sha256 is for one file")}
	}
	if c.Parallel < 1 || c.Parallel > 64 {
		return errUsage{fmt.Errorf("--parallel goes from 1 to 64")}
	}
	r := &uploadRun{cmd: c, env: e, client: c.client()}
	if c.Rules != "" {
		if r.rules, err = os.ReadFile(c.Rules); err != nil {
			return err
		}
	}
	r.uploader = r.client.Uploader(client.Options{Parallel: c.Parallel, Rate: int64(c.LimitRate)})
	return r.all(items)
}

// uploadRun is one call of the command.
type uploadRun struct {
	cmd      *uploadCmd
	env      *env
	client   *client.Client
	uploader *client.Uploader
	rules    []byte
	show     *display

	mu       sync.Mutex // of what is printed
	firstErr error
	failed   bool // a file's data
}

// all sends the files, some at a time, and says of each what became of it. One
// that fails does not stop the others.
func (r *uploadRun) all(items []item) error {
	ctx, stop := context.WithCancel(r.env.ctx)
	defer stop()
	r.show = newDisplay(ctx, r.env, r.client, items)
	work := make(chan item)
	var wg sync.WaitGroup
	for range min(r.cmd.Parallel, len(items)) {
		wg.Go(func() {
			for it := range work {
				out, err := r.one(ctx, it)
				r.tell(it, out, err)
				if errors.Is(err, client.ErrUnreachable) {
					stop() // it will not be there for the others either
				}
			}
		})
	}
	for _, it := range items {
		select {
		case work <- it:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(work)
	wg.Wait()
	r.show.close()
	switch {
	case r.env.ctx.Err() != nil:
		r.sayHowToContinue()
		return r.env.ctx.Err()
	case r.firstErr != nil:
		if errors.Is(r.firstErr, client.ErrUnreachable) {
			r.sayHowToContinue()
		}
		return r.firstErr
	case r.failed:
		return errDataFailed
	}
	return nil
}

// one sends one file and waits for its verdict.
func (r *uploadRun) one(ctx context.Context, it item) (out api.Uploaded, err error) {
	c := r.cmd
	p := r.show.start(it)
	defer func() { p.done(err) }()
	f := client.File{Name: it.name, Body: r.env.in, Size: -1, DataType: c.DataType, Description: c.Description, Metadata: []byte(c.Metadata), Rules: r.rules, RuleSet: c.RuleSet, SHA256: c.SHA256,
		PartSize: int64(c.PartSize), Progress: &p.Progress}
	var s *session
	if it.path != "" {
		in, err := os.Open(it.path)
		if err != nil {
			return out, err
		}
		defer in.Close()
		info, err := in.Stat()
		if err != nil {
			return out, err
		}
		f.Body = in
		if info.Mode().IsRegular() {
			f.Size = info.Size()
			s = openSession(c, it.path, r.rules)
			f.Changed = func() error { return unchanged(in, info) }
			if c.Resume {
				f.Resume = s.UploadID
			} else if s.UploadID != "" {
				if err := r.client.AbortUpload(ctx, s.UploadID); err != nil {
					return out, err
				}
			}
		}
	}
	f.Began = func(u api.UploadCreated) {
		p.watch(u.FileID)
		if s == nil {
			return
		}
		if err := s.save(u.UploadID); err != nil { // the upload goes on; it could only not be resumed
			r.env.say("%s: cannot be resumed if interrupted: %s", clean(it.name), err)
		}
	}
	out, err = r.uploader.Upload(ctx, f)
	if errors.Is(err, client.ErrChanged) && s != nil && s.UploadID != "" {
		err = fmt.Errorf("%w; what was sent of it is not used. To send it anew: add --no-resume", err)
	}
	if err != nil {
		return out, err
	}
	if s != nil {
		s.forget()
	}
	if c.Wait {
		err = r.await(ctx, &out)
	}
	return out, err
}

// unchanged tells whether a source still is as it was when its upload began.
func unchanged(f *os.File, was os.FileInfo) error {
	now, err := f.Stat()
	if err == nil && (now.Size() != was.Size() || !now.ModTime().Equal(was.ModTime())) {
		err = client.ErrChanged
	}
	return err
}

// await waits until a file that is still being checked has its verdict.
func (r *uploadRun) await(ctx context.Context, out *api.Uploaded) error {
	if out.Verdict != "in_progress" && out.Verdict != "none" {
		return nil
	}
	f, err := r.client.Settled(ctx, out.FileID)
	if err != nil {
		return err
	}
	out.FileStatus, out.Verdict, out.ErrorsFound = f.Status, f.Verdict, f.ErrorsFound
	if f.ProcessingError != "" {
		out.Message = f.ProcessingError
	}
	return nil
}

// tell says what became of a file.
func (r *uploadRun) tell(it item, out api.Uploaded, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.env
	if err != nil {
		if e.ctx.Err() != nil || errors.Is(err, context.Canceled) {
			return
		}
		err = fmt.Errorf("%s: %w", clean(it.name), err)
		if r.firstErr == nil {
			r.firstErr = err
			return
		}
		e.fail(err, r.cmd.JSON)
		return
	}
	r.failed = r.failed || out.Verdict == "failed" || out.FileStatus == "quarantined"
	r.show.pause(func() {
		if r.cmd.JSON {
			err = e.printJSON(out)
			return
		}
		_, err = fmt.Fprintf(e.out, "%s  %s  %s\n", out.FileID, out.FileStatus, clean(it.name))
		if out.Warning != "" {
			e.say("%s: %s", clean(it.name), out.Warning)
		}
		if out.Verdict == "failed" || out.FileStatus == "quarantined" || out.FileStatus == "processing" {
			e.say("%s: %s", clean(it.name), out.Message)
		}
		if out.Verdict == "failed" {
			e.say("hint: freshet report %s", out.FileID)
		}
	})
	if err != nil && r.firstErr == nil {
		r.firstErr = err
	}
}

// sayHowToContinue prints the command that goes on where this one stopped.
func (r *uploadRun) sayHowToContinue() {
	args := append([]string{"freshet"}, os.Args[1:]...)
	for i, a := range args {
		if a == "-" {
			return // standard input is gone
		}
		if strings.ContainsAny(a, " \t\n\"'\\$`*?[](){}<>|&;#~!") || a == "" {
			args[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		if i > 0 && args[i-1] == "--key" {
			args[i] = `"$FRESHET_KEY"`
		} else if strings.HasPrefix(a, "--key=") {
			args[i] = `--key="$FRESHET_KEY"`
		}
	}
	r.env.say("to go on where it stopped: %s", strings.Join(args, " "))
}

// say tells a person something.
func (e *env) say(format string, args ...any) {
	fmt.Fprintf(e.err, "freshet: "+format+"\n", args...)
}
