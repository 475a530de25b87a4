package upload

import (
	"hash/crc64"
	"math/rand/v2"
	"testing"

	"github.com/minio/crc64nvme"
	"lukechampine.com/blake3"
)

// TestTreeIsBLAKE3: the hash merged from chunks is that of the whole.
func TestTreeIsBLAKE3(t *testing.T) {
	data := make([]byte, 9*ChunkSize+4321)
	rand.NewChaCha8([32]byte{7}).Read(data)
	for _, size := range []int{0, 1, 1023, 1024, 1025, 4096, ChunkSize - 1, ChunkSize, ChunkSize + 1, 2 * ChunkSize, 3*ChunkSize - 1, 3 * ChunkSize, 4 * ChunkSize,
		5*ChunkSize + 1, 7 * ChunkSize, 8 * ChunkSize, len(data)} {
		var tr tree
		for p := data[:size]; len(p) > 0; {
			n := min(len(p), ChunkSize)
			tr.add(p[:n])
			p = p[n:]
		}
		if got, want := tr.sum(), blake3.Sum256(data[:size]); got != want {
			t.Errorf("%d bytes: %x, want %x", size, got, want)
		}
	}
}

// TestPartCRC: each part has a checksum of its own, that of the published polynomial.
func TestPartCRC(t *testing.T) {
	d := newDigest(false)
	d.add([]byte("12345"))
	d.add([]byte("6789"))
	if got, want := d.part(), "rosUhgp5mIg="; got != want { // AE8B14860A799888, the check value of CRC-64/NVME
		t.Errorf("part = %s, want %s", got, want)
	}
	if d.crc != 0 || crc64nvme.Checksum([]byte("x")) == crc64.Checksum([]byte("x"), crc64.MakeTable(crc64.ECMA)) {
		t.Error("the next part does not start anew")
	}
}
