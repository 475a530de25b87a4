package digest

import (
	"io"

	"lukechampine.com/blake3/guts"
)

// Write adds the next bytes. It never fails.
func (t *Tree) Write(p []byte) (int, error) {
	t.Add(p)
	return len(p), nil
}

// Of reads r to its end and gives the hash of what it gave, and how many bytes.
func Of(r io.Reader) (hash string, n int64, err error) {
	t := New(0)
	// not by WriteTo of a file, whose buffer is small
	n, err = io.CopyBuffer(struct{ io.Writer }{t}, struct{ io.Reader }{r}, make([]byte, 256*guts.ChunkSize))
	return t.Sum(), n, err
}
