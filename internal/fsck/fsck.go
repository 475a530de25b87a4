// Package fsck compares facts with bytes, both ways, and the catalog with
// itself. It works beside running servers: what looks wrong is looked at again,
// the row first, before it is told, and what is younger than an hour may be
// somebody's work in progress. A repair never loses data.
package fsck

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/promote"
	"freshet/internal/upload"

	"golang.org/x/sync/errgroup"
)

// grace is how young something may be somebody's work in progress.
const grace = time.Hour

// page is how many rows are read at once.
const page = 200

// looks is how many things are looked at side by side: most of a look is waiting.
const looks = 8

// Check is one comparison of a catalog with its store.
type Check struct {
	Catalog  *catalog.Store
	Blobs    blob.Store
	Promoter *promote.Promoter
	Uploads  *upload.Service
	Repair   bool
	Subset   Subset
	Tell     func(Problem) error // called one at a time
	Progress func(Progress)      // called now and then, from several goroutines
	Now      time.Time

	mu      sync.Mutex
	sum     Summary
	reading chan struct{} // as many files are read at once
	least   least
}

// Problem is one thing that is wrong.
type Problem struct {
	Kind     Kind   `json:"kind"`
	FileID   string `json:"file_id,omitempty"`
	UploadID string `json:"upload_id,omitempty"`
	Key      string `json:"key,omitempty"`
	Detail   string `json:"detail"`
	Expected string `json:"expected_hash,omitempty"`
	Found    string `json:"found_hash,omitempty"`
	Repaired bool   `json:"repaired"`
	Action   string `json:"action"` // what was done, or can be
}

// Where names what is wrong, for people.
func (p *Problem) Where() string {
	for _, s := range []string{p.Key, p.FileID, p.UploadID} {
		if s != "" {
			return s
		}
	}
	return "the catalog"
}

// Summary is what was looked at and came of it.
type Summary struct {
	Files     int64  `json:"files"`
	Uploads   int64  `json:"uploads"`
	Objects   int64  `json:"objects"`
	FilesRead int64  `json:"files_read"`
	BytesRead int64  `json:"bytes_read"`
	Seed      uint64 `json:"seed"`
	Problems  int64  `json:"problems"`
	Repaired  int64  `json:"repaired"`
}

// Remain is how many problems are still there.
func (s *Summary) Remain() int64 { return s.Problems - s.Repaired }

// Progress is how far it is.
type Progress struct{ Files, Objects, BytesRead int64 }

// Run looks at everything and gives what it came to. Problems are told as they
// are found; an error means that something could not be looked at.
func (c *Check) Run(ctx context.Context) (Summary, error) {
	if c.Now.IsZero() {
		c.Now = time.Now()
	}
	c.reading = make(chan struct{}, runtime.NumCPU())
	c.sum.Seed = c.Subset.Seed
	if c.Repair {
		if err := c.related(ctx); err != nil {
			return c.sum, err
		}
	}
	for _, step := range []func(context.Context) error{c.files, c.uploads, c.objects, c.rows} {
		if err := step(ctx); err != nil {
			return c.sum, err
		}
	}
	return c.sum, nil
}

// related refuses to repair where nothing in the store is the catalog's: then
// one of the two is the wrong one, and every file would seem to be lost.
func (c *Check) related(ctx context.Context) error {
	any := false
	known := map[string]bool{}
	err := c.eachUpload(ctx, func(u *catalog.Upload) error { known[u.Handle] = true; return nil })
	if err != nil {
		return err
	}
	for h, err := range c.Blobs.Handles(ctx) {
		if err != nil {
			return err
		}
		if any = true; known[h.Handle] {
			return nil
		}
	}
	for o, err := range c.Blobs.List(ctx, root) {
		if err != nil {
			return err
		}
		any = true
		if id, ok := upload.OwnerOf(o.Key); ok {
			if ours, err := c.Uploads.Owned(ctx, id, o.Key); ours || err != nil {
				return err
			}
		}
	}
	files, err := c.Catalog.FilesAfter(ctx, "", 1)
	if err != nil || len(files) == 0 && !any {
		return err
	}
	return errs.E(errs.Conflict, "wrong-store", "nothing in the store belongs to a file of the catalog, so nothing is repaired").
		WithHint("are --catalog and --blobs those of one installation? Without --repair it tells what it sees")
}

// tell tells a problem, after its repair where one is wanted and there is one.
// A repair that is refused because things changed meanwhile leaves the problem
// to the next run.
func (c *Check) tell(ctx context.Context, p Problem, repair func(context.Context) error) error {
	what := meaning(p.Kind)
	p.Action = what.Advice
	switch {
	case what.Repair == "" || repair == nil:
	case !c.Repair:
		p.Action = "--repair " + what.Repair
	default:
		err := repair(ctx)
		switch {
		case ctx.Err() != nil, errs.Is(err, errs.Unavailable):
			return err
		case err != nil:
			p.Detail += fmt.Sprintf("; the repair failed: %s", err)
		default:
			p.Repaired, p.Action = true, what.Repair
			if err := c.Catalog.Audit(ctx, catalog.Act{Action: "repair", Actor: actor, Object: p.Where(), Detail: fmt.Sprintf("%s: %s", p.Kind, p.Action)}); err != nil {
				return err
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sum.Problems++
	if p.Repaired {
		c.sum.Repaired++
	}
	return c.Tell(p)
}

// count adds to the summary.
func (c *Check) count(add func(*Summary)) {
	c.mu.Lock()
	add(&c.sum)
	p := Progress{c.sum.Files, c.sum.Objects, c.sum.BytesRead}
	c.mu.Unlock()
	if c.Progress != nil {
		c.Progress(p)
	}
}

// sideBySide hands each value to f, several at a time.
func sideBySide[T any](ctx context.Context, each func(context.Context, func(T) error) error, f func(context.Context, T) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(looks)
	err := each(ctx, func(v T) error {
		g.Go(func() error { return f(ctx, v) })
		return ctx.Err()
	})
	if e := g.Wait(); e != nil {
		return e
	}
	return err
}

func (c *Check) eachUpload(ctx context.Context, f func(*catalog.Upload) error) error {
	var last catalog.Upload
	for {
		list, err := c.Catalog.Uploads(ctx, catalog.UploadOpen, last, page)
		if err != nil || len(list) == 0 {
			return err
		}
		for i := range list {
			last = list[i]
			if err := f(&list[i]); err != nil {
				return err
			}
		}
	}
}
