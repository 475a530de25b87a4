package live

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"freshet/internal/validate"
)

// Topic is what nodes tell each other their figures under.
const Topic = "live"

const (
	// shareEvery is how often a node tells what it is busy with.
	shareEvery = 500 * time.Millisecond
	// heardFor is how long figures of another node count that are not renewed.
	heardFor = 5 * time.Second
	// perMessage is how many files fit into one message between nodes.
	perMessage = 20
)

// figures are a file's as nodes tell them to each other.
type figures struct {
	File     string         `json:"f"`
	Started  time.Time      `json:"t"`
	Total    int64          `json:"n"`
	Received int64          `json:"r"`
	Stored   int64          `json:"d"`
	Safe     int64          `json:"a"`
	Checking bool           `json:"c,omitempty"`
	Resumed  bool           `json:"p,omitempty"`
	Over     bool           `json:"o,omitempty"` // this node is done with it
	Tally    validate.Tally `json:"s"`
}

// Share tells other nodes what this one is busy with, until ctx ends. Figures
// are not facts: a message that is lost is made up for by the next.
func (b *Board) Share(ctx context.Context, publish func(context.Context, any) error) {
	tick := time.NewTicker(shareEvery)
	defer tick.Stop()
	told := map[string]bool{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var all []figures
		now := map[string]bool{}
		for _, l := range b.Here() {
			all = append(all, l.figures())
			now[l.FileID] = true
		}
		for id := range told {
			if !now[id] {
				all = append(all, figures{File: id, Over: true})
			}
		}
		told = now
		for part := range slices.Chunk(all, perMessage) {
			if publish(ctx, part) != nil {
				break // the catalog says so itself, to whoever needs it
			}
		}
	}
}

func (l *Live) figures() figures {
	return figures{File: l.FileID, Started: l.Started, Total: l.Total.Load(), Received: l.Received.Load(), Stored: l.Stored.Load(), Safe: l.Safe.Load(),
		Checking: l.Checking, Resumed: l.resumable, Tally: l.Tally()}
}

// Hear takes what another node tells.
func (b *Board) Hear(message []byte) {
	var all []figures
	if json.Unmarshal(message, &all) != nil {
		return // of a newer version
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(b.elsewhere, func(_ string, h heard) bool { return time.Now().After(h.until) })
	for i := range all {
		f := &all[i]
		if f.Over {
			delete(b.elsewhere, f.File)
			continue
		}
		l := &Live{FileID: f.File, Started: f.Started, Checking: f.Checking, Elsewhere: true, resumable: f.Resumed, base: f.Tally}
		l.Total.Store(f.Total)
		l.Received.Store(f.Received)
		l.Stored.Store(f.Stored)
		l.Safe.Store(f.Safe)
		b.elsewhere[f.File] = heard{l, time.Now().Add(heardFor)}
	}
}

// heard is what another node told of a file, and how long that counts.
type heard struct {
	*Live
	until time.Time
}

func (h heard) now() *Live {
	if h.Live == nil || time.Now().After(h.until) {
		return nil
	}
	return h.Live
}
