package main

import (
	"errors"
	"fmt"
	"sync/atomic"

	"freshet/internal/app"
	"freshet/internal/blob/local"
	"freshet/internal/catalog"
	"freshet/internal/config"
	"freshet/internal/errs"
)

type keysRotateCmd struct {
	DataDir   string   `default:"./freshet-data" env:"FRESHET_DATA_DIR" help:"The server's data directory."`
	Blobs     string   `env:"FRESHET_BLOBS" help:"Where bytes are kept, if not in the data directory."`
	MasterKey []string `required:"" env:"FRESHET_MASTER_KEY" help:"The new master key first, then those before it: file:PATH, env:NAME, vault://HOST/transit/KEY or awskms:KEY-ARN."`
	JSON      bool     `name:"json" help:"Print JSON."`
}

func (c *keysRotateCmd) Help() string {
	return "Has the first master key wrap the data keys of all files; no file's bytes are touched. Works beside a server that has the same keys in the same order. What was interrupted goes on when the same command is run again. Once it is through only the first key is needed."
}

func (c *keysRotateCmd) Run(e *env) (err error) {
	settings, err := installation(c.DataDir, "", c.Blobs, c.MasterKey)
	if err != nil {
		return err
	}
	disk, err := app.OpenDisk(e.ctx, settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, disk.Close()) }()
	var now atomic.Pointer[local.Rotated]
	now.Store(&local.Rotated{})
	m := newMeter(e, func() string {
		r := now.Load()
		return fmt.Sprintf("%s data keys rewrapped, %s were", thousands(r.Rewrapped), thousands(r.Already))
	})
	r, err := disk.Rotate(e.ctx, func(r local.Rotated) { now.Store(&r) })
	m.close()
	if err == nil {
		err = c.remember(e, settings, r)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return e.printJSON(r)
	}
	_, err = fmt.Fprintf(e.out, "%s data keys rewrapped; %s were already\n", thousands(r.Rewrapped), thousands(r.Already))
	return err
}

// remember puts it on record with the facts that lie beside the disk, if they do.
func (c *keysRotateCmd) remember(e *env, settings config.Config, r local.Rotated) error {
	facts, err := app.OpenFacts(e.ctx, settings)
	if errs.HasCode(err, "no-installation") {
		return nil
	}
	if err != nil {
		return err
	}
	err = facts.Audit(e.acting(), catalog.Act{Action: "rotate-master", Detail: fmt.Sprintf("%d data keys rewrapped; %d were already", r.Rewrapped, r.Already)})
	return errors.Join(err, facts.Close())
}
