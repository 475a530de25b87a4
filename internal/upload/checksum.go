package upload

import (
	"bytes"
	"encoding/base64"
	"hash"

	"freshet/internal/errs"
)

// Checksum is one that the client sends with its bytes, to compare before
// anything of them is kept.
type Checksum struct {
	Name string // as the client writes it
	Hash hash.Hash
	Want []byte // nil while it is to come after the bytes
}

// Incoming is the body of one request.
type Incoming struct {
	Source Source
	Length int64 // of its bytes, -1 if that is not known
	// Checksums are verified before anything is kept; Trailer, unless nil, completes
	// them once the bytes are here.
	Checksums []*Checksum
	Trailer   func() error
	// Progress, unless nil, is told what is committed as it comes.
	Progress func(committed int64)
}

func (in *Incoming) hashes() (h []hash.Hash) {
	for _, c := range in.Checksums {
		h = append(h, c.Hash)
	}
	return h
}

// verify compares the checksums with what came.
func (in *Incoming) verify() error {
	if in.Trailer != nil {
		if err := in.Trailer(); err != nil {
			return err
		}
	}
	for _, c := range in.Checksums {
		if c.Want == nil {
			continue
		}
		if got := c.Hash.Sum(nil); !bytes.Equal(got, c.Want) {
			return errs.E(errs.Invalid, "checksum-mismatch", "the bytes that arrived have the %s %s, not %s", c.Name,
				base64.StdEncoding.EncodeToString(got), base64.StdEncoding.EncodeToString(c.Want)).WithHint("nothing of them was kept; send them again")
		}
	}
	return nil
}
