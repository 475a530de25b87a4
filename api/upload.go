package api

import (
	"encoding/json"
	"time"
)

// NewUpload begins an upload that is sent in parts.
type NewUpload struct {
	FileName    string          `json:"file_name" doc:"As it is to be kept; its ending helps to tell the format"`
	FileSize    *int64          `json:"file_size" doc:"null: not known yet"`
	DataType    string          `json:"data_type,omitempty" default:"custom"`
	Description string          `json:"description,omitempty"`
	Metadata    json.RawMessage `json:"metadata,omitempty" doc:"A JSON object"`
	Rules       json.RawMessage `json:"validation_rules,omitempty" doc:"See the schema Rules"`
	RuleSet     string          `json:"rule_set,omitempty" doc:"NAME or NAME@VERSION; validation_rules override its keys"`
	FileID      string          `json:"file_id,omitempty" doc:"An id that the client chose: file_ and 32 hexadecimal digits"`
	FileHash    string          `json:"file_hash,omitempty" doc:"blake3:HEX, if the client knows it: content that is held is not sent again"`
	SHA256      string          `json:"sha256,omitempty" doc:"In hexadecimal; compared with what arrived, which reads the file once more"`
	PartSize    int64           `json:"part_size,omitempty" doc:"Asked for: a power of two from 1 MiB to 4 GiB; 0: the server chooses"`
}

// UploadCreated is the answer to it.
type UploadCreated struct {
	UploadID  string    `json:"upload_id"`
	FileID    string    `json:"file_id"`
	PartSize  int64     `json:"part_size" doc:"Of all parts but the last"`
	PartCount *int64    `json:"part_count" doc:"null while the size is not known"`
	ExpiresAt time.Time `json:"expires_at" doc:"Moves on with each part"`
}

// PartReceived says that a part is safe.
type PartReceived struct {
	Part           int    `json:"part"`
	Size           int64  `json:"size"`
	CRC64NVME      string `json:"crc64nvme" doc:"Of what is stored, base64 as S3 writes it"`
	BytesCommitted int64  `json:"bytes_committed" doc:"Of the whole upload"`
}

// UploadStatus is where an upload stands.
type UploadStatus struct {
	UploadID       string         `json:"upload_id"`
	FileID         string         `json:"file_id"`
	State          string         `json:"state" enum:"open,complete,failed,aborted,expired"`
	Detail         string         `json:"detail,omitempty" doc:"Why it ended"`
	FileSize       *int64         `json:"file_size"`
	PartSize       int64          `json:"part_size"`
	PartCount      *int64         `json:"part_count"`
	Parts          []string       `json:"parts" doc:"Those that are safe: \"1-7\", \"9\""`
	BytesCommitted int64          `json:"bytes_committed"`
	RecordsChecked int64          `json:"records_checked"`
	ErrorsFound    int64          `json:"errors_found"`
	ExpiresAt      time.Time      `json:"expires_at"`
	Checksums      []PartChecksum `json:"checksums,omitempty" doc:"With checksums=true"`
}

// PartChecksum is the checksum of one part.
type PartChecksum struct {
	Part      int    `json:"part"`
	Size      int64  `json:"size"`
	CRC64NVME string `json:"crc64nvme"`
}
