// Package oidc takes tokens of an identity provider for what they say: JWTs as
// OpenID Connect has them, signed by a key that the issuer publishes, for the
// audience that this server is. Claims give roles.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"freshet/internal/access"
	"freshet/internal/errs"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/time/rate"
)

// Algorithms are those that a token may be signed by unless fewer are wanted.
// None of them is one where who checks a signature could also make one.
var Algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}

const (
	maxToken = 16 << 10 // bytes
	askTime  = 10 * time.Second
	askAgain = 5 * time.Second // after the issuer did not answer

	askEvery   = time.Second // on average
	asksAtOnce = 30
)

// Config says whose tokens are taken.
type Config struct {
	Issuer     string
	Audience   string
	Algorithms []string
	Grants     []Grant
}

// Grant gives a role in a project to whoever has a value in a claim, be it the
// claim itself or one of its list.
type Grant struct {
	Claim, Value string
	Role         access.Role
	Project      string
}

// ParseGrant reads CLAIM=VALUE:ROLE@PROJECT; without @PROJECT it is everywhere.
func ParseGrant(s string) (Grant, error) {
	bad := func(why string) (Grant, error) {
		return Grant{}, errs.E(errs.Invalid, "bad-grant", "%q is not CLAIM=VALUE:ROLE@PROJECT: %s", s, why)
	}
	claim, rest, ok := strings.Cut(s, "=")
	colon := strings.LastIndexByte(rest, ':')
	if !ok || claim == "" || colon < 1 {
		return bad("it lacks a claim, a value or a role")
	}
	g := Grant{Claim: claim, Value: rest[:colon], Project: access.Everywhere}
	role, project, of := strings.Cut(rest[colon+1:], "@")
	g.Role = access.Role(role)
	if of {
		g.Project = project
	}
	if err := access.Check(access.Grants{g.Project: g.Role}, nil); err != nil {
		return bad(err.Error())
	}
	return g, nil
}

// Check refuses a configuration that would take any token.
func (c *Config) Check() error {
	if c.Audience == "" {
		return errs.E(errs.Invalid, "no-audience", "tokens of an issuer need an audience: those for others are not for this server")
	}
	for _, a := range c.Algorithms {
		if !slices.Contains(Algorithms, a) {
			return errs.E(errs.Invalid, "bad-algorithm", "%q is not an algorithm that tokens may be signed by", a).WithHint("they are %s", strings.Join(Algorithms, ", "))
		}
	}
	return nil
}

// Provider takes tokens of one issuer. It asks the issuer for its keys when the
// first token comes, and again for a key that it does not know.
type Provider struct {
	config Config
	client *http.Client

	mu       sync.Mutex
	verifier *oidc.IDTokenVerifier
	failed   time.Time
}

// New makes a provider. The issuer need not answer yet.
func New(c Config) *Provider {
	if len(c.Algorithms) == 0 {
		c.Algorithms = Algorithms
	}
	return &Provider{config: c, client: &http.Client{Timeout: askTime, Transport: &bounded{rate.NewLimiter(rate.Every(askEvery), asksAtOnce)}}}
}

// bounded asks the issuer no more than so often: tokens that name keys which are
// not there have its keys fetched each time.
type bounded struct{ limit *rate.Limiter }

func (b *bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	if !b.limit.Allow() {
		return nil, errors.New("the issuer was asked often enough")
	}
	return http.DefaultTransport.RoundTrip(r)
}

// Identity is who a token stands for, until it expires. Without a role it may
// nothing, but is known.
func (p *Provider) Identity(ctx context.Context, token string) (access.Identity, error) {
	none := access.Identity{}
	if len(token) > maxToken {
		return none, bad("it is longer than %d bytes", maxToken)
	}
	v, err := p.ready()
	if err != nil {
		return none, err
	}
	t, err := v.Verify(ctx, token)
	var expired *oidc.TokenExpiredError
	switch {
	case errors.As(err, &expired):
		return none, errs.E(errs.Unauthorized, "token-expired", "the token expired at %s", expired.Expiry.UTC().Format(time.RFC3339)).WithHint("get a new one from the identity provider")
	case err != nil && strings.Contains(err.Error(), "fetching keys"):
		return none, issuerDown(err)
	case err != nil:
		return none, bad("its issuer, audience, time or signature is not as it must be").Because(err)
	case t.Subject == "" || len(t.Subject) > 255:
		return none, bad("it has no subject that could be told")
	}
	var claims map[string]any
	if err := t.Claims(&claims); err != nil {
		return none, bad("its claims cannot be read").Because(err)
	}
	who := access.Identity{Actor: "oidc:" + t.Subject, Name: nameOf(claims, t.Subject), Grants: access.Grants{}, Until: t.Expiry}
	for _, g := range p.config.Grants {
		if has(claims[g.Claim], g.Value) && slices.Index(access.Roles, g.Role) > slices.Index(access.Roles, who.Grants[g.Project]) {
			who.Grants[g.Project] = g.Role
		}
	}
	return who, nil
}

// ready asks the issuer where its keys are, once it answers.
func (p *Provider) ready() (*oidc.IDTokenVerifier, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.verifier != nil {
		return p.verifier, nil
	}
	if time.Since(p.failed) < askAgain {
		return nil, issuerDown(nil)
	}
	// its keys are fetched in this context for as long as the server lives
	issuer, err := oidc.NewProvider(oidc.ClientContext(context.Background(), p.client), p.config.Issuer)
	if err != nil {
		p.failed = time.Now()
		return nil, issuerDown(err)
	}
	p.verifier = issuer.Verifier(&oidc.Config{ClientID: p.config.Audience, SupportedSigningAlgs: p.config.Algorithms})
	return p.verifier, nil
}

func issuerDown(cause error) error {
	return errs.E(errs.Unavailable, "issuer-down", "the identity provider does not answer, so that its tokens cannot be checked").After(askAgain).
		WithHint("API keys work meanwhile").Because(cause)
}

func bad(format string, args ...any) *errs.Error {
	return errs.E(errs.Unauthorized, "bad-token", "the token is not good here: %s", fmt.Sprintf(format, args...)).WithHint("get one from the identity provider that is for this server")
}

// has tells whether a claim is a value, or a list that has it.
func has(claim any, value string) bool {
	switch v := claim.(type) {
	case string:
		return v == value
	case bool:
		return fmt.Sprint(v) == value
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { s, ok := e.(string); return ok && s == value })
	}
	return false
}

// nameOf is what people call who a token is of.
func nameOf(claims map[string]any, subject string) string {
	for _, c := range []string{"preferred_username", "email", "name"} {
		if s, ok := claims[c].(string); ok && s != "" && len(s) <= 255 {
			return s
		}
	}
	return subject
}
