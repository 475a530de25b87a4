package httpapi

import (
	"context"
	"net/http"
	"sync"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// admissions remembers who was let in, for the time in which the catalog cannot
// be asked: who looks why nothing works must get an answer.
type admissions struct {
	mu   sync.Mutex
	open bool // there were no keys when it was asked last
	keys map[string]admitted
}

type admitted struct {
	key catalog.Key
	at  time.Time
}

// rememberedFor is how long a key that was let in opens what works without the catalog.
const rememberedFor = 10 * time.Minute

// worksWithoutCatalog tells of requests that are answered though the catalog is
// down, and tell nothing of files.
func worksWithoutCatalog(r *http.Request) bool {
	return r.Method == http.MethodGet && (r.URL.Path == "/data/efficient/health" || r.URL.Path == "/metrics")
}

// locked tells whether requests need a key.
func (s *Server) locked(r *http.Request) (bool, error) {
	has, err := s.Catalog.HasKeys(r.Context())
	a := &s.admissions
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		a.open = !has
		return has, nil
	}
	if worksWithoutCatalog(r) {
		return !a.open, nil
	}
	return true, err
}

// authenticate finds the key of a secret.
func (s *Server) authenticate(ctx context.Context, r *http.Request, secret string) (catalog.Key, error) {
	k, err := s.Catalog.Authenticate(ctx, secret)
	a, hash := &s.admissions, catalog.HashKey(secret)
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err == nil:
		if a.keys == nil || len(a.keys) > 1000 {
			a.keys = map[string]admitted{}
		}
		a.keys[hash] = admitted{k, time.Now()}
	case errs.Is(err, errs.Unauthorized):
		delete(a.keys, hash)
	case worksWithoutCatalog(r):
		if was, ok := a.keys[hash]; ok && time.Since(was.at) < rememberedFor {
			return was.key, nil
		}
	}
	return k, err
}
