package record

import (
	"encoding/binary"
	"math/bits"
)

// MaxTokens is how many values and names a record may have.
const (
	MaxTokens  = 2_000_000
	keptTokens = 1 << 16
)

// MaxDepth is how deep arrays and objects may nest.
const MaxDepth = 512

// Kind is the type of a JSON value.
type Kind uint8

// Kinds of values. Their order is fixed: statistics index by it.
const (
	Object Kind = iota
	Array
	String
	Number
	Bool
	Null
	NumKinds
)

var kindNames = [NumKinds]string{"object", "array", "string", "number", "boolean", "null"}

func (k Kind) String() string { return kindNames[k] }

// Flags of a token.
const (
	Escaped       uint8 = 1 << iota // the string holds at least one escape
	LoneSurrogate                   // an escape is half of a surrogate pair
	OutOfRange                      // the number does not fit a double
	IsKey                           // the string is a member's name
)

// Token is one value or member name of a record, in the order of the text.
// Children follow their container directly.
type Token struct {
	Kind  Kind
	Flags uint8
	// Start and End are the token's bytes in JSON.Raw: a string without its
	// quotes, a container with its brackets.
	Start, End uint32
	// N of a container is the index of the first token after it; of a string,
	// its length in bytes once decoded.
	N uint32
}

// JSON is one parsed record. It is reused from record to record: parsing one
// that is fine allocates nothing once the buffers have grown.
type JSON struct {
	Raw []byte
	Tok []Token
	// Seen is the flags of all tokens together.
	Seen uint8

	// Shape is that of the record when others had the same; else it is nil.
	Shape *Shape

	open   [MaxDepth]uint32 // token index of each open container
	depth  int
	keys   keySet
	index  index // of a record that is scanned alone
	own    view  // of that
	view   *view
	shapes shapes
}

// SyntaxError says where and why a record is not JSON.
type SyntaxError struct {
	Rule    string // json-syntax, invalid-utf8, nul-byte, json-depth, record-too-long
	Offset  int    // of the byte at fault in the record
	Message string
	Hint    string

	begun int // bytes before Offset at which the token begins
}

func (e *SyntaxError) Error() string { return e.Message }

// states of the parser: what may come next
type state uint8

const (
	wantValue state = iota
	wantValueOrClose
	wantKey
	wantKeyOrClose
	wantColon
	wantCommaOrClose
	wantEnd
)

// Parse reads one record, strict to RFC 8259. After an error the tokens up to
// it are kept, so that PathAt can tell where it was.
func (j *JSON) Parse(raw []byte) *SyntaxError {
	j.begin(raw)
	if wide.json != nil && j.fast(raw) {
		return nil
	}
	j.begin(raw)
	return j.exact(raw)
}

// ParseLine is Parse of the record that b gave last.
func (j *JSON) ParseLine(b *Block, raw []byte) *SyntaxError {
	j.begin(raw)
	if j.view = &b.view; j.indexed() {
		return nil
	}
	j.begin(raw)
	return j.exact(raw)
}

func (j *JSON) begin(raw []byte) {
	if cap(j.Tok) > keptTokens {
		j.Tok = nil // one long record should not cost its memory for the rest of the file
	}
	j.Raw, j.Tok, j.Seen, j.depth, j.Shape = raw, j.Tok[:0], 0, 0, nil
}

