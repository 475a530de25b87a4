package app

import (
	"context"

	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/config"
	"freshet/internal/errs"
	"freshet/internal/oidc"
)

// keys adds the bootstrap key, and refuses to listen beyond this machine without any.
func (a *App) keys(ctx context.Context) error {
	if k := a.config.BootstrapKey; k != "" {
		if access.Mistyped(k) {
			return errs.E(errs.Invalid, "bad-setting", "the bootstrap key begins like one that this program makes, and its checksum does not fit").WithHint("take all of a key of keys create, or choose one that does not begin with fsh_")
		}
		if _, err := a.catalog.AddKey(ctx, catalog.Key{ID: "bootstrap-" + catalog.HashKey(k)[:8], Name: "bootstrap", Grants: access.Grants{access.Everywhere: access.Administrator}}, k); err != nil {
			return err
		}
	}
	has, err := a.catalog.HasKeys(ctx)
	if err != nil || has || a.config.OIDCIssuer != "" {
		return err
	}
	for _, addr := range []string{a.config.Listen, a.config.AdminListen} {
		if addr != "" && !config.IsLoopback(addr) {
			return errs.E(errs.Forbidden, "no-keys", "%s is not a loopback address and there is no key", addr).
				WithHint("make one with: freshet keys create --data-dir %s  (in a container: FRESHET_BOOTSTRAP_KEY)", a.config.DataDir)
		}
	}
	if len(a.config.BehindProxy) > 0 {
		return errs.E(errs.Forbidden, "no-keys", "behind a proxy requests come from elsewhere, and there is no key").
			WithHint("make one with: freshet keys create --data-dir %s  (in a container: FRESHET_BOOTSTRAP_KEY)", a.config.DataDir)
	}
	return nil
}

// tokens has those of an identity provider taken.
func (a *App) tokens() error {
	c := &a.config
	if c.OIDCIssuer == "" {
		return nil
	}
	of := oidc.Config{Issuer: c.OIDCIssuer, Audience: c.OIDCAudience, Algorithms: c.OIDCAlgorithm}
	for _, text := range c.OIDCGrant {
		g, err := oidc.ParseGrant(text)
		if err != nil {
			return err
		}
		of.Grants = append(of.Grants, g)
	}
	if err := of.Check(); err != nil {
		return err
	}
	a.edge.Tokens = oidc.New(of).Identity
	return nil
}
