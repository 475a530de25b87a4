package client

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// firstTry is how long a server that has never answered is tried: who got the
// address wrong should hear of it soon.
const firstTry = 3 * time.Second

// retry does work until it succeeds, fails for good, or was waited for too long:
// with waits that double, and jitter, so that many clients do not come back at
// once. The time that work itself takes does not count, only the trouble between.
func (u *Uploader) retry(ctx context.Context, work func(context.Context) error) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 200*time.Millisecond, 15*time.Second
	for waited := time.Duration(0); ; {
		err := work(ctx)
		if err == nil || asProblem(err) != nil {
			u.reached.Store(true)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err == nil || !passing(err) {
			return err
		}
		patience := u.options.Patience
		if !u.reached.Load() {
			patience = min(patience, firstTry)
		}
		pause := wait.NextBackOff()
		if p := asProblem(err); p != nil {
			pause = max(pause, p.RetryAfter)
		}
		if waited += pause; waited > patience {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// passing tells whether trying again may help.
func passing(err error) bool {
	if errors.Is(err, ErrUnreachable) || errors.Is(err, errStalled) {
		return true
	}
	p := asProblem(err)
	if p == nil {
		return false
	}
	switch p.Status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case http.StatusBadRequest:
		return p.Code == "body-cut-off" // a proxy's doing, or that of a server that stops
	}
	return p.Code == "checksum-mismatch" || p.Code == "taken-over"
}
