package upload

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/digest"
	"freshet/internal/errs"
	"freshet/internal/live"
	"freshet/internal/rule"
)

// CompleteJob completes an upload whose last byte is here, should the process
// have died before it could.
const CompleteJob = "complete"

// commitEvery is how often what came is committed at least, so that a cut
// connection costs little.
const commitEvery = 2 * time.Second

// mostStaged is how many bytes wait for their checksum at most: what is known of
// each part of them waits in memory.
const mostStaged = 4 << 30

// Appending is the body of a request that adds bytes at the end.
type Appending struct {
	Incoming
	Offset int64
	Size   *int64 // of the upload, where it is told only now
	// Final: with these bytes the upload is whole. Auto: it is once it has its size.
	Final, Auto bool
}

// Appended is where an upload stands after that.
type Appended struct {
	Upload  catalog.Upload
	Outcome *Outcome // once it is complete
}

// Append adds bytes at the end of an upload. What is committed is committed
// whatever comes: a cut connection, a newer request, a crash. Also with an error
// it tells where the upload stands.
func (s *Service) Append(ctx context.Context, id string, in Appending) (Appended, error) {
	u, err := s.taking(ctx, id, catalog.Append)
	if err != nil {
		return Appended{Upload: u}, err
	}
	a := &appender{service: s, in: in}
	err = a.leased(ctx, id)
	u = a.upload
	if errors.Is(err, ErrStopped) {
		return Appended{Upload: u}, a.stopped
	}
	if err != nil || !(in.Final || in.Auto && u.Size == u.Committed) || u.FileID == "" {
		return Appended{Upload: u}, err
	}
	out, err := s.Complete(ctx, id)
	if now, e := s.Catalog.Upload(ctx, id); e == nil {
		u = now
	}
	return Appended{Upload: u, Outcome: out}, err
}

// OffsetMismatch is the code of the refusal of bytes that do not follow.
const OffsetMismatch = "offset-mismatch"

// appender is one request that appends.
type appender struct {
	service *Service
	upload  catalog.Upload
	in      Appending
	file    catalog.File
	live    *live.Live // nil of a piece
	checks  *checker   // nil of a piece
	staged  []*piece   // that wait for their checksum
	stopped error
}

// leased does the work as the one that appends.
func (a *appender) leased(ctx context.Context, id string) error {
	held, release, err := a.service.claims.take(ctx, id, appending)
	if err != nil {
		return err
	}
	defer release()
	if a.upload, err = a.service.lease(held, id); err != nil {
		return why(held, err)
	}
	epoch := a.upload.Epoch
	return why(held, a.service.outdone(ctx, id, epoch, a.run(held)))
}

func (a *appender) run(ctx context.Context) error {
	s, u, in := a.service, &a.upload, &a.in
	switch {
	case u.State != catalog.UploadOpen:
		return catalog.UploadEnded(u)
	case in.Offset != u.Committed:
		return errs.E(errs.Conflict, OffsetMismatch, "the upload has %d bytes, the request goes on at %d", u.Committed, in.Offset).WithHint("go on from where the upload stands")
	}
	options, err := a.about(ctx)
	if err != nil {
		return err
	}
	limit := s.limit(&options)
	if err := a.tellSize(ctx, limit); err != nil {
		return err
	}
	most := int64(-1)
	for _, end := range []int64{u.Size, limit} {
		if end >= 0 && (most < 0 || end-u.Committed < most) {
			most = end - u.Committed
		}
	}
	size, partSize := u.Size, u.PartSize // u changes with each commit, beside the reading
	tooMany := func() error {
		if size >= 0 {
			return errs.E(errs.TooLarge, "beyond-size", "the upload has %d bytes by its declaration; the request goes beyond", size)
		}
		return TooLarge(limit)
	}
	if len(in.Checksums) > 0 && (most < 0 || most > mostStaged) {
		most = mostStaged
		tooMany = func() error {
			return errs.E(errs.TooLarge, "too-large-to-compare", "a request with a checksum may bring at most %d bytes, since nothing of it is kept before its end", int64(mostStaged)).WithHint("send the bytes in smaller requests")
		}
	}
	if in.Length > math.MaxInt64-u.Committed || most >= 0 && in.Length > most {
		return tooMany()
	}
	if in.Length == 0 {
		return in.verify()
	}
	if err := s.meter(u, &in.Incoming, u.Committed); err != nil {
		return err
	}
	row, err := a.tail(ctx)
	if err != nil {
		return err
	}
	f := &flow{service: s, key: u.Key, handle: u.Handle, at: u.Committed, part: part{row.Number, row.At, row.Size, row.ETag}, most: most, tooMany: tooMany, total: u.Size,
		end: func(at int64) int64 { return at + partSize }, commit: a.commit, arrived: func(int) {}, steady: commitEvery, broken: true, about: cmp.Or(max(in.Length, 0), max(u.Size-u.Committed, 0))}
	if f.digest, err = resumeDigest(&row); err != nil {
		return err
	}
	if len(in.Checksums) > 0 { // nothing is kept before it is compared
		f.digest.want, f.steady, f.broken = in.hashes(), 0, false
	}
	if u.FileID != "" {
		a.live = s.join(u)
		defer s.Board.End(a.live)
		f.arrived, f.stored = func(n int) { a.live.Received.Add(int64(n)) }, &a.live.Stored
		if a.checks, err = s.resumeChecks(ctx, u, &a.file, options, a.live, &row); err != nil {
			return err
		}
		defer a.checks.close()
		f.checks = a.checks
	}
	if err = f.run(ctx, in.Source); err == nil {
		err = a.verified()
	}
	if a.live != nil { // what is not kept did not come
		a.live.Received.Store(a.upload.Committed)
	}
	if errors.Is(err, ErrStopped) {
		a.stopped = s.stop(ctx, u, &a.file, a.checks)
	}
	return err
}

