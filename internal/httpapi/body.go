package httpapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"freshet/api"
	"freshet/internal/errs"

	"golang.org/x/time/rate"
)

// rateWindow is how long a client may be slow before its average counts.
const rateWindow = 30 * time.Second

// pacedBody reads a request's body and cuts off a client that stalls or
// trickles. Only time spent waiting for the client counts: when the server
// itself is the slow one, nobody is blamed.
type pacedBody struct {
	body     io.Reader
	deadline func(time.Time) error // of the connection's next read
	stall    time.Duration
	minRate  int64

	pace  *rate.Limiter // nil: as they come
	ctx   context.Context
	gone  func() bool // tells whether the request would be refused by now; nil: it never is
	asked time.Time   // when it was asked last

	waited time.Duration // in the window
	came   int64
	ended  atomic.Bool // by interrupt
}

func (s *Server) paced(w http.ResponseWriter, r *http.Request) *pacedBody {
	info := requestFrom(r.Context())
	return &pacedBody{body: r.Body, deadline: http.NewResponseController(w).SetReadDeadline, stall: s.Settings.Stall, minRate: s.Settings.MinRate,
		pace: s.pace(info), ctx: r.Context(), gone: info.ended, asked: time.Now()}
}

func (b *pacedBody) Read(p []byte) (int, error) {
	start := time.Now()
	if err := b.deadline(start.Add(b.stall)); err != nil {
		return 0, err
	}
	if b.ended.Load() { // after the deadline was set: whoever ended it may have been before that
		return 0, errInterrupted
	}
	if b.gone != nil && start.Sub(b.asked) >= admitEvery {
		if b.asked = start; b.gone() {
			return 0, errs.E(errs.Unauthorized, "key-ended", "the key was revoked or has ended while the bytes came").WithHint("go on with another key")
		}
	}
	n, err := b.body.Read(p)
	b.waited += time.Since(start)
	b.came += int64(n)
	if e := slow(b.ctx, b.pace, n); e != nil && err == nil {
		err = e
	}
	switch {
	case b.ended.Load() && err != nil:
		return n, errInterrupted
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, errs.E(errs.Timeout, "stalled", "no bytes came for %s", b.stall).WithHint("send the file again over a steadier connection")
	case err == nil && b.waited >= rateWindow:
		if b.minRate > 0 && float64(b.came)/b.waited.Seconds() < float64(b.minRate) {
			return n, errs.E(errs.Timeout, "too-slow", "fewer than %d bytes a second came over %s", b.minRate, rateWindow).WithHint("send the file again over a faster connection")
		}
		b.waited, b.came = 0, 0
	}
	return n, err
}

// paceMost is how many bytes may go at once, whatever the rate.
const paceMost = 1 << 20

// slow waits until n more bytes may go.
func slow(ctx context.Context, pace *rate.Limiter, n int) error {
	if pace == nil {
		return nil
	}
	for most := pace.Burst(); n > 0; n -= most {
		if err := pace.WaitN(ctx, min(n, most)); err != nil {
			return errs.E(errs.Unavailable, "stopped", "the request was stopped").Because(err)
		}
	}
	return nil
}

// interrupt makes a Read that waits return, and all that follow.
func (b *pacedBody) interrupt() {
	b.ended.Store(true)
	b.deadline(time.Unix(1, 0)) // a connection that has no deadline has no Read that waits
}

var errInterrupted = errs.E(errs.Conflict, "interrupted", "the request was ended by another")

// pacedReader is a request's body for all handlers. Once it has ended no
// deadline is left: an answer may take its time.
type pacedReader struct {
	*pacedBody
	io.Closer
}

func (r *pacedReader) Read(p []byte) (int, error) {
	n, err := r.pacedBody.Read(p)
	if err == io.EOF {
		if e := r.deadline(time.Time{}); e != nil {
			return n, e
		}
	}
	return n, err
}

// refuse answers while the body is still coming, then takes a little more of
// it, so that clients that only read once they have sent see the answer.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	s.refuseProblem(w, r, s.problem(r.Context(), err))
}

func (s *Server) refuseProblem(w http.ResponseWriter, r *http.Request, p *api.Problem) {
	if r.ContentLength == 0 {
		writeProblem(w, r, p)
		return
	}
	c := http.NewResponseController(w)
	// without it the server would first wait for the rest of the body
	if e := c.EnableFullDuplex(); e != nil {
		s.Log.Debug("no full duplex", "error", e.Error())
	}
	w.Header().Set("Connection", "close")
	writeProblem(w, r, p)
	c.Flush()
	const most, patience = 64 << 20, 3 * time.Second
	c.SetReadDeadline(time.Now().Add(patience))
	body := io.Reader(r.Body)
	if paced, ok := r.Body.(*pacedReader); ok {
		body = paced.body // past what sets deadlines of its own
	}
	buf := make([]byte, 256<<10)
	for n := 0; n < most; {
		k, err := body.Read(buf)
		n += k
		if err != nil {
			return
		}
	}
}
