package api

import "time"

// ProjectSettings are what an administrator says of a project.
type ProjectSettings struct {
	MaxFiles       int64 `json:"max_files,omitempty" minimum:"0" doc:"Files that it may own, failed uploads not counted; 0: no limit"`
	MaxBytes       int64 `json:"max_bytes,omitempty" minimum:"0" doc:"Of all these, with what is on its way; 0: no limit"`
	MaxOpenUploads int64 `json:"max_open_uploads,omitempty" minimum:"0" doc:"Uploads under way at once; 0: no limit but the server's"`

	Retention     []Retention       `json:"retention,omitempty" maxItems:"100"`
	ContentPolicy map[string]string `json:"content_policy,omitempty" doc:"What is done about what content rules find, by the rule's name: off, warn, quarantine or refuse. The server's own policy counts where it is stricter"`
}

// Retention is how long files of a project are kept: one that matches goes once
// it is older than keep_days and not among the keep_last newest.
type Retention struct {
	Status   string `json:"status" enum:"uploaded,failed,fresh,used,archived,deprecated,quarantined"`
	DataType string `json:"data_type,omitempty" maxLength:"64" doc:"Empty: any"`
	KeepDays int64  `json:"keep_days,omitempty" minimum:"0" doc:"Since it last changed"`
	KeepLast int64  `json:"keep_last,omitempty" minimum:"0" doc:"By when they were sent"`
}

// Hold keeps a file from being deleted.
type Hold struct {
	Reason string `json:"reason" minLength:"1" maxLength:"1000"`
}

// TryRules is rules of retention that are tried, rather than the project's.
type TryRules struct {
	Retention []Retention `json:"retention,omitempty" maxItems:"100"`
}

// Retained is what retention deleted, or would delete.
type Retained struct {
	Status       string         `json:"status" enum:"success"`
	Message      string         `json:"message"`
	DeletedCount int64          `json:"deleted_count"`
	BytesFreed   int64          `json:"bytes_freed"`
	Files        []RetainedFile `json:"files" doc:"The first 1,000"`
	Truncated    bool           `json:"truncated"`
}

// RetainedFile is one of them.
type RetainedFile struct {
	FileID       string `json:"file_id"`
	OriginalName string `json:"original_name"`
	DataType     string `json:"data_type"`
	FileStatus   string `json:"file_status"`
	FileSize     int64  `json:"file_size"`
	Reason       string `json:"reason"`
}

// Project owns files, uploads and rule sets.
type Project struct {
	Name        string     `json:"name"`
	Role        string     `json:"role" enum:"viewer,uploader,curator,admin" doc:"The caller's"`
	CreatedTime *time.Time `json:"created_time" doc:"null for the default one, which is always there"`
	Files       int64      `json:"files"`
	Bytes       int64      `json:"bytes" doc:"Of its files, with what uploads under way have reserved"`
	OpenUploads int64      `json:"open_uploads"`
	ProjectSettings
}

// ProjectList is the projects that the caller has a role in.
type ProjectList struct {
	Projects []Project `json:"projects"`
}

// DeletionCertificate tells of a file that was deleted.
type DeletionCertificate struct {
	FileID      string    `json:"file_id"`
	Project     string    `json:"project"`
	Content     string    `json:"content" doc:"Size and hash of what it was; empty if it was never whole"`
	DeletedTime time.Time `json:"deleted_time"`
	DeletedBy   string    `json:"deleted_by"`
	Source      string    `json:"source" doc:"Address that it was asked from"`
	Reason      string    `json:"reason"`
	ErasedTime  time.Time `json:"erased_time" doc:"When its bytes were gone"`
	Erased      string    `json:"erased" doc:"What was removed"`
	AuditRow    *AuditRow `json:"audit_row"`
	Certificate string    `json:"certificate" doc:"All this as a signed note"`
	Verifier    string    `json:"verifier" doc:"The public key that opens it"`
}
