// Package record turns bytes into records with positions: JSON Lines, CSV and
// plain text. It is pure: no I/O, no clock, no opinion on what a record should
// hold. A Splitter finds record boundaries in bytes of whatever pieces they
// come in; JSON and CSV read one record each.
package record

import "bytes"

// Raw is one record as it stands in the file, without its line ending.
type Raw struct {
	Bytes  []byte // valid until the splitter's next call; of an oversized record its first bytes
	Offset int64  // of its first byte in the file
	Size   int64  // of the record in bytes
	Lines  int64  // physical lines it takes, 1 or more
	// Ended tells that a newline closed it; only the last record of a file may lack one.
	Ended bool
	CRLF  bool
	// InQuote tells that a quote was still open where the record ended.
	InQuote bool
	// Oversized tells that the record is longer than the limit; Bytes may be only its first ones.
	Oversized bool
}

// set makes r a record of a block, part by part: a whole struct is copied, and
// the copy has to wait for its parts.
func (r *Raw) set(p []byte, lines int64, crlf bool) {
	r.Bytes = p
	r.Offset, r.Size, r.Lines = 0, int64(len(p)), lines
	r.Ended, r.CRLF, r.InQuote, r.Oversized = true, crlf, false, false
}

// Partial tells that the record is within the limit and yet not there whole: it
// was passed over in part, and its bytes must be read again.
func (r *Raw) Partial() bool { return !r.Oversized && int64(len(r.Bytes)) < r.Size }

// Splitter cuts a stream into records. A newline ends a record; where Quotes is
// set, only outside double quotes (every quote toggles).
type Splitter struct {
	Quotes bool
	// Max is the longest record kept whole, in bytes. What is longer is passed
	// over to its end and given with its first bytes.
	Max int

	inQuote bool
	carry   []byte // start of a record whose end has not come yet
	size    int64  // bytes of the open record so far, carry included
	lines   int64  // newlines inside the open record
	offset  int64  // file offset of the open record
	last    byte   // of the open record so far
}

// Keep is how many bytes of an oversized record stay for its excerpt.
const Keep = 1024

// Reset starts at a file offset, inside a quoted field or not.
func (s *Splitter) Reset(offset int64, inQuote bool) {
	if cap(s.carry) > 1<<20 {
		s.carry = nil // one long record should not cost its memory for the rest of the file
	}
	s.inQuote, s.carry, s.size, s.lines, s.offset, s.last = inQuote, s.carry[:0], 0, 0, offset, 0
}

// InQuote tells whether the next byte lies inside double quotes.
func (s *Splitter) InQuote() bool { return s.inQuote }

// Start is the file offset of the open record; fresh tells that it has no bytes yet.
func (s *Splitter) Start() (offset int64, fresh bool) { return s.offset, s.size == 0 }

// Next takes the next record from the front of p: how many bytes it used, and
// whether rec is one. With ok false all of p is used and more is needed.
func (s *Splitter) Next(p []byte, rec *Raw) (used int, ok bool) {
	end := s.Boundary(p)
	if end < 0 {
		s.Hold(p)
		return len(p), false
	}
	body := p[:end]
	*rec = Raw{Offset: s.offset, Lines: s.lines + 1, Ended: true}
	if s.size == 0 {
		rec.Bytes = body
		rec.Size = int64(end)
		rec.CRLF = end > 0 && body[end-1] == '\r'
	} else {
		s.Hold(body)
		rec.Bytes, rec.Size, rec.CRLF = s.carry, s.size, s.last == '\r'
	}
	if rec.CRLF {
		if rec.Size == int64(len(rec.Bytes)) {
			rec.Bytes = rec.Bytes[:len(rec.Bytes)-1]
		}
		rec.Size--
	}
	s.Limit(rec)
	next := s.offset + s.size + 1
	if s.size == 0 {
		next = s.offset + int64(end) + 1
	}
	s.Reset(next, false)
	return end + 1, true
}

