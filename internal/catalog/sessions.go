package catalog

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"time"

	"freshet/internal/errs"
)

// A session ends when nothing was asked in it for SessionIdle, and SessionLife
// after it began whatever is asked.
const (
	SessionIdle = 24 * time.Hour
	SessionLife = 7 * 24 * time.Hour
)

// Session is a page that was signed in by a key: what is asked in it is asked
// by that key, for as long as the key is not revoked.
type Session struct {
	Hash    string // hex SHA-256 of its secret
	Key     Key
	Created time.Time
	Seen    time.Time // to the minute
}

// Ends is when it ends unless it is used before.
func (s *Session) Ends() time.Time {
	end := s.Seen.Add(SessionIdle)
	if last := s.Created.Add(SessionLife); last.Before(end) {
		return last
	}
	return end
}

// NewSession begins a session by a key and gives its secret, which is not kept.
func (s *Store) NewSession(ctx context.Context, k Key) (Session, string, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return Session{}, "", err
	}
	secret, now := base64.RawURLEncoding.EncodeToString(raw), s.Now()
	n := Session{Hash: HashKey(secret), Key: k, Created: now, Seen: now}
	err := s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO sessions (hash, key_id, created, seen) VALUES ($1, $2, $3, $3)`, n.Hash, k.ID, micros(now))
		return err
	})
	return n, secret, err
}

// Session finds the session of a secret, unless it has ended or its key is revoked.
func (s *Store) Session(ctx context.Context, secret string) (n Session, err error) {
	n.Hash = HashKey(secret)
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		var created, seen, keyCreated, used, revoked int64
		err := q.QueryRowContext(ctx, `SELECT s.created, s.seen, k.id, k.name, k.hash, k.created, k.last_used, k.revoked
			FROM sessions s JOIN keys k ON k.id = s.key_id WHERE s.hash = $1`, n.Hash).
			Scan(&created, &seen, &n.Key.ID, &n.Key.Name, &n.Key.Hash, &keyCreated, &used, &revoked)
		n.Created, n.Seen = fromMicros(created), fromMicros(seen)
		n.Key.Created, n.Key.LastUsed, n.Key.Revoked = fromMicros(keyCreated), fromMicros(used), fromMicros(revoked)
		return err
	})
	now := s.Now()
	if errors.Is(err, sql.ErrNoRows) || err == nil && (!n.Key.Revoked.IsZero() || !now.Before(n.Ends())) {
		return Session{}, errs.E(errs.Unauthorized, "session-ended", "the session has ended").WithHint("sign in again")
	}
	if err != nil {
		return Session{}, err
	}
	return n, nil
}

// UseSession is Session for a request that is made in it: that both it and its
// key were used is noted, once a minute at most.
func (s *Store) UseSession(ctx context.Context, secret string) (Session, error) {
	n, err := s.Session(ctx, secret)
	if err != nil {
		return n, err
	}
	if now := s.Now(); now.Sub(n.Seen) > time.Minute {
		n.Seen, n.Key.LastUsed = now, now
		err = s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `UPDATE sessions SET seen = $1 WHERE hash = $2`, micros(now), n.Hash)
			if err == nil {
				_, err = tx.ExecContext(ctx, `UPDATE keys SET last_used = $1 WHERE id = $2`, micros(now), n.Key.ID)
			}
			return err
		})
	}
	return n, err
}

// EndSession ends the session of a secret. One that is not there is fine.
func (s *Store) EndSession(ctx context.Context, secret string) error {
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE hash = $1`, HashKey(secret))
		return err
	})
}

// ForgetSessions deletes those that have ended. One that was begun while its key
// was being revoked is among them: Session never took it for one.
func (s *Store) ForgetSessions(ctx context.Context) error {
	now := s.Now()
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE seen <= $1 OR created <= $2 OR NOT EXISTS (SELECT 1 FROM keys WHERE keys.id = sessions.key_id AND keys.revoked = 0)`,
			micros(now.Add(-SessionIdle)), micros(now.Add(-SessionLife)))
		return err
	})
}
