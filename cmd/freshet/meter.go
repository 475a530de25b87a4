package main

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// meter shows how far a command without uploads is: a line that changes on a
// terminal, one now and then elsewhere.
type meter struct {
	env  *env
	bars *mpb.Progress
	bar  *mpb.Bar
	stop context.CancelFunc
	over sync.WaitGroup
}

func newMeter(e *env, figures func() string) *meter {
	m := &meter{env: e}
	ctx, stop := context.WithCancel(e.ctx)
	m.stop = stop
	if e.isTerm {
		m.bars = mpb.New(mpb.WithOutput(e.err), mpb.WithRefreshRate(barEvery))
		m.bar = m.bars.New(0, mpb.NopStyle(), mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return figures() })))
		return m
	}
	m.over.Go(func() {
		tick := time.NewTicker(lineEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				e.say("%s", figures())
			}
		}
	})
	return m
}

// pause prints something else, above the line where there is one.
func (m *meter) pause(print func()) {
	if m.bars != nil {
		io.WriteString(m.bars, "\r")
	}
	print()
}

// close takes it off the screen.
func (m *meter) close() {
	m.stop()
	m.over.Wait()
	if m.bars != nil {
		m.bar.Abort(true)
		m.bars.Wait()
	}
}
