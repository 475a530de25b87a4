package record

// Elements cuts one JSON document into records: the elements of its array, or
// the one object that it is. It looks at brackets and quotes only; whether an
// element is JSON is for JSON to say. Where it cannot be sure any more where the
// next element begins, it stops.
type Elements struct {
	// Max is the longest element kept whole, in bytes.
	Max int
	// Fault is what was found last, should it be one between elements.
	Fault ElementFault

	phase phase
	at    int64 // offset of the next byte
	lines int64 // newlines before it
	crlf  int64 // of them behind a carriage return
	begun int64 // offset at which its line begins
	last  byte  // the byte before it

	// of the open element
	first   int64 // its line
	split   Splitter
	depth   int
	square  [MaxDepth / 64]uint64 // which of the open brackets are those of lists
	quoted  bool
	escaped bool
	word    bool // a number, true, false, null: what ends it is not part of it
}

// phase is where between elements a document stands.
type phase uint8

const (
	beforeDocument phase = iota
	wantFirst            // behind the opening bracket
	wantNext             // behind a comma
	wantSeparator        // behind an element
	inElement
	inDocument // inside the one object that the document is
	documentEnded
	objectEnded
	lost
)

// ElementFault is what is wrong between elements.
type ElementFault struct {
	Message, Hint string
	Line, Begun   int64 // its line, from 0, and where that begins
}

// Found is what a call came to.
type Found uint8

// What Elements finds.
const (
	Nothing Found = iota // more bytes are needed
	Element
	Fault
)

// Resume goes on at the first byte of an element inside the array.
func (e *Elements) Resume(offset, line int64) {
	e.phase, e.at, e.lines, e.begun = wantNext, offset, line, offset
}

// Lost tells that nothing is read any more: where elements begin is not sure.
func (e *Elements) Lost() bool { return e.phase == lost }

// Line is the line, from 0, on which the element that was found last begins.
func (e *Elements) Line() int64 { return e.first }

// Newlines are those so far, and how many of them are behind a carriage return.
func (e *Elements) Newlines() (all, crlf int64) { return e.lines, e.crlf }

// Ended tells that the last byte ended a line.
func (e *Elements) Ended() bool { return e.last == '\n' || e.at == 0 }

// Next takes what comes next from the front of p: how many bytes it used, and
// what it found. Of a fault raw holds what stands there.
func (e *Elements) Next(p []byte, raw *Raw) (used int, found Found) {
	if e.phase == lost {
		return len(p), Nothing
	}
	for i := 0; i < len(p); {
		if e.phase == inElement || e.phase == inDocument {
			end, ended := e.inside(p, i)
			if !ended {
				e.split.Hold(p[i:])
				return e.use(p, len(p)), Nothing
			}
			e.give(p[i:end], raw)
			return e.use(p, end), Element
		}
		c := p[i]
		if c == ' ' || c == '\t' || c == '\r' || c == '\n' {
			if c == '\n' {
				e.newline(p, i)
			}
			i++
			continue
		}
		used, found := e.between(c, e.at+int64(i))
		if found == Fault {
			e.Fault.Line, e.Fault.Begun = e.lines, e.begun
			*raw = Raw{Bytes: p[i:], Offset: e.at + int64(i)}
			return e.use(p, i+used), Fault
		}
		i += used
	}
	return e.use(p, len(p)), Nothing
}

// between deals with a byte that belongs to no element.
func (e *Elements) between(c byte, offset int64) (used int, found Found) {
	value := c == '{' || c == '[' || c == '"'
	switch e.phase {
	case beforeDocument:
		switch {
		case offset < 3 && c == "\xef\xbb\xbf"[offset]: // a byte order mark
			return 1, Nothing
		case c == '[':
			e.phase = wantFirst
			return 1, Nothing
		case c == '{':
			e.open(inDocument, c, offset)
			return 0, Nothing
		}
		return e.fault(lost, 1, "the document is neither an array nor an object", "send an array of records, [{…}, {…}]")
	case documentEnded:
		return e.fault(lost, 1, "something follows the end of the array", "a document is one array; end the file behind its bracket")
	case objectEnded:
		return e.fault(lost, 1, "something follows the end of the object", "write many records as an array, [{…}, {…}], or one a line in a file named .jsonl")
	case wantSeparator:
		switch {
		case c == ',':
			e.phase = wantNext
			return 1, Nothing
		case c == ']':
			e.phase = documentEnded
			return 1, Nothing
		case value:
			return e.fault(wantNext, 0, "a comma is missing before this element", "write a comma between two elements")
		}
		return e.fault(lost, 1, "behind an element stands neither a comma nor the closing bracket", "")
	}
	switch {
	case c == ']' && e.phase == wantNext:
		return e.fault(documentEnded, 1, "a comma stands before the closing bracket", "take the comma away")
	case c == ']':
		e.phase = documentEnded
		return 1, Nothing
	case c == ',':
		return e.fault(wantNext, 1, "an element is missing before this comma", "take the comma away")
	case c == '}' || c == ':':
		return e.fault(lost, 1, "an element was expected here", "")
	}
	e.open(inElement, c, offset)
	return 0, Nothing
}

