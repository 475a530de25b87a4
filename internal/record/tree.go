package record

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Next is the index of the token after the value at i and all that is in it.
func (j *JSON) Next(i int) int {
	if j.Tok[i].Kind > Array {
		return i + 1
	}
	return int(j.Tok[i].N)
}

// Text is the bytes of the token at i as they stand: a string without its
// quotes and with its escapes.
func (j *JSON) Text(i int) []byte { return j.Raw[j.Tok[i].Start:j.Tok[i].End] }

// Place is the offset of the first byte of the token at i: of a string, its quote.
func (j *JSON) Place(i int) int {
	if j.Tok[i].Kind == String {
		return int(j.Tok[i].Start) - 1
	}
	return int(j.Tok[i].Start)
}

// Float is the double nearest to the number at i, an infinity where there is none.
func (j *JSON) Float(i int) float64 {
	f, _ := NumberIn(j.Raw, int(j.Tok[i].Start), int(j.Tok[i].End))
	return f
}

// Is reports whether the string or name at i is s once decoded.
func (j *JSON) Is(i int, s string) bool {
	t := &j.Tok[i]
	if t.Kind != String || int(t.N) != len(s) {
		return false
	}
	if t.Flags&Escaped == 0 {
		return string(j.Raw[t.Start:t.End]) == s
	}
	return string(j.Decode(nil, i)) == s
}

// Member is the token of the value that the object at i has under name, or
// -1. Of several the last counts, as most readers have it.
func (j *JSON) Member(i int, name string) int {
	found := -1
	for k, end := i+1, j.Next(i); k < end; k = j.Next(k + 1) {
		if j.Is(k, name) {
			found = k + 1
		}
	}
	return found
}

// Lookup follows a dotted path of member names from the record's root.
func (j *JSON) Lookup(path string) int {
	if len(j.Tok) == 0 {
		return -1
	}
	at := 0
	for {
		name, rest, more := strings.Cut(path, ".")
		if j.Tok[at].Kind != Object {
			return -1
		}
		if at = j.Member(at, name); at < 0 || !more {
			return at
		}
		path = rest
	}
}

// Decode appends the string at i without its escapes to dst. Half a surrogate
// pair becomes U+FFFD.
func (j *JSON) Decode(dst []byte, i int) []byte {
	p := j.Text(i)
	for {
		k := bytes.IndexByte(p, '\\')
		if k < 0 || k+1 >= len(p) {
			return append(dst, p...)
		}
		dst = append(dst, p[:k]...)
		p = p[k:]
		used := 2
		switch p[1] {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, _ := hex4(p[2:])
			used = 6
			if utf16.IsSurrogate(r) {
				lo, ok := rune(0), false
				if len(p) >= 12 && p[6] == '\\' && p[7] == 'u' {
					lo, ok = hex4(p[8:])
				}
				if r = utf16.DecodeRune(r, lo); ok && r != utf8.RuneError {
					used = 12
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, p[1])
		}
		p = p[used:]
	}
}

// Path is the JSON pointer (RFC 6901) of the token at target; a name's is that
// of its member. It works on a record that broke off as well.
func (j *JSON) Path(target int) string {
	var b strings.Builder
	at := 0
	for at < len(j.Tok) && target > at {
		c := &j.Tok[at]
		end := j.endOf(at)
		child, found := at+1, false
		for n := 0; child < end; n++ {
			value := child
			if c.Kind == Object {
				value++
			}
			next := value + 1
			if value < end {
				next = j.endOf(value)
			}
			if target < next || next >= len(j.Tok) && target >= next {
				b.WriteByte('/')
				if c.Kind == Object {
					name := string(j.Decode(nil, child))
					b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
				} else {
					b.WriteString(strconv.Itoa(n))
				}
				found = true
				at = value
				break
			}
			child = next
		}
		if !found || target <= at {
			break
		}
	}
	return b.String()
}

func (j *JSON) endOf(i int) int {
	if j.Tok[i].Kind > Array {
		return i + 1
	}
	if j.Tok[i].N == 0 { // still open when the record broke off
		return len(j.Tok)
	}
	return int(j.Tok[i].N)
}

// PathOfError is the pointer of the place where Parse gave up.
func (j *JSON) PathOfError() string {
	if len(j.Tok) == 0 {
		return ""
	}
	last := len(j.Tok) - 1
	// a container that was closed just before stands for itself, not for its last child
	for i := range j.Tok {
		if t := &j.Tok[i]; t.Kind <= Array && t.N != 0 && int(t.N) == len(j.Tok) {
			last = i
			break
		}
	}
	return j.Path(last)
}

// Depth1Names calls f with each member name of the root object, until it returns false.
func (j *JSON) Depth1Names(f func(name, value int) bool) {
	if len(j.Tok) == 0 || j.Tok[0].Kind != Object {
		return
	}
	for k, end := 1, j.Next(0); k < end; k = j.Next(k + 1) {
		if !f(k, k+1) {
			return
		}
	}
}
