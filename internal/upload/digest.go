package upload

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash"

	"freshet/internal/digest"

	"github.com/minio/crc64nvme"
)

// ChunkSize is the unit in which bytes travel through the server: a power of
// two, aligned in the file.
const ChunkSize = 1 << 20

// digests are what is computed of a file's bytes while they arrive.
type digests struct {
	tree *digest.Tree // of the part at hand
	crc  uint64       // of the part at hand
	sha  hash.Hash
	want []hash.Hash // that the client sends to compare with
}

func (d *digests) add(p []byte) {
	d.tree.Add(p)
	d.crc = crc64nvme.Update(d.crc, p)
	if d.sha != nil {
		d.sha.Write(p)
	}
	for _, h := range d.want {
		h.Write(p)
	}
}

// next begins the part at a file offset.
func (d *digests) next(offset int64) { d.tree, d.crc = digest.New(offset), 0 }

// sha256 is the hex SHA-256 of all, empty when it was not asked for.
func (d *digests) sha256() string {
	if d.sha == nil {
		return ""
	}
	return hex.EncodeToString(d.sha.Sum(nil))
}

func newSHA(wanted bool) hash.Hash {
	if wanted {
		return sha256.New()
	}
	return nil
}

// CRC64Text writes a CRC64-NVME as S3 does.
func CRC64Text(crc uint64) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, crc))
}
