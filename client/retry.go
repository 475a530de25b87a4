package client

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// firstTry is how long the first request is tried: who got the address wrong
// should hear of it soon.
const firstTry = 3 * time.Second

// retry does work until it succeeds, fails for good, or has failed for so long:
// with waits that double, and jitter, so that many clients do not come back at once.
func (u *Uploader) retry(ctx context.Context, patience time.Duration, work func(context.Context) error) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 200*time.Millisecond, 15*time.Second
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := work(ctx)
		if err == nil || passing(err) && ctx.Err() == nil {
			return struct{}{}, after(err)
		}
		return struct{}{}, backoff.Permanent(err)
	}, backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(patience))
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var forever *backoff.PermanentError
	if errors.As(err, &forever) {
		return forever.Err
	}
	return err
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

// after waits as long as the server asks for.
func after(err error) error {
	if p := asProblem(err); p != nil && p.RetryAfter > 0 {
		return errors.Join(err, backoff.RetryAfter(int(p.RetryAfter.Seconds())))
	}
	return err
}
