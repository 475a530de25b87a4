package audit

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// origin is the first line of a head, by which it is told from other logs'.
const origin = "freshet audit log"

// Head is what a signature covers: how many rows there were, the root of the
// tree that they make, the hash of the last of them, and when.
type Head struct {
	Size int64
	Root tlog.Hash
	Last []byte
	At   time.Time
}

// Text is a head as it is signed: a checkpoint as other transparency logs have
// it, with two lines more.
func (h *Head) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\nlast %s\nat %s\n", origin, h.Size, h.Root, base64.StdEncoding.EncodeToString(h.Last), h.At.UTC().Format(time.RFC3339Nano))
}

var errNotAHead = errors.New("it is not a head of an audit log")

func parseHead(text string) (Head, error) {
	var h Head
	lines := strings.Split(text, "\n")
	if len(lines) != 6 || lines[0] != origin || lines[5] != "" {
		return h, errNotAHead
	}
	var err error
	if h.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || h.Size < 1 {
		return h, errNotAHead
	}
	if h.Root, err = tlog.ParseHash(lines[2]); err != nil {
		return h, errNotAHead
	}
	last, ok := strings.CutPrefix(lines[3], "last ")
	if h.Last, err = base64.StdEncoding.DecodeString(last); err != nil || !ok {
		return h, errNotAHead
	}
	at, ok := strings.CutPrefix(lines[4], "at ")
	if h.At, err = time.Parse(time.RFC3339Nano, at); err != nil || !ok {
		return h, errNotAHead
	}
	if h.Text() != text {
		return h, errNotAHead // there is one way to write it
	}
	return h, nil
}

// errForeign is a note that none of the keys signed.
var errForeign = errors.New("no known key has signed it")

// open reads a signed head.
func open(signed []byte, by note.Verifiers) (Head, error) {
	n, err := note.Open(signed, by)
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) {
		return Head{}, errForeign
	}
	if err != nil {
		return Head{}, err
	}
	return parseHead(n.Text)
}

// unsigned reads a head without looking at who signed it.
func unsigned(signed []byte) (Head, error) {
	i := strings.Index(string(signed), "\n\n")
	if i < 0 {
		return Head{}, errNotAHead
	}
	return parseHead(string(signed[:i+1]))
}
