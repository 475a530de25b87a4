package validate

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"strings"

	"freshet/api"

	"github.com/zeebo/xxh3"
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

// values counts the values of a field exactly while there are at most topMax of
// them, each at most topBytes long; then only how many different ones there
// are, by estimate. Nothing depends on the order in which they came.
type values struct {
	sketch *hll     // once there were too many; nothing is kept besides
	slot   []uint16 // 1 + index of the entry; 0 = free
	entry  []topEntry
	arena  []byte
	last   int // entry of the value before: fields repeat themselves
}

type topEntry struct {
	hash     uint64
	from, to uint32
	count    int64
}

const (
	topMax   = 1000
	topBytes = 256
	topShown = 20
)

// valueHash is the hash of a value.
func valueHash(v []byte) uint64 {
	n := len(v)
	if n > 16 {
		return xxh3.Hash(v)
	}
	var a, b uint64
	switch {
	case n >= 8:
		a, b = binary.LittleEndian.Uint64(v), binary.LittleEndian.Uint64(v[n-8:])
	case n >= 4:
		a, b = uint64(binary.LittleEndian.Uint32(v)), uint64(binary.LittleEndian.Uint32(v[n-4:]))
	case n > 0:
		a = uint64(v[0])<<16 | uint64(v[n>>1])<<8 | uint64(v[n-1])
	}
	// two rounds of folded multiplication, as in wyhash
	hi, lo := bits.Mul64(a^0xa0761d6478bd642f, b^0xe7037ed1a0b428db)
	hi, lo = bits.Mul64(hi^0x8ebc6af09c88c6e3, lo^uint64(n)^0x589965cc75374cc3)
	return hi ^ lo
}

func (t *values) add(hash uint64, v []byte) {
	if t.sketch != nil {
		t.sketch.add(hash)
		return
	}
	t.count(hash, v, 1)
}

func (t *values) count(hash uint64, v []byte, count int64) {
	if t.last < len(t.entry) {
		if e := &t.entry[t.last]; e.hash == hash && string(t.arena[e.from:e.to]) == string(v) {
			e.count += count
			return
		}
	}
	if len(t.entry)*2 >= len(t.slot) {
		t.grow()
	}
	mask := uint64(len(t.slot) - 1)
	s := hash & mask
	for ; t.slot[s] != 0; s = (s + 1) & mask {
		if e := &t.entry[t.slot[s]-1]; e.hash == hash && string(t.arena[e.from:e.to]) == string(v) {
			e.count += count
			t.last = int(t.slot[s]) - 1
			return
		}
	}
	if len(t.entry) == topMax || len(v) > topBytes {
		t.giveUp()
		t.sketch.add(hash)
		return
	}
	from := uint32(len(t.arena))
	t.arena = append(t.arena, v...)
	t.entry = append(t.entry, topEntry{hash, from, uint32(len(t.arena)), count})
	t.slot[s] = uint16(len(t.entry))
}

func (t *values) grow() {
	t.slot = make([]uint16, max(16, 2*len(t.slot)))
	mask := uint64(len(t.slot) - 1)
	for i, e := range t.entry {
		s := e.hash & mask
		for t.slot[s] != 0 {
			s = (s + 1) & mask
		}
		t.slot[s] = uint16(i + 1)
	}
}

func (t *values) giveUp() {
	h := &hll{}
	for i := range t.entry {
		h.add(t.entry[i].hash)
	}
	*t = values{sketch: h}
}

func (t *values) merge(u *values) {
	if u.sketch != nil {
		if t.sketch == nil {
			t.giveUp()
		}
		t.sketch.merge(u.sketch)
	}
	for i := range u.entry {
		if e := &u.entry[i]; t.sketch != nil {
			t.sketch.add(e.hash)
		} else {
			t.count(e.hash, u.arena[e.from:e.to], e.count)
		}
	}
}

// distinct is how many different values there are.
func (t *values) distinct() int64 {
	if t.sketch != nil {
		return t.sketch.estimate()
	}
	return int64(len(t.entry))
}

func (t *values) report() []api.TopValue {
	if t.sketch != nil {
		return nil
	}
	out := make([]api.TopValue, 0, len(t.entry))
	for _, e := range t.entry {
		out = append(out, api.TopValue{Value: string(t.arena[e.from:e.to]), Count: e.count})
	}
	slices.SortFunc(out, func(a, b api.TopValue) int {
		if a.Count != b.Count {
			return int(b.Count - a.Count)
		}
		return strings.Compare(a.Value, b.Value)
	})
	return out[:min(len(out), topShown)]
}
