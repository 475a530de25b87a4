package validate

import (
	"encoding/binary"
	"errors"
	"sync"

	"freshet/internal/errs"

	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/xxh3"
)

// wireVersion is what saved plans and summaries begin with. It changes with
// what they hold, and with what the checks find in the same bytes.
const wireVersion = 5

// ErrVersion says that another version of the program saved this: the bytes must be checked again.
var ErrVersion = errs.E(errs.Internal, "saved-by-another-version", "the result of a check was saved by another version")

var errDamaged = errors.New("a saved summary is damaged")

const (
	mostSmall   = 4 << 20   // of a summary's row, unpacked
	mostSection = 128 << 20 // of a part of it that lies in the bulk, unpacked
)

// inlined is the longest part that stays in the row.
var inlined = 64 << 10

var packer = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(256<<10), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(err) // the options are fixed
	}
	return e
})

var unpacker = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(mostSection), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic(err) // the options are fixed
	}
	return d
})

// seal makes a body fit for a row: a version, a checksum, and the body packed.
func seal(body []byte) []byte {
	packed := pack(body)
	out := append(make([]byte, 0, 9+len(packed)), wireVersion)
	out = binary.LittleEndian.AppendUint64(out, xxh3.Hash(packed))
	return append(out, packed...)
}

func unseal(data []byte) ([]byte, error) {
	if len(data) < 9 {
		return nil, errDamaged
	}
	if data[0] != wireVersion {
		return nil, ErrVersion
	}
	return unpack(data[9:], binary.LittleEndian.Uint64(data[1:]), mostSmall)
}

// pack makes bytes smaller; their length goes before them.
func pack(p []byte) []byte {
	return packer().EncodeAll(p, binary.AppendUvarint(nil, uint64(len(p))))
}

// unpack checks before it unpacks, so that damage cannot make much of little.
func unpack(packed []byte, sum uint64, most uint64) ([]byte, error) {
	size, n := binary.Uvarint(packed)
	if n <= 0 || size > most || xxh3.Hash(packed) != sum {
		return nil, errDamaged
	}
	out, err := unpacker().DecodeAll(packed[n:], make([]byte, 0, size))
	if err != nil || uint64(len(out)) != size {
		return nil, errDamaged
	}
	return out, nil
}
