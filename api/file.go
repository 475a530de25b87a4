// Package api is the wire contract: the JSON that clients send and get. It is
// public and imports nothing of Freshet's. Names and shapes here do not change;
// they may grow.
package api

import (
	"encoding/json"
	"time"
)

// File is what is known of one file.
type File struct {
	FileID             string          `json:"file_id" example:"file_0193a1b2c3d47e5f8a9b0c1d2e3f4a5b"`
	Project            string          `json:"project" doc:"That owns it"`
	OriginalName       string          `json:"original_name" doc:"As the client gave it"`
	ObjectKey          string          `json:"object_key" doc:"Where its bytes lie in the store"`
	MinioPath          string          `json:"minio_path" doc:"The same as object_key, for older clients"`
	S3URL              *string         `json:"s3_url" doc:"null on a disk"`
	DataType           string          `json:"data_type"`
	Status             string          `json:"status" enum:"uploading,uploaded,processing,fresh,failed,used,archived,deprecated,quarantined"`
	UploadTime         time.Time       `json:"upload_time"`
	FileSize           int64           `json:"file_size"`
	FileHash           string          `json:"file_hash" example:"blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"`
	SHA256             *string         `json:"sha256" doc:"null unless it was computed"`
	Format             string          `json:"format"`
	RecordCount        int64           `json:"record_count"`
	ErrorsFound        int64           `json:"errors_found"`
	WarningsFound      int64           `json:"warnings_found"`
	UsedCount          int64           `json:"used_count"`
	LastUsed           *time.Time      `json:"last_used"`
	TrainingJobs       []string        `json:"training_jobs"`
	Metadata           json.RawMessage `json:"metadata" doc:"An object; the description is in it"`
	Verdict            string          `json:"verdict" enum:"none,in_progress,passed,failed"`
	FailureKind        string          `json:"failure_kind" enum:",upload,data,system" doc:"Whose fault a failure is"`
	ProcessingProgress float64         `json:"processing_progress" doc:"0 to 100; 100 only when fresh"`
	ProcessingError    string          `json:"processing_error"`
	ChunkCount         int64           `json:"chunk_count"`
	CreatedBy          string          `json:"created_by"`
	UpdatedTime        time.Time       `json:"updated_time"`
	Rechecking         bool            `json:"rechecking" doc:"A fresh or used file is being checked again"`
	Hold               *string         `json:"hold" doc:"Why it must not be deleted; null: it may"`
	DuplicateOf        string          `json:"duplicate_of,omitempty" doc:"Set when the id asked for is an alias: the file's own id"`
}

// FileList is a page of files.
type FileList struct {
	Files      []File           `json:"files"`
	TotalCount int64            `json:"total_count" doc:"Of all pages"`
	ByStatus   map[string]int64 `json:"by_status" doc:"Under the other filters, whatever the status asked for"`
	NextCursor *string          `json:"next_cursor" doc:"null on the last page"`
}

// FileNames asks which names are taken.
type FileNames struct {
	Names []string `json:"names" minItems:"1" maxItems:"1000" nullable:"false" doc:"Original names, exactly"`
}

// NamedFiles is the newest file of each name that is taken.
type NamedFiles struct {
	Files []File `json:"files"`
}

// Uploaded is the answer to an upload.
type Uploaded struct {
	Status      string `json:"status" enum:"success" doc:"Of the upload; the verdict is of the data"`
	Message     string `json:"message"`
	FileID      string `json:"file_id"`
	FileSize    int64  `json:"file_size"`
	DataType    string `json:"data_type"`
	FileHash    string `json:"file_hash"`
	ChunkCount  int64  `json:"chunk_count"`
	IsDuplicate bool   `json:"is_duplicate"`
	Warning     string `json:"warning,omitempty"`
	FileStatus  string `json:"file_status"`
	Verdict     string `json:"verdict"`
	ErrorsFound int64  `json:"errors_found"`
	ReportURL   string `json:"report_url"`
}

