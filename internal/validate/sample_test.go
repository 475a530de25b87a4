package validate_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"freshet/internal/validate"
)

func sampleOf(t *testing.T, data []byte) (validate.Sample, []byte) {
	t.Helper()
	p := planOf(t, "f.jsonl", data, `{}`, validate.Config{})
	s := p.Segment(0, false)
	mustWrite(t, s, data)
	sum := s.Summary()
	defer sum.Close()
	res, err := p.Finish(sum, nil)
	if err != nil {
		t.Fatal(err)
	}
	sample, err := validate.OpenSample(res.Sample)
	if err != nil {
		t.Fatal(err)
	}
	return sample, res.Sample
}

// numbered are the records from one number to another; every third is bad.
func numbered(from, to int) []byte {
	var b bytes.Buffer
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, `{"id":%d`, i)
		if i%3 > 0 {
			b.WriteByte('}')
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// TestSample: all records are in it while they are few, and then about half as
// many of them at each level; what is blank or there again does not count.
func TestSample(t *testing.T) {
	for _, n := range []int{0, 1, 1024, 1025, 50_000} {
		s, b := sampleOf(t, numbered(0, n))
		kept := s.At(s.Level)
		if kept > 1024 || (s.Level == 0) != (n <= 1024) || s.Level == 0 && kept != n {
			t.Errorf("%d records: %d at level %d", n, kept, s.Level)
		}
		if want := float64(n) / float64(int(1)<<s.Level); math.Abs(float64(kept)-want) > 5*math.Sqrt(want)+1 || s.At(64) != 0 {
			t.Errorf("%d records: %d at level %d, want about %.0f; %d at level 64", n, kept, s.Level, want, s.At(64))
		}
		lines := bytes.SplitAfter(numbered(0, n), []byte("\n"))
		slices.Reverse(lines)
		other := slices.Concat(bytes.Join(lines, []byte(" \n\n")), []byte("\n"), numbered(n/2, n))
		if _, again := sampleOf(t, other); !bytes.Equal(b, again) {
			t.Errorf("%d records in another order, with blank lines and some twice: another sample", n)
		}
	}
}

// TestSamplesCompare: of files that share a quarter of their records, a quarter
// of the samples is common, also where one file is much longer.
func TestSamplesCompare(t *testing.T) {
	for _, n := range []int{1000, 10_000} {
		a, _ := sampleOf(t, numbered(0, n))
		for _, to := range []int{2 * n, 8 * n} {
			b, _ := sampleOf(t, numbered(n-n/4, to))
			common := 0
			a.Common(&b, func(i int) {
				if i >= a.At(max(a.Level, b.Level)) {
					t.Errorf("record %d is common, of %d that can be", i, a.At(max(a.Level, b.Level)))
				}
				common++
			})
			of := a.At(max(a.Level, b.Level))
			if share := float64(common) / float64(of); of < 50 || math.Abs(share-0.25) > 4*math.Sqrt(0.25*0.75/float64(of)) {
				t.Errorf("%d records and %d: %d of %d are common", n, to, common, of)
			}
			if max(a.Level, b.Level) == 0 && common != n/4 {
				t.Errorf("%d of %d are common", common, n)
			}
			none, _ := sampleOf(t, numbered(9*n, 10*n))
			a.Common(&none, func(int) { t.Error("a record is common that is not") })
		}
	}
}

func TestSampleDamaged(t *testing.T) {
	_, b := sampleOf(t, numbered(0, 2000))
	swapped := slices.Concat(b[:1], b[9:17], b[1:9], b[17:])
	for name, bad := range map[string][]byte{"empty": {}, "cut": b[:len(b)-1], "level": append([]byte{64 | 55}, b[1:]...), "beyond": append([]byte{64 | 50}, b[1:]...), "swapped": swapped} {
		if _, err := validate.OpenSample(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, version := range []byte{0, 128, 192} {
		if _, err := validate.OpenSample(append([]byte{b[0]&^192 | version}, b[1:]...)); !errors.Is(err, validate.ErrOldSample) {
			t.Errorf("version %d: %v", version>>6, err)
		}
	}
}
