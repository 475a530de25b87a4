package validate

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"freshet/api"
	"freshet/internal/parquet"
	"freshet/internal/rule"
)

// ShownFindings is how many findings a report lists.
const ShownFindings = 1000

// Result is what is left when a file was checked to its end.
type Result struct {
	Report    *api.Report
	LineIndex []byte // for FindLine
	Sample    []byte // for OpenSample
}

// Finish makes the report of a whole file: sum must reach from its first byte
// to its last. Every finding that is kept is given to each, in file order.
func (p *Plan) Finish(sum *Summary, each func(*api.Finding) error) (*Result, error) {
	return p.finish(sum, true, each)
}

// soon is up to how many records duplicates are counted in no time.
var soon = int64(1 << 18)

// Verdict is the result for a file that passed, but for its duplicates, when
// counting them takes a while and nothing depends on it: Finish must follow. It
// is nil where the result has to be waited for.
func (p *Plan) Verdict(sum *Summary) (*Result, error) {
	if p.Serial() || sum.seen.count() <= soon || p.severity[ruleIndex[rule.DuplicateRecord]] == rule.Error && p.Schema != "" || len(sum.unique) > 0 {
		return nil, nil
	}
	res, err := p.finish(sum, false, nil)
	if err != nil || res.Report.Verdict != Passed || res.Report.Truncated {
		return nil, err
	}
	res.Report.DuplicateRecords = nil
	return res, nil
}

func (p *Plan) finish(sum *Summary, count bool, each func(*api.Finding) error) (*Result, error) {
	s := p.Resume(sum)
	if err := s.end(); err != nil {
		return nil, err
	}
	s.Summary() // the last record is counted, should this be called again
	f := &finisher{plan: p, sum: sum, byRule: slices.Clone(sum.byRule), late: &sorter{scratch: p.config.Scratch}}
	defer f.close()
	dup := int64(0)
	if count {
		var err error
		if dup, err = f.duplicates(); err != nil {
			return nil, err
		}
	}
	for i := range p.Options.UniqueFields {
		if err := f.unique(i); err != nil {
			return nil, err
		}
	}
	if err := f.lateBad(); err != nil {
		return nil, err
	}
	if err := f.readParquet(); err != nil {
		return nil, err
	}
	whole := f.wholeFile()
	r := f.report(dup)
	if err := f.list(r, whole, each); err != nil {
		return nil, err
	}
	index := sum.index.marshal()
	if p.Compression != "" {
		index = []byte{} // nobody can begin to read in the middle
	}
	return &Result{Report: r, LineIndex: index, Sample: sum.sample.marshal()}, nil
}

// list puts the first findings into the report and gives all to each.
func (f *finisher) list(r *api.Report, whole []*api.Finding, each func(*api.Finding) error) error {
	for finding, err := range f.inOrder(whole) {
		if err != nil {
			return err
		}
		if len(r.Findings) < ShownFindings {
			r.Findings = append(r.Findings, *finding)
		}
		if each != nil {
			if err := each(finding); err != nil {
				return err
			}
		}
	}
	r.Truncated = r.Errors+r.Warnings > int64(len(r.Findings))
	return nil
}

// finisher adds to a summary what only the whole file tells.
type finisher struct {
	plan    *Plan
	partial bool // records were left out: nothing is told of their number
	sum     *Summary
	byRule  []int64
	bad     int64   // records with errors that had none before
	late    *sorter // those records, by number
	late2   []lateFindings
	footer  *parquet.Footer // of a Parquet file, nil if it cannot be read
	faults  []string        // that it has
}

// lateFindings are those of one rule that looked at all records together, by line.
type lateFindings struct {
	rule    *rule.Rule
	field   string
	path    string
	entries *sorter // key: line; offset; line: of the first one; record
}

func (f *finisher) close() {
	f.late.close()
	for _, l := range f.late2 {
		l.entries.close()
	}
}

func (f *finisher) duplicates() (int64, error) {
	n := int64(0)
	reported := f.plan.duplicatesReported()
	l := lateFindings{rule: rule.DuplicateRecord, entries: &sorter{scratch: f.plan.config.Scratch}}
	f.late2 = append(f.late2, l)
	err := repeats(f.sum.seen, func(e entry, first int64) error {
		n++
		if !reported {
			return nil
		}
		return f.add(&l, e, first)
	})
	return n, err
}

