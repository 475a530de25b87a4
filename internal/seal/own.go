package seal

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
)

// own is a master key that this process holds.
type own struct {
	id   string
	aead cipher.AEAD
}

func newOwn(key []byte) *own {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("freshet master key id"))
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // it has 32 bytes
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the block size
	}
	return &own{id: hex.EncodeToString(h.Sum(nil)[:8]), aead: aead}
}

// ID implements Master: a hash of the key.
func (o *own) ID() string { return o.id }

// Wrap implements Master.
func (o *own) Wrap(_ context.Context, key []byte, bound string) ([]byte, error) {
	nonce := make([]byte, o.aead.NonceSize(), o.aead.NonceSize()+len(key)+o.aead.Overhead())
	rand.Read(nonce)
	return o.aead.Seal(nonce, nonce, key, associated(bound)), nil
}

// Unwrap implements Master.
func (o *own) Unwrap(_ context.Context, wrapped []byte, bound string) ([]byte, error) {
	n := o.aead.NonceSize()
	if len(wrapped) < n {
		return nil, NotAsSealed("a data key was cut")
	}
	key, err := o.aead.Open(nil, wrapped[:n], wrapped[n:], associated(bound))
	if err != nil {
		return nil, NotAsSealed("a data key was altered, or is another's").Because(err)
	}
	return key, nil
}

// associated is the data that a wrapped key is bound to.
func associated(bound string) []byte { return []byte("freshet data key\x00" + bound) }
