package parquet

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"strings"
)

// Chunk is the pages of one column in one row group.
type Chunk struct {
	Group, Number int64 // of the row group, and of the column in it, from 0
	Column        *Column
	Offset, Size  int64 // in the file
	Values        int64

	rows      int64 // of its row group
	nulls     int64
	low, high []byte
	data      int64 // offset of the first page with data
	dict      int64
	elsewhere bool // in another file, or encrypted
}

// Chunks gives each chunk once it is known to lie in the file and to agree with
// the schema, and sums them up in their columns. What is wrong with a chunk, or
// with all of them together, goes to fault, which ends it by false.
func (f *Footer) Chunks(each func(*Chunk) error, fault func(error) bool) error {
	var failed error
	t, rows, bytes, group := &thrift{b: f.groups}, int64(0), int64(0), int64(0)
	going := true
	tell := func(err error) { going = going && fault(err) }
	t.list(func(kind byte) {
		if !going || failed != nil || kind != typeStruct {
			t.skipElement(kind)
			return
		}
		chunks, n := f.group(t, group)
		if n < 0 || rows > math.MaxInt64-n {
			tell(fmt.Errorf("row group %d has %d rows", group+1, n))
			n = 0
		}
		rows += n
		count := int64(0)
		chunks(func(k *Chunk) {
			count++
			k.rows = n
			if !going || failed != nil {
				return
			}
			if err := f.fits(k); err != nil {
				tell(err)
			} else if bytes += k.Size; bytes > f.At { // walking over all would take forever
				tell(errors.New("the columns' bytes overlap: together they are more than the file has"))
				going = false
			} else {
				k.Column.tell(k)
				failed = each(k)
			}
		})
		if want := int64(len(f.Columns)); count != want {
			tell(fmt.Errorf("row group %d has %d columns, the schema %d", group+1, count, want))
		}
		group++
	})
	if going && failed == nil && rows != f.Rows {
		tell(fmt.Errorf("the footer tells of %d rows, its row groups of %d", f.Rows, rows))
	}
	return failed
}

// group reads a row group: its rows, and its chunks for who wants them then.
func (f *Footer) group(t *thrift, number int64) (chunks func(func(*Chunk)), rows int64) {
	var list []byte
	t.fields(func(id int64, kind byte) {
		switch {
		case id == 1 && kind == typeList:
			list = t.b
			t.skip(kind)
			list = list[:len(list)-len(t.b)]
		case id == 3 && integer(kind):
			rows = t.int()
		default:
			t.skip(kind)
		}
	})
	return func(each func(*Chunk)) {
		in, n := &thrift{b: list}, int64(0)
		in.list(func(kind byte) {
			if kind != typeStruct {
				in.skipElement(kind)
				return
			}
			k := &Chunk{Group: number, Number: n}
			in.fields(func(id int64, kind byte) { k.field(in, id, kind) })
			if n < int64(len(f.Columns)) {
				k.Column = f.Columns[n]
			}
			n++
			each(k)
		})
	}, rows
}

func (k *Chunk) field(t *thrift, id int64, kind byte) {
	switch {
	case id == 3 && kind == typeStruct:
		t.fields(func(id int64, kind byte) { k.metadata(t, id, kind) })
	case id == 1 && kind == typeBinary: // the path of another file
		k.elsewhere = len(t.bytes()) > 0 || k.elsewhere
	case id == 8 || id == 9: // encryption
		k.elsewhere = true
		t.skip(kind)
	default:
		t.skip(kind)
	}
}

func (k *Chunk) metadata(t *thrift, id int64, kind byte) {
	switch {
	case id == 5 && integer(kind):
		k.Values = t.int()
	case id == 7 && integer(kind):
		k.Size = t.int()
	case id == 9 && integer(kind):
		k.data = t.int()
	case id == 11 && integer(kind):
		k.dict = t.int()
	case id == 12 && kind == typeStruct:
		t.fields(func(id int64, kind byte) {
			switch {
			case id == 3 && integer(kind):
				k.nulls = t.int()
			case id == 5 && kind == typeBinary:
				k.high = t.bytes()
			case id == 6 && kind == typeBinary:
				k.low = t.bytes()
			default:
				t.skip(kind)
			}
		})
	default:
		t.skip(kind)
	}
}

