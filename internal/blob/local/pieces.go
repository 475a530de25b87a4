package local

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"freshet/internal/blob"
	"freshet/internal/durable"
	"freshet/internal/errs"
	"freshet/internal/seal"
)

// piece is a stretch of a block that is not whole yet, sealed in a file of its own
// beside its upload. None is ever written again: what follows makes another, and
// once the block is whole it goes to its place. So bytes that are acknowledged lie
// where nothing is written any more.
type piece struct {
	at, size int64 // in the object
	random   string
}

func (p piece) end() int64   { return p.at + p.size }
func (p piece) block() int64 { return p.at / seal.Block }

// String is the piece as tags and names of files have it.
func (p piece) String() string { return fmt.Sprintf("%d-%d-%s", p.at, p.size, p.random) }

func parsePiece(s string) (p piece, ok bool) {
	f := strings.Split(s, "-")
	if len(f) != 3 {
		return p, false
	}
	var errs [2]error
	p.at, errs[0] = strconv.ParseInt(f[0], 10, 64)
	p.size, errs[1] = strconv.ParseInt(f[1], 10, 64)
	p.random = f[2]
	_, err := hex.DecodeString(p.random)
	ok = errors.Join(errs[0], errs[1], err) == nil && p.at >= 0 && p.size > 0 && p.block() == (p.end()-1)/seal.Block
	return p, ok
}

// tag is the pieces of a part: one in front if it begins inside a block, one at the
// end if it ends there. After a | come those whose place others took, which go
// once the part is a fact.
type tag struct {
	pieces   []piece
	replaced []piece
}

// String is the tag as the catalog keeps it.
func (t *tag) String() string {
	s := join(t.pieces)
	if len(t.replaced) > 0 {
		s += "|" + join(t.replaced)
	}
	return s
}

func join(list []piece) string {
	var s []string
	for _, p := range list {
		s = append(s, p.String())
	}
	return strings.Join(s, ",")
}

func parseTag(s string) (t tag, err error) {
	pieces, replaced, _ := strings.Cut(s, "|")
	for _, of := range []struct {
		text string
		list *[]piece
	}{{pieces, &t.pieces}, {replaced, &t.replaced}} {
		for f := range strings.SplitSeq(of.text, ",") {
			if f == "" {
				continue
			}
			p, ok := parsePiece(f)
			if !ok {
				return t, misuse("%q is not the tag of a part", s)
			}
			*of.list = append(*of.list, p)
		}
	}
	return t, nil
}

// misuse is an error of who calls, or of what was kept for us.
func misuse(format string, args ...any) error {
	return errs.E(errs.Internal, "storage-misused", format, args...)
}

// piecePath is a piece's file.
func (s *Store) piecePath(handle string, p piece) string {
	return filepath.Join(s.root, partsDir, handle+"."+p.String())
}

// use is what a piece's key is for: no other piece, of no other place.
func (p piece) use() string { return "piece " + p.String() }

// writePiece seals a piece. Its name is durable once the directory is synced.
func (s *Store) writePiece(k seal.Key, handle string, at int64, plain []byte) (_ piece, err error) {
	var random [8]byte
	rand.Read(random[:])
	p := piece{at: at, size: int64(len(plain)), random: hex.EncodeToString(random[:])}
	sealed, err := seal.SealBlock(k.For(p.use()), 0, plain)
	if err != nil {
		return p, err
	}
	f, err := durable.Create(s.piecePath(handle, p), 0)
	if err != nil {
		return p, err
	}
	_, err = f.WriteAt(sealed, 0)
	if err == nil {
		err = f.Sync()
	}
	return p, errors.Join(err, f.Close())
}

func (s *Store) readPiece(k seal.Key, handle string, p piece) ([]byte, error) {
	b, err := os.ReadFile(s.piecePath(handle, p))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) != seal.Size(p.size) {
		return nil, seal.NotAsSealed("the beginning of a block was cut")
	}
	return seal.OpenBlock(k.For(p.use()), 0, b)
}

// drop removes pieces that are of no use any more.
func (s *Store) drop(handle string, list []piece) (err error) {
	for _, p := range list {
		err = errors.Join(err, durable.Discard(s.piecePath(handle, p)))
	}
	return err
}

// piecesOf lists an upload's pieces, also those that no part has.
func (s *Store) piecesOf(handle string) (list []piece, err error) {
	all, err := os.ReadDir(filepath.Join(s.root, partsDir))
	for _, d := range all {
		if text, ok := strings.CutPrefix(d.Name(), handle+"."); ok {
			if p, ok := parsePiece(text); ok {
				list = append(list, p)
			}
		}
	}
	return list, err
}

// settle removes what a part, which is a fact now, took the place of.
func (s *Store) settle(handle string, part blob.Part) error {
	t, err := parseTag(part.Tag)
	if err != nil {
		return err
	}
	return s.drop(handle, t.replaced)
}
