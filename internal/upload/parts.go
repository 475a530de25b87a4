package upload

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync/atomic"

	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/digest"
	"freshet/internal/errs"
	"freshet/internal/live"
	"freshet/internal/rule"
	"freshet/internal/validate"
)

// PartWritten is what a client is told of a part that is safe.
type PartWritten struct {
	Number    int
	Size      int64
	CRC64NVME string
	Committed int64 // bytes of the upload, this part included
}

// WritePart takes part n of an upload, whole. Parts come in any order and side
// by side. One that is here already is compared, never written again.
func (s *Service) WritePart(ctx context.Context, id string, n int, in Incoming) (*PartWritten, error) {
	u, err := s.taking(ctx, id, catalog.Parts)
	if err != nil {
		return nil, err
	}
	size, err := s.sizeOfPart(ctx, &u, n, in.Length)
	if err != nil {
		return nil, err
	}
	ctx, release, err := s.claims.take(ctx, id, n)
	if err != nil {
		return nil, err
	}
	defer release()
	if u, err = s.taking(ctx, id, catalog.Parts); err != nil { // it may have been completed while this waited
		return nil, err
	}
	if row, ok, err := s.Catalog.UploadPart(ctx, id, n); err != nil {
		return nil, err
	} else if ok {
		return s.comparePart(ctx, &u, &row, in)
	}
	f, err := s.Catalog.File(ctx, u.FileID)
	if err != nil {
		return nil, err
	}
	if err := s.meter(&u, &in, int64(n-1)*u.PartSize); err != nil {
		return nil, err
	}
	w := &partWriter{service: s, upload: u, number: n, at: int64(n-1) * u.PartSize, size: size, exact: u.Size >= 0}
	out, err := w.run(ctx, &f, in)
	if errors.Is(err, errEnding) {
		err = s.overtaken(ctx, &u, err)
	}
	return out, err
}

// sizeOfPart is how large part n must be, or at most where that is not known.
func (s *Service) sizeOfPart(ctx context.Context, u *catalog.Upload, n int, length int64) (int64, error) {
	size := u.PartSize
	at := int64(n-1) * u.PartSize
	switch {
	case n < 1 || n > MaxParts:
		return 0, errs.E(errs.Invalid, "bad-part-number", "part numbers go from 1 to %d", MaxParts)
	case u.Size >= 0 && at >= u.Size:
		return 0, errs.E(errs.Invalid, "bad-part-number", "the file has %d parts, there is no part %d", CountParts(u.Size, u.PartSize), n)
	case u.Size >= 0:
		size = min(size, u.Size-at)
	}
	f, err := s.Catalog.File(ctx, u.FileID)
	if err != nil {
		return 0, err
	}
	o, err := s.Checks.Options(ctx, &f)
	if err != nil {
		return 0, err
	}
	limit := s.limit(&o)
	switch {
	case length == 0:
		return 0, errs.E(errs.Invalid, "empty-part", "part %d has no bytes", n)
	case length > size, u.Size >= 0 && length >= 0 && length != size:
		return 0, wrongSize(n, size, length, u.Size >= 0)
	case limit >= 0 && at+max(length, 1) > limit:
		return 0, TooLarge(limit)
	case limit >= 0:
		size = min(size, limit-at)
	}
	return size, nil
}

func wrongSize(n int, want, got int64, exact bool) error {
	if exact {
		return errs.E(errs.Invalid, "wrong-part-size", "part %d has %d bytes; it must have %d", n, got, want).WithHint("all parts have part_size bytes, only the last has what is left")
	}
	return errs.E(errs.Invalid, "wrong-part-size", "part %d has more than %d bytes", n, want)
}

// CountParts is how many parts of a size a file has.
func CountParts(size, partSize int64) int64 {
	if size == 0 {
		return 0
	}
	return (size-1)/partSize + 1
}

// partWriter receives one part.
type partWriter struct {
	service  *Service
	upload   catalog.Upload
	number   int
	at, size int64
	exact    bool
	piece    *piece
	live     *live.Live
}

