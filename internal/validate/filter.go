package validate

import (
	"math/bits"
	"runtime"
	"slices"
	"sync/atomic"
	"unsafe"

	"freshet/internal/durable"
)

var (
	filterFrom = int64(batchSize)                      // entries; fewer are sorted in memory
	filterMost = int64(1 << 27)                        // bits: 16 MiB; beyond twice as many entries it lets most through
	filterSize = int64(32 << 20)                       // bytes of all of a filter that is made, on however many cores
	filterBusy = make(chan struct{}, runtime.NumCPU()) // bounds how many there are at a time
)

// filter tells which keys may be equal to another's. Each key has some bits of
// one word; more has those of the keys that found all of theirs set by others. It
// lies beside the heap, which would grow by half as much again.
type filter struct {
	shift  uint   // a key's first bits are the number of its word
	second uint64 // all ones where a key has a second bit, and a third
	third  uint64
	more   []uint64
	pages  []byte
}

// newFilter reads the log once. The caller closes the filter.
func newFilter(l *recordLog) (*filter, error) {
	n := l.count()
	width := min(max(bits.Len64(uint64(n))+2, 6), bits.Len64(uint64(filterMost))-1) // 4 to 8 bits an entry, a word at least
	f := &filter{shift: uint(64 - width + 6)}
	if n < 1<<width/2 {
		f.second = ^uint64(0)
	}
	if n < 1<<width/6 {
		f.third = ^uint64(0)
	}
	words := 1 << width / 64
	cores := max(1, min(runtime.GOMAXPROCS(0), int(filterSize/int64(8*words))-1))
	f.more, f.pages = zeros(words)
	one, pages := zeros(words * cores) // each core has its own, so that none waits for another's
	defer durable.Free(pages)
	err := l.each(cores, func(core int, b *block) error {
		one := one[words*core:][:words]
		for _, key := range b.keys {
			at, sig := f.place(key)
			w := one[at]
			one[at] = w | sig
			if w&sig == sig { // few are
				atomic.OrUint64(&f.more[at], sig)
			}
		}
		return nil
	})
	if err != nil {
		f.close()
		return nil, err
	}
	for core := 1; core < cores; core++ { // what two cores saw was there before, too
		for i, w := range one[words*core:][:words] {
			f.more[i] |= one[i] & w
			one[i] |= w
		}
	}
	return f, nil
}

// place is the word of a key, and its bits there.
func (f *filter) place(key uint64) (at, sig uint64) {
	return key >> f.shift, 1<<(key&63) | 1<<(key>>6&63)&f.second | 1<<(key>>12&63)&f.third
}

// zeros are n words, and the memory that they lie in.
func zeros(n int) ([]uint64, []byte) {
	b := durable.Pages(n * 8)
	durable.LargePages(b)
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(b))), n), b
}

func (f *filter) close() {
	durable.Free(f.pages)
	f.more, f.pages = nil, nil
}

// wanted gives the numbers of the keys that may be equal to another's; without a
// filter all.
func (f *filter) wanted(keys []uint64, out []int32) []int32 {
	out = slices.Grow(out[:0], len(keys))[:len(keys)]
	n := 0
	for i, key := range keys {
		out[n] = int32(i)
		if f != nil {
			at, sig := f.place(key)
			if f.more[at]&sig != sig {
				continue
			}
		}
		n++
	}
	return out[:n]
}
