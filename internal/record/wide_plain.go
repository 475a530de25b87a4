package record

import "bytes"

// rowsPlain indexes the rows of CSV from the start of one: every quote, every
// newline, and outside quotes delimiters and carriage returns. Every quote
// toggles.
func rowsPlain(p []byte, delim byte, x *index) (ok, high bool) {
	x.n = 0
	var seen byte
	nul, inside := false, false
	for i, c := range p {
		seen |= c
		switch {
		case c == '"':
			inside = !inside
		case c == '\n':
		case c == delim || c == '\r':
			if inside {
				continue
			}
		default:
			nul = nul || c == 0
			continue
		}
		if !x.room(1) {
			return false, false
		}
		x.pos[x.n], x.kind[x.n] = uint32(i), c
		x.n++
	}
	return !nul, seen >= 0x80
}

// endsPlain indexes the newlines of p.
func endsPlain(p []byte, x *index) (ok, high bool) {
	x.n = 0
	for i := 0; ; i++ {
		k := bytes.IndexByte(p[i:], '\n')
		if k < 0 {
			break
		}
		if !x.room(1) {
			return false, false
		}
		i += k
		x.pos[x.n] = uint32(i)
		x.n++
	}
	return bytes.IndexByte(p, 0) < 0, true // whether it is ASCII is for the search of UTF-8 to find
}