func (f *finisher) unique(i int) error {
	name := f.plan.Options.UniqueFields[i]
	path := name
	if f.plan.columns == nil {
		path = "/" + strings.ReplaceAll(strings.NewReplacer("~", "~0", "/", "~1").Replace(name), ".", "/")
	}
	l := lateFindings{rule: rule.UniqueField, field: name, path: path, entries: &sorter{scratch: f.plan.config.Scratch}}
	f.late2 = append(f.late2, l)
	if f.plan.severity[ruleIndex[rule.UniqueField]] == rule.Off {
		return nil
	}
	return repeats(f.sum.unique[i], func(e entry, first int64) error { return f.add(&l, e, first) })
}

// add counts a late finding and keeps it, by line.
func (f *finisher) add(l *lateFindings, e entry, first int64) error {
	i := ruleIndex[l.rule]
	f.byRule[i]++
	if f.plan.severity[i] == rule.Error && e.line&badRecord == 0 {
		if err := f.late.add(entry{key: uint64(e.record), offset: e.offset}); err != nil {
			return err
		}
	}
	e.line &^= badRecord
	return l.entries.add(entry{key: uint64(e.line), offset: e.offset, line: first, record: e.record})
}

// lateBad counts the records that only now turned out to be bad.
func (f *finisher) lateBad() error {
	m, err := f.late.sorted()
	if err != nil {
		return err
	}
	last, any := uint64(0), false
	for e := range m.entries() {
		if !any || e.key != last {
			f.bad++
			if err := f.sum.rejects.add(e.offset); err != nil {
				return err
			}
		}
		last, any = e.key, true
	}
	return m.err
}

func (l *lateFindings) findings(severity string) iter.Seq2[*api.Finding, error] {
	return func(yield func(*api.Finding, error) bool) {
		m, err := l.entries.sorted()
		if err != nil {
			yield(nil, err)
			return
		}
		for e := range m.entries() {
			a := &api.Finding{Rule: l.rule.Name, Severity: severity, Line: int64(e.key), Record: e.record + 1, Column: 1, ByteOffset: e.offset, Hint: l.rule.Hint}
			if l.field == "" {
				a.Message = fmt.Sprintf("the record is equal to the one on line %d", e.line+1)
			} else {
				a.Path = l.path
				a.Message = fmt.Sprintf("the value of %q is there already on line %d", l.field, e.line+1)
			}
			if !yield(a, nil) {
				return
			}
		}
		if m.err != nil {
			yield(nil, m.err)
		}
	}
}

// wholeFile finds what concerns the file as a whole.
func (f *finisher) wholeFile() []*api.Finding {
	p, sum := f.plan, f.sum
	var out []*api.Finding
	tell := func(r *rule.Rule, at place, hint, format string, args ...any) {
		i := ruleIndex[r]
		if p.severity[i] == rule.Off {
			return
		}
		f.byRule[i]++
		if hint == "" {
			hint = r.Hint
		}
		a := &api.Finding{Rule: r.Name, Severity: p.severity[i].String(), Line: at.line, Column: 1, ByteOffset: at.offset, Message: fmt.Sprintf(format, args...), Hint: hint}
		if at.seen {
			a.Record = at.record + 1
		}
		out = append(out, a)
	}
	start := place{}
	for _, t := range p.file {
		tell(t.rule, start, t.hint, "%s", t.message)
	}
	if sum.Bytes == 0 && !sum.broken && !p.opaque && !(f.partial && sum.packed != nil) {
		tell(rule.EmptyFile, start, "", "the file is empty")
		return out
	}
	if a := p.Options.AllowedFormats; len(a) > 0 && !slices.Contains(a, p.Format) {
		tell(rule.FormatNotAllowed, start, "", "the file is %s; allowed are %s", p.Format, strings.Join(a, ", "))
	}
	if size := sum.stored(); p.TooLarge(size) {
		tell(rule.FileTooLarge, start, "", "the file has %d bytes; at most %d are allowed", size, *p.Options.MaxFileSize)
	}
	if !p.opaque && sum.stopped == "" && !sum.broken && !f.partial {
		f.numberOfRecords(tell)
	}
	f.parquetFindings(tell)
	f.mixtures(tell)
	slices.SortStableFunc(out, func(a, b *api.Finding) int { return cmp.Compare(a.Line, b.Line) })
	return out
}

