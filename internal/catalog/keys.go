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
	k := Key{ID: id, Name: name, Hash: HashKey(secret), Created: now()}
	err := s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO keys (id, name, hash, created) VALUES ($1, $2, $3, $4) ON CONFLICT (hash) DO NOTHING`, k.ID, k.Name, k.Hash, micros(k.Created))
		return err
	})
	return k, err
}

// Keys lists the keys, newest first.
func (s *Store) Keys(ctx context.Context) ([]Key, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, name, hash, created, last_used, revoked FROM keys ORDER BY created DESC, id`)
	if err != nil {
		return nil, down(err)
	}
	defer rows.Close()
	out := []Key{}
	for rows.Next() {
		k, err := scanKey(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, down(rows.Err())
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
	err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM keys LIMIT 1) k`).Scan(&n)
	return n > 0, down(err)
}

// Authenticate finds the key of a secret, unless it is revoked, and notes its use
// once a minute at most.
func (s *Store) Authenticate(ctx context.Context, secret string) (Key, error) {
	k, err := scanKey(s.read.QueryRowContext(ctx, `SELECT id, name, hash, created, last_used, revoked FROM keys WHERE hash = $1`, HashKey(secret)))
	if errors.Is(err, sql.ErrNoRows) || err == nil && !k.Revoked.IsZero() {
		return Key{}, errs.E(errs.Unauthorized, "bad-key", "the key is not known or was revoked").WithHint("freshet keys create makes one")
	}
	if err != nil {
		return Key{}, down(err)
	}
	if time.Since(k.LastUsed) > time.Minute {
		err = s.tx(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `UPDATE keys SET last_used = $1 WHERE id = $2`, micros(now()), k.ID)
			return err
		})
	}
	return k, err
}

// RevokeKey ends a key for good.
func (s *Store) RevokeKey(ctx context.Context, id string) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE keys SET revoked = $1 WHERE id = $2 AND revoked = 0`, micros(now()), id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errs.E(errs.NotFound, "unknown-key", "there is no key %q that is not revoked", id).WithHint("freshet keys list shows them").Because(err)
		}
		return nil
	})
}
