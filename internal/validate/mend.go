package validate

import (
	"bytes"
	"errors"
	"io"
	"iter"

	"freshet/internal/errs"
	"freshet/internal/record"
)

// Mend writes the file with other records in the places of its bad ones: the
// n-th record of mended for the n-th of them, each with the line ending that
// stood there. Nothing is written unless their numbers are equal.
func (s *Split) Mend(file io.ReadSeeker, mended interface {
	io.Reader
	io.ReaderAt
}, out io.Writer) error {
	header, err := s.headerText(file)
	if err != nil {
		return err
	}
	places := &sorter{scratch: s.plan.config.Scratch}
	defer places.close()
	n, err := s.places(mended, header, places)
	if err != nil {
		return err
	}
	if n != s.Rejected {
		return errs.E(errs.Conflict, "record-count", "the file has %d rejected records, the mended file %d", s.Rejected, n).
			WithHint("each rejected record needs one in its place, in the same order; blank lines do not count")
	}
	next, err := places.sorted()
	if err != nil {
		return err
	}
	c, err := s.cutter(file)
	if err != nil {
		return err
	}
	good := buffered(out)
	pull, stop := iter.Pull(next.entries())
	defer stop()
	if err := s.each(c, good, func() error {
		e, ok := pull()
		if !ok {
			return errors.Join(next.err, io.ErrUnexpectedEOF)
		}
		ending, err := c.record(nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(good.w, io.NewSectionReader(mended, int64(e.key), e.offset)); err != nil {
			return err
		}
		return good.write([]byte(ending))
	}); err != nil {
		return err
	}
	return good.flush()
}

// places finds the records of the mended file, as the file's own are found: key
// is where one begins, offset how long it is.
func (s *Split) places(mended io.Reader, header []byte, places *sorter) (n int64, err error) {
	var failed error
	split := record.Splitter{Quotes: s.plan.isCSV(), Max: int(s.plan.Options.MaxRecordBytes)}
	wanted := header != nil
	err = split.Walk(mended, func(raw *record.Raw) bool {
		switch {
		case !raw.Oversized && blank(raw.Bytes):
		case wanted:
			wanted = false
			if raw.Oversized || !bytes.Equal(bytes.TrimPrefix(raw.Bytes, bom), header) {
				failed = errs.E(errs.Conflict, "other-header", "the mended file does not begin with the header of the file").WithHint("its first line must be %s", fit(header))
			}
		default:
			n++
			failed = places.add(entry{key: uint64(raw.Offset), offset: raw.Size})
		}
		return failed == nil
	})
	if err == nil {
		err = failed
	}
	if err == nil && wanted {
		err = errs.E(errs.Conflict, "other-header", "the mended file is empty: it lacks the header of the file").WithHint("its first line must be %s", fit(header))
	}
	return n, err
}

// headerText is the header of CSV without its line ending, nil where there is none.
func (s *Split) headerText(file io.ReadSeeker) ([]byte, error) {
	h := s.sum.rejects
	if h.to == 0 {
		return nil, nil
	}
	if _, err := file.Seek(h.from, io.SeekStart); err != nil {
		return nil, err
	}
	b := make([]byte, h.text-h.from) // within the limit of a record
	_, err := io.ReadFull(file, b)
	return b, err
}
