package catalog

import (
	"encoding/json"
	"time"

	"freshet/internal/access"
)

// File is what is known of one file. Its states and the steps between them are in state.go.
type File struct {
	ID              string // "file_" + 32 hexadecimal digits
	Project         string // that owns it; it never changes
	Name            string // as the client gave it: data, never a path
	DataType        string
	Status          Status
	Rechecking      bool // a fresh or used file is checked again meanwhile
	FailureKind     FailureKind
	Verdict         Verdict
	ObjectKey       string // where its bytes are, or will be once they are all here
	MovingTo        string // key that its bytes are on the way to; a move that broke off is rolled forward
	Size            int64
	Hash            string // "blake3:" + hex
	SHA256          string // hex, or empty
	Format          string
	Records         int64
	Errors          int64
	Warnings        int64
	UsedCount       int64
	LastUsed        time.Time
	TrainingJobs    []string
	Metadata        json.RawMessage // an object
	Rules           json.RawMessage // those of its last check, empty before
	ProcessingError string
	Progress        float64 // 0 to 100, where it stood at the last step
	ChunkCount      int64
	CreatedBy       string
	Hold            string // why it must not be deleted, empty where it may
	UploadTime      time.Time
	UpdatedTime     time.Time

	// DuplicateOf is set when the file was asked for by an alias: the file's own id.
	DuplicateOf string

	version int64
}

// FailureKind says whose fault a failure is; the three are never mixed up.
type FailureKind string

// Failure kinds.
const (
	FailedUpload FailureKind = "upload" // the bytes did not all come
	FailedData   FailureKind = "data"   // a rule of severity error broke
	FailedSystem FailureKind = "system" // ours
)

// Verdict on a file's records.
type Verdict string

// Verdicts.
const (
	VerdictNone       Verdict = "none"
	VerdictInProgress Verdict = "in_progress"
	VerdictPassed     Verdict = "passed"
	VerdictFailed     Verdict = "failed"
)

// Part is one chunk of a file with its checksum.
type Part struct {
	Number    int
	Size      int64
	CRC64NVME string // base64, big-endian, as S3 writes it
}

// Event is a row of a file's history. Its ids rise.
type Event struct {
	ID      int64
	FileID  string
	Project string
	At      time.Time
	Actor   string
	Action  string
	From    Status
	To      Status
	Detail  string
	Source  string // address that it came from, empty for what the server did by itself
}

// Report is the stored result of a check.
type Report struct {
	JSON        []byte
	LineIndex   []byte
	Sample      []byte // of the file's records; see Samples
	FindingsKey string // object with every finding when the report does not list them all
}

// Key is an API key as it is stored: never the key itself.
type Key struct {
	ID        string
	Name      string
	Hash      string // hex SHA-256 of the key
	Grants    access.Grants
	Scopes    []access.Right // empty: all that the roles allow
	Created   time.Time
	CreatedBy string
	Expires   time.Time // zero: never
	LastUsed  time.Time
	Revoked   time.Time
}

// Job is work that a fact starts; it is queued in the same transaction.
type Job struct {
	Kind   string
	FileID string
	Args   map[string]string
	// After is how long it waits: a backstop comes when what it stands behind is surely over.
	After time.Duration
}

// Backstop is how long a job waits that stands behind work done inline.
const Backstop = time.Minute
