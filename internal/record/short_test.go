package record_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"strconv"
	"testing"

	"freshet/internal/record"
)

// FuzzShorts: every form of looking at short values tells of each what the
// standard library does, whatever lies next to it and behind it.
func FuzzShorts(f *testing.F) {
	for _, s := range []string{"0", "-0", "00", "01", "-01", "0.", ".5", "-.5", "0.5", "-0.25", "1.5.2", "1..2", "12345678", "-1234567", "1234.678", "1.234567", "-", "", "a", "1e5", "1e9", " 1", "1 ", "/", ":", "1:", "9/", "-9.0", "00000000", "0.000000", "--1", "1-2", ".......", "true", "Ünï"} {
		f.Add([]byte(s), []byte(s+"7."), uint8(5))
	}
	f.Fuzz(func(t *testing.T, a, b []byte, n uint8) {
		values := [][]byte{a[:min(8, len(a))], b[:min(8, len(b))]}
		want := make([]string, 2)
		record.Forms(func(form string) {
			var s record.Shorts
			most := int(n)%record.MostShorts + 1
			for i := range most {
				var word [8]byte
				copy(word[copy(word[:], values[i%2]):], bytes.Repeat([]byte{b4(a), '.'}, 4)) // what follows may be anything
				s.Add(binary.LittleEndian.Uint64(word[:]), len(values[i%2]))
			}
			s.Look(true)
			for i := range most {
				v := values[i%2]
				numeric := s.Numeric>>i&1 == 1
				if isNumber := json.Valid(v) && isNumber(v) && !bytes.ContainsAny(v, "eE"); numeric != isNumber {
					t.Fatalf("%s: %q is a number: %v", form, v, numeric)
				}
				said := strconv.FormatUint(s.Hashes[i], 16)
				if numeric {
					x, err := strconv.ParseFloat(string(v), 64)
					if err != nil || math.Float64bits(x) != math.Float64bits(s.Numbers[i]) {
						t.Fatalf("%s: %q is %v, want %v", form, v, s.Numbers[i], x)
					}
				}
				if want[i%2] == "" {
					want[i%2] = said
				}
				if said != want[i%2] {
					t.Fatalf("%s: the hash of %q is %s, or %s", form, v, said, want[i%2])
				}
			}
			if most < record.MostShorts && s.Numeric>>most != 0 {
				t.Fatalf("%s: %d values, %b are numbers", form, most, s.Numeric)
			}
		})
	})
}

// b4 is a byte that depends on v.
func b4(v []byte) byte {
	if len(v) == 0 {
		return '3'
	}
	return v[0]
}