// Progress is how far a file is. Two of its names come in both spellings.
type Progress struct {
	FileID         string  `json:"file_id"`
	FileIDCamel    string  `json:"fileId"`
	Status         string  `json:"status"`
	Progress       float64 `json:"progress" doc:"0 to 100, never falls, 100 only when fresh"`
	FileSize       int64   `json:"file_size" doc:"Expected size while the bytes arrive"`
	FileSizeCamel  int64   `json:"fileSize"`
	ChunkCount     int64   `json:"chunk_count"`
	ChunkCamel     int64   `json:"chunkCount"`
	Error          *string `json:"error"`
	Stage          string  `json:"stage" enum:"receiving,checking,scanning,promoting,done"`
	BytesReceived  int64   `json:"bytes_received"`
	BytesChecked   int64   `json:"bytes_checked"`
	RecordsChecked int64   `json:"records_checked"`
	ErrorsFound    int64   `json:"errors_found"`
	WarningsFound  int64   `json:"warnings_found"`
	BytesPerSecond int64   `json:"bytes_per_second"`
	ETASeconds     *int64  `json:"eta_seconds" doc:"null when it cannot be told"`
	OriginalName   string  `json:"original_name"`
	UploadID       *string `json:"upload_id" doc:"Of the upload that is open; null: there is none, or it ended"`
	DuplicateOf    string  `json:"duplicate_of,omitempty"`
}

// Processed is the answer to process-file and retry-failed-file.
type Processed struct {
	Status      string `json:"status" enum:"processing,success,error"`
	Message     string `json:"message"`
	FileID      string `json:"file_id"`
	ErrorsFound *int64 `json:"errors_found,omitempty"`
	ReportURL   string `json:"report_url,omitempty"`
}

// CleanedUp is the answer to cleanup-failed-uploads.
type CleanedUp struct {
	Status       string `json:"status" enum:"success"`
	Message      string `json:"message"`
	CleanedCount int64  `json:"cleaned_count"`
	BytesFreed   int64  `json:"bytes_freed"`
}

// Event is a row of a file's history.
type Event struct {
	ID         int64     `json:"id"`
	FileID     string    `json:"file_id"`
	At         time.Time `json:"at"`
	Actor      string    `json:"actor"`
	Action     string    `json:"action"`
	FromStatus string    `json:"from_status"`
	ToStatus   string    `json:"to_status" doc:"Empty once the file is deleted"`
	Detail     string    `json:"detail"`
	Source     string    `json:"source" doc:"Address that it came from; empty for what the server did by itself"`
}

// History is all that happened to a file, oldest first.
type History struct {
	FileID string  `json:"file_id"`
	Events []Event `json:"events"`
}

// ActivityEvent is an event with its file's name.
type ActivityEvent struct {
	Event
	OriginalName *string `json:"original_name" doc:"null: the file is deleted"`
}

// Activity is what happened to all files, newest first.
type Activity struct {
	Events     []ActivityEvent `json:"events"`
	NextBefore *int64          `json:"next_before" doc:"before of the next page; null on the last"`
}

// Record is one record of a stored file, for a preview.
type Record struct {
	Line       int64  `json:"line" doc:"From 1"`
	ByteOffset int64  `json:"byte_offset"`
	Size       int64  `json:"size" doc:"Bytes of the record"`
	Text       string `json:"text" doc:"At most 64 KiB of it; bytes that are not UTF-8 are replaced"`
	Truncated  bool   `json:"truncated"`
}

// Records is a stretch of a file.
type Records struct {
	FileID   string   `json:"file_id"`
	Records  []Record `json:"records"`
	NextLine *int64   `json:"next_line" doc:"Where to go on; null at the end of the file"`
}

// Deleted is the answer to a deletion.
type Deleted struct {
	Status  string `json:"status" enum:"success"`
	Message string `json:"message"`
	FileID  string `json:"file_id"`
}

// Adopt asks for the objects under a prefix to be taken into the catalog.
type Adopt struct {
	Prefix   string          `json:"prefix" example:"training-data/old/"`
	DataType string          `json:"data_type,omitempty"`
	Rules    json.RawMessage `json:"validation_rules,omitempty"`
	RuleSet  string          `json:"rule_set,omitempty" doc:"NAME or NAME@VERSION; validation_rules override its keys"`
}

// Adopted is what became of one object.
type Adopted struct {
	Key         string `json:"key"`
	FileID      string `json:"file_id,omitempty"`
	FileStatus  string `json:"file_status,omitempty"`
	Verdict     string `json:"verdict,omitempty"`
	ErrorsFound int64  `json:"errors_found"`
	IsDuplicate bool   `json:"is_duplicate"`
	Error       string `json:"error,omitempty" doc:"Why the object could not be taken; it stays where it is"`
}
