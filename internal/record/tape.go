package record

import "math"

// fast parses a record by a wide scan: the index of its structure, then the
// tape of its tokens. It is false when anything is amiss: then the exact parser
// says what, or that nothing is.
func (j *JSON) fast(raw []byte) bool {
	ok, high := wide.json(raw, false, &j.index)
	if !ok || high && !wide.utf8(raw) {
		return false
	}
	j.own = j.index.all()
	j.view = &j.own
	return j.indexed()
}

// indexed parses the record of the view, whose bytes are UTF-8 and hold no
// control character inside strings.
func (j *JSON) indexed() bool {
	v := j.view
	if s := j.shapes.of(v.kind); s != nil {
		if !j.fill(s) {
			return false
		}
		if len(v.esc) > 0 && !j.unescape() {
			return false
		}
		if j.shapes.sameNames(s, j) {
			j.Shape = s
		}
		return true
	}
	if !j.tape() || len(v.esc) > 0 && !j.unescape() {
		return false
	}
	j.Shape = j.shapes.learn(j)
	return true
}

// tape makes the tokens from the index, checking the grammar.
func (j *JSON) tape() bool {
	pos, kind, base := j.view.pos, j.view.kind, j.view.base
	st := wantValue
	for i := 0; i < len(kind); i++ {
		switch c := kind[i]; c {
		case '"':
			if st > wantKeyOrClose {
				return false
			}
			from, to := pos[i]-base+1, pos[i+1]-base // its closing quote is the next
			i++
			flags := uint8(0)
			if st >= wantKey {
				flags, st = IsKey, wantColon
				j.Seen |= IsKey
			} else {
				st = j.afterValue()
			}
			j.Tok = append(j.Tok, Token{Kind: String, Flags: flags, Start: from, End: to, N: to - from})
		case ':':
			if st != wantColon {
				return false
			}
			st = wantValue
		case ',':
			if st != wantCommaOrClose {
				return false
			}
			st = wantValue
			if j.Tok[j.open[j.depth-1]].Kind == Object {
				st = wantKey
			}
		case '{', '[':
			if st > wantValueOrClose || j.depth == MaxDepth {
				return false
			}
			kind := Object
			st = wantKeyOrClose
			if c == '[' {
				kind, st = Array, wantValueOrClose
			}
			j.open[j.depth] = uint32(len(j.Tok))
			j.depth++
			j.Tok = append(j.Tok, Token{Kind: kind, Start: pos[i] - base})
		case '}', ']':
			kind, empty := Object, wantKeyOrClose
			if c == ']' {
				kind, empty = Array, wantValueOrClose
			}
			if st != wantCommaOrClose && st != empty || j.depth == 0 {
				return false
			}
			t := &j.Tok[j.open[j.depth-1]]
			if t.Kind != kind {
				return false
			}
			j.depth--
			t.End, t.N = pos[i]-base+1, uint32(len(j.Tok))
			st = j.afterValue()
		case '0':
			if st > wantValueOrClose {
				return false
			}
			t := Token{Kind: Number}
			if !j.scalar(&t, int(pos[i]-base)) {
				return false
			}
			j.Tok = append(j.Tok, t)
			st = j.afterValue()
		case 't', 'n':
			if st > wantValueOrClose {
				return false
			}
			t := Token{Kind: Bool}
			if !j.scalar(&t, int(pos[i]-base)) {
				return false
			}
			j.Tok = append(j.Tok, t)
			st = j.afterValue()
		default:
			return false
		}
	}
	return st == wantEnd
}

// scalar reads the number or word at i into t.
func (j *JSON) scalar(t *Token, i int) bool {
	end, bad := 0, 0
	if t.Kind == Number {
		var f float64
		end, f, bad = number(j.Raw, i)
		if math.IsInf(f, 0) {
			t.Flags = OutOfRange
			j.Seen |= OutOfRange
		}
	} else {
		end, t.Kind, bad = literal(j.Raw, i)
	}
	t.Start, t.End = uint32(i), uint32(end)
	return bad < 0
}

// shortEscape tells the letters that make an escape of one byte with a backslash.
var shortEscape = [256]bool{'"': true, '\\': true, '/': true, 'b': true, 'f': true, 'n': true, 'r': true, 't': true}

// unescape checks the escapes of the record and counts what they come to.
func (j *JSON) unescape() bool {
	esc, base, raw, next := j.view.esc, j.view.base, j.Raw, 0
	for i := range j.Tok {
		t := &j.Tok[i]
		if t.Kind != String || esc[next]-base >= t.End {
			continue
		}
		t.Flags |= Escaped
		for after := uint32(0); next < len(esc) && esc[next]-base < t.End; next++ {
			at := esc[next] - base
			if at < after { // the second half of a pair
				continue
			}
			if shortEscape[raw[at+1]] { // most are; a string does not end in a backslash
				t.N--
				continue
			}
			used, decoded, lone, msg := escape(raw[at:t.End])
			if msg != "" {
				return false
			}
			if lone {
				t.Flags |= LoneSurrogate
			}
			after = at + uint32(used)
			t.N -= uint32(used - decoded)
		}
		j.Seen |= t.Flags
		if next == len(esc) {
			return true
		}
	}
	return false // an escape outside of strings
}
