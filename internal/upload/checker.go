package upload

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"hash/fnv"
	"io"
	"os"

	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/errs"
	"freshet/internal/live"
	"freshet/internal/rule"
	"freshet/internal/validate"

	"github.com/google/uuid"
)

// planned is a plan with its saved form, by which uploads and their parts keep it.
type planned struct {
	*validate.Plan
	data []byte
	hash string
}

func newPlanned(p *validate.Plan) (*planned, error) {
	data, err := p.Marshal()
	if err != nil {
		return nil, err
	}
	return &planned{p, data, hashOf(data, p.Options)}, nil
}

func openPlan(data []byte, options rule.Options, config validate.Config) (*planned, error) {
	p, err := validate.OpenPlan(data, options, config)
	if err != nil {
		return nil, err
	}
	return &planned{p, data, hashOf(data, options)}, nil
}

// hashOf tells apart what parts are checked by: the plan, and the rules that run
// on each record, which follow the policy of the day.
func hashOf(data []byte, options rule.Options) string {
	h := fnv.New128a()
	h.Write(data)
	h.Write(options.PerRecord().Marshal())
	return hex.EncodeToString(h.Sum(nil))
}

// found is what the checks say of a part, as it is saved with it.
type found struct {
	checked int64 // bytes of the part that the rest tells of
	plan    *planned
	small   []byte
	bulk    []byte // what else belongs to it, here or
	bulkKey string // in an object of its own
	tally   validate.Tally
}

// saveEvery is how many bytes of a part that still grows are checked again,
// should it not be the same request that goes on, rather than saved each time:
// where the store can give them back.
const saveEvery = 256 << 10

// checker looks at the records of a stretch of a file while its bytes pass.
type checker struct {
	service *Service
	fileID  string
	name    string
	options rule.Options
	config  validate.Config
	live    *live.Run

	plan    *planned
	wait    *head          // where another request has the file's front
	publish *head          // where this one has it
	planned func(*planned) // tells other nodes; nil where there are none
	front   []byte
	first   bool // the stretch begins at the front of the file
	keep    bool // one summary for all of the file, not one a part

	segment *validate.Segment
	inQuote bool // where the part before ended, if exact
	exact   bool
	at      int64 // offset in the file of the next byte
	begun   int64 // offset of the part at hand
	saved   found // of the part at hand
	off     bool  // nothing can be checked: the file's front is not here
}

// write checks the next bytes. It keeps none of b.
func (c *checker) write(ctx context.Context, b []byte) error {
	if c.off {
		c.at += int64(len(b))
		return nil
	}
	if c.segment == nil && c.plan == nil {
		if !c.first {
			var elsewhere bool
			if c.plan, elsewhere = c.wait.get(ctx, c.service.Stall); elsewhere {
				c.plan = c.planElsewhere(ctx)
			}
			if c.plan == nil {
				c.off = true
				return c.write(ctx, b)
			}
		} else {
			c.front = append(c.front, b...)
			c.at += int64(len(b))
			if len(c.front) < validate.HeadSize {
				return nil
			}
			return c.begin(false)
		}
	}
	if c.segment == nil {
		guess := c.inQuote
		if !c.exact {
			guess = c.plan.GuessQuote(b[:min(len(b), 64<<10)])
		}
		c.segment = c.plan.Segment(c.at, guess)
	}
	c.at += int64(len(b))
	return c.feed(b)
}

func (c *checker) feed(b []byte) error {
	return c.live.Check(func() (*validate.Segment, error) {
		_, err := c.segment.Write(b)
		return c.segment, err
	})
}

// begin makes the plan from the file's front, and checks that.
func (c *checker) begin(whole bool) error {
	var err error
	front := c.front
	c.front = nil
	p := validate.NewPlan(c.name, front[:min(len(front), validate.HeadSize)], whole, c.options, c.config)
	if c.plan, err = newPlanned(p); err != nil {
		return err
	}
	if c.plan.Serial() && !c.keep && (whole || c.plan.Refused() == "") { // parts cannot be told of one by one: it is checked once it is an object
		c.plan, c.off = nil, true
		c.publish.set(nil)
		return nil
	}
	c.publish.set(c.plan)
	if c.planned != nil {
		c.planned(c.plan)
	}
	c.segment = c.plan.Segment(0, false)
	return c.feed(front)
}

