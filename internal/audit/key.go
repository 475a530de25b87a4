package audit

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"freshet/internal/durable"
	"freshet/internal/errs"

	"golang.org/x/mod/sumdb/note"
)

// keyName is the name that every key signs under; keys are told apart by the
// hash that stands behind it.
const keyName = "freshet-audit"

// KeyFile is where the key is in the data directory, unless another was named.
const KeyFile = "audit.key"

// Key signs heads.
type Key struct {
	note.Signer
	Verifier string // for everybody: what tells that a head was signed by it
}

// secretFront begins every key, by which one is told from the path of its file.
const secretFront = "PRIVATE+KEY+"

// LoadKey reads the key of a file, or takes it as it is given. With make it makes
// one where there is no such file.
func LoadKey(given string, make bool) (*Key, error) {
	if strings.HasPrefix(given, secretFront) {
		return parseKey(given, "--audit-key")
	}
	b, err := os.ReadFile(given)
	if errors.Is(err, os.ErrNotExist) {
		if !make {
			return nil, errs.E(errs.NotFound, "no-audit-key", "there is no key at %s", given).WithHint("the server makes one when it starts first; --audit-key names another file")
		}
		if b, err = makeKey(given); err != nil {
			return nil, fmt.Errorf("make the key of the audit log: %w", err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read the key of the audit log: %w", err)
	}
	return parseKey(string(b), given)
}

// NewKey makes a key, and gives it as it is kept.
func NewKey() (secret string, err error) {
	secret, _, err = note.GenerateKey(rand.Reader, keyName)
	return secret, err
}

// parseKey shows nothing of what it is given.
func parseKey(text, where string) (*Key, error) {
	text = strings.TrimSpace(text)
	bad := errs.E(errs.Invalid, "bad-audit-key", "%s does not hold a key of an audit log", where).WithHint("freshet audit key --new makes one")
	signer, err := note.NewSigner(text)
	if err != nil || signer.Name() != keyName {
		return nil, bad
	}
	fields := strings.SplitN(text, "+", 5) // PRIVATE+KEY+NAME+HASH+BASE64
	secret, err := base64.StdEncoding.DecodeString(fields[len(fields)-1])
	if err != nil || len(secret) != 1+ed25519.SeedSize {
		return nil, bad
	}
	verifier, err := note.NewEd25519VerifierKey(keyName, ed25519.NewKeyFromSeed(secret[1:]).Public().(ed25519.PublicKey))
	if err != nil {
		return nil, bad
	}
	return &Key{signer, verifier}, nil
}

// makeKey keeps a new key where only the server's user can read it. Of two that
// make one at once, the first one's stays.
func makeKey(path string) ([]byte, error) {
	secret, err := NewKey()
	if err != nil {
		return nil, err
	}
	if err := durable.MkdirAll(filepath.Dir(path)); err != nil {
		return nil, err
	}
	if err := durable.WriteNew(path, []byte(secret+"\n")); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// Verifiers are keys by which heads are checked.
func Verifiers(keys ...string) (note.Verifiers, error) {
	var list []note.Verifier
	for _, k := range keys {
		v, err := note.NewVerifier(strings.TrimSpace(k))
		if err != nil {
			return nil, errs.E(errs.Invalid, "bad-verifier", "%q is not the public key of an audit log", k).WithHint("freshet audit key prints it, from freshet-audit+ on")
		}
		list = append(list, v)
	}
	return note.VerifierList(list...), nil
}
