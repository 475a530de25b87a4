package validate

import (
	"math"
	"math/bits"

	"freshet/api"
)

// hll counts distinct values by their 64-bit hashes in 4 KiB, to about 1.6 %
// (HyperLogLog, Flajolet et al. 2007, with linear counting for small numbers).
type hll [hllSize]uint8

const (
	hllBits = 12
	hllSize = 1 << hllBits
)

func (h *hll) add(x uint64) {
	rank := uint8(bits.LeadingZeros64(x<<hllBits|1<<(hllBits-1))) + 1
	if i := x >> (64 - hllBits); h[i] < rank {
		h[i] = rank
	}
}

func (h *hll) merge(g *hll) {
	for i, r := range g {
		h[i] = max(h[i], r)
	}
}

func (h *hll) estimate() int64 {
	sum, zeros := 0.0, 0
	for _, r := range h {
		sum += math.Ldexp(1, -int(r))
		if r == 0 {
			zeros++
		}
	}
	m := float64(hllSize)
	e := 0.7213 / (1 + 1.079/m) * m * m / sum
	if e < 2.5*m && zeros > 0 {
		e = m * math.Log(m/float64(zeros))
	}
	return int64(math.Round(e))
}

// lengths is a histogram with eight buckets an octave: quantiles are right to
// an eighth, and it merges by adding.
type lengths struct {
	n, sum   int64
	min, max int64
	bucket   [bucketCount]int64
}

const bucketCount = 8 * 60

func bucketOf(x uint64) int {
	if x < 16 {
		return int(x)
	}
	n := bits.Len64(x) - 4
	return min(bucketCount-1, n*8+int(x>>n))
}

// bucketLow is the smallest length in a bucket.
func bucketLow(b int) int64 {
	if b < 16 {
		return int64(b)
	}
	n := b/8 - 1
	return int64(b-n*8) << n
}

func (l *lengths) add(x int64) {
	if l.n == 0 {
		l.min, l.max = x, x
	}
	l.n++
	l.sum += x
	l.min, l.max = min(l.min, x), max(l.max, x)
	l.bucket[bucketOf(uint64(x))]++
}

// addAll adds many.
func (l *lengths) addAll(all []uint32) {
	if len(all) == 0 {
		return
	}
	low, high, sum := all[0], all[0], int64(0)
	for _, x := range all {
		low, high, sum = min(low, x), max(high, x), sum+int64(x)
		l.bucket[bucketOf(uint64(x))]++
	}
	l.addSums(int64(len(all)), sum, int64(low), int64(high))
}

// addShorts adds the sizes of short values.
func (l *lengths) addShorts(all []uint64) {
	if len(all) == 0 {
		return
	}
	low, high, sum := all[0], all[0], uint64(0)
	for _, x := range all {
		low, high, sum = min(low, x), max(high, x), sum+x
		l.bucket[x&15]++ // there is one for each that is short
	}
	l.addSums(int64(len(all)), int64(sum), int64(low), int64(high))
}

// addSums adds all of so many lengths but their buckets.
func (l *lengths) addSums(n, sum, low, high int64) {
	if l.n == 0 {
		l.min, l.max = low, high
	}
	l.n += n
	l.sum += sum
	l.min, l.max = min(l.min, low), max(l.max, high)
}

// addTimes adds a length so many times.
func (l *lengths) addTimes(x, n int64) {
	l.add(x)
	l.n += n - 1
	l.sum += x * (n - 1)
	l.bucket[bucketOf(uint64(x))] += n - 1
}

func (l *lengths) merge(m *lengths) {
	if m.n == 0 {
		return
	}
	if l.n == 0 {
		*l = *m
		return
	}
	l.n += m.n
	l.sum += m.sum
	l.min, l.max = min(l.min, m.min), max(l.max, m.max)
	for i, c := range m.bucket {
		l.bucket[i] += c
	}
}

// quantile is the low end of the bucket that holds the q-th share.
func (l *lengths) quantile(q float64) int64 {
	want := int64(math.Ceil(q * float64(l.n)))
	seen := int64(0)
	for b, c := range l.bucket {
		if seen += c; seen >= want && c > 0 {
			return min(l.max, max(l.min, bucketLow(b)))
		}
	}
	return l.max
}

func (l *lengths) report() *api.Length {
	if l == nil || l.n == 0 {
		return nil
	}
	r := &api.Length{Min: l.min, Max: l.max, Mean: float64(l.sum) / float64(l.n), P50: l.quantile(0.5), P95: l.quantile(0.95), Histogram: []api.Bucket{}}
	from, to := int64(0), int64(0)
	count := int64(0)
	flush := func() {
		if count > 0 {
			r.Histogram = append(r.Histogram, api.Bucket{From: from, To: to, Count: count})
		}
	}
	for b, c := range l.bucket {
		if low := bucketLow(b); low > to {
			flush()
			from, count = low, 0
			to = 2*low - 1
		}
		count += c
	}
	flush()
	return r
}
