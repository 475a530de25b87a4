package audit

import (
	"errors"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// edge is the right edge of a tree, as RFC 6962 has it: the roots of its complete
// subtrees, the largest first. It is all that is needed to add leaves.
type edge struct {
	size  int64
	roots []tlog.Hash
}

// add adds a leaf.
func (e *edge) add(leaf []byte) {
	h := tlog.RecordHash(leaf)
	for n := e.size; n&1 == 1; n >>= 1 {
		last := len(e.roots) - 1
		h = tlog.NodeHash(e.roots[last], h)
		e.roots = e.roots[:last]
	}
	e.roots = append(e.roots, h)
	e.size++
}

// root is the hash of the whole tree.
func (e *edge) root() tlog.Hash {
	if len(e.roots) == 0 {
		return tlog.Hash{} // never asked of an empty tree
	}
	h := e.roots[len(e.roots)-1]
	for _, left := range slices.Backward(e.roots[:len(e.roots)-1]) {
		h = tlog.NodeHash(left, h)
	}
	return h
}

func (e *edge) marshal() []byte {
	var b []byte
	for _, h := range e.roots {
		b = append(b, h[:]...)
	}
	return b
}

func parseEdge(size int64, b []byte) (*edge, error) {
	ones := 0
	for n := size; n > 0; n &= n - 1 {
		ones++
	}
	if len(b) != ones*tlog.HashSize {
		return nil, errors.New("the stored edge is not that of a tree of its size")
	}
	e := &edge{size: size}
	for ; len(b) > 0; b = b[tlog.HashSize:] {
		e.roots = append(e.roots, tlog.Hash(b[:tlog.HashSize]))
	}
	return e, nil
}
