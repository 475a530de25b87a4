package upload

import (
	"encoding/hex"
	"hash/crc64"
	"math/rand/v2"
	"testing"

	"github.com/minio/crc64nvme"
	"lukechampine.com/blake3"
	"pgregory.net/rapid"
)

// TestTreeIsBLAKE3: the hash merged from parts is that of the whole, in whatever
// pieces the bytes of a part came and however often its state was saved.
func TestTreeIsBLAKE3(t *testing.T) {
	data := make([]byte, 9*ChunkSize+4321)
	rand.NewChaCha8([32]byte{7}).Read(data)
	sizes := []int{0, 1, 1023, 1024, 1025, 4096, ChunkSize - 1, ChunkSize, ChunkSize + 1, 2 * ChunkSize, 3*ChunkSize - 1, 3 * ChunkSize, 4 * ChunkSize,
		5*ChunkSize + 1, 7 * ChunkSize, 8 * ChunkSize, len(data)}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(rapid.SampledFrom(sizes), rapid.IntRange(0, len(data))).Draw(t, "size")
		partSize := ChunkSize << rapid.IntRange(0, 3).Draw(t, "part")
		all := newTree(0)
		for at := 0; at < size; at += partSize {
			tr := newTree(int64(at))
			for p := data[at:min(size, at+partSize)]; len(p) > 0; {
				n := min(len(p), rapid.SampledFrom([]int{1, 100, 1024, 5000, 1 << 16, ChunkSize, 2*ChunkSize + 7}).Draw(t, "n"), len(p))
				if n < 5000 && len(p) > 20_000 {
					n += len(p) / 3
				}
				tr.add(p[:n])
				p = p[n:]
				if rapid.Bool().Draw(t, "save") {
					saved, err := parseTree(tr.marshal())
					if err != nil {
						t.Fatal(err)
					}
					tr = saved
				}
			}
			all.join(tr)
		}
		sum := blake3.Sum256(data[:size])
		if got, want := all.sum(), "blake3:"+hex.EncodeToString(sum[:]); got != want {
			t.Fatalf("%d bytes in parts of %d: %s, want %s", size, partSize, got, want)
		}
	})
}

// FuzzTree: a damaged tree is an error, whatever is in it.
func FuzzTree(f *testing.F) {
	tr := newTree(0)
	tr.add(make([]byte, 5000))
	f.Add(tr.marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		if tr, err := parseTree(b); err == nil {
			tr.sum()
			tr.add([]byte("x"))
		}
	})
}

// TestPartCRC: each part has a checksum of its own, that of the published polynomial.
func TestPartCRC(t *testing.T) {
	d := digest{}
	d.next(0)
	d.add([]byte("12345"))
	d.add([]byte("6789"))
	if got, want := CRC64Text(d.crc), "rosUhgp5mIg="; got != want { // AE8B14860A799888, the check value of CRC-64/NVME
		t.Errorf("crc = %s, want %s", got, want)
	}
	d.next(ChunkSize)
	if d.crc != 0 || crc64nvme.Checksum([]byte("x")) == crc64.Checksum([]byte("x"), crc64.MakeTable(crc64.ECMA)) {
		t.Error("the next part does not start anew")
	}
}
