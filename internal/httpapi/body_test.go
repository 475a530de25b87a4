package httpapi

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"freshet/internal/errs"
)

// trickle gives a few bytes at each read, after a while.
type trickle struct {
	every time.Duration
	bytes int
}

func (r trickle) Read(p []byte) (int, error) {
	time.Sleep(r.every)
	return min(r.bytes, len(p)), nil
}

func pace(r io.Reader) *pacedBody {
	return &pacedBody{body: r, deadline: func(time.Time) error { return nil }, stall: time.Minute, minRate: 1024}
}

// TestTrickleIsCutOff: a client that sends now and then a byte, so that no
// deadline ever passes, is cut off once its average over the window is too low.
func TestTrickleIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, start := pace(trickle{time.Second, 1}), time.Now()
		buf := make([]byte, 1<<20)
		for {
			_, err := b.Read(buf)
			if err == nil {
				continue
			}
			if !errs.Is(err, errs.Timeout) || !errs.HasCode(err, "too-slow") {
				t.Fatalf("Read = %v, want too-slow", err)
			}
			if d := time.Since(start); d < rateWindow || d > 2*rateWindow {
				t.Fatalf("cut off after %s, want after %s", d, rateWindow)
			}
			return
		}
	})
}

// TestSlowServerIsNotTheClientsFault: the time in which the server itself does
// not read does not count.
func TestSlowServerIsNotTheClientsFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := pace(trickle{10 * time.Millisecond, 1000})
		buf := make([]byte, 1<<20)
		for range 10 {
			time.Sleep(time.Hour)
			if _, err := b.Read(buf); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestFastEnough: the average of a window counts, not one slow moment of it.
func TestFastEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := pace(trickle{20 * time.Second, 1 << 20})
		buf := make([]byte, 1<<20)
		for range 20 {
			if _, err := b.Read(buf); err != nil {
				t.Fatal(err)
			}
		}
	})
}