// about reads the file that the bytes are of, and its rules.
func (a *appender) about(ctx context.Context) (rule.Options, error) {
	if a.upload.FileID == "" {
		return rule.ParseOptions(nil)
	}
	var err error
	if a.file, err = a.service.Catalog.File(ctx, a.upload.FileID); err != nil {
		return rule.Options{}, err
	}
	return a.service.Checks.Options(ctx, &a.file)
}

// tellSize notes the size of an upload that was begun without.
func (a *appender) tellSize(ctx context.Context, limit int64) error {
	u, size := &a.upload, a.in.Size
	switch {
	case size == nil || *size == u.Size:
		return nil
	case u.Size >= 0:
		return errs.E(errs.Malformed, "size-changed", "the size of the upload is %d, not %d", u.Size, *size).WithHint("a size that was told stays")
	case *size < u.Committed:
		return errs.E(errs.Malformed, "size-too-small", "%d bytes are here already; the size cannot be %d", u.Committed, *size)
	case limit >= 0 && *size > limit:
		return TooLarge(limit)
	case *size > a.service.largest():
		return TooLarge(a.service.largest())
	}
	free, err := a.service.Blobs.Free(ctx)
	if err != nil {
		return err
	}
	after, _, err := a.service.Catalog.Commit(ctx, *u, catalog.Commit{Size: size, Free: free, Expires: a.service.Catalog.Now().Add(a.service.Lifetime), Job: a.job(*size, *u)})
	if err == nil {
		*u = after
	}
	return err
}

// tail is the part that the next byte falls into, as far as it is here.
func (a *appender) tail(ctx context.Context) (catalog.UploadPart, error) {
	u := &a.upload
	n := int(u.Committed / u.PartSize)
	row := catalog.UploadPart{Number: n + 1, At: int64(n) * u.PartSize}
	if u.Committed == row.At {
		return row, nil
	}
	row, ok, err := a.service.Catalog.UploadPart(ctx, u.ID, n+1)
	if err == nil && (!ok || row.At+row.Size != u.Committed) {
		err = errs.E(errs.Internal, "damaged-upload", "the parts of upload %s do not add up", u.ID)
	}
	return row, err
}

// resumeDigest goes on with the checksums of a part that has begun.
func resumeDigest(row *catalog.UploadPart) (digests, error) {
	d := digests{tree: digest.New(row.At), crc: row.CRC64NVME}
	if row.Size == 0 {
		return d, nil
	}
	var err error
	d.tree, err = digest.Parse(row.Tree)
	return d, err
}

