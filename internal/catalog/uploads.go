package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"freshet/internal/access"
	"freshet/internal/errs"
)

// Upload is how the bytes of one file come: what of them is committed, and who
// may add to it.
type Upload struct {
	ID       string // "up_" + 32 hexadecimal digits
	Project  string // that owns it
	FileID   string // of the file that it becomes; empty for a piece of a later upload
	Protocol Protocol
	State    UploadState
	Key      string // where the bytes will be an object
	Handle   string // of the blob upload
	Size     int64  // as declared, -1 while it is not known
	Reserved int64  // while it is not: bytes from the front that its project has room for; it never falls
	PartSize int64
	// Committed is how many bytes survive whatever comes; where bytes come in
	// order, all before it are here. It never falls.
	Committed int64
	Holder    string // node of the newest request that may append
	Epoch     int64  // rises with each request that may append; an older one commits nothing more
	Plan      []byte // how the file is read and checked, once its head was here
	SHA256    string // hex, as declared, or empty
	Metadata  string // as a tus client sent it
	Pieces    []string
	Concat    string // the header that said so, as sent
	PartOf    string // the upload that a piece has become part of
	// IdempotencyKey and RequestHash tell a repeated creation from another.
	IdempotencyKey, RequestHash string
	Actor                       string
	// Found so far in what is committed and checked.
	Records, Errors, Warnings, Bad int64
	Why                            string // it ended
	Created, Updated, Expires      time.Time
}

// Protocol is the way in which bytes come.
type Protocol string

// Protocols.
const (
	Form   Protocol = "form"   // one request, nothing acknowledged before its end
	Parts  Protocol = "parts"  // numbered, in any order
	Append Protocol = "append" // in order, by tus or the IETF's draft
)

// UploadState is where an upload stands.
type UploadState string

// States of an upload. Only an open one takes bytes.
const (
	UploadOpen     UploadState = "open"
	UploadComplete UploadState = "complete"
	UploadFailed   UploadState = "failed"
	UploadAborted  UploadState = "aborted"
	UploadExpired  UploadState = "expired"
)

// Quota bounds what all open uploads together may take.
type Quota struct {
	Open int64 // uploads at most
	Free int64 // bytes that may still be written, negative where there is no telling
}

const uploadColumns = `id, file_id, protocol, state, object_key, handle, size, part_size, committed, epoch, plan, sha256, metadata, pieces, concat, part_of,
	idempotency_key, request_hash, actor, records, errors, warnings, bad, why, created, updated, expires, holder, project, reserved`

func scanUpload(row scanner) (Upload, error) {
	var u Upload
	var created, updated, expires int64
	var pieces string
	err := row.Scan(&u.ID, &u.FileID, &u.Protocol, &u.State, &u.Key, &u.Handle, &u.Size, &u.PartSize, &u.Committed, &u.Epoch, &u.Plan, &u.SHA256, &u.Metadata, &pieces, &u.Concat, &u.PartOf,
		&u.IdempotencyKey, &u.RequestHash, &u.Actor, &u.Records, &u.Errors, &u.Warnings, &u.Bad, &u.Why, &created, &updated, &expires, &u.Holder, &u.Project, &u.Reserved)
	if err != nil {
		return u, err
	}
	u.Created, u.Updated, u.Expires = fromMicros(created), fromMicros(updated), fromMicros(expires)
	return u, json.Unmarshal([]byte(pieces), &u.Pieces)
}

