package catalog

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"freshet/internal/errs"
)

// HashKey is what is stored of a key: the hex SHA-256. Keys are 256 random
// bits, so that a slow hash would guard nothing.
func HashKey(secret string) string {
	h := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(h[:])
}

// NewKey makes a key and gives its secret, which is not kept and cannot be shown again.
func (s *Store) NewKey(ctx context.Context, name string) (Key, string, error) {
	id, raw := make([]byte, 6), make([]byte, 32)
	if _, err := rand.Read(id); err != nil {
		return Key{}, "", err
	}
	if _, err := rand.Read(raw); err != nil {
		return Key{}, "", err
	}
	secret := "fsh_" + hex.EncodeToString(id) + "_" + base64.RawURLEncoding.EncodeToString(raw)
	k, err := s.AddKey(ctx, hex.EncodeToString(id), name, secret)
	return k, secret, err
}

// AddKey stores a key that was made elsewhere. The same secret again changes nothing.
func (s *Store) AddKey(ctx context.Context, id, name, secret string) (Key, error) {
	k := Key{ID: id, Name: name, Hash: HashKey(secret), Created: s.Now()}
	err := s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		// whichever of the two is there already, since nodes that start at once add the same
		_, err := tx.ExecContext(ctx, `INSERT INTO keys (id, name, hash, created) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, k.ID, k.Name, k.Hash, micros(k.Created))
		if err != nil {
			return err
		}
		var n int
		err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM keys WHERE hash = $1`, k.Hash).Scan(&n)
		if err == nil && n == 0 {
			err = errs.E(errs.Conflict, "id-taken", "the id %q is that of another key", k.ID)
		}
		return err
	})
	return k, err
}

// Keys lists the keys, newest first.
func (s *Store) Keys(ctx context.Context) (out []Key, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = []Key{}
		return rows(ctx, q, func(r scanner) error {
			k, err := scanKey(r)
			out = append(out, k)
			return err
		}, `SELECT id, name, hash, created, last_used, revoked FROM keys ORDER BY created DESC, id`)
	})
	return out, err
}

func scanKey(row scanner) (Key, error) {
	var k Key
	var created, used, revoked int64
	err := row.Scan(&k.ID, &k.Name, &k.Hash, &created, &used, &revoked)
	k.Created, k.LastUsed, k.Revoked = fromMicros(created), fromMicros(used), fromMicros(revoked)
	return k, err
}

// HasKeys tells whether any key was ever made: from then on every request needs one.
func (s *Store) HasKeys(ctx context.Context) (bool, error) {
	var n int
	err := s.look(ctx, func(ctx context.Context, q querier) error {
		return q.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM keys LIMIT 1) k`).Scan(&n)
	})
	return n > 0, err
}

// Authenticate finds the key of a secret, unless it is revoked, and notes its use
// once a minute at most.
func (s *Store) Authenticate(ctx context.Context, secret string) (k Key, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		k, err = scanKey(q.QueryRowContext(ctx, `SELECT id, name, hash, created, last_used, revoked FROM keys WHERE hash = $1`, HashKey(secret)))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) || err == nil && !k.Revoked.IsZero() {
		return Key{}, errs.E(errs.Unauthorized, "bad-key", "the key is not known or was revoked").WithHint("freshet keys create makes one")
	}
	if err != nil {
		return Key{}, err
	}
	if now := s.Now(); now.Sub(k.LastUsed) > time.Minute {
		err = s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `UPDATE keys SET last_used = $1 WHERE id = $2`, micros(now), k.ID)
			return err
		})
	}
	return k, err
}

// RevokeKey ends a key for good, and the sessions that were begun by it.
func (s *Store) RevokeKey(ctx context.Context, id string) error {
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE keys SET revoked = $1 WHERE id = $2 AND revoked = 0`, micros(s.Now()), id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errs.E(errs.NotFound, "unknown-key", "there is no key %q that is not revoked", id).WithHint("freshet keys list shows them").Because(err)
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM sessions WHERE key_id = $1`, id)
		return err
	})
}
