package api

// RecordOverlap tells which of a file's records other fresh or used files hold
// already. Records are compared by their bytes, without the line's ending.
type RecordOverlap struct {
	FileID  string `json:"file_id"`
	Records int64  `json:"records" doc:"Of this file"`
	// Share and its margin are those of all files together.
	Share       float64   `json:"share" doc:"Part of this file's different records that is in at least one of the others, 0 to 1"`
	Exact       bool      `json:"exact" doc:"Every record of this file and of those compared was looked at, since none has more than 1,024 different ones; else shares are estimates"`
	Margin      float64   `json:"margin,omitempty" doc:"Of an estimate: about two standard errors of share"`
	Files       int64     `json:"files" doc:"How many files hold some of its records"`
	Overlaps    []Overlap `json:"overlaps" doc:"Those of them with the most: the first 20"`
	NotCompared int64     `json:"not_compared" doc:"Files that nothing is known of: checked before records were sampled (process-file does it), or so much longer that none of this file's sampled records would show"`
	Message     string    `json:"message,omitempty" doc:"The first of them, in a sentence"`
}

// Overlap is what one other file holds.
type Overlap struct {
	FileID       string  `json:"file_id"`
	OriginalName string  `json:"original_name"`
	Share        float64 `json:"share" doc:"Part of the different records of the file asked for that is in this one, 0 to 1"`
	Exact        bool    `json:"exact"`
	Margin       float64 `json:"margin,omitempty"`
	Records      int64   `json:"records" doc:"About how many records that is"`
}
