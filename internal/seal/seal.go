// Package seal keeps bytes that are of use to nobody without a master key.
//
// What is sealed has a data key of its own, random, which lies beside it wrapped
// by the master key: a file, a variable, or a service that never gives it away.
// Bytes are sealed in blocks of 64 KiB by github.com/minio/sio (DARE 1.0, AES-256-GCM):
// each by itself, at its number, so that any can be written or read without the others.
package seal

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"

	"freshet/internal/errs"
)

// Master wraps data keys. What a wrapped key is bound to must be told again to
// unwrap it.
type Master interface {
	// ID names the key, and is no secret: what it wrapped says so.
	ID() string
	Wrap(ctx context.Context, key []byte, bound string) (wrapped []byte, err error)
	// Unwrap refuses, by Altered, what it did not wrap with the same bound.
	Unwrap(ctx context.Context, wrapped []byte, bound string) (key []byte, err error)
}

// Wrapped is a data key as it is kept.
type Wrapped struct {
	Master string `json:"master"` // which key wrapped it
	Key    []byte `json:"key"`
}

// Ring is the master keys that a process has: the first seals, all open.
type Ring struct {
	masters []Master

	mu    sync.Mutex
	known map[[sha256.Size]byte]Key // by what was unwrapped, so that a service is not asked for each read
}

// knownMost is how many data keys stay in memory.
const knownMost = 4096

// NewRing makes a ring of at least one key.
func NewRing(first Master, others ...Master) *Ring {
	return &Ring{masters: append([]Master{first}, others...), known: map[[sha256.Size]byte]Key{}}
}

// Seals is the id of the key that seals.
func (r *Ring) Seals() string { return r.masters[0].ID() }

// IDs are those of all keys.
func (r *Ring) IDs() (ids []string) {
	for _, m := range r.masters {
		ids = append(ids, m.ID())
	}
	return ids
}

// Has tells whether a key is in the ring.
func (r *Ring) Has(id string) bool { return r.master(id) != nil }

func (r *Ring) master(id string) Master {
	for _, m := range r.masters {
		if m.ID() == id {
			return m
		}
	}
	return nil
}

// Wrap wraps a data key by the key that seals.
func (r *Ring) Wrap(ctx context.Context, k Key, bound string) (Wrapped, error) {
	m := r.masters[0]
	b, err := m.Wrap(ctx, k[:], bound)
	if err != nil {
		return Wrapped{}, err
	}
	w := Wrapped{Master: m.ID(), Key: b}
	r.remember(w, bound, k)
	return w, nil
}

// Unwrap gives a data key back. NoMaster where the ring lacks the master key,
// Altered where it is not as it was wrapped.
func (r *Ring) Unwrap(ctx context.Context, w Wrapped, bound string) (Key, error) {
	m := r.master(w.Master)
	if m == nil {
		return Key{}, errs.E(errs.Unavailable, NoMaster, "this is sealed by the master key %s, and there is only %s", w.Master, strings.Join(r.IDs(), ", ")).
			WithHint("give that key to --master-key, too")
	}
	r.mu.Lock()
	k, ok := r.known[mark(w, bound)]
	r.mu.Unlock()
	if ok {
		return k, nil
	}
	b, err := m.Unwrap(ctx, w.Key, bound)
	if err != nil {
		return Key{}, err
	}
	if len(b) != len(k) {
		return Key{}, NotAsSealed("a data key has %d bytes", len(b))
	}
	copy(k[:], b)
	r.remember(w, bound, k)
	return k, nil
}

func mark(w Wrapped, bound string) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%q %q %x", w.Master, bound, w.Key))
}

func (r *Ring) remember(w Wrapped, bound string, k Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for old := range r.known {
		if len(r.known) < knownMost {
			break
		}
		delete(r.known, old)
	}
	r.known[mark(w, bound)] = k
}

// Codes of refusals.
const (
	// NoMaster: it was sealed by a master key that is not given.
	NoMaster = "no-master-key"
	// Altered: it is not as it was sealed.
	Altered = "sealed-bytes-altered"
	// keyService: a service that keeps a master key does not answer.
	keyService = "key-service-down"
)

// NotAsSealed is the refusal of what was altered since it was sealed.
func NotAsSealed(format string, args ...any) *errs.Error {
	return errs.E(errs.Internal, Altered, "stored bytes are not as they were sealed: "+format, args...).
		WithHint("freshet fsck tells what is damaged; a backup has it as it was")
}
