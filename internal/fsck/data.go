package fsck

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"sync"

	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/digest"
	"freshet/internal/errs"
)

// Subset is which files are read whole: about a share of all bytes, chosen by
// chance. The same seed chooses the same files.
type Subset struct {
	Share float64 // 0 to 1; 0: none
	Bytes int64   // instead of a share
	Seed  uint64
}

// ParseSubset reads "5%", or a number of bytes as size reads it.
func ParseSubset(s string, size func(string) (int64, error)) (Subset, error) {
	bad := errs.E(errs.Invalid, "bad-subset", "%q is neither a share such as 5%% nor a size such as 1GiB", s)
	if num, ok := strings.CutSuffix(s, "%"); ok {
		v, err := strconv.ParseFloat(num, 64)
		if err != nil || !(v > 0 && v <= 100) {
			return Subset{}, bad
		}
		return Subset{Share: v / 100}, nil
	}
	n, err := size(s)
	if err != nil || n <= 0 {
		return Subset{}, bad
	}
	return Subset{Bytes: n}, nil
}

// least is the file that came next to being read, so that a small share of a few
// large files is not none.
type least struct {
	once  sync.Once
	share float64
	err   error

	mu   sync.Mutex
	some bool // were read
	file *catalog.File
	draw float64
}

// sample reads a file whole if it is among the subset.
func (c *Check) sample(ctx context.Context, f *catalog.File) error {
	if c.Subset.Share == 0 && c.Subset.Bytes == 0 {
		return nil
	}
	l := &c.least
	l.once.Do(func() { l.share, l.err = c.share(ctx) })
	if l.err != nil {
		return l.err
	}
	u := draw(c.Subset.Seed, f.ID)
	l.mu.Lock()
	chosen := u < l.share
	l.some = l.some || chosen
	if !l.some && (l.file == nil || u < l.draw) {
		l.file, l.draw = f, u
	}
	l.mu.Unlock()
	if !chosen {
		return nil
	}
	return c.read(ctx, *f)
}

func (c *Check) readLeast(ctx context.Context) error {
	if c.least.some || c.least.file == nil {
		return nil
	}
	return c.read(ctx, *c.least.file)
}

// share is that of the bytes that are to be read.
func (c *Check) share(ctx context.Context) (float64, error) {
	if c.Subset.Bytes == 0 {
		return c.Subset.Share, nil
	}
	all, err := c.Catalog.Counters(ctx, "")
	var total int64
	for _, n := range all {
		total += n.Bytes
	}
	return float64(c.Subset.Bytes) / float64(max(total, 1)), err
}

// draw is a number from 0 to 1 that a seed gives to an id.
func draw(seed uint64, id string) float64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d/%s", seed, id)
	x := h.Sum64() // FNV's low bits vary more than its high ones: mix them
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}

// read compares a file's bytes with its hash.
func (c *Check) read(ctx context.Context, f catalog.File) error {
	for hasBytes(&f) {
		key := f.ObjectKey
		found, err := c.hash(ctx, key)
		gone := errs.Is(err, errs.NotFound)
		if err != nil && !gone {
			return err
		}
		if !gone && found != "" && found == f.Hash {
			c.count(func(s *Summary) { s.FilesRead++ })
			return nil
		}
		again, err := c.Catalog.File(ctx, f.ID)
		if errs.Is(err, errs.NotFound) || err == nil && again.ID != f.ID {
			return nil
		}
		if err != nil {
			return err
		}
		if again.Unchanged(&f) {
			if gone {
				_, err := c.bytes(ctx, f) // it went since it was seen
				return err
			}
			c.count(func(s *Summary) { s.FilesRead++ })
			detail := fmt.Sprintf("its hash is %s instead of %s", found, f.Hash)
			if found == "" {
				detail = "its bytes are not as they were sealed"
			}
			p, repair, err := c.damaged(f, DamagedObject, detail, found)
			if err != nil {
				return err
			}
			return c.tell(ctx, *p, repair)
		}
		f = again
	}
	return nil
}

// hash reads an object; it has none where the store finds it altered. What else a
// store cannot read to the end is an error, and no damage.
func (c *Check) hash(ctx context.Context, key string) (string, error) {
	select {
	case c.reading <- struct{}{}:
		defer func() { <-c.reading }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	r, err := c.Blobs.Read(ctx, key, 0, -1)
	if errs.HasCode(err, blob.Altered) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer r.Close()
	hash, _, err := digest.Of(counted{r.Read, ctx, func(n int) { c.count(func(s *Summary) { s.BytesRead += int64(n) }) }})
	if errs.HasCode(err, blob.Altered) {
		return "", nil
	}
	return hash, err
}

// counted tells of each read, and ends with its context.
type counted struct {
	read func([]byte) (int, error)
	ctx  context.Context
	tell func(int)
}

func (r counted) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.read(p)
	r.tell(n)
	return n, err
}