// resumeChecks goes on with the checks where they stand, and catches up with
// bytes that are here and were not saved as checked.
func (s *Service) resumeChecks(ctx context.Context, u *catalog.Upload, f *catalog.File, o rule.Options, l *live.Live, row *catalog.UploadPart) (*checker, error) {
	c, err := s.checkerOf(ctx, u, f, o, l)
	if err != nil {
		return nil, err
	}
	fail := func(err error) (*checker, error) {
		c.close()
		return nil, err
	}
	c.at, c.begun = row.At, row.At
	switch {
	case c.plan == nil && row.At == 0:
		c.first = true
	case c.plan == nil: // a part was committed without its checks
		c.off = true
	case row.Size > 0:
		sum, err := s.load(ctx, c.plan, row)
		if err != nil {
			return fail(err)
		}
		if sum != nil {
			c.segment = c.plan.Resume(sum)
			switch err := c.segment.Recall(); {
			case errs.Is(err, errs.NotFound): // the store cannot give them: it is checked once it is an object
				sum.Close()
				c.segment, c.off, c.at = nil, true, u.Committed
				return c, nil
			case err != nil:
				return fail(err)
			}
			c.at += row.Checked
			c.live.Resume(c.segment) // what it found before is counted already
			c.saved = found{checked: row.Checked, plan: c.plan, small: row.Summary, bulk: row.Bulk, bulkKey: row.BulkKey, tally: c.segment.Tally()}
			break
		}
		fallthrough
	default:
		if err := s.quoteBefore(ctx, u, c, row.Number); err != nil {
			return fail(err)
		}
	}
	if c.off {
		c.at = u.Committed
	}
	if c.at == u.Committed {
		return c, nil
	}
	r, err := s.Blobs.ReadBack(ctx, u.Key, u.Handle, c.at, u.Committed-c.at)
	if errs.Is(err, errs.NotFound) {
		c.off, c.at = true, u.Committed // it is checked once it is an object
		return c, nil
	}
	if err != nil {
		return fail(err)
	}
	defer r.Close()
	buf := make([]byte, 256<<10)
	for c.at < u.Committed {
		n, err := io.ReadFull(r, buf[:min(int64(len(buf)), u.Committed-c.at)])
		if err == nil {
			err = c.write(ctx, buf[:n])
		}
		if err != nil {
			return fail(err)
		}
	}
	return c, nil
}

// quoteBefore learns from the part before whether the next begins inside quotes.
func (s *Service) quoteBefore(ctx context.Context, u *catalog.Upload, c *checker, number int) error {
	if number == 1 {
		c.exact = true
		return nil
	}
	row, ok, err := s.Catalog.UploadPart(ctx, u.ID, number-1)
	if err != nil || !ok {
		return err
	}
	sum, err := s.load(ctx, c.plan, &row)
	if err != nil || sum == nil {
		return err
	}
	defer sum.Close()
	c.inQuote, c.exact = c.plan.Resume(sum).InQuote(), true
	return nil
}

// commit makes a piece a fact, or stages it until its checksum was compared.
func (a *appender) commit(p *piece) error {
	if len(a.in.Checksums) > 0 {
		if n := len(a.staged); n > 0 && a.staged[n-1].number == p.number {
			a.staged = a.staged[:n-1]
		}
		a.staged = append(a.staged, p)
		return nil
	}
	return a.keep([]*piece{p})
}

func (a *appender) verified() error {
	if len(a.staged) == 0 {
		return a.in.verify()
	}
	err := a.in.verify()
	if err == nil {
		err = a.keep(a.staged)
	}
	if err != nil {
		a.service.dropFound(a.staged)
	}
	return err
}

func (a *appender) keep(pieces []*piece) error {
	last := pieces[len(pieces)-1]
	after, err := a.service.commit(a.upload, pieces, a.job(a.upload.Size, catalog.Upload{FileID: a.upload.FileID, Committed: last.at + last.size}))
	if err != nil {
		return err
	}
	a.upload = after
	if a.live != nil {
		a.live.Safe.Store(after.Committed)
	}
	if a.in.Progress != nil {
		a.in.Progress(after.Committed)
	}
	return nil
}

// job stands behind the completion of an upload that has all its bytes now.
func (a *appender) job(size int64, u catalog.Upload) *catalog.Job {
	if !a.in.Auto || u.FileID == "" || size != u.Committed {
		return nil
	}
	return &catalog.Job{Kind: CompleteJob, FileID: u.FileID, After: catalog.Backstop}
}
