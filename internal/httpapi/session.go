package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"freshet/api"
	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/errs"

	"github.com/danielgtaylor/huma/v2"
)

// A page signs in once by a key and is known by a cookie from then on. Scripts
// cannot read the cookie; pages of other sites cannot have it sent, nor does it
// count when a browser says that another page asked.

const sessionPath = "/session"

// sessionRoutes are the patterns of those that need no key.
var sessionRoutes = map[string]bool{
	"GET " + Prefix + sessionPath: true, "POST " + Prefix + sessionPath: true, "DELETE " + Prefix + sessionPath: true,
}

// sessionOutput is never kept by a browser: it is true of this moment.
type sessionOutput struct {
	SetCookie    string `header:"Set-Cookie"`
	CacheControl string `header:"Cache-Control"`
	Body         api.Session
}

const noStore = "no-store"

func (s *Server) sessionRoutes() {
	tag := []string{"keys"}
	anyone := []map[string][]string{{}}
	handle(s, huma.Operation{OperationID: "session", Method: http.MethodGet, Path: sessionPath, Summary: "Whether the page that asks is signed in", Tags: tag, Security: anyone},
		func(ctx context.Context, _ *struct{}) (*sessionOutput, error) {
			has, err := s.Catalog.HasKeys(ctx)
			if err != nil {
				return nil, err
			}
			has = has || s.Tokens != nil
			info := requestFrom(ctx)
			return s.showSession(has, info.who, info.session), nil
		})
	handle(s, huma.Operation{OperationID: "sign-in", Method: http.MethodPost, Path: sessionPath, Summary: "Begin a session by a key",
		Description: "From a page of this server only. The session is in a cookie, ends after 24 hours without a request and 7 days at most, and with its key.", Tags: tag, Security: anyone, Errors: []int{401, 403}},
		func(ctx context.Context, in *struct{ Body api.SignIn }) (*sessionOutput, error) {
			who, err := s.signIn(ctx, strings.TrimSpace(in.Body.Key))
			if err != nil {
				return nil, err
			}
			if old := requestFrom(ctx).cookie; old != "" {
				if err := s.Catalog.EndSession(ctx, old); err != nil {
					return nil, err
				}
			}
			n, secret, err := s.Catalog.NewSession(ctx, who)
			if err != nil {
				return nil, err
			}
			out := s.showSession(true, &who, &n)
			out.SetCookie = newCookie(ctx, secret)
			return out, nil
		})
	handle(s, huma.Operation{OperationID: "sign-out", Method: http.MethodDelete, Path: sessionPath, Summary: "End the session", DefaultStatus: http.StatusNoContent, Tags: tag, Security: anyone, Errors: []int{403}},
		func(ctx context.Context, _ *struct{}) (*struct {
			SetCookie string `header:"Set-Cookie"`
		}, error) {
			if secret := requestFrom(ctx).cookie; secret != "" {
				if err := s.Catalog.EndSession(ctx, secret); err != nil {
					return nil, err
				}
			}
			return &struct {
				SetCookie string `header:"Set-Cookie"`
			}{newCookie(ctx, "")}, nil
		})
}

// signIn finds who a page is to be signed in as.
func (s *Server) signIn(ctx context.Context, secret string) (access.Identity, error) {
	info := requestFrom(ctx)
	who, err := s.authenticate(ctx, secret)
	switch {
	case errs.Is(err, errs.Unauthorized):
		err = s.failed(info, secret, err)
	case err == nil && len(who.Grants) == 0:
		err = errs.E(errs.Forbidden, "no-role", "%s has no role here", who.Name).WithHint("ask an administrator for one")
	}
	return who, err
}

func (s *Server) showSession(keysExist bool, of *access.Identity, n *catalog.Session) *sessionOutput {
	out := &sessionOutput{CacheControl: noStore, Body: api.Session{KeysExist: keysExist, SignedIn: of != nil, Version: s.Settings.Version}}
	out.Body.Roles, out.Body.Scopes = map[string]string{}, []string{}
	switch {
	case of != nil:
		out.Body.Actor, out.Body.KeyName = &of.Actor, &of.Name
		out.Body.Roles, out.Body.Scopes = rolesOf(of.Grants), scopesOf(of.Scopes)
	case !keysExist:
		out.Body.Actor = optional("local")
		out.Body.Roles[access.Everywhere] = string(access.Administrator)
	}
	if n != nil {
		ends := n.Ends()
		out.Body.ExpiresAt = &ends
	}
	return out
}

// cookieName is that of the session's cookie. By TLS it is one that no page of
// a neighbouring name, and none without TLS, can set.
func cookieName(secure bool) string {
	if secure {
		return "__Host-freshet_session"
	}
	return "freshet_session"
}

// newCookie hands a session to the browser; without a secret it takes it away.
func newCookie(ctx context.Context, secret string) string {
	secure := requestFrom(ctx).secure
	c := http.Cookie{Name: cookieName(secure), Value: secret, Path: "/", HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode, MaxAge: int(catalog.SessionLife / time.Second)}
	if secret == "" {
		c.MaxAge = -1
	}
	return c.String()
}

func sessionCookie(r *http.Request, secure bool) string {
	c, err := r.Cookie(cookieName(secure))
	if err != nil {
		return "" // there is none
	}
	return c.Value
}

// sameOrigin tells whether a page of this server asks, or a person by the
// address bar, as far as the browser says. One that says nothing of the site
// tells at least of the origin, where it is another's.
func sameOrigin(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
	default:
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}
