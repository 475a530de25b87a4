package validate

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSorter: entries come out by key and place, from memory or from scratch
// files, whether their keys are spread, equal or in order.
func TestSorter(t *testing.T) {
	keys := map[string]func(r *rand.Rand, i int) uint64{
		"hashes":   func(r *rand.Rand, _ int) uint64 { return r.Uint64() },
		"few":      func(r *rand.Rand, _ int) uint64 { return r.Uint64N(7) << 60 },
		"equal":    func(*rand.Rand, int) uint64 { return 42 },
		"rising":   func(_ *rand.Rand, i int) uint64 { return uint64(i) },
		"falling":  func(_ *rand.Rand, i int) uint64 { return uint64(1<<40 - i) },
		"repeated": func(r *rand.Rand, _ int) uint64 { return r.Uint64N(1000) * 0x9E3779B97F4A7C15 },
	}
	for name, key := range keys {
		for _, n := range []int{0, 1, 100, 5000, batchSize, batchSize + 1, 5*batchSize + 17, maxRuns*batchSize + 5} {
			if n > 10*batchSize && name != "hashes" {
				continue // once is enough for runs that are merged
			}
			r := rand.New(rand.NewPCG(1, 2))
			s := &sorter{scratch: ScratchIn(t.TempDir())}
			want := make([]entry, 0, n)
			for i := range n {
				e := entry{key: key(r, i), offset: int64(i), line: int64(i * 2), record: int64(i * 3)}
				want = append(want, e)
				if err := s.add(e); err != nil {
					t.Fatal(err)
				}
			}
			slices.SortFunc(want, byKey)
			for range 2 { // it may be read again
				m, err := s.sorted()
				if err != nil {
					t.Fatal(err)
				}
				if got := slices.Collect(m.entries()); m.err != nil || !slices.Equal(got, want) {
					t.Errorf("%s, %d entries: %d came out, in another order or changed: %v", name, n, len(got), m.err)
				}
			}
			s.close()
		}
	}
}