// mark says what is known of the part at hand, saved as far as it is durable.
// Of a part that is full it gives what saves it, which may go on beside the next.
func (c *checker) mark(ctx context.Context, p *piece) (later func() error, err error) {
	if p.eof && c.first && c.plan == nil && !c.off {
		if err := c.begin(true); err != nil {
			return nil, err
		}
	}
	if c.keep || c.segment == nil {
		return nil, nil
	}
	sum, f := c.segment.Summary(), found{checked: c.at - c.begun, plan: c.plan, tally: c.segment.Tally()}
	if p.last {
		c.inQuote, c.exact = c.segment.InQuote(), true
		c.live.Fold()
		c.segment, c.begun, c.saved = nil, c.at, found{}
		return func() error {
			defer sum.Close()
			err := c.save(ctx, sum, &f)
			p.found = f
			return err
		}, nil
	}
	if f.checked-c.saved.checked >= c.saveEvery() {
		if err := c.save(ctx, sum, &f); err != nil {
			return nil, err
		}
		c.saved = f
	}
	p.found = c.saved
	return nil, nil
}

func (c *checker) saveEvery() int64 {
	if c.service.Blobs.Needs().Whole {
		return 1
	}
	return saveEvery
}

// save makes what was found durable.
func (c *checker) save(ctx context.Context, sum *validate.Summary, f *found) (err error) {
	w := &bulkWriter{scratch: c.config.Scratch}
	defer w.close()
	if f.small, err = sum.Save(w); err != nil {
		return err
	}
	f.bulk, f.bulkKey, err = w.store(ctx, c.service.Blobs, c.fileID)
	return err
}

// stopped tells that the checks end the upload: by what this stretch holds, or
// by all of the file's together.
func (c *checker) stopped() bool {
	if c.segment == nil {
		return false
	}
	return c.segment.Tally().Stopped != "" || c.options.FailFast && c.live.OfFile().Bad > c.options.Tolerated()
}

// close gives back what a stretch that was not saved holds.
func (c *checker) close() {
	c.publish.set(nil)
	c.live.End() // first: whoever shows the segment is done with it then
	if c.segment != nil {
		c.segment.Summary().Close()
	}
}

// bulkRow is how much of a summary's bulk is kept in the part's row.
const bulkRow = 64 << 10

// bulkWriter takes what is too bulky for a row: to memory while it is little,
// else to a scratch file.
type bulkWriter struct {
	scratch validate.Scratch
	mem     bytes.Buffer
	file    *os.File
	size    int64
}

func (w *bulkWriter) Write(p []byte) (int, error) {
	if w.file == nil && w.mem.Len()+len(p) <= bulkRow {
		return w.mem.Write(p)
	}
	if w.file == nil {
		f, err := w.scratch()
		if err != nil {
			return 0, err
		}
		w.file = f
		if _, err := w.mem.WriteTo(countedFile{w}); err != nil {
			return 0, err
		}
	}
	return countedFile{w}.Write(p)
}

type countedFile struct{ *bulkWriter }

func (w countedFile) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	w.size += int64(n)
	return n, err
}

// store gives the bulk, or the key of the object that it was made.
func (w *bulkWriter) store(ctx context.Context, b blob.Store, fileID string) ([]byte, string, error) {
	if w.file == nil {
		return w.mem.Bytes(), "", nil
	}
	key := check.FindingsPrefix + fileID + "/" + uuid.NewString() + ".part"
	return nil, key, b.Put(ctx, key, w.file, w.size)
}

func (w *bulkWriter) close() {
	if w.file != nil {
		w.file.Close()
	}
}

// load gives the summary that was saved with a part; nil if it cannot be used,
// and the part's bytes must be checked again.
func (s *Service) load(ctx context.Context, p *planned, row *catalog.UploadPart) (*validate.Summary, error) {
	if row.Checked == 0 || row.PlanHash != p.hash {
		return nil, nil
	}
	bulk, err := s.openBulk(ctx, row)
	if errs.Is(err, errs.NotFound) {
		s.Log.Warn("the saved checks of a part are gone; its bytes are checked again", "object", row.BulkKey)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	sum, err := p.Load(row.Summary, bulk)
	if err == nil {
		return sum, nil
	}
	if !errors.Is(err, validate.ErrVersion) {
		s.Log.Warn("the saved checks of a part are damaged; its bytes are checked again", "part", row.Number, "error", err.Error())
	}
	return nil, bulk.Close()
}

func (s *Service) openBulk(ctx context.Context, row *catalog.UploadPart) (validate.Bulk, error) {
	if row.BulkKey == "" {
		return rowBulk{bytes.NewReader(row.Bulk)}, nil
	}
	r, err := s.Blobs.Read(ctx, row.BulkKey, 0, -1)
	if err != nil {
		return nil, err
	}
	if b, ok := r.(validate.Bulk); ok {
		return b, nil
	}
	defer r.Close()
	f, err := s.Checks.Validate.Scratch()
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(f, r); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

type rowBulk struct{ *bytes.Reader }

func (rowBulk) Close() error { return nil }
