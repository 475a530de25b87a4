package main

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"freshet/internal/app"
	"freshet/internal/config"
	"freshet/internal/fsck"
)

// errProblemsRemain ends a comparison that found what it could not mend: all was said already.
var errProblemsRemain = errors.New("problems remain")

type fsckCmd struct {
	localFlags
	Blobs string `env:"FRESHET_BLOBS" help:"Where bytes are kept, if not in the data directory."`
	masterFlags
	Repair bool   `help:"Repair what can be repaired without losing data."`
	Subset string `name:"read-data-subset" placeholder:"5%" help:"Read about so much of the files and compare their hashes: a share such as 5%, or a size such as 1GiB."`
	Seed   uint64 `help:"Choose the files to read as the run that printed this number."`
}

func (c *fsckCmd) Help() string {
	return "Works beside running servers. Exit codes: 0 all is well, or repaired; 3 problems remain; 1 it could not look at everything."
}

func (c *fsckCmd) Run(e *env) error {
	subset, err := c.subset()
	if err != nil {
		return err
	}
	settings, err := installation(c.DataDir, c.Catalog, c.Blobs, c.MasterKey)
	if err != nil {
		return err
	}
	t, err := app.OpenTools(e.ctx, settings, e.warnings())
	if err != nil {
		return err
	}
	defer t.Close()
	var files, objects, read atomic.Int64
	m := newMeter(e, func() string {
		return fmt.Sprintf("%s files, %s objects, %s read", thousands(files.Load()), thousands(objects.Load()), size(read.Load()))
	})
	check := fsck.Check{Catalog: t.Catalog, Blobs: t.Blobs, Promoter: t.Promoter, Uploads: t.Uploads, Repair: c.Repair, Subset: subset,
		Tell: func(p fsck.Problem) error { return c.tell(e, m, p) },
		Progress: func(p fsck.Progress) {
			files.Store(p.Files)
			objects.Store(p.Objects)
			read.Store(p.BytesRead)
		}}
	sum, err := check.Run(e.acting())
	m.close()
	if err != nil {
		return err
	}
	return c.conclude(e, sum)
}

func (c *fsckCmd) subset() (fsck.Subset, error) {
	if c.Subset == "" {
		return fsck.Subset{}, nil
	}
	s, err := fsck.ParseSubset(c.Subset, func(text string) (int64, error) {
		var n config.Size
		err := n.UnmarshalText([]byte(text))
		return int64(n), err
	})
	if s.Seed = c.Seed; s.Seed == 0 {
		var b [8]byte
		rand.Read(b[:])
		s.Seed = uint64(binary.LittleEndian.Uint32(b[:])) + 1 // short enough to be typed
	}
	return s, err
}

// tell prints a problem: what, where, and what was done or can be.
func (c *fsckCmd) tell(e *env, m *meter, p fsck.Problem) (err error) {
	m.pause(func() {
		if c.JSON {
			err = e.printJSON(p)
			return
		}
		where := p.Where()
		if id := p.FileID; id != "" && !strings.Contains(where, id) {
			where = id + "  " + where
		}
		done := p.Action
		if p.Repaired {
			done = "repaired: " + done
		}
		_, err = fmt.Fprintf(e.out, "%s  %s: %s; %s\n", p.Kind, clean(where), clean(p.Detail), done)
	})
	return err
}

func (c *fsckCmd) conclude(e *env, sum fsck.Summary) error {
	if c.JSON {
		if err := e.printJSON(map[string]any{"summary": sum}); err != nil {
			return err
		}
	} else {
		line := fmt.Sprintf("%s files, %s open uploads and %s objects compared", thousands(sum.Files), thousands(sum.Uploads), thousands(sum.Objects))
		if c.Subset != "" {
			line += fmt.Sprintf("; %s files read, %s (--seed %d)", thousands(sum.FilesRead), size(sum.BytesRead), sum.Seed)
		}
		switch {
		case sum.Problems == 0:
			line += "; all is well"
		case sum.Repaired == 0:
			line += fmt.Sprintf("; %s problems", thousands(sum.Problems))
		default:
			line += fmt.Sprintf("; %s problems, %s repaired", thousands(sum.Problems), thousands(sum.Repaired))
		}
		if _, err := fmt.Fprintln(e.out, line); err != nil {
			return err
		}
	}
	if sum.Remain() > 0 {
		return errProblemsRemain
	}
	return nil
}

// installation is the settings of one for commands that run no server.
func installation(dataDir, catalog, blobs string, masterKey []string) (config.Config, error) {
	c := config.Config{DataDir: dataDir, Catalog: catalog, Blobs: blobs, MasterKey: masterKey, Listen: "127.0.0.1:0", MemoryBudget: 256 << 20, StallTimeout: 1, SweepEvery: 1, AbandonedAfter: time.Hour, MaxOpenUploads: 1}
	return c, c.Complete()
}

// warnings is a log for people of what goes wrong and does not end a command.
func (e *env) warnings() *slog.Logger {
	return slog.New(slog.NewTextHandler(e.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
