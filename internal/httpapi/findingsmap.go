package httpapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"freshet/api"
	"freshet/internal/record"
)

type findingsMapInput struct {
	FileParam
	Buckets int    `query:"buckets" default:"120" minimum:"1" maximum:"1000"`
	Rule    string `query:"rule" maxLength:"200" doc:"Only findings of a rule"`
}

func (s *Server) findingsMap(ctx context.Context, in *findingsMapInput) (*body[api.FindingsMap], error) {
	f, err := s.Catalog.File(ctx, in.FileID)
	if err != nil {
		return nil, err
	}
	if err := knownRule(&f, in.Rule); err != nil {
		return nil, err
	}
	list, report, err := s.openFindings(ctx, &f)
	if err != nil {
		return nil, err
	}
	if list != nil {
		defer list.Close()
	}
	m := findingsMap{FindingsMap: api.FindingsMap{FileID: f.ID, Unit: "line", Total: report.Lines, Errors: make([]int64, in.Buckets), Warnings: make([]int64, in.Buckets)}, rule: in.Rule, shrunk: 1}
	spots := report.Verdict == "in_progress" && report.Truncated && in.Rule == ""
	if report.Verdict == "in_progress" {
		p, err := s.progress(ctx, &f, f.ID)
		if err != nil {
			return nil, err
		}
		m.Unit, m.Partial, m.Total = "byte", true, max(p.FileSize, report.Bytes)
		if u := report.UnpackedBytes; u != nil && *u > 0 { // places are those of what it unpacks to
			m.shrunk = float64(report.Bytes) / float64(*u)
		}
	}
	if list != nil {
		err = m.addAll(ctx, list)
	} else {
		for i := range report.Findings {
			if a := &report.Findings[i]; !spots || a.Severity != "error" {
				m.add(a.Rule, a.Severity, a.Line, a.ByteOffset, 1)
			}
		}
	}
	if spots { // errors beyond those that are listed, too
		for _, p := range report.Spots {
			m.add("", "error", 0, p.ByteOffset+p.Bytes/2, p.Errors)
		}
	}
	if err != nil {
		return nil, err
	}
	m.Partial = m.Partial || m.Counted < counted(report, in.Rule)
	return &body[api.FindingsMap]{m.FindingsMap}, nil
}

// counted is how many findings a report counts, of one rule or of all.
func counted(r *api.Report, rule string) int64 {
	if rule == "" {
		return r.Errors + r.Warnings
	}
	i := slices.IndexFunc(r.ByRule, func(n api.RuleCount) bool { return n.Rule == rule })
	if i < 0 {
		return 0
	}
	return r.ByRule[i].Count
}

// findingsMap counts findings by where they lie.
type findingsMap struct {
	api.FindingsMap
	rule   string  // or empty
	shrunk float64 // bytes of the file for one byte of what it holds
}

func (m *findingsMap) add(rule, severity string, line, offset, n int64) {
	if m.rule != "" && m.rule != rule {
		return
	}
	unit := line // from 1
	if m.Unit == "byte" {
		unit = int64(float64(offset)*m.shrunk) + 1
	}
	buckets, i := int64(len(m.Errors)), int64(0)
	if m.Total > 0 { // what is told of the end may lie behind the last line
		i = (min(max(unit, 1), m.Total)*buckets - 1) / m.Total
	}
	if severity == "error" {
		m.Errors[i] += n
	} else {
		m.Warnings[i] += n
	}
	m.Counted += n
}

const longestFinding = 1 << 20

// addAll counts a list of findings. There may be a million: they are read by
// the parser of records, none is made.
func (m *findingsMap) addAll(ctx context.Context, list io.Reader) error {
	lines := bufio.NewScanner(list)
	lines.Buffer(make([]byte, 64<<10), longestFinding)
	j := new(record.JSON)
	for lines.Scan() {
		if m.Counted%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := j.Parse(lines.Bytes()); err != nil {
			return fmt.Errorf("a list of findings: %s", err.Message)
		}
		at := [4]int{j.Lookup("rule"), j.Lookup("severity"), j.Lookup("line"), j.Lookup("byte_offset")}
		if slices.Min(at[:]) < 0 || j.Tok[at[2]].Kind != record.Number || j.Tok[at[3]].Kind != record.Number {
			return errors.New("a list of findings has something else in it")
		}
		m.add(string(j.Text(at[0])), string(j.Text(at[1])), int64(j.Float(at[2])), int64(j.Float(at[3])), 1)
	}
	return lines.Err()
}
