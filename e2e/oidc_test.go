package e2e_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// issuer is an identity provider: it publishes where its keys are, and them.
type issuer struct {
	*httptest.Server
	t *testing.T

	mu   sync.Mutex
	keys jose.JSONWebKeySet
	down bool
}

func newIssuer(t *testing.T) *issuer {
	i := &issuer{t: t}
	mux := http.NewServeMux()
	answer := func(f func() any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			i.mu.Lock()
			defer i.mu.Unlock()
			if i.down {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			if err := json.NewEncoder(w).Encode(f()); err != nil {
				t.Error(err)
			}
		}
	}
	mux.HandleFunc("/.well-known/openid-configuration", answer(func() any {
		return map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token",
			"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "HS256", "none"}}
	}))
	mux.HandleFunc("/keys", answer(func() any { return i.keys }))
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

// publish adds a key.
func (i *issuer) publish(id string, public crypto.PublicKey) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys.Keys = append(i.keys.Keys, jose.JSONWebKey{Key: public, KeyID: id, Use: "sig"})
}

func (i *issuer) setDown(down bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.down = down
}

func sign(t *testing.T, alg jose.SignatureAlgorithm, key any, id string, claims map[string]any) string {
	t.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", id))
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(s).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// Tokens of an identity provider are taken like keys, if they are for this
// server and signed as they must be; their claims give roles.
func TestTokens(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i.publish("rsa", &rsaKey.PublicKey)
	i.setDown(true)
	s := start(t, "--oidc-issuer", i.URL, "--oidc-audience", "freshet", "--oidc-algorithm", "RS256,ES256",
		"--oidc-grant", "groups=ml:uploader@vision", "--oidc-grant", "groups=leads:curator@vision", "--oidc-grant", "role=root:admin")
	claims := func(more obj) map[string]any {
		c := map[string]any{"iss": i.URL, "aud": "freshet", "sub": "u1", "email": "ada@example.com", "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(), "groups": []string{"ml", "other"}}
		for k, v := range more {
			if v == nil {
				delete(c, k)
			} else {
				c[k] = v
			}
		}
		return c
	}
	token := sign(t, jose.RS256, rsaKey, "rsa", claims(nil))
	root := sign(t, jose.RS256, rsaKey, "rsa", claims(obj{"sub": "root", "role": "root"}))

	s.get("/staged-files").problem(401, "no-key") // though there are no keys
	s.key = token
	s.get("/staged-files?project=vision").problem(503, "issuer-down")
	i.setDown(false)
	s.until("the issuer is asked again", func() bool { return s.get("/staged-files").status != 503 })

	s.key = root
	s.do("PUT", api+"/projects/vision", "{}", "Content-Type", "application/json").ok(201)
	s.key = token
	s.get("/session").ok(200).json().want(t, obj{"actor": "oidc:u1", "key_name": "ada@example.com", "signed_in": true})
	f := s.upload(file("t.jsonl", good(3, "token"))).ok(200).json().str("file_id") // to its only project
	s.info(f).want(t, obj{"project": "vision", "created_by": "oidc:u1"})
	s.do("DELETE", api+"/file/"+f, "").problem(403, "not-allowed")
	s.key = sign(t, jose.RS256, rsaKey, "rsa", claims(obj{"groups": []string{"leads", "ml"}}))
	s.do("DELETE", api+"/file/"+f, "").ok(200)
	s.key = sign(t, jose.RS256, rsaKey, "rsa", claims(obj{"groups": "ml"})) // one value is as good as a list
	s.get("/staged-files").ok(200)
	s.key = sign(t, jose.RS256, rsaKey, "rsa", claims(obj{"groups": nil})) // known, and without a role
	s.get("/staged-files").problem(403, "not-allowed")
	s.get("/limits").ok(200)

	hmac := []byte(strings.Repeat("k", 64))
	parts := strings.Split(token, ".")
	for name, token := range map[string]string{
		"another audience":      sign(t, jose.RS256, rsaKey, "rsa", claims(obj{"aud": "another"})),
		"another issuer":        sign(t, jose.RS256, rsaKey, "rsa", claims(obj{"iss": "https://evil.example.com"})),
		"another's key":         sign(t, jose.RS256, other, "rsa", claims(nil)),
		"a key not published":   sign(t, jose.RS256, other, "unknown", claims(nil)),
		"a shared secret":       sign(t, jose.HS256, hmac, "rsa", claims(nil)),
		"an algorithm not here": sign(t, jose.RS512, rsaKey, "rsa", claims(nil)),
		"not yet":               sign(t, jose.RS256, rsaKey, "rsa", claims(obj{"nbf": time.Now().Add(time.Hour).Unix()})),
		"no subject":            sign(t, jose.RS256, rsaKey, "rsa", claims(obj{"sub": nil})),
		"unsigned":              "eyJhbGciOiJub25lIn0." + parts[1] + ".",
		"altered":               parts[0] + "." + parts[1][:len(parts[1])-2] + "AA." + parts[2],
		"no token":              "a.b.c",
		"too long":              "a." + strings.Repeat("x", 20_000) + ".c",
	} {
		t.Run(name, func(t *testing.T) {
			s := *s
			s.t, s.key = t, token
			a := s.get("/staged-files")
			a.problem(401, "bad-token")
			if strings.Contains(string(a.body), token) {
				t.Error("the answer repeats the token")
			}
		})
	}
	s.key = sign(t, jose.RS256, rsaKey, "rsa", claims(obj{"exp": time.Now().Add(-time.Minute).Unix()}))
	s.get("/staged-files").problem(401, "token-expired")

	// a new key of the issuer is known as soon as a token is signed by it
	i.publish("ec", &ecKey.PublicKey)
	s.key = sign(t, jose.ES256, ecKey, "ec", claims(nil))
	s.get("/staged-files").ok(200)

	// a session lasts no longer than the token
	s.key = ""
	ends := time.Now().Add(90 * time.Minute).Truncate(time.Second).UTC()
	a := s.post("/session", `{"key": "`+sign(t, jose.RS256, rsaKey, "rsa", claims(obj{"exp": ends.Unix()}))+`"}`).ok(200)
	if at := a.json().str("expires_at"); at != ends.Format(time.RFC3339) {
		t.Errorf("the session ends at %s, the token at %s", at, ends)
	}
	c := a.cookie()
	s.as(c.Name+"="+c.Value, "GET", "/staged-files", "").ok(200)
	s.as(c.Name+"="+c.Value, "GET", "/keys", "").problem(403, "not-allowed")
	s.post("/session", `{"key": "`+sign(t, jose.RS256, rsaKey, "rsa", claims(obj{"groups": nil}))+`"}`).problem(403, "no-role")
	s.post("/session", `{"key": "`+sign(t, jose.RS256, other, "rsa", claims(nil))+`"}`).problem(401, "bad-token")
	if log := s.log.String(); strings.Contains(log, token) || strings.Contains(log, parts[2]) {
		t.Error("the log has a token")
	}
}

// What cannot be meant is refused at the start.
func TestTokenSettings(t *testing.T) {
	for name, args := range map[string][]string{
		"no audience":        {"--oidc-issuer", "https://issuer.example.com"},
		"plain http":         {"--oidc-issuer", "http://issuer.example.com", "--oidc-audience", "a"},
		"a shared secret":    {"--oidc-issuer", "https://issuer.example.com", "--oidc-audience", "a", "--oidc-algorithm", "HS256"},
		"no signature":       {"--oidc-issuer", "https://issuer.example.com", "--oidc-audience", "a", "--oidc-algorithm", "none"},
		"a role that is not": {"--oidc-issuer", "https://issuer.example.com", "--oidc-audience", "a", "--oidc-grant", "g=x:king@p"},
		"no role":            {"--oidc-issuer", "https://issuer.example.com", "--oidc-audience", "a", "--oidc-grant", "g=x"},
		"grants alone":       {"--oidc-grant", "g=x:viewer"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := command(nil, append([]string{"serve", "--listen", "127.0.0.1:0", "--data-dir", t.TempDir()}, args...)...).CombinedOutput()
			if err == nil {
				t.Fatalf("it starts: %s", out)
			}
			if !strings.Contains(string(out), "freshet: ") || !strings.Contains(string(out), "oidc") && !strings.Contains(string(out), "algorithm") && !strings.Contains(string(out), "audience") && !strings.Contains(string(out), "ROLE") {
				t.Errorf("it says %s", out)
			}
		})
	}
}
