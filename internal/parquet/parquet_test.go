package parquet_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"freshet/internal/parquet"

	"github.com/google/go-cmp/cmp"
	writer "github.com/parquet-go/parquet-go"
)

type row struct {
	ID    int64    `parquet:"id"`
	Text  string   `parquet:"text,zstd"`
	Score *float64 `parquet:"score,optional,snappy"`
	Tags  []string `parquet:"tags,list"`
	Meta  struct {
		OK bool `parquet:"ok"`
	} `parquet:"meta"`
}

// file is rows as another program writes them: in several row groups and many pages.
func file(t testing.TB, rows int, v int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := writer.NewGenericWriter[row](&b, writer.PageBufferSize(2000), writer.MaxRowsPerRowGroup(700), writer.DataPageVersion(v))
	for i := range rows {
		r := row{ID: int64(i), Text: fmt.Sprintf("row %d of many, %s", i, strings.Repeat("x", i%50))}
		if i%3 > 0 {
			f := float64(i) / 2
			r.Score = &f
		}
		for k := range i % 4 {
			r.Tags = append(r.Tags, fmt.Sprint("tag", k))
		}
		if _, err := w.Write([]row{r}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read is all that is found in a file: its footer, and what is wrong.
func read(data []byte) (f *parquet.Footer, faults []error, err error) {
	at, n, err := parquet.FooterAt(data[len(data)-parquet.TailSize:], int64(len(data)))
	if err != nil {
		return nil, []error{err}, nil
	}
	if f, err = parquet.ParseFooter(data[at:at+n], at); err != nil {
		return nil, []error{err}, nil
	}
	err = f.Chunks(func(k *parquet.Chunk) error {
		bad, err := k.Walk(bytes.NewReader(data[k.Offset : k.Offset+k.Size]))
		if bad != nil {
			faults = append(faults, bad)
		}
		return err
	}, func(bad error) bool { faults = append(faults, bad); return len(faults) < 100 })
	return f, faults, err
}

func TestGoodFile(t *testing.T) {
	for v := 1; v <= 2; v++ {
		f, faults, err := read(file(t, 3000, v))
		if err != nil || len(faults) > 0 {
			t.Fatal(faults, err)
		}
		if f.Rows != 3000 || f.RowGroups != 5 {
			t.Errorf("%d rows in %d groups", f.Rows, f.RowGroups)
		}
		got := []string{}
		for _, c := range f.Columns {
			s := fmt.Sprintf("%s type %d list %v: %d values, %d null", strings.Join(c.Path, "."), c.Type, c.Repeated(), c.Values, c.Nulls)
			if c.Min != nil {
				s += fmt.Sprintf(", %g to %g", *c.Min, *c.Max)
			}
			got = append(got, s)
		}
		want := []string{"id type 2 list false: 3000 values, 0 null, 0 to 2999", "text type 6 list false: 3000 values, 0 null", "score type 5 list false: 3000 values, 1000 null, 0.5 to 1499.5",
			"tags.list.element type 6 list true: 5250 values, 750 null", "meta.ok type 0 list false: 3000 values, 0 null"}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("version %d: want (-), got (+):\n%s", v, d)
		}
	}
}

// TestDamage: a file that lost bytes or has others is never taken for good.
func TestDamage(t *testing.T) {
	good := file(t, 2000, 1)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"cut off":             {good[:len(good)-100], "does not end with PAR1"},
		"encrypted":           {append(bytes.Clone(good[:len(good)-4]), "PARE"...), "encrypted"},
		"a footer too long":   {append(bytes.Clone(good[:len(good)-8]), "\xff\xff\xff\x00PAR1"...), "the file only"},
		"a footer of nothing": {append(bytes.Clone(good[:len(good)-8]), "\x00\x00\x00\x00PAR1"...), "ends in the middle"},
		"bytes lost in front": {good[1000:], "column"},
		"a page damaged":      {flip(good, 300), "is damaged: its checksum"},
	} {
		_, faults, err := read(c.data)
		if err != nil || !strings.Contains(errors.Join(faults...).Error(), c.want) {
			t.Errorf("%s: %v %v, want %q", name, faults, err, c.want)
		}
	}
}

func flip(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[i] ^= 0x40
	return b
}

// TestOverlap: columns that claim the same bytes again and again do not cost
// reading them again and again.
func TestOverlap(t *testing.T) {
	pages := make([]byte, 1000)
	// one row group of 1,000 columns, each of which has the 1,000 bytes behind PAR1
	schema := []byte{0x48, 1, 'r', 0x15, 0xd0, 0x0f, 0}
	columns := []byte{}
	for range 1000 {
		schema = append(schema, 0x15, 4, 0x25, 0, 0x18, 1, 'a', 0)
		columns = append(columns, 0x3c, 0x56, 0, 0x26, 0xd0, 0x0f, 0x26, 8, 0, 0)
	}
	b := append([]byte{0x29, 0xfc, 0xe9, 7}, schema...)
	b = append(b, 0x16, 0, 0x19, 0x1c, 0x19, 0xfc, 0xe8, 7)
	b = append(append(b, columns...), 0x26, 0, 0, 0)
	f, err := parquet.ParseFooter(b, int64(4+len(pages)))
	if err != nil {
		t.Fatal(err)
	}
	walked := 0
	var faults []error
	if err := f.Chunks(func(k *parquet.Chunk) error { walked++; return nil }, func(bad error) bool { faults = append(faults, bad); return true }); err != nil {
		t.Fatal(err)
	}
	if walked != 1 || len(faults) != 1 || !strings.Contains(faults[0].Error(), "overlap") {
		t.Errorf("%d columns were walked over: %v", walked, faults)
	}
}

// TestEveryByteOfPages: what is in a page cannot change unseen. Of its header
// some may: what it says besides sizes, counts and checksum is not looked at.
func TestEveryByteOfPages(t *testing.T) {
	good := file(t, 40, 1)
	f, _, err := read(good)
	if err != nil {
		t.Fatal(err)
	}
	all, unseen := 0, 0
	if err := f.Chunks(func(k *parquet.Chunk) error {
		for i := k.Offset; i < k.Offset+k.Size; i++ {
			all++
			if _, faults, err := read(flip(good, int(i))); err != nil || len(faults) == 0 {
				unseen++
			}
		}
		return nil
	}, func(bad error) bool { t.Error(bad); return true }); err != nil {
		t.Fatal(err)
	}
	if unseen > all/4 {
		t.Errorf("%d of %d bytes may be wrong", unseen, all)
	}
}

func FuzzRead(f *testing.F) {
	small := file(f, 3, 1)
	f.Add(small)
	at, n, err := parquet.FooterAt(small[len(small)-parquet.TailSize:], int64(len(small)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(append([]byte("PAR1"), small[at:at+n]...), small[len(small)-8:]...))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 12 {
			return
		}
		if _, _, err := read(data); err != nil {
			t.Fatal(err) // what a file says may be wrong, reading it never fails
		}
	})
}
