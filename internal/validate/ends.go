package validate

import (
	"errors"
)

// A segment has two ragged ends: what comes before its first record boundary
// and the record that begins after its last. A neighbour completes them. Either
// may be as long as the segment, so that only the first bytes of a long one
// stay, with what a splitter must know to go on behind it. Once its record is
// complete, and within the limit of records, its bytes are read again.

// maxEnd is the longest ragged end whose bytes are kept.
var maxEnd = 64 << 10

// ErrReread says that bytes are needed again, and Config.Reread is missing.
var ErrReread = errors.New("bytes of the file are needed again and cannot be read")

// bound ends the head: a newline follows the bytes that the splitter holds.
func (s *Segment) bound() {
	h := s.split.Save()
	s.sum.head, s.sum.bounded = h, true
	s.split.Max = int(s.plan.Options.MaxRecordBytes)
	s.split.Reset(h.Offset+h.Size+1, false)
}

// Summary ends the segment and gives what it found. Write may go on after it.
func (s *Segment) Summary() *Summary {
	if s.sum.bounded {
		s.sum.open = s.split.Save()
	} else {
		s.sum.head = s.split.Save()
	}
	return s.sum
}

// Append adds what b found in the bytes that follow; b is closed and not used
// again. With ErrGuess nothing was changed, b included, whose bytes must be read
// again with the other guess.
func (s *Segment) Append(b *Summary) error {
	checked := !s.plan.opaque && s.sum.stopped == ""
	if checked && s.split.InQuote() != b.inQuote {
		return ErrGuess
	}
	defer b.Close()
	s.sum.Bytes += b.Bytes
	if !checked {
		return nil
	}
	s.split.Pass(&b.head)
	switch {
	case !b.bounded:
		return nil
	case b.Offset == 0: // the front of the file has no head, and nothing comes before it
	case s.sum.bounded:
		s.split.Next(newline, &s.raw)
		s.record()
		if s.failed != nil || s.sum.stopped != "" {
			return s.failed
		}
	default:
		s.bound()
	}
	if err := s.sum.absorb(b); err != nil {
		return err
	}
	s.split.Restore(&b.open)
	return nil
}

var newline = []byte{'\n'}

// Merge joins the summaries of neighbours, a before b. Neither is used again,
// but after an error a must be closed, and after ErrGuess both are as they were.
func (p *Plan) Merge(a, b *Summary) (*Summary, error) {
	s := p.Resume(a)
	if err := s.Append(b); err != nil {
		return nil, err
	}
	return s.Summary(), nil
}

// Recall reads the open record's bytes again where they were dropped, now that
// nothing follows them yet: who goes on with Write may find the store behind.
func (s *Segment) Recall() error {
	o := s.split.Save()
	if !s.sum.bounded || s.plan.opaque || o.Size == int64(len(o.Bytes)) || o.Size > int64(s.split.Max) {
		return nil
	}
	var err error
	if o.Bytes, err = s.again(o.Offset, o.Size); err == nil {
		s.split.Restore(&o)
	}
	return err
}

// reread reads the record at hand again, of which only the first bytes are there.
func (s *Segment) reread() (err error) {
	s.raw.Bytes, err = s.again(s.raw.Offset, s.raw.Size)
	return err
}

func (s *Segment) again(offset, size int64) ([]byte, error) { return s.plan.reread(offset, size) }
