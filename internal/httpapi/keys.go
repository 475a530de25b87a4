package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"freshet/api"
	"freshet/internal/errs"

	"github.com/danielgtaylor/huma/v2"
)

// KeyParam is the path parameter of a key's route.
type KeyParam struct {
	ID string `path:"id" maxLength:"200"`
}

type keyMadeOutput struct {
	SetCookie    string `header:"Set-Cookie"`
	CacheControl string `header:"Cache-Control"`
	Body         api.KeyMade
}

// keyRoutes make, list and revoke keys.
func (s *Server) keyRoutes() {
	tag := []string{"keys"}
	handle(s, huma.Operation{OperationID: "keys", Method: http.MethodGet, Path: "/keys", Summary: "List keys", Tags: tag}, s.listKeys)
	handle(s, huma.Operation{OperationID: "create-key", Method: http.MethodPost, Path: "/keys", Summary: "Make a key", DefaultStatus: http.StatusCreated, Tags: tag,
		Description: "From the first key on every request needs one. Whoever made that one had none, so its answer begins a session, too: the page that asked goes on."}, s.createKey)
	handle(s, huma.Operation{OperationID: "revoke-key", Method: http.MethodDelete, Path: "/keys/{id}", Summary: "End a key for good", DefaultStatus: http.StatusNoContent, Tags: tag, Errors: []int{404},
		Description: "At once, on all nodes, with the sessions that were begun by it, be it the one that asks. Revoking the last key does not open the server again."},
		func(ctx context.Context, in *KeyParam) (*struct{}, error) {
			return nil, s.Catalog.RevokeKey(ctx, in.ID)
		})
}

func (s *Server) listKeys(ctx context.Context, _ *struct{}) (*body[api.KeyList], error) {
	keys, err := s.Catalog.Keys(ctx)
	if err != nil {
		return nil, err
	}
	mine := requestFrom(ctx).key
	out := api.KeyList{Keys: make([]api.Key, 0, len(keys))}
	for _, k := range keys {
		out.Keys = append(out.Keys, api.Key{ID: k.ID, Name: k.Name, CreatedTime: k.Created, LastUsed: timeOrNull(k.LastUsed), RevokedTime: timeOrNull(k.Revoked), Current: mine != nil && mine.ID == k.ID})
	}
	return &body[api.KeyList]{out}, nil
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (s *Server) createKey(ctx context.Context, in *struct{ Body api.NewKey }) (*keyMadeOutput, error) {
	name := strings.TrimSpace(in.Body.Name)
	if name == "" {
		return nil, errs.E(errs.Invalid, "no-name", "/name: a key needs a name").WithHint("say whose it is")
	}
	k, secret, err := s.Catalog.NewKey(ctx, name)
	if err != nil {
		return nil, err
	}
	out := &keyMadeOutput{CacheControl: noStore, Body: api.KeyMade{ID: k.ID, Name: k.Name, Key: secret}}
	info := requestFrom(ctx)
	if info.key != nil {
		return out, nil
	}
	// It was asked without a key, which nobody can from now on. Should there be no
	// session the key in the answer lets its owner in all the same.
	_, cookie, err := s.Catalog.NewSession(ctx, k)
	if err != nil {
		info.cause = err
		return out, nil
	}
	out.SetCookie = newCookie(ctx, cookie)
	return out, nil
}
