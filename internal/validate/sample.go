package validate

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"freshet/internal/errs"
)

// sample keeps some of the keys of a file's records, by which files are compared:
// those up to 2^64 >> level, level the least at which there are at most mostSampled
// (FracMinHash, Irber et al. 2022). Which ones depends on the records alone, not on
// their order or number, so that two files that share records keep the same of them.
type sample struct {
	level uint
	keys  keySet
}

// mostSampled is how many keys are kept: 8 KiB a file.
var mostSampled = 1024

// highestLevel leaves no more keys than are kept at the least.
const highestLevel = 54

func (s *sample) add(key uint64) {
	if key <= math.MaxUint64>>s.level {
		s.take(key)
	}
}

func (s *sample) take(key uint64) {
	if s.keys.add(key); s.keys.len() > mostSampled {
		s.raise(s.level + 1)
	}
}

// raise drops the keys beyond a level, and goes on until few enough are left.
func (s *sample) raise(level uint) {
	for s.level < level || s.keys.len() > mostSampled {
		s.level++
		s.keys.upTo(math.MaxUint64 >> s.level)
	}
}

func (s *sample) absorb(t *sample) {
	s.raise(t.level)
	for _, key := range t.keys.all() {
		s.add(key)
	}
}

func (s *sample) sorted() []uint64 {
	keys := s.keys.all()
	slices.Sort(keys)
	return keys
}

func (s *sample) save(w *writer) {
	w.int(int64(s.level))
	for _, key := range s.sorted() {
		w.fixed(key)
	}
}

func (s *sample) load(r *reader) {
	level := r.int()
	if level > highestLevel || len(r.b) > 8*mostSampled {
		r.damaged()
		return
	}
	s.level = uint(level)
	for len(r.b) > 0 {
		key := r.fixed()
		if key > math.MaxUint64>>s.level {
			r.damaged()
			return
		}
		s.take(key)
	}
}

// sampleVersion changes with the hashes of records. A level takes six bits.
const sampleVersion = 1 << 6

// ErrOldSample says that a sample has the hashes of another version of the program.
var ErrOldSample = errors.New("a sample was made by another version")

// marshal is the sample as bytes: the version and level, then the keys as little-endian
// 64-bit numbers, rising.
func (s *sample) marshal() []byte {
	b := append(make([]byte, 0, 1+8*s.keys.len()), sampleVersion|byte(s.level))
	for _, key := range s.sorted() {
		b = binary.LittleEndian.AppendUint64(b, key)
	}
	return b
}

// Sample is a sample of a file's different records.
type Sample struct {
	Level uint     // one record of 2^Level is in it; 0: all are
	keys  []uint64 // rising
}

// OpenSample reads a sample as a result holds it.
func OpenSample(b []byte) (Sample, error) {
	damaged := errs.E(errs.Internal, "bad-sample", "the sample of the file's records is damaged")
	if len(b)%8 != 1 {
		return Sample{}, damaged
	}
	level := uint(b[0] &^ (sampleVersion | sampleVersion<<1))
	if level > highestLevel {
		return Sample{}, damaged
	}
	if b[0] != sampleVersion|byte(level) {
		return Sample{}, ErrOldSample
	}
	s := Sample{Level: level, keys: make([]uint64, 0, len(b)/8)}
	for b = b[1:]; len(b) > 0; b = b[8:] {
		key := binary.LittleEndian.Uint64(b)
		if n := len(s.keys); key > math.MaxUint64>>s.Level || n > 0 && key <= s.keys[n-1] {
			return Sample{}, damaged
		}
		s.keys = append(s.keys, key)
	}
	return s, nil
}

// At is how many records a sample of a level that is not below this one's holds: the first ones.
func (s *Sample) At(level uint) int {
	n, found := slices.BinarySearch(s.keys, math.MaxUint64>>level)
	if found {
		n++
	}
	return n
}

// Common calls found with the number, from 0, of each record of s that is in t, too.
func (s *Sample) Common(t *Sample, found func(i int)) {
	j := 0
	for i, key := range s.keys {
		for j < len(t.keys) && t.keys[j] < key {
			j++
		}
		if j == len(t.keys) {
			return
		}
		if t.keys[j] == key {
			found(i)
		}
	}
}
