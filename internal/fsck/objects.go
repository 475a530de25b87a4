package fsck

import (
	"context"
	"fmt"
	"strings"

	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/errs"
	"freshet/internal/promote"
	"freshet/internal/upload"
)

// root is the prefix of all files.
const root = "training-data/"

// objects looks at every object: does a file speak of it?
func (c *Check) objects(ctx context.Context) error {
	for _, prefix := range []string{root, check.FindingsPrefix} {
		each := func(ctx context.Context, f func(blob.Info) error) error {
			for o, err := range c.Blobs.List(ctx, prefix) {
				if err != nil {
					return err
				}
				if err := f(o); err != nil {
					return err
				}
			}
			return nil
		}
		if err := sideBySide(ctx, each, c.object); err != nil {
			return err
		}
	}
	return nil
}

func (c *Check) object(ctx context.Context, o blob.Info) error {
	c.count(func(s *Summary) { s.Objects++ })
	if o.Time.After(c.Now.Add(-grace)) {
		return nil
	}
	id, place := upload.OwnerOf(o.Key)
	if place {
		if owned, err := c.Uploads.Owned(ctx, id, o.Key); owned || err != nil {
			return err
		}
	} else if coming, err := c.coming(ctx, o.Key); coming || err != nil {
		return err
	}
	// a file's move may have taken it away since it was listed
	if _, err := c.Blobs.Stat(ctx, o.Key); errs.Is(err, errs.NotFound) {
		return nil
	} else if err != nil {
		return err
	}
	p := Problem{Kind: UnknownObject, Key: o.Key, Detail: fmt.Sprintf("no file speaks of its %d bytes", o.Size)}
	if !place {
		return c.tell(ctx, p, nil)
	}
	if strings.HasPrefix(o.Key, promote.Staging) || strings.HasPrefix(o.Key, check.FindingsPrefix) {
		p.Kind = OrphanObject
		return c.tell(ctx, p, func(ctx context.Context) error { return c.deleteOrphan(ctx, id, o.Key) })
	}
	f, err := c.Catalog.File(ctx, id)
	switch {
	case errs.Is(err, errs.NotFound), err == nil && f.ID != id:
		return c.tell(ctx, p, nil)
	case err != nil:
		return err
	}
	own := map[string]int64{}
	for _, key := range []string{f.ObjectKey, f.MovingTo} {
		if err := c.stat(ctx, key, own); err != nil {
			return err
		}
	}
	switch {
	case len(own) == 0 && hasBytes(&f):
		return nil // told as a problem of the file
	case len(own) == 0:
		return c.tell(ctx, p, nil)
	}
	p.Kind, p.FileID, p.Detail = LeftBehind, f.ID, "the file lies at "+f.ObjectKey
	return c.tell(ctx, p, func(ctx context.Context) error { return c.deleteCopy(ctx, f, o.Key) })
}

// coming tells whether a file is on its way from the key: one that was adopted
// comes from a place of its own.
func (c *Check) coming(ctx context.Context, key string) (bool, error) {
	files, err := c.Catalog.Moving(ctx)
	for i := range files {
		if files[i].ObjectKey == key {
			return true, err
		}
	}
	return false, err
}

// deleteOrphan asks once more whose it is.
func (c *Check) deleteOrphan(ctx context.Context, id, key string) error {
	if owned, err := c.Uploads.Owned(ctx, id, key); err != nil || owned {
		return orChanged(err)
	}
	return c.Blobs.Delete(ctx, key)
}

// deleteCopy deletes a second copy of a file once it is sure that both are whole
// and the file still lies elsewhere.
func (c *Check) deleteCopy(ctx context.Context, f catalog.File, key string) error {
	for _, k := range []string{f.ObjectKey, key} {
		hash, err := c.hash(ctx, k)
		if err != nil {
			return err
		}
		if hash != f.Hash {
			return errs.E(errs.Conflict, "not-a-copy", "%s is not what was received", k)
		}
	}
	if now, err := c.Catalog.File(ctx, f.ID); err != nil || !now.Unchanged(&f) {
		return orChanged(err)
	}
	return c.Blobs.Delete(ctx, key)
}

func orChanged(err error) error {
	if err == nil {
		err = errs.E(errs.Conflict, "changed-meanwhile", "a file speaks of it meanwhile")
	}
	return err
}