// exact reads byte by byte, and knows what is wrong and where.
func (j *JSON) exact(raw []byte) *SyntaxError {
	st := wantValue
	i, n := 0, len(raw)
	for {
		for i < n && raw[i] <= ' ' && (raw[i] == ' ' || raw[i] == '\t' || raw[i] == '\r' || raw[i] == '\n') {
			i++
		}
		if i >= n {
			if st == wantEnd {
				return nil
			}
			return j.unfinished(st)
		}
		c := raw[i]
		if len(j.Tok) >= MaxTokens {
			return &SyntaxError{Rule: "record-too-long", Offset: i, Message: "the record has more than 2,000,000 values and names", Hint: "split the record"}
		}
		switch {
		case c == '"' && st <= wantKeyOrClose:
			end, err := j.str(i, st >= wantKey)
			if err != nil {
				return err
			}
			i = end
			if st >= wantKey {
				st = wantColon
			} else {
				st = j.afterValue()
			}
		case c == ':' && st == wantColon:
			i++
			st = wantValue
		case c == ',' && st == wantCommaOrClose:
			i++
			st = wantValue
			if j.Tok[j.open[j.depth-1]].Kind == Object {
				st = wantKey
			}
		case (c == '{' || c == '[') && st <= wantValueOrClose:
			if j.depth == MaxDepth {
				return &SyntaxError{Rule: "json-depth", Offset: i, Message: "arrays and objects nest deeper than 512", Hint: "flatten the record"}
			}
			kind, next := Object, wantKeyOrClose
			if c == '[' {
				kind, next = Array, wantValueOrClose
			}
			j.open[j.depth] = uint32(len(j.Tok))
			j.depth++
			j.Tok = append(j.Tok, Token{Kind: kind, Start: uint32(i)})
			st = next
			i++
		case c == '}' && (st == wantKeyOrClose || st == wantCommaOrClose) && j.Tok[j.open[j.depth-1]].Kind == Object,
			c == ']' && (st == wantValueOrClose || st == wantCommaOrClose) && j.Tok[j.open[j.depth-1]].Kind == Array:
			j.depth--
			t := &j.Tok[j.open[j.depth]]
			i++
			t.End, t.N = uint32(i), uint32(len(j.Tok))
			st = j.afterValue()
		case (c == '-' || c-'0' <= 9) && st <= wantValueOrClose:
			t := Token{Kind: Number}
			if !j.scalar(&t, i) {
				_, _, bad := number(raw, i)
				return j.badNumber(i, bad)
			}
			j.Tok = append(j.Tok, t)
			i = int(t.End)
			st = j.afterValue()
		case (c == 't' || c == 'f' || c == 'n') && st <= wantValueOrClose:
			end, kind, bad := literal(raw, i)
			if bad >= 0 {
				return j.badLiteral(i, bad)
			}
			j.Tok = append(j.Tok, Token{Kind: kind, Start: uint32(i), End: uint32(end)})
			i = end
			st = j.afterValue()
		default:
			return j.unexpected(i, st)
		}
	}
}

func (j *JSON) afterValue() state {
	if j.depth == 0 {
		return wantEnd
	}
	return wantCommaOrClose
}

// str reads the string that opens at i and returns the index after its closing quote.
func (j *JSON) str(i int, key bool) (int, *SyntaxError) {
	raw := j.Raw
	start := i + 1
	p := start
	flags, shrink, wide := uint8(0), 0, false
	if key {
		flags = IsKey
	}
	for {
		k, high := plainRun(raw[p:])
		wide = wide || high
		p += k
		if p >= len(raw) {
			if !ValidUTF8(raw[start:]) {
				return 0, j.badUTF8(start, len(raw))
			}
			return 0, &SyntaxError{Rule: "json-syntax", Offset: i, Message: "the string that opens here is not closed", Hint: "close it with a double quote before the line ends; a newline inside a string is written \\n"}
		}
		c := raw[p]
		if c == '"' {
			break
		}
		if c == '\\' {
			used, decoded, lone, msg := escape(raw[p:])
			if msg != "" {
				if err := j.earlier(start, p, wide); err != nil {
					return 0, err
				}
				return 0, &SyntaxError{Rule: "json-syntax", Offset: p, Message: msg, Hint: "write a backslash itself as \\\\"}
			}
			flags |= Escaped
			if lone {
				flags |= LoneSurrogate
			}
			shrink += used - decoded
			p += used
			continue
		}
		if err := j.earlier(start, p, wide); err != nil {
			return 0, err
		}
		if c == 0 {
			return 0, &SyntaxError{Rule: "nul-byte", Offset: p, Message: "a NUL byte inside a string", Hint: "remove it, or write it as \\u0000 if it is meant"}
		}
		return 0, &SyntaxError{Rule: "json-syntax", Offset: p, Message: "a raw " + controlName(c) + " inside a string", Hint: "write it as an escape: " + controlEscape(c)}
	}
	if err := j.earlier(start, p, wide); err != nil {
		return 0, err
	}
	j.Seen |= flags
	j.Tok = append(j.Tok, Token{Kind: String, Flags: flags, Start: uint32(start), End: uint32(p), N: uint32(p - start - shrink)})
	return p + 1, nil
}

