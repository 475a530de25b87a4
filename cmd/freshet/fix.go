package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"freshet/internal/rule"
	"freshet/internal/validate"
)

type fixCmd struct {
	checkFlags
	File    string `arg:"" help:"The file, as it was when it was split."`
	Mended  string `arg:"" help:"Its rejected records, mended: as many, in the same order."`
	Output  string `short:"o" help:"Where to write the whole file."`
	InPlace bool   `help:"Write it in the place of FILE."`
	Force   bool   `short:"f" help:"Write over a file that is there."`
}

// Help says what the flags cannot.
func (c *fixCmd) Help() string {
	return "FILE is checked by the same rules as when it was split, each bad record is replaced by the mended one that has its number, and the result is checked."
}

func (c *fixCmd) Run(e *env) error {
	o, err := c.options()
	if err != nil {
		return err
	}
	out, err := c.target()
	if err != nil {
		return err
	}
	if err := c.mend(e, o, out); err != nil {
		return err
	}
	f, err := os.Open(out)
	if err != nil {
		return err
	}
	defer f.Close()
	k := &checking{name: out, base: filepath.Base(c.File), options: o, printed: c.shown(e)}
	defer k.close()
	r, err := k.run(e, f)
	if err == nil {
		err = c.tell(e, out, r)
	}
	if err == nil && r.Verdict == validate.Failed {
		err = errDataFailed
	}
	return err
}

// target is where the result goes. A link is followed, so that it stays one.
func (c *fixCmd) target() (string, error) {
	switch {
	case c.InPlace == (c.Output != ""):
		return "", errUsage{errors.New("say where the whole file goes: -o OUT, or --in-place")}
	case c.InPlace:
		return filepath.EvalSymlinks(c.File)
	}
	for _, in := range []string{c.File, c.Mended} {
		if sameFile(in, c.Output) {
			return "", errUsage{fmt.Errorf("-o names %s, which is read; to replace FILE use --in-place", in)}
		}
	}
	return c.Output, free(c.Output, c.Force)
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	y, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(x, y)
}

func (c *fixCmd) mend(e *env, o rule.Options, out string) error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	was, err := file.Stat()
	if err != nil {
		return err
	}
	mended, err := os.Open(c.Mended)
	if err != nil {
		return err
	}
	defer mended.Close()
	k := &checking{name: c.File, base: filepath.Base(c.File), options: o, rejects: true}
	defer k.close()
	if _, err := k.run(e, file); err != nil {
		return err
	}
	sp, err := k.stream.Split()
	if err != nil {
		return fmt.Errorf("%s: %w", clean(c.File), err)
	}
	err = save(out, func(w *os.File) error {
		if err := sp.Mend(file, mended, w); err != nil {
			return err
		}
		if err := still(file, was); err != nil {
			return err
		}
		if !c.InPlace {
			return nil
		}
		return errors.Join(w.Chmod(was.Mode().Perm()), file.Close()) // not every system replaces a file that is open
	})
	if err != nil {
		return fmt.Errorf("%s: %w", clean(c.File), err)
	}
	e.say("wrote %s: %s of its %s records are mended ones", clean(out), thousands(sp.Rejected), thousands(sp.Rejected+sp.Clean))
	return nil
}
