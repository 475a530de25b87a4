package api

import "encoding/json"

// RulePreview asks what rules would say of a stored file. Without rules those of
// the file are tried, without a part its first 4 MiB.
type RulePreview struct {
	FileID     string          `json:"file_id"`
	Rules      json.RawMessage `json:"validation_rules,omitempty" doc:"See the schema Rules"`
	RuleSet    string          `json:"rule_set,omitempty" doc:"NAME or NAME@VERSION; validation_rules override its keys"`
	FirstBytes *int64          `json:"first_bytes,omitempty" minimum:"1" maximum:"67108864" default:"4194304"`
	Sample     *Sample         `json:"sample,omitempty" doc:"Instead of first_bytes"`
}

// Sample is about so many records, in blocks spread over the file: at most 64 MiB of them.
type Sample struct {
	Records int64  `json:"records" minimum:"1" maximum:"100000"`
	Seed    uint64 `json:"seed,omitempty" doc:"The same one takes the same records"`
}

// RulePreviewed is what they say of that part.
type RulePreviewed struct {
	FileID    string   `json:"file_id"`
	Report    Report   `json:"report" doc:"Of the part alone, counts and verdict included; lines and offsets are those of the file"`
	LookedAt  LookedAt `json:"looked_at"`
	NotJudged []string `json:"not_judged" doc:"Rules that only the whole file tells of"`
}

// LookedAt is how much of a file was checked.
type LookedAt struct {
	Bytes   int64   `json:"bytes"`
	Share   float64 `json:"share" doc:"Of the file's bytes, 0 to 1"`
	Records int64   `json:"records"`
	Blocks  int     `json:"blocks" doc:"Stretches of the file that they lie in"`
	Whole   bool    `json:"whole" doc:"The report is that of the whole file"`
}