// CreateUpload adds an upload and, unless it is a piece, the file that it
// becomes, in status uploading. A creation that is repeated under its
// idempotency key gives the upload of the first time, and true.
func (s *Store) CreateUpload(ctx context.Context, u Upload, f *File, q Quota) (Upload, bool, error) {
	if u.Project == "" {
		u.Project = access.Project(ctx)
	}
	u.State, u.Created = UploadOpen, s.Now()
	u.Updated = u.Created
	if u.Pieces == nil {
		u.Pieces = []string{}
	}
	pieces, err := json.Marshal(u.Pieces)
	if err != nil {
		return u, false, err
	}
	if u.Plan == nil {
		u.Plan = []byte{}
	}
	var ev Event
	var made File
	var first Upload
	again := false
	err = s.tx(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		if first, again, err = repeated(ctx, tx, &u); err != nil || again {
			return err
		}
		if err := s.inProject(ctx, tx, u.Project); err != nil {
			return err
		}
		for _, p := range slices.Sorted(slices.Values(u.Pieces)) { // in one order, so that none waits for another in a circle
			if err := s.takePiece(ctx, tx, p, &u); err != nil {
				return err
			}
		}
		if f != nil {
			made = *f
			made.Project = u.Project
			if err := s.create(ctx, tx, &made); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO uploads (`+uploadColumns+`) VALUES
			($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)`,
			u.ID, u.FileID, string(u.Protocol), string(u.State), u.Key, u.Handle, u.Size, u.PartSize, u.Committed, u.Epoch, u.Plan, u.SHA256, u.Metadata, string(pieces), u.Concat, u.PartOf,
			u.IdempotencyKey, u.RequestHash, u.Actor, u.Records, u.Errors, u.Warnings, u.Bad, u.Why, micros(u.Created), micros(u.Updated), micros(u.Expires), u.Holder, u.Project, u.Reserved)
		if s.isUnique(err) && u.IdempotencyKey != "" {
			return errAgain // the same creation was first: it is found now
		}
		if err == nil {
			err = s.allow(ctx, tx, &q, &u)
		}
		if err == nil {
			err = s.within(ctx, tx, u.Project)
		}
		if err == nil && f != nil {
			ev = created(&made, u.Actor)
			if err = s.remember(ctx, tx, &ev); err == nil {
				err = s.audit(ctx, tx, ev.act())
			}
		} else if err == nil {
			err = s.audit(ctx, tx, Act{Action: "create-piece", Actor: u.Actor, Project: u.Project, Object: u.ID})
		}
		return err
	})
	if err == nil && again {
		return first, true, nil
	}
	if err == nil && f != nil {
		*f = made
		s.told(ev, made)
	}
	return u, false, err
}

// repeated finds the creation under the same key that was before.
func repeated(ctx context.Context, tx *sql.Tx, u *Upload) (Upload, bool, error) {
	if u.IdempotencyKey == "" {
		return Upload{}, false, nil
	}
	first, err := scanUpload(tx.QueryRowContext(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE project = $1 AND actor = $2 AND idempotency_key = $3`, u.Project, u.Actor, u.IdempotencyKey))
	if errors.Is(err, sql.ErrNoRows) {
		return Upload{}, false, nil
	}
	if err == nil && first.RequestHash != u.RequestHash {
		err = errs.E(errs.Invalid, "idempotency-key-reused", "the Idempotency-Key was used for another request").WithHint("choose a new key for each upload")
	}
	return first, err == nil, err
}

// takePiece makes a whole piece part of an upload. It is part of one only: its
// bytes move there.
func (s *Store) takePiece(ctx context.Context, tx *sql.Tx, id string, of *Upload) error {
	p, err := upload(ctx, tx, id, s.forUpdate)
	if err != nil {
		return err
	}
	if p.Project != of.Project {
		return errs.E(errs.Conflict, "piece-elsewhere", "the piece %s is of another project", id).WithHint("upload the pieces to the project of the whole")
	}
	if p.FileID != "" || p.State != UploadOpen || p.Committed != p.Size || p.PartOf != "" {
		return errs.E(errs.Conflict, "piece-used", "the piece %s is used already", id).WithHint("upload it again")
	}
	_, err = tx.ExecContext(ctx, `UPDATE uploads SET part_of = $2, updated = $3, epoch = epoch + 1 WHERE id = $1`, id, of.ID, micros(s.Now()))
	return err
}