func (e *Elements) fault(next phase, used int, message, hint string) (int, Found) {
	e.phase, e.Fault = next, ElementFault{Message: message, Hint: hint}
	return used, Fault
}

// open begins an element whose first byte is c.
func (e *Elements) open(s phase, c byte, offset int64) {
	e.phase, e.first, e.depth, e.quoted, e.escaped, e.word = s, e.lines, 0, false, false, c != '{' && c != '[' && c != '"'
	e.split.Max = e.Max
	e.split.Reset(offset, false)
}

// inside is the index in p at which the open element ends, if it does; its next byte is p[i].
func (e *Elements) inside(p []byte, i int) (end int, ended bool) {
	for i < len(p) {
		if e.quoted {
			n, ended := e.text(p, i)
			if ended {
				return n, true
			}
			i = n
			continue
		}
		switch c := p[i]; c {
		case '"':
			if e.word {
				return i, true
			}
			e.quoted = true
		case '{', '[':
			switch {
			case e.word:
				return i, true
			case e.depth == MaxDepth:
				e.phase = lost
				return i + 1, true
			}
			bit := uint64(1) << (e.depth & 63)
			e.square[e.depth>>6] &^= bit
			if c == '[' {
				e.square[e.depth>>6] |= bit
			}
			e.depth++
		case '}', ']':
			if e.depth == 0 {
				return i, true
			}
			e.depth--
			if square := e.square[e.depth>>6]>>(e.depth&63)&1 != 0; square != (c == ']') {
				e.phase = lost
				return i + 1, true
			}
			if e.depth == 0 {
				return i + 1, true
			}
		case ',', ' ', '\t', '\r':
			if e.depth == 0 {
				return i, true
			}
		case '\n':
			if e.depth == 0 {
				return i, true
			}
			e.newline(p, i)
		}
		i++
	}
	return i, false
}

// text goes on in a string, to behind its end or that of p. A newline in one
// says that a quote is missing, and nobody knows where.
func (e *Elements) text(p []byte, i int) (next int, ended bool) {
	for i < len(p) {
		c := p[i]
		switch {
		case c == '\n':
			e.phase = lost
			return i + 1, true
		case e.escaped:
			e.escaped = false
		case c == '\\':
			e.escaped = true
		case c == '"':
			e.quoted = false
			return i + 1, e.depth == 0
		default:
			n, _ := plainRun(p[i:])
			i += max(n, 1)
			continue
		}
		i++
	}
	return i, false
}

// give ends the open element, whose last bytes are body.
func (e *Elements) give(body []byte, raw *Raw) {
	offset, fresh := e.split.Start()
	if fresh {
		*raw = Raw{Bytes: body, Offset: offset, Size: int64(len(body))}
		e.split.Limit(raw)
	} else {
		e.split.Hold(body)
		e.split.Last(raw)
	}
	raw.Lines = e.lines - e.first + 1
	switch e.phase {
	case inElement:
		e.phase = wantSeparator
	case inDocument:
		e.phase = objectEnded
	}
}

// Last gives what is left when the document's bytes end; it is called until it finds nothing.
func (e *Elements) Last(raw *Raw) Found {
	switch e.phase {
	case inElement, inDocument:
		if !e.word {
			e.phase = lost
		}
		e.give(nil, raw)
		return Element
	case wantFirst, wantNext, wantSeparator:
		e.fault(lost, 0, "the array does not end", "the file was cut off, or its closing bracket is missing")
		e.Fault.Line, e.Fault.Begun = e.lines, e.begun
		*raw = Raw{Offset: e.at}
		return Fault
	}
	return Nothing
}

// use moves on over the first n bytes of p.
func (e *Elements) use(p []byte, n int) int {
	if n > 0 {
		e.at += int64(n)
		e.last = p[n-1]
	}
	return n
}

// newline counts the one at p[i].
func (e *Elements) newline(p []byte, i int) {
	before := e.last
	if i > 0 {
		before = p[i-1]
	}
	e.lines++
	if before == '\r' {
		e.crlf++
	}
	e.begun = e.at + int64(i) + 1
}
