package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"freshet/internal/validate"
)

// splitFlags ask for the two sides of each file that is checked.
type splitFlags struct {
	Split    bool   `help:"Also write NAME.rejected.EXT, the bad records as they are, and NAME.clean.EXT, all the rest."`
	SplitDir string `type:"existingdir" help:"Split, and write there instead of beside the file."`
	Force    bool   `short:"f" help:"Write over files that are there."`
}

func (s *splitFlags) wanted() bool { return s.Split || s.SplitDir != "" }

// names are where the sides of a file go.
func (s *splitFlags) names(file string) (rejected, clean string) {
	dir, base := filepath.Split(file)
	if s.SplitDir != "" {
		dir = s.SplitDir
	}
	return filepath.Join(dir, validate.SplitName(base, "rejected")), filepath.Join(dir, validate.SplitName(base, "clean"))
}

// check refuses, before any work, what could not be written.
func (s *splitFlags) check(files []string) error {
	if !s.wanted() {
		return nil
	}
	taken := map[string]string{}
	for _, file := range files {
		if file == "-" {
			return errUsage{fmt.Errorf("standard input cannot be split: it is read twice; save it to a file first")}
		}
		rejected, clean := s.names(file)
		if other, ok := taken[rejected]; ok {
			return errUsage{fmt.Errorf("%s and %s would both be split into %s", other, file, rejected)}
		}
		taken[rejected] = file
		for _, name := range []string{rejected, clean} {
			if err := free(name, s.Force); err != nil {
				return err
			}
		}
	}
	return nil
}

// split writes the sides of a file that was checked. Neither name stands for
// half a side: both are written before the first is there.
func (s *splitFlags) split(e *env, file *os.File, was os.FileInfo, k *checking) error {
	sp, err := k.stream.Split()
	if err != nil {
		return fmt.Errorf("%s: %w", clean(k.name), err)
	}
	rejected, rest := s.names(k.name)
	err = save(rejected, func(bad *os.File) error {
		return save(rest, func(good *os.File) error {
			if err := sp.Write(file, bad, good); err != nil {
				return err
			}
			return still(file, was)
		})
	})
	if err != nil {
		return fmt.Errorf("split %s: %w", clean(k.name), err)
	}
	e.say("wrote %s (%s records) and %s (%s records)", clean(rejected), thousands(sp.Rejected), clean(rest), thousands(sp.Clean))
	return nil
}

// still refuses a file that changed since it was checked.
func still(f *os.File, was os.FileInfo) error {
	if unchanged(f, was) != nil {
		return validate.ErrChanged
	}
	return nil
}

// sideFlags are those of the commands that get one side of a stored file.
type sideFlags struct {
	remote
	FileID string `arg:"" help:"A file."`
	Output string `short:"o" help:"Where to write it; - is standard output. Default: its name with the side in it."`
	Force  bool   `short:"f" help:"Write over a file that is there."`
}

type rejectedCmd struct{ sideFlags }

func (c *rejectedCmd) Run(e *env) error {
	return c.get(e, "rejected", func() (io.ReadCloser, error) { return c.client().Rejected(e.ctx, c.FileID) })
}

type cleanCmd struct{ sideFlags }

func (c *cleanCmd) Run(e *env) error {
	return c.get(e, "clean", func() (io.ReadCloser, error) { return c.client().Clean(e.ctx, c.FileID) })
}

func (c *sideFlags) get(e *env, side string, open func() (io.ReadCloser, error)) error {
	name := c.Output
	if name == "" {
		f, err := c.client().Info(e.ctx, c.FileID)
		if err != nil {
			return err
		}
		name = validate.SplitName(baseOf(f.ObjectKey), side) // made safe by the server
	}
	if name != "-" {
		if err := free(name, c.Force); err != nil {
			return err
		}
	}
	body, err := open()
	if err != nil {
		return err
	}
	defer body.Close()
	if name == "-" {
		_, err = io.Copy(e.out, body)
		return err
	}
	n, err := saveTo(name, body)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.printJSON(map[string]any{"file": name, "bytes": n})
	}
	e.say("wrote %s (%s)", clean(name), size(n))
	return nil
}
