package catalog

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"freshet/internal/access"
	"freshet/internal/errs"
)

// A session ends when nothing was asked in it for SessionIdle, and SessionLife
// after it began whatever is asked.
const (
	SessionIdle = 24 * time.Hour
	SessionLife = 7 * 24 * time.Hour
)

// Session is a page that was signed in: what is asked in it is asked by whom it
// was begun by, for as long as that one's key is not revoked and has not ended,
// or as the token was good.
type Session struct {
	Hash    string // hex SHA-256 of its secret
	Who     access.Identity
	Created time.Time
	Seen    time.Time // to the minute
}

// Ends is when it ends unless it is used before.
func (s *Session) Ends() time.Time {
	end := s.Seen.Add(SessionIdle)
	for _, last := range []time.Time{s.Created.Add(SessionLife), s.Who.Until} {
		if !last.IsZero() && last.Before(end) {
			end = last
		}
	}
	return end
}

// NewSession begins a session of somebody and gives its secret, which is not kept.
func (s *Store) NewSession(ctx context.Context, who access.Identity) (Session, string, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return Session{}, "", err
	}
	grants, err := json.Marshal(who.Grants)
	if err != nil {
		return Session{}, "", err
	}
	secret, now := base64.RawURLEncoding.EncodeToString(raw), s.Now()
	n := Session{Hash: HashKey(secret), Who: who, Created: now, Seen: now}
	err = s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO sessions (hash, key_id, created, seen, actor, name, grants, ends) VALUES ($1, $2, $3, $3, $4, $5, $6, $7)`,
			n.Hash, who.KeyID, micros(now), who.Actor, text(who.Name), string(grants), micros(who.Until))
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, Act{Action: "sign-in", Actor: who.Actor, Project: projectOf(who.Grants), Object: who.Actor, Detail: who.Name})
	})
	return n, secret, err
}

// Session finds the session of a secret, unless it has ended or its key is of no
// use any more. One of a key may what the key may now.
func (s *Store) Session(ctx context.Context, secret string) (n Session, err error) {
	n.Hash = HashKey(secret)
	var k Key
	err = s.look(ctx, func(ctx context.Context, q querier) (err error) {
		var created, seen, ends int64
		var grants string
		w := &n.Who
		err = q.QueryRowContext(ctx, `SELECT key_id, created, seen, actor, name, grants, ends FROM sessions WHERE hash = $1`, n.Hash).
			Scan(&w.KeyID, &created, &seen, &w.Actor, &w.Name, &grants, &ends)
		if err != nil {
			return err
		}
		n.Created, n.Seen, w.Until = fromMicros(created), fromMicros(seen), fromMicros(ends)
		if w.KeyID == "" {
			return json.Unmarshal([]byte(grants), &w.Grants)
		}
		k, err = scanKey(q.QueryRowContext(ctx, `SELECT `+keyColumns+` FROM keys WHERE id = $1`, w.KeyID))
		n.Who = k.Identity()
		return err
	})
	now := s.Now()
	if errors.Is(err, sql.ErrNoRows) || err == nil && (n.Who.KeyID != "" && !k.Live(now) || !now.Before(n.Ends())) {
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
		n.Seen = now
		err = s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `UPDATE sessions SET seen = $1 WHERE hash = $2`, micros(now), n.Hash)
			if err == nil {
				_, err = tx.ExecContext(ctx, `UPDATE keys SET last_used = $1 WHERE id = $2`, micros(now), n.Who.KeyID)
			}
			return err
		})
	}
	return n, err
}

// EndSession ends the session of a secret. One that is not there is fine.
func (s *Store) EndSession(ctx context.Context, secret string) error {
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var keyID, actor, grants string
		err := tx.QueryRowContext(ctx, `DELETE FROM sessions WHERE hash = $1 RETURNING key_id, actor, grants`, HashKey(secret)).Scan(&keyID, &actor, &grants)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil && actor == "" { // begun by a program of before
			actor = "key:" + keyID
		}
		var g access.Grants
		if err == nil {
			err = json.Unmarshal([]byte(grants), &g)
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, Act{Action: "sign-out", Actor: actor, Project: projectOf(g), Object: actor})
	})
}

// ForgetSessions deletes those that have ended. One that was begun while its key
// was being revoked is among them: Session never took it for one.
func (s *Store) ForgetSessions(ctx context.Context) error {
	now := s.Now()
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE seen <= $1 OR created <= $2 OR ends <> 0 AND ends <= $3
			OR key_id <> '' AND NOT EXISTS (SELECT 1 FROM keys WHERE keys.id = sessions.key_id AND keys.revoked = 0)`,
			micros(now.Add(-SessionIdle)), micros(now.Add(-SessionLife)), micros(now))
		return err
	})
}