// earlier finds bytes of the string so far that are not UTF-8.
func (j *JSON) earlier(start, p int, wide bool) *SyntaxError {
	if !wide || ValidUTF8(j.Raw[start:p]) {
		return nil
	}
	return j.badUTF8(start, p)
}

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plainRun counts the bytes before the first quote, backslash or control
// character, eight at a stride, and tells whether any was outside ASCII.
func plainRun(p []byte) (n int, high bool) {
	var seen uint64
	for len(p)-n >= 8 {
		x := binary.LittleEndian.Uint64(p[n:])
		q := x ^ (lows * '"')
		b := x ^ (lows * '\\')
		// high bit set in each byte that is a quote, a backslash or below 0x20;
		// borrows may set false bits only above a true one, so the lowest is sure
		m := ((q-lows)&^q | (b-lows)&^b | (x-lows*0x20)&^x) & highs
		if m != 0 {
			k := bits.TrailingZeros64(m) >> 3
			seen |= x & (1<<(8*uint(k)) - 1)
			return n + k, seen&highs != 0
		}
		seen |= x
		n += 8
	}
	high = seen&highs != 0
	for ; n < len(p); n++ {
		c := p[n]
		if c == '"' || c == '\\' || c < 0x20 {
			return n, high
		}
		high = high || c >= 0x80
	}
	return n, high
}

// escape reads the escape at the front of p: bytes used, bytes once decoded.
// Both halves of a surrogate pair are taken together.
func escape(p []byte) (used, decoded int, lone bool, msg string) {
	if len(p) < 2 {
		return 0, 0, false, "a backslash ends the record"
	}
	switch p[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, 1, false, ""
	case 'u':
		r, ok := hex4(p[2:])
		if !ok {
			return 0, 0, false, "\\u wants four hexadecimal digits"
		}
		switch {
		case r < 0x80:
			return 6, 1, false, ""
		case r < 0x800:
			return 6, 2, false, ""
		case r < 0xD800 || r > 0xDFFF:
			return 6, 3, false, ""
		}
		if r < 0xDC00 && len(p) >= 12 && p[6] == '\\' && p[7] == 'u' {
			if lo, ok := hex4(p[8:]); ok && lo >= 0xDC00 && lo <= 0xDFFF {
				return 12, 4, false, ""
			}
		}
		return 6, 3, true, "" // decodes to U+FFFD
	}
	return 0, 0, false, "an escape that JSON does not have"
}

func hex4(p []byte) (r rune, ok bool) {
	if len(p) < 4 {
		return 0, false
	}
	for _, c := range p[:4] {
		switch {
		case c-'0' <= 9:
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// literal checks the word at raw[i:]: the index after it, and -1 or the index
// of the byte at fault.
func literal(raw []byte, i int) (end int, kind Kind, bad int) {
	word, kind := "true", Bool
	switch raw[i] {
	case 'f':
		word = "false"
	case 'n':
		word, kind = "null", Null
	}
	for k := range len(word) {
		if i+k >= len(raw) || raw[i+k] != word[k] {
			return 0, kind, i + k
		}
	}
	end = i + len(word)
	if end < len(raw) && !scalarEnd[raw[end]] {
		return 0, kind, end
	}
	return end, kind, -1
}

// scalarEnd are the bytes that may follow a number or word.
var scalarEnd = [256]bool{' ': true, '\t': true, '\r': true, '\n': true, ',': true, ']': true, '}': true, ':': true}
