package fsck

import (
	"context"
	"fmt"

	"freshet/internal/audit"
)

// rows compares the catalog with itself, beyond single files.
func (c *Check) rows(ctx context.Context) error {
	strays, err := c.Catalog.Strays(ctx)
	if err != nil {
		return err
	}
	for _, r := range strays {
		p := Problem{Kind: StrayRows, FileID: r.ID, Detail: fmt.Sprintf("%d rows of %s belong to it, and it is not there", r.Rows, r.Table)}
		if r.Table == "upload_parts" {
			p.FileID, p.UploadID = "", r.ID
		}
		err := c.tell(ctx, p,
			func(ctx context.Context) error { return c.Catalog.DeleteStray(ctx, r) })
		if err != nil {
			return err
		}
	}
	changed, err := audit.Chain(ctx, c.Catalog)
	if err == nil && changed != nil {
		err = c.tell(ctx, Problem{Kind: AuditChanged, Detail: changed.Error()}, nil)
	}
	if err != nil {
		return err
	}
	// last, since a repair takes steps
	wrong, err := c.Catalog.Miscounted(ctx)
	if err != nil {
		return err
	}
	recounted := false
	for _, n := range wrong {
		err := c.tell(ctx, Problem{Kind: WrongCounter, Detail: fmt.Sprintf("%s, %s: %+d files and %+d bytes more than there are", n.Status, n.DataType, n.Files, n.Bytes)},
			func(ctx context.Context) error {
				if recounted {
					return nil
				}
				recounted = true
				return c.Catalog.Recount(ctx)
			})
		if err != nil {
			return err
		}
	}
	return nil
}
