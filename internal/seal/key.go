package seal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
)

// Key is a data key. It seals nothing itself: each use has a key made of it, so
// that none is used for two things.
type Key [32]byte

// NewKey makes a random key.
func NewKey() (k Key) {
	rand.Read(k[:]) // it never fails
	return k
}

// For is the key for one use.
func (k Key) For(use string) (sub Key) {
	b, err := hkdf.Expand(sha256.New, k[:], "freshet "+use, len(sub))
	if err != nil {
		panic(err) // the length is ours
	}
	copy(sub[:], b)
	return sub
}

// Bind is what nobody without the key can say of a name and a size.
func (k Key) Bind(name string, size int64) []byte {
	sub := k.For("binding")
	h := hmac.New(sha256.New, sub[:])
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(size))
	binary.BigEndian.PutUint64(b[8:], uint64(len(name)))
	h.Write(b[:])
	h.Write([]byte(name))
	return h.Sum(nil)
}

// Binds tells whether a binding is of a name and a size.
func (k Key) Binds(binding []byte, name string, size int64) bool {
	return hmac.Equal(binding, k.Bind(name, size))
}