func (w *partWriter) run(ctx context.Context, file *catalog.File, in Incoming) (*PartWritten, error) {
	s, u := w.service, &w.upload
	options, err := s.Checks.Options(ctx, file)
	if err != nil {
		return nil, err
	}
	w.live = s.join(u)
	defer s.Board.End(w.live)
	c, err := s.checkerOf(ctx, u, file, options, w.live)
	if err != nil {
		return nil, err
	}
	c.at, c.begun, c.first = w.at, w.at, w.at == 0
	defer c.close()
	length := max(in.Length, 0)
	if w.exact {
		length = w.size
	}
	if length == 0 && s.Blobs.Needs().Whole {
		return nil, errs.E(errs.LengthRequired, "length-required", "the size of part %d must be told before its bytes", w.number).WithHint("send a Content-Length, or begin the upload with its file_size")
	}
	leave := func() {}
	defer func() { leave() }()
	var came atomic.Int64
	f := &flow{service: s, key: u.Key, handle: u.Handle, at: w.at, part: part{number: w.number, at: w.at}, length: length, most: w.size, checks: c, total: u.Size,
		admitted: func() {
			switch {
			case c.plan != nil:
			case c.first:
				c.publish, leave = s.heads.start(u.ID)
				if s.Catalog.Shared() {
					var over func()
					c.planned, over = s.announce(u)
					gone := leave
					leave = func() { gone(); over() }
				}
			default:
				c.wait, leave = s.heads.await(u.ID)
				if s.Catalog.Shared() {
					s.tell(frontTopic, frontNews{u.ID, frontAsked})
					c.plan = c.planElsewhere(ctx) // it may have been made a moment ago
				}
			}
		},
		end:     func(at int64) int64 { return at + w.size },
		tooMany: func() error { return wrongSize(w.number, w.size, w.size+1, w.exact) },
		digest:  digests{tree: digest.New(w.at), want: in.hashes()},
		commit:  func(p *piece) error { w.piece = p; return nil },
		arrived: func(n int) { came.Add(int64(n)); w.live.Received.Add(int64(n)) }, stored: &w.live.Stored, whole: true}
	err = f.run(ctx, in.Source)
	var row catalog.UploadPart
	if err == nil {
		row, err = w.commit(in)
	}
	if err != nil {
		if w.piece != nil {
			s.dropFound([]*piece{w.piece})
		}
		w.live.Received.Add(-came.Load()) // what is not kept did not come
		if errors.Is(err, ErrStopped) {
			return nil, s.stop(ctx, u, file, c)
		}
		return nil, err
	}
	return &PartWritten{Number: w.number, Size: row.Size, CRC64NVME: CRC64Text(row.CRC64NVME), Committed: w.upload.Committed}, nil
}

// commit makes the part a fact, once it is what the client meant to send.
func (w *partWriter) commit(in Incoming) (catalog.UploadPart, error) {
	p := w.piece
	switch {
	case p == nil:
		return catalog.UploadPart{}, errs.E(errs.Invalid, "empty-part", "part %d has no bytes", w.number)
	case w.exact && p.size != w.size:
		return catalog.UploadPart{}, wrongSize(w.number, w.size, p.size, true)
	}
	if err := in.verify(); err != nil {
		return catalog.UploadPart{}, err
	}
	row := p.row()
	after, err := w.service.commit(w.upload, []*piece{p}, nil)
	if errs.HasCode(err, "part-there") { // a request on another node was faster
		return w.compare(&row, err)
	}
	if err != nil {
		return row, err
	}
	w.upload = after
	w.live.Safe.Store(max(w.live.Safe.Load(), after.Committed))
	return row, nil
}

// compare tells whether the part that is there has the bytes of this one.
func (w *partWriter) compare(mine *catalog.UploadPart, cause error) (catalog.UploadPart, error) {
	s := w.service
	there, ok, err := s.Catalog.UploadPart(context.Background(), w.upload.ID, w.number)
	switch {
	case err != nil:
		return there, err
	case !ok:
		return there, cause
	case !sameBytes(mine, &there):
		return there, differs(w.number)
	}
	s.dropFound([]*piece{w.piece})
	w.upload, err = s.Catalog.Upload(context.Background(), w.upload.ID)
	return there, err
}

func sameBytes(a, b *catalog.UploadPart) bool {
	return a.Size == b.Size && a.CRC64NVME == b.CRC64NVME && bytes.Equal(a.Tree, b.Tree)
}

// comparePart reads a part that is here already, to tell whether it is the same.
func (s *Service) comparePart(ctx context.Context, u *catalog.Upload, row *catalog.UploadPart, in Incoming) (*PartWritten, error) {
	var got *piece
	f := &flow{service: s, at: row.At, part: part{number: row.Number, at: row.At}, most: u.PartSize, total: -1, whole: true,
		end: func(at int64) int64 { return at + u.PartSize }, tooMany: func() error { return differs(row.Number) },
		digest: digests{tree: digest.New(row.At), want: in.hashes()}, commit: func(p *piece) error { got = p; return nil }, arrived: func(int) {}}
	if err := f.run(ctx, in.Source); err != nil {
		return nil, err
	}
	if err := in.verify(); err != nil {
		return nil, err
	}
	if got == nil {
		return nil, differs(row.Number)
	}
	if now := got.row(); !sameBytes(&now, row) {
		return nil, differs(row.Number)
	}
	now, err := s.Catalog.Upload(ctx, u.ID)
	return &PartWritten{Number: row.Number, Size: row.Size, CRC64NVME: CRC64Text(row.CRC64NVME), Committed: now.Committed}, err
}

