package upload

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/digest"
	"freshet/internal/errs"
	"freshet/internal/rule"
	"freshet/internal/validate"
)

// Complete makes a file of an upload whose bytes are all here. Called again it
// gives the same answer.
func (s *Service) Complete(ctx context.Context, id string) (*Outcome, error) {
	u, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if u.FileID == "" {
		return nil, errs.E(errs.Conflict, "is-a-piece", "the upload is a piece of a later one and becomes no file by itself")
	}
	if u.State == catalog.UploadOpen {
		if _, err := s.gapless(ctx, &u); err != nil {
			return nil, err
		}
	}
	bg := context.WithoutCancel(ctx)
	c := &completion{service: s}
	out, err := c.alone(bg, id)
	if errs.Is(err, errs.Conflict) { // another node may have been faster
		if now, e := s.Catalog.Upload(bg, id); e == nil && now.State == catalog.UploadComplete {
			return s.completed(bg, &now)
		}
	}
	if err == nil || c.upload.State != catalog.UploadOpen || passing(err) {
		return out, err
	}
	u = c.upload
	if e := s.end(bg, &u, ended{how: catalog.UploadFailed, why: whyOf(err), actor: u.Actor, outcome: c.ending.outcome}); e != nil && !errs.Is(e, errs.Conflict) {
		s.Log.Error("a failed upload left something behind", "upload_id", u.ID, "error", e.Error())
	}
	return nil, err
}

// alone completes an upload unless that is done. Nobody adds to it meanwhile:
// what is on its way can only be sent again, and is ended.
func (c *completion) alone(ctx context.Context, id string) (_ *Outcome, err error) {
	_, release, err := c.service.claims.take(ctx, id, completing)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := c.service.claims.end(ctx, id, errEnding); err != nil {
		return nil, err
	}
	if c.upload, err = c.service.Catalog.Upload(ctx, id); err != nil {
		return nil, err
	}
	if c.upload.State != catalog.UploadOpen {
		return c.service.completed(ctx, &c.upload)
	}
	c.service.letGo(ctx, &c.upload, false)
	return c.run(ctx)
}

// passing tells that trying again may help: the upload stays.
func passing(err error) bool {
	switch errs.KindOf(err) {
	case errs.Internal, errs.Unavailable, errs.NoSpace, errs.Conflict:
		return !errors.Is(err, ErrStopped)
	}
	return false
}

// whyOf is an error as the row of a failed upload tells it.
func whyOf(err error) string {
	var e *errs.Error
	if errors.As(err, &e) && e.Kind != errs.Internal {
		return e.Detail
	}
	return "the upload failed; send the file again"
}

// lost makes what a store says of a handle that it does not have an answer that
// is not taken for a passing one.
func lost(err error) error {
	if errs.HasCode(err, "no-object") {
		return errs.E(errs.Gone, "upload-lost", whyLost).Because(err)
	}
	return err
}

// completed is the answer to who completes what is complete.
func (s *Service) completed(ctx context.Context, u *catalog.Upload) (*Outcome, error) {
	if u.State != catalog.UploadComplete || u.FileID == "" {
		return nil, catalog.UploadEnded(u)
	}
	f, err := s.Catalog.File(ctx, u.FileID)
	return &Outcome{File: f, Duplicate: f.ID != u.FileID}, err
}

