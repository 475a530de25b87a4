package validate

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// Pickles of protocol 2 and later begin with a byte that no text has. Those of
// 0 and 1 are told by walking their opcodes: a text breaks off at once, since it
// uses what is not on the stack.

// longWalk is how many opcodes without a fault are a pickle, should its end not be here.
const longWalk = 64

// isPickle tells whether p is the front of a pickle of any protocol.
func isPickle(p []byte) bool {
	if len(p) >= 2 && p[0] == 0x80 {
		return p[1] >= 2 && p[1] <= 8
	}
	w := pickleWalk{p: p[:min(len(p), 64<<10)]}
	for {
		if w.ended {
			return w.tells && w.stack == 1 && len(w.marks) == 0
		}
		if w.ops >= longWalk && w.tells {
			return true
		}
		if !w.next() {
			return false
		}
	}
}

// pickleWalk follows what opcodes do to the height of the stack.
type pickleWalk struct {
	p     []byte
	stack int   // values on it
	marks []int // heights at which marks were set
	ops   int
	puts  int  // values remembered
	tells bool // one of the opcodes that texts which walk by chance do not have
	ended bool
}

// next does one opcode; false: it is none, or cannot stand here.
func (w *pickleWalk) next() bool {
	if len(w.p) == 0 {
		return false
	}
	op := w.p[0]
	w.p, w.ops = w.p[1:], w.ops+1
	switch op {
	case '(':
		w.marks = append(w.marks, w.stack)
		return true
	case '.':
		w.ended = true
		return true
	case 'N', ']', '}', ')':
		return w.take(0)
	case 'I', 'L':
		s, ok := w.line()
		_, err := strconv.ParseInt(string(bytes.TrimSuffix(s, []byte{'L'})), 10, 64)
		return ok && err == nil && w.take(0)
	case 'F':
		s, ok := w.line()
		_, err := strconv.ParseFloat(string(s), 64)
		return ok && err == nil && w.take(0)
	case 'S':
		s, ok := w.line()
		n := len(s)
		return ok && n >= 2 && (s[0] == '\'' || s[0] == '"') && s[n-1] == s[0] && w.take(0)
	case 'V':
		_, ok := w.line()
		return ok && w.take(0)
	case 'K':
		return w.skip(1) && w.take(0)
	case 'M':
		return w.skip(2) && w.take(0)
	case 'J':
		return w.skip(4) && w.take(0)
	case 'G':
		return w.skip(8) && w.take(0)
	case 'U':
		return len(w.p) > 0 && w.skip(1+int(w.p[0])) && w.take(0)
	case 'T', 'X':
		return len(w.p) >= 4 && w.skip(4+int(binary.LittleEndian.Uint32(w.p)&0x7fffffff)) && w.take(0)
	case 'c':
		return w.global() && w.take(0)
	case 'i':
		return w.runs() && w.global() && w.toMark(0)
	case 'p', 'g':
		s, ok := w.line()
		n, err := strconv.ParseUint(string(s), 10, 31)
		return ok && err == nil && w.memo(op == 'p', int(n))
	case 'q', 'h':
		return len(w.p) > 0 && w.memo(op == 'q', int(w.p[0])) && w.skip(1)
	case 'r', 'j':
		return len(w.p) >= 4 && w.memo(op == 'r', int(binary.LittleEndian.Uint32(w.p))) && w.skip(4)
	case 'P':
		_, ok := w.line()
		return ok && w.take(0)
	case 'Q':
		return w.take(1)
	case '0':
		return w.take(1) && w.drop()
	case '1':
		return w.toMark(0) && w.drop()
	case '2':
		return w.stack > 0 && w.take(0)
	case 't', 'l', 'd':
		return w.toMark(0)
	case 'a', 'b', 'R':
		w.tells = w.tells || op == 'R'
		return w.take(2)
	case 's':
		return w.take(3)
	case 'e', 'u':
		return w.toMark(1)
	case 'o':
		return w.runs() && w.toMark(0)
	}
	return false
}

// floor is the height below which the opcodes since the last mark may not reach.
func (w *pickleWalk) floor() int {
	if n := len(w.marks); n > 0 {
		return w.marks[n-1]
	}
	return 0
}

// take uses n values and leaves one.
func (w *pickleWalk) take(n int) bool {
	if w.stack-n < w.floor() {
		return false
	}
	w.stack += 1 - n
	return true
}

// runs notes a call, which has something on the stack since the last mark.
func (w *pickleWalk) runs() bool {
	w.tells = true
	return w.stack > w.floor()
}

func (w *pickleWalk) drop() bool { w.stack--; return true }

// toMark uses all down to the last mark and n below it, and leaves one.
func (w *pickleWalk) toMark(n int) bool {
	if len(w.marks) == 0 {
		return false
	}
	w.stack = w.floor()
	w.marks = w.marks[:len(w.marks)-1]
	return w.take(n)
}

// memo remembers the value on top, or gives one. They are numbered in order,
// by some from 1 on.
func (w *pickleWalk) memo(put bool, n int) bool {
	if !put {
		return w.take(0)
	}
	w.tells = true
	w.puts++
	return w.stack > 0 && n <= w.puts
}

func (w *pickleWalk) skip(n int) bool {
	if n < 0 || len(w.p) < n {
		return false
	}
	w.p = w.p[n:]
	return true
}

func (w *pickleWalk) line() ([]byte, bool) {
	s, rest, ok := bytes.Cut(w.p, []byte{'\n'})
	w.p = rest
	return bytes.TrimSuffix(s, []byte{'\r'}), ok
}

// global reads a module and what is meant of it.
func (w *pickleWalk) global() bool {
	module := w.name()
	return w.name() && module
}

// name reads a line that is a dotted name.
func (w *pickleWalk) name() bool {
	s, ok := w.line()
	for i, c := range s {
		if c != '_' && c != '.' && !isWord(c) || i == 0 && (c == '.' || c-'0' <= 9) {
			return false
		}
	}
	return ok && len(s) > 0
}

func isWord(c byte) bool { return c-'0' <= 9 || c|0x20-'a' < 26 || c >= 0x80 }
