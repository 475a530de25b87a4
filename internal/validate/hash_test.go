package validate

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// TestHashSpreads: values that differ in one bit, in length or by what is
// repeated have hashes that differ in about half of their bits, whatever their
// length; and none of a million neighbours has another's.
func TestHashSpreads(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 128, 129, 200, 255, 256, 257, 300} {
		v := make([]byte, n)
		changed, flips := 0, 0
		for range 40 {
			for i := range v {
				v[i] = byte(r.Uint32())
			}
			h := valueHash(v)
			for bit := range 8 * n {
				v[bit/8] ^= 1 << (bit % 8)
				d := bits.OnesCount64(h ^ valueHash(v))
				v[bit/8] ^= 1 << (bit % 8)
				if d < 8 {
					t.Fatalf("of %d bytes, bit %d changes %d bits of the hash", n, bit, d)
				}
				changed, flips = changed+d, flips+1
			}
		}
		if mean := float64(changed) / float64(flips); mean < 31 || mean > 33 {
			t.Errorf("of %d bytes, one bit changes %.2f bits of the hash", n, mean)
		}
	}
	for n := 9; n <= 300; n++ { // words that change places, alone and with the length
		for at := 0; at+16 <= n; at += 8 {
			for _, with := range []byte{0, byte(n)} {
				v := make([]byte, n)
				for i := range v {
					v[i] = byte(r.Uint32())
				}
				h := valueHash(v)
				x, y := binary.LittleEndian.Uint64(v[at:]), binary.LittleEndian.Uint64(v[at+8:])
				binary.LittleEndian.PutUint64(v[at:], y^uint64(with))
				binary.LittleEndian.PutUint64(v[at+8:], x^uint64(with))
				if valueHash(v) == h {
					t.Fatalf("of %d bytes, words at %d change places without changing the hash", n, at)
				}
			}
		}
	}
	seen := map[uint64]string{}
	add := func(v []byte) {
		h := valueHash(v)
		if was, ok := seen[h]; ok && was != string(v) {
			t.Fatalf("%q and %q have one hash", was, v)
		}
		seen[h] = string(v)
	}
	for n := range 400 { // nothing but zeros
		add(make([]byte, n))
	}
	for _, n := range []int{8, 12, 20, 40, 70, 130, 200, 260} { // numbers, front and back
		for i := range uint64(1 << 17) {
			v := make([]byte, n)
			binary.LittleEndian.PutUint64(v, i)
			add(v)
			v = make([]byte, n)
			binary.BigEndian.PutUint64(v[n-8:], i)
			add(v)
		}
	}
}