// allow refuses an upload that is one too many, or promises too much. It counts
// inside the transaction, the others alone: who comes later waits and then counts
// this one, so that no rush gets past it, from whatever node. But for
// the history nothing comes after it.
func (s *Store) allow(ctx context.Context, tx *sql.Tx, q *Quota, u *Upload) error {
	if q.Open <= 0 && (q.Free < 0 || u.Size < 0) {
		return nil
	}
	if err := s.countAlone(ctx, tx); err != nil {
		return err
	}
	var open int64
	var owed float64 // sums of what clients say may be larger than numbers go
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CAST(CASE WHEN size > committed THEN size - committed ELSE 0 END AS DOUBLE PRECISION)), 0) FROM uploads WHERE state = $1 AND id <> $2`,
		string(UploadOpen), u.ID).Scan(&open, &owed)
	more := u.Size - u.Committed
	switch {
	case err != nil:
		return err
	case q.Open > 0 && open >= q.Open:
		return errs.E(errs.Unavailable, "too-many-uploads", "%d uploads are open, which is as many as the server keeps", open).After(time.Minute).
			WithHint("finish or delete some; what is abandoned expires by itself")
	case len(u.Pieces) > 0: // it takes the place of its pieces
	case q.Free >= 0 && more > 0 && float64(more) > float64(q.Free)-owed:
		return errs.E(errs.NoSpace, "no-space", "the storage has no room for %d bytes besides what other uploads were promised", u.Size).WithHint("free space or delete files, then send it again")
	}
	return nil
}

// Upload is the upload of that id.
func (s *Store) Upload(ctx context.Context, id string) (u Upload, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		u, err = upload(ctx, q, id, "")
		return err
	})
	return u, err
}

// upload reads an upload; lock is the dialect's forUpdate where it is about to change.
func upload(ctx context.Context, q querier, id, lock string) (Upload, error) {
	u, err := scanUpload(q.QueryRowContext(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE id = $1`+lock, id))
	missing := errs.E(errs.NotFound, "unknown-upload", "there is no upload %q", id).WithHint("begin a new one")
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return u, missing
	case err != nil:
		return u, err
	}
	return u, access.Permit(ctx, u.Project, missing)
}

// UploadOf is the newest upload of a file.
func (s *Store) UploadOf(ctx context.Context, fileID string) (u Upload, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		u, err = scanUpload(q.QueryRowContext(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE file_id = $1 ORDER BY created DESC LIMIT 1`, fileID))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return u, errs.E(errs.NotFound, "unknown-upload", "the file %q has no upload", fileID)
	}
	if err == nil {
		err = access.Permit(ctx, u.Project, errs.E(errs.NotFound, "unknown-upload", "the file %q has no upload", fileID))
	}
	return u, err
}

// Uploads gives up to limit uploads of a state, the longest untouched first and
// after the one given: for sweeps, page by page. For a caller they are those of
// the project in which it asks, else those of all.
func (s *Store) Uploads(ctx context.Context, state UploadState, after Upload, limit int) (out []Upload, err error) {
	where, args := "", []any{string(state), micros(after.Updated), after.ID, limit}
	if access.From(ctx) != nil {
		where, args = ` AND project = $5`, append(args, access.Project(ctx))
	}
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = nil
		return rows(ctx, q, func(r scanner) error {
			u, err := scanUpload(r)
			out = append(out, u)
			return err
		}, `SELECT `+uploadColumns+` FROM uploads WHERE state = $1 AND (updated, id) > ($2, $3)`+where+` ORDER BY updated, id LIMIT $4`, args...)
	})
	return out, err
}

// EndPiece ends an upload that has no file, if it has not changed since a time
// that is not zero. One that ended already is fine.
func (s *Store) EndPiece(ctx context.Context, id string, state UploadState, why string, since time.Time) error {
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		ended, err := s.end(ctx, tx, `id = $1`, id, state, why, since)
		if err != nil {
			return err
		}
		return s.auditPieces(ctx, tx, ended)
	})
}

func (s *Store) auditPieces(ctx context.Context, tx *sql.Tx, ended []Upload) error {
	for _, u := range ended {
		if err := s.audit(ctx, tx, Act{Action: "end-piece", Project: u.Project, Object: u.ID, Detail: string(u.State) + ": " + u.Why}); err != nil {
			return err
		}
	}
	return nil
}

// ForgetUploads deletes what ended before a time.
func (s *Store) ForgetUploads(ctx context.Context, before time.Time) error {
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM uploads WHERE state <> $1 AND updated < $2`, string(UploadOpen), micros(before))
		return err
	})
}

