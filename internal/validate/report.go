package validate

import (
	"freshet/api"
	"freshet/internal/rule"
)

// Verdicts of a report.
const (
	Passed     = "passed"
	Failed     = "failed"
	InProgress = "in_progress"
)

// Provisional is the report of what was checked so far. The caller must keep
// Write away meanwhile.
func (s *Segment) Provisional() (*api.Report, error) {
	f := &finisher{plan: s.plan, sum: s.sum, byRule: s.sum.byRule}
	r := f.report(0)
	r.Verdict, r.DuplicateRecords = InProgress, nil
	for a, err := range s.sum.found.findings() {
		if err != nil {
			return nil, err
		}
		if len(r.Findings) == ShownFindings {
			break
		}
		a.Line++
		r.Findings = append(r.Findings, *a)
	}
	r.Truncated = r.Errors+r.Warnings > int64(len(r.Findings))
	r.Spots = s.sum.spots.report()
	return r, nil
}

// split adds up counts by severity.
func (p *Plan) split(byRule []int64) (errors, warnings int64) {
	for i, n := range byRule {
		switch p.severity[i] {
		case rule.Error:
			errors += n
		case rule.Warning:
			warnings += n
		}
	}
	return errors, warnings
}

func (f *finisher) report(duplicates int64) *api.Report {
	p, c := f.plan, &f.sum.counts
	r := &api.Report{
		FileName: p.Name, Format: p.Format, Encoding: p.Encoding, BOM: p.BOM, Schema: orElse(string(p.Schema), "none"),
		Bytes: f.sum.stored(), Lines: c.lines, Records: c.records, BlankLines: c.blank, DuplicateRecords: &duplicates,
		RecordsWithErrors: c.bad + f.bad, ByRule: []api.RuleCount{}, Findings: []api.Finding{},
		Fields: f.sum.fields.report(), FieldsTruncated: f.sum.fields.dropped, Rules: p.Options.Marshal(), Stopped: f.sum.stopped,
	}
	if f.footer != nil {
		r.Fields = f.parquetFields()
	}
	p.mask(r.Fields)
	if p.Delim != 0 {
		r.Delimiter = string(rune(p.Delim))
	}
	if r.Compression = p.Compression; r.Compression != "" && !p.opaque {
		r.UnpackedBytes = &f.sum.Bytes
	}
	switch {
	case c.lf > 0 && c.crlf > 0:
		r.Newline = "mixed"
	case c.crlf > 0:
		r.Newline = "crlf"
	case c.lf > 0:
		r.Newline = "lf"
	default:
		r.Newline = "none"
	}
	r.Errors, r.Warnings = p.split(f.byRule)
	fileErrors := false
	for i, n := range f.byRule {
		if n == 0 {
			continue
		}
		r.ByRule = append(r.ByRule, api.RuleCount{Rule: p.rules[i].Name, Severity: p.severity[i].String(), Count: n})
		fileErrors = fileErrors || p.severity[i] == rule.Error && (aboutFile[p.rules[i]] || p.Options.Refused(p.rules[i]))
	}
	r.Verdict = Passed
	if fileErrors || f.sum.broken || r.RecordsWithErrors > p.Options.Tolerated() || f.sum.stopped != "" {
		r.Verdict = Failed
	}
	return r
}

// aboutFile are the rules whose findings belong to no record, so that max_errors does not forgive them.
var aboutFile = map[*rule.Rule]bool{
	rule.EmptyFile: true, rule.NoRecords: true, rule.UnknownFormat: true, rule.FormatMismatch: true, rule.FormatNotAllowed: true,
	rule.NotUTF8: true, rule.FileTooLarge: true, rule.TooFewRecords: true, rule.TooManyRecords: true, rule.CRNewlines: true, rule.ParquetDamaged: true,
	rule.BlankLine: true, rule.MixedSchemas: true, rule.CSVDuplicateHeader: true, rule.CSVEmptyHeader: true, rule.CSVHeaderOnly: true,
	rule.ChatContentMixed: true, rule.ChatFewRecords: true,
}