// gapless gives the parts of an upload if they are all there.
func (s *Service) gapless(ctx context.Context, u *catalog.Upload) ([]catalog.UploadPart, error) {
	parts, err := s.Catalog.UploadParts(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	if missing := Missing(u, parts); len(missing) > 0 {
		return nil, errs.E(errs.Conflict, "parts-missing", "the upload is not whole: parts %v are missing", Ranges(missing)).WithHint("send them, then complete again")
	}
	for i, p := range parts {
		if i < len(parts)-1 && p.Size != u.PartSize {
			return nil, errs.E(errs.Conflict, "short-part", "part %d has %d bytes, but only the last may have fewer than %d", p.Number, p.Size, u.PartSize).WithHint("delete the upload and begin again")
		}
	}
	if u.Protocol == catalog.Append && u.Size >= 0 && u.Committed != u.Size {
		return nil, errs.E(errs.Conflict, "bytes-missing", "the upload has %d of %d bytes", u.Committed, u.Size).WithHint("go on from there")
	}
	return parts, nil
}

// Missing lists the numbers of the parts that an upload lacks.
func Missing(u *catalog.Upload, parts []catalog.UploadPart) (missing []int) {
	last := 0
	if u.Size >= 0 {
		last = int(CountParts(u.Size, u.PartSize))
	} else if n := len(parts); n > 0 {
		last = parts[n-1].Number
	}
	if u.Protocol == catalog.Append {
		return nil
	}
	for n, i := 1, 0; n <= last; n++ {
		if i < len(parts) && parts[i].Number == n {
			i++
			continue
		}
		missing = append(missing, n)
	}
	return missing
}

// Ranges writes rising numbers as "1-7", "9".
func Ranges(numbers []int) []string {
	out := []string{}
	for i := 0; i < len(numbers); {
		k := i
		for k+1 < len(numbers) && numbers[k+1] == numbers[k]+1 {
			k++
		}
		if k == i {
			out = append(out, fmt.Sprint(numbers[i]))
		} else {
			out = append(out, fmt.Sprintf("%d-%d", numbers[i], numbers[k]))
		}
		i = k + 1
	}
	return out
}

// completion merges what the parts came to.
type completion struct {
	service *Service
	upload  catalog.Upload
	file    catalog.File
	options rule.Options
	parts   []catalog.UploadPart
	ending  ending
}

func (c *completion) run(ctx context.Context) (_ *Outcome, err error) {
	s, u := c.service, &c.upload
	if c.parts, err = s.gapless(ctx, u); err != nil {
		return nil, err
	}
	if c.file, err = s.Catalog.File(ctx, u.FileID); err != nil {
		return nil, err
	}
	if len(c.parts) == 0 {
		return nil, empty(c.file.Name)
	}
	if c.options, err = s.Checks.Options(ctx, &c.file); err != nil {
		return nil, err
	}
	c.ending = ending{service: s, file: c.file, key: c.file.ObjectKey, handle: u.Handle, actor: u.Actor, checkStored: c.check, committed: true}
	e := &c.ending
	e.replaced = c.again
	if e.hash, err = c.merge(ctx); err != nil {
		return nil, err
	}
	for i := range c.parts {
		p := &c.parts[i]
		e.size += p.Size
		e.blobs = append(e.blobs, blobPart(p))
		e.parts = append(e.parts, catalog.Part{Number: p.Number, Size: p.Size, CRC64NVME: CRC64Text(p.CRC64NVME)})
	}
	e.readSHA256 = s.SHA256 || u.SHA256 != ""
	out, err := e.run(ctx, Late{DataType: c.file.DataType, Metadata: c.file.Metadata, Rules: c.options, SHA256: u.SHA256})
	if err == nil {
		if err := s.dropBulk(ctx, c.parts); err != nil {
			s.Log.Error("the checks of parts left something behind", "upload_id", u.ID, "error", err.Error())
		}
	}
	if errors.Is(err, ErrStopped) {
		return nil, stopped(e.outcome.Report, u.FileID)
	}
	return out, err
}

// again has parts that the store has otherwise, or not, sent once more; bytes
// that came in order cannot be.
func (c *completion) again(ctx context.Context, numbers []int) error {
	u := &c.upload
	if u.Protocol != catalog.Parts {
		return errs.E(errs.Gone, "upload-lost", whyLost)
	}
	if err := c.service.Catalog.DropParts(ctx, u.ID, numbers); err != nil {
		return err
	}
	return errs.E(errs.Conflict, "parts-missing", "the upload is not whole: the store does not have parts %v as they were sent", Ranges(numbers)).WithHint("send them again, then complete again")
}

// merge gives the file's hash from those of its parts.
func (c *completion) merge(ctx context.Context) (string, error) {
	all := digest.New(0)
	for i := range c.parts {
		row, ok, err := c.service.Catalog.UploadPart(ctx, c.upload.ID, c.parts[i].Number)
		if err == nil && !ok {
			err = errs.E(errs.Conflict, "upload-ending", "the upload ended meanwhile")
		}
		if err != nil {
			return "", err
		}
		t, err := digest.Parse(row.Tree)
		if err != nil {
			return "", err
		}
		all.Join(t)
	}
	return all.Sum(), nil
}

// check merges what was found in the parts. Only what could not be checked when
// it came is read from the store.
func (c *completion) check(ctx context.Context) (*check.Outcome, error) {
	s := c.service
	plan, err := c.plan(ctx, s.config(func(offset, n int64) (io.ReadCloser, error) { return s.Blobs.Read(ctx, c.ending.key, offset, n) }))
	if err != nil {
		return nil, err
	}
	seg, err := c.segment(ctx, plan)
	if err != nil {
		return nil, err
	}
	out, count, err := s.finish(ctx, c.file.ID, plan, seg, c.upload.Created)
	if count == nil {
		seg.Summary().Close()
	}
	c.ending.count = count
	return out, err
}

// finish makes the report of a file. Where it leaves duplicates open, count
// begins to count them, and closes the segment at the end.
func (s *Service) finish(ctx context.Context, fileID string, plan *planned, seg *validate.Segment, started time.Time) (out *check.Outcome, count func(), err error) {
	sum := seg.Summary()
	all := func(each func(*api.Finding) error) (*validate.Result, error) { return plan.Finish(sum, each) }
	out, err = s.Checks.Verdict(fileID, plan.Plan, sum, started)
	if err == nil && out == nil {
		out, err = s.Checks.Outcome(ctx, fileID, all, started)
		return out, nil, err
	}
	if err != nil {
		return nil, nil, err
	}
	return out, func() { s.Checks.Count(fileID, all, started, sum.Close) }, nil
}

func (c *completion) segment(ctx context.Context, plan *planned) (_ *validate.Segment, err error) {
	s, seg := c.service, plan.Segment(0, false)
	defer func() {
		if err != nil {
			seg.Summary().Close()
		}
	}()
	for i := range c.parts {
		row, ok, err := s.Catalog.UploadPart(ctx, c.upload.ID, c.parts[i].Number)
		if err == nil && !ok {
			err = errs.E(errs.Conflict, "upload-ending", "the upload ended meanwhile")
		}
		if err != nil {
			return nil, err
		}
		if err := s.addPart(ctx, plan, seg, &row, c.ending.key); err != nil {
			return nil, err
		}
	}
	return seg, nil
}

// plan is the one that the parts were checked by, or is made from the file's front.
func (c *completion) plan(ctx context.Context, config validate.Config) (*planned, error) {
	if len(c.upload.Plan) > 0 {
		p, err := openPlan(c.upload.Plan, c.options, config)
		if !errors.Is(err, validate.ErrVersion) {
			return p, err
		}
	}
	r, err := c.service.Blobs.Read(ctx, c.ending.key, 0, validate.HeadSize)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	front, err := io.ReadAll(io.LimitReader(r, validate.HeadSize))
	if err != nil {
		return nil, err
	}
	return newPlanned(validate.NewPlan(c.file.Name, front, c.ending.size <= validate.HeadSize, c.options, config))
}

// addPart adds what was found in a part to that of all before it.
func (s *Service) addPart(ctx context.Context, plan *planned, seg *validate.Segment, row *catalog.UploadPart, key string) error {
	sum, err := s.load(ctx, plan, row)
	if err != nil {
		return err
	}
	from := row.At
	if sum != nil {
		switch err := seg.Append(sum); {
		case err == nil:
			from += row.Checked
		case errors.Is(err, validate.ErrGuess):
			sum.Close()
		default:
			return err
		}
	}
	if from == row.At+row.Size {
		return nil
	}
	r, err := s.Blobs.Read(ctx, key, from, row.At+row.Size-from)
	if err != nil {
		return err
	}
	defer r.Close()
	n, err := io.CopyBuffer(seg, struct{ io.Reader }{r}, make([]byte, 256<<10))
	if err == nil && n != row.At+row.Size-from {
		err = fmt.Errorf("the store gave %d bytes of %d", n, row.At+row.Size-from)
	}
	return err
}

// stop ends an upload under fail_fast, or one whose content is not allowed, with
// what was found, and is the refusal.
func (s *Service) stop(ctx context.Context, u *catalog.Upload, f *catalog.File, c *checker) error {
	ctx = context.WithoutCancel(ctx)
	if len(u.Plan) == 0 && c.plan != nil { // that of the file's front, which arrives beside
		u.Plan = c.plan.data
	}
	r, err := c.foreign()
	if r == nil && err == nil {
		r, err = s.Provisional(ctx, u, f)
	}
	if r == nil && err == nil { // nothing but this stretch is known
		r, err = c.segment.Partial(validate.Front{})
	}
	if err != nil {
		return err
	}
	r.Verdict, r.FileName = validate.Failed, f.Name
	r.Stopped = cmp.Or(r.Stopped, validate.TooManyBad)
	o, err := s.Checks.Early(f.ID, r, u.Created)
	if err != nil {
		return err
	}
	refusal := stopped(r, u.FileID)
	parts, err := s.Catalog.UploadParts(ctx, u.ID)
	if err != nil {
		return err
	}
	if err := s.fail(ctx, u.FileID, ended{how: catalog.UploadFailed, why: refusal.Detail, actor: u.Actor, outcome: o}); err != nil {
		return s.overtaken(ctx, u, err)
	}
	go func() { // this is one of its requests: the bytes go once it is over
		if err := s.discard(ctx, u, parts); err != nil {
			s.Log.Error("a stopped upload left something behind", "upload_id", u.ID, "error", err.Error())
		}
		s.Checks.Promoter.Scrub(ctx)
	}()
	return refusal
}

// stopped is the refusal of an upload that the checks ended.
func stopped(r *api.Report, fileID string) *errs.Error {
	if r.Stopped == validate.NotAllowed {
		return notAllowed(r, fileID)
	}
	e := errs.E(errs.Invalid, "checks-failed", "the checks ended the upload: there are more bad records than max_errors allows")
	if i := slices.IndexFunc(r.Findings, func(f api.Finding) bool { return f.Severity == "error" }); i >= 0 {
		f := &r.Findings[i]
		place := fmt.Sprintf("line %d, column %d", f.Line, f.Column)
		if f.Line == 0 {
			place = fmt.Sprintf("byte %d", f.ByteOffset)
		}
		e.Detail += fmt.Sprintf("; %s: %s: %s", place, f.Rule, f.Message)
	}
	return e.WithHint("GET /data/efficient/validation-report/%s has the findings; mend the data and send it again", fileID)
}

// notAllowed is the refusal of content that is none of the formats, whatever
// name and type were declared.
func notAllowed(r *api.Report, fileID string) *errs.Error {
	e := errs.E(errs.Invalid, "content-not-allowed", "the file is not taken")
	if i := slices.IndexFunc(r.Findings, func(f api.Finding) bool { return f.Rule == rule.UnknownFormat.Name }); i >= 0 {
		f := &r.Findings[i]
		e.Detail += ": by its first bytes " + f.Message
		return e.WithHint("%s", f.Hint)
	}
	return e.WithHint("GET /data/efficient/validation-report/%s says what the content is", fileID)
}

// foreign is the report on content that is none of the formats, which the head
// alone tells; nil on any other.
func (c *checker) foreign() (*api.Report, error) {
	if c.plan == nil || c.plan.Refused() == "" {
		return nil, nil
	}
	sum := c.plan.Segment(0, false).Summary()
	defer sum.Close()
	res, err := c.plan.Finish(sum, nil)
	if err != nil {
		return nil, err
	}
	res.Report.Bytes = c.at
	return res.Report, nil
}
