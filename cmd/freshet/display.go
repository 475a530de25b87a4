package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"freshet/api"
	"freshet/client"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// display shows how far uploads are: bars on a terminal, a line now and then
// elsewhere.
type display struct {
	env    *env
	client *client.Client
	total  int64 // bytes of all files, as far as known
	count  int
	began  time.Time
	bars   *mpb.Progress // nil where there is no terminal
	sum    *mpb.Bar      // of all files, where there are several
	stop   context.CancelFunc
	over   sync.WaitGroup

	mu      sync.Mutex
	files   []*fileProgress
	byID    map[string]*fileProgress
	watched bool
	ctx     context.Context
}

// fileProgress is one file on its way.
type fileProgress struct {
	client.Progress
	display  *display
	item     item
	bar      *mpb.Bar
	began    time.Time
	records  atomic.Int64
	errors   atomic.Int64
	warnings atomic.Int64
	ended    atomic.Bool
}

const (
	barEvery  = 100 * time.Millisecond
	lineEvery = 10 * time.Second
)

func newDisplay(ctx context.Context, e *env, c *client.Client, items []item) *display {
	d := &display{env: e, client: c, count: len(items), began: time.Now(), byID: map[string]*fileProgress{}}
	d.ctx, d.stop = context.WithCancel(ctx)
	for _, it := range items {
		d.total += it.size
	}
	every := lineEvery
	if e.isTerm {
		every = barEvery
		d.bars = mpb.New(mpb.WithOutput(e.err), mpb.WithWidth(24))
		if len(items) > 1 {
			d.sum = d.bars.AddBar(d.total, mpb.BarPriority(1<<30),
				mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return fmt.Sprintf("%d files  ", d.count) })),
				mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return d.figures() })))
		}
	}
	d.over.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-d.ctx.Done():
				return
			case <-tick.C:
				d.draw()
			}
		}
	})
	return d
}

// start adds a file.
func (d *display) start(it item) *fileProgress {
	p := &fileProgress{display: d, item: it, began: time.Now()}
	if d.bars != nil {
		p.bar = d.bars.AddBar(max(it.size, 0), mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(clean(it.name)+"  ")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.figures() })))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files = append(d.files, p)
	return p
}

// watch has the server tell what it found in a file.
func (p *fileProgress) watch(fileID string) {
	d := p.display
	d.mu.Lock()
	defer d.mu.Unlock()
	d.byID[fileID] = p
	if d.watched {
		return
	}
	d.watched = true
	d.over.Go(func() {
		for d.ctx.Err() == nil {
			err := d.client.Watch(d.ctx, d.learn)
			if err == nil || d.ctx.Err() != nil {
				continue
			}
			select { // the server is away: the upload itself says so if it stays
			case <-time.After(2 * time.Second):
			case <-d.ctx.Done():
			}
		}
	})
}

func (d *display) learn(got api.Progress) {
	d.mu.Lock()
	p := d.byID[got.FileID]
	d.mu.Unlock()
	if p != nil {
		p.records.Store(got.RecordsChecked)
		p.errors.Store(got.ErrorsFound)
		p.warnings.Store(got.WarningsFound)
	}
}

// done takes a file off.
func (p *fileProgress) done(err error) {
	p.ended.Store(true)
	if p.bar != nil {
		p.bar.Abort(true)
	}
}

// draw brings what is shown up to date.
func (d *display) draw() {
	d.mu.Lock()
	files := d.files
	d.mu.Unlock()
	if d.bars == nil {
		for _, p := range files {
			if !p.ended.Load() {
				d.env.say("%s: %s", clean(p.item.name), p.figures())
			}
		}
		return
	}
	for _, p := range files {
		if p.ended.Load() {
			continue
		}
		if p.item.size == 0 {
			p.bar.SetTotal(p.Sent.Load()+1, false)
		}
		p.bar.SetCurrent(p.Sent.Load())
	}
	if d.sum != nil {
		d.sum.SetCurrent(d.sent())
	}
}

// figures is a file's progress in words.
func (p *fileProgress) figures() string {
	return words(p.Sent.Load(), p.Stored.Load(), p.item.size, p.records.Load(), p.errors.Load(), p.warnings.Load(), time.Since(p.began))
}

func (d *display) sent() (n int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.files {
		n += p.Sent.Load()
	}
	return n
}

// figures is the progress of all files together.
func (d *display) figures() string {
	var sent, stored, records, errors, warnings int64
	d.mu.Lock()
	for _, p := range d.files {
		sent += p.Sent.Load()
		stored += p.Stored.Load()
		records += p.records.Load()
		errors += p.errors.Load()
		warnings += p.warnings.Load()
	}
	d.mu.Unlock()
	return words(sent, stored, d.total, records, errors, warnings, time.Since(d.began))
}

func words(sent, stored, total, records, errors, warnings int64, since time.Duration) string {
	rate := float64(sent) / max(since.Seconds(), 0.001)
	s := "  " + size(sent) + " sent"
	if total > 0 {
		s = fmt.Sprintf("  %s of %s sent", size(sent), size(total))
	}
	s += fmt.Sprintf(", %s stored, %s/s", size(stored), size(int64(rate)))
	if total > sent && rate > 0 {
		s += ", " + (time.Duration(float64(total-sent) / rate * float64(time.Second))).Round(time.Second).String() + " left"
	}
	if records > 0 {
		s += fmt.Sprintf(", %s records checked", thousands(records))
	}
	if errors > 0 {
		s += fmt.Sprintf(", %s errors", thousands(errors))
	}
	if warnings > 0 {
		s += fmt.Sprintf(", %s warnings", thousands(warnings))
	}
	return s
}

// pause prints something else, above the bars where there are some.
func (d *display) pause(print func()) {
	if d.bars != nil {
		io.WriteString(d.bars, "\r") // a line of its own, so that the bars are drawn below
	}
	print()
}

// close takes everything off the screen.
func (d *display) close() {
	d.stop()
	d.over.Wait()
	if d.bars == nil {
		return
	}
	if d.sum != nil {
		d.sum.Abort(true)
	}
	d.bars.Wait()
}
