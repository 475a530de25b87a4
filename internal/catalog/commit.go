package catalog

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"freshet/internal/errs"
)

// UploadPart is a stretch of an open upload that is committed: its bytes are in
// the store, durably, before its row is.
type UploadPart struct {
	Number int // from 1
	At     int64
	Size   int64
	// Checked is how many of its bytes the summary tells of.
	Checked   int64
	CRC64NVME uint64
	Tree      []byte // what its bytes contribute to the file's hash
	ETag      string
	PlanHash  string // of the plan that the summary was made with
	Summary   []byte // of the checks, as the engine saved it
	Bulk      []byte // what belongs to the summary and is small enough for a row
	BulkKey   string // object with it, where it is not
	// Found in its checked bytes.
	Records, Errors, Warnings, Bad int64
}

// Lease makes the caller the one that appends to an open upload, and gives it as
// it is: whoever held it before commits nothing more.
func (s *Store) Lease(ctx context.Context, id string) (Upload, error) {
	var u Upload
	err := s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE uploads SET epoch = epoch + 1, holder = $3 WHERE id = $1 AND state = $2`, id, string(UploadOpen), s.node); err != nil {
			return err
		}
		var err error
		u, err = upload(ctx, tx, id, "")
		return err
	})
	return u, err
}

// Commit is what an upload gained.
type Commit struct {
	Parts   []UploadPart
	Plan    []byte // how the file is read, once its head was here; nil: as before
	Size    *int64 // declared now, or nil
	Free    int64  // what may still be written, where a size is declared
	Expires time.Time
	// Progress is that of the file with so many bytes of so many.
	Progress func(committed, size int64) float64
	Job      *Job // queued with it
}

// Commit makes parts a fact: this is the moment from which they are
// acknowledged. u is the upload as the caller leased or read it. A part that is
// there already is replaced where bytes come in order, since it grew; where
// parts come in any order it is a Conflict. It gives the upload as it is
// afterwards, and the bulk objects that no row speaks of any more.
func (s *Store) Commit(ctx context.Context, u Upload, c Commit) (Upload, []string, error) {
	var replaced []string
	var is Upload
	err := s.tx(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		replaced = nil
		progress := c.Progress != nil && u.FileID != ""
		if progress { // before its upload, as in a step
			if err := s.lock(ctx, tx, "files", u.FileID); err != nil {
				return err
			}
		}
		if is, err = upload(ctx, tx, u.ID, s.forUpdate); err != nil {
			return err
		}
		if err := is.takes(&u); err != nil {
			return err
		}
		for i := range c.Parts {
			old, err := is.gain(ctx, tx, &c.Parts[i])
			if err != nil {
				return err
			}
			if old.BulkKey != "" && old.BulkKey != c.Parts[i].BulkKey {
				replaced = append(replaced, old.BulkKey)
			}
		}
		if c.Plan != nil {
			is.Plan = c.Plan
		}
		if c.Size != nil {
			if is.Size >= 0 && is.Size != *c.Size {
				return errs.E(errs.Conflict, "size-changed", "the size of the upload is %d, not %d", is.Size, *c.Size)
			}
			is.Size = *c.Size
		}
		is.Updated, is.Expires = s.Now(), c.Expires
		_, err = tx.ExecContext(ctx, `UPDATE uploads SET committed = $2, plan = $3, size = $4, records = $5, errors = $6, warnings = $7, bad = $8, updated = $9, expires = $10 WHERE id = $1`,
			is.ID, is.Committed, notNil(is.Plan), is.Size, is.Records, is.Errors, is.Warnings, is.Bad, micros(is.Updated), micros(is.Expires))
		if err == nil && progress {
			_, err = tx.ExecContext(ctx, `UPDATE files SET progress = $2 WHERE id = $1 AND progress < $2`, is.FileID, c.Progress(is.Committed, is.Size))
		}
		if err == nil && c.Job != nil {
			err = s.enqueue(ctx, tx, *c.Job)
		}
		if err == nil && c.Size != nil {
			err = s.allow(ctx, tx, &Quota{Free: c.Free}, &is)
		}
		if err == nil && (c.Size != nil || is.Size < 0) { // what was reserved may be more than the limit by now
			err = s.within(ctx, tx, is.Project)
		}
		return err
	})
	if err != nil {
		return u, nil, err
	}
	return is, replaced, nil
}

// takes refuses a commit by a request that another took the place of.
func (u *Upload) takes(seen *Upload) error {
	switch {
	case u.State != UploadOpen:
		return UploadEnded(u)
	case u.Epoch != seen.Epoch:
		return errs.E(errs.Conflict, "taken-over", "a newer request goes on with this upload")
	}
	return nil
}

// UploadEnded is the refusal of bytes for an upload that is not open.
func UploadEnded(u *Upload) error {
	switch u.State {
	case UploadComplete:
		return errs.E(errs.Conflict, "upload-complete", "the upload is complete")
	case UploadExpired:
		return errs.E(errs.Gone, "upload-expired", "the upload has expired").WithHint("begin a new one")
	case UploadAborted:
		return errs.E(errs.Gone, "upload-aborted", "the upload was deleted").WithHint("begin a new one")
	}
	return errs.E(errs.Gone, "upload-failed", "the upload has ended: %s", u.Why).WithHint("begin a new one")
}

// gain writes a part's row and counts it, and gives the row as it was before.
func (u *Upload) gain(ctx context.Context, tx *sql.Tx, p *UploadPart) (UploadPart, error) {
	old, err := scanPart(tx.QueryRowContext(ctx, `SELECT `+partColumns+` FROM upload_parts WHERE upload_id = $1 AND number = $2`, u.ID, p.Number))
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return old, err
	case u.Protocol == Parts:
		return old, errs.E(errs.Conflict, "part-there", "part %d is there already", p.Number)
	}
	u.Committed += p.Size - old.Size
	u.Records += p.Records - old.Records
	u.Errors += p.Errors - old.Errors
	u.Warnings += p.Warnings - old.Warnings
	u.Bad += p.Bad - old.Bad
	_, err = tx.ExecContext(ctx, `INSERT INTO upload_parts (upload_id, `+partColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT (upload_id, number) DO UPDATE SET size = excluded.size, checked = excluded.checked, crc64nvme = excluded.crc64nvme, tree = excluded.tree, etag = excluded.etag,
		plan_hash = excluded.plan_hash, summary = excluded.summary, bulk = excluded.bulk, bulk_key = excluded.bulk_key,
		records = excluded.records, errors = excluded.errors, warnings = excluded.warnings, bad = excluded.bad`,
		u.ID, p.Number, p.At, p.Size, p.Checked, int64(p.CRC64NVME), notNil(p.Tree), p.ETag, p.PlanHash, notNil(p.Summary), notNil(p.Bulk), p.BulkKey, p.Records, p.Errors, p.Warnings, p.Bad)
	return old, err
}

