package upload

import (
	"bytes"
	"context"
	"io"
	"sync"

	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/digest"
	"freshet/internal/errs"
	"freshet/internal/live"
	"freshet/internal/rule"
)

// Upload is one file that arrives in one request, as a form or from the store:
// nothing of it is acknowledged before its end.
type Upload struct {
	File    catalog.File
	service *Service
	new     New
	policy  rule.Policy    // under which its records are checked
	most    int64          // bytes that it may have, negative: any number
	row     catalog.Upload // none where the bytes lie in the store already
	live    *live.Live
	checks  *checker
	ending  ending
	over    sync.Once
	leave   func()
}

// Begin makes the file's row and opens its place in the store.
func (s *Service) Begin(ctx context.Context, n New) (*Upload, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	n.Protocol = catalog.Form
	u := &Upload{service: s, new: n, leave: func() {}}
	u.most = s.limit(&n.Rules)
	if u.most >= 0 {
		n.Size = min(n.Size, u.most)
	}
	var ok bool
	if u.live, ok = s.Board.Start(n.ID, max(u.new.Size, 0)); !ok { // before the row, which a sweep would take for abandoned
		return nil, catalog.IDTaken(n.ID)
	}
	var err error
	if u.row, u.File, _, err = s.open(ctx, &n, s.formParts(n.Size)); err != nil {
		s.Board.End(u.live)
		return nil, err
	}
	if _, u.leave, err = s.claims.take(ctx, u.row.ID, wholly); err != nil { // nobody else knows of it
		return nil, err
	}
	u.ending = ending{key: u.File.ObjectKey, handle: u.row.Handle}
	return u, nil
}

// formParts is the size of the parts that a form is cut into.
func (s *Service) formParts(size int64) int64 {
	if s.Blobs.Needs().Whole { // they wait in memory
		return PartSize(max(size, 1), SmallPart)
	}
	return PartSize(max(size, 1), s.PartSize)
}

// Progress counts bytes as they come from the client.
func (u *Upload) Progress(n int) { u.live.Received.Add(int64(n)) }

// Receive takes the file's bytes from src to the store, hashed and checked on
// the way. When it returns without an error the bytes are stored durably, not
// yet a file.
func (u *Upload) Receive(ctx context.Context, src Source) error {
	s, e := u.service, &u.ending
	e.service, e.file, e.actor, e.decided = s, u.File, u.new.Actor, func() { u.over.Do(u.end) }
	stored := context.WithoutCancel(ctx)
	config := s.config(func(offset, n int64) (io.ReadCloser, error) {
		if e.handle == "" {
			return s.Blobs.Read(stored, e.key, offset, n)
		}
		return s.Blobs.ReadBack(stored, e.key, e.handle, offset, n)
	})
	var err error
	if u.policy, err = s.Checks.PolicyOf(ctx, u.File.Project); err != nil {
		return err
	}
	u.checks = &checker{service: s, fileID: u.File.ID, name: u.File.Name, options: u.new.Rules.Under(u.policy), config: config, live: u.live.Run(true), first: true, keep: true}
	partSize := s.formParts(u.new.Size)
	limit := u.most
	all := digest.New(0)
	f := &flow{service: s, key: e.key, handle: e.handle, part: part{number: 1}, most: limit, tooMany: func() error { return TooLarge(limit) },
		end: func(at int64) int64 { return at + partSize }, digest: digests{tree: digest.New(0), sha: newSHA(u.new.SHA256 || s.SHA256)}, checks: u.checks,
		arrived: u.Progress, stored: &u.live.Stored, total: -1, whole: true, about: max(u.new.Size, 0),
		commit: func(p *piece) error {
			all.Join(p.tree)
			e.size += p.size
			e.blobs = append(e.blobs, blob.Part{Number: p.number, Offset: p.at, Size: p.size, Tag: p.tag})
			e.parts = append(e.parts, catalog.Part{Number: p.number, Size: p.size, CRC64NVME: CRC64Text(p.crc)})
			return nil
		}}
	if u.row.ID != "" {
		in := Incoming{Source: src, Length: u.new.Size}
		if err := s.meter(&u.row, &in, 0); err != nil {
			return err
		}
		src = in.Source
	}
	// a client that is gone shows as a body that is cut off
	if err := f.run(context.WithoutCancel(ctx), src); err != nil {
		return err
	}
	e.hash, e.sha256 = all.Sum(), f.digest.sha256()
	return u.live.Freeze()
}

// Finish makes a file of what was received and says what became of it.
func (u *Upload) Finish(ctx context.Context, late Late) (*Outcome, error) {
	s, e := u.service, &u.ending
	if e.size == 0 {
		return nil, empty(u.File.Name)
	}
	if err := CheckDataType(late.DataType); err != nil {
		return nil, err
	}
	// rules that came late may need another look at every record; that one is a job over the stored bytes
	if bytes.Equal(u.new.Rules.PerRecord().Marshal(), late.Rules.PerRecord().Marshal()) {
		u.checks.plan.Options = late.Rules.Under(u.policy)
		o, err := u.report(ctx)
		if errs.Is(err, errs.NotFound) { // bytes are needed again, which the store gives once they are an object
			e.checkStored, err = u.report, nil
		}
		if err != nil {
			s.Log.Error("the report could not be finished; the file is checked again", "file_id", u.File.ID, "error", err.Error())
		}
		e.outcome = o
	}
	if e.outcome != nil && e.outcome.Report.Stopped != "" {
		return nil, ErrStopped // a file too small to be stopped on its way
	}
	return e.run(ctx, late)
}

// report makes the report of what came.
func (u *Upload) report(ctx context.Context) (*check.Outcome, error) {
	c := u.checks
	out, count, err := u.service.finish(ctx, u.File.ID, c.plan, c.segment, u.live.Started)
	if count != nil {
		c.segment = nil // who counts closes it
		u.ending.count = count
	}
	return out, err
}

// Stop finishes the report of an upload that the checks ended: of what came so
// far. Fail stores it. The refusal is what the client is told.
func (u *Upload) Stop(ctx context.Context) error {
	if err := u.live.Freeze(); err != nil {
		return err
	}
	if u.ending.outcome == nil {
		o, err := u.report(context.WithoutCancel(ctx))
		if err != nil {
			return err
		}
		u.ending.outcome = o
	}
	return stopped(u.ending.outcome.Report, u.File.ID)
}

// Fail takes back everything but the row, which tells whoever polls why. It
// does nothing after Finish.
func (u *Upload) Fail(ctx context.Context, cause error) {
	u.over.Do(func() {
		ctx = context.WithoutCancel(ctx)
		s := u.service
		e := ended{how: catalog.UploadFailed, why: whyOf(cause), actor: u.new.Actor, outcome: u.ending.outcome}
		var err error
		if u.row.ID == "" {
			err = s.fail(ctx, u.File.ID, e)
		} else {
			err = s.end(ctx, &u.row, e)
		}
		u.end()
		if err != nil && !errs.Is(err, errs.Conflict) { // it may be a file after all; if it is not, a sweep finds it
			s.Log.Error("a failed upload left something behind", "file_id", u.File.ID, "error", err.Error())
		}
	})
}

func (u *Upload) end() {
	if u.checks != nil {
		u.checks.close()
	}
	u.leave()
	u.service.Board.End(u.live)
}
