package catalog

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"freshet/internal/access"
	"freshet/internal/errs"
)

// HashKey is what is stored of a key: the hex SHA-256. Keys are 256 random
// bits, so that a slow hash would guard nothing.
func HashKey(secret string) string {
	h := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(h[:])
}

// Identity is whom a key stands for.
func (k *Key) Identity() access.Identity {
	return access.Identity{Actor: "key:" + k.ID, Name: k.Name, KeyID: k.ID, Grants: k.Grants, Scopes: k.Scopes, Until: k.Expires}
}

// Live tells whether a key opens anything at a time.
func (k *Key) Live(now time.Time) bool {
	return k.Revoked.IsZero() && (k.Expires.IsZero() || now.Before(k.Expires))
}

// NewKey makes a key from its name, grants, scopes and end, and gives its secret,
// which is not kept and cannot be shown again.
func (s *Store) NewKey(ctx context.Context, k Key) (Key, string, error) {
	secret, err := access.NewSecret()
	if err != nil {
		return Key{}, "", err
	}
	k.ID, _ = access.KeyID(secret)
	k, err = s.AddKey(ctx, k, secret)
	return k, secret, err
}

// AddKey stores a key that was made elsewhere. The same secret again changes nothing.
func (s *Store) AddKey(ctx context.Context, k Key, secret string) (Key, error) {
	k.Hash, k.Created = HashKey(secret), s.Now()
	if err := access.Check(k.Grants, k.Scopes); err != nil {
		return k, err
	}
	if !k.Expires.IsZero() && !k.Expires.After(k.Created) {
		return k, errs.E(errs.Invalid, "expired-already", "the key would have ended at %s", k.Expires.Format(time.RFC3339)).WithHint("choose a time to come")
	}
	grants, scopes, err := encodeRights(k.Grants, k.Scopes)
	if err != nil {
		return k, err
	}
	err = s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for project := range k.Grants {
			if err := s.inProject(ctx, tx, project); err != nil {
				return err
			}
		}
		// whichever of the two is there already, since nodes that start at once add the same
		made, err := tx.ExecContext(ctx, `INSERT INTO keys (`+keyColumns+`) VALUES ($1, $2, $3, $4, 0, 0, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
			k.ID, k.Name, k.Hash, micros(k.Created), micros(k.Expires), grants, scopes, k.CreatedBy)
		if err != nil {
			return err
		}
		var n int
		err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM keys WHERE hash = $1`, k.Hash).Scan(&n)
		if err == nil && n == 0 {
			err = errs.E(errs.Conflict, "id-taken", "the id %q is that of another key", k.ID)
		}
		if err != nil {
			return err
		}
		if n, err := made.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return s.audit(ctx, tx, Act{Action: "create-key", Project: projectOf(k.Grants), Object: k.ID, Detail: describe(&k)})
	})
	return k, err
}

func encodeRights(g access.Grants, scopes []access.Right) (string, string, error) {
	a, err := json.Marshal(g)
	if err != nil {
		return "", "", err
	}
	if scopes == nil {
		scopes = []access.Right{}
	}
	b, err := json.Marshal(scopes)
	return string(a), string(b), err
}

const keyColumns = `id, name, hash, created, last_used, revoked, expires, grants, scopes, created_by`

func scanKey(row scanner) (Key, error) {
	var k Key
	var created, used, revoked, expires int64
	var grants, scopes string
	if err := row.Scan(&k.ID, &k.Name, &k.Hash, &created, &used, &revoked, &expires, &grants, &scopes, &k.CreatedBy); err != nil {
		return k, err
	}
	k.Created, k.LastUsed, k.Revoked, k.Expires = fromMicros(created), fromMicros(used), fromMicros(revoked), fromMicros(expires)
	return k, errors.Join(json.Unmarshal([]byte(grants), &k.Grants), json.Unmarshal([]byte(scopes), &k.Scopes))
}

// Keys lists the keys, newest first.
func (s *Store) Keys(ctx context.Context) (out []Key, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = []Key{}
		return rows(ctx, q, func(r scanner) error {
			k, err := scanKey(r)
			out = append(out, k)
			return err
		}, `SELECT `+keyColumns+` FROM keys ORDER BY created DESC, id`)
	})
	return out, err
}

// HasKeys tells whether any key was ever made: from then on every request needs
// one. That is never taken back, so it is asked until it is so.
func (s *Store) HasKeys(ctx context.Context) (bool, error) {
	if s.keyed.Load() {
		return true, nil
	}
	var n int
	err := s.look(ctx, func(ctx context.Context, q querier) error {
		return q.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM keys LIMIT 1) k`).Scan(&n)
	})
	if n > 0 && err == nil {
		s.keyed.Store(true)
	}
	return n > 0, err
}

// Authenticate finds the key of a secret, unless it is revoked or has ended, and
// notes its use once a minute at most. It is found by the id that its secret
// tells, and the rest compared in constant time; a secret of another making is
// found by its hash.
func (s *Store) Authenticate(ctx context.Context, secret string) (k Key, err error) {
	hash := HashKey(secret)
	where, arg := "hash", hash
	if id, ok := access.KeyID(secret); ok {
		where, arg = "id", id
	}
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		k, err = scanKey(q.QueryRowContext(ctx, `SELECT `+keyColumns+` FROM keys WHERE `+where+` = $1`, arg))
		return err
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Key{}, err
	}
	now := s.Now()
	if subtle.ConstantTimeCompare([]byte(cmp.Or(k.Hash, HashKey(""))), []byte(hash)) != 1 || err != nil || !k.Live(now) {
		return Key{}, errs.E(errs.Unauthorized, "bad-key", "the key is not known, has ended or was revoked").WithHint("freshet keys create makes one")
	}
	if now.Sub(k.LastUsed) > time.Minute {
		err = s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `UPDATE keys SET last_used = $1 WHERE id = $2`, micros(now), k.ID)
			return err
		})
	}
	return k, err
}

// RevokeKey ends a key for good, and the sessions that were begun by it. may,
// unless nil, can refuse that.
func (s *Store) RevokeKey(ctx context.Context, id string, may func(*Key) error) error {
	missing := errs.E(errs.NotFound, "unknown-key", "there is no key %q that is not revoked", id).WithHint("freshet keys list shows them")
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		k, err := scanKey(tx.QueryRowContext(ctx, `SELECT `+keyColumns+` FROM keys WHERE id = $1 AND revoked = 0`+s.forUpdate, id))
		if errors.Is(err, sql.ErrNoRows) {
			return missing
		}
		if err == nil && may != nil {
			err = may(&k)
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE keys SET revoked = $1 WHERE id = $2`, micros(s.Now()), id); err != nil {
			return err
		}
		if _, err = tx.ExecContext(ctx, `DELETE FROM sessions WHERE key_id = $1`, id); err != nil {
			return err
		}
		return s.audit(ctx, tx, Act{Action: "revoke-key", Project: projectOf(k.Grants), Object: id, Detail: describe(&k)})
	})
}

// projectOf is where an act on grants is on record: in their one project, or
// with the server's own where they reach further.
func projectOf(g access.Grants) string {
	if len(g) == 1 {
		for project := range g {
			return project
		}
	}
	return access.Everywhere
}

// describe is a key for the audit log: whose it is and what it may.
func describe(k *Key) string {
	grants, scopes, err := encodeRights(k.Grants, k.Scopes)
	if err != nil {
		return k.Name
	}
	return fmt.Sprintf("%q %s %s", k.Name, grants, scopes)
}
