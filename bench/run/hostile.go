package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// dataFailed is the exit code of `freshet validate` for data that is at fault.
const dataFailed = 3

// hostile measures what files made to cost do cost, beside ordinary data of
// their size, and whether half of the file costs half. What is longer than a
// record may be is passed over, so each is read with the largest limit, too.
func (b *bench) hostile() error {
	long := filepath.Join(b.dir, "long.json")
	if err := os.WriteFile(long, fmt.Appendf(nil, `{"max_record_bytes":%d}`, 64<<20), 0o600); err != nil {
		return err
	}
	for _, h := range []struct {
		what, kind, ordinary string
		size                 int64
		args                 []string
	}{
		{"[ over and over", "brackets", "chat", 64 << 20, nil},
		{"[ over and over, one record", "brackets", "chat", 64 << 20, []string{"--rules", long}},
		{"one string", "string", "chat", 64 << 20, nil},
		{"one string, one record", "string", "chat", 64 << 20, []string{"--rules", long}},
		{"20 million empty lines", "newlines", "chat", 20_000_000, nil},
		{"5 million names in one object", "names", "chat", 65_000_000, nil},
		{"5 million names in one object, one record", "names", "chat", 65_000_000, []string{"--rules", long}},
		{"900,000 names in each object", "objects", "chat", 65_000_000, nil},
		{`" over and over, CSV`, "quotes", "csv", 64 << 20, nil},
		{`" over and over, CSV, one record`, "quotes", "csv", 64 << 20, []string{"--rules", long}},
	} {
		if b.short {
			h.size /= 8
		}
		var whole, half, ordinary []time.Duration
		for range b.runs {
			for _, f := range []struct {
				kind string
				size int64
				cpu  *[]time.Duration
			}{{h.kind, h.size, &whole}, {h.kind, h.size / 2, &half}, {h.ordinary, h.size, &ordinary}} {
				file, err := b.data(f.kind, fmt.Sprint(f.size))
				if err != nil {
					return err
				}
				cpu, _, err := timed(append([]string{b.bin, "validate", "--json", file}, h.args...), []string{"GOMAXPROCS=1"}, dataFailed)
				if err != nil {
					return err
				}
				*f.cpu = append(*f.cpu, cpu)
			}
		}
		w, p, o := median(whole).Seconds(), median(half).Seconds(), median(ordinary).Seconds()
		b.add(fmt.Sprintf("%s, %d MB", h.what, h.size/1e6), fmt.Sprintf("%.2f s CPU", w), fmt.Sprintf("%.2f s %s", o, h.ordinary), fmt.Sprintf("%.2f", w/o), "≤ 10")
		b.add("  beside half of it", "", fmt.Sprintf("%.2f s", p), fmt.Sprintf("%.2f", w/p), "≤ 2.5")
	}
	return nil
}
