package validate

import (
	"encoding/json"
	"fmt"

	"freshet/internal/rule"
)

// savedPlan is a plan as Marshal writes it.
type savedPlan struct {
	Version     int            `json:"version"`
	Name        string         `json:"name"`
	Format      string         `json:"format"`
	Compression string         `json:"compression,omitempty"`
	Encoding    string         `json:"encoding"`
	BOM         bool           `json:"bom,omitempty"`
	Delim       byte           `json:"delim,omitempty"`
	Columns     []string       `json:"columns,omitempty"`
	HeaderAt    int64          `json:"header_at,omitempty"`
	Schema      rule.Scope     `json:"schema,omitempty"`
	Mixed       bool           `json:"mixed,omitempty"`
	Opaque      bool           `json:"opaque,omitempty"`
	Refused     string         `json:"refused,omitempty"`
	Findings    []savedFinding `json:"findings,omitempty"`
}

type savedFinding struct {
	Rule    string `json:"rule"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// Marshal is all that NewPlan found in the head, as bytes. Options and Config are not among it.
func (p *Plan) Marshal() ([]byte, error) {
	s := savedPlan{Version: wireVersion, Name: p.Name, Format: p.Format, Compression: p.Compression, Encoding: p.Encoding, BOM: p.BOM, Delim: p.Delim,
		Columns: p.Columns, HeaderAt: p.headerAt, Schema: p.Schema, Mixed: p.mixed, Opaque: p.opaque, Refused: p.refused}
	for _, f := range p.file {
		s.Findings = append(s.Findings, savedFinding{f.rule.Name, f.message, f.hint})
	}
	return json.Marshal(s)
}

// OpenPlan makes a plan of what Marshal gave. The options must agree with those
// of NewPlan in all that concerns single records (rule.Options.PerRecord).
func OpenPlan(data []byte, options rule.Options, config Config) (*Plan, error) {
	var version struct{ Version int }
	if err := json.Unmarshal(data, &version); err != nil {
		return nil, fmt.Errorf("a saved plan is damaged: %w", err)
	}
	if version.Version != wireVersion {
		return nil, ErrVersion
	}
	var s savedPlan
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("a saved plan is damaged: %w", err)
	}
	p := &Plan{Name: s.Name, Format: s.Format, Compression: s.Compression, Encoding: s.Encoding, BOM: s.BOM, Delim: s.Delim, Columns: s.Columns, headerAt: s.HeaderAt,
		Schema: s.Schema, Options: options, config: config, mixed: s.Mixed, opaque: s.Opaque, refused: s.Refused}
	for _, f := range s.Findings {
		r := rule.ByName(f.Rule)
		if r == nil {
			return nil, fmt.Errorf("a saved plan is damaged: no rule %q", f.Rule)
		}
		p.file = append(p.file, fileFinding{r, f.Message, f.Hint})
	}
	p.indexColumns()
	p.prepare()
	return p, nil
}
