package access

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"strings"
)

// A key is fsh_ID_SECRET_CRC, all in lower-case hexadecimal: 12 digits that name
// it, 64 that nobody else knows, and the CRC32 of what stands before it, by which
// one that was mistyped or cut off is told without looking it up, and by which
// programs that search for leaked secrets know one for sure.
const (
	secretFront = "fsh_"
	idDigits    = 12
	bitsDigits  = 64
	crcDigits   = 8
)

// NewSecret makes a key.
func NewSecret() (string, error) {
	raw := make([]byte, (idDigits+bitsDigits)/2)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	digits := hex.EncodeToString(raw)
	front := secretFront + digits[:idDigits] + "_" + digits[idDigits:]
	return front + "_" + checksum(front), nil
}

func checksum(front string) string {
	return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(front)))
}

// KeyID is the id that a key tells. Keys that others made, and those of before
// there was a checksum, tell none.
func KeyID(secret string) (string, bool) {
	if len(secret) != len(secretFront)+idDigits+1+bitsDigits+1+crcDigits || !strings.HasPrefix(secret, secretFront) {
		return "", false
	}
	front, sum := secret[:len(secret)-crcDigits-1], secret[len(secret)-crcDigits:]
	id, bits, ok := strings.Cut(front[len(secretFront):], "_")
	if !ok || len(id) != idDigits || len(bits) != bitsDigits || secret[len(front)] != '_' || sum != checksum(front) || !isHex(id) || !isHex(bits) {
		return "", false
	}
	return id, true
}

// Mistyped tells whether a secret looks like a key and cannot be one.
func Mistyped(secret string) bool {
	if _, ok := KeyID(secret); ok || !strings.HasPrefix(secret, secretFront) {
		return false
	}
	// those of before had no checksum: 43 digits of another alphabet
	rest := secret[len(secretFront):]
	return len(rest) != idDigits+1+43
}

func isHex(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// KeyFront is the id in the front of what looks like a key, be it a good one or not.
func KeyFront(secret string) (string, bool) {
	rest, ok := strings.CutPrefix(secret, secretFront)
	if !ok || len(rest) < idDigits || !isHex(rest[:idDigits]) {
		return "", false
	}
	return rest[:idDigits], true
}