func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

const partColumns = `number, at, size, checked, crc64nvme, tree, etag, plan_hash, summary, bulk, bulk_key, records, errors, warnings, bad`

func scanPart(row scanner) (UploadPart, error) {
	var p UploadPart
	var crc int64
	err := row.Scan(&p.Number, &p.At, &p.Size, &p.Checked, &crc, &p.Tree, &p.ETag, &p.PlanHash, &p.Summary, &p.Bulk, &p.BulkKey, &p.Records, &p.Errors, &p.Warnings, &p.Bad)
	p.CRC64NVME = uint64(crc)
	return p, err
}

// PartAfter is the first part with a number above n that an open upload has, false where there is none.
func (s *Store) PartAfter(ctx context.Context, id string, n int) (UploadPart, bool, error) {
	return s.part(ctx, `upload_id = $1 AND number > $2 ORDER BY number LIMIT 1`, id, n)
}

// UploadPart is part n of an open upload, false where it is not there.
func (s *Store) UploadPart(ctx context.Context, id string, n int) (UploadPart, bool, error) {
	return s.part(ctx, `upload_id = $1 AND number = $2`, id, n)
}

func (s *Store) part(ctx context.Context, where, id string, n int) (p UploadPart, ok bool, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		p, err = scanPart(q.QueryRowContext(ctx, `SELECT `+partColumns+` FROM upload_parts WHERE `+where, id, n))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return p, false, nil
	}
	return p, err == nil, err
}

// UploadParts lists the parts of an open upload by number, without what the checks found.
func (s *Store) UploadParts(ctx context.Context, id string) (out []UploadPart, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = nil
		return rows(ctx, q, func(r scanner) error {
			var p UploadPart
			var crc int64
			err := r.Scan(&p.Number, &p.At, &p.Size, &crc, &p.ETag, &p.BulkKey)
			p.CRC64NVME = uint64(crc)
			out = append(out, p)
			return err
		}, `SELECT number, at, size, crc64nvme, etag, bulk_key FROM upload_parts WHERE upload_id = $1 ORDER BY number`, id)
	})
	return out, err
}
