package seal

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// vault is a key of HashiCorp Vault's transit engine, which never gives it away.
// Its token comes from VAULT_TOKEN.
type vault struct {
	id        string
	base      string // of the engine
	key       string
	namespace string
	token     string
	client    *http.Client
}

// Of a request to a service that keeps a master key.
const (
	serviceTime   = 10 * time.Second
	serviceAnswer = 64 << 10 // bytes of an answer at most
)

func newVault(spec string) (*vault, error) {
	u, err := url.Parse(spec)
	if err != nil {
		return nil, bad("--master-key is not an address of Vault: vault://HOST/transit/KEY")
	}
	engine, key, ok := cutLast(strings.Trim(u.Path, "/"))
	if u.Scheme != "vault" || u.Host == "" || !ok {
		return nil, bad("--master-key must name the engine and the key: vault://HOST/transit/KEY")
	}
	v := &vault{key: key, token: os.Getenv("VAULT_TOKEN"), id: "vault:" + u.Host + "/" + engine + "/" + key}
	if v.token == "" {
		return nil, bad("VAULT_TOKEN is not set, which --master-key vault:// needs")
	}
	scheme, transport := "https", http.DefaultTransport.(*http.Transport).Clone()
	for name, values := range u.Query() {
		switch value := values[len(values)-1]; name {
		case "plaintext":
			if value != "true" || !loopback(u.Hostname()) {
				return nil, bad("plaintext=true is for a Vault on this machine only")
			}
			scheme = "http"
		case "namespace":
			v.namespace = value
		case "ca-file":
			pem, err := os.ReadFile(value)
			if err != nil {
				return nil, bad("the ca-file of --master-key cannot be read").Because(err)
			}
			pool := x509.NewCertPool()
			if !pool.AppendCertsFromPEM(pem) {
				return nil, bad("the ca-file of --master-key holds no certificate")
			}
			transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
		default:
			return nil, bad("--master-key vault:// has no parameter %q", name)
		}
	}
	v.base = scheme + "://" + u.Host + "/v1/" + engine
	v.client = &http.Client{Transport: transport, Timeout: serviceTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return v, nil
}

func cutLast(path string) (before, after string, ok bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 1 || i == len(path)-1 {
		return "", "", false
	}
	return path[:i], path[i+1:], true
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// ID implements Master.
func (v *vault) ID() string { return v.id }

// Wrap implements Master.
func (v *vault) Wrap(ctx context.Context, key []byte, bound string) ([]byte, error) {
	var out struct{ Data struct{ Ciphertext string } }
	err := v.call(ctx, "encrypt", map[string][]byte{"plaintext": key, "associated_data": associated(bound)}, nil, &out)
	if err == nil && out.Data.Ciphertext == "" {
		err = serviceDown(errors.New("it gave no ciphertext"))
	}
	return []byte(out.Data.Ciphertext), err
}

// Unwrap implements Master.
func (v *vault) Unwrap(ctx context.Context, wrapped []byte, bound string) ([]byte, error) {
	var out struct{ Data struct{ Plaintext []byte } }
	err := v.call(ctx, "decrypt", map[string][]byte{"associated_data": associated(bound)}, map[string]string{"ciphertext": string(wrapped)}, &out)
	return out.Data.Plaintext, err
}

// call asks for one operation. Bytes go as base64, as they do in JSON anyway.
func (v *vault) call(ctx context.Context, operation string, bytesIn map[string][]byte, text map[string]string, out any) error {
	in := map[string]any{}
	for name, b := range bytesIn {
		in[name] = b
	}
	for name, s := range text {
		in[name] = s
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.base+"/"+operation+"/"+url.PathEscape(v.key), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("X-Vault-Token", v.token)
	req.Header.Set("X-Vault-Request", "true")
	req.Header.Set("Content-Type", "application/json")
	if v.namespace != "" {
		req.Header.Set("X-Vault-Namespace", v.namespace)
	}
	res, err := v.client.Do(req)
	if err != nil {
		return serviceDown(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, serviceAnswer))
	if err != nil {
		return serviceDown(err)
	}
	switch {
	case res.StatusCode == http.StatusOK:
		if err := json.Unmarshal(answer, out); err != nil {
			return serviceDown(err)
		}
		return nil
	case res.StatusCode == http.StatusBadRequest && operation == "decrypt" && unauthentic(reason(answer)):
		return NotAsSealed("a data key was altered, or is another's").Because(fmt.Errorf("the key service answered %d: %s", res.StatusCode, reason(answer)))
	}
	return serviceDown(fmt.Errorf("it answered %d: %s", res.StatusCode, reason(answer)))
}

// unauthentic tells a ciphertext that is not as it was made, or bound to something
// else, from keys that are gone or may not be used: what fails then is not damaged.
func unauthentic(reason string) bool {
	return strings.Contains(reason, "message authentication failed") || strings.Contains(reason, "invalid ciphertext")
}

// reason is what Vault says of an error.
func reason(answer []byte) string {
	var out struct{ Errors []string }
	if json.Unmarshal(answer, &out) != nil {
		return "no reason given"
	}
	return strings.Join(out.Errors, "; ")
}
