package validate

import (
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"

	"freshet/api"
	"freshet/internal/rule"
)

// Stored is a file at a part of which rules are tried.
type Stored struct {
	Name    string
	Size    int64
	Records int64
	Index   []byte // of lines, as its report has it
	// Open gives n bytes from an offset on.
	Open func(offset, n int64) (io.ReadCloser, error)
}

// Preview is what rules say of a part of a file. Its report judges records one
// by one and the file by what its size and head tell.
type Preview struct {
	Report *api.Report
	Bytes  int64 // looked at
	Blocks int   // stretches of the file that they lie in
	Whole  bool  // it is the report of the whole file
}

// NotJudged are rules that a part of a file does not tell of.
var NotJudged = []*rule.Rule{rule.NoRecords, rule.TooFewRecords, rule.TooManyRecords, rule.CSVHeaderOnly, rule.ChatFewRecords, rule.DuplicateRecord, rule.UniqueField}

// MaxPreview is the most bytes that a preview looks at, apart from the end of
// the last record.
const MaxPreview = 64 << 20

// First tries rules at the records that lie whole in the first n bytes.
func (f *Stored) First(ctx context.Context, n int64, o rule.Options, config Config) (*Preview, error) {
	p, err := f.begin(ctx, o, config)
	if err != nil {
		return nil, err
	}
	defer p.segment.sum.Close()
	if err := p.look(Mark{}, min(n, f.Size), math.MaxInt64, n); err != nil {
		return nil, err
	}
	plan := p.segment.plan
	return p.result(n >= f.Size && (plan.opaque || !plan.Serial() || p.bytes == f.Size))
}

// perBlock is how many records of a sample are neighbours, where the file has as many places to begin at.
const perBlock = 100

// Sample tries rules at about so many records, in blocks spread over the file.
// The same seed takes the same ones. They are fewer where they have more than MaxPreview bytes.
func (f *Stored) Sample(ctx context.Context, records int64, seed uint64, o rule.Options, config Config) (*Preview, error) {
	if records >= f.Records && f.Size <= MaxPreview {
		return f.First(ctx, f.Size, o, config)
	}
	marks, err := openIndex(f.Index)
	if err != nil {
		return nil, err
	}
	p, err := f.begin(ctx, o, config)
	if err != nil {
		return nil, err
	}
	defer p.segment.sum.Close()
	if p.segment.plan.Serial() {
		if err := p.front(records, MaxPreview); err != nil {
			return nil, err
		}
		return p.result(false)
	}
	if len(marks) > 0 && marks[0].Offset > 0 { // the header of CSV, and blank lines
		if err := p.look(Mark{}, marks[0].Offset, math.MaxInt64, MaxPreview); err != nil {
			return nil, err
		}
	}
	chosen := choose(marks, int((records+perBlock-1)/perBlock), seed)
	budget := int64(MaxPreview)
	for i, m := range chosen {
		end, left := f.Size, int64(len(chosen)-i)
		if i+1 < len(chosen) {
			end = chosen[i+1].Offset
		}
		had, before := p.had(), p.bytes
		if err := p.look(m, end, (records+left-1)/left, (budget+left-1)/left); err != nil {
			return nil, err
		}
		records -= p.had() - had
		if budget -= p.bytes - before; budget <= 0 || records <= 0 {
			break
		}
	}
	return p.result(false)
}

// choose picks n marks, one of each of n stretches that are equally long; at most
// half of all, so that the seed has a choice.
func choose(marks []Mark, n int, seed uint64) []Mark {
	n = min(n, (len(marks)+1)/2)
	random := rand.New(rand.NewPCG(seed, 0))
	out := make([]Mark, 0, n)
	for i := range n {
		from, to := i*len(marks)/n, (i+1)*len(marks)/n
		out = append(out, marks[from+random.IntN(to-from)])
	}
	return out
}

// preview looks at stretches of a file, from its front to its back.
type preview struct {
	ctx     context.Context
	file    *Stored
	rules   rule.Options
	segment *Segment
	buf     []byte
	bytes   int64
	blocks  int
	skipped Mark // lines and records passed over
}

