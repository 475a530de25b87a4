package catalog

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
)

// silence is how long nothing may come before the connection is tried: a
// network that swallows everything would be taken for quiet.
const silence = 15 * time.Second

// tellAtOnce is how many events are read at a time.
const tellAtOnce = 500

// run listens until ctx ends, and connects again whenever the connection
// breaks. tried is called after the first try.
func (b *bus) run(ctx context.Context, tried func()) {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 50*time.Millisecond, 5*time.Second
	for {
		b.listen(ctx, func() {
			wait.Reset()
			tried()
		}) // why it ended shows in what requests of the same database are told
		tried()
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait.NextBackOff()):
		}
	}
}

// listen hears one connection out. Having begun to listen it first tells what
// happened while nobody did.
func (b *bus) listen(ctx context.Context, listening func()) error {
	dial, cancel := context.WithTimeout(ctx, 2*connectTimeout)
	defer cancel()
	conn, err := pgx.ConnectConfig(dial, b.config)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(dial))
	if _, err := conn.Exec(dial, "LISTEN "+eventChannel+"; LISTEN "+busChannel); err != nil {
		return err
	}
	listening()
	if err := b.catchUp(ctx); err != nil {
		return err
	}
	for {
		if err := b.hear(ctx, conn); err != nil {
			return err
		}
	}
}

// hear waits for one notification, or for something else to do.
func (b *bus) hear(ctx context.Context, conn *pgx.Conn) error {
	waiting, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	ended, first := make(chan struct{}), false
	go func() {
		defer close(ended)
		select {
		case <-b.woken:
			first = true
			cancel()
		case <-waiting.Done():
		}
	}()
	n, err := conn.WaitForNotification(waiting)
	cancel()
	<-ended
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && (conn.IsClosed() || !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled)) {
		return err
	}
	if err != nil {
		trying, cancel := context.WithTimeout(ctx, connectTimeout)
		defer cancel()
		if err := conn.Ping(trying); err != nil {
			return err
		}
	}
	if n != nil && n.Channel == busChannel {
		b.message(n.Payload)
		if !first {
			return nil
		}
	}
	return b.catchUp(ctx)
}

// catchUp tells every event that is committed and was not told, in the order of
// their ids. None with a lower id appears later, since ids are given in the order
// of commits.
func (b *bus) catchUp(ctx context.Context) error {
	tell := b.follower()
	if tell == nil {
		return nil
	}
	for {
		events, err := b.store.EventsAfter(ctx, b.last, tellAtOnce)
		if err != nil {
			return err
		}
		files, err := b.store.filesOf(ctx, events)
		if err != nil {
			return err
		}
		for _, e := range events {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			b.last = e.ID // before, so that one that panics is not told again
			tell(e, files[e.FileID])
		}
		if len(events) < tellAtOnce {
			return nil
		}
	}
}