type teller func(r *rule.Rule, at place, hint, format string, args ...any)

func (f *finisher) numberOfRecords(tell teller) {
	o, n, start := &f.plan.Options, f.sum.counts.records, place{}
	switch {
	case n == 0 && len(f.plan.Columns) > 0:
		tell(rule.CSVHeaderOnly, start, "", "the file has a header and no records")
	case n == 0 && f.plan.Format == "parquet":
		tell(rule.NoRecords, start, "", "the file has no rows")
	case n == 0 && f.plan.Format == "json":
		tell(rule.NoRecords, start, "", "the array is empty")
	case n == 0:
		tell(rule.NoRecords, start, "", "the file holds blank lines only")
	}
	if o.MinRecords != nil && n < *o.MinRecords {
		tell(rule.TooFewRecords, start, "", "the file has %d records; at least %d are wanted", n, *o.MinRecords)
	}
	if o.MaxRecords != nil && n > *o.MaxRecords {
		tell(rule.TooManyRecords, start, "", "the file has %d records; at most %d are allowed", n, *o.MaxRecords)
	}
	if f.plan.Schema == rule.OpenAIChat && n > 0 && n < 10 {
		tell(rule.ChatFewRecords, start, "", "the file has %d records; fine-tuning needs at least 10", n)
	}
}

func (f *finisher) mixtures(tell teller) {
	if s, p := f.sum.firsts[rule.FirstContentString], f.sum.firsts[rule.FirstContentParts]; s.seen && p.seen {
		later := s
		if p.offset > s.offset {
			later = p
		}
		tell(rule.ChatContentMixed, later, "", "the first content that is a string is on line %d, the first that is a list on line %d", s.line+1, p.line+1)
	}
	if !f.plan.mixed {
		return
	}
	own := f.sum.firsts[rule.FirstOf(f.plan.Schema)]
	for _, other := range []rule.Scope{rule.OpenAIChat, rule.PromptCompletion, rule.Preference, rule.TextPack} {
		if o := f.sum.firsts[rule.FirstOf(other)]; o.seen && other != f.plan.Schema {
			tell(rule.MixedSchemas, o, "", "records of %s (first on line %d) and of %s (first on line %d) in one file", f.plan.Schema, own.line+1, other, o.line+1)
			return
		}
	}
}

// inOrder gives all findings by line: those of the file, of records, of all records together.
func (f *finisher) inOrder(whole []*api.Finding) iter.Seq2[*api.Finding, error] {
	sources := []iter.Seq2[*api.Finding, error]{
		func(yield func(*api.Finding, error) bool) {
			for _, a := range whole {
				if !yield(a, nil) {
					return
				}
			}
		},
		f.sum.found.findings(),
	}
	for i := range f.late2 {
		l := &f.late2[i]
		sources = append(sources, l.findings(f.plan.severity[ruleIndex[l.rule]].String()))
	}
	return mergeByLine(sources, f.plan.config.MaxFindings)
}

// mergeByLine joins findings sorted by line, at most so many; an earlier source goes first.
func mergeByLine(sources []iter.Seq2[*api.Finding, error], most int64) iter.Seq2[*api.Finding, error] {
	return func(yield func(*api.Finding, error) bool) {
		heads := make([]*api.Finding, len(sources))
		next := make([]func() (*api.Finding, error, bool), len(sources))
		for i, src := range sources {
			pull, stop := iter.Pull2(src)
			defer stop()
			next[i] = pull
		}
		advance := func(i int) bool {
			a, err, ok := next[i]()
			if err != nil {
				yield(nil, err)
				return false
			}
			if heads[i] = nil; ok {
				heads[i] = a
			}
			return true
		}
		for i := range sources {
			if !advance(i) {
				return
			}
		}
		for ; most > 0; most-- {
			best := -1
			for i, h := range heads {
				if h != nil && (best < 0 || h.Line < heads[best].Line) {
					best = i
				}
			}
			if best < 0 {
				return
			}
			a := *heads[best]
			a.Line++ // from 1
			if !yield(&a, nil) || !advance(best) {
				return
			}
		}
	}
}