// fits tells what is wrong with what the footer says of a chunk.
func (f *Footer) fits(k *Chunk) error {
	k.Offset = k.data
	if k.dict > 0 && k.dict < k.data {
		k.Offset = k.dict
	}
	switch {
	case k.Column == nil:
		return k.fault("the schema has no such column")
	case k.elsewhere:
		return k.fault("its values are encrypted, or in another file")
	case k.Offset < int64(len(Magic)) || k.Size < 0 || k.Size > f.At-k.Offset:
		return k.fault("bytes %d to %d do not lie between the file's front and its footer", k.Offset, k.Offset+k.Size)
	case k.Values < 0 || k.nulls < 0 || k.nulls > k.Values:
		return k.fault("%d of its %d values are null", k.nulls, k.Values)
	case !k.Column.list && k.Values != k.rows:
		return k.fault("it has %d values, its row group %d rows", k.Values, k.rows)
	}
	return nil
}

func (k *Chunk) fault(format string, args ...any) error {
	name := fmt.Sprint(k.Number + 1)
	if k.Column != nil {
		name = strings.Join(k.Column.Path, ".")
	}
	return fmt.Errorf("column %q of row group %d: %s", name, k.Group+1, fmt.Sprintf(format, args...))
}

// headerSize is the longest header of a page that is read.
const headerSize = 256 << 10

// page is its header.
type page struct {
	kind       int64
	size       int64 // as it is stored
	crc        uint32
	hasCRC     bool
	values     int64
	headerSize int
}

// Kinds of pages.
const (
	dataPage   = 0
	dataPageV2 = 3
)

// Walk goes over the pages of a chunk, whose bytes are r: their headers, their
// checksums, and whether they hold as many values as the footer says. What is
// wrong with them comes as fault, a failure of r as err.
func (k *Chunk) Walk(r io.Reader) (fault, err error) {
	in := bufio.NewReaderSize(r, int(min(headerSize, k.Size)))
	sum := crc32.NewIEEE()
	values, left := int64(0), k.Size
	for n := 1; left > 0; n++ {
		p, bad, err := nextPage(in, left)
		switch {
		case err != nil:
			return nil, err
		case bad != nil:
			return k.fault("page %d: %v", n, bad), nil
		case p.size < 0 || p.size > left-int64(p.headerSize) || p.values < 0:
			return k.fault("page %d goes beyond the column's bytes", n), nil
		}
		if _, err := in.Discard(p.headerSize); err != nil {
			return nil, err
		}
		left -= int64(p.headerSize) + p.size
		sum.Reset()
		if _, err := io.CopyN(sum, in, p.size); err != nil {
			return nil, err
		}
		if p.hasCRC && sum.Sum32() != p.crc {
			return k.fault("page %d is damaged: its checksum is %08x, and should be %08x", n, sum.Sum32(), p.crc), nil
		}
		if p.kind == dataPage || p.kind == dataPageV2 {
			values += p.values
		}
	}
	if values != k.Values {
		return k.fault("its pages have %d values, by the footer it has %d", values, k.Values), nil
	}
	return nil, nil
}

// nextPage reads the header at the front of in, looking no further than it must:
// a chunk may have millions of small pages.
func nextPage(in *bufio.Reader, left int64) (p page, bad, err error) {
	most := int(min(headerSize, left))
	for n := min(256, most); ; n = min(4*n, most) {
		head, err := in.Peek(n)
		if err != nil {
			return p, nil, err
		}
		if p, bad = readPage(head); bad == nil || n == most {
			return p, bad, nil
		}
	}
}

func readPage(b []byte) (p page, err error) {
	t := &thrift{b: b}
	sized := false
	t.fields(func(id int64, kind byte) {
		switch {
		case id == 1 && integer(kind):
			p.kind = t.int()
		case id == 3 && integer(kind):
			p.size, sized = t.int(), true
		case id == 4 && integer(kind):
			p.crc, p.hasCRC = uint32(t.int()), true
		case (id == 5 || id == 8) && kind == typeStruct:
			t.fields(func(id int64, kind byte) {
				if id == 1 && integer(kind) {
					p.values = t.int()
				} else {
					t.skip(kind)
				}
			})
		default:
			t.skip(kind)
		}
	})
	p.headerSize = len(b) - len(t.b)
	if t.err == nil && !sized {
		return p, errors.New("its header tells no size")
	}
	return p, t.err
}
