package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/minio/sio"
)

const (
	// Block is how many bytes are sealed together; only the last block has less.
	Block = 64 << 10
	// Over is by how much a block is longer once it is sealed.
	Over = 32
	// Package is a sealed block that is full.
	Package = Block + Over
	// MaxSize is how many bytes can be sealed under one key: blocks are counted by 32 bits.
	MaxSize = int64(math.MaxUint32) * Block
)

// Size is how many bytes n have once they are sealed.
func Size(n int64) int64 {
	sealed := n / Block * Package
	if rest := n % Block; rest > 0 {
		sealed += rest + Over
	}
	return sealed
}

// Plain is how many bytes are in n sealed ones, false where no number has that size.
func Plain(n int64) (int64, bool) {
	rest := n % Package
	size := n / Package * Block
	switch {
	case n < 0, rest > 0 && rest <= Over:
		return size, false
	case rest > 0:
		size += rest - Over
	}
	return size, true
}

// format is the one that blocks have. The flag of DARE 2.0 on the last block would
// have to be known while others are written beside it, and its blocks share a
// nonce, of which a stretch that is written again would make use twice.
func format(k *Key, block int64) sio.Config {
	return sio.Config{MinVersion: sio.Version10, MaxVersion: sio.Version10, CipherSuites: []byte{sio.AES_256_GCM}, Key: k[:], SequenceNumber: uint32(block)}
}

// Seal reads src and gives its blocks sealed, from that number on, under a nonce
// of their own. It reads from src no more than a block for each that is read from it.
func Seal(k Key, block int64, src io.Reader) (io.Reader, error) {
	return sio.EncryptReader(src, format(&k, block))
}

// Open reads sealed blocks from src, from that number on, and gives what was
// sealed. Where they are altered, or others, reading ends by Altered.
func Open(k Key, block int64, src io.Reader) (io.Reader, error) {
	r, err := sio.DecryptReader(src, format(&k, block))
	return &opened{r}, err
}

type opened struct{ r io.Reader }

// Read implements io.Reader.
func (o *opened) Read(p []byte) (int, error) {
	n, err := o.r.Read(p)
	var altered sio.Error
	if errors.As(err, &altered) {
		err = NotAsSealed("a block was cut, altered or exchanged").Because(err)
	}
	return n, err
}

// SealBlock seals at most a block.
func SealBlock(k Key, block int64, plain []byte) ([]byte, error) {
	r, err := Seal(k, block, bytes.NewReader(plain))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// OpenBlock gives what SealBlock sealed.
func OpenBlock(k Key, block int64, sealed []byte) ([]byte, error) {
	r, err := Open(k, block, bytes.NewReader(sealed))
	if err != nil {
		return nil, err
	}
	plain := make([]byte, 0, max(0, len(sealed)-Over)+1) // room to see the end
	for {
		n, err := r.Read(plain[len(plain):cap(plain)])
		plain = plain[:len(plain)+n]
		if err == io.EOF {
			return plain, nil
		}
		if err != nil {
			return nil, err
		}
		if len(plain) == cap(plain) {
			return nil, NotAsSealed("a block is longer than it was")
		}
	}
}

// Length is how many bytes a sealed block says to have, 0 where there is none.
func Length(header []byte) int {
	if len(header) < 4 || header[0] != sio.Version10 {
		return 0
	}
	return int(binary.LittleEndian.Uint16(header[2:])) + 1
}
