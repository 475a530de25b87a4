package digest_test

import (
	"bytes"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"freshet/internal/digest"

	"lukechampine.com/blake3"
	"pgregory.net/rapid"
)

const chunkSize = 1 << 20

// TestTreeIsBLAKE3: the hash merged from parts is that of the whole, in whatever
// pieces the bytes of a part came and however often its state was saved.
func TestTreeIsBLAKE3(t *testing.T) {
	data := make([]byte, 9*chunkSize+4321)
	rand.NewChaCha8([32]byte{7}).Read(data)
	sizes := []int{0, 1, 1023, 1024, 1025, 4096, chunkSize - 1, chunkSize, chunkSize + 1, 2 * chunkSize, 3*chunkSize - 1, 3 * chunkSize, 4 * chunkSize,
		5*chunkSize + 1, 7 * chunkSize, 8 * chunkSize, len(data)}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(rapid.SampledFrom(sizes), rapid.IntRange(0, len(data))).Draw(t, "size")
		partSize := chunkSize << rapid.IntRange(0, 3).Draw(t, "part")
		all := digest.New(0)
		for at := 0; at < size; at += partSize {
			tr := digest.New(int64(at))
			for p := data[at:min(size, at+partSize)]; len(p) > 0; {
				n := min(len(p), rapid.SampledFrom([]int{1, 100, 1024, 5000, 1 << 16, chunkSize, 2*chunkSize + 7}).Draw(t, "n"), len(p))
				if n < 5000 && len(p) > 20_000 {
					n += len(p) / 3
				}
				tr.Add(p[:n])
				p = p[n:]
				if rapid.Bool().Draw(t, "save") {
					saved, err := digest.Parse(tr.Marshal())
					if err != nil {
						t.Fatal(err)
					}
					tr = saved
				}
			}
			all.Join(tr)
		}
		sum := blake3.Sum256(data[:size])
		if got, want := all.Sum(), "blake3:"+hex.EncodeToString(sum[:]); got != want {
			t.Fatalf("%d bytes in parts of %d: %s, want %s", size, partSize, got, want)
		}
	})
}

// FuzzTree: a damaged tree is an error, whatever is in it.
func FuzzTree(f *testing.F) {
	tr := digest.New(0)
	tr.Add(make([]byte, 5000))
	f.Add(tr.Marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		if tr, err := digest.Parse(b); err == nil {
			tr.Sum()
			tr.Add([]byte("x"))
		}
	})
}

// TestOf: reading a whole file gives the hash that its parts join into.
func TestOf(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789abcdef"), 70_001)
	sum := blake3.Sum256(data)
	got, n, err := digest.Of(iotest.HalfReader(bytes.NewReader(data)))
	if want := "blake3:" + hex.EncodeToString(sum[:]); err != nil || got != want || n != int64(len(data)) {
		t.Errorf("Of = %s, %d, %v, want %s", got, n, err, want)
	}
	if _, _, err := digest.Of(iotest.ErrReader(io.ErrUnexpectedEOF)); err != io.ErrUnexpectedEOF {
		t.Errorf("Of a reader that fails: %v", err)
	}
}
