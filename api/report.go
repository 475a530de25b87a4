package api

import (
	"encoding/json"
	"time"
)

// Report is the verdict on a file's records. The same bytes and rules give the
// same report, apart from times and ids, however the bytes travelled.
type Report struct {
	FileID            string          `json:"file_id" doc:"The file; empty in a report of freshet validate"`
	FileName          string          `json:"file_name"`
	Format            string          `json:"format" doc:"jsonl, json, csv, tsv, text or parquet, of a compressed file what is inside; another word names content that is none of them"`
	Compression       string          `json:"compression,omitempty" enum:"gzip,zstd" doc:"Of a compressed file"`
	Encoding          string          `json:"encoding"`
	Newline           string          `json:"newline" enum:"lf,crlf,mixed,none"`
	BOM               bool            `json:"bom" doc:"The file starts with a byte order mark"`
	Delimiter         string          `json:"delimiter,omitempty" doc:"Of a CSV file"`
	Schema            string          `json:"schema" doc:"The record schema that was checked, or none"`
	Verdict           string          `json:"verdict" enum:"passed,failed,in_progress"`
	Bytes             int64           `json:"bytes" doc:"Of the file as it is stored"`
	UnpackedBytes     *int64          `json:"unpacked_bytes,omitempty" doc:"Of a compressed file: what was unpacked; lines, records and places are those of it"`
	Lines             int64           `json:"lines" doc:"Physical lines"`
	Records           int64           `json:"records" doc:"A CSV header is not one"`
	BlankLines        int64           `json:"blank_lines"`
	DuplicateRecords  *int64          `json:"duplicate_records" doc:"Records equal to an earlier one; null while it is not known"`
	Errors            int64           `json:"errors"`
	Warnings          int64           `json:"warnings"`
	RecordsWithErrors int64           `json:"records_with_errors"`
	ByRule            []RuleCount     `json:"by_rule"`
	Findings          []Finding       `json:"findings" doc:"The first 1,000 in file order"`
	Truncated         bool            `json:"truncated" doc:"There are more findings than are listed"`
	Fields            []Field         `json:"fields"`
	FieldsTruncated   bool            `json:"fields_truncated,omitempty" doc:"There are more fields than statistics are kept for"`
	Rules             json.RawMessage `json:"rules" doc:"The rules in force"`
	Stopped           string          `json:"stopped,omitempty" doc:"Why checking ended before the end of the file"`
	Engine            string          `json:"engine"`
	Started           time.Time       `json:"started"`
	Finished          *time.Time      `json:"finished"`
	BytesPerSecond    int64           `json:"bytes_per_second"`

	Spots []Spot `json:"-"` // of a file that still arrives: where all its errors lie, about, for the findings map
}

// Spot is a stretch of a file and how many errors lie in it.
type Spot struct{ ByteOffset, Bytes, Errors int64 }

// RuleCount is how often a rule was broken, exactly.
type RuleCount struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity" enum:"error,warning"`
	Count    int64  `json:"count"`
}

// Finding is one fault at its place.
type Finding struct {
	Rule       string  `json:"rule"`
	Severity   string  `json:"severity" enum:"error,warning"`
	Line       int64   `json:"line" doc:"Physical line on which the record starts, from 1; 0 in a report on a file that still arrives, while bytes before it are missing"`
	Record     int64   `json:"record" doc:"From 1; 0 when the finding is about the file, or its line is 0"`
	Column     int64   `json:"column" doc:"Byte at fault in the line, from 1; in CSV and in elements of a JSON array, in the record"`
	ByteOffset int64   `json:"byte_offset" doc:"Place of the fault in the file, of a compressed one in what it unpacks to, from 0"`
	Path       string  `json:"path" doc:"JSON pointer, or the CSV column's name"`
	Message    string  `json:"message"`
	Hint       string  `json:"hint"`
	Excerpt    string  `json:"excerpt" doc:"Text around the fault; control characters are escaped"`
	Mark       *[2]int `json:"mark" nullable:"true" doc:"Where in the excerpt the fault is, from and to, in UTF-16 code units; the same twice where something is missing there; null where there is no place"`
}

// FindingsMap is where in a file its findings lie: how many in each of n buckets,
// of which bucket i covers the units from i*total/n+1 to (i+1)*total/n.
type FindingsMap struct {
	FileID   string  `json:"file_id"`
	Unit     string  `json:"unit" enum:"line,byte" doc:"byte while the file arrives or is checked: of its expected size"`
	Total    int64   `json:"total" doc:"Lines of the file, or its bytes"`
	Errors   []int64 `json:"errors" doc:"In each bucket"`
	Warnings []int64 `json:"warnings"`
	Counted  int64   `json:"counted" doc:"Findings in all buckets"`
	Partial  bool    `json:"partial" doc:"There are more, or the file still arrives"`
}

// Field is the statistics of one field over all records.
type Field struct {
	Path     string           `json:"path" doc:"messages[].role: [] stands for every element"`
	Present  int64            `json:"present"`
	Null     int64            `json:"null"`
	Empty    int64            `json:"empty" doc:"Empty strings, lists and objects"`
	Types    map[string]int64 `json:"types"`
	Distinct int64            `json:"distinct" doc:"Exact up to 1,000 values of at most 256 bytes, then an estimate"`
	Min      *float64         `json:"min" doc:"Of the numbers"`
	Max      *float64         `json:"max"`
	Mean     *float64         `json:"mean"`
	Length   *Length          `json:"length" doc:"Bytes of strings, elements of lists"`
	Top      []TopValue       `json:"top" doc:"Most frequent values; null where there are too many"`
}

// Length is how long a field's strings or lists are.
type Length struct {
	Min       int64    `json:"min"`
	Max       int64    `json:"max"`
	Mean      float64  `json:"mean"`
	P50       int64    `json:"p50" doc:"To 1/8 of its size"`
	P95       int64    `json:"p95"`
	Histogram []Bucket `json:"histogram" doc:"By powers of two"`
}

// Bucket counts lengths from From to To, both included.
type Bucket struct {
	From  int64 `json:"from"`
	To    int64 `json:"to"`
	Count int64 `json:"count"`
}

// TopValue is a value and how often it stands there.
type TopValue struct {
	Value string `json:"value"`
	Count int64  `json:"count"`
}
