package api

// Health is the state of the server and of what it depends on.
type Health struct {
	Status        string               `json:"status" enum:"healthy,degraded"`
	ActiveUploads int64                `json:"active_uploads"`
	FailedUploads int64                `json:"failed_uploads"`
	FreshFiles    int64                `json:"fresh_files"`
	TotalFiles    int64                `json:"total_files"`
	MaxWorkers    int                  `json:"max_workers"`
	ChunkSize     int64                `json:"chunk_size"`
	Version       string               `json:"version"`
	Components    map[string]Component `json:"components"`
}

// Component is one thing that the server depends on.
type Component struct {
	Status string `json:"status" enum:"up,down"`
	Detail string `json:"detail" doc:"What is wrong, and what still works"`
}

// Metrics is the guide's figures.
type Metrics struct {
	TotalUploads      int64            `json:"total_uploads"`
	SuccessfulUploads int64            `json:"successful_uploads"`
	FailedUploads     int64            `json:"failed_uploads"`
	TotalSize         int64            `json:"total_size"`
	AverageFileSize   float64          `json:"average_file_size"`
	ByStatus          map[string]int64 `json:"by_status"`
	ByType            map[string]int64 `json:"by_type"`
}

// Limits are those in force.
type Limits struct {
	MaxFileSize          *int64            `json:"max_file_size" doc:"null: none"`
	MaxRecordBytes       int64             `json:"max_record_bytes" doc:"Default; a rule may set another up to largest_max_record_bytes"`
	LargestRecordBytes   int64             `json:"largest_max_record_bytes"`
	MaxHeaderBytes       int64             `json:"max_header_bytes"`
	MaxFieldBytes        int64             `json:"max_field_bytes" doc:"Of a form field that is not the file"`
	MaxFindings          int64             `json:"max_findings" doc:"Kept one by one; counts are exact beyond"`
	ShownFindings        int64             `json:"shown_findings" doc:"Listed in a report"`
	PartSizes            []PartTop         `json:"part_sizes"`
	MaxParts             int64             `json:"max_parts"`
	Formats              []string          `json:"formats"`
	Schemas              []string          `json:"schemas"`
	DataTypes            []string          `json:"data_types" doc:"Common ones; others are allowed"`
	MinBytesPerSecond    int64             `json:"min_bytes_per_second" doc:"A slower client is cut off"`
	StallSeconds         int64             `json:"stall_seconds" doc:"So is one that sends nothing for so long"`
	FailedFileHours      float64           `json:"failed_file_hours" doc:"Failed files are deleted after so long"`
	AbandonedUploadHours float64           `json:"abandoned_upload_hours" doc:"An upload expires so long after its last byte"`
	DeprecatedFileHours  *float64          `json:"deprecated_file_hours" doc:"null: kept"`
	ManualPromotion      bool              `json:"manual_promotion"`
	FreeBytes            *int64            `json:"free_bytes" doc:"What may still be stored; null when there is no telling"`
	StoredBytes          int64             `json:"stored_bytes" doc:"Of all files that are here"`
	MemoryBudget         int64             `json:"memory_budget"`
	MaxConcurrentUploads int64             `json:"max_concurrent_uploads" doc:"Requests that bring bytes at once; more wait before their first byte is read"`
	MaxOpenUploads       int64             `json:"max_open_uploads" doc:"Uploads that are begun and not complete; more are refused"`
	MinPartSize          int64             `json:"min_part_size" doc:"That an upload in parts may ask for"`
	MaxPartSize          int64             `json:"max_part_size"`
	RequestsPerSecond    int64             `json:"requests_per_second" doc:"Of one key; 0: any number"`
	BytesPerSecond       int64             `json:"bytes_per_second" doc:"Of one key, each way; 0: as they come"`
	Scanned              bool              `json:"scanned" doc:"Files are scanned for malware before they are fresh"`
	ContentPolicy        map[string]string `json:"content_policy" doc:"What is done about what content rules find, by the server's policy and the project's"`
	ServerPolicy         map[string]string `json:"server_content_policy" doc:"The server's policy alone: no project is laxer"`
	Project              *Project          `json:"project" doc:"In which the caller asks: its limits, and what of them is used; null where it has no role"`
}

// PartTop is the size of parts for files below a size.
type PartTop struct {
	Below    *int64 `json:"files_below" doc:"null: all larger ones"`
	PartSize int64  `json:"part_size"`
}
