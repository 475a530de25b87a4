package seal_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"freshet/internal/errs"
	"freshet/internal/seal"

	"pgregory.net/rapid"
)

func keyFile(t testing.TB, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return "file:" + path
}

func ring(t testing.TB, specs ...string) *seal.Ring {
	t.Helper()
	r, err := seal.Parse(specs)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestParse: one key in all its forms is one key; what is none is refused.
func TestParse(t *testing.T) {
	raw := make([]byte, 32)
	rand.Read(raw)
	t.Setenv("TEST_MASTER", base64.StdEncoding.EncodeToString(raw))
	t.Setenv("TEST_SHORT", "secret")
	id := ring(t, keyFile(t, raw)).Seals()
	for _, spec := range []string{keyFile(t, []byte(hex.EncodeToString(raw)+"\n")), keyFile(t, []byte(base64.RawURLEncoding.EncodeToString(raw))), "env:TEST_MASTER"} {
		if got := ring(t, spec).Seals(); got != id {
			t.Errorf("%s is the key %s, want %s", spec, got, id)
		}
	}
	if strings.Contains(id, hex.EncodeToString(raw)[:8]) {
		t.Error("the id is of the key's own bytes")
	}
	t.Setenv("VAULT_TOKEN", "token")
	for _, spec := range []string{"", "file:", "file:/no/such", "env:", "env:NO_SUCH_MASTER", "env:TEST_SHORT", "word", keyFile(t, raw[:31]), keyFile(t, bytes.Repeat([]byte("a"), 2000)),
		"vault://", "vault://host/", "vault://host/key", "vault://host/transit/", "vault://host/transit/k?plaintext=true", "vault://host/transit/k?x=y", "awskms:x", "awskms:arn:aws:s3:r:1:key/x", "awskms:arn:aws:kms:r:1:alias/x", kmsKey + "?endpoint=http://example.com", kmsKey + "?x=y"} {
		if _, err := seal.Parse([]string{spec}); !errs.Is(err, errs.Invalid) {
			t.Errorf("Parse(%q) = %v, want Invalid", spec, err)
		}
	}
	if _, err := seal.Parse([]string{keyFile(t, raw), "env:TEST_MASTER"}); !errs.Is(err, errs.Invalid) {
		t.Errorf("one key twice: %v, want Invalid", err)
	}
	if r, err := seal.Parse(nil); r != nil || err != nil {
		t.Errorf("Parse(nil) = %v, %v", r, err)
	}
}

// TestRing: the first key wraps, all unwrap; a data key opens for what it is bound to only.
func TestRing(t *testing.T) {
	older, newer := keyFile(t, bytes.Repeat([]byte{1}, 32)), keyFile(t, bytes.Repeat([]byte{2}, 32))
	wrapsAndUnwraps(t, ring(t, older), ring(t, older), ring(t, newer, older), ring(t, newer))
}

func wrapsAndUnwraps(t *testing.T, r, same, more, without *seal.Ring) {
	t.Helper()
	k := seal.NewKey()
	w, err := r.Wrap(t.Context(), k, "upload 1")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(w.Key, k[:]) {
		t.Fatal("the data key is kept as it is")
	}
	for range 2 { // the second time it is known
		for _, r := range []*seal.Ring{r, same, more} {
			if got, err := r.Unwrap(t.Context(), w, "upload 1"); err != nil || got != k {
				t.Errorf("Unwrap = %v", err)
			}
			if _, err := r.Unwrap(t.Context(), w, "upload 2"); !errs.HasCode(err, seal.Altered) {
				t.Errorf("Unwrap of another's = %v, want %s", err, seal.Altered)
			}
			changed := w
			changed.Key = bytes.Clone(w.Key)
			changed.Key[len(changed.Key)-1] ^= 1
			if _, err := r.Unwrap(t.Context(), changed, "upload 1"); !errs.HasCode(err, seal.Altered) {
				t.Errorf("Unwrap of a changed one = %v, want %s", err, seal.Altered)
			}
		}
	}
	if _, err := without.Unwrap(t.Context(), w, "upload 1"); !errs.HasCode(err, seal.NoMaster) {
		t.Errorf("Unwrap without the key = %v, want %s", err, seal.NoMaster)
	}
}

// transit speaks as Vault's transit engine does.
type transit struct {
	key   string
	asked atomic.Int64
	down  atomic.Bool
	gone  atomic.Bool
	keep  map[string][2]string
}

func (v *transit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.asked.Add(1)
	refuse := func(status int, why string) {
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(map[string]any{"errors": []string{why}})
	}
	if v.down.Load() {
		refuse(503, "Vault is sealed")
		return
	}
	if r.Header.Get("X-Vault-Token") != "the-token" || r.Method != http.MethodPost {
		refuse(403, "permission denied")
		return
	}
	if v.gone.Load() {
		refuse(400, "encryption key not found")
		return
	}
	var in struct {
		Plaintext      string `json:"plaintext"`
		Ciphertext     string `json:"ciphertext"`
		AssociatedData string `json:"associated_data"`
	}
	json.NewDecoder(r.Body).Decode(&in)
	data := map[string]string{}
	switch r.URL.Path {
	case "/v1/secret/transit/encrypt/" + v.key:
		data["ciphertext"] = "vault:v1:" + rawText()
		v.keep[data["ciphertext"]] = [2]string{in.Plaintext, in.AssociatedData}
	case "/v1/secret/transit/decrypt/" + v.key:
		kept, ok := v.keep[in.Ciphertext]
		if !ok || kept[1] != in.AssociatedData {
			refuse(400, "cipher: message authentication failed")
			return
		}
		data["plaintext"] = kept[0]
	default:
		refuse(404, "no handler for route")
		return
	}
	json.NewEncoder(w).Encode(map[string]any{"data": data})
}

func rawText() string {
	var b [24]byte
	rand.Read(b[:])
	return base64.StdEncoding.EncodeToString(b[:])
}

// TestVault: a key that a service keeps is as good; what was unwrapped is not asked for again.
func TestVault(t *testing.T) {
	v := &transit{key: "freshet", keep: map[string][2]string{}}
	server := httptest.NewServer(v)
	defer server.Close()
	t.Setenv("VAULT_TOKEN", "the-token")
	spec := "vault://" + strings.TrimPrefix(server.URL, "http://") + "/secret/transit/freshet?plaintext=true"
	mine := keyFile(t, bytes.Repeat([]byte{2}, 32))
	r := ring(t, spec)
	wrapsAndUnwraps(t, r, ring(t, spec), ring(t, mine, spec), ring(t, mine))
	k := seal.NewKey()
	w, err := r.Wrap(t.Context(), k, "x")
	if err != nil {
		t.Fatal(err)
	}
	again := ring(t, spec)
	before := v.asked.Load()
	for range 5 {
		if got, err := again.Unwrap(t.Context(), w, "x"); err != nil || got != k {
			t.Fatal(err)
		}
	}
	if n := v.asked.Load() - before; n != 1 {
		t.Errorf("it was asked %d times for one data key", n)
	}
	v.down.Store(true)
	if _, err := ring(t, spec).Unwrap(t.Context(), w, "x"); !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "Vault is sealed") {
		t.Errorf("Unwrap while it is down = %v, want Unavailable, with what it said", err)
	}
	v.down.Store(false)
	v.gone.Store(true)
	if _, err := ring(t, spec).Unwrap(t.Context(), w, "x"); !errs.Is(err, errs.Unavailable) {
		t.Errorf("Unwrap by a key that is gone = %v, want Unavailable: nothing is damaged", err)
	}
	v.gone.Store(false)
	t.Setenv("VAULT_TOKEN", "another")
	if _, err := ring(t, spec).Wrap(t.Context(), k, "x"); !errs.Is(err, errs.Unavailable) || strings.Contains(err.Error(), "another") {
		t.Errorf("Wrap with another token = %v, want Unavailable without the token", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Wrap(ctx, k, "x"); err == nil {
		t.Error("Wrap under a canceled context succeeded")
	}
}

const kmsKey = "awskms:arn:aws:kms:eu-central-1:111122223333:key/1234abcd"

// trent speaks as AWS KMS does.
type trent struct {
	t    *testing.T
	keep map[string]string
}

func (k *trent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		KeyId                     string
		Plaintext, CiphertextBlob []byte
		EncryptionContext         map[string]string
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.KeyId != strings.TrimPrefix(kmsKey, "awskms:") || r.Header.Get("Content-Type") != "application/x-amz-json-1.1" {
		k.t.Errorf("asked for %+v, %v", in, err)
	}
	if a := r.Header.Get("Authorization"); !strings.HasPrefix(a, "AWS4-HMAC-SHA256 Credential=AKID/") || !strings.Contains(a, "/eu-central-1/kms/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, ") {
		w.WriteHeader(400)
		io.WriteString(w, `{"__type":"IncompleteSignatureException","message":"no"}`)
		return
	}
	bound := fmt.Sprint(in.EncryptionContext)
	switch r.Header.Get("X-Amz-Target") {
	case "TrentService.Encrypt":
		blob := rawText()
		k.keep[blob+bound] = string(in.Plaintext)
		json.NewEncoder(w).Encode(map[string]any{"CiphertextBlob": []byte(blob)})
	case "TrentService.Decrypt":
		plain, ok := k.keep[string(in.CiphertextBlob)+bound]
		if !ok {
			w.WriteHeader(400)
			io.WriteString(w, `{"__type":"com.amazonaws.kms#InvalidCiphertextException"}`)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"Plaintext": []byte(plain)})
	}
}

// TestKMS: so is a key of AWS KMS.
func TestKMS(t *testing.T) {
	server := httptest.NewServer(&trent{t, map[string]string{}})
	defer server.Close()
	for k, v := range map[string]string{"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "not-to-be-shown", "AWS_SESSION_TOKEN": "token"} {
		t.Setenv(k, v)
	}
	spec := kmsKey + "?endpoint=" + server.URL
	mine := keyFile(t, bytes.Repeat([]byte{2}, 32))
	wrapsAndUnwraps(t, ring(t, spec), ring(t, spec), ring(t, mine, spec), ring(t, mine))
	t.Setenv("AWS_ACCESS_KEY_ID", "other")
	if _, err := ring(t, spec).Wrap(t.Context(), seal.NewKey(), "x"); !errs.Is(err, errs.Unavailable) || strings.Contains(err.Error(), "not-to-be-shown") {
		t.Errorf("Wrap with other credentials = %v", err)
	}
	server.Close()
	if _, err := ring(t, spec).Wrap(t.Context(), seal.NewKey(), "x"); !errs.Is(err, errs.Unavailable) {
		t.Errorf("Wrap while it is down = %v, want Unavailable", err)
	}
}

// TestBlocks: what is sealed opens at its number, under its key, and nothing else does.
func TestBlocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(rapid.IntRange(1, 300), rapid.IntRange(seal.Block-2, seal.Block+2), rapid.IntRange(1, 5*seal.Block)).Draw(t, "size")
		first := int64(rapid.IntRange(0, 1<<31).Draw(t, "first"))
		plain := make([]byte, size)
		rand.Read(plain)
		k := seal.NewKey()
		r, err := seal.Seal(k, first, bytes.NewReader(plain))
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(sealed)) != seal.Size(int64(size)) {
			t.Fatalf("%d bytes sealed have %d, Size says %d", size, len(sealed), seal.Size(int64(size)))
		}
		if n, ok := seal.Plain(int64(len(sealed))); n != int64(size) || !ok {
			t.Fatalf("Plain = %d, %v", n, ok)
		}
		if got, err := open(k, first, sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("opened otherwise: %v", err)
		}
		refused := func(what string, k seal.Key, first int64, b []byte) {
			if got, err := open(k, first, b); !errs.HasCode(err, seal.Altered) || len(got) > 0 && !bytes.HasPrefix(plain, got) {
				t.Fatalf("%s: %d bytes and %v, want %s", what, len(got), err, seal.Altered)
			}
		}
		refused("another key", seal.NewKey(), first, sealed)
		refused("another number", k, first+1, sealed)
		changed := bytes.Clone(sealed)
		changed[rapid.IntRange(0, len(changed)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "by"))
		refused("a changed byte", k, first, changed)
		if cut := rapid.IntRange(1, len(sealed)-1).Draw(t, "cut"); cut%seal.Package != 0 {
			refused("a cut", k, first, sealed[:cut])
		}
		if size > seal.Block {
			swapped := append(bytes.Clone(sealed[seal.Package:]), sealed[:seal.Package]...)
			refused("blocks in another order", k, first, swapped)
		}
		again, err := seal.SealBlock(k, first, plain[:min(size, seal.Block)])
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(again[:16], sealed[:16]) {
			t.Fatal("a nonce was used twice")
		}
	})
}

func open(k seal.Key, first int64, sealed []byte) ([]byte, error) {
	r, err := seal.Open(k, first, bytes.NewReader(sealed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// TestBinding: a binding is of one name and one size, under one key.
func TestBinding(t *testing.T) {
	k := seal.NewKey()
	b := k.Bind("a/b", 7)
	if !k.Binds(b, "a/b", 7) || k.Binds(b, "a/c", 7) || k.Binds(b, "a/b", 8) || seal.NewKey().Binds(b, "a/b", 7) || k.Binds(nil, "a/b", 7) {
		t.Error("a binding says something else than what was bound")
	}
}

// BenchmarkSeal is what sealing costs by itself.
func BenchmarkSeal(b *testing.B) {
	k, in, out := seal.NewKey(), make([]byte, 1<<20), make([]byte, seal.Package)
	b.SetBytes(1 << 20)
	for b.Loop() {
		r, err := seal.Seal(k, 0, bytes.NewReader(in))
		for err == nil {
			_, err = io.ReadFull(r, out)
		}
	}
}
