// Package validate checks the records of a file while its bytes pass.
//
// NewPlan looks at a file's head and decides how it is read and which rules
// run. A Segment takes bytes of one stretch of the file, in whatever pieces
// they come, and gives a Summary: counts, statistics, findings, and the two
// ragged ends before its first and after its last record boundary. Summaries
// of neighbours merge, in any order, into that of the file; Finish makes the
// Report of it. The same bytes and rules give the same report however the file
// was cut. Plans and summaries can be saved, so that another process goes on.
//
// Nothing is allocated per record while nothing is wrong, and memory does not
// grow with the file: what is bulky goes to scratch files.
package validate

import (
	"io"
	"slices"

	"freshet/internal/errs"
	"freshet/internal/record"
	"freshet/internal/rule"
)

// HeadSize is how many bytes of a file's front NewPlan wants, or all of it.
const HeadSize = 1 << 20

// DefaultMaxFindings is how many findings are kept unless configured.
const DefaultMaxFindings = 1_000_000

// Config is what a check needs besides the rules.
type Config struct {
	Scratch     Scratch
	MaxFindings int64 // kept one by one; counts are exact beyond
	// Reread gives bytes of the file once more: those of a long record that was
	// cut where segments meet, and those of a Parquet file. Without it they give ErrReread.
	Reread func(offset, n int64) (io.ReadCloser, error)
	// Rejects has a Stream remember which records are bad, for its Split.
	Rejects bool
}

// Plan is how a file is read and checked. It is fixed by the name, the head and the rules.
type Plan struct {
	Name   string
	Format string // jsonl, json, csv, tsv, text; else the name of what cannot be checked
	// Compression is that of the file, gzip or zstd; the rest tells of what is inside.
	Compression string
	Encoding    string
	BOM         bool
	Delim       byte
	Columns     []string // of CSV
	headerAt    int64    // where the record begins that names them, if there are any
	Schema      rule.Scope
	Options     rule.Options

	config   Config
	arena    *arena // of all summaries; nil: each has its own
	columns  map[string]int
	rules    []*rule.Rule    // rule.All, then the expressions
	severity []rule.Severity // by index in rules
	record   []*rule.Rule    // that run on each record
	private  bool            // some find what no finding may repeat
	mixed    bool            // look for records of other schemas
	file     []fileFinding   // known from the head already
	opaque   bool            // records are not checked
	refused  string          // why nothing of the file is taken, or empty
}

// NotAllowed is why a file is not taken whose content is none of the formats:
// whatever it is named, it cannot become training data.
const NotAllowed = "the content is not allowed"

// Refused says why the file is not to be taken, or is empty.
func (p *Plan) Refused() string { return p.refused }

// fileFinding is a finding about the file as a whole.
type fileFinding struct {
	rule    *rule.Rule
	message string
	hint    string
}

var ruleIndex = func() map[*rule.Rule]int {
	m := map[*rule.Rule]int{}
	for i, r := range rule.All {
		m[r] = i
	}
	return m
}()

// indexOf is the place of a rule among those of the plan.
func (p *Plan) indexOf(r *rule.Rule) int {
	if i, builtIn := ruleIndex[r]; builtIn {
		return i
	}
	return len(rule.All) + slices.Index(p.rules[len(rule.All):], r)
}

// NewPlan decides how to read the file of that name whose first bytes are head:
// the first HeadSize bytes, or all when whole is set.
func NewPlan(name string, head []byte, whole bool, options rule.Options, config Config) *Plan {
	p := &Plan{Name: name, Options: options, config: config, Encoding: "utf-8"}
	head, whole = p.unwrap(head, whole)
	p.sniff(head, whole)
	p.indexColumns()
	p.chooseSchema(head, whole)
	p.tellMisfit()
	p.prepare()
	return p
}

// prepare makes what follows from the plan's facts and its options.
func (p *Plan) prepare() {
	if p.config.MaxFindings <= 0 {
		p.config.MaxFindings = DefaultMaxFindings
	}
	p.rules = p.Options.Rules()
	p.severity = make([]rule.Severity, len(p.rules))
	for i, r := range p.rules {
		p.severity[i] = p.Options.SeverityOf(r)
	}
	p.chooseRules()
}

func (p *Plan) indexColumns() {
	if !p.isCSV() {
		return
	}
	p.columns = map[string]int{}
	for i, c := range p.Columns {
		if _, dup := p.columns[c]; !dup {
			p.columns[c] = i
		}
	}
}

func (p *Plan) tell(r *rule.Rule, message, hint string) {
	if hint == "" {
		hint = r.Hint
	}
	p.file = append(p.file, fileFinding{r, message, hint})
}