// Last gives what is left when the file ends without a newline.
func (s *Splitter) Last(rec *Raw) (ok bool) {
	if s.size == 0 {
		return false
	}
	*rec = Raw{Bytes: s.carry, Offset: s.offset, Size: s.size, Lines: s.lines + 1, InQuote: s.inQuote}
	if s.last == '\n' {
		rec.Lines-- // nothing stands on the line after it
	}
	s.Limit(rec)
	s.Reset(s.offset+s.size, false)
	return true
}

// Limit tells of a record that is too long.
func (s *Splitter) Limit(rec *Raw) {
	if rec.Size > int64(s.Max) {
		rec.Oversized = true
		rec.Bytes = rec.Bytes[:min(len(rec.Bytes), Keep)]
	}
}

// Hold takes p as the open record's next bytes and keeps them as far as the
// limit allows: Boundary found no end in them.
func (s *Splitter) Hold(p []byte) {
	if len(p) == 0 {
		return
	}
	whole := s.size == int64(len(s.carry))
	s.size += int64(len(p))
	s.last = p[len(p)-1]
	switch {
	case whole && s.size <= int64(s.Max)+1: // one more for a carriage return
		s.carry = append(s.carry, p...)
	case len(s.carry) < Keep:
		s.carry = append(s.carry, p[:min(len(p), Keep-len(s.carry))]...)
	default:
		s.trim()
	}
}

// trim lets go of all but the first bytes of the open record.
func (s *Splitter) trim() {
	if len(s.carry) > Keep {
		s.carry = append([]byte(nil), s.carry[:Keep]...)
	}
}

// Boundary is the index of the newline in p that ends the open record, or -1; it
// moves the quote state over the bytes before it.
func (s *Splitter) Boundary(p []byte) int {
	if !s.Quotes {
		return bytes.IndexByte(p, '\n')
	}
	for i := 0; ; {
		if s.inQuote {
			k := bytes.IndexByte(p[i:], '"')
			if k < 0 {
				s.lines += int64(bytes.Count(p[i:], newline))
				return -1
			}
			s.lines += int64(bytes.Count(p[i:i+k], newline))
			s.inQuote = false
			i += k + 1
		}
		k := bytes.IndexByte(p[i:], '\n')
		line := p[i:]
		if k >= 0 {
			line = line[:k]
		}
		s.inQuote = bytes.Count(line, quote)&1 != 0 // each toggles
		switch {
		case k < 0:
			return -1
		case !s.inQuote:
			return i + k
		}
		s.lines++
		i += k + 1
	}
}

var newline, quote = []byte{'\n'}, []byte{'"'}

// Open is a record that has not ended, as far as it was read.
type Open struct {
	Offset  int64  // in the file, of its first byte
	Size    int64  // bytes so far
	Lines   int64  // newlines inside it
	Bytes   []byte // all of them, or the first Keep or more
	InQuote bool
	Last    byte // the newest of them
}

// Trim lets go of all but the first bytes when there are more than most.
func (o *Open) Trim(most int) {
	if len(o.Bytes) > max(most, Keep) {
		o.Bytes = bytes.Clone(o.Bytes[:Keep])
	}
}

// Save gives the open record as a copy.
func (s *Splitter) Save() Open {
	return Open{s.offset, s.size, s.lines, bytes.Clone(s.carry), s.inQuote, s.last}
}

// Pass moves over bytes of the open record that another splitter went over: o
// is its open record, begun where this one stands.
func (s *Splitter) Pass(o *Open) {
	s.Hold(o.Bytes)
	if rest := o.Size - int64(len(o.Bytes)); rest > 0 {
		s.trim()
		s.size += rest
		s.last = o.Last
	}
	s.lines += o.Lines
	s.inQuote = o.InQuote
}

// Restore goes on in an open record.
func (s *Splitter) Restore(o *Open) {
	s.offset, s.size, s.lines, s.carry, s.inQuote, s.last = o.Offset, o.Size, o.Lines, append(s.carry[:0], o.Bytes...), o.InQuote, o.Last
}
