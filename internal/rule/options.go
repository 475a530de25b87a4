package rule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"freshet/internal/errs"
)

// Options are the rules that a user sends along: limits, fields, the schema.
// ParseOptions is the only way to get them from outside.
type Options struct {
	MaxFileSize      *int64            `json:"max_file_size,omitempty"`
	MaxUnpackedBytes *int64            `json:"max_unpacked_bytes,omitempty"`
	AllowedFormats   []string          `json:"allowed_formats,omitempty"`
	MinRecords       *int64            `json:"min_records,omitempty"`
	MaxRecords       *int64            `json:"max_records,omitempty"`
	MaxRecordBytes   int64             `json:"max_record_bytes"`
	MaxErrors        *int64            `json:"max_errors,omitempty"`
	FailFast         bool              `json:"fail_fast"`
	Schema           string            `json:"schema"`
	RequiredFields   []string          `json:"required_fields,omitempty"`
	UniqueFields     []string          `json:"unique_fields,omitempty"`
	AllowBlankLines  bool              `json:"allow_blank_lines"`
	MaxTokens        *int64            `json:"max_tokens,omitempty"`
	Severity         map[string]string `json:"severity,omitempty"`
	RuleSet          string            `json:"rule_set,omitempty"` // where they come from, NAME@VERSION
	JSONSchema       *Schema           `json:"json_schema,omitempty"`
	Expressions      []Expression      `json:"expressions,omitempty"`

	policy Policy // that these are under
}

// Limits of what a user may ask for.
const (
	DefaultMaxRecordBytes = 16 << 20
	LargestMaxRecordBytes = 64 << 20
	maxNames              = 100
	maxUnique             = 16 // each keeps a hash of every record
	maxNameBytes          = 256
)

// Schemas that `schema` may name.
var Schemas = []string{"auto", "none", string(OpenAIChat), string(PromptCompletion), string(Preference), string(TextPack)}

// Formats that `allowed_formats` may name.
var Formats = []string{"jsonl", "json", "csv", "tsv", "text", "parquet"}

// Defaults are the rules of who sends none.
func Defaults() Options {
	return Options{MaxRecordBytes: DefaultMaxRecordBytes, Schema: "auto", AllowBlankLines: true}
}

// ParseOptions reads rules as a client sends them, a later key before an earlier
// one. Empty input gives the defaults. A fault comes as an Invalid error that
// names its path.
func ParseOptions(layers ...[]byte) (Options, error) {
	o := Defaults()
	for _, data := range layers {
		if data = bytes.TrimSpace(data); len(data) == 0 || string(data) == "null" {
			continue
		}
		if err := o.merge(data, ""); err != nil {
			return o, err
		}
	}
	return o, nil
}

func fault(path, format string, args ...any) error {
	return errs.E(errs.Invalid, "invalid-rules", "validation rule %s: %s", path, fmt.Sprintf(format, args...)).
		WithHint("docs/rules.md lists every key and its type")
}

// merge sets what the JSON object gives, at a path for the messages.
func (o *Options) merge(data []byte, path string) error {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(data, &m); err != nil {
		if path == "" {
			path = "/"
		}
		return fault(path, "not a JSON object")
	}
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names) // the first fault told does not depend on the map's order
	for _, k := range names {
		if err := o.set(k, m[k], path+"/"+k); err != nil {
			return err
		}
	}
	if o.MinRecords != nil && o.MaxRecords != nil && *o.MinRecords > *o.MaxRecords {
		return fault(path+"/min_records", "is more than max_records")
	}
	return nil
}

