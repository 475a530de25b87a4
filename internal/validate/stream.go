package validate

import (
	"bytes"
	"context"
	"io"

	"freshet/api"
	"freshet/internal/rule"
)

// Stream checks a file whose bytes come from the first to the last: it waits
// for the head, makes the plan, and feeds one segment.
type Stream struct {
	name    string
	options rule.Options
	config  Config
	head    []byte
	segment *Segment
}

// NewStream checks the file of that name.
func NewStream(name string, options rule.Options, config Config) *Stream {
	return &Stream{name: name, options: options, config: config}
}

// Write checks the next bytes and keeps none of p.
func (s *Stream) Write(p []byte) (int, error) {
	if s.segment != nil {
		return s.segment.Write(p)
	}
	if len(s.head) == 0 && len(p) >= HeadSize {
		return len(p), s.begin(p, false)
	}
	s.head = append(s.head, p...)
	if len(s.head) < HeadSize {
		return len(p), nil
	}
	head := s.head
	s.head = nil
	return len(p), s.begin(head, false)
}

// Feed gives write all that r has, a piece at a time, until checking stops, and
// tells how many bytes that was. write hands them to Write.
func (s *Stream) Feed(ctx context.Context, r io.Reader, write func([]byte) error) (total int64, err error) {
	buf := make([]byte, HeadSize)
	for s.Stopped() == "" {
		if err := context.Cause(ctx); err != nil {
			return total, err
		}
		n, err := io.ReadFull(r, buf)
		total += int64(n)
		if n > 0 {
			if err := write(buf[:n]); err != nil {
				return total, err
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func (s *Stream) begin(head []byte, whole bool) error {
	s.segment = NewPlan(s.name, head[:min(len(head), HeadSize)], whole, s.options, s.config).Segment(0, false)
	_, err := s.segment.Write(head)
	return err
}

// Segment is what checks the stream, nil before the head is there.
func (s *Stream) Segment() *Segment { return s.segment }

// Stopped says why checking ended early, or is empty.
func (s *Stream) Stopped() string {
	if s.segment == nil {
		return ""
	}
	return s.segment.sum.stopped
}

// Amend takes rules that came after the bytes. It refuses those that need
// another look at every record: then the file must be read again.
func (s *Stream) Amend(o rule.Options) bool {
	if !bytes.Equal(s.options.PerRecord().Marshal(), o.PerRecord().Marshal()) {
		return false
	}
	s.options = o
	if s.segment != nil {
		s.segment.plan.Options = o
	}
	return true
}

// Finish makes the report; each finding that is kept is given to each, in file order.
func (s *Stream) Finish(each func(*api.Finding) error) (*Result, error) {
	if s.segment == nil {
		if err := s.begin(s.head, true); err != nil {
			return nil, err
		}
		s.head = nil
	}
	return s.segment.plan.Finish(s.segment.Summary(), each)
}

// Close gives back the scratch files.
func (s *Stream) Close() {
	if s.segment != nil {
		s.segment.sum.Close()
	}
}
