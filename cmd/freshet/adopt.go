package main

import (
	"fmt"
	"os"

	"freshet/api"
)

type adoptCmd struct {
	remote
	Prefix   string `arg:"" help:"Prefix of keys in the server's store, such as training-data/old/."`
	DataType string `name:"type" default:"custom" help:"Data type of the files."`
	Rules    string `type:"existingfile" help:"File with rules as JSON."`
}

func (c *adoptCmd) Run(e *env) error {
	in := api.Adopt{Prefix: c.Prefix, DataType: c.DataType}
	if c.Rules != "" {
		var err error
		if in.Rules, err = os.ReadFile(c.Rules); err != nil {
			return err
		}
	}
	n, refused, failed := 0, 0, false
	err := c.client().Adopt(e.ctx, in, func(a api.Adopted) error {
		n++
		failed = failed || a.Verdict == "failed" || a.FileStatus == "quarantined"
		if a.Error != "" {
			refused++
		}
		if c.JSON {
			return e.printJSON(a)
		}
		what := a.FileStatus
		switch {
		case a.Error != "":
			_, err := fmt.Fprintf(e.out, "%s: not taken: %s\n", clean(a.Key), clean(a.Error))
			return err
		case a.IsDuplicate:
			what = "duplicate"
		}
		_, err := fmt.Fprintf(e.out, "%s  %s  %s\n", a.FileID, what, clean(a.Key))
		return err
	})
	switch {
	case err != nil:
		return err
	case refused > 0:
		return fmt.Errorf("%d of %d objects were not taken", refused, n)
	case failed:
		return errDataFailed
	case n == 0:
		fmt.Fprintf(e.err, "freshet: nothing under %s that is not in the catalog already\n", clean(c.Prefix))
	}
	return nil
}
