package local

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"freshet/internal/durable"
	"freshet/internal/seal"
)

// A sealed file begins with five pages, then come its blocks:
//
//	0, 1     its data key, wrapped: two places, so that it is wrapped anew beside itself
//	2, 3, 4  which object it is, and how large: as many places as a file has in its
//	         life, so that a backup may put it back to where its facts have it
//
// A page is written whole, and is as if it were not there unless it is whole.
const (
	pageSize  = 4096
	keyPages  = 0
	bindPages = 2
	headSize  = 5 * pageSize
	pageMagic = "freshet\x01"
	pageFront = len(pageMagic) + 4 + sha256.Size
)

// keyPage is a data key, bound to the upload that the file began as.
type keyPage struct {
	N      int64  `json:"n"` // the higher one counts
	Handle string `json:"handle"`
	seal.Wrapped
}

// bindPage says, so that only who has the data key can, which object this is.
type bindPage struct {
	N       int64  `json:"n"`
	Size    int64  `json:"size"`
	Binding []byte `json:"binding"`
}

// head is what these pages say; nil where one says nothing.
type head struct {
	keys  [2]*keyPage
	binds [3]*bindPage
}

// readTries is how often a head is read at most: its pages may be written meanwhile.
const readTries = 3

func readHead(r io.ReaderAt) (*head, error) {
	for range readTries {
		h, err := readPages(r)
		if err != nil || h.keys[0] != nil || h.keys[1] != nil {
			return h, err
		}
	}
	return nil, seal.NotAsSealed("its head has no key")
}

func readPages(r io.ReaderAt) (*head, error) {
	b := make([]byte, headSize)
	if n, err := r.ReadAt(b, 0); err != nil && !(errors.Is(err, io.EOF) && n >= pageSize) {
		if errors.Is(err, io.EOF) {
			return nil, seal.NotAsSealed("its head is cut off")
		}
		return nil, err
	}
	h := &head{}
	for i := range h.keys {
		h.keys[i] = parsePage[keyPage](b, keyPages+i)
	}
	for i := range h.binds {
		h.binds[i] = parsePage[bindPage](b, bindPages+i)
	}
	return h, nil
}

func parsePage[T any](pages []byte, n int) *T {
	b, ok := bytes.CutPrefix(pages[n*pageSize:(n+1)*pageSize], []byte(pageMagic))
	if !ok {
		return nil
	}
	size := int(binary.BigEndian.Uint32(b))
	if size > pageSize-pageFront {
		return nil
	}
	sum, text := b[4:4+sha256.Size], b[4+sha256.Size:][:size]
	if got := sha256.Sum256(text); !bytes.Equal(got[:], sum) {
		return nil
	}
	v := new(T)
	if json.Unmarshal(text, v) != nil {
		return nil
	}
	return v
}

// writePage writes a page; the caller syncs the file.
func writePage(f *durable.File, n int, v any) error {
	text, err := json.Marshal(v)
	if err == nil && len(text) > pageSize-pageFront {
		err = errors.New("what a page says is too long")
	}
	if err != nil {
		return err
	}
	b := append(make([]byte, 0, pageSize), pageMagic...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
	sum := sha256.Sum256(text)
	b = append(append(b, sum[:]...), text...)
	_, err = f.WriteAt(b[:pageSize], int64(n)*pageSize)
	return err
}

// wrapped gives the pages with keys that are there, the one that counts first.
func (h *head) wrapped() (list []*keyPage) {
	for _, p := range h.keys {
		if p != nil {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *keyPage) int { return cmp.Compare(b.N, a.N) })
	return list
}

// unwrap gives the data key. Where the file is an upload, handle says which.
func (h *head) unwrap(ctx context.Context, ring *seal.Ring, handle string) (k seal.Key, err error) {
	if ring == nil {
		return k, noKey()
	}
	list := h.wrapped()
	page := list[0]
	for _, p := range list {
		if ring.Has(p.Master) { // a key that was wrapped anew a moment ago opens by the older one, too
			page = p
			break
		}
	}
	if handle != "" && page.Handle != handle {
		return k, seal.NotAsSealed("it is another upload")
	}
	return ring.Unwrap(ctx, page.Wrapped, page.Handle)
}

// size is that of the object, if the file is the one at key, and the page that says so.
func (h *head) size(k seal.Key, key string) (size int64, page int, ok bool) {
	for i, p := range h.binds {
		if p != nil && k.Binds(p.Binding, key, p.Size) {
			return p.Size, i, true
		}
	}
	return 0, -1, false
}

// bind says that the file is the object at key, in the place of what was said
// longest ago, other than in the page keep.
func (h *head) bind(f *durable.File, k seal.Key, key string, size int64, keep int) error {
	to, oldest, n := -1, int64(0), int64(1)
	for i, p := range h.binds {
		said := int64(0)
		if p != nil {
			said = p.N
		}
		n = max(n, said+1)
		if i != keep && (to < 0 || said < oldest) {
			to, oldest = i, said
		}
	}
	return writePage(f, bindPages+to, bindPage{N: n, Size: size, Binding: k.Bind(key, size)})
}

// rewrap has the first master key of a ring wrap the data key, if another has: the
// new one is on the disk before the old one goes. It tells whether there was
// anything to do. The file is locked.
func rewrap(ctx context.Context, f *durable.File, ring *seal.Ring) (bool, error) {
	h, err := readHead(f)
	if err != nil {
		return false, err
	}
	list := h.wrapped()
	if list[0].Master != ring.Seals() {
		k, err := h.unwrap(ctx, ring, "")
		if err != nil {
			return false, err
		}
		w, err := ring.Wrap(ctx, k, list[0].Handle)
		if err != nil {
			return false, err
		}
		to := keyPages
		if h.keys[0] == list[0] {
			to++
		}
		if err := writePage(f, to, keyPage{N: list[0].N + 1, Handle: list[0].Handle, Wrapped: w}); err != nil {
			return false, err
		}
		if err := f.Sync(); err != nil {
			return false, err
		}
		return true, erase(f, 1-to)
	}
	for i, p := range h.keys {
		if p != nil && p != list[0] { // what it took the place of is still there: it was killed before
			return true, erase(f, keyPages+i)
		}
	}
	return false, nil
}

func erase(f *durable.File, page int) error {
	if _, err := f.WriteAt(make([]byte, pageSize), int64(page)*pageSize); err != nil {
		return err
	}
	return f.Sync()
}
