package upload

import (
	"hash/crc64"
	"testing"

	"github.com/minio/crc64nvme"
)

// TestPartCRC: each part has a checksum of its own, that of the published polynomial.
func TestPartCRC(t *testing.T) {
	d := digests{}
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
