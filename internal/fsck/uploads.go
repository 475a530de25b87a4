package fsck

import (
	"cmp"
	"context"
	"fmt"

	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// uploads looks at every open upload and at every place that the store keeps for one.
func (c *Check) uploads(ctx context.Context) error {
	// places first: an upload has its place before its row, so that a place
	// listed here without a row never had one, or has it no more
	places, err := c.places(ctx)
	if err != nil {
		return err
	}
	known, suspects := map[string]bool{}, []string{}
	err = c.eachUpload(ctx, func(u *catalog.Upload) error {
		c.count(func(s *Summary) { s.Uploads++ })
		if known[u.Handle] = true; places[u.Handle].Handle == "" {
			suspects = append(suspects, u.ID)
		}
		return c.parts(ctx, *u)
	})
	if err != nil {
		return err
	}
	for _, id := range suspects {
		if err := c.lost(ctx, id); err != nil {
			return err
		}
	}
	for handle, h := range places {
		if known[handle] || h.Time.After(c.Now.Add(-grace)) {
			continue
		}
		if held, err := c.Blobs.Holds(ctx, h.Key, handle); err != nil {
			return err
		} else if !held {
			continue // it ended meanwhile
		}
		err := c.tell(ctx, Problem{Kind: OrphanHandle, Key: cmp.Or(h.Key, handle), Detail: "no open upload speaks of " + handle},
			func(ctx context.Context) error { return c.Blobs.Abort(ctx, h.Key, handle) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Check) places(ctx context.Context) (map[string]blob.Handle, error) {
	out := map[string]blob.Handle{}
	for h, err := range c.Blobs.Handles(ctx) {
		if err != nil {
			return nil, err
		}
		out[h.Handle] = h
	}
	return out, nil
}

// lost tells of an upload that is open and has neither a place nor an object.
func (c *Check) lost(ctx context.Context, id string) error {
	u, err := c.Catalog.Upload(ctx, id)
	if errs.Is(err, errs.NotFound) || err == nil && u.State != catalog.UploadOpen {
		return nil
	}
	if err != nil {
		return err
	}
	if held, err := c.Blobs.Holds(ctx, u.Key, u.Handle); held || err != nil {
		return err
	}
	if _, err := c.Blobs.Stat(ctx, u.Key); err == nil || !errs.Is(err, errs.NotFound) {
		return err
	}
	if now, err := c.Catalog.Upload(ctx, id); err != nil || now.State != catalog.UploadOpen {
		return err
	}
	return c.tell(ctx, Problem{Kind: LostUpload, FileID: u.FileID, UploadID: u.ID, Key: u.Key, Detail: fmt.Sprintf("%d bytes were acknowledged", u.Committed)},
		func(ctx context.Context) error { return c.Uploads.EndLost(ctx, &u) })
}

// parts looks at what is committed of an upload.
func (c *Check) parts(ctx context.Context, u catalog.Upload) error {
	parts, err := c.Catalog.UploadParts(ctx, u.ID)
	if err != nil {
		return err
	}
	var sum int64
	for i := range parts {
		sum += parts[i].Size
		if err := c.summary(ctx, &u, &parts[i]); err != nil {
			return err
		}
	}
	if sum == u.Committed {
		return nil
	}
	now, err := c.Catalog.Upload(ctx, u.ID)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil || now.State != catalog.UploadOpen {
		return err
	}
	if now.Updated.After(u.Updated) {
		return c.parts(ctx, now) // bytes came
	}
	return c.tell(ctx, Problem{Kind: BadRow, FileID: u.FileID, UploadID: u.ID, Detail: fmt.Sprintf("%d bytes are committed, and its parts have %d", u.Committed, sum)}, nil)
}

// summary looks for the object with what the checks of a part found.
func (c *Check) summary(ctx context.Context, u *catalog.Upload, p *catalog.UploadPart) error {
	if p.BulkKey == "" {
		return nil
	}
	if _, err := c.Blobs.Stat(ctx, p.BulkKey); err == nil || !errs.Is(err, errs.NotFound) {
		return err
	}
	now, ok, err := c.Catalog.UploadPart(ctx, u.ID, p.Number)
	if err != nil || !ok || now.BulkKey != p.BulkKey {
		return err
	}
	return c.tell(ctx, Problem{Kind: MissingSummary, FileID: u.FileID, UploadID: u.ID, Key: p.BulkKey, Detail: fmt.Sprintf("there is no object with the checks of part %d", p.Number)},
		func(ctx context.Context) error { return c.Catalog.ForgetChecks(ctx, u.ID, p.Number, p.BulkKey) })
}