func differs(n int) error {
	return errs.E(errs.Conflict, "part-differs", "part %d is here already with other bytes", n).
		WithHint("the file changed on your side, or two clients share the upload; delete it and begin again")
}

// row is the piece as the catalog keeps it.
func (p *piece) row() catalog.UploadPart {
	t, hash := p.found.tally, ""
	if p.found.plan != nil {
		hash = p.found.plan.hash
	}
	return catalog.UploadPart{Number: p.number, At: p.at, Size: p.size, Checked: p.found.checked, CRC64NVME: p.crc, Tree: p.tree.Marshal(), ETag: p.tag, PlanHash: hash,
		Summary: p.found.small, Bulk: p.found.bulk, BulkKey: p.found.bulkKey, Records: t.Records, Errors: t.Errors, Warnings: t.Warnings, Bad: t.Bad}
}

// blobPart is a part as the store knows it.
func blobPart(p *catalog.UploadPart) blob.Part {
	return blob.Part{Number: p.Number, Offset: p.At, Size: p.Size, Tag: p.ETag}
}

// commit makes pieces facts, with the plan that their checks follow. It is not
// ended with the request: what the client has sent is kept though it is gone.
func (s *Service) commit(u catalog.Upload, pieces []*piece, job *catalog.Job) (catalog.Upload, error) {
	c := catalog.Commit{Expires: s.Catalog.Now().Add(s.Lifetime), Job: job, Progress: live.Received}
	for _, p := range pieces {
		c.Parts = append(c.Parts, p.row())
		if p.at == 0 && p.found.plan != nil {
			c.Plan = p.found.plan.data
		}
	}
	after, replaced, err := s.Catalog.Commit(context.Background(), u, c)
	if err != nil {
		return after, err
	}
	for i := range c.Parts {
		if err := s.Blobs.Settle(context.Background(), u.Key, u.Handle, blobPart(&c.Parts[i])); err != nil {
			s.Log.Warn("what a part replaced remains until the upload ends", "upload_id", u.ID, "error", err.Error())
		}
	}
	for _, key := range replaced {
		if err := s.Blobs.Delete(context.Background(), key); err != nil {
			s.Log.Warn("a part's older checks remain for now", "upload_id", u.ID, "error", err.Error())
		}
	}
	return after, nil
}

// dropFound removes what the checks of pieces that were not committed left.
func (s *Service) dropFound(pieces []*piece) {
	for _, p := range pieces {
		if k := p.found.bulkKey; k != "" {
			if err := s.Blobs.Delete(context.Background(), k); err != nil {
				s.Log.Warn("checks of bytes that were not kept remain for now", "error", err.Error())
			}
		}
	}
}

// join puts an upload that a request adds to on the board.
func (s *Service) join(u *catalog.Upload) *live.Live {
	return s.Board.Join(u.FileID, u.Size, u.Committed, validate.Tally{Bytes: u.Committed, Records: u.Records, Errors: u.Errors, Warnings: u.Warnings, Bad: u.Bad})
}

// checkerOf is what looks at the records of a request's bytes.
func (s *Service) checkerOf(ctx context.Context, u *catalog.Upload, f *catalog.File, options rule.Options, l *live.Live) (*checker, error) {
	c := &checker{service: s, fileID: f.ID, name: f.Name, options: options, live: l.Run(false), config: s.config(func(offset, n int64) (io.ReadCloser, error) {
		return s.Blobs.ReadBack(ctx, u.Key, u.Handle, offset, n)
	})}
	if len(u.Plan) == 0 {
		return c, nil
	}
	var err error
	if c.plan, err = openPlan(u.Plan, options, c.config); errors.Is(err, validate.ErrVersion) {
		return c, nil // all is checked again once it is an object
	}
	return c, err
}

// config is how files are checked whose bytes can be read again.
func (s *Service) config(reread func(offset, n int64) (io.ReadCloser, error)) validate.Config {
	c := s.Checks.Validate
	c.Reread = reread
	return c
}
