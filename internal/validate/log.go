package validate

import "encoding/binary"

// recordLog keeps the key of each record with where the record is, in file
// order. Keys lie together, apart from places: most of the time nobody asks for
// those. Most records follow the one before by one line and one record, so that
// ten bytes hold what would be thirty-two.
//
// A block is the number of its entries, the bytes of their places and the place
// of the first as uvarints, then the keys, eight bytes each, then the places as
// uvarints: twice the distance of its offset from the entry before, plus one
// where more follows: twice the distance in lines, plus one for a bad record, and
// the distance in records. Without them it is one line, one record, and not bad:
// then two bytes hold it, although one may do.
type recordLog struct {
	pile
	open *openBlock // nil: there is none
}

// openBlock is the block that is being filled.
type openBlock struct {
	n      int // entries
	size   int // bytes of their places
	first  Mark
	before Mark // the last entry
	keys   [logBlock]uint64
	places [4*logBlock + longestPlace]byte
}

const (
	// logBlock is how many entries a block has: those of one are looked up side by
	// side, so that waiting for memory overlaps.
	logBlock     = 512
	longestPlace = 3 * binary.MaxVarintLen64
)

func (l *recordLog) add(key uint64, at Mark, bad bool) error {
	if l.open == nil {
		l.open = &openBlock{}
	}
	o := l.open
	if o.n == 0 {
		o.first, o.before = at, Mark{at.Offset, at.Line - 1, at.Record - 1}
	}
	offset, line, recd := uint64(at.Offset-o.before.Offset), uint64(at.Line-o.before.Line), uint64(at.Record-o.before.Record)
	o.before = at
	o.keys[o.n] = key
	o.n++
	if line == 1 && recd == 1 && !bad && offset < 1<<13 { // as most are
		o.places[o.size], o.places[o.size+1] = byte(offset<<1|0x80), byte(offset>>6)
		o.size += 2
	} else {
		line <<= 1
		if bad {
			line |= 1
		}
		p := binary.AppendUvarint(o.places[:o.size], offset<<1|1)
		o.size = len(binary.AppendUvarint(binary.AppendUvarint(p, line), recd))
	}
	if o.n < logBlock && o.size <= 4*logBlock {
		return nil
	}
	return l.seal()
}

// addLines adds lines that follow each other, none of them bad. starts are their
// places, as far apart as their offsets; the first is at.
func (l *recordLog) addLines(keys []uint64, starts []uint32, at Mark) error {
	for i := 0; i < len(keys); {
		from := Mark{at.Offset + int64(starts[i]-starts[0]), at.Line + int64(i), at.Record + int64(i)}
		if err := l.add(keys[i], from, false); err != nil {
			return err
		}
		o, first := l.open, i
		if i++; o.n == 0 { // it was the last of its block
			continue
		}
		// those that take two bytes each
		n, places := min(len(keys)-i, logBlock-1-o.n, (4*logBlock-o.size)/2), o.places[o.size:]
		copied := 0
		for ; copied < n && starts[i]-starts[i-1] < 1<<13; copied++ {
			offset := starts[i] - starts[i-1]
			places[2*copied], places[2*copied+1] = byte(offset<<1|0x80), byte(offset>>6)
			i++
		}
		copy(o.keys[o.n:], keys[first+1:i])
		o.n += copied
		o.size += 2 * copied
		o.before = Mark{at.Offset + int64(starts[i-1]-starts[0]), at.Line + int64(i-1), at.Record + int64(i-1)}
	}
	return nil
}

// count is how many entries there are.
func (l *recordLog) count() int64 {
	if l.open == nil {
		return l.n
	}
	return l.n + int64(l.open.n)
}

// seal adds the block that is being filled to the pile.
func (l *recordLog) seal() error {
	o := l.open
	if o == nil || o.n == 0 {
		return nil
	}
	n := o.n
	l.last()
	l.room(5*binary.MaxVarintLen64 + 8*n + o.size)
	from := len(l.mem)
	m := binary.AppendUvarint(l.mem, uint64(n))
	for _, v := range [...]int64{int64(o.size), o.first.Offset, o.first.Line, o.first.Record} {
		m = binary.AppendUvarint(m, uint64(v))
	}
	for _, key := range o.keys[:n] {
		m = binary.LittleEndian.AppendUint64(m, key)
	}
	l.mem = append(m, o.places[:o.size]...)
	o.n, o.size = 0, 0
	return l.grew(n, len(l.mem)-from)
}