// chooseSchema takes the schema asked for, or the one that the first record speaks of.
func (p *Plan) chooseSchema(head []byte, whole bool) {
	switch p.Options.Schema {
	case "none":
		return
	case "auto":
		p.Schema = p.schemaOfHead(head, whole)
		p.mixed = p.isJSON() && p.Schema != ""
	default:
		p.Schema = rule.Scope(p.Options.Schema)
	}
}

func (p *Plan) schemaOfHead(head []byte, whole bool) rule.Scope {
	switch p.Format {
	case "csv", "tsv":
		return rule.PackOfColumns(p.columns)
	case "jsonl", "json":
		c := rule.Context{JSON: &record.JSON{}}
		first := firstLines(p.body(head), whole, len(head))
		if p.Format == "json" {
			first = firstElements(head)
		}
		for r := range first {
			if c.JSON.Parse(r) != nil || c.JSON.Tok[0].Kind != record.Object {
				continue
			}
			if s := c.PackOf(); s != "" {
				return s
			}
		}
	}
	return ""
}

// tellMisfit tells of rules that cannot be applied to files of this format.
func (p *Plan) tellMisfit() {
	switch schema := string(p.Schema); {
	case p.isCSV() && p.Schema == rule.OpenAIChat: // a list of messages does not fit a CSV field
		p.tell(rule.FormatMismatch, "the schema openai-chat needs JSON Lines, the file is "+p.Format, "send JSON Lines, or choose another schema")
	case p.Format == "parquet" && p.Schema != "":
		p.tell(rule.FormatMismatch, "the schema "+schema+" needs JSON Lines, JSON or CSV, the file is parquet", "send JSON Lines, or choose another schema")
	case p.Format == "parquet" && (len(p.Options.UniqueFields) > 0 || p.Options.JSONSchema != nil || len(p.Options.Expressions) > 0):
		p.tell(rule.FormatMismatch, "unique_fields, json_schema and expressions need JSON Lines, JSON or CSV, the file is parquet", "send JSON Lines, or leave them out")
	case p.Format != "text":
	case p.Schema == rule.OpenAIChat:
		p.tell(rule.FormatMismatch, "the schema openai-chat needs JSON Lines, the file is text", "send JSON Lines, or choose another schema")
	case p.Schema != "":
		p.tell(rule.FormatMismatch, "the schema "+schema+" needs JSON Lines or CSV, the file is text", "send JSON Lines, or choose another schema")
	case len(p.Options.RequiredFields)+len(p.Options.UniqueFields) > 0:
		p.tell(rule.FormatMismatch, "required_fields and unique_fields need JSON Lines or CSV, the file is text", "send JSON Lines, or leave them out")
	case p.Options.JSONSchema != nil || len(p.Options.Expressions) > 0:
		p.tell(rule.FormatMismatch, "json_schema and expressions need JSON Lines or CSV, the file is text", "send JSON Lines, or leave them out")
	}
}

// chooseRules picks those that run on each record, those on content first. Text
// has only these: schemas and fields are for records with names.
func (p *Plan) chooseRules() {
	scopes := []rule.Scope{rule.EveryFile}
	switch {
	case p.isJSON():
		scopes = append(scopes, rule.JSONLines, rule.Content, p.Schema)
	case p.isCSV():
		scopes = append(scopes, rule.CSV, rule.Content)
		if p.Schema != rule.OpenAIChat {
			scopes = append(scopes, p.Schema)
		}
	case p.Format == "text":
		scopes = []rule.Scope{rule.Content}
	default:
		return
	}
	var content []*rule.Rule
	for i, r := range p.rules {
		if r.Check == nil && r.Scan == nil || p.severity[i] == rule.Off || !slices.Contains(scopes, r.Scope) {
			continue
		}
		if r == rule.RequiredField && len(p.Options.RequiredFields) == 0 || r == rule.ChatTokens && p.Options.MaxTokens == nil ||
			r == rule.JSONSchema && p.Options.JSONSchema == nil {
			continue
		}
		if r.Scan != nil {
			content = append(content, r)
			p.private = p.private || r.Private
		} else {
			p.record = append(p.record, r)
		}
	}
	p.record = append(content, p.record...)
}

// isCSV tells whether records are those of CSV, in which a newline may stand inside quotes.
func (p *Plan) isCSV() bool { return p.Format == "csv" || p.Format == "tsv" }

// duplicatesReported tells whether equal records are findings, or only counted.
func (p *Plan) duplicatesReported() bool {
	return p.Schema != "" && p.severity[ruleIndex[rule.DuplicateRecord]] != rule.Off
}

// TooLarge tells that a file of so many bytes breaks max_file_size.
func (p *Plan) TooLarge(size int64) bool {
	return p.Options.MaxFileSize != nil && size > *p.Options.MaxFileSize
}

// ErrGuess says that a CSV segment was read under the wrong guess: it began
// inside quotes, or did not. It must be read again with the other.
var ErrGuess = errs.E(errs.Internal, "wrong-guess", "the segment was read with the wrong quote state")