// endUpload ends the open upload of a file, if it has one, and gives the pieces
// that end with it: nothing could become of them any more, and they would be in
// nobody's account.
func (s *Store) endUpload(ctx context.Context, tx *sql.Tx, fileID string, state UploadState, why string, since time.Time) (pieces []Upload, err error) {
	ended, err := s.end(ctx, tx, `file_id = $1`, fileID, state, why, since)
	for _, u := range ended {
		of := "it was to be part of upload " + u.ID
		if state == UploadComplete {
			of = "it is part of upload " + u.ID
		}
		for _, id := range slices.Sorted(slices.Values(u.Pieces)) {
			var p []Upload
			if p, err = s.end(ctx, tx, `id = $1`, id, state, of, time.Time{}); err != nil {
				return nil, err
			}
			pieces = append(pieces, p...)
		}
	}
	return pieces, err
}

// end ends open uploads, and gives them as they are then.
func (s *Store) end(ctx context.Context, tx *sql.Tx, which, arg string, state UploadState, why string, since time.Time) (list []Upload, err error) {
	var last time.Time // change of any
	err = rows(ctx, tx, func(r scanner) error {
		u, err := scanUpload(r)
		if u.Updated.After(last) {
			last = u.Updated
		}
		u.State, u.Why, u.Updated = state, why, s.Now()
		u.Epoch++ // a request that is still writing commits nothing more
		list = append(list, u)
		return err
	}, `SELECT `+uploadColumns+` FROM uploads WHERE `+which+` AND state = $2 ORDER BY id`+s.forUpdate, arg, string(UploadOpen))
	if err != nil {
		return nil, err
	}
	if !since.IsZero() && last.After(since) {
		return nil, errs.E(errs.Conflict, "changed-meanwhile", "bytes came for the upload meanwhile")
	}
	for _, u := range list {
		if _, err := tx.ExecContext(ctx, `DELETE FROM upload_parts WHERE upload_id = $1`, u.ID); err != nil {
			return nil, err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE uploads SET state = $2, why = $3, updated = $4, epoch = $5 WHERE id = $1`, u.ID, string(u.State), u.Why, micros(u.Updated), u.Epoch); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// UploadOfPieces is the upload that is made of those pieces, which are of one
// project, if there is one that has not failed.
func (s *Store) UploadOfPieces(ctx context.Context, pieces []string) (u Upload, ok bool, err error) {
	b, err := json.Marshal(pieces)
	if err != nil {
		return Upload{}, false, err
	}
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		u, err = scanUpload(q.QueryRowContext(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE pieces = $1 AND pieces <> '[]' AND state IN ($2, $3) ORDER BY created LIMIT 1`,
			string(b), string(UploadOpen), string(UploadComplete)))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return u, false, nil
	}
	if err == nil && access.Permit(ctx, u.Project, errAgain) != nil {
		return Upload{}, false, nil
	}
	return u, err == nil, err
}

// Queue queues a job by itself.
func (s *Store) Queue(ctx context.Context, j Job) error {
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error { return s.enqueue(ctx, tx, j) })
}

// ForgetUpload has an upload that is complete answered for as deleted; its file stays.
func (s *Store) ForgetUpload(ctx context.Context, id string) error {
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		u, err := upload(ctx, tx, id, s.forUpdate)
		if err != nil || u.State != UploadComplete {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE uploads SET state = $2, updated = $3 WHERE id = $1`, id, string(UploadAborted), micros(s.Now())); err != nil {
			return err
		}
		return s.audit(ctx, tx, Act{Action: "forget-upload", Project: u.Project, Object: id, Detail: "its file stays: " + u.FileID})
	})
}

// wholeUpload refuses a size that is not what is committed of a file's upload.
func (s *Store) wholeUpload(ctx context.Context, tx *sql.Tx, fileID string, size int64) error {
	var n int64
	err := tx.QueryRowContext(ctx, `SELECT committed FROM uploads WHERE file_id = $1 AND state = $2`+s.forUpdate, fileID, string(UploadOpen)).Scan(&n)
	if err == nil && n != size {
		err = errs.E(errs.Conflict, "changed-meanwhile", "bytes came for the upload while it was completed").WithHint("complete it again")
	}
	return err
}
