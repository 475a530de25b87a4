package validate

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// However a file is cut and its stretches are joined or saved, the spots are
// those of one pass, none is lost, and there are not too many.
func TestSpotsDependOnErrorsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := int64(1) << rapid.SampledFrom([]int{10, 20, 28, 34, 42}).Draw(t, "bits")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var once spots
		parts := make([]spots, rapid.IntRange(1, 6).Draw(t, "parts"))
		errors := rapid.SampledFrom([]int{0, 1, 100, 5_000, 30_000}).Draw(t, "errors")
		for range errors {
			at := r.Int64N(size)
			once.add(at, 1)
			parts[at*int64(len(parts))/size].add(at, 1)
		}
		for len(parts) > 1 {
			i := r.IntN(len(parts) - 1)
			w := &writer{}
			parts[i+1].save(w)
			var loaded spots
			if loaded.load(&reader{b: w.b}); r.IntN(2) == 0 {
				parts[i+1] = loaded
			}
			parts[i].merge(&parts[i+1])
			parts = slices.Delete(parts, i+1, i+2)
		}
		got, want := parts[0].report(), once.report()
		if !slices.Equal(got, want) {
			t.Fatalf("in stretches %v\nin one pass %v", got, want)
		}
		total := int64(0)
		for i, p := range got {
			total += p.Errors
			if i > 0 && p.ByteOffset < got[i-1].ByteOffset+got[i-1].Bytes {
				t.Fatalf("%v overlaps %v", p, got[i-1])
			}
		}
		if total != int64(errors) || len(got) > mostSpots {
			t.Fatalf("%d errors in %d spots, want %d", total, len(got), errors)
		}
	})
}
