package validate

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRecordLog: logs of neighbours, small and large, joined in any order, give
// all entries in file order, and repeats those whose key was there before,
// whether they go through the filter or not.
func TestRecordLog(t *testing.T) {
	for _, small := range []bool{true, false} {
		t.Run(map[bool]string{true: "with bounds that are met", false: "in memory"}[small], func(t *testing.T) {
			if small {
				defer Small()()
			}
			for seed := range uint64(300) {
				testRecordLog(t, rand.New(rand.NewPCG(seed, 7)))
			}
		})
	}
}

func testRecordLog(t *testing.T, r *rand.Rand) {
	scratch := ScratchIn(t.TempDir())
	shared := &arena{scratch: scratch}
	type part struct {
		log         *recordLog
		lines, recd int64
	}
	var parts []part
	var want []entry
	at := Mark{}
	add := func(p *part) {
		e := entry{key: r.Uint64(), offset: at.Offset, line: at.Line + p.lines, record: at.Record + p.recd}
		if len(want) > 0 && r.IntN(4) == 0 {
			e.key = want[r.IntN(len(want))].key
		}
		bad := r.IntN(10) == 0
		if err := p.log.add(e.key, Mark{e.offset, p.lines, p.recd}, bad); err != nil {
			t.Fatal(err)
		}
		if bad {
			e.line |= badRecord
		}
		want = append(want, e)
		step := func() int64 { return 1 + max(0, int64(r.IntN(30))-27)*int64(r.IntN(1<<20)) }
		at.Offset += 1 + int64(r.IntN(1<<r.IntN(40)))
		p.lines, p.recd = p.lines+step(), p.recd+step()
	}
	for range 1 + r.IntN(8) {
		p := part{log: newLog(&arena{scratch: scratch})}
		if r.IntN(2) == 0 {
			p.log = newLog(shared)
		}
		for range r.IntN(200) {
			add(&p)
		}
		at.Line, at.Record = at.Line+p.lines, at.Record+p.recd
		parts = append(parts, p)
	}
	for len(parts) > 1 {
		i := r.IntN(len(parts) - 1)
		a, b := &parts[i], &parts[i+1]
		for _, l := range []*recordLog{a.log, b.log} {
			if err := l.seal(); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.log.absorb(&b.log.pile, a.lines, a.recd); err != nil {
			t.Fatal(err)
		}
		a.lines, a.recd = a.lines+b.lines, a.recd+b.recd
		parts = slices.Delete(parts, i+1, i+2)
	}
	at.Line, at.Record = 0, 0
	for range r.IntN(20) {
		add(&parts[0]) // it goes on behind what it took
	}
	log := parts[0].log
	defer log.close()
	got := inOrder(t, log)
	if !slices.Equal(got, want) || log.count() != int64(len(want)) {
		t.Fatalf("%d entries went in, %d came out, %d were counted; or others", len(want), len(got), log.count())
	}
	slices.SortFunc(want, byKey)
	got = got[:0]
	var firsts, wantFirsts []int64
	if err := repeats(log, func(e entry, first int64) error {
		got, firsts = append(got, e), append(firsts, first)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var again []entry
	first := int64(0)
	for i, e := range want {
		if i > 0 && want[i-1].key == e.key {
			again, wantFirsts = append(again, e), append(wantFirsts, first)
		} else {
			first = e.line &^ badRecord
		}
	}
	if !slices.Equal(got, again) || !slices.Equal(firsts, wantFirsts) {
		t.Fatalf("%d of %d entries were there before, told are %d; or others", len(again), len(want), len(got))
	}
}

// TestFilterLetsFewThrough: of keys that are all different, few are sorted.
func TestFilterLetsFewThrough(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	log := newLog(&arena{scratch: ScratchIn(t.TempDir())})
	defer log.close()
	const n = 300_000
	for i := range int64(n) {
		if err := log.add(r.Uint64(), Mark{i * 100, i, i}, false); err != nil {
			t.Fatal(err)
		}
	}
	if size := log.size(); size > 10*n+n/10 {
		t.Errorf("%d entries take %d bytes", n, size)
	}
	f, err := newFilter(log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	through := 0
	if err := log.each(1, func(_ int, b *block) error { through += len(f.wanted(b.keys, nil)); return nil }); err != nil {
		t.Fatal(err)
	}
	if through > n/50 {
		t.Errorf("%d of %d are let through", through, n)
	}
}

// inOrder gives all entries.
func inOrder(t *testing.T, l *recordLog) (out []entry) {
	t.Helper()
	var none *filter
	if err := l.each(1, func(_ int, b *block) (err error) {
		out, err = b.entries(none.wanted(b.keys, nil), out)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}
