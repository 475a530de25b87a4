package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"freshet/api"
	"freshet/internal/access"
	"freshet/internal/catalog"
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

// keyRoutes make, list and revoke keys. An administrator of some projects has
// to do with keys that are of these alone.
func (s *Server) keyRoutes() {
	tag := []string{"keys"}
	handle(s, huma.Operation{OperationID: "keys", Method: http.MethodGet, Path: "/keys", Summary: "List keys", Tags: tag,
		Description: "Those that the caller administers: all of their projects are its own."}, s.listKeys)
	handle(s, huma.Operation{OperationID: "create-key", Method: http.MethodPost, Path: "/keys", Summary: "Make a key", DefaultStatus: http.StatusCreated, Tags: tag, Errors: []int{403},
		Description: "It may what its role allows in its projects, as far as its scopes go; what is left out is as the caller has it, and no key may more than who makes it. From the first key on every request needs one. Whoever made that one had none, so its answer begins a session, too: the page that asked goes on."}, s.createKey)
	handle(s, huma.Operation{OperationID: "revoke-key", Method: http.MethodDelete, Path: "/keys/{id}", Summary: "End a key for good", DefaultStatus: http.StatusNoContent, Tags: tag, Errors: []int{404},
		Description: "At once, on all nodes, with the sessions that were begun by it, be it the one that asks. Revoking the last key does not open the server again."},
		func(ctx context.Context, in *KeyParam) (*struct{}, error) {
			return nil, s.Catalog.RevokeKey(ctx, in.ID, func(k *catalog.Key) error {
				if administers(ctx, k.Grants) {
					return nil
				}
				return errs.E(errs.NotFound, "unknown-key", "there is no key %q that is not revoked", in.ID).WithHint("GET /data/efficient/keys lists them")
			})
		})
}

// administers tells whether a caller is an administrator wherever grants reach.
func administers(ctx context.Context, g access.Grants) bool {
	c := access.From(ctx)
	for project := range g {
		if !c.May(project, access.Admin) {
			return false
		}
	}
	return true
}

func (s *Server) listKeys(ctx context.Context, _ *struct{}) (*body[api.KeyList], error) {
	keys, err := s.Catalog.Keys(ctx)
	if err != nil {
		return nil, err
	}
	mine := requestFrom(ctx).who
	out := api.KeyList{Keys: make([]api.Key, 0, len(keys))}
	for _, k := range keys {
		if !administers(ctx, k.Grants) {
			continue
		}
		out.Keys = append(out.Keys, api.Key{ID: k.ID, Name: k.Name, Roles: rolesOf(k.Grants), Scopes: scopesOf(k.Scopes), CreatedTime: k.Created, CreatedBy: k.CreatedBy,
			ExpiresTime: timeOrNull(k.Expires), LastUsed: timeOrNull(k.LastUsed), RevokedTime: timeOrNull(k.Revoked), Current: mine != nil && mine.KeyID == k.ID})
	}
	return &body[api.KeyList]{out}, nil
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func rolesOf(g access.Grants) map[string]string {
	out := map[string]string{}
	for project, role := range g {
		out[project] = string(role)
	}
	return out
}

func scopesOf(scopes []access.Right) []string {
	out := []string{}
	for _, s := range scopes {
		out = append(out, string(s))
	}
	return out
}

// keyFrom is the key that is asked for.
func keyFrom(ctx context.Context, in *api.NewKey) (catalog.Key, error) {
	c := access.From(ctx)
	k := catalog.Key{Name: strings.TrimSpace(in.Name), CreatedBy: c.Actor, Grants: c.Grants, Scopes: c.Scopes}
	if k.Name == "" {
		return k, errs.E(errs.Invalid, "no-name", "/name: a key needs a name").WithHint("say whose it is")
	}
	if len(in.Roles) > 0 {
		k.Grants = access.Grants{}
		for project, role := range in.Roles {
			k.Grants[project] = access.Role(role)
		}
	}
	if len(in.Scopes) > 0 {
		k.Scopes = nil
		for _, scope := range in.Scopes {
			k.Scopes = append(k.Scopes, access.Right(scope))
		}
	}
	if in.ExpiresTime != nil {
		k.Expires = *in.ExpiresTime
	}
	if who := requestFrom(ctx).who; who != nil && !who.Until.IsZero() { // it does not outlast who makes it
		if k.Expires.IsZero() {
			k.Expires = who.Until
		}
		if k.Expires.After(who.Until) {
			return k, errs.E(errs.Forbidden, "more-than-own", "a key may not outlast what its maker came by, which ends at %s", who.Until.UTC().Format(time.RFC3339)).WithHint("choose an end before, or leave it out")
		}
	}
	if err := access.Check(k.Grants, k.Scopes); err != nil {
		return k, err
	}
	more := func(what string) error {
		return errs.E(errs.Forbidden, "more-than-own", "a key may not have %s that its maker has not", what).WithHint("ask somebody who has it")
	}
	if !administers(ctx, k.Grants) || !k.Grants.Within(c.Grants) {
		return k, more("a role")
	}
	if len(c.Scopes) > 0 && slices.ContainsFunc(k.Scopes, func(s access.Right) bool { return !slices.Contains(c.Scopes, s) }) {
		return k, more("a scope")
	}
	return k, nil
}

func (s *Server) createKey(ctx context.Context, in *struct{ Body api.NewKey }) (*keyMadeOutput, error) {
	wanted, err := keyFrom(ctx, &in.Body)
	if err != nil {
		return nil, err
	}
	k, secret, err := s.Catalog.NewKey(ctx, wanted)
	if err != nil {
		return nil, err
	}
	out := &keyMadeOutput{CacheControl: noStore, Body: api.KeyMade{ID: k.ID, Name: k.Name, Key: secret}}
	info := requestFrom(ctx)
	if info.who != nil {
		return out, nil
	}
	// It was asked without a key, which nobody can from now on. Should there be no
	// session the key in the answer lets its owner in all the same.
	_, cookie, err := s.Catalog.NewSession(ctx, k.Identity())
	if err != nil {
		info.cause = err
		return out, nil
	}
	out.SetCookie = newCookie(ctx, cookie)
	return out, nil
}
