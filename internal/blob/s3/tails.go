package s3

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// tag is what a part consists of, as the catalog keeps it for us:
//
//	e:ETAG                  a part of the multipart upload
//	t:NAME.SIZE,NAME.SIZE   not whole yet: tails, in order
//
// After a | come the tails whose place it took, which are deleted once it is a fact.
// Tails are never written again, so that a tag means the same bytes for as long as
// it is a fact; what a ghost wrote has other names.
type tag struct {
	etag     string
	tails    []tail
	replaced []tail
}

// tail is an object that holds bytes of a part.
type tail struct {
	name string
	size int64
}

func sizeOf(tails []tail) (n int64) {
	for _, t := range tails {
		n += t.size
	}
	return n
}

// size is how many bytes of its part may still be added to.
func (t *tag) size() int64 { return sizeOf(t.tails) }

// String is the tag as it is kept.
func (t *tag) String() string {
	s := "t:" + join(t.tails)
	if t.etag != "" {
		s = "e:" + t.etag
	}
	if len(t.replaced) > 0 {
		s += "|" + join(t.replaced)
	}
	return s
}

func join(tails []tail) string {
	var b strings.Builder
	for i, t := range tails {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s.%d", t.name, t.size)
	}
	return b.String()
}

func parseTag(s string) (t tag, err error) {
	if s == "" {
		return t, nil
	}
	s, replaced, _ := strings.Cut(s, "|")
	if t.replaced, err = parseTails(replaced); err != nil {
		return t, err
	}
	kind, rest, _ := strings.Cut(s, ":")
	switch kind {
	case "e":
		t.etag = rest
	case "t":
		t.tails, err = parseTails(rest)
	default:
		err = misuse("%q is not the tag of a part", s)
	}
	return t, err
}

func parseTails(s string) (list []tail, err error) {
	for f := range strings.SplitSeq(s, ",") {
		if f == "" {
			continue
		}
		name, size, _ := strings.Cut(f, ".")
		n, err := strconv.ParseInt(size, 10, 64)
		if err != nil || name == "" || strings.Contains(name, "/") {
			return nil, misuse("%q is not a tail", f)
		}
		list = append(list, tail{name, n})
	}
	return list, nil
}

// uploadDir is where an upload's tails are, partDir where a part's are.
func (s *Store) uploadDir(id string) string { return s.prefix + tailsDir + handleOf(id) + "/" }

func (s *Store) partDir(id string, number int) string {
	return s.uploadDir(id) + strconv.Itoa(number) + "/"
}

// keyHeader is metadata of a tail: the key of its upload.
const keyHeader = "Freshet-Key"

// grow writes a stretch that does not end its part as a tail, together with the
// tails before it that are at most twice as long as what they are joined with. So
// each tail is more than twice the one after it: there are few of them however
// small the stretches are, and a byte is written again only as its tail grows by
// half.
func (s *Store) grow(ctx context.Context, key, id string, number int, was tag, r io.Reader, size int64) (now tag, err error) {
	keep := len(was.tails)
	total := size
	for keep > 0 && was.tails[keep-1].size <= 2*total {
		keep--
		total += was.tails[keep].size
	}
	dir := s.partDir(id, number)
	random := make([]byte, 9)
	if _, err := rand.Read(random); err != nil {
		return now, err
	}
	t := tail{base64.RawURLEncoding.EncodeToString(random), total}
	source := &joined{store: s, ctx: ctx, dir: dir, tails: was.tails[keep:], r: r}
	if err := s.put(ctx, dir+t.name, source, size, map[string]string{keyHeader: base64.RawURLEncoding.EncodeToString([]byte(key))}); err != nil {
		return now, err
	}
	now.tails = append(append(now.tails, was.tails[:keep]...), t)
	now.replaced = was.tails[keep:]
	return now, nil
}

// joined reads tails, one after the other, then r.
type joined struct {
	store *Store
	ctx   context.Context
	dir   string
	tails []tail
	next  int
	open  io.ReadCloser
	r     io.Reader
}

// Read implements io.Reader.
func (j *joined) Read(p []byte) (int, error) {
	for j.next < len(j.tails) {
		n, err := j.readTail(p)
		if err != nil {
			return n, &storeError{err}
		}
		if n > 0 {
			return n, nil
		}
	}
	return j.r.Read(p)
}

// readTail gives nothing, and no error, at the end of a tail.
func (j *joined) readTail(p []byte) (n int, err error) {
	if j.open == nil {
		t := j.tails[j.next]
		if j.open, err = j.store.open(j.ctx, j.dir+t.name, "a part's beginning", 0, t.size); err != nil {
			return 0, err
		}
	}
	n, err = j.open.Read(p)
	if err == io.EOF {
		err = j.open.Close()
		j.open = nil
		j.next++
	}
	return n, err
}

// rewind goes back to the first tail; r is not its own.
func (j *joined) rewind() (err error) {
	if j.open != nil {
		err = j.open.Close()
	}
	j.open, j.next = nil, 0
	return err
}

// storeError is an error of the store that comes by way of what is sent to it.
type storeError struct{ cause error }

func (e *storeError) Error() string { return e.cause.Error() }
func (e *storeError) Unwrap() error { return e.cause }