func (f *Stored) begin(ctx context.Context, o rule.Options, config Config) (*preview, error) {
	p := &preview{ctx: ctx, file: f, rules: o, buf: make([]byte, 256<<10)}
	r, err := f.Open(0, min(HeadSize, f.Size))
	if err != nil {
		return nil, err
	}
	head, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	o.FailFast = false // a preview tells of all that it sees
	config.MaxFindings = ShownFindings
	config.Reread = f.Open
	p.segment = NewPlan(f.Name, head, int64(len(head)) == f.Size, o, config).Segment(0, false)
	return p, nil
}

// had is how many records were looked at.
func (p *preview) had() int64 { return p.segment.sum.counts.records - p.skipped.Record }

// look checks records from a mark on, until so many of them or so many bytes, and
// no further than end, which cuts off a record unless it is the file's end.
func (p *preview) look(from Mark, end, records, bytes int64) error {
	s, c := p.segment, &p.segment.sum.counts
	if s.plan.opaque {
		return nil
	}
	if s.plan.Serial() {
		return p.front(records, bytes)
	}
	p.skipped.Line += from.Line - c.lines
	p.skipped.Record += from.Record - c.records
	c.lines, c.records = from.Line, from.Record
	s.split.Reset(from.Offset, false)
	r, err := p.file.Open(from.Offset, end-from.Offset)
	if err != nil {
		return err
	}
	defer r.Close()
	enough := func() bool {
		at, fresh := s.split.Start()
		return fresh && (c.records-from.Record >= records || at-from.Offset >= bytes)
	}
	for read := from.Offset; !enough(); {
		if err := context.Cause(p.ctx); err != nil {
			return err
		}
		n, err := r.Read(p.buf)
		read += int64(n)
		for b := p.buf[:n]; len(b) > 0 && !enough(); {
			b = s.next(b)
		}
		done := read == end
		switch {
		case err == io.EOF && !done:
			return io.ErrUnexpectedEOF
		case err != nil && err != io.EOF:
			return err
		case done && end == p.file.Size:
			if err := s.end(); err != nil {
				return err
			}
		}
		at, _ := s.split.Start()
		if done || read-at > s.plan.Options.MaxRecordBytes+int64(len(p.buf)) { // the record has no end in sight
			break
		}
	}
	at, _ := s.split.Start()
	p.bytes += at - from.Offset
	p.blocks++
	return s.failed
}

// front looks at the front of a file that can be read from there only: until so
// many records, or so many bytes of the file or of what it unpacks to.
func (p *preview) front(records, bytes int64) error {
	s := p.segment
	buf := p.buf[:min(bytes, unpackPiece)]
	r, err := p.file.Open(0, p.file.Size)
	if err != nil {
		return err
	}
	defer r.Close()
	p.blocks = 1
	for p.bytes < p.file.Size && s.sum.counts.records < records && p.bytes < bytes && s.sum.Bytes < MaxPreview {
		if err := context.Cause(p.ctx); err != nil {
			return err
		}
		n := min(int64(len(buf)), p.file.Size-p.bytes, bytes-p.bytes)
		if _, err := io.ReadFull(r, buf[:n]); err != nil {
			return err
		}
		if _, err := s.Write(buf[:n]); err != nil {
			return err
		}
		p.bytes += n
	}
	return nil
}

// result makes the report of what was looked at.
func (p *preview) result(whole bool) (*Preview, error) {
	sum := p.segment.sum
	*sum.storedBytes() = p.file.Size
	out := &Preview{Bytes: p.bytes, Blocks: p.blocks, Whole: whole}
	if whole {
		res, err := p.segment.plan.Finish(p.segment.Summary(), nil)
		if err != nil {
			return nil, err
		}
		out.Report, out.Bytes = res.Report, sum.stored()
	} else {
		sum.counts.lines -= p.skipped.Line
		sum.counts.records -= p.skipped.Record
		f := &finisher{plan: p.segment.plan, sum: sum, byRule: sum.byRule, partial: true}
		found := f.wholeFile()
		out.Report = f.report(0)
		out.Report.Bytes, out.Report.DuplicateRecords = p.bytes, nil
		if err := f.list(out.Report, found, nil); err != nil {
			return nil, err
		}
	}
	out.Report.Rules = p.rules.Marshal()
	return out, nil
}