func (o *Options) set(key string, v json.RawMessage, path string) error {
	switch key {
	case "max_file_size":
		return optional(&o.MaxFileSize, v, path)
	case "max_unpacked_bytes":
		return optional(&o.MaxUnpackedBytes, v, path)
	case "min_records":
		return optional(&o.MinRecords, v, path)
	case "max_records":
		return optional(&o.MaxRecords, v, path)
	case "max_errors":
		return optional(&o.MaxErrors, v, path)
	case "max_tokens":
		return optional(&o.MaxTokens, v, path)
	case "max_record_bytes":
		var n *int64
		if err := optional(&n, v, path); err != nil || n == nil {
			return err
		}
		if *n < 1 || *n > LargestMaxRecordBytes {
			return fault(path, "must be from 1 to %d", LargestMaxRecordBytes)
		}
		o.MaxRecordBytes = *n
	case "fail_fast":
		return boolean(&o.FailFast, v, path)
	case "allow_blank_lines":
		return boolean(&o.AllowBlankLines, v, path)
	case "schema":
		if json.Unmarshal(v, &o.Schema) != nil || !slices.Contains(Schemas, o.Schema) {
			return fault(path, "must be one of %s", strings.Join(Schemas, ", "))
		}
	case "rule_set":
		if json.Unmarshal(v, &o.RuleSet) != nil {
			return fault(path, "must be the name of a rule set")
		}
	case "allowed_formats":
		if err := stringList(&o.AllowedFormats, v, path); err != nil {
			return err
		}
		for i, f := range o.AllowedFormats {
			f = strings.TrimPrefix(strings.ToLower(f), ".")
			if f == "txt" {
				f = "text"
			}
			if !slices.Contains(Formats, f) {
				return fault(fmt.Sprintf("%s/%d", path, i), "must be one of %s", strings.Join(Formats, ", "))
			}
			o.AllowedFormats[i] = f
		}
	case "required_fields":
		return stringList(&o.RequiredFields, v, path)
	case "unique_fields":
		if err := stringList(&o.UniqueFields, v, path); err != nil {
			return err
		}
		if len(o.UniqueFields) > maxUnique {
			return fault(path, "has more than %d entries", maxUnique)
		}
		return nil
	case "severity":
		return o.severities(v, path)
	case "json_schema":
		return parseSchema(&o.JSONSchema, v, path)
	case "expressions":
		return parseExpressions(&o.Expressions, v, path)
	case "custom_validation":
		if s := string(bytes.TrimSpace(v)); s == "null" {
			return nil
		}
		if strings.Contains(path, "/custom_validation/custom_validation") {
			return fault(path, "nested too deep")
		}
		return o.merge(v, path)
	default:
		return fault(path, "no such rule")
	}
	return nil
}

func optional(dst **int64, v json.RawMessage, path string) error {
	var f *float64
	if json.Unmarshal(v, &f) != nil {
		return fault(path, "must be a whole number or null")
	}
	if f == nil {
		*dst = nil
		return nil
	}
	if *f != math.Trunc(*f) || *f < 0 || *f > 1<<53 {
		return fault(path, "must be a whole number from 0 to 2^53")
	}
	n := int64(*f)
	*dst = &n
	return nil
}

func boolean(dst *bool, v json.RawMessage, path string) error {
	var b *bool
	if json.Unmarshal(v, &b) != nil || b == nil {
		return fault(path, "must be true or false")
	}
	*dst = *b
	return nil
}

func stringList(dst *[]string, v json.RawMessage, path string) error {
	var list []json.RawMessage
	if json.Unmarshal(v, &list) != nil {
		return fault(path, "must be a list of strings")
	}
	if len(list) > maxNames {
		return fault(path, "has more than %d entries", maxNames)
	}
	out := make([]string, 0, len(list))
	for i, e := range list {
		var s *string
		if json.Unmarshal(e, &s) != nil || s == nil || *s == "" {
			return fault(fmt.Sprintf("%s/%d", path, i), "must be a string, not empty")
		}
		if len(*s) > maxNameBytes {
			return fault(fmt.Sprintf("%s/%d", path, i), "is longer than %d bytes", maxNameBytes)
		}
		out = append(out, *s)
	}
	*dst = out
	return nil
}

func (o *Options) severities(v json.RawMessage, path string) error {
	m := map[string]string{}
	if json.Unmarshal(v, &m) != nil {
		return fault(path, "must be an object of rule names with error, warning or off")
	}
	for name, s := range m {
		r := ByName(name)
		switch {
		case r == nil:
			return fault(path+"/"+name, "no such rule")
		case r.Structural:
			return fault(path+"/"+name, "the severity of %s is fixed", name)
		case s != "error" && s != "warning" && s != "off":
			return fault(path+"/"+name, "must be error, warning or off")
		}
	}
	if len(m) > 0 {
		o.Severity = m
	}
	return nil
}

// Rules is every rule there is, then the expressions.
func (o *Options) Rules() []*Rule {
	all := slices.Clone(All)
	for _, e := range o.Expressions {
		all = append(all, e.rule)
	}
	return all
}

// SeverityOf is the severity of a rule under these options.
func (o *Options) SeverityOf(r *Rule) Severity {
	switch o.Severity[r.Name] {
	case "error":
		return Error
	case "warning":
		return Warning
	case "off":
		return Off
	}
	return r.Severity
}

// Marshal is the options as JSON, as the report shows them and ParseOptions reads them.
func (o Options) Marshal() json.RawMessage {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err) // a struct of numbers and strings always encodes
	}
	return b
}

// Tolerated is how many bad records do not fail a file.
func (o *Options) Tolerated() int64 {
	if o.MaxErrors == nil {
		return 0
	}
	return *o.MaxErrors
}

// PerRecord is the options without those that the end of the file decides: two
// that agree in it find the same in every record.
func (o Options) PerRecord() Options {
	o.MaxFileSize, o.AllowedFormats, o.MinRecords, o.MaxRecords, o.MaxErrors, o.FailFast, o.RuleSet = nil, nil, nil, nil, nil, false, ""
	return o
}
