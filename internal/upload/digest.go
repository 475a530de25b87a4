package upload

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash"

	"github.com/minio/crc64nvme"
	"lukechampine.com/blake3/guts"
)

// ChunkSize is the unit in which bytes travel through the server, and the leaf
// that a file's BLAKE3 is merged from: a power of two, aligned in the file.
const ChunkSize = 1 << 20

// tree computes the BLAKE3 hash of a file from its chunks: the chaining value
// of each aligned chunk, merged pairwise as the tree of the whole file has it.
// What a part of a file contributes is a few such values, whatever the order
// in which parts are hashed.
type tree struct {
	stack  [][8]uint32 // chaining values of whole subtrees, left to right, of falling size
	top    guts.Node   // that the last of them came from: the root is a node, not a value
	chunks uint64
}

// add takes the next chunk. All but the last are ChunkSize long.
func (t *tree) add(p []byte) {
	node := tailNode(p, t.chunks*(ChunkSize/guts.ChunkSize))
	t.chunks++
	for n := t.chunks; n&1 == 0; n >>= 1 { // a pair is complete
		left := t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-1]
		node = guts.ParentNode(left, guts.ChainingValue(node), &guts.IV, 0)
	}
	t.top = node
	t.stack = append(t.stack, guts.ChainingValue(node))
}

// sum is the file's hash once all chunks were added.
func (t *tree) sum() [32]byte {
	node := t.top
	if t.chunks == 0 {
		node = guts.CompressChunk(nil, &guts.IV, 0, 0)
	}
	for i := len(t.stack) - 2; i >= 0; i-- {
		node = guts.ParentNode(t.stack[i], guts.ChainingValue(node), &guts.IV, 0)
	}
	node.Flags |= guts.FlagRoot
	w := guts.WordsToBytes(guts.CompressNode(node))
	return [32]byte(w[:32])
}

// tailNode is the node over a stretch of any length that starts at a chunk counter.
func tailNode(p []byte, counter uint64) guts.Node {
	if len(p) == ChunkSize {
		return guts.CompressEigentree(p, &guts.IV, counter, 0)
	}
	if len(p) <= guts.ChunkSize {
		return guts.CompressChunk(p, &guts.IV, counter, 0)
	}
	left := guts.ChunkSize
	for left*2 < len(p) {
		left *= 2
	}
	l := guts.ChainingValue(guts.CompressEigentree(p[:left], &guts.IV, counter, 0))
	r := guts.ChainingValue(tailNode(p[left:], counter+uint64(left/guts.ChunkSize)))
	return guts.ParentNode(l, r, &guts.IV, 0)
}

// digest is what is computed of a file while it arrives.
type digest struct {
	tree tree
	sha  hash.Hash // nil unless it is asked for
	crc  uint64    // of the part at hand
}

func newDigest(sha bool) *digest {
	d := &digest{}
	if sha {
		d.sha = sha256.New()
	}
	return d
}

// add takes the next chunk.
func (d *digest) add(p []byte) {
	d.tree.add(p)
	d.crc = crc64nvme.Update(d.crc, p)
	if d.sha != nil {
		d.sha.Write(p)
	}
}

// part ends a part and gives its CRC64-NVME as S3 writes it.
func (d *digest) part() string {
	b := binary.BigEndian.AppendUint64(nil, d.crc)
	d.crc = 0
	return base64.StdEncoding.EncodeToString(b)
}

func (d *digest) blake3() string {
	s := d.tree.sum()
	return "blake3:" + hex.EncodeToString(s[:])
}

// sha256 is the hex SHA-256, empty when it was not asked for.
func (d *digest) sha256() string {
	if d.sha == nil {
		return ""
	}
	return hex.EncodeToString(d.sha.Sum(nil))
}
