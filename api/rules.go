package api

// Rules are the checks that a client asks for. Every key may be left out; an
// unknown key or a wrong type is refused with its path.
type Rules struct {
	MaxFileSize      *int64            `json:"max_file_size,omitempty" minimum:"0"`
	MaxUnpackedBytes *int64            `json:"max_unpacked_bytes,omitempty" minimum:"0" doc:"Of a compressed file; unpacking ends there"`
	AllowedFormats   []string          `json:"allowed_formats,omitempty" enum:"jsonl,json,csv,tsv,text,parquet"`
	MinRecords       *int64            `json:"min_records,omitempty" minimum:"0"`
	MaxRecords       *int64            `json:"max_records,omitempty" minimum:"0"`
	MaxRecordBytes   *int64            `json:"max_record_bytes,omitempty" minimum:"1" default:"16777216"`
	MaxErrors        *int64            `json:"max_errors,omitempty" minimum:"0" doc:"Bad records that are tolerated; none unless it is set"`
	FailFast         *bool             `json:"fail_fast,omitempty" doc:"Stop at the first bad record too many"`
	Schema           string            `json:"schema,omitempty" enum:"auto,none,openai-chat,prompt-completion,preference,text" default:"auto"`
	RequiredFields   []string          `json:"required_fields,omitempty" doc:"A dot goes one level down: meta.id"`
	UniqueFields     []string          `json:"unique_fields,omitempty"`
	AllowBlankLines  *bool             `json:"allow_blank_lines,omitempty" default:"true"`
	MaxTokens        *int64            `json:"max_tokens,omitempty" doc:"Warn of longer chat records, by estimate"`
	Severity         map[string]string `json:"severity,omitempty" doc:"error, warning or off for rules by name"`
	RuleSet          string            `json:"rule_set,omitempty" doc:"NAME or NAME@VERSION: a set whose rules hold where no key here says otherwise"`
	JSONSchema       any               `json:"json_schema,omitempty" doc:"JSON Schema, draft 2020-12, that each record must fit; a CSV record is an object of strings. A fault in it: 422 with its path"`
	Expressions      []Expression      `json:"expressions,omitempty" maxItems:"32"`
	CustomValidation map[string]any    `json:"custom_validation,omitempty" doc:"The same keys, nested, as earlier clients send them"`
}

// Expression is a rule of the user's own, expression:NAME in reports.
type Expression struct {
	Name     string `json:"name" pattern:"^[a-z0-9-]{1,64}$"`
	Expr     string `json:"expr" maxLength:"4096" doc:"CEL over record and bytes, true of records that are fine" example:"size(record.text) < 8000"`
	Severity string `json:"severity,omitempty" enum:"error,warning" default:"error"`
	Message  string `json:"message,omitempty" doc:"What the finding says"`
}

// Rule is one check that the server knows.
type Rule struct {
	Rule        string `json:"rule" example:"json-syntax" doc:"Its name in reports, settings and docs/rules.md"`
	Title       string `json:"title" example:"Not valid JSON"`
	Severity    string `json:"severity" enum:"error,warning,off" doc:"Unless the severity setting says otherwise"`
	Fixed       bool   `json:"fixed" doc:"It says that something could not be read: its severity cannot be set"`
	Content     bool   `json:"content" doc:"It looks into what is said in records: a content policy may name it"`
	Scope       string `json:"scope" doc:"Of which files: every file, jsonl, json, csv, content, or those of a schema"`
	Description string `json:"description" doc:"The whole story; paragraphs are separated by an empty line"`
	Hint        string `json:"hint,omitempty" doc:"What to do about it"`
}

// RuleList is every rule there is, in the order of the docs.
type RuleList struct {
	Rules []Rule `json:"rules"`
}
