package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io"
	"os"
	"strings"

	"freshet/internal/errs"
)

// Parse opens the master keys that settings name, the first of which seals:
//
//	file:PATH                      32 bytes, as they are, in hex or in base64
//	env:NAME                       a variable that holds them in hex or base64
//	vault://HOST/transit/KEY       a key of HashiCorp Vault's transit engine; its
//	                               parameters: plaintext=true (HTTP), namespace, ca-file
//	awskms:KEY-ARN                 a symmetric key of AWS KMS; its parameter: endpoint
//
// Without any there is no ring.
func Parse(specs []string) (*Ring, error) {
	var all []Master
	for _, spec := range specs {
		m, err := parse(spec)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	if len(all) == 0 {
		return nil, nil
	}
	for i, m := range all {
		for _, other := range all[:i] {
			if other.ID() == m.ID() {
				return nil, bad("--master-key names the key %s twice", m.ID())
			}
		}
	}
	return NewRing(all[0], all[1:]...), nil
}

func parse(spec string) (Master, error) {
	kind, rest, _ := strings.Cut(spec, ":")
	switch kind {
	case "file":
		return fromFile(rest)
	case "env":
		return fromVariable(rest)
	case "vault":
		return newVault(spec)
	case "awskms":
		return newKMS(rest)
	}
	return nil, bad("--master-key must be file:PATH, env:NAME, vault://HOST/transit/KEY or awskms:KEY-ARN")
}

func bad(format string, args ...any) *errs.Error {
	return errs.E(errs.Invalid, "bad-setting", format, args...).WithHint("freshet serve --help; head -c 32 /dev/urandom | base64 makes a key")
}

// keyFileMost is what a file with a key has at most, in whatever form.
const keyFileMost = 1024

func fromFile(path string) (Master, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, bad("the file of --master-key cannot be opened").Because(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, keyFileMost+1))
	if err != nil {
		return nil, bad("the file of --master-key cannot be read").Because(err)
	}
	return fromBytes(b, "the file of --master-key")
}

func fromVariable(name string) (Master, error) {
	v, ok := os.LookupEnv(name)
	if !ok || name == "" {
		return nil, bad("--master-key names the variable %q, which is not set", name)
	}
	return fromBytes([]byte(v), "the variable of --master-key")
}

// fromBytes takes a key in any of its forms, never a word of whose choosing.
func fromBytes(b []byte, where string) (Master, error) {
	if len(b) == len(Key{}) {
		return newOwn(b), nil
	}
	text := string(bytes.TrimSpace(b))
	for _, decode := range []func(string) ([]byte, error){hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString, base64.URLEncoding.DecodeString, base64.RawURLEncoding.DecodeString} {
		if k, err := decode(text); err == nil && len(k) == len(Key{}) {
			return newOwn(k), nil
		}
	}
	return nil, bad("%s must hold 32 random bytes: as they are, in hex or in base64", where)
}
