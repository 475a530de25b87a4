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
	CustomValidation map[string]any    `json:"custom_validation,omitempty" doc:"The same keys, nested, as earlier clients send them"`
}
