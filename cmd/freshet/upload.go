package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"freshet/api"
	"freshet/client"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

type uploadCmd struct {
	remote
	Files       []string `arg:"" name:"file" help:"Files to send; - is standard input."`
	DataType    string   `name:"type" default:"custom" help:"sample, red_team, combined, custom, model_specific, or another word."`
	Description string   `help:"What the files are."`
	Metadata    string   `help:"A JSON object to keep with the files."`
	Rules       string   `type:"existingfile" help:"File with rules as JSON."`
	Name        string   `default:"stdin" help:"Name of standard input: its ending tells the format."`
	SHA256      string   `name:"sha256" help:"SHA-256 of the file, compared with what arrives."`
	Wait        bool     `negatable:"" default:"true" help:"Wait for the verdict."`
}

func (c *uploadCmd) Run(e *env) error {
	var rules []byte
	if c.Rules != "" {
		var err error
		if rules, err = os.ReadFile(c.Rules); err != nil {
			return err
		}
	}
	if c.SHA256 != "" && len(c.Files) > 1 {
		return errUsage{fmt.Errorf("--sha256 is for one file")}
	}
	failed := false
	for _, name := range c.Files {
		out, err := c.send(e, name, rules)
		if err != nil {
			return fmt.Errorf("%s: %w", clean(name), err)
		}
		failed = failed || out.Verdict == "failed"
		if c.JSON {
			err = e.printJSON(out)
		} else {
			_, err = fmt.Fprintf(e.out, "%s  %s  %s\n", out.FileID, out.FileStatus, clean(name))
			if out.Warning != "" {
				fmt.Fprintf(e.err, "freshet: %s: %s\n", clean(name), out.Warning)
			}
			if out.Verdict == "failed" {
				fmt.Fprintf(e.err, "freshet: %s: %s\nfreshet: hint: freshet report %s\n", clean(name), out.Message, out.FileID)
			}
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

func (c *uploadCmd) send(e *env, name string, rules []byte) (api.Uploaded, error) {
	f := client.File{Name: c.Name, Body: e.in, Size: -1, DataType: c.DataType, Description: c.Description, Metadata: []byte(c.Metadata), Rules: rules, SHA256: c.SHA256, Sent: new(atomic.Int64)}
	if name != "-" {
		in, err := os.Open(name)
		if err != nil {
			return api.Uploaded{}, err
		}
		defer in.Close()
		info, err := in.Stat()
		if err != nil {
			return api.Uploaded{}, err
		}
		if info.IsDir() {
			return api.Uploaded{}, errUsage{fmt.Errorf("it is a directory; name its files")}
		}
		f.Name, f.Body = filepath.Base(name), in
		if info.Mode().IsRegular() {
			// what is appended meanwhile is not sent: the length was promised
			f.Body, f.Size = io.LimitReader(in, info.Size()), info.Size()
		}
	}
	done := show(e, f.Name, f.Size, f.Sent)
	out, err := c.client().Upload(e.ctx, f)
	done()
	if err != nil || !c.Wait {
		return out, err
	}
	return out, c.await(e.ctx, &out)
}

// await waits until a file that is still being checked has its verdict.
func (c *uploadCmd) await(ctx context.Context, out *api.Uploaded) error {
	if out.Verdict != "in_progress" && out.Verdict != "none" {
		return nil
	}
	f, err := c.client().Settled(ctx, out.FileID)
	if err != nil {
		return err
	}
	out.FileStatus, out.Verdict, out.ErrorsFound = f.Status, f.Verdict, f.ErrorsFound
	if f.ProcessingError != "" {
		out.Message = f.ProcessingError
	}
	return nil
}

// show draws progress on a terminal, and a line every few seconds elsewhere.
func show(e *env, name string, total int64, sent *atomic.Int64) (done func()) {
	ctx, stop := context.WithCancel(e.ctx)
	finished := make(chan struct{})
	start := time.Now()
	if !e.isTerm {
		go func() {
			defer close(finished)
			tick := time.NewTicker(10 * time.Second)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
					n := sent.Load()
					fmt.Fprintf(e.err, "freshet: %s: %s sent, %s/s\n", clean(name), size(n), size(int64(float64(n)/time.Since(start).Seconds())))
				}
			}
		}()
		return func() { stop(); <-finished }
	}
	p := mpb.New(mpb.WithOutput(e.err), mpb.WithWidth(40))
	bar := p.AddBar(max(total, 0),
		mpb.PrependDecorators(decor.Name(clean(name)+"  ")),
		mpb.AppendDecorators(decor.CountersKibiByte("% .1f / % .1f"), decor.Name("  "), decor.AverageSpeed(decor.SizeB1024(0), "% .1f"), decor.Name("  "), decor.AverageETA(decor.ET_STYLE_GO)))
	go func() {
		defer close(finished)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				bar.SetTotal(sent.Load(), true)
				return
			case <-tick.C:
				if total < 0 {
					bar.SetTotal(sent.Load()+1, false)
				}
				bar.SetCurrent(sent.Load())
			}
		}
	}()
	return func() { stop(); <-finished; bar.Abort(false); p.Wait() }
}
